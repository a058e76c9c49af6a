"""Officers are made by officers, under names and keys of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.config import read_config
from gateway.errors import Conflict, GatewayError, Malformed, Refused, VerificationFailed
from gateway.flow.review.enrol import add_officers, disable_officer, list_officers, note_absence
from gateway.ledger.entry import EntryKind
from gateway.record.vocabulary import Duty
from gateway.v1 import release_pb2
from keys.keystore import Keystore
from keys.officer import parse_officer
from keys.use import KeyUse
from tests.flow.federation import NL, PASSPHRASE, RO, Homes
from tests.flow.review import Crew, Person, crew, enrol


@pytest.fixture
def officers(homes: Homes) -> Crew:
    """Return five officers enrolled at the sender."""
    made = crew()
    enrol(homes, made)
    return made


def stranger(name: str = "Frits Willems", handle: str = "frits") -> Person:
    """Return somebody who is not enrolled."""
    return Person(handle=handle, name=name, duties=(Duty.RLO,))


def test_first_two_vouch_for_each_other_in_one_step(homes: Homes) -> None:
    made = crew()

    done = add_officers(
        homes[NL], [made.anna.file(homes.now, made.bob), made.bob.file(homes.now, made.anna)], homes.now
    )

    assert [one.handle for one in done] == ["anna", "bob"]
    assert all(one.certificate.startswith("-----BEGIN CERTIFICATE") for one in done)


def test_one_alone_is_nobodys_first_officer(homes: Homes) -> None:
    made = crew()

    for files in ([made.anna.file(homes.now, made.bob)], [made.anna.file(homes.now)] * 2):
        with pytest.raises(GatewayError):
            add_officers(homes[NL], files, homes.now)

    assert list_officers(homes[NL], homes.now) == []


def test_first_two_who_do_not_vouch_are_refused(homes: Homes) -> None:
    made = crew()

    with pytest.raises(Refused) as refusal:
        add_officers(homes[NL], [made.anna.file(homes.now), made.bob.file(homes.now)], homes.now)

    assert refusal.value.code == "not-vouched"


def test_disabling_everybody_opens_no_second_beginning(homes: Homes, officers: Crew) -> None:
    homes.pass_time(minutes=1)
    for handle in ("anna", "bob", "carla", "dirk", "eva"):
        disable_officer(homes[NL], handle, homes.now)
    one, two = stranger(), stranger("Greet Hermans", "greet")

    with pytest.raises(Refused):
        add_officers(homes[NL], [one.file(homes.now, two), two.file(homes.now, one)], homes.now)


def test_two_keys_of_one_person_are_one_voucher(homes: Homes, officers: Crew) -> None:
    second = replace(officers.anna, signer=stranger().signer)
    add_officers(homes[NL], [second.file(homes.now, officers.bob, officers.carla)], homes.now)

    with pytest.raises(Refused) as refusal:
        add_officers(homes[NL], [stranger().file(homes.now, officers.anna, second)], homes.now)

    assert refusal.value.code == "not-vouched"


def test_who_is_disabled_or_away_vouches_for_nobody(homes: Homes, officers: Crew) -> None:
    file = stranger().file(homes.now, officers.anna, officers.bob)
    homes.pass_time(minutes=1)
    note_absence(homes[NL], "bob", homes.now, homes.now + timedelta(days=3), homes.now)

    with pytest.raises(Refused) as away:
        add_officers(homes[NL], [file], homes.now)
    note_absence(homes[NL], "bob", homes.now, homes.now, homes.now)

    assert away.value.code == "officer-absent"
    assert add_officers(homes[NL], [file], homes.now)[0].state == "active"


@pytest.mark.parametrize("name", ["Anna de Vrıes", "Anna de Vries ", "Аnna de Vries", "Anna  de Vries"])
def test_name_that_could_be_misread_is_refused(homes: Homes, officers: Crew, name: str) -> None:
    with pytest.raises((Conflict, Malformed)):
        add_officers(homes[NL], [stranger(name).file(homes.now, officers.anna, officers.bob)], homes.now)


def test_name_that_looks_like_an_officers_is_refused(homes: Homes, officers: Crew) -> None:
    file = stranger("Anna de Vries".replace("i", "l")).file(homes.now, officers.anna, officers.bob)

    with pytest.raises(Conflict) as refusal:
        add_officers(homes[NL], [file], homes.now)

    assert refusal.value.code == "look-alike"


def test_weak_key_is_refused(officers: Crew, homes: Homes) -> None:
    honest = officers.anna.file(homes.now).officer
    message = release_pb2.Officer.FromString(honest.encode())
    message.public_key = b"\x01" + bytes(31)

    with pytest.raises(Malformed) as refusal:
        parse_officer(message.SerializeToString(deterministic=True))

    assert refusal.value.code == "weak-key"


def test_key_of_the_agency_itself_is_no_officers(homes: Homes, officers: Crew) -> None:
    keystore = Keystore.open(read_config(homes.home(NL)).keystore, PASSPHRASE, allow_cheap=True)
    thief = replace(stranger(), signer=keystore.signer(KeyUse.SIGNING))

    with pytest.raises(Refused) as refusal:
        add_officers(homes[NL], [thief.file(homes.now, officers.anna, officers.bob)], homes.now)

    assert refusal.value.code == "key-in-use"


def test_key_of_another_person_is_refused(homes: Homes, officers: Crew) -> None:
    thief = replace(stranger(), signer=officers.carla.signer)

    with pytest.raises(Refused) as refusal:
        add_officers(homes[NL], [thief.file(homes.now, officers.anna, officers.bob)], homes.now)

    assert refusal.value.code == "key-in-use"


def test_file_for_another_agency_is_refused(homes: Homes, officers: Crew) -> None:
    file = stranger().file(homes.now, officers.anna, officers.bob, agency=RO)

    with pytest.raises(Refused) as refusal:
        add_officers(homes[NL], [file], homes.now)

    assert refusal.value.code == "other-agency"


def test_signature_over_another_body_is_refused(homes: Homes, officers: Crew) -> None:
    one, other = stranger(), stranger("Greet Hermans", "greet")
    file = one.file(homes.now, officers.anna)
    foreign = other.file(homes.now, officers.bob).signed[1]

    with pytest.raises(VerificationFailed) as refusal:
        add_officers(homes[NL], [replace(file, signed=(*file.signed, foreign))], homes.now)

    assert refusal.value.code == "other-body"


def test_one_bad_file_keeps_all_from_being_added(homes: Homes, officers: Crew) -> None:
    good = stranger().file(homes.now, officers.anna, officers.bob)
    bad = stranger("Greet Hermans", "greet").file(homes.now, officers.anna)
    before = homes[NL].read.head().size

    with pytest.raises(Refused):
        add_officers(homes[NL], [good, bad], homes.now)

    assert homes[NL].read.head().size == before


def test_every_change_is_in_the_ledger_without_a_name(homes: Homes, officers: Crew) -> None:
    homes.pass_time(minutes=1)
    note_absence(homes[NL], "carla", homes.now, homes.now + timedelta(days=1), homes.now)
    disable_officer(homes[NL], "dirk", homes.now)

    rows = homes[NL].read.officer_entries()

    assert [row.kind for row in rows] == [EntryKind.OFFICER_CHANGED] * 7
    assert not any(name in row.data for row in rows for name in (b"Carla", b"carla", b"Dirk", b"dirk"))
    states = {one.handle: one.state for one in list_officers(homes[NL], homes.now)}
    assert states == {
        "anna": "active",
        "bob": "active",
        "carla": "absent",
        "dirk": "disabled",
        "eva": "active",
    }
