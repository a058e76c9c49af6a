"""What is answered: resources and errors as TAXII shapes them, and no word of what went on inside.

Source: TAXII 2.1 sections 3.6 (errors), 4 and 5.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from gateway.errors import GatewayError, Kind
from gateway.flow.pulling.client import Collection
from gateway.flow.pulling.objects import Item, in_text
from gateway.taxii.media import STIX, TAXII
from gateway.taxii.question import ROOT

_STATUS: Final[Mapping[Kind, HTTPStatus]] = {
    Kind.MALFORMED: HTTPStatus.BAD_REQUEST,
    Kind.UNVERIFIED: HTTPStatus.FORBIDDEN,
    Kind.REFUSED: HTTPStatus.SERVICE_UNAVAILABLE,
    Kind.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Kind.CONFLICT: HTTPStatus.SERVICE_UNAVAILABLE,
    Kind.LOCKED: HTTPStatus.SERVICE_UNAVAILABLE,
    Kind.STALE: HTTPStatus.SERVICE_UNAVAILABLE,
    Kind.CORRUPT: HTTPStatus.INTERNAL_SERVER_ERROR,
    Kind.MISCONFIGURED: HTTPStatus.INTERNAL_SERVER_ERROR,
    Kind.UNREACHABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    Kind.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Kind.BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
    Kind.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
}
_IN_WORDS: Final = frozenset({Kind.MALFORMED, Kind.FORBIDDEN, Kind.BUSY})
"""Refusals whose words are for the tool's people; the others say what is inside, or nothing more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer; `code` and `count` are for the log, and `closes` ends the connection behind it."""

    status: HTTPStatus
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    code: str = ""
    count: int = 0
    closes: bool = False


def discovery(agency: str) -> Answer:
    """Return what is served here."""
    return _answer({"title": f"Comity gateway of {agency}", "default": ROOT, "api_roots": [ROOT]})


def api_root(agency: str) -> Answer:
    """Return the one API root; nothing can be sent to it."""
    return _answer({"title": f"Released by {agency}", "versions": [TAXII], "max_content_length": 0})


def collections(found: Sequence[Collection]) -> Answer:
    """Return the collections of a tool."""
    return _answer({"collections": [_collection(one) for one in found]})


def collection(found: Collection) -> Answer:
    """Return one collection."""
    return _answer(_collection(found))


def envelope(items: Sequence[Item], following: str) -> Answer:
    """Return objects; `following` is the bookmark of the next page, empty where all was given."""
    head = _page(following)
    objects = b",".join(item.data for item in items)
    body = json.dumps(head).encode()
    if items:
        body = body[:-1] + b', "objects": [' + objects + b"]}"
    return Answer(status=HTTPStatus.OK, body=body, headers=_added(items), count=len(items))


def manifest(items: Sequence[Item], following: str) -> Answer:
    """Return what objects there are."""
    told = [
        {"id": item.id, "date_added": in_text(item.added), "version": item.version, "media_type": STIX}
        for item in items
    ]
    return _listed("objects", told, items, following)


def versions(items: Sequence[Item], following: str) -> Answer:
    """Return the versions of an object, newest first."""
    return _listed("versions", [item.version for item in reversed(items)], items, following)


def refusal(error: GatewayError, *, closes: bool = False) -> Answer:
    """Return a refusal as an error of TAXII."""
    status = _STATUS[error.kind]
    told = {"title": status.phrase, "error_code": error.code, "http_status": str(status.value)}
    if error.kind in _IN_WORDS:
        told["description"] = str(error)
    if "incident" in error.facts:
        told["error_id"] = error.facts["incident"]
    headers = {"Retry-After": "30"} if status is HTTPStatus.SERVICE_UNAVAILABLE else {}
    return _refused(status, told, headers, code=error.code, closes=closes)


def status_only(status: HTTPStatus, *, closes: bool = False, headers: Mapping[str, str] = {}) -> Answer:
    """Return a refusal that is of HTTP alone."""
    told = {"title": status.phrase, "http_status": str(status.value)}
    return _refused(status, told, headers, code=f"http-{status.value}", closes=closes)


def broken(status: int) -> Answer:
    """Return the answer to what is no sound HTTP; the connection ends behind it."""
    known = HTTPStatus(status) if status in (400, 413, 414, 431) else HTTPStatus.BAD_REQUEST
    return status_only(known, closes=True)


def _refused(
    status: HTTPStatus, told: Mapping[str, str], headers: Mapping[str, str], *, code: str, closes: bool
) -> Answer:
    return Answer(status=status, body=json.dumps(told).encode(), headers=headers, code=code, closes=closes)


def _answer(told: Mapping[str, Any]) -> Answer:
    return Answer(status=HTTPStatus.OK, body=json.dumps(told).encode())


def _listed(name: str, told: Sequence[Any], items: Sequence[Item], following: str) -> Answer:
    body = json.dumps({**_page(following), **({name: told} if told else {})}).encode()
    return Answer(status=HTTPStatus.OK, body=body, headers=_added(items), count=len(items))


def _page(following: str) -> dict[str, Any]:
    return {"more": True, "next": following} if following else {"more": False}


def _added(items: Sequence[Item]) -> Mapping[str, str]:
    if not items:
        return {}
    return {
        "X-TAXII-Date-Added-First": in_text(items[0].added),
        "X-TAXII-Date-Added-Last": in_text(items[-1].added),
    }


def _collection(found: Collection) -> dict[str, Any]:
    return {
        "id": found.id,
        "title": f"For {found.agency}: {found.purpose.token}",
        "can_read": True,
        "can_write": False,
        "media_types": [STIX],
    }
