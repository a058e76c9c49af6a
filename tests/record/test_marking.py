"""The marking lattice, and its reading: what is not stated is strict, what is unknown is nobody's."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given

from gateway.errors import Malformed
from gateway.record.marking import (
    BOTTOM,
    TOP,
    Holders,
    Level,
    Marking,
    PermittedAction,
    dominates,
    from_message,
    join,
    meet,
    read_foreign,
    statement_part,
    to_message,
)
from gateway.record.vocabulary import ConsentKind, Provenance, Purpose
from gateway.v1 import marking_pb2
from tests.record.markings import ANY_MARKINGS, MARKINGS


@given(ANY_MARKINGS, ANY_MARKINGS, ANY_MARKINGS)
def test_join_and_meet_form_a_lattice(a: Marking, b: Marking, c: Marking) -> None:
    for combine in (join, meet):
        assert combine(a, a) == a
        assert combine(a, b) == combine(b, a)
        assert combine(combine(a, b), c) == combine(a, combine(b, c))
    assert join(a, meet(a, b)) == a
    assert meet(a, join(a, b)) == a


@given(ANY_MARKINGS, ANY_MARKINGS, ANY_MARKINGS)
def test_dominance_is_a_partial_order(a: Marking, b: Marking, c: Marking) -> None:
    assert dominates(a, a)
    assert (dominates(a, b) and dominates(b, a)) == (a == b)

    between = join(b, c)
    above = join(a, between)

    assert dominates(above, between)
    assert dominates(between, c)
    assert dominates(above, c)


@given(ANY_MARKINGS, ANY_MARKINGS, ANY_MARKINGS)
def test_dominance_join_and_meet_are_one_order(a: Marking, b: Marking, c: Marking) -> None:
    assert dominates(a, b) == (join(a, b) == a) == (meet(a, b) == b)
    assert dominates(c, join(a, b)) == (dominates(c, a) and dominates(c, b))
    assert dominates(meet(a, b), c) == (dominates(a, c) and dominates(b, c))


@given(ANY_MARKINGS, ANY_MARKINGS, ANY_MARKINGS)
def test_join_and_meet_keep_the_order(a: Marking, b: Marking, c: Marking) -> None:
    stricter = join(a, b)

    assert dominates(join(stricter, c), join(a, c))
    assert dominates(meet(stricter, c), meet(a, c))


@given(ANY_MARKINGS)
def test_bottom_and_top_bound_everything(a: Marking) -> None:
    assert join(a, BOTTOM) == join(BOTTOM, a) == a
    assert join(a, TOP) == join(TOP, a) == TOP
    assert meet(a, TOP) == meet(TOP, a) == a
    assert meet(a, BOTTOM) == BOTTOM
    assert dominates(TOP, a)
    assert dominates(a, BOTTOM)


@given(MARKINGS, MARKINGS)
def test_adding_content_never_widens_a_package(package: Marking, added: Marking) -> None:
    joined = join(package, added)

    assert dominates(joined, package)
    assert dominates(joined, added)


@given(MARKINGS)
def test_a_marking_survives_its_message_and_never_loosens(a: Marking) -> None:
    assert read_foreign(to_message(a)) == a
    if not a.nobody:
        assert from_message(to_message(a), field="marking") == a


@given(MARKINGS)
def test_the_part_in_a_statement_names_no_audience_and_reads_as_the_stricter_side(a: Marking) -> None:
    part = statement_part(a)
    message = to_message(part)

    assert not (message.rel or message.excl or message.compart or message.notes or message.rel_all)
    assert read_foreign(message) == part
    assert part.nobody or part.rel == frozenset()


def _stated(**changes: Any) -> marking_pb2.Marking:
    return marking_pb2.Marking(policy_id="comity/1", level=marking_pb2.LEVEL_OFFICIAL, **changes)


def test_what_is_absent_is_read_as_the_stricter_side() -> None:
    marking = from_message(_stated(), field="marking")

    assert marking.rel == frozenset()
    assert marking.purposes == frozenset()
    assert marking.holders is Holders.PERSON
    assert marking.act is PermittedAction.NONE
    assert not marking.subject_may_be_told
    assert marking.encrypt
    assert marking.display_only
    assert marking.no_automated_use


def test_what_is_stated_is_read_as_stated() -> None:
    marking = from_message(
        _stated(
            rel_all=True,
            purposes_all=True,
            encrypt=False,
            display_only=False,
            no_automated_use=False,
            subject_may_be_told=True,
            expires="2027-01-02",
        ),
        field="marking",
    )

    assert marking.rel is None
    assert marking.purposes is None
    assert marking.subject_may_be_told
    assert not (marking.encrypt or marking.display_only or marking.no_automated_use)
    assert marking.expires == date(2027, 1, 2)


REFUSED: dict[str, tuple[marking_pb2.Marking, str, str]] = {
    "no policy": (marking_pb2.Marking(level=marking_pb2.LEVEL_PUBLIC), "required", "m.policy_id"),
    "unknown policy": (
        marking_pb2.Marking(policy_id="comity/2", level=marking_pb2.LEVEL_PUBLIC),
        "unknown-policy",
        "m.policy_id",
    ),
    "no level": (marking_pb2.Marking(policy_id="comity/1"), "required", "m.level"),
    "unstated level": (
        marking_pb2.Marking(policy_id="comity/1", level=marking_pb2.LEVEL_UNSPECIFIED),
        "unknown-value",
        "m.level",
    ),
    "confidential": (
        marking_pb2.Marking(policy_id="comity/1", level=marking_pb2.LEVEL_CONFIDENTIAL),
        "above-ceiling",
        "m.level",
    ),
    "secret": (
        marking_pb2.Marking(policy_id="comity/1", level=marking_pb2.LEVEL_SECRET),
        "above-ceiling",
        "m.level",
    ),
    "audience and everybody": (_stated(rel_all=True, rel=["police.ro"]), "contradiction", "m.rel"),
    "purposes and all": (
        _stated(purposes_all=True, purposes=[marking_pb2.PURPOSE_TREND]),
        "contradiction",
        "m.purposes",
    ),
    "hostile agency": (_stated(rel=['police.ro"::']), "bad-agency-id", "m.rel"),
    "hostile exclusion": (_stated(excl=["POLICE.RO"]), "bad-agency-id", "m.excl"),
    "hostile community": (_stated(compart=["a b"]), "bad-id", "m.compart"),
    "unstated purpose": (_stated(purposes=[0]), "unknown-value", "m.purposes"),
    "unknown purpose": (_stated(purposes=[99]), "unknown-value", "m.purposes"),
    "unknown holders": (_stated(holders=99), "unknown-value", "m.holders"),
    "unknown action": (_stated(act=99), "unknown-value", "m.act"),
    "unknown source": (_stated(provenance=[99]), "unknown-value", "m.provenance"),
    "unstated consent": (_stated(consent=[marking_pb2.ConsentNeeded()]), "unknown-value", "m.consent"),
    "impossible last day": (_stated(expires="2026-02-30"), "bad-date", "m.expires"),
    "unseen character": (_stated(notes=["a\u202eb"]), "unseen-character", "m.notes"),
}


@pytest.mark.parametrize(("message", "code", "path"), REFUSED.values(), ids=REFUSED.keys())
def test_a_faulty_marking_is_refused_at_home_and_nobodys_from_abroad(
    message: marking_pb2.Marking, code: str, path: str
) -> None:
    with pytest.raises(Malformed) as refusal:
        from_message(message, field="m")

    assert (refusal.value.code, refusal.value.field) == (code, path)
    assert read_foreign(message) is TOP


def test_an_absent_foreign_marking_is_nobodys() -> None:
    assert read_foreign(None) is TOP


def test_an_unknown_policy_makes_no_marking_of_its_own() -> None:
    with pytest.raises(ValueError, match="TOP"):
        replace(BOTTOM, policy_id="other/1")


def test_every_member_but_the_policy_counts_in_a_join() -> None:
    stricter = {
        "level": Level.RESTRICTED,
        "rel": frozenset({"police.ro"}),
        "excl": frozenset({"police.ro"}),
        "holders": Holders.PERSON,
        "purposes": frozenset({Purpose.TREND}),
        "consent": frozenset({("", ConsentKind.ONWARD)}),
        "compart": frozenset({"blue"}),
        "act": PermittedAction.NONE,
        "subject_may_be_told": False,
        "encrypt": True,
        "display_only": True,
        "no_automated_use": True,
        "expires": date(2026, 1, 1),
        "review_by": date(2026, 1, 1),
        "provenance": frozenset({Provenance.NGO}),
        "notes": frozenset({"ask"}),
    }

    assert set(stricter) == {field.name for field in fields(Marking)} - {"policy_id", "nobody"}
    for name, value in stricter.items():
        changed = replace(BOTTOM, **{name: value})  # type: ignore[arg-type]
        assert join(BOTTOM, changed) == changed != BOTTOM
        assert meet(BOTTOM, changed) == BOTTOM
