"""A last decision: an exchange that waited for somebody ends, and no rule made that so.

Source: PROTOCOL section 4; DESIGN section 6 (holds expire to refused).
"""

from __future__ import annotations

from gateway.flow.gateway import Gateway
from gateway.flow.keeping import exchange_key
from gateway.ledger.commitment import CommitmentType, commit_each
from gateway.ledger.entry import Draft, EntryKind
from gateway.store.rows import ExchangeRow


def denial(gateway: Gateway, exchange: ExchangeRow, *, rule: str, acting: str) -> Draft:
    """Return the entry that ends an exchange as it was last decided on: `rule` says why, `acting` by whom.

    Raises:
        NotFound: code `erased`: it ended when the record was erased.
    """
    contents = {
        CommitmentType.ACTOR: acting.encode(),
        CommitmentType.DECISION: exchange.decision_digest or b"",
        CommitmentType.PURPOSE: exchange.purpose.encode(),
    }
    return Draft(
        kind=EntryKind.DECIDED,
        exchange=exchange.exchange_id,
        peer=exchange.peer,
        policy=exchange.policy_digest,
        outcome="deny",
        rules=(rule,),
        duties=(),
        commits=commit_each(exchange_key(gateway, exchange.exchange_id), contents),
        directory=exchange.directory_version,
    )
