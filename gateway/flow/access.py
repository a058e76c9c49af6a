"""Access: certificates for the agency's own systems, auditors and operators; every change is ledgered.

Source: DESIGN sections 9 and 12; PROTOCOL section 8 (access-changed).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.errors import Malformed, NotFound
from gateway.flow.gateway import Gateway
from gateway.ledger.entry import Draft, EntryKind
from gateway.record.moment import from_ms, to_ms
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
    """One certificate that was issued; `key_id` 32 hex digits, `revoked_at` None while it holds."""

    serial: str
    role: str
    name: str
    key_id: str
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


def add_access(
    gateway: Gateway, role: str, name: str, *, request_pem: bytes, life: timedelta, now: datetime
) -> tuple[Access, bytes]:
    """Issue a certificate for a request; return what was issued, and the certificate with the CA's, PEM.

    Raises:
        Malformed: role, name, request or life breaks a rule.
        VerificationFailed: code `no-possession`: the request is not signed by its key.
    """
    identity = Identity(agency=gateway.me, role=_role(role), name=name)
    if name == CONSOLE:
        raise Malformed("is the name of the console itself", field="name", code="bad-name")
    issued = gateway.authority.issue(identity, request_pem, now, life)
    row = access_row(issued, now, EntryAt(0))
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
    )
