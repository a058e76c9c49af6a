"""Access: certificates for the agency's own systems, auditors and operators, and for tools of other members
that pull over TAXII; every change is ledgered.

Source: DESIGN sections 9 and 12; PROTOCOL section 8 (access-changed).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.errors import Conflict, Malformed, NotFound
from gateway.flow.gateway import Gateway
from gateway.ledger.entry import Draft, EntryKind
from gateway.record.moment import from_ms, to_ms
from gateway.record.vocabulary import Purpose
from gateway.store.changes import AccessRevoked
from gateway.store.place import EntryAt
from gateway.store.rows import AccessRow
from gateway.store.unit import Unit
from gateway.tls.authority import CONSOLE_LIFE, Issued
from gateway.tls.identity import ISSUED, Identity, Role

CONSOLE = "console"
"""Name of whoever opens the keystore at the gateway's own machine: no certificate of theirs is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One certificate that was issued; `key_id` 32 hex digits, `revoked_at` None while it holds.

    `acts_for` is the member whose tool it is and `purposes` what for, sorted; both empty but for `taxii`.
    """

    serial: str
    role: str
    name: str
    key_id: str
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    acts_for: str = ""
    purposes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulling:
    """For whom a tool pulls, and what for: the policy decides for it as for that member."""

    agency: str
    purposes: tuple[str, ...]


def add_access(
    gateway: Gateway,
    role: str,
    name: str,
    *,
    request_pem: bytes,
    life: timedelta,
    now: datetime,
    pulling: Pulling | None = None,
) -> tuple[Access, bytes]:
    """Issue a certificate for a request; return what was issued, and the certificate with the CA's, PEM.

    `pulling` is stated for the role `taxii`, and for no other.

    Raises:
        Malformed: role, name, request or life breaks a rule; `pulling` is missing, or out of place, or names
            no purpose.
        NotFound, Refused, Stale: `pulling` names no other member that takes part now.
        Conflict: code `name-taken`: the name pulls for another member.
        VerificationFailed: code `no-possession`: the request is not signed by its key.
    """
    identity = Identity(agency=gateway.me, role=_role(role), name=name)
    if name == CONSOLE:
        raise Malformed("is the name of the console itself", field="name", code="bad-name")
    named = _named(gateway, identity, pulling, now)
    issued = gateway.authority.issue(identity, request_pem, now, life)
    row = access_row(issued, now, EntryAt(0))
    if named is not None:
        row = row._replace(acts_for=named.agency, purposes=",".join(named.purposes))
    draft = Draft(
        kind=EntryKind.ACCESS_CHANGED, action="added", access=identity.role.value, key=issued.key_digest
    )
    gateway.store.writer.commit_one(Unit(drafts=(draft,), rows=(row,)))
    return _access(row), issued.certificate + gateway.authority.certificate


def list_access(gateway: Gateway) -> list[Access]:
    """Return every certificate that was issued, oldest first."""
    return [_access(row) for row in gateway.read.accesses()]


def revoke_access(gateway: Gateway, role: str, name: str, now: datetime) -> list[Access]:
    """Revoke every certificate of a name that still holds, and return them.

    Raises:
        NotFound: code `no-such-access`: none holds.
    """
    wanted = _role(role).value
    holding = [row for row in gateway.read.accesses_of(wanted, name) if row.revoked_at is None]
    if not holding:
        raise NotFound(f"{wanted} {name} holds no certificate", code="no-such-access", field="name")
    now_ms = to_ms(now)
    drafts = [
        Draft(kind=EntryKind.ACCESS_CHANGED, action="revoked", access=row.role, key=row.key_digest)
        for row in holding
    ]
    rows = [AccessRevoked(row.serial, now_ms, EntryAt(at)) for at, row in enumerate(holding)]
    gateway.store.writer.commit_one(Unit(drafts=tuple(drafts), rows=tuple(rows)))
    return [_access(row._replace(revoked_at=now_ms)) for row in holding]


def pulling_clients(gateway: Gateway, now: datetime) -> int:
    """Return how many tools of other members may pull now, by name."""
    now_ms = to_ms(now)
    return len(
        {
            row.name
            for row in gateway.read.accesses()
            if row.role == Role.TAXII.value and row.revoked_at is None and row.expires_at > now_ms
        }
    )


def holding_serials(gateway: Gateway) -> frozenset[str]:
    """Return the serials of every certificate issued and not revoked."""
    return frozenset(row.serial for row in gateway.read.accesses() if row.revoked_at is None)


def holds(identity: Identity, serial: str, life: timedelta, serials: Sequence[str] | frozenset[str]) -> bool:
    """Return whether a verified certificate still gives access at the gateway's local port.

    The console's own are not kept: they are made in memory by whoever can open the keystore, and end within
    minutes.
    """
    if identity.role is Role.OPERATOR and identity.name == CONSOLE:
        return life <= 2 * CONSOLE_LIFE
    return serial in serials


def _role(role: str) -> Role:
    if role not in [one.value for one in ISSUED]:
        raise Malformed(f"is none of {', '.join(ISSUED)}", field="role", code="bad-role")
    return Role(role)


def _named(gateway: Gateway, identity: Identity, pulling: Pulling | None, now: datetime) -> Pulling | None:
    """Return for whom and what for a tool pulls, checked; None for every other role."""
    if identity.role is not Role.TAXII:
        if pulling is not None:
            raise Malformed("is stated for the role taxii alone", field="acts_for", code="bad-role")
        return None
    if pulling is None:
        raise Malformed("must be stated for the role taxii", field="acts_for", code="missing")
    if pulling.agency == gateway.me:
        raise Malformed("names this agency itself, which pulls nothing", field="acts_for", code="bad-role")
    gateway.directory.peer(pulling.agency, now)
    purposes = tuple(sorted({Purpose.from_token(one, "purposes").token for one in pulling.purposes}))
    if not purposes:
        raise Malformed("must be stated for the role taxii", field="purposes", code="missing")
    holding = gateway.read.accesses_of(identity.role.value, identity.name)
    if any(row.revoked_at is None and row.acts_for != pulling.agency for row in holding):
        raise Conflict("pulls for another member already", field="name", code="name-taken")
    return Pulling(agency=pulling.agency, purposes=purposes)


def access_row(issued: Issued, now: datetime, entry: EntryAt) -> AccessRow:
    """Return the row of a certificate just issued; `entry` is where its entry will stand."""
    identity = issued.identity
    expires = to_ms(issued.expires_at)
    return AccessRow(
        issued.serial,
        identity.role.value,
        identity.name,
        issued.key_digest,
        to_ms(now),
        expires,
        None,
        entry,
        None,
    )


def _access(row: AccessRow) -> Access:
    return Access(
        serial=row.serial,
        role=row.role,
        name=row.name,
        key_id=row.key_digest[:16].hex(),
        issued_at=from_ms(row.issued_at),
        expires_at=from_ms(row.expires_at),
        revoked_at=None if row.revoked_at is None else from_ms(row.revoked_at),
        acts_for=row.acts_for or "",
        purposes=tuple(row.purposes.split(",")) if row.purposes else (),
    )
