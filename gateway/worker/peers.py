"""The peers of a gateway as it reaches them: how each stands, and a channel to it when one is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.delivery.channel import PeerChannel
from gateway.delivery.pulse import Pulse
from gateway.errors import GatewayError, Refused
from gateway.flow.gateway import Gateway
from gateway.tls.authority import GATEWAY_LIFE, Authority
from gateway.tls.credential import Credential
from gateway.tls.identity import Identity, Role
from gateway.tls.verification import pem_of


@dataclass(slots=True)
class Standing:
    """How a peer stands: `state` is idle, connected or retrying; `code` says why it failed last."""

    state: str = "idle"
    code: str = ""
    heard_at: datetime | None = None


class Credentials:
    """The gateway's own key and certificate, made in memory and made anew before they end."""

    def __init__(self, authority: Authority, now: datetime) -> None:
        self._authority = authority
        self._identity = Identity(agency=authority.agency, role=Role.GATEWAY)
        self._made_at = now
        self.current = authority.credential(self._identity, now, GATEWAY_LIFE)

    def renew_when_due(self, now: datetime) -> Credential:
        """Return the current credential, a new one past half the life of the last."""
        if now - self._made_at > GATEWAY_LIFE / 2 or now < self._made_at - timedelta(minutes=5):
            self._made_at = now
            self.current = self._authority.credential(self._identity, now, GATEWAY_LIFE)
        return self.current


class Peers:
    """Every member with an endpoint, for one gateway; lives on one event loop."""

    def __init__(
        self, gateway: Callable[[], Gateway], credentials: Credentials, clock: Callable[[], datetime]
    ) -> None:
        self._gateway = gateway
        self._credentials = credentials
        self._clock = clock
        self._standing: dict[str, Standing] = {}
        self._heard: dict[str, Pulse] = {}

    def names(self) -> list[str]:
        """Return the active members that can be called, by id."""
        gateway = self._gateway()
        directory = gateway.directory
        others = sorted(directory.active - {gateway.me})
        return [agency for agency in others if directory.keys_of(agency).endpoints]

    def standing(self, agency: str) -> Standing:
        """Return how a peer stands, to read or to note."""
        return self._standing.setdefault(agency, Standing())

    def pulse(self, agency: str) -> Pulse:
        """Return what beats when a peer calls us: then it can be reached again."""
        return self._heard.setdefault(agency, Pulse())

    def heard(self, agency: str) -> None:
        """Note that a peer has called."""
        self.standing(agency).heard_at = self._clock()
        self.pulse(agency).beat()

    def answered(self, agency: str) -> None:
        """Note that a peer has answered on a stream: no news of whether it can be reached."""
        standing = self.standing(agency)
        standing.heard_at, standing.state = self._clock(), "connected"

    def channel(self, agency: str) -> PeerChannel:
        """Return a new channel to a peer, under what the directory says of it now.

        Raises:
            NotFound, Refused, Stale: it takes no part now (code `inactive-agency` ...), or lists no endpoint
                (code `no-endpoint`).
        """
        now = self._clock()
        _, keys = self._gateway().directory.peer(agency, now)
        if not keys.endpoints or not keys.tls_ca:
            raise Refused(f"{agency} lists no endpoint: letters to it go by file", code="no-endpoint")
        roots = [pem_of(certificate) for certificate in keys.tls_ca]
        return PeerChannel(agency, keys.endpoints[0], roots, self._credentials.renew_when_due(now))

    @contextmanager
    def noted(self, agency: str) -> Iterator[None]:
        """Note how a call to a peer goes; its failure is raised all the same."""
        standing = self.standing(agency)
        try:
            yield
        except GatewayError as exc:
            standing.state, standing.code = "retrying", exc.code
            raise
        standing.heard_at = self._clock()
        if standing.state == "retrying":
            standing.state, standing.code = "idle", ""
