"""Hashes: UCO names algorithms without a hyphen and writes values in hexadecimal digits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from adapters.case_uco.canvas import Canvas, Members, put, typed
from adapters.case_uco.case import Case
from adapters.case_uco.node import Node
from adapters.case_uco.own_json import fault_of
from adapters.document import Json
from adapters.loss import Effect
from adapters.values import HASH_NAMES
from gateway.errors import Malformed
from gateway.record.folding import squeeze
from gateway.v1 import record_pb2 as pb

# As UCO's HashNameVocab spells them; a plain word since UCO 1.4, whatever it lists.
_WRITTEN: Final[Mapping[int, str]] = MappingProxyType(
    {**HASH_NAMES, pb.HASH_ALGORITHM_SHA1: "SHA1"}
    | {pb.HASH_ALGORITHM_SHA256: "SHA256", pb.HASH_ALGORITHM_SHA512: "SHA512"}
)
_READ: Final[Mapping[str, int]] = MappingProxyType({squeeze(name): one for one, name in HASH_NAMES.items()})


def read_hashes(case: Case, facet: Node) -> Iterator[pb.Hash]:
    """Yield the hashes of a facet; one of an algorithm that a record does not know is noted as lost.

    Raises:
        Malformed: code `bad-hash`: a value that is no digits, or not as long as its algorithm makes it.
    """
    for iri in facet.references("uco-observable:hash"):
        node = case.part(iri)
        if node is None:
            continue
        method = node.text("uco-types:hashMethod")
        digits = node.text("uco-types:hashValue")
        algorithm = _READ.get(squeeze(method))
        if algorithm is None or not digits:
            if digits:
                node.lose("uco-types:hashValue", Effect.DROPPED, "its algorithm is not known")
            continue
        found = pb.Hash(algorithm=pb.HashAlgorithm.ValueType(algorithm))
        try:
            found.value = bytes.fromhex(digits)
        except ValueError:
            if algorithm in (pb.HASH_ALGORITHM_SSDEEP, pb.HASH_ALGORITHM_TLSH):
                node.lose("uco-types:hashValue", Effect.DROPPED, "is not written in hexadecimal digits")
                continue
            raise _bad_hash(node, "is not written in hexadecimal digits") from None
        if fault_of(found) is not None:
            raise _bad_hash(node, "is not as long as its algorithm makes it")
        yield found


def write_hashes(canvas: Canvas, owner: Members, hashes: Iterable[pb.Hash], what: str) -> Json:
    """Return the hashes as parts of a node; one that no reader could check is left out."""
    written: list[Json] = []
    for number, one in enumerate(hashes):
        name = _WRITTEN.get(one.algorithm)
        if name is None or fault_of(one) is not None:
            continue
        node = canvas.part(owner, f"{what}-{number}", "uco-types:Hash")
        put(node, "uco-types:hashMethod", name)
        put(node, "uco-types:hashValue", typed(one.value.hex(), "xsd:hexBinary"))
        written.append(node)
    return written


def _bad_hash(node: Node, why: str) -> Malformed:
    return Malformed(why, field=node.where("uco-types:hashValue"), code="bad-hash")
