"""Disclosures: any subset of the portions verifies, and nothing else does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import Malformed, VerificationFailed
from gateway.record.commitment import leaves
from gateway.record.portion import encode_portion, leaf_of, parse_portion
from gateway.record.vocabulary import AgeClass, RoleClass, Rung
from gateway.release.disclosure import Chosen, VerifiedDisclosure, make_disclosure, verify_disclosure
from gateway.release.protection_class import ProtectionClass
from gateway.release.statement import sign_statement
from gateway.v1 import disclosure_pb2
from keys.signed import SignedType, sign
from tests.release.case import (
    ALL_FIELDS,
    POLICE,
    TO_SHELTER,
    Case,
    Drawn,
    plain_case,
    released,
    signer,
)
from tests.release.spelling import flips, respellings, truncations

CASE = plain_case()
PUBLIC = signer(POLICE).public_key


def key_for(*_asked: object) -> bytes:
    return PUBLIC


def chosen(case: Case, *picked: tuple[str, int] | tuple[str, int, Rung]) -> list[Chosen]:
    """Return portions of a case with the classes they truly have."""
    found = [case.cut(local, field, *rung) for local, field, *rung in picked]
    return [
        (c.leaf, c.data, ProtectionClass(role=c.role, age=c.age, category=c.category, rung=c.rung))
        for c in found
    ]


def shown(*picked: tuple[str, int] | tuple[str, int, Rung]) -> bytes:
    return make_disclosure(CASE.signed, chosen(CASE, *picked))


def verified(data: bytes) -> VerifiedDisclosure:
    return verify_disclosure(data, key_for, TO_SHELTER)


def refused(data: bytes, code: str = "disclosure-invalid") -> str:
    """Return the cause of a refusal."""
    with pytest.raises(VerificationFailed) as refusal:
        verify_disclosure(data, key_for, TO_SHELTER)
    assert refusal.value.code == code
    return refusal.value.facts.get("cause", "")


def test_a_withheld_portion_leaves_no_trace_and_the_rest_still_verifies() -> None:
    disclosure = verified(shown(("v", 3), ("s", 3)))

    assert {(p.entity, p.field) for p in disclosure.portions} == {CASE.key("v", 3), CASE.key("s", 3)}
    assert disclosure.statement == CASE.statement
    assert disclosure.entities == {CASE.names["v"], CASE.names["s"]}
    assert disclosure.unknown_fields == ()


@settings(max_examples=30)
@given(st.sets(st.sampled_from([f for f in ALL_FIELDS if f[0] in "vs"]), min_size=1))
def test_any_subset_of_the_portions_verifies(picked: set[tuple[str, int]]) -> None:
    disclosure = verified(shown(*picked))

    assert len(disclosure.portions) == len(picked)
    assert tuple(map(leaf_of, disclosure.data)) == disclosure.leaves == tuple(sorted(disclosure.leaves))


def test_portions_stand_in_the_order_of_their_leaves_whatever_the_order_given() -> None:
    picked = chosen(CASE, ("v", 3), ("v", 35), ("s", 3))

    assert make_disclosure(CASE.signed, picked) == make_disclosure(CASE.signed, picked[::-1])


def test_a_disclosure_of_nothing_or_of_one_portion_twice_is_not_made() -> None:
    with pytest.raises(Malformed):
        make_disclosure(CASE.signed, [])
    with pytest.raises(Malformed):
        make_disclosure(CASE.signed, chosen(CASE, ("v", 3)) * 2)


def test_a_statement_of_another_record_commits_to_nothing_of_this_one() -> None:
    other = Case(label="another case")

    assert refused(make_disclosure(other.signed, chosen(CASE, ("v", 3)))) == "not-committed"


def test_a_statement_under_another_key_is_refused_as_such() -> None:
    forged = sign_statement(CASE.statement, signer("border.xa"))

    refused(make_disclosure(forged, chosen(CASE, ("v", 3))), "statement-invalid")


def test_a_decoy_cannot_be_shown_as_a_portion() -> None:
    real = {c.leaf for c in CASE.cuts}
    decoy = next(leaf for leaf in CASE.statement.leaves if leaf not in real)
    protection = chosen(CASE, ("v", 3))[0][2]

    refused(make_disclosure(CASE.signed, [(decoy, decoy, protection)]))


def test_two_rungs_of_one_field_are_not_shown_together() -> None:
    both = [("v", 5, Rung.EXACT), ("v", 5, Rung.GENERALISED)]

    assert refused(shown(*both)) == "repeated"


def test_a_portion_twice_or_out_of_order_is_refused() -> None:
    message = disclosure_pb2.Disclosure.FromString(shown(("v", 3), ("v", 35)))
    reverse = disclosure_pb2.Disclosure(
        statement=message.statement,
        portions=list(reversed(message.portions)),
        classes=list(reversed(message.classes)),
    )
    twice = disclosure_pb2.Disclosure(
        statement=message.statement,
        portions=[message.portions[0]] * 2,
        classes=[message.classes[0]] * 2,
    )

    assert refused(reverse.SerializeToString()) == "not-canonical"
    assert refused(twice.SerializeToString()) == "not-canonical"


def test_a_class_stands_beside_every_portion() -> None:
    message = disclosure_pb2.Disclosure.FromString(shown(("v", 3), ("v", 35)))
    del message.classes[1]

    refused(message.SerializeToString())


def test_a_disclosure_without_portions_or_statement_is_refused() -> None:
    message = disclosure_pb2.Disclosure.FromString(shown(("v", 3)))
    message.ClearField("statement")

    refused(message.SerializeToString(), "statement-invalid")
    refused(disclosure_pb2.Disclosure(statement=CASE.signed).SerializeToString())


@pytest.mark.parametrize(
    ("without", "picked"),
    [
        ("the suspect", [("v", 3), ("r", 3)]),
        ("the victim", [("s", 3), ("r", 3)]),
        ("both", [("r", 3)]),
        ("the holder", [("a", 3), ("a", 4)]),
    ],
)
def test_a_link_to_what_is_not_disclosed_is_refused(without: str, picked: list[tuple[str, int]]) -> None:
    del without

    assert refused(shown(*picked)) == "dangling"


def test_a_link_between_disclosed_entities_is_shown() -> None:
    assert len(verified(shown(("v", 3), ("s", 3), ("r", 3), ("a", 3), ("a", 4))).portions) == 5


def _committing_to(portions: Sequence[bytes]) -> bytes:
    """Return a genuine statement over these portions."""
    real = [leaf_of(portion) for portion in portions]
    return sign_statement(replace(CASE.statement, leaves=leaves(real, Drawn("made"))), signer(POLICE))


def test_a_field_of_a_later_version_verifies_and_is_reported() -> None:
    portion = encode_portion(CASE.names["v"], 4000, Rung.EXACT, b"\x82\xfa\x01\x02hi", bytes(16))
    protection = ProtectionClass(
        role=RoleClass.VICTIM, age=AgeClass.MINOR, category="person.name", rung=Rung.EXACT
    )
    data = make_disclosure(_committing_to([portion]), [(leaf_of(portion), portion, protection)])

    disclosure = verified(data)

    assert disclosure.unknown_fields == ((CASE.names["v"], 4000),)
    assert disclosure.data == (portion,)


def test_a_portion_off_its_form_is_refused_even_when_committed_to() -> None:
    genuine = CASE.cut("v", 3).data
    protection = chosen(CASE, ("v", 3))[0][2]

    for portion in respellings(genuine).values():
        data = make_disclosure(_committing_to([portion]), [(leaf_of(portion), portion, protection)])
        refused(data)


@pytest.mark.parametrize("spelling", respellings(shown(("v", 3), ("v", 35))))
def test_another_spelling_of_a_disclosure_is_refused(spelling: str) -> None:
    data = respellings(shown(("v", 3), ("v", 35)))[spelling]

    with pytest.raises(VerificationFailed):
        verify_disclosure(data, key_for, TO_SHELTER)


def test_a_class_in_another_spelling_is_refused() -> None:
    message = disclosure_pb2.Disclosure.FromString(shown(("v", 3)))
    unsorted = disclosure_pb2.Disclosure()
    unsorted.CopyFrom(message)
    unsorted.classes[0].lifts.extend(["VPO:1", "CPO:1"])
    twice = disclosure_pb2.Disclosure()
    twice.CopyFrom(message)
    twice.classes[0].facts.extend([disclosure_pb2.Fact.FACT_NOT_CURRENT] * 2)

    refused(unsorted.SerializeToString())
    refused(twice.SerializeToString())


def test_every_changed_bit_and_every_truncation_of_a_disclosure_is_refused_or_honest_about_it() -> None:
    data = shown(("v", 35), ("v", 3))
    classes = data.index(CASE.cut("v", 3).data[-16:])
    meanings = verified(data)

    for changed in [*flips(data), *truncations(data)]:
        # Only classes are not signed by the originator: the envelope binds them to who attests them.
        try:
            other = verify_disclosure(changed, key_for, TO_SHELTER)
        except VerificationFailed:
            continue
        assert changed[:classes] == data[:classes]
        assert (other.data, other.statement) == (meanings.data, meanings.statement)
        assert other.classes != meanings.classes


@settings(max_examples=150)
@given(st.data())
def test_no_mutation_shows_a_portion_the_originator_did_not_commit_to(data: st.DataObject) -> None:
    genuine = shown(*ALL_FIELDS)
    at = data.draw(st.integers(0, len(genuine)))
    cut_to = data.draw(st.integers(at, min(len(genuine), at + 40)))
    put = data.draw(st.binary(max_size=40))
    changed = genuine[:at] + put + genuine[cut_to:]

    try:
        other = verify_disclosure(changed, key_for, TO_SHELTER)
    except VerificationFailed:
        return

    assert set(other.data) <= {c.data for c in CASE.cuts}
    assert other.signed == CASE.signed


@given(st.binary(max_size=400))
def test_no_bytes_make_the_verifier_fail_in_another_way(data: bytes) -> None:
    with pytest.raises(VerificationFailed):
        verify_disclosure(data, key_for, TO_SHELTER)


def test_a_release_shows_what_its_plan_chose() -> None:
    disclosure = verified(released(CASE, CASE.grants(*ALL_FIELDS)).disclosure)

    assert {(p.entity, p.field, p.rung) for p in map(parse_portion, disclosure.data)} == {
        (*CASE.key(local, field), rung[0] if rung else Rung.EXACT) for local, field, *rung in ALL_FIELDS
    }


def test_a_statement_is_not_taken_from_another_signed_type() -> None:
    body = CASE.signed
    wrong = sign(SignedType.APPROVAL, body, signer(POLICE))

    refused(make_disclosure(wrong, chosen(CASE, ("v", 3))), "statement-invalid")
