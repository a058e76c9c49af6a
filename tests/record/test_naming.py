"""Free text that names a protected person is protected like the name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from google.protobuf.descriptor import Descriptor

from gateway.record.portion import Cut, cut, entity_names
from gateway.record.schema import KINDS
from gateway.record.vocabulary import AgeClass, RoleClass, Rung
from gateway.v1 import record_pb2 as pb
from tests.record.samples import TODAY, counted_random, marked


def cuts_of(record: pb.Record) -> list[Cut]:
    names = entity_names(record, counted_random("names"))
    return cut(record, names=names, random=counted_random("salts"), sealed_on=TODAY)


def victim() -> pb.Record:
    record = marked(pb.Record())
    person = record.persons.add(id="v", role=pb.ROLE_VICTIM, age_status=pb.AGE_STATUS_MINOR)
    person.names.add(family="Văcărescu", given="Ilinca Ana")
    person.aliases.add(full="Zoë")
    person.birth.CopyFrom(pb.BirthDate(year=2011, month=3, day=4))
    person.contacts.add(kind=pb.CONTACT_KIND_PHONE, value="+40 722 555 123")
    person.contacts.add(kind=pb.CONTACT_KIND_EMAIL, value="ilinca.v@mail.example")
    document = record.documents.add(id="d", holder="v")
    document.details.number = "KX 98 765"
    record.accounts.add(id="a", holder="v").identity.value = "blauwe_vos_17"
    return record


def told(text: str) -> Cut:
    """Return the portion of a narrative that says this, in a record with one minor victim."""
    record = victim()
    record.narratives.add(id="n", text=text)
    (piece,) = [piece for piece in cuts_of(record) if piece.local == "n"]
    return piece


NAMING = [
    "Ilinca was there",
    "ILINCA WAS THERE",
    "Ílíncá was there",
    "I l i n c a was there",
    "I-l-i-n-c-a was there",
    "I.L.I.N.C.A.",
    "Ilin\u200dca was there",
    "the handle xx_ilinca2009 was used",
    "Ｉｌｉｎｃａ was there",
    "a girl called Ana, aged about 15",
    "(ana)",
    "ana_17",
    "A n a",
    "Zoe came",
    "Miss Vacarescu came",
    "the Văcărescu's flat",
    "Vacarescului is a declined form",
    "her passport KX98765",
    "passport kx-98-765",
    "called from 0722 555 123",
    "called from 0040722555123",
    "called from ٠٧٢٢٥٥٥١٢٣",
    "wrote to Ilinca.V@mail.example",
    "known as Blauwe Vos 17",
    "born 4 March 2011",
    "born on the 4th of March, 2011",
    "born March 4, 2011",
    "geboren 04-03-2011",
    "née le 4 mars 2011",
    "nacida el 4 de marzo de 2011",
    "născută 4 martie 2011",
    "born 2011-03-04",
    "born 2011/3/4",
    "born 03/04/2011",
    "born 4.3.11",
    "b. 20110304",
]
NOT_NAMING = [
    "the analysis of bananas in Indiana",
    "nothing to see in a canal",
    "the zoeloe word",
    "she was 15 years old",
    "in 2011 the bar was opened",
    "paid 403 euro in 2011",
    "invoice 2201103045",
    "call 0722 555 124",
    "the van was there in March 2011",
]


@pytest.mark.parametrize("text", NAMING)
def test_text_that_names_a_protected_person_is_found(text: str) -> None:
    piece = told(text)

    assert piece.classes == {"victim-statement", "victim-identifying"}
    assert (piece.role, piece.age) == (RoleClass.VICTIM, AgeClass.MINOR)


@pytest.mark.parametrize("text", NOT_NAMING)
def test_text_that_names_nobody_stays_a_narrative(text: str) -> None:
    piece = told(text)

    assert piece.classes == {"narrative"}
    assert piece.role is RoleClass.NONE


def _elsewhere(record: pb.Record) -> Iterator[str]:
    """Put the victim's name into text of every kind, and yield where."""
    said = "with Ilinca"
    record.header.methods.append(said)
    record.incidents.add(id="incident", description=said)
    record.online_contents.add(id="ad", text=said)
    record.online_contents.add(id="page").content.title = said
    record.artefacts.add(id="file").metadata.file_name = "ILINCA_2.jpg"
    record.transactions.add(id="paid").detail.reference = said
    record.locations.add(id="place", description=said)
    record.organisations.add(id="bar", activity=said)
    record.assessments.add(id="score").score.hypothesis = said
    suspect = record.persons.add(id="suspect", role=pb.ROLE_SUSPECT)
    suspect.offences.add(description=said)
    yield from ("", "incident", "ad", "page", "file", "paid", "place", "bar", "score", "suspect")


def test_a_name_is_found_wherever_text_can_stand() -> None:
    record = victim()
    places = set(_elsewhere(record))

    named = {
        piece.local
        for piece in cuts_of(record)
        if piece.local in places and "victim-identifying" in piece.classes
    }

    assert named == places


def test_a_name_that_is_gone_on_a_coarser_rung_adds_nothing_there() -> None:
    record = victim()
    page = record.online_contents.add(id="page").content
    page.kind, page.site, page.title = pb.ONLINE_KIND_POST, "site.example", "with Ilinca"

    classes = {piece.rung: piece.classes for piece in cuts_of(record) if piece.local == "page"}

    assert classes == {
        Rung.EXACT: {"osint", "victim-identifying"},
        Rung.GENERALISED: {"osint"},
        Rung.COARSE: {"osint"},
    }


def test_a_site_that_bears_the_name_keeps_it_on_the_rung_of_the_site() -> None:
    record = victim()
    record.online_contents.add(id="page").content.url = "https://ilinca.example/photos"

    classes = {piece.rung: piece.classes for piece in cuts_of(record) if piece.local == "page"}

    assert classes[Rung.GENERALISED] == {"osint", "victim-identifying"}


def test_the_strictest_of_those_named_counts() -> None:
    record = victim()
    adult = record.persons.add(id="w", role=pb.ROLE_WITNESS, age_status=pb.AGE_STATUS_ADULT)
    adult.names.add(given="Berthold")
    record.narratives.add(id="one", text="Berthold spoke")
    record.narratives.add(id="two", text="Berthold spoke with Ilinca")

    found = {piece.local: (piece.role, piece.age) for piece in cuts_of(record)}

    assert found["one"] == (RoleClass.WITNESS, AgeClass.ADULT)
    assert found["two"] == (RoleClass.VICTIM, AgeClass.MINOR)


def test_names_of_suspects_are_not_sought() -> None:
    record = victim()
    record.persons.add(id="s", role=pb.ROLE_SUSPECT).names.add(given="Mihail")
    record.narratives.add(id="n", text="Mihail drove the van")

    assert {piece.classes for piece in cuts_of(record) if piece.local == "n"} == {frozenset({"narrative"})}


def test_a_person_with_no_role_is_sought_like_a_victim() -> None:
    record = marked(pb.Record())
    record.persons.add(id="p").names.add(given="Mihail")
    record.narratives.add(id="n", text="Mihail was there")

    (piece,) = [piece for piece in cuts_of(record) if piece.local == "n"]

    assert "victim-identifying" in piece.classes


def test_a_shared_family_name_does_not_make_a_suspects_name_a_victims() -> None:
    record = victim()
    suspect = record.persons.add(id="s", role=pb.ROLE_SUSPECT)
    suspect.names.add(family="Văcărescu", given="Dinu")
    same = record.persons.add(id="same", role=pb.ROLE_SUSPECT)
    same.names.add(family="Văcărescu", given="Ilinca Ana")

    classes = {piece.local: piece.classes for piece in cuts_of(record) if piece.category == "person.name"}

    assert classes["s"] == {"suspect"}
    assert classes["same"] == {"suspect", "victim-identifying"}


def test_names_of_a_victims_family_are_sought_too() -> None:
    record = victim()
    record.persons[0].family.add(relation=pb.FAMILY_RELATION_SIBLING).name.given = "Răzvan"
    record.narratives.add(id="n", text="her brother Razvan waits outside")

    (piece,) = [piece for piece in cuts_of(record) if piece.local == "n"]

    assert "victim-identifying" in piece.classes


def refuge() -> pb.Record:
    record = victim()
    record.persons[0].shelter.place.CopyFrom(pb.Place(street="Lindelaan 44", town="Zwolle", country="NL"))
    return record


def test_text_that_tells_where_a_shelter_is_counts_as_the_shelter() -> None:
    record = refuge()
    record.narratives.add(id="n", text="picked up at lindelaan 44 at noon")

    (piece,) = [piece for piece in cuts_of(record) if piece.local == "n"]

    assert "shelter-location" in piece.classes


def test_an_address_that_is_the_shelter_is_one_on_every_rung() -> None:
    record = refuge()
    place = pb.Place(street="Lindelaan 44", town="Zwolle", country="NL")
    record.persons[0].last_known_position.place.CopyFrom(place)

    pieces = [piece for piece in cuts_of(record) if piece.field == 18 and piece.local == "v"]

    assert {piece.rung for piece in pieces} == set(Rung)
    assert all("shelter-location" in piece.classes for piece in pieces)


def test_the_value_may_stand_behind_any_other_bytes() -> None:
    # The quick look works on encoded bytes; whatever length or digest precedes a text must not hide it.
    for length in range(1, 300, 7):
        record = victim()
        record.narratives.add(id="n", text="Ana " + "x" * length)
        page = record.online_contents.add(id="p")
        page.content.text_digest = bytes([0xC3, 0xE2, 0x82] * 10 + [0xF0, 0x9F])
        page.content.title = "é" * length
        page.text = "Ana " + "ж" * length

        found = {
            (piece.local, piece.field) for piece in cuts_of(record) if "victim-identifying" in piece.classes
        }

        assert {("n", 4), ("p", 4)} <= found


@pytest.mark.parametrize(
    "name",
    [
        pb.Name(family="Wu", given="Li"),
        pb.Name(family="Wu", given="Li", middle="Xi"),
        pb.Name(full="Wu Li"),
        pb.Name(full="Li Wu"),
    ],
)
def test_a_name_of_short_parts_is_found_in_whatever_order_its_parts_are_recorded(name: pb.Name) -> None:
    record = marked(pb.Record())
    person = record.persons.add(id="v", role=pb.ROLE_VICTIM)
    person.names.add(full="Li Wu")
    person.names.add(full="Wu Li")
    suspect = record.persons.add(id="s", role=pb.ROLE_SUSPECT)
    suspect.names.append(name)
    suspect.family.add(relation=pb.FAMILY_RELATION_SIBLING).name.CopyFrom(name)

    found = {(piece.local, piece.field) for piece in cuts_of(record) if "victim-identifying" in piece.classes}

    assert {("s", 3), ("s", 21)} <= found


def test_only_persons_hold_names_in_parts() -> None:
    # Whose parts may stand in bytes otherwise than they are written: `within` and `of_rungs` rest on it.
    holding = {
        (kind.name, field.name)
        for kind in KINDS.values()
        for field in kind.fields.values()
        if field.message is not None and _leads_to_names(field.message)
    }

    assert holding == {("person", "names"), ("person", "aliases"), ("person", "family")}


def _leads_to_names(message: Descriptor) -> bool:
    within = [field.message_type for field in message.fields if field.message_type is not None]
    return message is pb.Name.DESCRIPTOR or any(map(_leads_to_names, within))


def test_figures_are_found_in_long_text_of_words() -> None:
    words = "there was nothing to be seen, "

    assert "victim-statement" in told(words * 100 + "KX98765" + words * 100).classes
    assert "victim-statement" in told("год 2026, " * 100 + "0722 555 123" + words * 100).classes
    assert told(words * 100 + "0722, then 555, then 124" + words * 100).classes == {"narrative"}


def test_digits_with_words_between_them_are_no_number() -> None:
    assert told("0722 and 555 and 123").classes == {"narrative"}
