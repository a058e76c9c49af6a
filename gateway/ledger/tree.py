"""The Merkle tree: hashes, growth, proofs and their verification.

Every hash is 32 raw bytes of SHA-256. A perfect subtree is named (level, position): it covers the entries
`[position << level, (position + 1) << level)`; level 0 holds the leaf hashes.

Source: RFC 6962 section 2.1; RFC 9162 sections 2.1.3.2 and 2.1.4.2 (verification).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from gateway.errors import Malformed, VerificationFailed

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()
_PATH_MAX: Final = 126  # Of a consistency proof between sizes below 2^63.

NodeAt = Callable[[int, int], bytes]
"""Returns the stored hash of the perfect subtree (level, position)."""

NewNode = tuple[int, int, bytes]
"""Level, position, hash of a perfect subtree that an append completed."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the leaf hash of entry bytes."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier:
    """The right edge of a tree: all that is needed to grow it.

    `hashes` are the roots of the perfect subtrees that `size` decomposes into, largest first.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise Malformed("does not hold one hash per one-bit of the size", field="frontier")
        if not _are_hashes(self.hashes):
            raise Malformed("holds a hash that is not 32 bytes", field="frontier")

    @classmethod
    def of(cls, size: int, node: NodeAt) -> Frontier:
        """Return the frontier of a stored tree, reading O(log n) nodes."""
        return cls(size=size, hashes=tuple(node(level, at) for level, at in _subtrees(0, size)))

    def append(self, leaves: Sequence[bytes]) -> tuple[Frontier, list[NewNode]]:
        """Return the grown frontier and every newly completed perfect subtree, leaves included.

        `leaves` are leaf hashes. The nodes come in the order they are completed: each leaf, then the
        subtrees it closes.
        """
        if not _are_hashes(leaves):
            raise Malformed("is not 32 bytes", field="leaf")
        stack, size = list(self.hashes), self.size
        nodes: list[NewNode] = []
        for leaf in leaves:
            level, position, carry = 0, size, leaf
            nodes.append((0, position, carry))
            while position & 1:
                carry = node_hash(stack.pop(), carry)
                level, position = level + 1, position >> 1
                nodes.append((level, position, carry))
            stack.append(carry)
            size += 1
        return Frontier(size=size, hashes=tuple(stack)), nodes

    def root(self) -> bytes:
        """Return the tree's root; SHA-256 of nothing for the empty tree."""
        return _fold(self.hashes) if self.hashes else EMPTY_ROOT


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes."""
    return Frontier().append(leaves)[0].root()


def range_root(start: int, end: int, node: NodeAt) -> bytes:
    """Return the root over entries [start, end), from O(log n) stored perfect subtrees.

    Raises:
        Malformed: the range is empty, or `start` is not a multiple of the smallest power of two that is
            at least the range's length (then the range is no subtree).
    """
    length = end - start
    if length <= 0 or start < 0 or start & ((1 << (length - 1).bit_length()) - 1):
        raise Malformed("is not the range of a subtree", field="range")
    return _fold([node(level, at) for level, at in _subtrees(start, length)])


def inclusion_proof(index: int, size: int, node: NodeAt) -> list[bytes]:
    """Return the sibling hashes of entry `index` in the tree of `size`, from the leaf upwards.

    Raises:
        Malformed: the index lies outside the tree.
    """
    if not 0 <= index < size:
        raise Malformed("lies outside the tree", field="index")
    inner, _ = _path_shape(index, size)
    proof = [node(level, (index >> level) ^ 1) for level in range(inner - 1)]
    if inner:
        # At the level where the ways to `index` and to the last entry part, the sibling is the ragged edge.
        proof.append(range_root(((index >> (inner - 1)) ^ 1) << (inner - 1), size, node))
    proof.extend(
        node(level, (index >> level) ^ 1) for level in range(inner, size.bit_length()) if index >> level & 1
    )
    return proof


def consistency_proof(old: int, new: int, node: NodeAt) -> list[bytes]:
    """Return the proof that the tree of size `old` is a prefix of the tree of size `new`, deepest first.

    Raises:
        Malformed: not 0 < old <= new ("from nothing" is no proof question).
    """
    if not 0 < old <= new:
        raise Malformed("is not between 1 and the new size", field="old")
    proof: list[bytes] = []
    start, end, whole = 0, new, True
    while old != end:
        split = start + (1 << (end - start - 1).bit_length() - 1)
        if old <= split:
            proof.append(range_root(split, end, node))
            end = split
        else:
            proof.append(range_root(start, split, node))
            start, whole = split, False
    if not whole:
        proof.append(range_root(start, end, node))
    proof.reverse()
    return proof


def verify_inclusion(*, index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Verify that the leaf hash stands at `index` of the tree (size, root).

    Raises:
        VerificationFailed: code `proof-invalid`.
    """
    if not 0 <= index < size:
        raise _invalid("index lies outside the tree")
    inner, border = _path_shape(index, size)
    # The length is fixed by (index, size): checked before anything is hashed.
    if len(proof) != inner + border:
        raise _invalid("inclusion proof has another length")
    if not _are_hashes((leaf, root, *proof)):
        raise _invalid("leaf, root or proof hash is not 32 bytes")
    computed = leaf
    for level, sibling in enumerate(proof):
        if level >= inner or index >> level & 1:
            computed = node_hash(sibling, computed)
        else:
            computed = node_hash(computed, sibling)
    if computed != root:
        raise _invalid("inclusion proof does not lead to the root")


def verify_consistency(
    *, old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Verify that the tree (old_size, old_root) is a prefix of (new_size, new_root).

    An old size of 0 is refused: nothing is a prefix of anything, so the caller decides what it means.

    Raises:
        VerificationFailed: code `proof-invalid`.
    """
    if not 0 < old_size <= new_size:
        raise _invalid("old size is not between 1 and the new size")
    if not _are_hashes((old_root, new_root, *proof)):
        raise _invalid("a root or proof hash is not 32 bytes")
    if old_size == new_size:
        if proof or old_root != new_root:
            raise _invalid("one size has two roots, or a proof where none belongs")
        return
    if not proof or len(proof) > _PATH_MAX:
        raise _invalid("consistency proof is empty or too long")
    # A tree of a power of two is itself a subtree of the new one: its root is not repeated in the proof.
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if _walk(old_size - 1, new_size - 1, path) != (old_root, new_root):
        raise _invalid("consistency proof does not lead to both roots")


def _walk(fn: int, sn: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Return the old and the new root a consistency path leads to; numbered after RFC 9162 2.1.4.2."""
    while fn & 1:  # 4
        fn, sn = fn >> 1, sn >> 1
    old = new = path[0]  # 5
    for sibling in path[1:]:  # 6
        if sn == 0:
            raise _invalid("consistency proof is too long")
        if fn & 1 or fn == sn:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            new = node_hash(new, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn:  # 7
        raise _invalid("consistency proof is too short")
    return old, new


def _path_shape(index: int, size: int) -> tuple[int, int]:
    """Return how many siblings lie below, and how many on or above, the tree's ragged right edge."""
    inner = (index ^ (size - 1)).bit_length()
    return inner, (index >> inner).bit_count()


def _subtrees(start: int, length: int) -> Iterator[tuple[int, int]]:
    """Yield the perfect subtrees (level, position) that a range decomposes into, largest first."""
    for level in range(length.bit_length() - 1, -1, -1):
        if length >> level & 1:
            yield level, start >> level
            start += 1 << level


def _fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over perfect subtrees given largest first."""
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def _are_hashes(values: Sequence[bytes]) -> bool:
    return all([len(value) == HASH_BYTES for value in values])


def _invalid(reason: str) -> VerificationFailed:
    return VerificationFailed(reason, code="proof-invalid", field="proof")
