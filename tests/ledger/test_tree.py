"""The tree agrees with RFC 6962 and refuses every forged proof of the reference."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import Malformed, VerificationFailed
from gateway.ledger.tree import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    range_root,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from tests.ledger.loaded import raw, raws, vectors

# Upstream takes these two hashes of other lengths for equal roots; a strict verifier checks lengths first.
STRICTER = "additional/sizes-are-equal-one-and-proof-is-empty"


class Grown:
    """A tree with all its stored nodes."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.leaves = leaves
        self.frontier, nodes = Frontier().append(leaves)
        self.nodes = {(level, position): value for level, position, value in nodes}

    def node(self, level: int, position: int) -> bytes:
        return self.nodes[level, position]


@cache
def grown(size: int) -> Grown:
    return Grown([leaf_hash(b"leaf %d" % i) for i in range(size)])


def definition(leaves: list[bytes]) -> bytes:
    """Return the root by the recursive definition, independent of the code under test."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(definition(leaves[:split]), definition(leaves[split:]))


def test_hashes_equal_the_reference() -> None:
    for case in vectors("rfc6962_hashing")["hash_cases"]:
        if case["what"] == "empty tree root":
            assert EMPTY_ROOT.hex() == case["hex"]
        elif case["what"] == "leaf":
            assert leaf_hash(case.get("data_ascii", "").encode()).hex() == case["hex"]
        else:
            assert node_hash(case["left_ascii"].encode(), case["right_ascii"].encode()).hex() == case["hex"]


def test_classic_tree_has_the_reference_roots_nodes_and_frontiers() -> None:
    data = vectors("rfc6962_hashing")
    leaves = [leaf_hash(bytes.fromhex(text)) for text in data["leaf_data_hex"]]

    tree = Grown(leaves)
    frontiers = [Frontier().append(leaves[:size])[0] for size in range(9)]

    assert [f.root().hex() for f in frontiers] == data["root_by_size"]
    for size, hashes in data["compact_range_by_size"].items():
        assert [value.hex() for value in frontiers[int(size)].hashes] == hashes
    for level, row in enumerate(data["complete_subtree_hashes_by_level"]):
        assert [tree.node(level, i).hex() for i in range(len(row))] == row


def test_classic_tree_has_the_reference_proofs() -> None:
    data = vectors("rfc6962_hashing")
    tree = Grown([leaf_hash(bytes.fromhex(text)) for text in data["leaf_data_hex"]])

    for case in data["inclusion_proofs"]:
        proof = inclusion_proof(case["index"], case["size"], tree.node)
        assert [value.hex() for value in proof] == case["proof"]
    for case in data["consistency_proofs"]:
        if case["size1"]:
            proof = consistency_proof(case["size1"], case["size2"], tree.node)
            assert [value.hex() for value in proof] == case["proof"]


def test_inclusion_probes_are_accepted_and_refused_as_the_reference_says() -> None:
    cases = vectors("merkle_inclusion")["cases"]
    assert len(cases) == 98
    for case in cases:
        values = {
            "index": case["leafIdx"],
            "size": case["treeSize"],
            "leaf": raw(case["leafHash"]),
            "proof": raws(case["proof"]),
            "root": raw(case["root"]),
        }
        if case["wantErr"]:
            with pytest.raises(VerificationFailed, match=r".") as refusal:
                verify_inclusion(**values)
            assert refusal.value.code == "proof-invalid"
        else:
            verify_inclusion(**values)


def test_consistency_probes_are_accepted_and_refused_as_the_reference_says() -> None:
    cases = vectors("merkle_consistency")["cases"]
    assert len(cases) == 98
    for case in cases:
        values = {
            "old_size": case["size1"],
            "new_size": case["size2"],
            "old_root": raw(case["root1"]),
            "new_root": raw(case["root2"]),
            "proof": raws(case["proof"]),
        }
        if case["wantErr"] or case["id"] == STRICTER:
            with pytest.raises(VerificationFailed) as refusal:
                verify_consistency(**values)
            assert refusal.value.code == "proof-invalid"
        else:
            verify_consistency(**values)


def test_proofs_of_a_real_log_of_961984013_leaves_verify() -> None:
    data = vectors("ct_argon2020")
    root, size = raw(data["root_b64"]), data["tree_size"]

    verify_inclusion(
        index=data["leaf_index"],
        size=size,
        leaf=raw(data["leaf_hash_b64"]),
        proof=raws(data["inclusion_proof_b64"]),
        root=root,
    )
    verify_consistency(
        old_size=data["old_size"],
        old_root=raw(data["old_root_b64"]),
        new_size=size,
        new_root=root,
        proof=raws(data["consistency_proof_b64"]),
    )


def test_large_tree_has_the_reference_roots_and_proofs() -> None:
    data = vectors("derived_large_tree")
    tree = grown(70_000)

    for size, root in data["root_by_size_hex"].items():
        assert (range_root(0, int(size), tree.node) if int(size) else EMPTY_ROOT).hex() == root
    for case in data["inclusion"]:
        assert inclusion_proof(case["index"], case["size"], tree.node) == raws(case["proof_b64"])
    for case in data["consistency"]:
        assert consistency_proof(case["size1"], case["size2"], tree.node) == raws(case["proof_b64"])


def test_append_returns_every_new_node_in_order_and_equals_growing_at_once() -> None:
    whole, nodes = Frontier().append(grown(70_000).leaves[:777])

    frontier, collected = Frontier(), []
    for start, end in ((0, 1), (1, 300), (300, 300), (300, 777)):
        frontier, new = frontier.append(grown(70_000).leaves[start:end])
        collected += new

    assert frontier == whole
    assert collected == nodes
    assert collected[:4] == [
        (0, 0, nodes[0][2]),
        (0, 1, nodes[1][2]),
        (1, 0, nodes[2][2]),
        (0, 2, nodes[3][2]),
    ]


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 2000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n - 1), st.integers(1, n)))
)
def test_every_proof_round_trips_at_random_sizes(case: tuple[int, int, int]) -> None:
    size, index, old = case
    tree = grown(70_000)
    root, old_root = range_root(0, size, tree.node), range_root(0, old, tree.node)

    inclusion = inclusion_proof(index, size, tree.node)
    consistency = consistency_proof(old, size, tree.node)

    assert root == definition(tree.leaves[:size])
    verify_inclusion(index=index, size=size, leaf=tree.leaves[index], proof=inclusion, root=root)
    verify_consistency(old_size=old, old_root=old_root, new_size=size, new_root=root, proof=consistency)


def test_every_proof_round_trips_in_all_small_trees() -> None:
    tree = grown(70_000)
    roots = [EMPTY_ROOT, *(definition(tree.leaves[:size]) for size in range(1, 35))]
    for size in range(1, 35):
        for index in range(size):
            proof = inclusion_proof(index, size, tree.node)
            verify_inclusion(index=index, size=size, leaf=tree.leaves[index], proof=proof, root=roots[size])
            proof = consistency_proof(index + 1, size, tree.node)
            verify_consistency(
                old_size=index + 1,
                old_root=roots[index + 1],
                new_size=size,
                new_root=roots[size],
                proof=proof,
            )


def _flips(value: bytes, bit: int) -> bytes:
    flipped = bytearray(value)
    flipped[bit // 8 % len(value)] ^= 1 << bit % 8
    return bytes(flipped)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 300), st.data())
def test_one_changed_bit_fails_either_proof(size: int, data: st.DataObject) -> None:
    tree = grown(70_000)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size - 1))
    bit, which = data.draw(st.integers(0, 255)), data.draw(st.integers(0, 20))
    root, old_root = range_root(0, size, tree.node), range_root(0, old, tree.node)
    included = [tree.leaves[index], root, *inclusion_proof(index, size, tree.node)]
    grew = [old_root, root, *consistency_proof(old, size, tree.node)]

    for values in (included, grew):
        values[which % len(values)] = _flips(values[which % len(values)], bit)

    with pytest.raises(VerificationFailed):
        verify_inclusion(index=index, size=size, leaf=included[0], root=included[1], proof=included[2:])
    with pytest.raises(VerificationFailed):
        verify_consistency(old_size=old, old_root=grew[0], new_size=size, new_root=grew[1], proof=grew[2:])


def test_neighbouring_indices_and_sizes_fail_an_inclusion_proof() -> None:
    tree = grown(70_000)
    root, proof = range_root(0, 21, tree.node), inclusion_proof(7, 21, tree.node)
    for index, size in ((6, 21), (8, 21), (-1, 21), (21, 21)):
        with pytest.raises(VerificationFailed):
            verify_inclusion(index=index, size=size, leaf=tree.leaves[7], proof=proof, root=root)


def test_growth_from_nothing_is_no_proof_question() -> None:
    root = grown(70_000).leaves[0]
    with pytest.raises(VerificationFailed):
        verify_consistency(old_size=0, old_root=EMPTY_ROOT, new_size=1, new_root=root, proof=[])
    with pytest.raises(VerificationFailed):
        verify_consistency(old_size=0, old_root=EMPTY_ROOT, new_size=0, new_root=EMPTY_ROOT, proof=[])
    with pytest.raises(Malformed):
        consistency_proof(0, 1, grown(70_000).node)


def test_equal_sizes_need_equal_roots_and_an_empty_proof() -> None:
    one, two = grown(70_000).leaves[:2]
    verify_consistency(old_size=5, old_root=one, new_size=5, new_root=one, proof=[])
    for new_root, proof in ((two, []), (one, [two])):
        with pytest.raises(VerificationFailed):
            verify_consistency(old_size=5, old_root=one, new_size=5, new_root=new_root, proof=proof)


def test_a_frontier_read_from_stored_nodes_equals_the_grown_one() -> None:
    tree = grown(70_000)
    for size in (0, 1, 2, 255, 256, 777, 70_000):
        assert Frontier.of(size, tree.node) == Frontier().append(tree.leaves[:size])[0]


def test_frontier_and_ranges_are_born_valid() -> None:
    with pytest.raises(Malformed):
        Frontier(size=3, hashes=(b"x" * 32,))
    with pytest.raises(Malformed):
        Frontier(size=1, hashes=(b"x",))
    with pytest.raises(Malformed):
        Frontier().append([b"no hash"])
    for start, end in ((0, 0), (1, 3), (2, 5), (-1, 0)):
        with pytest.raises(Malformed):
            range_root(start, end, grown(70_000).node)
    for index in (-1, 4):
        with pytest.raises(Malformed):
            inclusion_proof(index, 4, grown(70_000).node)
    assert root_of([]) == EMPTY_ROOT
