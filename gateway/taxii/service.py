"""Serving: from a request to its answer. Reading is all there is; whatever would write is refused unread.

Source: TAXII 2.1 sections 3 to 5; THREATS A44, A48.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from time import monotonic
from typing import Final, Protocol, TypeVar

from adapters.adapter import Renderer
from gateway.errors import Busy, Forbidden, GatewayError, Malformed, NotFound
from gateway.flow.gateway import Gateway
from gateway.flow.pulling.bookmark import START, read_bookmark, write_bookmark
from gateway.flow.pulling.client import Client, Collection, client_of, collection_of, collections_of
from gateway.flow.pulling.objects import Item
from gateway.flow.pulling.page import PAGE_BYTES_MAX, Asked, Noted, Page, Pull, page_of
from gateway.observe import counters, incident, log
from gateway.taxii import answer
from gateway.taxii.answer import Answer
from gateway.taxii.caller import Caller, Door, Shown
from gateway.taxii.media import accepts
from gateway.taxii.question import Filter, Place, Resource, filter_of, place_of

T = TypeVar("T")

PULLS_MAX: Final = 8
PULLS_PER_CLIENT_MAX: Final = 2
"""Requests that are being answered at the same time."""
SEARCH_S: Final = 10.0
"""How long a page is sought for where little of much matches; then it is given as it is, with a bookmark."""

_READING: Final = ("GET", "HEAD")
_WRITTEN_TO: Final = {Resource.OBJECTS: "POST", Resource.OBJECT: "DELETE"}
"""What TAXII lets be written elsewhere: here that is refused as a right that nobody has."""


def _nothing(*_: object) -> Answer:
    raise NotFound("nothing is ever written, so nothing has a status")


_PLAIN: Final[Mapping[Resource, Callable[[Gateway, Client, Place], Answer]]] = {
    Resource.DISCOVERY: lambda gateway, _, __: answer.discovery(gateway.me),
    Resource.API_ROOT: lambda gateway, _, __: answer.api_root(gateway.me),
    Resource.STATUS: _nothing,
    Resource.COLLECTIONS: lambda gateway, client, _: answer.collections(collections_of(gateway, client)),
    Resource.COLLECTION: lambda gateway, client, place: answer.collection(
        collection_of(gateway, client, place.collection)
    ),
}
_OF_OBJECTS: Final[Mapping[Resource, Callable[[Sequence[Item], str], Answer]]] = {
    Resource.MANIFEST: answer.manifest,
    Resource.OBJECTS: answer.envelope,
    Resource.OBJECT: answer.envelope,
    Resource.VERSIONS: answer.versions,
}


class Desk(Protocol):
    """The worker as this port sees it."""

    async def run(self, job: Callable[[Gateway, datetime], T], *, beats: bool = False) -> T:
        """Return what a job returns, done in its turn; with `beats` the pulse beats afterwards."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it came: `target` is path and query unread; `has_body` whether one follows."""

    method: str
    target: str
    accept: str | None
    has_body: bool
    shown: Shown


class Service:
    """Answers tools; one for a running gateway."""

    def __init__(
        self, desk: Desk, door: Door, renderer: Callable[[], Renderer], clock: Callable[[], datetime]
    ) -> None:
        """`renderer` gives the format that is written, asked when it is needed."""
        self._desk = desk
        self._door = door
        self._renderer = renderer
        self._clock = clock
        self._noted = Noted()
        self._under_way: Counter[str] = Counter()

    async def answer(self, request: Request) -> Answer:
        """Return the answer to a request; whatever goes wrong inside, there is one."""
        resource, name = "unknown", ""
        try:
            caller = self._door.admit(request.shown, self._clock())
            name = caller.name
            path, _, query = request.target.partition("?")
            place = place_of(path)
            resource = place.resource.value
            with self._counted(caller):
                made = await self._answered(request, caller, place, query)
            # Who lost access while the page was made is not given it.
            self._door.admit(request.shown, self._clock())
        except GatewayError as exc:
            made = answer.refusal(exc)
        except Exception as exc:
            made = answer.refusal(incident(f"taxii.{resource}", exc))
        counters["taxii.requests"] += 1
        counters["taxii.refused"] += made.status is not HTTPStatus.OK
        log().info(
            "taxii.answered",
            method=resource,
            role=f"taxii/{name}",
            status=int(made.status),
            code=made.code,
            count=made.count,
        )
        # What nobody reads of a request must not be taken for the next one.
        unread = request.has_body or request.method not in _READING
        return replace(made, closes=True) if unread else made

    @contextmanager
    def _counted(self, caller: Caller) -> Iterator[None]:
        """Count a request as under way.

        Raises:
            Busy: code `busy`: as many are under way as may be.
        """
        running = self._under_way
        if running[caller.name] >= PULLS_PER_CLIENT_MAX or running.total() >= PULLS_MAX:
            raise Busy("too much is being pulled; try again", code="busy")
        running[caller.name] += 1
        try:
            yield
        finally:
            running[caller.name] -= 1
            if not running[caller.name]:
                del running[caller.name]

    async def _answered(self, request: Request, caller: Caller, place: Place, query: str) -> Answer:
        if request.method not in _READING:
            return await self._not_written(request.method, caller, place)
        if request.has_body:
            raise Malformed("is not read here", field="body")
        if not accepts(request.accept):
            return answer.status_only(HTTPStatus.NOT_ACCEPTABLE)
        if place.resource in _OF_OBJECTS:
            pulled = self._of_object if place.object else self._pull
            return _OF_OBJECTS[place.resource](*await pulled(caller, place, filter_of(query)))
        found = _PLAIN[place.resource]
        return await self._with(caller, lambda gateway, client, _: found(gateway, client, place))

    async def _not_written(self, method: str, caller: Caller, place: Place) -> Answer:
        """Return the refusal of what would write."""
        if _WRITTEN_TO.get(place.resource) != method:
            allow = {"Allow": ", ".join(_READING)}
            return answer.status_only(HTTPStatus.METHOD_NOT_ALLOWED, headers=allow)
        await self._collection(caller, place)
        raise Forbidden("this collection is only read", code="not-allowed")

    async def _with(self, caller: Caller, ask: Callable[[Gateway, Client, datetime], T]) -> T:
        """Return what a question about a tool gives, put while its access is held to stand."""

        def job(gateway: Gateway, now: datetime) -> T:
            return ask(gateway, client_of(gateway, caller.name, caller.serial, now), now)

        return await self._desk.run(job)

    async def _collection(self, caller: Caller, place: Place) -> Collection:
        return await self._with(
            caller, lambda gateway, client, _: collection_of(gateway, client, place.collection)
        )

    async def _of_object(self, caller: Caller, place: Place, wanted: Filter) -> tuple[list[Item], str]:
        """Return the versions of one object.

        Raises:
            NotFound: there is none, or none that this tool may see.
        """
        named = replace(wanted, ids=frozenset({place.object}), types=frozenset())
        items, following = await self._pull(caller, place, named)
        if not items and not following:
            raise NotFound("no such object")
        return items, following

    async def _pull(self, caller: Caller, place: Place, wanted: Filter) -> tuple[list[Item], str]:
        """Return what is asked for of a collection, and the bookmark behind it; empty where that is all."""
        until = monotonic() + SEARCH_S
        items: list[Item] = []
        page, following = await self._next(caller, place, wanted, None, wanted.limit)
        items += page.items
        while page.next is not None and len(items) < wanted.limit and monotonic() < until:
            size = sum(len(item.data) for item in items)
            if size > PAGE_BYTES_MAX:
                break
            page, following = await self._next(caller, place, wanted, page, wanted.limit - len(items))
            items += page.items
        return items, following

    async def _next(
        self, caller: Caller, place: Place, wanted: Filter, before: Page | None, limit: int
    ) -> tuple[Page, str]:
        """Return the next objects of a collection, and the bookmark behind them."""

        def ask(gateway: Gateway, client: Client, now: datetime) -> tuple[Page, str]:
            collection = collection_of(gateway, client, place.collection)
            after = START if before is None or before.next is None else before.next
            if before is None and wanted.next:
                after = read_bookmark(gateway, client, collection, wanted.next)
            if wanted.nothing:
                return Page(items=(), next=None), ""
            pull = Pull(client=client, collection=collection, renderer=self._renderer(), noted=self._noted)
            asked = Asked(
                after=after,
                limit=limit,
                added_after=wanted.added_after,
                ids=wanted.ids,
                types=wanted.types,
                versions=wanted.versions,
            )
            page = page_of(gateway, pull, asked, now)
            mark = page.next
            return page, "" if mark is None else write_bookmark(gateway, client, collection, mark)

        return await self._with(caller, ask)
