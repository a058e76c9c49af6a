"""A tool of another member that pulls from police.nl, without a port between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from gateway.flow.access import Pulling, add_access
from gateway.flow.gateway import Gateway
from gateway.flow.pulling.bookmark import START, Bookmark
from gateway.flow.pulling.client import Client, Collection, client_of, collections_of
from gateway.flow.pulling.objects import Item
from gateway.flow.pulling.page import Asked, Noted, Page, Pull, page_of
from gateway.flow.repeat import PushAnswer
from gateway.flow.submit import Addressee
from gateway.tls.credential import new_request
from gateway.tls.identity import Identity, Role
from gateway.v1 import record_pb2 as pb
from tests.flow import records
from tests.flow.federation import NL, RO, TO_RO, Homes
from tests.flow.stand_in import StandIn

INVESTIGATION = "investigation"


def keepable(number: int = 1, record: pb.Record | None = None) -> pb.Record:
    """Return a small record, or this one, marked so that a copy may be kept of it."""
    made = record or records.small(number)
    made.header.marking.display_only = False
    return made


def released(homes: Homes, *numbers: int, to: Addressee = TO_RO, ask: tuple[str, ...] = ()) -> list[str]:
    """Push small records one after the other; return their exchanges."""
    answers = [homes.push(keepable(number), to, ask=ask) for number in numbers]
    return [one.exchange_id for answer in answers for one in answer.exchanges]


def only(answer: PushAnswer) -> str:
    """Return the one exchange of a push."""
    (exchange,) = answer.exchanges
    return exchange.exchange_id


@dataclass(slots=True)
class Tool:
    """One registered tool, and what is noted of its pulls; `gateway` stands for the home's own if given."""

    homes: Homes
    name: str = "misp"
    agency: str = RO
    purposes: tuple[str, ...] = (INVESTIGATION,)
    noted: Noted = field(default_factory=Noted)
    gateway: Gateway | None = None
    renderer: Any = field(default_factory=StandIn)
    serial: str = ""

    def __post_init__(self) -> None:
        _, request = new_request(Identity(agency=NL, role=Role.TAXII, name=self.name))
        access, _ = add_access(
            self.homes[NL],
            "taxii",
            self.name,
            request_pem=request,
            life=timedelta(days=30),
            now=self.homes.now,
            pulling=Pulling(agency=self.agency, purposes=self.purposes),
        )
        self.serial = access.serial

    @property
    def asked(self) -> Gateway:
        """The gateway that is asked."""
        return self.gateway or self.homes[NL]

    def client(self) -> Client:
        """Return it as the gateway knows it now."""
        return client_of(self.asked, self.name, self.serial, self.homes.now)

    def collection(self, purpose: str = INVESTIGATION) -> Collection:
        """Return one of its collections."""
        found = collections_of(self.asked, self.client())
        return next(one for one in found if one.purpose.token == purpose)

    def page(self, after: Bookmark = START, *, limit: int = 500, **asked: Any) -> Page:
        """Return one page."""
        purpose = asked.pop("purpose", INVESTIGATION)
        pull = Pull(
            client=self.client(),
            collection=self.collection(purpose),
            renderer=self.renderer,
            noted=self.noted,
        )
        return page_of(self.asked, pull, Asked(after=after, limit=limit, **asked), self.homes.now)

    def pages(self, *, limit: int = 500, **asked: Any) -> list[Page]:
        """Return every page."""
        found = [self.page(limit=limit, **asked)]
        while (mark := found[-1].next) is not None:
            found.append(self.page(mark, limit=limit, **asked))
        return found

    def pull(self, **asked: Any) -> list[Item]:
        """Return every object."""
        return [item for page in self.pages(**asked) for item in page.items]

    def text(self, **asked: Any) -> str:
        """Return every object as one text."""
        return "\n".join(item.data.decode() for item in self.pull(**asked))


def own(items: Sequence[Item]) -> list[Item]:
    """Return the objects that belong to one release alone."""
    return [item for item in items if not item.shared]
