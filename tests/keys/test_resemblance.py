"""Names that may be taken for a member's are refused when listed, and told where a directory holds them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.errors import Malformed, Refused
from keys.enrolment import Enrolment
from keys.member import Member, MemberStatus
from keys.resemblance import check_names, resembling, shown_name
from keys.signer import key_id
from tests.keys.agencies import NGO, NL, RO, Agency, federation, reopened

LISTED = {agency.id: agency.member() for agency in (NL, RO, NGO)}


def under_the_name(name: str, agency: str = "bureau.xx") -> Member:
    return replace(Agency(id=agency).member(), display_name=name)


@pytest.mark.parametrize("other", sorted(LISTED))
@pytest.mark.parametrize(
    "alike",
    [str.upper, lambda name: name.replace("i", "1"), lambda name: name.replace("e", "é").replace(".", " ")],
    ids=["capitals", "digits", "diacritics"],
)
def test_look_alike_of_every_name_of_the_directory_is_refused(other: str, alike: object) -> None:
    assert callable(alike)

    for name in (other, LISTED[other].display_name):
        with pytest.raises(Refused) as refused:
            check_names(under_the_name(alike(name)), LISTED)

        assert (refused.value.code, refused.value.field) == ("look-alike", "display_name")
        assert refused.value.facts == {"resembles": other}


@pytest.mark.parametrize("agency", ["po1ice.nl", "p0lice.nl", "pol-ice.nl", "poli.ce.nl"])
def test_look_alike_of_an_agency_id_is_refused(agency: str) -> None:
    with pytest.raises(Refused) as refused:
        check_names(under_the_name("Bureau", agency), LISTED)

    assert (refused.value.code, refused.value.field) == ("look-alike", "id")
    assert "police.nl" in str(refused.value)


def test_the_very_name_of_another_member_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        check_names(under_the_name(LISTED["police.nl"].display_name), LISTED)

    assert refused.value.code == "look-alike"


@pytest.mark.parametrize("agency", ["bureau.xx", "police.de", "police-nl.eu"])
def test_names_that_nobody_has_are_taken(agency: str) -> None:
    check_names(under_the_name("Bureau of Invention", agency), LISTED)


def test_name_in_two_scripts_is_refused_at_enrolment_and_nothing_is_listed(tmp_path: Path) -> None:
    made = federation(tmp_path / "federation", NL)
    asking = Agency(id="bureau.xx")
    metadata, keys = asking.handed_in()

    with pytest.raises(Malformed) as refused:
        made.enrol(Enrolment(member=under_the_name("Вureau"), keys_metadata=metadata, keys=keys))

    assert (refused.value.code, refused.value.field) == ("mixed-script", "display_name")
    assert set(made.members()) == {"police.nl"}


def test_look_alike_is_refused_at_enrolment_and_nothing_is_listed(tmp_path: Path) -> None:
    made = federation(tmp_path / "federation", NL, RO)

    with pytest.raises(Refused) as refused:
        made.enrol(Agency(id="po1ice.nl").enrolment())

    assert refused.value.code == "look-alike"
    assert set(made.members()) == {"police.nl", "police.ro"}


def test_member_may_be_described_anew_under_its_own_names(tmp_path: Path) -> None:
    made = federation(tmp_path / "federation", NL, RO)

    made.add_member(replace(NL.member(), display_name="AGENCY Po1ice NL"))
    made.publish()

    assert reopened(tmp_path / "federation").members()["police.nl"].display_name == "AGENCY Po1ice NL"


def test_member_cannot_take_the_name_of_another_later(tmp_path: Path) -> None:
    made = federation(tmp_path / "federation", NL, RO)

    with pytest.raises(Refused) as refused:
        made.add_member(replace(NL.member(), display_name="Agency po1ice.ro"))

    assert refused.value.code == "look-alike"


def test_member_listed_under_a_name_that_is_refused_now_can_still_be_suspended() -> None:
    listed = {**LISTED, "po1ice.nl": under_the_name("Pоlice NL", "po1ice.nl")}

    check_names(replace(listed["po1ice.nl"], status=MemberStatus.SUSPENDED), listed)

    with pytest.raises(Malformed):
        check_names(replace(listed["po1ice.nl"], display_name="Pоlice"), listed)


def test_names_are_shown_with_the_key_and_with_whom_they_may_be_taken_for() -> None:
    listed = {**LISTED, "po1ice.nl": under_the_name("Bureau", "po1ice.nl")}

    assert resembling("police.nl", listed) == ["po1ice.nl"]
    assert resembling("po1ice.nl", listed) == ["police.nl"]
    assert resembling("police.ro", listed) == []
    key = key_id(listed["po1ice.nl"].directory_key)
    assert shown_name("po1ice.nl", listed) == f"Bureau [{key[:8]}] (looks like: police.nl)"


def test_every_look_alike_of_the_directory_is_flagged_on_display() -> None:
    for agency in LISTED:
        listed = {**LISTED, "bureau.xx": under_the_name(agency.replace("e", "é"))}

        assert resembling("bureau.xx", listed) == [agency]
        assert resembling(agency, listed) == ["bureau.xx"]
