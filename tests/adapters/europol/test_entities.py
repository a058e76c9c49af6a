"""Everything that is no person: what stands in an element, inside another entity, and in a word."""

from __future__ import annotations

import pytest

from adapters.adapter import View
from adapters.europol.umf import EuropolUmf
from adapters.loss import Effect
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb
from tests.adapters.europol.samples import (
    PERSON,
    effects,
    lost,
    read,
    texts,
    umf,
    written,
)
from tests.adapters.views import EVERY, check_round_trip, view_of
from tests.reference import reference

ANA = "person/aaaaaaaaaa"


def test_reference_sample_is_read_without_a_silent_loss() -> None:
    draft = read(reference("europol-like/umf-like-sample.xml").read_bytes())

    assert effects(draft) == {
        "Header.sentAt": Effect.GENERALISED,
        "Entities.Person[2].Handling": Effect.GENERALISED,
        "Entities.FinancialItem[1].Kind": Effect.KEPT_AS_EXTENSION,
    }
    assert check_round_trip(EuropolUmf(), view_of(draft.record), "xml")


def test_sample_that_was_read_is_written_with_what_it_said() -> None:
    draft = read(reference("europol-like/umf-like-sample.xml").read_bytes())

    root = written(view_of(draft.record).record)

    assert texts(root, "FamilyName") == ["EXAMPLE-KESTREL"]
    assert texts(root, "Pseudonym") == ["XA-V-2031-004"]
    assert sorted(texts(root, "Means")) == ["debt_bondage", "withholds_documents"]
    kinds = {str(one.get("kind")) for one in root.iterfind(".//{*}Connection")}
    assert kinds == {"CONTROLS", "VICTIM_IN", "TOOK_PLACE_AT", "USES", "MENTIONS"}
    evaluation = root.find("{*}Header/{*}Evaluation")
    assert evaluation is not None and evaluation.get("original") == "5x5x5:B2"


def test_foreign_words_come_back_verbatim() -> None:
    entities = (
        "<MeansOfTransportation id='t1'><Kind>TRACTOR</Kind></MeansOfTransportation>"
        "<Event id='e1'><Kind>RITUAL</Kind><Act>luring</Act><Means>hypnosis</Means>"
        "<ExploitationPurpose>piracy</ExploitationPurpose><Sector>I 9</Sector></Event>"
        "<Document id='d1'><Kind>LIBRARY_CARD</Kind><Number>7</Number></Document>"
        "<DigitalItem id='g1'><Hash algorithm='CRC'>00FF</Hash></DigitalItem>"
        "<FinancialItem id='f1'><Kind>HAWALA</Kind><Currency>shells</Currency></FinancialItem>"
    )
    tie = "<Connection id='x' from='t1' to='e1' kind='HAUNTS'/>"

    draft = read(umf(entities, tie))
    record = draft.record

    assert record.vehicles[0].identity.kind == pb.VEHICLE_KIND_OTHER
    assert record.relationships[0].link.kind == pb.RELATION_KIND_OTHER
    assert list(record.incidents[0].sectors) == [pb.SECTOR_ACCOMMODATION_AND_FOOD]
    told = "\n".join(
        [
            record.vehicles[0].identity.description,
            record.incidents[0].description,
            record.relationships[0].link.description,
            *(one.text for one in record.narratives),
        ]
    )
    for word in ("TRACTOR", "RITUAL", "luring", "hypnosis", "piracy", "9", "LIBRARY_CARD", "CRC 00FF"):
        assert f"as written: {word}" in told
    for word in ("HAWALA", "shells", "HAUNTS"):
        assert f"as written: {word}" in told
    assert set(effects(draft).values()) == {Effect.KEPT_AS_EXTENSION}
    again = read(_data(view_of(record).record)).record
    assert "TRACTOR" in again.vehicles[0].identity.description
    assert "RITUAL" in again.incidents[0].description


def _data(record: pb.Record) -> bytes:
    return EuropolUmf().render([View(record=record)], form="xml", allowed=EVERY).data


def test_parts_of_entities_stand_as_entities_tied_to_them() -> None:
    record = pb.Record()
    person = record.persons.add(id=ANA, role=pb.ROLE_SUSPECT)
    person.contacts.add(kind=pb.CONTACT_KIND_PHONE, value="+99900000001", country="XA")
    address = person.addresses.add(current=True, since=pb.PartialDate(year=2030))
    address.place.town = "Port Sample"
    online = record.online_contents.add(id="online-content/aaaaaaaaaa")
    online.content.url = "https://ads.example.invalid/1"
    online.content.text_digest = bytes(32)
    online.accounts.add(kind=pb.ACCOUNT_KIND_BANK, value="XA00")
    online.image_hashes.add(algorithm=pb.HASH_ALGORITHM_MD5, value=bytes(16))
    incident = record.incidents.add(id="incident/aaaaaaaaaa", kind=pb.INCIDENT_KIND_TRANSIT)
    incident.occurred.place.street = "Strada Teiului 7"

    root = written(record)

    ties = [str(one.get("kind")) for one in root.iterfind(".//{*}Connection")]
    assert ties == ["CONTACT_OF", "ADDRESS_OF", "SHOWN_IN", "IMAGE_IN", "TEXT_OF", "OCCURRED_AT"]
    assert texts(root, "MeansOfCommunication/Value") == ["+99900000001", "https://ads.example.invalid/1"]
    assert lost(record) == {
        "persons[0].contacts[0].country": Effect.KEPT_AS_EXTENSION,
        "persons[0].addresses[0].current": Effect.KEPT_AS_EXTENSION,
    }


def test_part_that_others_are_tied_to_stays_an_entity_of_its_own() -> None:
    phone = (
        "<MeansOfCommunication id='c1'><Kind>PHONE</Kind><Value>+99900000001</Value></MeansOfCommunication>"
    )
    first = "<Connection id='x1' from='c1' to='p1' kind='CONTACT_OF'/>"
    second = "<Connection id='x2' from='p1' to='c1' kind='USES'/>"

    alone = read(umf(PERSON + phone, first)).record
    shared = read(umf(PERSON + phone, first + second)).record

    assert alone.persons[0].contacts[0].value == "+99900000001"
    assert not alone.accounts and not alone.relationships
    assert shared.accounts[0].identity.value == "+99900000001"
    assert [one.link.kind for one in shared.relationships] == [
        pb.RELATION_KIND_OTHER,
        pb.RELATION_KIND_USES,
    ]


@pytest.mark.parametrize("kind", ["OCCURRED_AT", "SHOWN_IN", "TEXT_OF", "ARRIVED_AT"])
def test_part_of_something_that_has_no_such_part_is_a_relationship(kind: str) -> None:
    place = "<Location id='l1'><Town>Port Sample</Town></Location>"

    record = read(umf(PERSON + place, f"<Connection id='x' from='l1' to='p1' kind='{kind}'/>")).record

    assert record.locations and record.relationships[0].link.description == f"kind as written: {kind}"


def test_references_are_connections_of_their_own_kind_and_come_back() -> None:
    record = pb.Record()
    record.persons.add(id=ANA, role=pb.ROLE_SUSPECT)
    record.vehicles.add(id="vehicle/aaaaaaaaaa")
    record.locations.add(id="location/aaaaaaaaaa")
    record.accounts.add(id="account/aaaaaaaaaa", holder=ANA)
    record.artefacts.add(id="artefact/aaaaaaaaaa", holder=ANA)
    record.documents.add(id="document/aaaaaaaaaa", holder=ANA)
    record.transactions.add(id="transaction/aaaaaaaaaa", payer=ANA, payee="account/aaaaaaaaaa")
    record.journeys.add(id="journey/aaaaaaaaaa", travellers=[ANA], vehicle="vehicle/aaaaaaaaaa")
    record.incidents.add(id="incident/aaaaaaaaaa", location="location/aaaaaaaaaa")
    record.online_contents.add(id="online-content/aaaaaaaaaa", depicts=[ANA, "vehicle/aaaaaaaaaa"])

    ties = [str(one.get("kind")) for one in written(record).iterfind(".//{*}Connection")]

    assert sorted(ties) == sorted(
        [
            *("HOLDER", "HOLDER", "HOLDER", "PAYER", "PAYEE", "TRAVELLER", "VEHICLE", "TOOK_PLACE_AT"),
            *("SHOWN_ON", "SHOWN_ON"),
        ]
    )
    assert lost(record) == {}


def test_second_reference_where_one_is_allowed_is_a_relationship() -> None:
    entities = "<Location id='l1'/><Location id='l2'/><Event id='e1'><Kind>EXPLOITATION</Kind></Event>"
    ties = "".join(f"<Connection id='x{n}' from='e1' to='l{n}' kind='TOOK_PLACE_AT'/>" for n in (1, 2))

    record = read(umf(entities, ties)).record

    assert record.incidents[0].location == "l1"
    assert [one.link.to for one in record.relationships] == ["l2"]


def test_journey_is_an_event_with_a_departure_and_an_arrival() -> None:
    record = pb.Record()
    journey = record.journeys.add(id="journey/aaaaaaaaaa", in_progress=True)
    leg = journey.route.legs.add(mode=pb.TRAVEL_MODE_ROAD)
    leg.origin.town, leg.destination.country = "Port Sample", "NL"
    leg.departed.date.CopyFrom(pb.PartialDate(year=2031, month=2))
    journey.route.legs.add().destination.country = "RO"

    root = written(record)

    assert texts(root, "Event/Kind") == ["JOURNEY"]
    ties = [(str(one.get("kind")), one.get("start")) for one in root.iterfind(".//{*}Connection")]
    assert ties[:2] == [("DEPARTED_FROM", "2031-02"), ("ARRIVED_AT", None)]
    assert lost(record) == {
        "journeys[0].in_progress": Effect.KEPT_AS_EXTENSION,
        "journeys[0].route.legs[0].mode": Effect.KEPT_AS_EXTENSION,
    }


@pytest.mark.parametrize(
    ("identity", "tag", "kind"),
    [
        (pb.AccountIdentity(kind=pb.ACCOUNT_KIND_PHONE, value="+999"), "MeansOfCommunication", "PHONE"),
        (pb.AccountIdentity(kind=pb.ACCOUNT_KIND_URL, value="u"), "MeansOfCommunication", "URL"),
        (
            pb.AccountIdentity(kind=pb.ACCOUNT_KIND_MESSENGER, value="m"),
            "MeansOfCommunication",
            "SOCIAL_HANDLE",
        ),
        (pb.AccountIdentity(kind=pb.ACCOUNT_KIND_OTHER, value="o"), "MeansOfCommunication", "SOCIAL_HANDLE"),
        (pb.AccountIdentity(value="?"), "MeansOfCommunication", "SOCIAL_HANDLE"),
        (pb.AccountIdentity(kind=pb.ACCOUNT_KIND_BANK, value="XA00"), "FinancialItem", "BANK_ACCOUNT"),
        (pb.AccountIdentity(kind=pb.ACCOUNT_KIND_CRYPTO, value="c"), "FinancialItem", "CRYPTO_ACCOUNT"),
    ],
)
def test_every_kind_of_account_comes_back(identity: pb.AccountIdentity, tag: str, kind: str) -> None:
    record = pb.Record()
    record.accounts.add(id="account/aaaaaaaaaa").identity.CopyFrom(identity)

    assert texts(written(record), f"{tag}/Kind") == [kind]
    assert set(lost(record).values()) <= {Effect.KEPT_AS_EXTENSION}


@pytest.mark.parametrize(("kind", "field"), [("IMEI", "imei"), ("IMSI", "imsi")])
def test_number_of_a_device_is_a_device(kind: str, field: str) -> None:
    node = f"<MeansOfCommunication id='c1'><Kind>{kind}</Kind><Value>001</Value></MeansOfCommunication>"

    (artefact,) = read(umf(node)).record.artefacts

    assert getattr(artefact.device, field) == "001"
    record = pb.Record()
    record.artefacts.add(id="artefact/aaaaaaaaaa").device.CopyFrom(artefact.device)
    assert texts(written(record), "MeansOfCommunication/Kind") == [kind]
    assert lost(record) == {}


def test_empty_file_is_as_large_as_it_is() -> None:
    node = "<DigitalItem id='g1'><Hash algorithm=''/><Size>0</Size></DigitalItem>"

    (artefact,) = read(umf(node)).record.artefacts

    assert artefact.metadata.HasField("size_bytes") and not artefact.hashes


@pytest.mark.parametrize(
    ("inner", "code"),
    [
        ("<Location id='l1'><Latitude>91</Latitude><Longitude>0</Longitude></Location>", "bad-number"),
        ("<Location id='l1'><PrecisionMetres>-1</PrecisionMetres></Location>", "bad-number"),
        (
            "<DigitalItem id='g1'><Hash algorithm=''/><Size>99999999999999999999999</Size></DigitalItem>",
            "bad-number",
        ),
        (
            "<FinancialItem id='f1'><Kind/><Amount>1234567890123456789012</Amount></FinancialItem>",
            "bad-number",
        ),
        ("<FinancialItem id='f1'><Kind/><At>-0400-01-01T00:00:00Z</At></FinancialItem>", "bad-date"),
        ("<Event id='e1'><Kind/><Start>2031-02-30</Start></Event>", "bad-date"),
    ],
)
def test_value_that_cannot_be_kept_is_refused_by_its_element(inner: str, code: str) -> None:
    with pytest.raises(Malformed) as refusal:
        read(umf(inner))

    assert refusal.value.code == code
    assert refusal.value.field.startswith("Entities.")


def test_coordinates_are_read_as_far_as_they_go_and_half_a_one_is_none() -> None:
    fine = "<Location id='l1'><Latitude>12.1234567</Latitude><Longitude>-45</Longitude>"
    fine += "<PrecisionMetres>0.5</PrecisionMetres></Location>"
    half = "<Location id='l2'><Town>Port Sample</Town><Latitude>12.5</Latitude></Location>"

    draft = read(umf(fine + half))

    site = draft.record.locations[0].site
    assert (site.latitude_e6, site.longitude_e6, site.precision_m) == (12_123_457, -45_000_000, 1)
    assert not draft.record.locations[1].site.HasField("latitude_e6")
    assert effects(draft) == {
        "Entities.Location[1].Latitude": Effect.GENERALISED,
        "Entities.Location[1].PrecisionMetres": Effect.GENERALISED,
        "Entities.Location[2].Latitude": Effect.DROPPED,
    }


@pytest.mark.parametrize(
    ("at", "date", "text"),
    [
        (1_927_880_100_000, (2031, 2, 3), "2031-02-03T10:15:00Z"),
        (1_927_880_100_250, (2031, 2, 3), "2031-02-03T10:15:00.250Z"),
        (1_927_880_100_000, (2031, 2, 4), "2031-02-04T00:15:00+14:00"),
        (1_927_929_540_000, (2031, 2, 4), "2031-02-04T00:59:00+01:00"),
        (1_927_930_200_000, (2031, 2, 3), "2031-02-03T23:10:00-01:00"),
    ],
)
def test_instant_keeps_its_time_and_the_date_that_was_stated(
    at: int, date: tuple[int, int, int], text: str
) -> None:
    record = pb.Record()
    detail = record.transactions.add(id="transaction/aaaaaaaaaa").detail
    year, month, day = date
    detail.on.date.CopyFrom(pb.PartialDate(year=year, month=month, day=day))
    detail.on.at = at

    assert texts(written(record), "At") == [text]
    assert lost(record) == {}


def test_partial_date_never_becomes_an_instant() -> None:
    record = pb.Record()
    detail = record.transactions.add(id="transaction/aaaaaaaaaa").detail
    detail.on.date.CopyFrom(pb.PartialDate(year=2031, month=2, day=3))

    assert texts(written(record), "At") == []
    assert lost(record) == {"transactions[0].detail": Effect.DROPPED}


def test_time_without_an_offset_is_a_date() -> None:
    node = "<FinancialItem id='f1'><Kind>CASH</Kind><At>2031-01-30T12:00:00</At></FinancialItem>"

    draft = read(umf(node))

    moment = draft.record.transactions[0].detail.on
    assert moment.date == pb.PartialDate(year=2031, month=1, day=30) and not moment.HasField("at")
    assert effects(draft) == {"Entities.FinancialItem[1].At": Effect.GENERALISED}


@pytest.mark.parametrize("identifier", ["_p", "é1", "p" * 65])
def test_id_that_a_record_cannot_hold_is_replaced_and_declared(identifier: str) -> None:
    entities = f"<Person id='{identifier}'><Role>SUSPECT</Role></Person><Location id='person-1'/>"
    tie = f"<Connection id='x' from='{identifier}' to='person-1' kind='USES'/>"

    draft = read(umf(entities, tie))

    assert draft.record.persons[0].id == "person-2"
    assert getattr(draft.record.relationships[0].link, "from") == "person-2"
    assert effects(draft) == {"Entities.Person[1].id": Effect.GENERALISED}


def test_text_of_somebody_else_stays_a_text() -> None:
    remark = "<Remark>Function: buyer of cars, they say\nSeen: twice</Remark>"

    draft = read(umf(f"<Person id='p1'>{remark}<Role>SUSPECT</Role></Person>"))

    assert not draft.record.persons[0].functions
    assert draft.record.narratives[0].text == "Function: buyer of cars, they say\nSeen: twice"
