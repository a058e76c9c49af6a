"""A class beside a portion may say more than what is shown, never less, and no day makes it true."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from gateway.errors import VerificationFailed
from gateway.record.vocabulary import AgeClass, Fact, RoleClass, Rung
from gateway.release.disclosure import make_disclosure, verify_disclosure
from gateway.release.statement import sign_statement
from gateway.v1 import record_pb2 as pb
from tests.release.case import (
    POLICE,
    TO_SHELTER,
    TODAY,
    Case,
    plain_case,
    record,
    signer,
)
from tests.release.test_disclosure import chosen, key_for, refused, verified

CASE = plain_case()
PUBLIC = signer(POLICE).public_key


def _with_class(
    field: tuple[str, int] | tuple[str, int, Rung],
    *beside: tuple[str, int] | tuple[str, int, Rung],
    **changes: Any,
) -> bytes:
    first, *rest = chosen(CASE, field, *beside)
    lying = (first[0], first[1], replace(first[2], **changes))
    return make_disclosure(CASE.signed, [lying, *rest])


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("another rung", _with_class(("v", 3), rung=Rung.COARSE)),
        ("a category the field cannot have", _with_class(("v", 3), category="person.sex")),
        ("a person tied to nobody", _with_class(("v", 3), role=RoleClass.NONE)),
        ("a suspect whose role says victim", _with_class(("v", 3), ("v", 35), role=RoleClass.SUSPECT)),
        ("a witness whose role says victim", _with_class(("v", 3), ("v", 35), role=RoleClass.WITNESS)),
        ("a suspect, on the role itself", _with_class(("v", 35), role=RoleClass.SUSPECT)),
        (
            "a suspect's account that a victim holds",
            _with_class(("a", 3), ("a", 4), ("v", 35), role=RoleClass.SUSPECT),
        ),
        (
            "nobody's account that a victim holds",
            _with_class(("a", 4), ("a", 3), ("v", 35), role=RoleClass.NONE),
        ),
        ("a suspect's tie to a victim", _with_class(("r", 3), ("s", 3), ("v", 35), role=RoleClass.SUSPECT)),
        ("a present address called past", _with_class(("v", 17), facts=frozenset({Fact.NOT_CURRENT}))),
    ],
)
def test_a_class_that_says_less_than_what_is_shown_is_refused(what: str, data: bytes) -> None:
    del what

    assert refused(data) == "contradiction"


@pytest.mark.parametrize(
    "data",
    [
        _with_class(("v", 3), ("s", 35), role=RoleClass.SUSPECT),
        _with_class(("s", 3), ("s", 35), role=RoleClass.VICTIM),
        _with_class(("s", 3), ("s", 7), age=AgeClass.MINOR),
        _with_class(("a", 3), category="account.identity"),
        _with_class(
            ("v", 3), facts=frozenset({Fact.CONSENT_VALID, Fact.SUPPORTS_SUBJECT}), lifts=("CPO:1", "VPO:1")
        ),
    ],
)
def test_a_class_that_nothing_shown_contradicts_or_that_says_more_is_accepted(data: bytes) -> None:
    assert verified(data).statement == CASE.statement


def _minor(**changes: Any) -> Case:
    made = record()
    victim = made.persons[0]
    victim.ClearField("age_status")
    victim.birth.year = 2012
    if "age_status" in changes:
        victim.age_status = pb.AgeStatus.ValueType(changes["age_status"])
    if "age_band" in changes:
        victim.age_band = pb.AgeBand.ValueType(changes["age_band"])
    return Case(made, label="a minor")


@pytest.mark.parametrize(
    ("changes", "beside", "age"),
    [
        ({}, ("v", 5), AgeClass.ADULT),
        ({}, ("v", 5), AgeClass.UNKNOWN),
        ({}, ("v", 5, Rung.GENERALISED), AgeClass.ADULT),
        ({}, ("v", 5, Rung.COARSE), AgeClass.ADULT),
        ({"age_status": pb.AgeStatus.AGE_STATUS_MINOR}, ("v", 7), AgeClass.UNKNOWN),
        ({"age_status": pb.AgeStatus.AGE_STATUS_UNKNOWN}, ("v", 7), AgeClass.ADULT),
        ({"age_band": pb.AgeBand.AGE_BAND_15_17}, ("v", 8), AgeClass.ADULT),
    ],
)
def test_an_age_that_what_is_shown_disproves_is_refused(
    changes: dict[str, Any], beside: tuple[str, int], age: AgeClass
) -> None:
    case = _minor(**changes)
    first, second = chosen(case, ("v", 3), beside)
    lying = (first[0], first[1], replace(first[2], age=age))

    with pytest.raises(VerificationFailed) as refusal:
        verify_disclosure(make_disclosure(case.signed, [lying, second]), key_for, TO_SHELTER)

    assert refusal.value.facts["cause"] == "contradiction"
    assert (
        len(verify_disclosure(make_disclosure(case.signed, [first, second]), key_for, TO_SHELTER).data) == 2
    )


def _sealed(case: Case, on: date) -> bytes:
    """Return the case's statement as signed with another day of sealing."""
    return sign_statement(replace(case.statement, sealed_on=on), signer(POLICE))


def test_a_day_of_sealing_that_has_not_come_is_refused() -> None:
    picked = chosen(CASE, ("v", 3))
    late, just = _sealed(CASE, TODAY + timedelta(days=2)), _sealed(CASE, TODAY + timedelta(days=1))

    assert refused(make_disclosure(late, picked), "statement-invalid") == "sealed-ahead"
    # Clocks differ by less than a day.
    assert verified(make_disclosure(just, picked)).statement.sealed_on == TODAY + timedelta(days=1)


def test_a_minor_does_not_come_of_age_by_a_day_of_sealing_ahead() -> None:
    made = record()
    birth = made.persons[0].birth
    eve = TODAY + timedelta(days=1)
    birth.year, birth.month, birth.day = eve.year - 18, eve.month, eve.day
    case = Case(made, label="on the eve")
    first, second = chosen(case, ("v", 3), ("v", 5))
    grown = [(one[0], one[1], replace(one[2], age=AgeClass.ADULT)) for one in (first, second)]

    with pytest.raises(VerificationFailed) as refusal:
        verified(make_disclosure(_sealed(case, eve), grown))

    assert refusal.value.facts["cause"] == "contradiction"
    of_age = replace(TO_SHELTER, day=eve)
    assert verify_disclosure(make_disclosure(_sealed(case, eve), grown), key_for, of_age).portions


def test_a_refuge_cannot_be_called_a_site() -> None:
    made = record()
    refuge = made.locations.add(id="l", kind=pb.LocationKind.LOCATION_KIND_SHELTER)
    refuge.site.town, refuge.site.country = "Zwolle", "NL"
    case = Case(made, label="a refuge")
    kind, site = chosen(case, ("l", 3), ("l", 4))

    lying = [(leaf, data, replace(c, category="location.site")) for leaf, data, c in (kind, site)]

    with pytest.raises(VerificationFailed) as refusal:
        verify_disclosure(make_disclosure(case.signed, lying), key_for, TO_SHELTER)
    assert refusal.value.facts["cause"] == "contradiction"
    assert len(verify_disclosure(make_disclosure(case.signed, [kind, site]), key_for, TO_SHELTER).data) == 2


def test_abuse_material_cannot_be_called_harmless() -> None:
    made = record()
    made.persons[0].images.add(content=pb.ImageContent.IMAGE_CONTENT_ABUSE_MATERIAL, reference="1")
    case = Case(made, label="an image")
    ((leaf, data, protection),) = chosen(case, ("v", 14))
    lying = replace(protection, facts=frozenset({Fact.NOT_ABUSE_MATERIAL}))

    with pytest.raises(VerificationFailed) as refusal:
        verify_disclosure(make_disclosure(case.signed, [(leaf, data, lying)]), key_for, TO_SHELTER)

    assert refusal.value.facts["cause"] == "contradiction"
