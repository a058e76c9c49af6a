"""How a running gateway stands, as its operators are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from gateway.flow.status import Status
from gateway.record.moment import to_ms
from gateway.v1 import operation_pb2 as pb


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerNow:
    """How a peer stands: connected, idle, retrying (then `code` says why) or file-only."""

    state: str
    code: str
    heard_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """A whole gateway: what its store says, how its peers stand, what it counted since it started.

    `taxii_listen` is where tools of other members pull, empty where nowhere; `taxii_clients` how many may.
    """

    status: Status
    peers: Mapping[str, PeerNow]
    started_at: datetime
    counters: Mapping[str, int]
    taxii_listen: str
    taxii_clients: int


def status_message(now: Now) -> pb.GetStatusResponse:
    """Return it as it is told."""
    found = now.status
    return pb.GetStatusResponse(
        agency=found.agency,
        version=version("comity"),
        size=found.size,
        root=found.root,
        signed_size=found.signed_size,
        cosigned_size=found.cosigned_size,
        quorum=found.quorum,
        policy_digest=found.policy_digest,
        directory_expires_at=to_ms(found.directory_expires_at),
        exchanges=[pb.StateCount(state=state, count=count) for state, count in found.exchanges.items()],
        peers=[_peer(agency, now) for agency in found.members],
        warnings=found.warnings,
        started_at=to_ms(now.started_at),
        counters=[pb.Counter(name=name, value=value) for name, value in sorted(now.counters.items())],
        taxii_listen=now.taxii_listen or None,
        taxii_clients=now.taxii_clients,
    )


def probe_message(steps: Sequence[tuple[str, bool, str]]) -> pb.ProbePeerResponse:
    """Return what was tried (what, whether it worked, in words), in order."""
    return pb.ProbePeerResponse(steps=[pb.ProbeStep(what=what, ok=ok, told=told) for what, ok, told in steps])


def _peer(agency: str, now: Now) -> pb.PeerStatus:
    peer = now.peers[agency]
    return pb.PeerStatus(
        agency=agency,
        waiting=now.status.waiting.get(agency, 0),
        state=peer.state,
        code=peer.code or None,
        heard_at=None if peer.heard_at is None else to_ms(peer.heard_at),
    )
