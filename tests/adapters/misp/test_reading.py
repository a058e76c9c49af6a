"""What is read of events that others wrote, and what of them is declared lost."""

from __future__ import annotations

import pytest

from adapters.loss import Effect
from gateway.v1 import record_pb2 as pb
from tests.adapters.misp.samples import UUIDS, event, losses, parse, read, thing
from tests.reference import reference


def test_the_reference_event_is_read() -> None:
    record = read(reference("misp/invented-event.json").read_bytes())

    suspect, victim = record.persons
    assert (suspect.role, suspect.names[0].full) == (pb.ROLE_SUSPECT, "Ivo EXAMPLE-KESTREL")
    assert (suspect.sex, suspect.nationalities[0].country) == (pb.SEX_MALE, "XA")
    assert (victim.role, victim.aliases[0].full) == (pb.ROLE_VICTIM, "XA-V-2031-004")
    assert record.vehicles[0].identity.plate == "XB-TEST-77"
    assert record.accounts[0].identity.value == "+99900000001"
    assert record.online_contents[0].content.url == "https://ads.example.invalid/post/4471"
    assert (record.locations[0].site.latitude_e6, record.locations[0].site.country) == (12_500_000, "XB")
    assert record.header.evaluation == pb.Evaluation(
        scheme=pb.EVALUATION_SCHEME_ADMIRALTY, source="B", information="2"
    )
    assert record.header.source_handling.traffic_light == "TLP:AMBER+STRICT"
    assert list(record.header.source_handling.codes) == ["PAP:AMBER"]
    assert list(record.header.provenance) == ["National Unit XA (fictional)"]
    assert [one.link.kind for one in record.relationships] == [
        pb.RELATION_KIND_USES,
        pb.RELATION_KIND_ASSOCIATE_OF,
        pb.RELATION_KIND_MENTIONS,
    ]


def test_the_losses_of_the_reference_event_are_these() -> None:
    assert losses(reference("misp/invented-event.json").read_bytes()) == {
        "Event.threat_level_id": Effect.DROPPED,
        "Event.analysis": Effect.DROPPED,
        "Event.distribution": Effect.DROPPED,
        "Event.Object[0].ObjectReference[0].relationship_type": Effect.GENERALISED,
    }


@pytest.mark.parametrize(
    ("words", "role"),
    [
        (["Victim"], pb.ROLE_VICTIM),
        (["Suspect"], pb.ROLE_SUSPECT),
        (["suspect"], pb.ROLE_SUSPECT),
        (["Witness"], pb.ROLE_WITNESS),
        (["Accused"], pb.ROLE_SUSPECT),
        (["Defendent"], pb.ROLE_SUSPECT),
        (["Accomplice"], pb.ROLE_SUSPECT),
        (["Victim", "Suspect"], pb.ROLE_VICTIM_AND_SUSPECT),
        (["Victim", "Witness"], pb.ROLE_VICTIM),
        (["Suspect", "Informant"], pb.ROLE_UNKNOWN),
        (["Suspect", "Witness"], pb.ROLE_UNKNOWN),
        (["Suspect", "Impersonated"], pb.ROLE_UNKNOWN),
        (["Source"], pb.ROLE_UNKNOWN),
        (["Target"], pb.ROLE_UNKNOWN),
        (["Lookout"], pb.ROLE_UNKNOWN),
        ([], pb.ROLE_UNKNOWN),
    ],
)
def test_words_for_roles_accuse_nobody_who_is_called_something_else_too(words: list[str], role: int) -> None:
    document = event(thing("person", first_name="Eva", role=words))

    assert read(document).persons[0].role == role
    exact = role != pb.ROLE_UNKNOWN and {word.lower() for word in words} <= {"victim", "suspect", "witness"}
    assert any(path.startswith("Event.Object") for path in losses(document)) != (
        (exact and words != ["Victim", "Witness"]) or not words
    )


def test_tag_of_ours_makes_nobody_a_suspect_against_the_words_beside_it() -> None:
    person = thing("person", first_name="Eva", role="Victim")
    person["Attribute"][0]["Tag"] = [{"name": 'comity:role="suspect"'}]

    assert read(event(person)).persons[0].role == pb.ROLE_VICTIM
    assert losses(event(person))["Event.Object[0].Tag"] is Effect.DROPPED


@pytest.mark.parametrize(
    "tag", ["comity:made-up", 'comity:region="Atlantis"', 'comity:age-status="old"', 'comity:name-kind="x"']
)
def test_tag_of_ours_that_says_nothing_known_is_declared(tag: str) -> None:
    person = thing("person", alias="Eva")
    person["Attribute"][0]["Tag"] = [{"name": tag}]

    assert not read(event(person)).persons[0].nationalities
    assert Effect.DROPPED in losses(event(person)).values()


def test_account_of_no_known_kind_and_nothing_else_is_left_without_an_identity() -> None:
    account = thing("phone-number", country_code="Atlantis")
    account["Attribute"][0]["Tag"] = [{"name": 'comity:identity-kind="Atlantis"'}]

    assert not read(event(account)).accounts[0].HasField("identity")


def test_victim_of_the_template_for_organisations_is_never_a_person() -> None:
    document = event(
        thing("victim", 1, name="Eva", classification="individual"), thing("vehicle", 2, make="K")
    )

    assert not read(document).persons
    assert losses(document)["Event.Object[0]"] is Effect.DROPPED


@pytest.mark.parametrize(
    ("text", "birth"),
    [
        ("1988-05-06", pb.BirthDate(year=1988, month=5, day=6)),
        ("1988-05-06T00:00:00.000000+00:00", pb.BirthDate(year=1988, month=5, day=6)),
        ("1988-05", pb.BirthDate(year=1988, month=5)),
        ("1988", pb.BirthDate(year=1988)),
        ("1988-00-00", pb.BirthDate(year=1988)),
        ("0000-00-00", pb.BirthDate()),
        ("-99", pb.BirthDate()),
        ("00", pb.BirthDate()),
        ("", pb.BirthDate()),
        (None, pb.BirthDate()),
    ],
)
def test_birth_is_read_as_far_as_it_is_told(text: str | None, birth: pb.BirthDate) -> None:
    person = read(event(thing("person", first_name="Eva", date_of_birth=text))).persons[0]

    assert person.birth == birth
    assert person.HasField("birth") == bool(birth.year)
    assert not person.HasField("age_status")


def test_deleted_parts_are_passed_over() -> None:
    car = thing("vehicle", 1, make="Kestrel", model="One")
    car["Attribute"][1]["deleted"] = True
    gone = {**thing("vehicle", 2, make="Gone"), "deleted": "1"}
    reference_ = {"referenced_uuid": UUIDS[2], "relationship_type": "owns", "deleted": True}
    person = {**thing("person", 3, first_name="Eva"), "ObjectReference": [reference_]}

    record = read(event(car, gone, person))

    assert [(one.identity.make, one.identity.model) for one in record.vehicles] == [("Kestrel", "")]
    assert not record.relationships


def test_what_is_not_read_is_declared_and_never_with_its_value() -> None:
    car = thing("vehicle", 1, make="Kestrel", gearbox="sixfold")
    car["Attribute"][0] |= {"comment": "a remark", "Tag": [{"name": 'dark-web:topic="x"'}], "data": "QUJD"}
    document = event(
        car,
        thing("yabin", 2, yara="rule remarkable"),
        Attribute=[{"type": "yara", "value": "rule remarkable"}],
        Galaxy=[{"name": "remarkable"}],
        Tag=[{"name": "remarkable:tag"}, {"name": "no namespace remarkable"}],
        EventReport=[{"content": "remarkable"}],
        RelatedEvent=[{"Event": {"info": "remarkable"}}],
        threat_level_id="1",
    )

    (draft,) = parse(document)

    assert {(loss.path, loss.effect) for loss in draft.losses} == {
        ("Event.Object[0].Attribute[0].comment", Effect.DROPPED),
        ("Event.Object[0].Attribute[0].Tag", Effect.DROPPED),
        ("Event.Object[0].Attribute[0].data", Effect.DROPPED),
        ("Event.Object[0].Attribute[1].value", Effect.DROPPED),
        ("Event.Object[1]", Effect.DROPPED),
        ("Event.Attribute[0].value", Effect.DROPPED),
        ("Event.Galaxy", Effect.DROPPED),
        ("Event.Tag[0]", Effect.DROPPED),
        ("Event.Tag[1]", Effect.DROPPED),
        ("Event.EventReport", Effect.DROPPED),
        ("Event.RelatedEvent", Effect.DROPPED),
        ("Event.threat_level_id", Effect.DROPPED),
    }
    told = " ".join(loss.path + loss.why for loss in draft.losses)
    assert not [word for word in ("remark", "sixfold", "QUJD") if word in told]


@pytest.mark.parametrize(
    ("name", "source", "target", "kind", "description"),
    [
        ("member-of", 0, 1, pb.RELATION_KIND_MEMBER_OF, ""),
        ("works-for", 1, 0, pb.RELATION_KIND_EMPLOYS, ""),
        ("used-by", 1, 0, pb.RELATION_KIND_USES, ""),
        ("drives", 0, 1, pb.RELATION_KIND_USES, "drives"),
        ("spouse-of", 0, 1, pb.RELATION_KIND_FAMILY_OF, "spouse-of"),
        ("involved-in", 0, 1, pb.RELATION_KIND_OTHER, "involved-in"),
        ("made-up", 0, 1, pb.RELATION_KIND_OTHER, "made-up"),
        ("related-to", 0, 1, pb.RELATION_KIND_OTHER, ""),
    ],
)
def test_relationship_is_read_and_a_name_without_an_equal_kept(
    name: str, source: int, target: int, kind: int, description: str
) -> None:
    tie = {"uuid": UUIDS[8], "referenced_uuid": UUIDS[1].upper(), "relationship_type": name}
    person = {**thing("person", 1, first_name="Eva"), "ObjectReference": [tie]}

    (relationship,) = read(event(person, thing("organization", 2, name="Ring"))).relationships

    link = relationship.link
    assert relationship.id == UUIDS[8]
    assert (getattr(link, "from"), link.to) == (UUIDS[source], UUIDS[target])
    assert (link.kind, link.description) == (kind, description)


@pytest.mark.parametrize("target", [UUIDS[0], UUIDS[5], "", "nonsense"])
def test_tie_to_itself_or_to_nothing_is_left_out_and_declared(target: str) -> None:
    tie = {"referenced_uuid": target, "relationship_type": "uses"}
    document = event({**thing("person", 1, first_name="Eva"), "ObjectReference": [tie]})

    assert not read(document).relationships
    assert losses(document)["Event.Object[0].ObjectReference[0]"] is Effect.DROPPED


def test_ties_that_are_a_field_of_an_entity_are_read_as_one() -> None:
    holder = {"referenced_uuid": UUIDS[0], "relationship_type": "registered-to"}
    account = {**thing("phone-number", 2, phone_number="+99900000001"), "ObjectReference": [holder]}

    record = read(event(thing("person", 1, first_name="Eva"), account))

    assert record.accounts[0].holder == UUIDS[0]
    assert not record.relationships


def test_attributes_outside_objects_are_an_entity_each() -> None:
    attributes = [
        {"type": "phone-number", "value": "+99900000001", "uuid": UUIDS[0]},
        {"type": "email-src", "value": "a@example.invalid"},
        {"type": "url", "value": "https://ads.example.invalid/1"},
        {"type": "domain", "value": "ads.example.invalid"},
        {"type": "filename|md5", "value": "a|b.jpg|" + "0" * 32},
        {"type": "sha1", "value": "0" * 40},
        {"type": "btc", "value": "invented"},
        {"type": "text", "value": "Seen at the harbour."},
        {"type": "full-name", "value": "Eva Example"},
    ]

    record = read(event(Attribute=attributes))

    assert [one.identity.kind for one in record.accounts] == [
        pb.ACCOUNT_KIND_PHONE,
        pb.ACCOUNT_KIND_EMAIL,
        pb.ACCOUNT_KIND_CRYPTO,
    ]
    assert record.accounts[0].id == UUIDS[0]
    assert record.online_contents[1].content.site == "ads.example.invalid"
    assert record.artefacts[0].metadata.file_name == "a|b.jpg"
    assert record.narratives[0].text == "Seen at the harbour."
    assert (record.persons[0].role, record.persons[0].names[0].full) == (pb.ROLE_UNKNOWN, "Eva Example")


def test_words_of_others_without_an_equal_are_kept_as_they_are() -> None:
    document = event(
        thing("vehicle", 1, type="caravan", description="white roof"),
        thing("organization", 2, name="Firm", type_of_organization="massage parlour"),
        thing("transaction", 3, amount="about five", transmode_code="hand to hand"),
        thing("transport-ticket", 4, origin="Central Station", type_of_transport="Bus"),
    )

    record = read(document)

    assert record.vehicles[0].identity.description == "white roof\nType as written: caravan"
    assert record.organisations[0].activity == "massage parlour"
    assert record.transactions[0].detail.parties == (
        "Amount as written: about five\nMode as written: hand to hand"
    )
    assert record.journeys[0].route.legs[0].origin.original == "Central Station"
    assert record.journeys[0].route.legs[0].mode == pb.TRAVEL_MODE_ROAD
    assert losses(document)["Event.Object[3].Attribute[1].value"] is Effect.GENERALISED


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2031-02-03", pb.Moment(date=pb.PartialDate(year=2031, month=2, day=3))),
        ("2031-02-03T04:05:06", pb.Moment(date=pb.PartialDate(year=2031, month=2, day=3))),
        ("2031-02-03 04:05", pb.Moment(date=pb.PartialDate(year=2031, month=2, day=3))),
        ("2031", pb.Moment(date=pb.PartialDate(year=2031))),
        (
            "1970-01-02T00:00:01.5+00:00",
            pb.Moment(date=pb.PartialDate(year=1970, month=1, day=2), at=86_401_500),
        ),
    ],
)
def test_time_is_read_as_far_as_it_is_told(text: str, moment: pb.Moment) -> None:
    document = event(thing("transaction", amount="5 EUR", date=text))

    assert read(document).transactions[0].detail.on == moment


def test_point_at_nought_is_unknown_and_a_meridian_is_not() -> None:
    nowhere = event(thing("geolocation", city="X", latitude="0", longitude="0"))
    meridian = event(thing("geolocation", latitude="51.5", longitude=0))

    assert not read(nowhere).locations[0].site.HasField("latitude_e6")
    assert losses(nowhere)["Event.Object[0].Attribute[1].value"] is Effect.DROPPED
    assert read(meridian).locations[0].site.longitude_e6 == 0
    assert read(meridian).locations[0].site.latitude_e6 == 51_500_000


def test_names_of_other_scripts_stay_and_unseen_characters_go() -> None:
    document = event(thing("person", first_name="Ma\u0301ria", last_name="שרה\u202e", alias="मारिया\x00"))

    person = read(document).persons[0]

    assert (person.names[0].given, person.names[0].family) == ("Mária", "שרה")
    assert person.aliases[0].full == "मारिया"
    assert losses(document) == {
        "Event.Object[0].Attribute[1].value": Effect.GENERALISED,
        "Event.Object[0].Attribute[2].value": Effect.GENERALISED,
    } | {path: effect for path, effect in losses(document).items() if "Object" not in path}


def test_notice_gives_its_person_no_role() -> None:
    document = event(
        thing(
            "interpol-notice",
            notice_color="Red",
            forename="Ivo",
            present_family_name="Kestrel",
            sex="Male",
            charges="a charge",
        )
    )

    person = read(document).persons[0]

    assert (person.role, person.names[0].given, person.names[0].family) == (
        pb.ROLE_UNKNOWN,
        "Ivo",
        "Kestrel",
    )
    assert losses(document)["Event.Object[0].Attribute[0].value"] is Effect.DROPPED


def test_objects_without_an_id_are_named_by_their_place() -> None:
    first, second = thing("vehicle", make="One"), thing("vehicle", make="Two")
    del first["uuid"]
    second["uuid"] = "not a uuid"

    assert [one.id for one in read(event(first, second)).vehicles] == ["event-object-0", "event-object-1"]
