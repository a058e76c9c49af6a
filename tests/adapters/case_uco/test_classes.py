"""What the classes of UCO and CASE are read as: roles, accounts, evidence, calls, trafficking."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.loss import Effect
from gateway.v1 import record_pb2 as pb
from tests.adapters.case_uco.samples import (
    ANA,
    PHONE,
    PLACE,
    facet,
    losses,
    person,
    read,
    render,
    thing,
    time,
    written,
)

_OTHER = "kb:phone-55555555-5555-4555-8555-555555555555"
_ROLE = "kb:role-66666666-6666-4666-8666-666666666666"


def _tie(source: str, target: str, kind: str = "Has_Role", **members: Any) -> dict[str, Any]:
    return thing(
        f"kb:tie-{source[-3:]}-{target[-3:]}",
        "uco-core:Relationship",
        core__source={"@id": source},
        core__target={"@id": target},
        core__kindOfRelationship=kind,
        core__isDirectional=True,
        **members,
    )


def _roles(*classes: str, name: str = "") -> pb.Person:
    nodes: list[Any] = [person()]
    for number, one in enumerate(classes):
        iri = f"{_ROLE}{number}"
        nodes += [{"@id": iri, "@type": one, **({"uco-core:name": name} if name else {})}, _tie(ANA, iri)]
    return read(*nodes).persons[0]


@pytest.mark.parametrize(
    ("classes", "role"),
    [
        ((), pb.ROLE_UNKNOWN),
        (("uco-victim:Victim",), pb.ROLE_VICTIM),
        (("cacontology-trafficking:MinorTraffickingVictimRole",), pb.ROLE_VICTIM),
        (("case-investigation:Subject",), pb.ROLE_SUSPECT),
        (("uco-role:MaliciousRole",), pb.ROLE_SUSPECT),
        (("uco-role:MaliciousRole", "uco-victim:Victim"), pb.ROLE_VICTIM_AND_SUSPECT),
        (("uco-victim:Victim", "case-investigation:Subject"), pb.ROLE_VICTIM_AND_SUSPECT),
        (("uco-role:Role",), pb.ROLE_UNKNOWN),
        (("uco-role:BenevolentRole",), pb.ROLE_UNKNOWN),
        (("uco-role:NeutralRole", "uco-victim:Victim"), pb.ROLE_VICTIM),
    ],
)
def test_role_is_given_by_the_class_of_a_role(classes: tuple[str, ...], role: int) -> None:
    assert _roles(*classes).role == role


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("witness", pb.ROLE_WITNESS),
        ("Presumed victim", pb.ROLE_PRESUMED_VICTIM),
        ("suspect", pb.ROLE_UNKNOWN),
        ("third-party", pb.ROLE_UNKNOWN),
        ("victim-and-suspect", pb.ROLE_UNKNOWN),
        ("dancer", pb.ROLE_UNKNOWN),
    ],
)
def test_name_of_a_role_may_protect_and_never_accuses(name: str, role: int) -> None:
    assert _roles("uco-role:Role", name=name).role == role


def test_witness_who_is_a_subject_too_stays_protected() -> None:
    nodes = [
        person(),
        {"@id": f"{_ROLE}0", "@type": "case-investigation:Subject"},
        _tie(ANA, f"{_ROLE}0"),
        {"@id": f"{_ROLE}1", "@type": "uco-role:Role", "uco-core:name": "witness"},
        _tie(f"{_ROLE}1", ANA),
    ]

    assert read(*nodes).persons[0].role == pb.ROLE_WITNESS
    assert losses(*nodes) == {"@graph[4].uco-core:target": Effect.DROPPED}


def test_facilitator_of_the_trafficking_ontology_has_a_function() -> None:
    found = _roles("cacontology-trafficking:TransportationFacilitatorRole")

    assert (found.role, list(found.functions)) == (pb.ROLE_SUSPECT, [pb.PERSON_FUNCTION_TRANSPORTER])


def _phone(iri: str = PHONE, number: str = "+99955501") -> dict[str, Any]:
    return thing(
        iri, "uco-observable:PhoneAccount", facet("observable:PhoneAccountFacet", phoneNumber=number)
    )


def test_account_has_issuer_and_owner() -> None:
    issuer = thing("kb:org", "uco-identity:Organization", core__name="XA Telecom")
    account = _phone()
    account["uco-core:hasFacet"].append(
        facet("observable:AccountFacet", accountIssuer=issuer, owner={"@id": ANA}, isActive=True)
    )

    record = read(person(), account)

    assert record.accounts[0].identity.provider == "XA Telecom"
    assert record.accounts[0].holder == record.persons[0].id
    assert not record.organisations  # an issuer that stands within the account is a part of it


def test_mailbox_takes_its_address_from_the_node_that_holds_it() -> None:
    address = thing(
        "kb:a", "uco-observable:EmailAddress", facet("observable:EmailAddressFacet", addressValue="a@x")
    )
    account = thing(
        PHONE,
        "uco-observable:EmailAccount",
        facet("observable:EmailAccountFacet", emailAddress={"@id": "kb:a"}),
    )

    (found,) = read(account, address).accounts

    assert (found.identity.kind, found.identity.value) == (pb.ACCOUNT_KIND_EMAIL, "a@x")


def _link(record: pb.Record) -> pb.Link:
    (relationship,) = record.relationships
    return relationship.link


def test_relationship_has_times_and_confidence() -> None:
    node = _tie(ANA, PHONE, "Has_Account", core__startTime=time("2031-05-06T07:08:09Z"))
    node["uco-core:hasFacet"] = facet("core:ConfidenceFacet", confidence=70)

    link = _link(read(person(), _phone(), node))

    assert link.kind == pb.RELATION_KIND_HOLDER_OF
    assert (link.since.year, link.since.month, link.since.day, link.confidence) == (2031, 5, 6, 70)


def test_word_for_a_kind_without_an_equal_is_kept_and_written_again() -> None:
    nodes = [person(), _phone(), _tie(ANA, PHONE, "Mapped_Into", core__description="by hand")]
    record = read(*nodes)

    assert _link(record).kind == pb.RELATION_KIND_OTHER
    assert _link(record).description == "Kind of relationship as written: Mapped_Into\nby hand"
    assert losses(*nodes) == {"@graph[2].uco-core:kindOfRelationship": Effect.KEPT_AS_EXTENSION}
    view = pb.Record()
    view.persons.add(id="person/aaaaaaaaaa")
    view.accounts.add(id="account/aaaaaaaaaa")
    link = view.relationships.add(id="relationship/aaaaaaaaaa").link
    link.CopyFrom(_link(record))
    setattr(link, "from", "person/aaaaaaaaaa")
    link.to = "account/aaaaaaaaaa"
    (node,) = [one for one in written(view) if one["@type"] == "uco-core:Relationship"]
    assert (node["uco-core:kindOfRelationship"], node["uco-core:description"]) == ("Mapped_Into", "by hand")


@pytest.mark.parametrize("end", ["kb:nobody", ANA, ""])
def test_relationship_that_ties_less_than_two_things_is_noted_as_lost(end: str) -> None:
    node = _tie(ANA, end or ANA)
    if not end:
        del node["uco-core:target"]

    assert not read(person(), node).relationships
    assert set(losses(person(), node).values()) == {Effect.DROPPED}


def test_call_ties_the_accounts_that_spoke() -> None:
    call = thing(
        "kb:call",
        "uco-observable:Call",
        facet(
            "observable:CallFacet",
            **{"from": {"@id": PHONE}, "to": [{"@id": _OTHER}], "startTime": time("2031-05-06T07:08:09Z")},
        ),
    )

    link = _link(read(_phone(), _phone(_OTHER), call))

    assert link.kind == pb.RELATION_KIND_COMMUNICATED_WITH
    assert (getattr(link, "from"), link.to) == (PHONE.partition(":")[2], _OTHER.partition(":")[2])
    assert link.since.year == 2031


def test_message_is_an_artefact_and_ties_its_accounts() -> None:
    message = thing(
        "kb:m",
        "uco-observable:SMSMessage",
        facet(
            "observable:MessageFacet", messageText="come", **{"from": {"@id": PHONE}, "to": {"@id": _OTHER}}
        ),
    )

    record = read(_phone(), _phone(_OTHER), message)

    assert record.artefacts[0].content == "come"
    assert record.artefacts[0].metadata.kind == pb.ARTEFACT_KIND_MESSAGE
    assert _link(record).kind == pb.RELATION_KIND_COMMUNICATED_WITH


def test_entry_of_a_phone_book_is_a_protected_person_who_holds_the_number() -> None:
    contact = thing(
        "kb:c",
        "uco-observable:Contact",
        facet("observable:ContactFacet", firstName="Ana", nickname="A", phoneNumber={"@id": PHONE}),
    )

    record = read(contact, _phone())

    assert record.persons[0].role == pb.ROLE_UNKNOWN
    assert record.persons[0].aliases[0].kind == pb.NAME_KIND_NICKNAME
    assert _link(record).kind == pb.RELATION_KIND_HOLDER_OF


def test_phone_and_card_are_devices_with_their_numbers() -> None:
    phone = thing(
        PHONE,
        "uco-observable:MobileDevice",
        facet("observable:MobileDeviceFacet", IMEI=["356420075722843", "1"]),
        facet("observable:DeviceFacet", model="M", serialNumber="S", manufacturer={"@id": "kb:o"}),
    )
    card = thing(_OTHER, "uco-observable:SIMCard", facet("observable:SIMCardFacet", IMSI="7", ICCID="8"))
    maker = thing("kb:o", "uco-identity:Organization", core__name="XB Works")

    record = read(phone, card, maker)

    first, second = (one.device for one in record.artefacts)
    assert (first.kind, first.imei, first.model, first.serial, first.make) == (
        1,
        "356420075722843",
        "M",
        "S",
        "XB Works",
    )
    assert (second.kind, second.imsi, second.iccid) == (pb.DEVICE_KIND_SIM, "7", "8")


def test_exhibit_and_action_tell_where_evidence_came_from() -> None:
    record = read(
        thing(PHONE, "uco-observable:File", facet("observable:FileFacet", fileName="a")),
        {
            "@id": "kb:p",
            "@type": "case-investigation:ProvenanceRecord",
            "case-investigation:exhibitNumber": "XA-1",
            "uco-core:object": [{"@id": PHONE}],
        },
        thing("kb:i", "case-investigation:InvestigativeAction", core__name="Seizure"),
        {
            "@id": "kb:n",
            "@type": "case-investigation:Investigation",
            "case-investigation:investigationForm": "case",
            "case-investigation:investigationStatus": "open",
            "case-investigation:focus": ["Human trafficking"],
        },
    )

    assert list(record.artefacts[0].exhibits) == ["XA-1"]
    assert list(record.header.provenance) == ["Seizure"]
    assert (record.header.type, record.header.case_status) == (pb.RECORD_TYPE_CASE, pb.CASE_STATUS_ACTIVE)
    assert list(record.header.crime_areas) == ["Human trafficking"]


def test_event_of_the_trafficking_ontology_is_an_incident() -> None:
    place = thing(PLACE, "uco-location:Location", facet("location:SimpleAddressFacet", country="XQ"))
    event = thing(
        "kb:e",
        [
            "cacontology-trafficking:VictimTransportation",
            "cacontology-trafficking:CommercialSexualExploitation",
        ],
        action__location={"@id": PLACE},
        action__startTime=time("2031-05-06T07:08:09Z"),
    )

    record = read(place, event)

    (incident,) = record.incidents
    assert incident.kind == pb.INCIDENT_KIND_TRAFFICKING
    assert list(incident.acts) == [pb.ACT_TRANSPORTATION, pb.ACT_EXPLOITATION]
    assert list(incident.purposes) == [pb.EXPLOITATION_PURPOSE_SEXUAL_EXPLOITATION]
    assert incident.location == record.locations[0].id


def test_country_that_nobody_knows_is_kept_as_written() -> None:
    node = thing(PLACE, "uco-location:Location", facet("location:SimpleAddressFacet", country="Atlantis"))

    assert read(node).locations[0].site.original == "Atlantis"
    assert set(losses(node).values()) == {Effect.KEPT_AS_EXTENSION}


def test_forced_labour_is_not_written_as_a_class_that_says_sexual_exploitation() -> None:
    record = pb.Record()
    incident = record.incidents.add(id="incident/aaaaaaaaaa", kind=pb.INCIDENT_KIND_TRAFFICKING)
    incident.acts.append(pb.ACT_TRANSPORTATION)
    incident.purposes.append(pb.EXPLOITATION_PURPOSE_FORCED_LABOUR)

    assert written(record)[0]["@type"] == "uco-action:Action"


def test_pseudonym_stands_in_uco_itself_for_a_person_whose_name_was_taken_out() -> None:
    record = pb.Record()
    record.persons.add(id="person/aaaaaaaaaa", role=pb.ROLE_VICTIM, foreign_pseudonym="P-1")

    (node, *_) = written(record)
    assert node["uco-core:externalReference"]["uco-core:externalIdentifier"] == "P-1"
    assert render(record).losses == ((),)
