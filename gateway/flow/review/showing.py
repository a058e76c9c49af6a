"""Showing a hold to an officer: what would leave beside the full record, and why the rest stays.

What would leave is told from the very bytes an approval signs, never from what made them. That it was read,
by whom and for what, is in the ledger before anything is shown.

Source: DESIGN section 6; THREATS A19, A25.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.errors import GatewayError
from gateway.flow.consult import reading_unit
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import STATED, read_body
from gateway.flow.preview import value_text
from gateway.flow.question import FieldKey, Stated
from gateway.flow.review.again import Reconsidered, reconsidered, what_changed
from gateway.flow.review.before import Before, told_before
from gateway.flow.review.held import Held, counted, held, is_over, spoken, still_missing
from gateway.flow.review.roster import Officers, officers_of
from gateway.record.moment import from_ms, to_ms
from gateway.record.portion import Portion, parse_portion
from gateway.record.schema import KINDS
from gateway.record.text import HEADER_ENTITY
from gateway.record.vocabulary import Purpose, Rung
from gateway.release.disclosure import portions_of
from gateway.release.hold import HoldState
from gateway.release.release import Release, parse_release
from policy.decision import PortionVerdict
from policy.explain import explain

WITHHELD = "withheld"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldLine:
    """One field of the record: as recorded, and what of it would leave, why, and how precisely.

    `entity` is the submitted id, `name` and `number` say which portion of the release it is; `path` is what
    to give less of it by. `needs` are the approvals without which it would not leave as precisely, or not at
    all.
    """

    path: str
    entity: str
    kind: str
    field: str
    category: str
    name: str
    number: int
    exact: str
    rung: str
    text: str
    why: str
    needs: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldView:
    """A hold as an officer judges it. Digests are hex, times ISO text; `release` is base64.

    `changed` says why approving it would void it, empty where nothing has changed; `given` says who has
    spoken: duty, name, key id, verdict, reason; `expires_ms` and `now_ms` are milliseconds UTC.
    """

    exchange: str
    round: int
    state: str
    subject: str
    recipient: str
    recipient_name: str
    purpose: str
    legal_basis: str
    lane: str
    unit: str
    threat: str
    necessity: str
    record: str
    version: int
    digest: str
    decision: str
    policy: str
    directory: str
    required: Sequence[str]
    missing: Sequence[str]
    given: Sequence[Mapping[str, str]]
    claimed_by: str
    created_at: str
    expires_at: str
    expires_ms: int
    now_ms: int
    use_until: str
    obligations: Sequence[str]
    restrictions: Sequence[str]
    lines: Sequence[FieldLine]
    before: Sequence[Before]
    changed: str
    why_closed: str
    release: str


def show_hold(gateway: Gateway, exchange_id: str, *, actor: str, now: datetime) -> HoldView:
    """Return a hold as an officer judges it; that it was read is in the ledger when this returns.

    Raises:
        NotFound: code `no-such-hold`, `erased`.
        Corrupt: code `ledger-differs`.
    """
    found = held(gateway, exchange_id)
    officers = officers_of(gateway)
    again = reconsidered(gateway, found, now)
    purpose = Purpose.from_token(found.hold.purpose, "purpose")
    unit = reading_unit(gateway, found.record, exchange_id, purpose=purpose, actor=actor, now=now)
    gateway.store.writer.commit_one(unit)
    return _view(gateway, found, officers, again, now)


def _view(
    gateway: Gateway, found: Held, officers: Officers, again: Reconsidered | GatewayError, now: datetime
) -> HoldView:
    hold, release = found.hold, parse_release(found.body)
    stated = _stated(gateway, found)
    said = spoken(gateway, found, officers)
    open_ = HoldState(hold.state).is_open
    claimed = hold.claimed_by if hold.claimed_until > to_ms(now) else ""
    ended = "the hold has ended" if open_ and is_over(hold, now) else ""
    return HoldView(
        exchange=hold.exchange_id,
        round=hold.round,
        state=hold.state,
        subject=hold.subject,
        recipient=hold.peer,
        recipient_name=gateway.directory.member(hold.peer).display_name,
        purpose=hold.purpose,
        legal_basis=release.legal_basis.token,
        lane=hold.lane,
        unit=stated.unit,
        threat=stated.threat,
        necessity=stated.necessity,
        record=hold.record_id,
        version=hold.version,
        digest=hold.digest.hex(),
        decision=hold.decision_digest.hex(),
        policy=hold.policy_digest.hex(),
        directory=hold.directory_version.hex(),
        required=found.required,
        missing=still_missing(found, counted(said, found, officers, now)) if open_ else (),
        given=[
            {
                "duty": one.row.duty,
                "name": officers.name_of(one.row.key_id),
                "key_id": one.row.key_id,
                "verdict": one.row.verdict,
                "reason": one.approval.reason,
                "at": from_ms(one.row.at).isoformat(),
            }
            for one in said
        ],
        claimed_by=officers.name_of(claimed) if claimed else "",
        created_at=from_ms(hold.created_at).isoformat(),
        expires_at=from_ms(hold.expires_at).isoformat(),
        expires_ms=hold.expires_at,
        now_ms=to_ms(now),
        use_until=release.expires_at.isoformat(),
        obligations=[one.code.token for one in release.obligations],
        restrictions=sorted(release.marking.notes),
        lines=_lines(release, again),
        before=told_before(gateway, found, again, officers),
        changed=(ended or what_changed(gateway, found, again, now)) if open_ else "",
        why_closed=hold.why,
        release=base64.b64encode(found.body).decode(),
    )


def _stated(gateway: Gateway, found: Held) -> Stated:
    try:
        return Stated.decode(read_body(gateway, found.owner, STATED, found.hold.exchange_id))
    except GatewayError:
        return Stated()


def leaving_portions(release: Release) -> dict[FieldKey, Portion]:
    """Return the portions that release bytes hold, by entity and field."""
    return {(one.entity, one.field): one for one in map(parse_portion, portions_of(release.disclosure))}


def _lines(release: Release, again: Reconsidered | GatewayError) -> list[FieldLine]:
    leaving = leaving_portions(release)
    if isinstance(again, GatewayError):
        # The record can not be laid beside it any more: at least what would leave is shown.
        return [_unrecorded(key, portion, again.message) for key, portion in leaving.items()]
    by_field = again.ruling.verdicts.by_field
    decision = again.ruling.verdicts.decision
    attributes = list(dict.fromkeys(one for one, _ in by_field.values()))
    why = dict(zip(attributes, explain(decision, attributes), strict=True))
    verdicts = dict(zip(attributes, decision.verdicts, strict=True))
    lines = []
    for piece in again.submission.cuts:
        key = (piece.entity, piece.field)
        if piece.rung is Rung.EXACT:
            exact = value_text(*key, parse_portion(piece.data).value)
            asked, portion = by_field[key][0], leaving.pop(key, None)
            line = _line(key, portion, piece.local or HEADER_ENTITY, why[asked].why)
            needs = _needs(portion, verdicts[asked])
            lines.append(replace(line, exact=exact, category=piece.category, needs=needs))
    extra = "stands in the release and not in the record"
    return lines + [_unrecorded(key, portion, extra) for key, portion in leaving.items()]


def _needs(portion: Portion | None, verdict: PortionVerdict) -> tuple[str, ...]:
    """Return whose approval lets a portion leave as precisely as it would."""
    if portion is None or (verdict.rung is not None and verdict.rung <= portion.rung):
        return ()
    return tuple(sorted(verdict.approvals))


def _unrecorded(key: FieldKey, portion: Portion, why: str) -> FieldLine:
    return replace(_line(key, portion, key[0], why), path="")


def _line(key: FieldKey, portion: Portion | None, local: str, why: str) -> FieldLine:
    """Return what would leave of a field; `portion` is None where nothing of it does."""
    kind = key[0].partition("/")[0]
    fields = KINDS[kind].fields if kind in KINDS else {}
    field = fields[key[1]].name if key[1] in fields else str(key[1])
    return FieldLine(
        path=f"{'header' if local == HEADER_ENTITY else local}.{field}",
        entity=local,
        kind=kind,
        field=field,
        category="",
        name=key[0],
        number=key[1],
        exact="",
        rung=WITHHELD if portion is None else portion.rung.token,
        text="" if portion is None else value_text(*key, portion.value),
        why=why,
    )
