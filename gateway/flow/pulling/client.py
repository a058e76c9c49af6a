"""Who pulls: a tool of another member, registered here, and the collections it may ask for.

Source: DESIGN sections 9 and 12; TAXII 2.1 section 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gateway.errors import Forbidden, GatewayError, NotFound, Unreachable
from gateway.flow.gateway import Gateway
from gateway.flow.references import keyed
from gateway.record.moment import to_ms
from gateway.record.vocabulary import Purpose
from gateway.tls.identity import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A registered tool: the policy decides for it as for the member `agency`, for these purposes alone."""

    name: str
    agency: str
    purposes: tuple[Purpose, ...]

    @property
    def actor(self) -> str:
        """The tool as the commitments of the ledger know it."""
        return f"{Role.TAXII.value}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """What was released to one member for one purpose; `id` tells neither to whoever may not have it."""

    id: str
    agency: str
    purpose: Purpose


def client_of(gateway: Gateway, name: str, serial: str, now: datetime) -> Client:
    """Return the tool that a verified certificate was issued to, as it stands at this moment.

    Raises:
        Forbidden: code `revoked`: the certificate holds no more, or is not on file; `inactive-agency`: its
            member takes no part now.
    """
    row = gateway.read.access(serial)
    holds = row is not None and row.revoked_at is None and row.expires_at > to_ms(now)
    if row is None or not holds or (row.role, row.name) != (Role.TAXII.value, name):
        raise Forbidden("the certificate was revoked, or is not on file", code="revoked")
    try:
        gateway.directory.peer(row.acts_for or "", now)
        purposes = tuple(Purpose.from_token(one, "purposes") for one in (row.purposes or "").split(","))
    except Unreachable:
        raise
    except GatewayError as exc:
        raise Forbidden("its member takes no part in the exchange now", code="inactive-agency") from exc
    return Client(name=name, agency=row.acts_for or "", purposes=purposes)


def collections_of(gateway: Gateway, client: Client) -> list[Collection]:
    """Return the collections of a tool: one for each purpose, whether or not anything was released."""
    return [
        Collection(id=_id(gateway, client.agency, purpose), agency=client.agency, purpose=purpose)
        for purpose in client.purposes
    ]


def collection_of(gateway: Gateway, client: Client, identifier: str) -> Collection:
    """Return one collection of a tool.

    Raises:
        NotFound: it has none of this id, whether or not another tool has.
    """
    for one in collections_of(gateway, client):
        if one.id == identifier:
            return one
    raise NotFound("no such collection")


def _id(gateway: Gateway, agency: str, purpose: Purpose) -> str:
    # Shaped as the random identifier that TAXII wants, and always the same: nothing need be kept.
    raw = keyed(gateway, b"taxii-collection", agency, purpose.token)[:16]
    return str(UUID(bytes=raw, version=4))
