"""How a gateway stands, for the people who run it: figures and sentences, nothing about any record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.errors import GatewayError
from gateway.flow.gateway import Gateway
from gateway.flow.review.standing import review_warnings
from gateway.flow.witnesses import quorum_of
from gateway.ledger.checkpoint import Checkpoint
from gateway.ledger.note import parse_note

_SOON = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How it stands. Sizes count ledger entries; `cosigned_size` is 0 while nobody has cosigned.

    `exchanges` counts by state, `waiting` envelopes by peer; `warnings` are sentences for a person.
    """

    agency: str
    size: int
    root: bytes
    signed_size: int
    cosigned_size: int
    quorum: int
    policy_digest: bytes
    directory_expires_at: datetime
    exchanges: Mapping[str, int]
    waiting: Mapping[str, int]
    members: tuple[str, ...]
    warnings: tuple[str, ...]


def status_of(gateway: Gateway, now: datetime) -> Status:
    """Return how a gateway stands now."""
    head, cosigned = gateway.read.head(), gateway.read.latest_checkpoint()
    signed = _signed_size(gateway)
    return Status(
        agency=gateway.me,
        size=head.size,
        root=head.root,
        signed_size=signed,
        cosigned_size=0 if cosigned is None else Checkpoint.parse(parse_note(cosigned.note).text).size,
        quorum=quorum_of(gateway.directory, gateway.me),
        policy_digest=gateway.policy_digest,
        directory_expires_at=gateway.directory.expires_at,
        exchanges=gateway.read.exchange_counts(),
        waiting=gateway.read.waiting_counts(),
        members=tuple(sorted(gateway.directory.active - {gateway.me})),
        warnings=tuple(_warnings(gateway, now)),
    )


def _signed_size(gateway: Gateway) -> int:
    try:
        signed = gateway.notary.sign_again()
    except GatewayError:
        return 0
    return 0 if signed is None else signed.checkpoint.size


def _warnings(gateway: Gateway, now: datetime) -> list[str]:
    told = []
    if gateway.exercise:
        told.append("This is an exercise home: invented data only, never real people.")
    if not gateway.notary.is_witnessed:
        told.append("Nobody witnesses this ledger: too few members publish a witness key.")
    if gateway.notary.trouble:
        told.append(f"Nothing is signed, so nothing is sent or receipted: {gateway.notary.trouble}.")
    left = gateway.directory.expires_at - now
    if left <= timedelta(0):
        told.append("The directory has expired: nothing is sent or accepted until a newer one is fetched.")
    elif left < _SOON:
        told.append(f"The directory expires on {gateway.directory.expires_at:%Y-%m-%d %H:%M} UTC.")
    told += review_warnings(gateway, now)
    told += gateway.rules.warnings(gateway.policy_digest)
    told += [f"{agency} takes no part: {why}." for agency, why in sorted(gateway.directory.refused.items())]
    return told
