"""The closed codes under which the contents of a release are refused for good.

Source: PROTOCOL section 6.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.errors import Malformed, NotFound, VerificationFailed
from gateway.ledger.kinds import FinalCode


@contextmanager
def refused_as(code: FinalCode) -> Iterator[None]:
    """Give every failure of form or proof inside one closed code; its own code becomes the fact `cause`.

    Anything else (a stale directory, a bug) passes unchanged: it is no verdict on what was sent.
    """
    try:
        yield
    except (Malformed, VerificationFailed, NotFound) as exc:
        if exc.code == code:
            raise
        facts = {**exc.facts, "cause": exc.code}
        raise VerificationFailed(exc.message, code=code, field=exc.field, **facts) from exc


def contradiction(what: str) -> VerificationFailed:
    """Return the refusal of a protection class whose `what` says less than the portions beside it show."""
    return VerificationFailed(
        "says less than what is disclosed shows", code="contradiction", field=f"class.{what}"
    )
