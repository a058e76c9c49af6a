"""Online content: a URL, what stands there, and the accounts that are shown in it."""

from __future__ import annotations

from typing import Final

from adapters.case_uco.accounts import account_within, read_identity, write_observation
from adapters.case_uco.canvas import Canvas, put
from adapters.case_uco.case import Case
from adapters.case_uco.classes import OBSERVATIONS, OWN_CLASSES
from adapters.case_uco.hashes import read_hashes, write_hashes
from adapters.case_uco.node import Node
from adapters.document import Json
from adapters.loss import Effect
from adapters.values import number_of, token
from gateway.v1 import record_pb2 as pb

_TEXT: Final = "text/plain"
_CONTENT: Final = "uco-observable:ContentDataFacet"
_SHOWN: Final = ("uco-observable:phoneNumber", "uco-observable:emailAddress")


def read_online(case: Case, node: Node, online: pb.OnlineContent) -> None:
    """Read a URL, its kind by a tag, its text, and the telephones and mailboxes shown in it.

    Raises:
        Malformed: code `bad-hash`.
    """
    content = pb.OnlineReference()
    _read_address(case, node, content)
    if title := node.text("uco-core:name"):
        content.title = title
    _read_kind(node, content)
    for facet in case.facets(node, _CONTENT):
        _read_digests(case, facet, content, online)
    if content.ByteSize():
        online.content.CopyFrom(content)
    if text := node.text("uco-core:description"):
        online.text = text
    for facet in case.facets(node, "uco-observable:ContactFacet"):
        for property_ in _SHOWN:
            for iri in facet.references(property_):
                _read_shown(case, iri, online)


def _read_address(case: Case, node: Node, content: pb.OnlineReference) -> None:
    for facet in case.facets(node, "uco-observable:URLFacet"):
        if url := facet.text("uco-observable:fullValue"):
            content.url = url
        if site := facet.text("uco-observable:host"):
            content.site = site


def _read_kind(node: Node, content: pb.OnlineReference) -> None:
    for tag in node.texts("uco-core:tag"):
        kind = number_of(content, "kind", tag)
        if kind and not content.kind:
            content.kind = pb.OnlineKind.ValueType(kind)
        else:
            node.lose("uco-core:tag", Effect.DROPPED, "is a tag of no meaning to a record")


def _read_digests(case: Case, facet: Node, content: pb.OnlineReference, online: pb.OnlineContent) -> None:
    media = facet.text("uco-observable:mimeType")
    for found in read_hashes(case, facet):
        if media == _TEXT and found.algorithm == pb.HASH_ALGORITHM_SHA256 and not content.text_digest:
            content.text_digest = found.value
        elif media.startswith("image/"):
            online.image_hashes.append(found)
        else:
            facet.lose("uco-observable:hash", Effect.DROPPED, "is the hash of neither a text nor an image")


def _read_shown(case: Case, iri: str, online: pb.OnlineContent) -> None:
    node = case.part(iri)
    if node is None:
        return
    identity = read_identity(case, node)
    if identity.ByteSize():
        online.accounts.append(identity)


def read_observations(case: Case) -> None:
    """Read when accounts were seen and content was captured; the first observation counts.

    Raises:
        Malformed: code `bad-date`.
    """
    for node in case.of_class(OBSERVATIONS):
        seen = node.moment("uco-action:startTime")
        told = False
        for iri in node.references("uco-action:object"):
            kind, entity = case.entities.get(iri, ("", None))
            if seen is None or kind not in ("account", "online-content"):
                continue
            holder = entity.identity if kind == "account" else entity.content
            name = "seen" if kind == "account" else "captured"
            if not holder.HasField(name):
                getattr(holder, name).CopyFrom(seen)
                told = True
        if not told:
            node.lose("uco-action:object", Effect.DROPPED, "is an observation that no record keeps")


def write_online(canvas: Canvas, online: pb.OnlineContent) -> None:
    """Write online content; without a URL it has no class of its own."""
    content = online.content
    types = ("uco-observable:URL",) if content.url else OWN_CLASSES["online-content"]
    node = canvas.draw(online, *types)
    put(node, "uco-core:name", content.title)
    put(node, "uco-core:description", online.text)
    put(node, "uco-core:tag", token(content, "kind"))
    url: dict[str, Json] = {"uco-observable:fullValue": content.url, "uco-observable:host": content.site}
    canvas.facet(node, "uco-observable:URLFacet", url)
    if len(content.text_digest) == 32:
        digest = pb.Hash(algorithm=pb.HASH_ALGORITHM_SHA256, value=content.text_digest)
        hashes = write_hashes(canvas, node, [digest], "text-digest")
        canvas.facet(node, _CONTENT, {"uco-observable:mimeType": _TEXT, "uco-observable:hash": hashes})
    shown: dict[str, list[Json]] = {name: [] for name in _SHOWN}
    for number, identity in enumerate(online.accounts):
        kinds = {pb.ACCOUNT_KIND_PHONE: _SHOWN[0], pb.ACCOUNT_KIND_EMAIL: _SHOWN[1]}
        if identity.kind in kinds:
            part = account_within(canvas, node, identity, f"shown-{number}")
            shown[kinds[identity.kind]].append(part)
    canvas.facet(node, "uco-observable:ContactFacet", {name: list(held) for name, held in shown.items()})
    write_observation(canvas, online, content.captured)
