"""Handling: marking definitions, attached to every thing of the record.

A reader of the format looks for whom it may be released to, for terms of use, and for statements. Whatever
marks a part of a foreign document is read as a marking of the whole record: that tells too much, never too
little.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from adapters.case_uco.canvas import Canvas, Members, fits, put, reference
from adapters.case_uco.case import Case
from adapters.case_uco.classes import MARKINGS
from adapters.case_uco.node import Node
from adapters.document import Json
from adapters.loss import Effect
from adapters.mark import TLP_ORDER, stricter_light
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb

ATTACHED: Final = "uco-core:objectMarking"

_RELEASE: Final = "REL TO "
_LEVEL: Final = "Classification: "
_TERMS: Final = "uco-marking:termsOfUse"
_STATEMENT: Final = "uco-marking:statement"
_IDENTITIES: Final = "uco-marking:authorizedIdentities"


def read_handling(case: Case) -> None:
    """Read every marking of the document's nodes into the handling of the record.

    A marking that a node names and the document does not tell is kept by its name, and counts as unknown.
    """
    handling = case.record.header.source_handling
    named = [_named_by(node) for node in case.nodes if not node.part and MARKINGS.isdisjoint(node.types)]
    for iri in dict.fromkeys(iri for iris in named for iri in iris):
        if iri not in case.graph or MARKINGS.isdisjoint(case.graph[iri].types):
            _add(handling, iri)
    terms: list[str] = []
    for node in case.of_class(MARKINGS):
        models = [case.part(iri) for iri in node.references("uco-marking:definition")]
        for model in (one for one in [node, *models] if one is not None):
            terms += _read_model(model, handling)
        if any(node.iri not in iris for iris in named):
            node.lose("uco-marking:definition", Effect.GENERALISED, "marks the record as a whole")
    if terms:
        handling.text = _within_a_text("\n".join(terms), _TERMS)
    if not handling.ByteSize():
        case.record.header.ClearField("source_handling")


def _named_by(node: Node) -> list[str]:
    """Return the markings that a node bears, and those of its parts."""
    return [*node.references(ATTACHED), *node.references("uco-marking:marking")]


def _read_model(model: Node, handling: pb.SourceHandling) -> Iterator[str]:
    """Add what one model says to the codes; yield its terms of use."""
    model.text("uco-marking:definitionType")
    identities = [*model.texts(_IDENTITIES), *_endings(model.references(_IDENTITIES))]
    if identities:
        handling.codes.append(_within_a_text(_RELEASE + ", ".join(identities), model.where(_IDENTITIES)))
    for text in model.texts(_STATEMENT):
        _read_statement(model, text, handling)
    for text in model.texts("uco-marking:license"):
        _add(handling, text)
    if not model.references("uco-marking:definition"):
        # A definition that states its text in itself and in no model.
        for text in model.texts("uco-marking:definition"):
            _add(handling, text)
    yield from model.texts(_TERMS)


def _read_statement(model: Node, text: str, handling: pb.SourceHandling) -> None:
    level = text.removeprefix(_LEVEL)
    if text.upper().startswith("TLP:"):
        light = text.upper()
        handling.traffic_light = stricter_light(handling.traffic_light, light)
        if light not in TLP_ORDER:
            _add(handling, text)
            model.lose(_STATEMENT, Effect.GENERALISED, "is no known traffic light and counts as TLP:RED")
    elif level not in (text, "") and not handling.classification:
        handling.classification = level
    else:
        _add(handling, text)


def _within_a_text(text: str, field: str) -> str:
    """Return a text that a record has room for: of handling nothing is ever left out."""
    if not fits(text):
        raise Malformed("is longer than 64 KiB", field=field, code="too-long")
    return text


def _add(handling: pb.SourceHandling, code: str) -> None:
    if code not in handling.codes:
        handling.codes.append(code)


def _endings(iris: Iterable[str]) -> Iterator[str]:
    """Yield the last part of IRIs, as identities that are named and not spelled out."""
    return (iri.rpartition("/")[2].rpartition(":")[2] for iri in iris)


def write_handling(canvas: Canvas, investigation: Members) -> list[Members]:
    """Return the marking definitions of the record, attached to all its nodes so far."""
    handling = canvas.record.header.source_handling
    seed = str(investigation["@id"])
    said: list[tuple[str, str, Json]] = []
    for code in handling.codes:
        identities = code.removeprefix(_RELEASE).split(", ")
        if code.startswith(_RELEASE) and all(identities):
            said.append(("ReleaseTo", _IDENTITIES, list(identities)))
        else:
            said.append(("Statement", _STATEMENT, code))
    if handling.text:
        said.append(("TermsOfUse", _TERMS, handling.text))
    if handling.classification:
        said.append(("Statement", _STATEMENT, f"{_LEVEL}{handling.classification}"))
    if handling.traffic_light:
        # What is no traffic light must not be read as something looser by anybody.
        light = handling.traffic_light
        said.append(("Statement", _STATEMENT, light if light in TLP_ORDER else TLP_ORDER[-1]))
    readable = [one for one in said if not isinstance(one[2], str) or fits(one[2])]
    definitions = [_definition(canvas, f"{seed}/{number}", *one) for number, one in enumerate(readable)]
    if definitions:
        attached: list[Json] = [reference(str(one["@id"])) for one in definitions]
        for node in canvas.nodes:
            node[ATTACHED] = attached
    canvas.nodes += definitions
    return definitions


_TYPES: Final = {"ReleaseTo": "release-to", "Statement": "statement", "TermsOfUse": "terms-of-use"}


def _definition(canvas: Canvas, seed: str, model: str, name: str, value: Json) -> Members:
    node: Members = {
        "@id": canvas.iri("marking", seed),
        "@type": next(iter(MARKINGS)),
        "uco-marking:definitionType": _TYPES[model],
    }
    part = canvas.part(node, "model", f"uco-marking:{model}Marking")
    part["uco-marking:definitionType"] = _TYPES[model]
    put(part, name, value)
    node["uco-marking:definition"] = [part]
    return node
