"""Enrolling officers: by two who were enrolled before, never by whoever runs the gateway alone.

The first two vouch for each other, in one step, and only while nobody was ever enrolled: were it possible
again later, disabling everybody would open it.

Source: PROTOCOL section 4 (Officer); DESIGN section 6; THREATS A19, A50, A54.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gateway.errors import Conflict, Malformed, NotFound, Refused
from gateway.flow.access import access_row
from gateway.flow.gateway import Gateway
from gateway.flow.review.held import check_clock, judged_at
from gateway.flow.review.roster import Officers, at_seconds, officers_of, seconds
from gateway.ledger.commitment import SALT_BYTES, CommitmentType, commit
from gateway.ledger.enrolments import pack_signed
from gateway.ledger.entry import Draft, EntryKind
from gateway.ledger.roster import ADDED, CHANGED, DISABLED
from gateway.record.lookalike import check_display_name, looks_like
from gateway.record.moment import from_ms, to_ms
from gateway.store.changes import AccessRevoked
from gateway.store.place import EntryAt
from gateway.store.review_rows import OfficerChangeRow, OfficerRow
from gateway.store.rows import AccessRow
from gateway.store.unit import Unit
from gateway.tls.identity import Identity, Role
from keys.officer import COUNTERSIGNERS, Enrolment, Officer, verify_enrolment
from keys.officer_file import OfficerFile
from keys.use import KeyUse

CERTIFICATE_LIFE_MAX = timedelta(days=397)
_SIGNED = CommitmentType.JUSTIFICATION
"""What the entry commits to: the signatures that make somebody an officer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """An officer as a list shows them; `duties` are those that hold now, `state` says in a word why none do.

    `certificate` is set where one was just issued: certificate and CA, PEM.
    """

    handle: str
    name: str
    person: str
    key_id: str
    duties: tuple[str, ...]
    state: str
    valid_from: str
    valid_until: str
    away_until: str
    certificate: str = ""


def add_officers(gateway: Gateway, files: Sequence[OfficerFile], now: datetime) -> list[Enrolled]:
    """Enrol officers; all of them or none. Each is in the ledger when this returns.

    Raises:
        Malformed: a file breaks a rule.
        VerificationFailed: a signature does not hold.
        Refused: code `not-vouched`: those who vouch are too few, the same person, or no officers now;
            `key-in-use`: the key is another's here; `clock-behind`: by this clock those who vouch might act
            again who may not.
        Conflict: code `handle-taken`, `look-alike`.
    """
    check_clock(gateway, now)
    known, now = officers_of(gateway), judged_at(gateway, now)
    first = not known.rows
    if first and len(files) != COUNTERSIGNERS:
        raise Refused(
            "the first two officers are enrolled together, each countersigned by the other",
            code="not-vouched",
            field="officer",
        )
    own = {one.officer.key_id: one.officer for one in files} if first else {}
    written = _Written()
    done = [
        _write(gateway, _verified(gateway, file, known, own, now), file, written, now=now) for file in files
    ]
    _check_apart([row for row, _ in done], known)
    gateway.store.writer.commit_one(Unit(drafts=tuple(written.drafts), rows=tuple(written.rows)))
    after = officers_of(gateway)
    return [_enrolled(after, row, now, certificate) for row, certificate in done]


@dataclass(slots=True)
class _Written:
    """What one step of enrolling writes."""

    drafts: list[Draft] = field(default_factory=list)
    rows: list[OfficerRow | AccessRow] = field(default_factory=list)


def _verified(
    gateway: Gateway, file: OfficerFile, known: Officers, first: dict[str, Officer], now: datetime
) -> Enrolment:
    if file.agency != gateway.me:
        raise Refused(f"the file is for {file.agency}", code="other-agency", field="officer")

    def key_of(identifier: str) -> bytes:
        return first[identifier].public_key if identifier in first else known.row(identifier).public_key

    enrolment = verify_enrolment(file.signed, key_of)
    officer = enrolment.officer
    check_display_name(officer.name, "officer.name")
    if officer.valid_until_ms <= to_ms(now):
        raise Malformed("has passed already", field="officer.valid_until", code="bad-validity")
    persons = {_person_of(one, known, first, now) for one in enrolment.vouchers} - {officer.person}
    needed = 1 if first else COUNTERSIGNERS
    if len(persons) < needed:
        raise Refused(
            f"{officer.name} is countersigned by {len(persons)} of {needed} other officers",
            code="not-vouched",
            field="officer",
        )
    _check_key(gateway, officer)
    return enrolment


def _person_of(identifier: str, known: Officers, first: dict[str, Officer], now: datetime) -> bytes:
    if identifier in first:
        return first[identifier].person
    key = known.row(identifier).public_key
    known.roster.roles_at(key, at_seconds(now))
    return known.roster.person_of(key)


def _check_key(gateway: Gateway, officer: Officer) -> None:
    published = {one.public for use in KeyUse for one in gateway.directory.keys_of(gateway.me).all(use)}
    if officer.public_key in published:
        raise Refused("is a key of the agency itself", code="key-in-use", field="officer.public_key")


def _write(
    gateway: Gateway, enrolment: Enrolment, file: OfficerFile, written: _Written, *, now: datetime
) -> tuple[OfficerRow, bytes]:
    officer, drafts = enrolment.officer, written.drafts
    valid_from, valid_until = seconds(officer.valid_from_ms, officer.valid_until_ms)
    duties = tuple(sorted(duty.token for duty in officer.duties))
    salt, signed = gateway.random(SALT_BYTES), pack_signed(enrolment.signed)
    row = OfficerRow(
        EntryAt(len(drafts)),
        officer.key_id,
        officer.person,
        file.handle,
        officer.name,
        ",".join(duties),
        officer.public_key,
        officer.valid_from_ms,
        officer.valid_until_ms,
        salt + signed,
    )
    drafts.append(
        Draft(
            kind=EntryKind.OFFICER_CHANGED,
            action=ADDED,
            person=officer.person,
            key=officer.public_key,
            roles=duties,
            valid_from=valid_from,
            valid_until=valid_until,
            commits=((_SIGNED, commit(salt, _SIGNED, signed)),),
        )
    )
    written.rows.append(row)
    return row, _issue(gateway, officer, file, written, now=now) if file.request else b""


def _issue(
    gateway: Gateway, officer: Officer, file: OfficerFile, written: _Written, *, now: datetime
) -> bytes:
    """Return a certificate of the officer's own, and the agency's CA, PEM."""
    identity = Identity(agency=gateway.me, role=Role.OFFICER, name=file.handle)
    life = min(from_ms(officer.valid_until_ms) - now, CERTIFICATE_LIFE_MAX)
    issued = gateway.authority.issue(identity, file.request, now, life)
    written.rows.append(access_row(issued, now, EntryAt(len(written.drafts))))
    written.drafts.append(
        Draft(
            kind=EntryKind.ACCESS_CHANGED,
            action="added",
            access=identity.role.value,
            key=issued.key_digest,
        )
    )
    return issued.certificate + gateway.authority.certificate


def _check_apart(rows: Sequence[OfficerRow], known: Officers) -> None:
    """Refuse two persons under one handle or one key, and one person under two handles."""
    others = [one for of_key in known.rows.values() for one in of_key]
    for place, row in enumerate(rows):
        for other in (*others, *rows[:place]):
            if row.public_key == other.public_key and row.person != other.person:
                raise Refused("is enrolled for another person", code="key-in-use", field="officer.public_key")
            if (row.handle == other.handle) != (row.person == other.person):
                raise Conflict(
                    f"{row.handle}: one handle is one person's, and one person has one handle",
                    code="handle-taken",
                    field="handle",
                )
            if looks_like(row.name, [other.name]) and row.person != other.person:
                raise Conflict(
                    f"{row.name} may be taken for {other.name} ({other.handle})",
                    code="look-alike",
                    field="officer.name",
                )


def list_officers(gateway: Gateway, now: datetime) -> list[Enrolled]:
    """Return every key that was ever enrolled, oldest first, as it stands now."""
    known = officers_of(gateway)
    return [_enrolled(known, rows[-1], now) for rows in known.rows.values()]


def disable_officer(gateway: Gateway, handle: str, now: datetime) -> list[Enrolled]:
    """End every key of an officer and every certificate, for good.

    Raises:
        NotFound: code `no-such-officer`.
    """
    keys = _keys_of(gateway, handle)
    drafts = [_changed(row, DISABLED) for row in keys]
    rows: list[OfficerChangeRow | AccessRevoked] = [
        OfficerChangeRow(EntryAt(place), row.key_id, DISABLED, 0, 0) for place, row in enumerate(keys)
    ]
    for access in gateway.read.accesses_of(Role.OFFICER.value, handle):
        if access.revoked_at is None:
            rows.append(AccessRevoked(access.serial, to_ms(now), EntryAt(len(drafts))))
            drafts.append(
                Draft(
                    kind=EntryKind.ACCESS_CHANGED,
                    action="revoked",
                    access=access.role,
                    key=access.key_digest,
                )
            )
    gateway.store.writer.commit_one(Unit(drafts=tuple(drafts), rows=tuple(rows)))
    known = officers_of(gateway)
    return [_enrolled(known, row, now) for row in keys]


def note_absence(
    gateway: Gateway, handle: str, starts: datetime, ends: datetime, now: datetime
) -> list[Enrolled]:
    """Note when an officer is away; it takes the place of what was noted before. Ending at once ends it.

    Raises:
        NotFound: code `no-such-officer`.
        Malformed: code `bad-validity`: it ends before it begins.
    """
    if ends < starts:
        raise Malformed("ends before it begins", field="until", code="bad-validity")
    # In whole seconds, as entries have them: who leaves now is away now.
    span = to_ms(starts.replace(microsecond=0)), to_ms(ends.replace(microsecond=0))
    keys = _keys_of(gateway, handle)
    rows = [OfficerChangeRow(EntryAt(place), row.key_id, CHANGED, *span) for place, row in enumerate(keys)]
    drafts = [_changed(row, CHANGED, span) for row in keys]
    gateway.store.writer.commit_one(Unit(drafts=tuple(drafts), rows=tuple(rows)))
    known = officers_of(gateway)
    return [_enrolled(known, row, now) for row in keys]


def _keys_of(gateway: Gateway, handle: str) -> list[OfficerRow]:
    keys = officers_of(gateway).by_handle(handle)
    if not keys:
        raise NotFound("no officer of this name was enrolled", field="handle", code="no-such-officer")
    return keys


def _changed(row: OfficerRow, action: str, span: tuple[int, int] | None = None) -> Draft:
    starts, ends = (None, None) if span is None else seconds(*span)
    return Draft(
        kind=EntryKind.OFFICER_CHANGED,
        action=action,
        person=row.person,
        key=row.public_key,
        roles=None if span is None else (),
        valid_from=starts,
        valid_until=ends,
    )


def _enrolled(known: Officers, row: OfficerRow, now: datetime, certificate: bytes = b"") -> Enrolled:
    at, state = at_seconds(now), "active"
    duties: tuple[str, ...] = ()
    try:
        duties = tuple(sorted(known.roster.roles_at(row.public_key, at)))
    except Refused as exc:
        state = exc.code.removeprefix("officer-")
    starts, ends = known.roster.away(row.public_key)
    return Enrolled(
        handle=row.handle,
        name=row.name,
        person=row.person.hex(),
        key_id=row.key_id,
        duties=duties,
        state=state,
        valid_from=from_ms(row.valid_from).isoformat(),
        valid_until=from_ms(row.valid_until).isoformat(),
        away_until=from_ms(ends * 1000).isoformat() if starts < ends and at < ends else "",
        certificate=certificate.decode(),
    )
