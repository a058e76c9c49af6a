"""The closed codes under which the contents of a release are refused for good.

Source: PROTOCOL section 6.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType

from gateway.errors import Malformed, NotFound, VerificationFailed
from gateway.ledger.kinds import FinalCode


class _RefusedAs:
    __slots__ = ("_code",)

    def __init__(self, code: FinalCode) -> None:
        self._code = code

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, _: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(exc, Malformed | VerificationFailed | NotFound) and exc.code != self._code:
            facts = {**exc.facts, "cause": exc.code}
            raise VerificationFailed(exc.message, code=self._code, field=exc.field, **facts) from exc


def refused_as(code: FinalCode) -> AbstractContextManager[None]:
    """Give every failure of form or proof inside one closed code; its own code becomes the fact `cause`.

    Anything else (a stale directory, a bug) passes unchanged: it is no verdict on what was sent.
    """
    return _RefusedAs(code)


def contradiction(what: str) -> VerificationFailed:
    """Return the refusal of a protection class whose `what` says less than the portions beside it show."""
    return VerificationFailed(
        "says less than what is disclosed shows", code="contradiction", field=f"class.{what}"
    )
