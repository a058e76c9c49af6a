"""What changes between two sets of rules is told in words, together where it is the same."""

from __future__ import annotations

from gateway.record.vocabulary import AgeClass, RoleClass, Rung
from policy.authoring.difference import grouped
from policy.authoring.matrix import Changed

_NAME = Changed(
    "nothing attested",
    "leo",
    "investigation",
    "person.name",
    RoleClass.VICTIM,
    AgeClass.ADULT,
    Rung.EXACT,
    "withheld",
    "held for VPO:1",
)


def test_one_change_is_told_in_words() -> None:
    (group,) = grouped([_NAME])

    assert group.text == (
        "police for investigation: exact name of victim (adult) was withheld, would be held for VPO:1"
        " [nothing attested]"
    )
    assert (group.widens, group.victims, group.cells) == (True, True, 1)


def test_changes_that_are_alike_are_told_together() -> None:
    found = [_NAME._replace(kind=kind, age=age) for kind in ("leo", "judicial") for age in AgeClass]

    (group,) = grouped(found)

    assert group.text.startswith("police, judiciary for investigation: exact name of victim (any age)")
    assert group.cells == 6


def test_what_is_not_a_whole_product_is_told_apart() -> None:
    found = [_NAME, _NAME._replace(kind="judicial"), _NAME._replace(kind="judicial", purpose="prosecution")]

    groups = grouped(found)

    assert sum(group.cells for group in groups) == 3
    assert len(groups) == 2


def test_less_is_no_widening_and_stands_after_it() -> None:
    tighter = _NAME._replace(category="person.birth", old="released", new="held for VPO:1")
    other = _NAME._replace(category="vehicle.identity", role=RoleClass.SUSPECT, new="released")

    groups = grouped([tighter, other, _NAME])

    assert [(group.widens, group.victims) for group in groups] == [(True, True), (True, False), (False, True)]


def test_fewer_or_other_approvals_widen_and_more_do_not() -> None:
    both = _NAME._replace(old="held for VPO:1", new="held for CPO:1 VPO:1")

    assert not both.widens
    assert _NAME._replace(old="held for CPO:1 VPO:1", new="held for VPO:1").widens
    assert _NAME._replace(old="held for CPO:1", new="held for VPO:1").widens
    assert not _NAME._replace(old="released", new="withheld").widens
