"""What the directory says of a peer: its ledgers, its sealing key, the keys it signs statements with."""

from __future__ import annotations

from datetime import UTC, date, datetime

from gateway.errors import GatewayError, VerificationFailed
from gateway.flow.gateway import Gateway
from gateway.ledger.vkey import VKey
from gateway.release.anchor import AnchorTrust, VerifiedAnchor
from gateway.sealing.standing import PeerLedger
from keys.keyring import PublicKeyRecord
from keys.use import KeyUse


def peer_ledger(gateway: Gateway, agency: str, now: datetime) -> PeerLedger | None:
    """Return a peer's ledgers and the keys valid now; None where the directory vouches for none."""
    try:
        _, keys = gateway.directory.peer(agency, now)
    except GatewayError:
        return None
    valid = {
        record.public
        for record in keys.all(KeyUse.LEDGER)
        if record.revoked_since is None and record.covers(now)
    }
    origins = [origin for origin in keys.origins if origin.ledger_key in valid]
    return PeerLedger(
        agency=agency,
        vkeys=tuple(VKey.parse(origin.vkey) for origin in origins),
        origins=frozenset(origin.origin for origin in origins),
    )


def sealing_key(gateway: Gateway, agency: str, now: datetime) -> PublicKeyRecord:
    """Return the key to seal to now.

    Raises:
        NotFound, Refused, Stale: the peer takes no part now or has no valid key.
    """
    return gateway.directory.peer(agency, now)[1].current(KeyUse.SEALING, now)


def signing_key(
    gateway: Gateway, originator: str, key_id: str, on: date, anchor: VerifiedAnchor | None
) -> bytes:
    """Return the raw key an originator's statement or consent of that day was signed with.

    A key revoked since counts only where the anchor was cosigned before the revocation.

    Raises:
        NotFound, Stale, VerificationFailed: unknown, not valid on that day, or revoked.
    """
    cosigned = [] if anchor is None else [at for _, at in anchor.cosigned]
    cosigned_at = datetime.fromtimestamp(min(cosigned), UTC) if cosigned else None
    keys = gateway.directory.keys_of(originator)
    return keys.valid_on(KeyUse.SIGNING, key_id, on, cosigned_at=cosigned_at).public


def anchor_trust(gateway: Gateway, originator: str) -> AnchorTrust:
    """Return which ledgers may anchor an originator's statements: all it ever listed.

    Raises:
        VerificationFailed: code `consent-invalid`: the directory lists none.
    """
    try:
        origins = gateway.directory.keys_of(originator).origins
    except GatewayError as exc:
        raise VerificationFailed("has no listed ledger", code="consent-invalid") from exc
    return AnchorTrust(
        vkeys=tuple(VKey.parse(origin.vkey) for origin in origins),
        origins=frozenset(origin.origin for origin in origins),
    )
