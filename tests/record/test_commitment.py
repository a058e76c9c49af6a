"""The statement: decoys hide how many portions there are, and its bytes have one form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Malformed
from gateway.record.commitment import Statement, leaf_count, leaves, parse_statement, statement_body
from gateway.record.marking import BOTTOM, TOP, Level, statement_part
from gateway.v1 import disclosure_pb2
from tests.record.samples import TODAY, counted_random

RECORD_ID = "0198c0de-0000-7000-8000-000000000001"


def hashes(count: int) -> list[bytes]:
    return [sha256(f"leaf {index}".encode()).digest() for index in range(count)]


def statement(**changes: Any) -> Statement:
    sound = Statement(
        record_id=RECORD_ID,
        version=1,
        supersedes=b"",
        originator="police.nl",
        sealed_on=TODAY,
        marking=statement_part(replace(BOTTOM, level=Level.RESTRICTED)),
        retain_until=date(2029, 12, 31),
        exercise=True,
        leaves=leaves(hashes(20), counted_random()),
    )
    return replace(sound, **changes)


@pytest.mark.parametrize(
    ("real", "total"),
    [(0, 16), (1, 16), (15, 16), (16, 32), (31, 32), (32, 64), (43, 64), (64, 128), (4096, 8192)],
)
def test_there_are_always_decoys_and_always_a_power_of_two(real: int, total: int) -> None:
    found = leaves(hashes(real), counted_random())

    assert leaf_count(real) == len(found) == total
    assert set(hashes(real)) < set(found)
    assert list(found) == sorted(set(found))
    assert all(len(leaf) == 32 for leaf in found)


@given(st.integers(0, 200), st.integers(0, 200))
def test_records_within_one_bucket_have_statements_of_one_length(one: int, other: int) -> None:
    lengths = {
        count: len(statement_body(statement(leaves=leaves(hashes(count), counted_random(str(count))))))
        for count in (one, other)
    }

    if leaf_count(one) == leaf_count(other):
        assert lengths[one] == lengths[other]


def test_decoys_that_collide_are_drawn_again() -> None:
    answers = [hashes(1)[0] * 15, *(counted_random()(32 * 15) for _ in range(3))]

    found = leaves(hashes(1), lambda size: answers.pop(0)[:size].ljust(size, b"x"))

    assert len(found) == 16
    assert not answers or len(answers) < 3


def test_two_equal_leaves_are_an_error_of_the_maker() -> None:
    with pytest.raises(ValueError, match="one leaf hash"):
        leaves(hashes(2) + hashes(1), counted_random())


def test_a_statement_reads_back_as_it_was_made() -> None:
    for made in (
        statement(),
        statement(version=2, supersedes=bytes(32), exercise=False),
        statement(marking=TOP),
        statement(leaves=leaves(hashes(500), counted_random())),
    ):
        assert parse_statement(statement_body(made)) == made


def test_leaves_are_looked_up() -> None:
    made = statement()

    assert all(made.holds(leaf) for leaf in hashes(20))
    assert not made.holds(bytes(32))
    assert not made.holds(b"\xff" * 32)
    assert not made.holds(hashes(1)[0][:31])


def test_the_audience_stays_out_of_the_bytes_even_if_the_maker_leaves_it_in() -> None:
    marking = replace(
        BOTTOM,
        rel=frozenset({"police.ro"}),
        excl=frozenset({"police.xx"}),
        compart=frozenset({"blue"}),
        notes=frozenset({"ask first"}),
    )

    body = statement_body(statement(marking=marking))

    for word in (b"police.ro", b"police.xx", b"blue", b"ask first"):
        assert word not in body
    assert parse_statement(body).marking == statement_part(marking)


SPOILT: dict[str, tuple[Callable[[disclosure_pb2.Statement], object], str]] = {
    "no leaves": (lambda s: s.ClearField("leaves"), "bad-leaves"),
    "id of another version": (
        lambda s: setattr(s, "record_id", "0198c0de-0000-4000-8000-000000000001"),
        "bad-id",
    ),
    "version nought": (lambda s: setattr(s, "version", 0), "bad-version"),
    "first version supersedes": (lambda s: setattr(s, "supersedes", bytes(32)), "bad-digest"),
    "second version supersedes nothing": (lambda s: setattr(s, "version", 2), "bad-digest"),
    "hostile originator": (lambda s: setattr(s, "originator", 'police.nl"::'), "bad-agency-id"),
    "impossible day": (lambda s: setattr(s, "sealed_on", "2026-02-30"), "bad-date"),
    "day in other figures": (lambda s: setattr(s, "retain_until", "2029-1-1"), "bad-date"),
    "fifteen leaves": (lambda s: s.leaves.pop(), "bad-leaves"),
    "a leaf twice": (lambda s: s.leaves.__setitem__(1, s.leaves[0]), "bad-leaves"),
    "leaves out of order": (lambda s: s.leaves.__setitem__(0, b"\xff" * 32), "bad-leaves"),
    "a short leaf": (lambda s: s.leaves.__setitem__(0, b"\x00"), "bad-leaves"),
    "a long leaf": (lambda s: s.leaves.__setitem__(0, bytes(33)), "bad-leaves"),
}


@pytest.mark.parametrize(("change", "code"), SPOILT.values(), ids=SPOILT.keys())
def test_a_spoilt_statement_is_refused(
    change: Callable[[disclosure_pb2.Statement], object], code: str
) -> None:
    message = disclosure_pb2.Statement.FromString(statement_body(statement()))
    change(message)

    with pytest.raises(Malformed) as refusal:
        parse_statement(message.SerializeToString(deterministic=True))

    assert refusal.value.code == code


@pytest.mark.parametrize(
    "name",
    ["record_id", "version", "supersedes", "originator", "sealed_on", "marking", "retain_until", "exercise"],
)
def test_every_member_of_a_statement_is_required(name: str) -> None:
    message = disclosure_pb2.Statement.FromString(statement_body(statement()))
    message.ClearField(name)  # type: ignore[arg-type]

    with pytest.raises(Malformed) as refusal:
        parse_statement(message.SerializeToString(deterministic=True))

    assert (refusal.value.code, refusal.value.field) == ("required", f"statement.{name}")


def test_an_equivalent_encoding_of_a_statement_is_refused() -> None:
    body = statement_body(statement())

    for bytes_ in (
        body + b"\x10\x01",
        b"\x10\x01" + body,
        body + b"\x52\x00",
        body.replace(b"\x10\x01", b"\x10\x81\x00", 1),
        body[:-1],
    ):
        with pytest.raises(Malformed):
            parse_statement(bytes_)


def test_a_foreign_marking_nobody_understands_is_nobodys() -> None:
    message = disclosure_pb2.Statement.FromString(statement_body(statement()))
    message.marking.policy_id = "other/3"

    assert parse_statement(message.SerializeToString(deterministic=True)).marking is TOP


def test_a_foreign_statement_cannot_widen_its_audience() -> None:
    message = disclosure_pb2.Statement.FromString(statement_body(statement()))
    message.marking.rel_all = True

    assert parse_statement(message.SerializeToString(deterministic=True)).marking.rel == frozenset()
