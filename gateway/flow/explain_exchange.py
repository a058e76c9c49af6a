"""Explaining a stored exchange: what was decided, when, by which rules, what is missing, what became of it.

The decision on file is what counts; it is never made anew. Which field each of its verdicts is about is told
by preparing the record once more as of the day of the decision, where the directory is still the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gateway.errors import GatewayError, NotFound
from gateway.flow.decide import decide
from gateway.flow.explain import rows_of, rules_told
from gateway.flow.gateway import Gateway
from gateway.flow.inquiry import NO_REMEDY, Explained
from gateway.flow.keeping import DECISION, RELEASE, Owner, owner_of, read_body
from gateway.flow.prepare import Submission, prepared_again
from gateway.flow.question import FieldKey
from gateway.flow.question_again import question_again, record_of
from gateway.flow.recheck import BLIND_BYTES
from gateway.flow.remedy import gravest_first
from gateway.ledger.entry import parse
from gateway.ledger.kinds import EntryKind
from gateway.record.moment import from_ms
from gateway.release.release import Release, parse_release
from gateway.store.rows import ExchangeRow, RecordRow
from policy.rule import Rule

_ANSWERED = {
    EntryKind.RECEIVED: "received",
    EntryKind.REFUSED: "refused",
    EntryKind.QUARANTINED: "quarantined",
}


def explain_exchange(gateway: Gateway, exchange_id: str) -> Explained:
    """Return the stored decision of an exchange, explained.

    Raises:
        NotFound: code `no-such-exchange`: none of this agency's releases; or the record was erased.
    """
    row = gateway.read.exchange(exchange_id)
    if row is None or row.direction != "out":
        raise NotFound("no release of this agency has this id", code="no-such-exchange", field="exchange")
    record = record_of(gateway, row)
    owner = owner_of(gateway, record)
    stored = json.loads(read_body(gateway, owner, DECISION, exchange_id)[:-BLIND_BYTES])
    in_force = stored["policy"] == gateway.policy_digest.hex()
    # Ids may stand for other rules by now: without the same rules there are no words for them.
    rules: Mapping[str, Rule] = gateway.engine.rules if in_force else {}
    notes = [] if in_force else ["the rules have changed since: their ids are told, not their words"]
    rows, untold = _rows(gateway, row, record, owner, stored["verdicts"], rules=rules)
    notes += [f"what each field got cannot be told any more: {untold}"] if untold else []
    release = _release(gateway, owner, exchange_id)
    # What was kept without words keeps its reasons by id.
    ids = set(stored["rules"]).union(*(one["rules"] + one["permits"] for one in stored["verdicts"]))
    return Explained(
        record_id=row.record_id,
        recipient=row.peer,
        unit="",
        purpose=row.purpose,
        legal_basis=row.legal_basis,
        outcome=row.outcome,
        approvals=stored["approvals"],
        head_rules=gravest_first(stored["rules"], rules),
        policy=stored["policy"],
        rows=list(rows.values()),
        rules=rules_told(rows.values(), ids, rules),
        remedies=(),
        record_remedy=NO_REMEDY,
        agreements=(),
        notes=notes,
        exchange=_became(gateway, row, release, in_force=in_force),
    )


def _rows(
    gateway: Gateway,
    row: ExchangeRow,
    record: RecordRow,
    owner: Owner,
    stored: list[dict[str, Any]],
    *,
    rules: Mapping[str, Rule],
) -> tuple[dict[FieldKey, dict[str, Any]], str]:
    """Return what each field got, or nothing and why that cannot be told any more."""
    try:
        found = _verdicts_by_field(gateway, row, record, owner, stored)
    except GatewayError as exc:
        return {}, exc.message
    return (rows_of(*found, rules), "") if found is not None else ({}, "the directory has changed since")


def _verdicts_by_field(
    gateway: Gateway, row: ExchangeRow, record: RecordRow, owner: Owner, stored: list[dict[str, Any]]
) -> tuple[Submission, dict[FieldKey, dict[str, Any]]] | None:
    """Return which stored verdict each field got; None where the directory is not what it was.

    Raises:
        GatewayError: record or recipient are not what they were.
    """
    if gateway.directory.version_for(gateway.me, row.peer) != row.directory_version:
        return None
    at: datetime = from_ms(row.created_at)
    submission = prepared_again(gateway, record, at)
    found = decide(gateway, submission, question_again(gateway, row, owner, at))
    kinds: dict[object, int] = {}
    places = {
        key: kinds.setdefault(attributes, len(kinds)) for key, (attributes, _) in found.by_field.items()
    }
    if len(kinds) != len(stored):
        return None
    return submission, {key: stored[place] for key, place in places.items()}


def _release(gateway: Gateway, owner: Owner, exchange_id: str) -> Release | None:
    try:
        return parse_release(read_body(gateway, owner, RELEASE, exchange_id))
    except NotFound:
        return None


def _became(gateway: Gateway, row: ExchangeRow, release: Release | None, *, in_force: bool) -> dict[str, Any]:
    return {
        "id": row.exchange_id,
        "state": row.state,
        "decided_at": from_ms(row.created_at).isoformat(),
        "policy_in_force": in_force,
        "held_until": from_ms(row.expires_at).isoformat() if row.expires_at is not None else "",
        "obligations": [one.code.token for one in release.obligations] if release is not None else [],
        "duties_met": list(release.duties_met) if release is not None else [],
        "use_until": release.expires_at.isoformat() if release is not None else "",
        "acknowledged": _acknowledged(gateway, row),
    }


def _acknowledged(gateway: Gateway, row: ExchangeRow) -> str:
    """Return how the recipient's receipt answered; empty while there is none."""
    receipts = gateway.read.receipts_of(row.message_id) if row.message_id is not None else []
    kinds = [parse(receipt.entry).kind for receipt in receipts]
    return next((_ANSWERED[kind] for kind in reversed(kinds) if kind in _ANSWERED), "")
