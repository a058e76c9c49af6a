"""Digests of files, with the name of their algorithm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from lxml import etree

from adapters.europol.nodes import Node
from adapters.europol.writing import umf
from adapters.values import HASH_NAMES
from adapters.xml import Element
from gateway.record.folding import squeeze
from gateway.v1 import record_pb2 as pb

_ALGORITHMS: Final = MappingProxyType({squeeze(name): number for number, name in HASH_NAMES.items()})


def write_hash(element: Element, digest: pb.Hash) -> None:
    """Add a digest; an empty one without an algorithm stands where an element must have one."""
    one = etree.SubElement(element, umf("Hash"), algorithm=HASH_NAMES.get(digest.algorithm, ""))
    one.text = digest.value.hex().upper()


def read_hashes(node: Node) -> Iterator[pb.Hash]:
    """Yield the digests of an item; one of an unknown algorithm, or of another length, is kept as a word."""
    for one in node.nodes("Hash"):
        name, digits = one.attribute("algorithm"), one.own_text()
        if not digits:
            continue
        algorithm = _ALGORITHMS.get(squeeze(name))
        value = bytes.fromhex(digits)
        if algorithm is None or len(value) != _LENGTHS.get(algorithm, len(value)):
            node.keep("Hash", f"{name} {digits}")
        else:
            yield pb.Hash(algorithm=pb.HashAlgorithm.ValueType(algorithm), value=value)


_LENGTHS: Final[Mapping[int, int]] = MappingProxyType(
    {
        pb.HASH_ALGORITHM_MD5: 16,
        pb.HASH_ALGORITHM_SHA1: 20,
        pb.HASH_ALGORITHM_SHA256: 32,
        pb.HASH_ALGORITHM_SHA512: 64,
        pb.HASH_ALGORITHM_SHA3_256: 32,
        pb.HASH_ALGORITHM_SHA3_512: 64,
    }
)
"""Digests of a fixed length, in bytes."""
