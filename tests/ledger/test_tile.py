"""Tiles, bundles and their paths against the reference."""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Malformed
from gateway.ledger.tile import (
    Tile,
    bundle_bytes,
    entries_path,
    parse_tile_path,
    split_bundle,
    split_tile,
    tile_bytes,
    tile_path,
    tiles_of,
)
from tests.ledger.loaded import vectors
from tests.ledger.test_tree import grown


def test_paths_equal_the_reference() -> None:
    data = vectors("tile_paths")
    for case in data["index_to_path"]:
        assert tile_path(0, case["n"]) == f"tile/0/{case['path']}"
    for case in data["tile_path"]:
        assert tile_path(case["level"], case["n"], case["w"]) == case["path"]
    for case in data["entries_path_for_index"]:
        n = case["index"] // 256
        width = case["size"] % 256 if n == case["size"] // 256 else 0
        assert entries_path(n, width) == case["path"]


def test_reference_paths_parse_or_are_refused() -> None:
    data = vectors("tile_paths")
    for case in data["parse_ok"]:
        tile = parse_tile_path(f"tile/{case['level']}/{case['index']}")
        assert list(tile) == case["want"]
        assert tile.path == f"tile/{case['level']}/{case['index']}"
    for case in [*data["parse_reject"], *data["parse_reject_extra_by_spec_text"]]:
        with pytest.raises(Malformed):
            parse_tile_path(f"tile/{case['level']}/{case['index']}")


@given(st.none() | st.integers(0, 63), st.integers(0, 10**18 - 1), st.integers(0, 255))
def test_every_path_parses_to_its_tile(level: int | None, n: int, width: int) -> None:
    assert parse_tile_path(Tile(level, n, width).path) == Tile(level, n, width)


@given(st.text(alphabet="tile/entris0123456789xp.", max_size=30))
def test_what_parses_is_the_one_spelling(tail: str) -> None:
    try:
        tile = parse_tile_path(f"tile/{tail}")
    except Malformed:
        return
    assert tile.path == f"tile/{tail}"


def test_shapes_equal_the_reference() -> None:
    for case in vectors("tile_paths")["shape"]:
        tiles = tiles_of(case["size"])
        for level in range(3):
            row = [tile for tile in tiles if tile.level == level]
            if f"level{level}_full" in case:
                assert sum(not tile.width for tile in row) == case[f"level{level}_full"]
                assert sum(tile.width for tile in row) == case[f"level{level}_partial"]
    assert tiles_of(0) == []


def test_tiles_and_bundles_at_eight_sizes_have_the_reference_digests() -> None:
    tree = grown(70_000)
    for size_text, case in vectors("derived_large_tree")["tiles_by_size"].items():
        size = int(size_text)
        paths = {tile.path: tile for tile in tiles_of(size)}
        assert len(paths) == sum(
            row.get("full", row.get("full_bundles")) + bool(row["partial_width"])
            for row in [*case["tiles"], case["entries"]]
        )
        for row in case["tiles"]:
            for want in filter(None, (row["last_full"], row["partial"])):
                assert sha256(tile_bytes(paths[want["path"]], tree.node)).hexdigest() == want["sha256"]
        for want in filter(None, (case["entries"].get("last_full"), case["entries"].get("partial"))):
            tile = paths[want["path"]]
            entries = [b"leaf %d" % i for i in range(tile.n * 256, tile.n * 256 + tile.held)]
            assert sha256(bundle_bytes(entries)).hexdigest() == want["sha256"]


def test_a_small_real_log_has_the_same_bytes() -> None:
    data = vectors("tile_log_small")
    entries = [text.encode() for text in data["entries_utf8"]]
    assert bundle_bytes(entries).hex() == data["entry_bundle_000_p_15_hex"]
    assert bundle_bytes(entries[:3]).hex() == data["entry_bundle_000_p_3_hex"]
    assert split_bundle(bundle_bytes(entries)) == entries
    assert (
        b"".join(split_tile(bytes.fromhex(data["tile_0_000_p_15_hex"]))).hex() == data["tile_0_000_p_15_hex"]
    )


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=20), st.data())
def test_a_bundle_splits_into_its_entries_and_no_cut_passes(
    entries: list[bytes], data: st.DataObject
) -> None:
    bundle = bundle_bytes(entries)
    assert split_bundle(bundle) == entries
    cut = data.draw(st.integers(0, len(bundle) - 1))
    with suppress(Malformed):
        read = split_bundle(bundle[:cut])
        assert read == entries[: len(read)]


def test_bundles_and_tiles_off_their_form_are_refused() -> None:
    for entries in ([], [b"x" * 65_536], [b""] * 257):
        with pytest.raises(Malformed):
            bundle_bytes(entries)
    for data in (b"", b"\x00", b"\x00\x02a", b"\x00\x00" * 257):
        with pytest.raises(Malformed):
            split_bundle(data)
    for data in (b"", b"x" * 31, b"x" * 33, b"x" * 32 * 257):
        with pytest.raises(Malformed):
            split_tile(data)
    with pytest.raises(Malformed):
        tile_bytes(Tile(None, 0, 1), grown(70_000).node)
