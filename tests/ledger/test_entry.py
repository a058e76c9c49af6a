"""Entries: one spelling, closed member sets, nothing missing and nothing more."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import GatewayError, Malformed
from gateway.ledger.entry import (
    Direction,
    Draft,
    EntryKind,
    FinalCode,
    InBandCode,
    counts_in_pair,
    encode,
    parse,
    receipt_digest,
    travels,
)
from gateway.ledger.kinds import MEMBERS
from gateway.ledger.members import CODECS
from tests.ledger.ledgers import sealed
from tests.ledger.samples import SAMPLE, UUID, encoded, sample


def test_every_number_of_the_protocol_has_its_kind_and_26_has_none() -> None:
    assert sorted(EntryKind) == [n for n in range(1, 39) if n != 26]
    assert set(MEMBERS) == set(EntryKind)
    assert set().union(*(m.required | m.optional for m in MEMBERS.values())) == set(CODECS)


@pytest.mark.parametrize("kind", EntryKind)
@pytest.mark.parametrize("optional", [True, False])
def test_every_kind_round_trips(kind: EntryKind, optional: bool) -> None:
    entry = parse(encoded(kind, optional=optional))
    for name, value in sample(kind, optional=optional).items():
        assert getattr(entry, name) == value
    assert (entry.at, entry.blind, entry.pair_seq) == (5, b"\x0b" * 16, 1 if travels(kind) else None)


def test_a_submitted_entry_holds_exactly_five_members() -> None:
    assert json.loads(encoded(EntryKind.SUBMITTED)).keys() == {"v", "kind", "at", "blind", "commit"}


def test_travelling_entries_hold_exactly_the_members_of_the_protocol() -> None:
    common = {"v", "kind", "at", "exchange", "message", "peer", "direction", "pair_seq", "envelope", "blind"}
    for kind in (EntryKind.RELEASED, EntryKind.SENT):
        assert json.loads(encoded(kind)).keys() == common | {"commit", "peer_head"}
        assert json.loads(encoded(kind, optional=False)).keys() == common | {"commit"}
    assert json.loads(encoded(EntryKind.RECEIVED)).keys() == common | {"peer_head"}
    for kind in (EntryKind.REFUSED, EntryKind.QUARANTINED):
        assert json.loads(encoded(kind)).keys() == common | {"peer_head", "code"}


@pytest.mark.parametrize("kind", EntryKind)
def test_a_member_too_few_or_too_many_is_refused(kind: EntryKind) -> None:
    values = sample(kind)
    for name in MEMBERS[kind].required:
        with pytest.raises(Malformed):
            Draft(**{**values, name: None})
    for name in SAMPLE.keys() - values.keys():
        with pytest.raises(Malformed):
            Draft(**{**values, name: SAMPLE[name]})


@pytest.mark.parametrize("kind", EntryKind)
def test_in_bytes_too_a_member_too_few_or_too_many_is_refused(kind: EntryKind) -> None:
    members = json.loads(encoded(kind))
    for name in members.keys() - MEMBERS[kind].optional:
        with pytest.raises(Malformed):
            parse(_bytes({key: value for key, value in members.items() if key != name}))
    for name, value in (
        ("note", "x"),
        ("pair_seq", 1),
        ("about", 0),
        ("code", "quota"),
        ("digest", "ab" * 32),
    ):
        if name not in members and name not in MEMBERS[kind].optional:
            with pytest.raises(Malformed):
                parse(_bytes({**members, name: value}))


def _bytes(members: dict[str, Any]) -> bytes:
    return json.dumps(members, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (EntryKind.RELEASED, "v", 2),
        (EntryKind.RELEASED, "v", True),
        (EntryKind.RELEASED, "kind", 26),
        (EntryKind.RELEASED, "kind", 39),
        (EntryKind.RELEASED, "kind", "6"),
        (EntryKind.RELEASED, "kind", True),
        (EntryKind.RELEASED, "at", -1),
        (EntryKind.RELEASED, "at", True),
        (EntryKind.RELEASED, "at", "5"),
        (EntryKind.RELEASED, "at", 2**53),
        (EntryKind.RELEASED, "blind", "0b" * 15),
        (EntryKind.RELEASED, "blind", "0B" * 16),
        (EntryKind.RELEASED, "blind", None),
        (EntryKind.RELEASED, "pair_seq", 0),
        (EntryKind.RELEASED, "pair_seq", True),
        (EntryKind.RELEASED, "pair_seq", "1"),
        (EntryKind.RELEASED, "envelope", "AB" * 32),
        (EntryKind.RELEASED, "envelope", "ab" * 31),
        (EntryKind.RELEASED, "envelope", 7),
        (EntryKind.RELEASED, "exchange", UUID.upper()),
        (EntryKind.RELEASED, "exchange", UUID.replace("-7", "-4", 1)),
        (EntryKind.RELEASED, "exchange", UUID.replace("-", "")),
        (EntryKind.RELEASED, "peer", "Police.ro"),
        (EntryKind.RELEASED, "peer", "police"),
        (EntryKind.RELEASED, "peer", ["police.ro"]),
        (EntryKind.RELEASED, "direction", "in"),
        (EntryKind.RELEASED, "direction", "sideways"),
        (EntryKind.RECEIVED, "direction", "out"),
        (
            EntryKind.RELEASED,
            "peer_head",
            {"origin": "comity.ledger/police.nl/1", "root": "ab" * 32, "size": 7},
        ),
        (EntryKind.RELEASED, "peer_head", {"origin": "police.ro", "root": "ab" * 32, "size": 7}),
        (EntryKind.RELEASED, "peer_head", {"origin": "comity.ledger/police.ro/1", "root": "ab" * 32}),
        (
            EntryKind.RELEASED,
            "peer_head",
            {"origin": "comity.ledger/police.ro/1", "root": "ab" * 32, "size": True},
        ),
        (EntryKind.RELEASED, "peer_head", "head"),
        (EntryKind.REFUSED, "code", "quota"),
        (EntryKind.REFUSED, "code", "because"),
        (EntryKind.REFUSED, "code", "Expired"),
        (EntryKind.DECIDED, "outcome", "maybe"),
        (EntryKind.DECIDED, "duties", ["VPO:2", "CPO:1"]),
        (EntryKind.DECIDED, "duties", ["CPO:1", "CPO:1"]),
        (EntryKind.DECIDED, "duties", ["CPO"]),
        (EntryKind.DECIDED, "duties", ["KING:1"]),
        (EntryKind.DECIDED, "duties", "CPO:1"),
        (EntryKind.DECIDED, "rules", ["B", "A"]),
        (EntryKind.DECIDED, "rules", ["a rule in words"]),
        (EntryKind.DECIDED, "rules", [1]),
        (EntryKind.DECIDED, "commits", [{"commit": "ab" * 32, "type": "actor", "why": "x"}]),
        (EntryKind.DECIDED, "commits", [{"commit": "ab" * 32, "type": "name"}]),
        (EntryKind.DECIDED, "commits", [{"commit": "ab" * 32, "type": "actor"}] * 2),
        (EntryKind.DECIDED, "commits", {}),
        (EntryKind.DELIVERED, "about", -1),
        (EntryKind.DELIVERED, "about", True),
        (EntryKind.APPROVED, "duty", "VPO:1"),
        (EntryKind.REFUSED_SUMMARY, "codes", {"expired": 1}),
        (EntryKind.REFUSED_SUMMARY, "codes", {"quota": 0}),
        (EntryKind.REFUSED_SUMMARY, "codes", {"quota": True}),
        (EntryKind.REFUSED_SUMMARY, "codes", []),
        (EntryKind.OPENED, "origin", "comity.ledger/police.nl/0"),
        (EntryKind.OPENED, "vkeys", ["a+b"]),
        (EntryKind.OFFICER_CHANGED, "person", "ab" * 32),
        (EntryKind.SEARCHED, "hit", 1),
    ],
)
def test_a_member_off_its_form_is_refused(kind: EntryKind, name: str, value: object) -> None:
    members = json.loads(encoded(kind))
    assert parse(_bytes(members)).kind is kind
    with pytest.raises(Malformed):
        parse(_bytes({**members, name: value}))


def test_the_same_entry_in_other_bytes_is_refused() -> None:
    data = encoded(EntryKind.RELEASED)
    members = json.loads(data)
    swapped = json.dumps(dict(reversed(members.items())), separators=(",", ":")).encode()
    others = [
        data + b"\n",
        b" " + data,
        json.dumps(members, sort_keys=True).encode(),
        swapped,
        data[:-1] + b',"v":1}',
        data.replace(b'"at":5', b'"at":5,"at":5'),
        data.replace(b'"at":5', b'"at":6,"at":5'),
        data.replace(b'"at":5', b'"at":5.0'),
        data.replace(b'"at":5', b'"at":5e0'),
        data.replace(b"police.ro", b"polic\\u0065.ro"),
        data.decode().encode("utf-16"),
        b"\xef\xbb\xbf" + data,
    ]
    assert all(other != data for other in others)
    for other in others:
        with pytest.raises(Malformed):
            parse(other)


@given(st.integers(0, 10_000), st.integers(1, 255), st.sampled_from(list(EntryKind)))
def test_a_changed_byte_gives_another_entry_or_none(at: int, change: int, kind: EntryKind) -> None:
    data = encoded(kind)
    changed = bytearray(data)
    changed[at % len(data)] ^= change
    try:
        entry = parse(bytes(changed))
    except GatewayError as refusal:
        assert isinstance(refusal, Malformed)
    else:
        assert entry != parse(data)


def test_a_predecessor_is_an_earlier_ledger_of_the_same_agency() -> None:
    values = sample(EntryKind.OPENED)
    for origin in ("comity.ledger/police.nl/2", "comity.ledger/police.ro/1"):
        with pytest.raises(Malformed):
            Draft(**{**values, "predecessor": replace(values["predecessor"], origin=origin)})


def test_an_entry_over_8192_bytes_is_refused() -> None:
    rules = tuple(f"R{n:060d}" for n in range(200))
    draft = Draft(**{**sample(EntryKind.DECIDED), "rules": rules})
    with pytest.raises(Malformed) as refusal:
        encode(draft, at=1, pair_seq=None, blind=bytes(16))
    assert refusal.value.code == "too-large"
    with pytest.raises(Malformed):
        parse(b'{"a":"' + b"x" * 8192 + b'"}')


@pytest.mark.parametrize(
    "changes",
    [{"at": -1}, {"at": 2**53}, {"pair_seq": None}, {"pair_seq": 0}, {"blind": b""}, {"blind": bytes(17)}],
)
def test_time_blind_and_pair_sequence_are_checked_when_encoding(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        encode(
            sealed(EntryKind.RELEASED, "police.ro"), **{"at": 1, "pair_seq": 1, "blind": bytes(16), **changes}
        )


def test_only_travelling_kinds_count_in_a_pair_and_each_in_one_direction() -> None:
    counted = {(kind, way) for kind in EntryKind for way in Direction if counts_in_pair(kind, way)}
    assert counted == {
        (EntryKind.RELEASED, Direction.OUT),
        (EntryKind.SENT, Direction.OUT),
        (EntryKind.RECEIVED, Direction.IN),
        (EntryKind.REFUSED, Direction.IN),
        (EntryKind.QUARANTINED, Direction.IN),
    }
    assert not any(counts_in_pair(kind, None) for kind in EntryKind)
    with pytest.raises(Malformed):
        encode(Draft(kind=EntryKind.FILLER), at=1, pair_seq=1, blind=bytes(16))


def test_final_and_in_band_codes_share_no_word() -> None:
    assert not {code.value for code in FinalCode} & {code.value for code in InBandCode}


def test_a_receipt_is_named_by_its_entry_bytes_alone() -> None:
    data = encoded(EntryKind.RECEIVED)
    assert receipt_digest(data) == receipt_digest(bytes(data))
    assert receipt_digest(data) != receipt_digest(encoded(EntryKind.REFUSED))
