"""What the mapping table promises of an UMF-like message (column of table 12.1): `=` comes through natively.

Not promised, because the form has no element for it (section 1.7): middle names and titles; a name that
stands in the other list than its kind says, and a stage name; regions in place of countries; texts that mean
"not recorded" (section 0 rule 3) or that surrounding space would be taken off; dates without an instant where
an instant is needed; channel and parties of a transaction, name and kind of a location, file name and series
of a file, kind of an organisation, confidence of a relationship, which stand in lines of the remark.
"""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.adapter import View
from adapters.europol.siena import EuropolSiena
from adapters.europol.umf import EuropolUmf
from gateway.errors import Refused
from gateway.record.schema import ENTITY_KINDS
from gateway.v1 import record_pb2 as pb
from tests.adapters.views import EVERY, Format, carried_lost, lost_paths, view_of
from tests.record.strategies import records

CARRIED = (
    *("persons.names.family", "persons.names.given", "persons.names.full", "persons.names.kind"),
    *("persons.names.script", "persons.aliases", "persons.birth", "persons.age_band", "persons.sex"),
    *("persons.nationalities", "persons.biometrics.kind", "persons.biometrics.reference"),
    *("persons.foreign_pseudonym", "persons.safety.anonymity_guaranteed", "documents.details"),
    *("documents.holder", "organisations.identity.names", "organisations.identity.registration_number"),
    *("organisations.identity.country", "organisations.sector", "organisations.activity"),
    *("locations.site.street", "locations.site.postal_code", "locations.site.town", "locations.site.region"),
    *("locations.site.country", "locations.site.latitude_e6", "locations.site.longitude_e6"),
    *("locations.site.precision_m", "vehicles.identity", "accounts.identity.value"),
    *("accounts.identity.provider", "accounts.identity.seen", "online_contents.content.url"),
    *("online_contents.content.captured", "online_contents.content.text_digest"),
    *("artefacts.hashes", "artefacts.metadata.size_bytes", "artefacts.metadata.media_type"),
    *("transactions.detail.kind", "transactions.detail.amount", "transactions.detail.currency"),
    *("transactions.detail.on", "transactions.detail.reference", "incidents.acts", "incidents.means"),
    *("incidents.purposes", "incidents.kind", "incidents.occurred.start.date", "incidents.occurred.end.date"),
    *("incidents.sectors", "incidents.location", "incidents.description", "incidents.occurred.place.town"),
    *("relationships.link.from", "relationships.link.to", "relationships.link.kind"),
    *("relationships.link.since", "relationships.link.until", "relationships.link.description"),
    *("header.evaluation", "header.source_handling"),
)
_SUSPECT_AND_VICTIM = (pb.ROLE_VICTIM, pb.ROLE_SUSPECT, pb.ROLE_WITNESS, pb.ROLE_VICTIM_AND_SUSPECT)
_NAMES = (pb.NAME_KIND_PRIMARY, pb.NAME_KIND_BIRTH)
_ALIASES = (pb.NAME_KIND_ALIAS, pb.NAME_KIND_NICKNAME, pb.NAME_KIND_FALSE)
_ENTITIES = [kind for kind in ENTITY_KINDS if kind.name not in ("journey", "narrative", "assessment")]
_GRADES = (
    (pb.EVALUATION_SCHEME_EUROPOL_4X4, "B", "2"),
    (pb.EVALUATION_SCHEME_UK_5X5X5, "E", "5"),
    (pb.EVALUATION_SCHEME_UK_3X5X2, "2", "E"),
    (pb.EVALUATION_SCHEME_ADMIRALTY, "G", "6"),
)


@st.composite
def _views(draw: st.DrawFn) -> View:
    record = draw(records(most=9, kinds=_ENTITIES))
    random = draw(st.randoms(use_true_random=False))
    for person in record.persons:
        _fit_person(person, random)
    _fit_others(record, random)
    _give_instants(record)
    header = record.header
    codes = (["H0"], ["H1", "H2"], ["H1", "H2", "H3", "REL TO NL, RO"])
    header.source_handling.codes.extend(random.choice(codes))
    if "H3" in header.source_handling.codes:
        header.source_handling.text = "Ask the unit first.\nAlways."
    header.source_handling.classification = "RESTRICTED"
    evaluation = header.evaluation
    evaluation.scheme, evaluation.source, evaluation.information = random.choice(_GRADES)
    evaluation.original = random.choice(("B2", "as it was told"))
    return view_of(record)


def _fit_person(person: pb.Person, random: Random) -> None:
    person.role = random.choice(_SUSPECT_AND_VICTIM)
    if person.birth.age_band:
        person.ClearField("birth")
    if person.age_status:
        person.ClearField("age_status")
    if person.HasField("safety"):
        person.safety.anonymity_guaranteed = True
    for number, biometric in enumerate(person.biometrics):
        biometric.reference = f"XA-AFIS-{number}"
    for held, kinds in ((person.names, _NAMES), (person.aliases, _ALIASES)):
        for name in held:
            name.kind = random.choice(kinds)
            name.family = name.family or "Teiu"
            name.ClearField("middle")
            name.ClearField("title")


def _fit_others(record: pb.Record, random: Random) -> None:
    # Of what has no element a whole message would be lost, and with it what was not stated in it.
    for location in record.locations:
        location.site.town = "Sampleton"
    for artefact in record.artefacts:
        artefact.metadata.media_type = "image/png"
    for account in record.accounts:
        account.identity.kind = random.choice(
            (pb.ACCOUNT_KIND_PHONE, pb.ACCOUNT_KIND_EMAIL, pb.ACCOUNT_KIND_SOCIAL_HANDLE)
        )
    holders = {one.id for one in record.relationships}
    for online in record.online_contents:
        online.depicts[:] = [one for one in online.depicts if one not in holders]
    for relationship in record.relationships:
        if {getattr(relationship.link, "from"), relationship.link.to} & holders:
            setattr(relationship.link, "from", "e0")
            relationship.link.to = "e1" if "e1" not in holders else "e0"


def _give_instants(message: Message) -> None:
    for descriptor, value in message.ListFields():
        if descriptor.message_type is None:
            continue
        for one in value if descriptor.is_repeated else [value]:
            if isinstance(one, pb.Moment):
                if descriptor.name not in ("start", "end"):
                    one.date.CopyFrom(pb.PartialDate(year=2031, month=2, day=4))
                    one.at = 1_927_968_000_000
            else:
                _give_instants(one)


@pytest.mark.parametrize("message", [EuropolUmf(), EuropolSiena()], ids=lambda one: str(one.name))
@given(view=_views())
@settings(max_examples=50, deadline=None)
def test_what_the_table_promises_comes_through(message: Format, view: View) -> None:
    try:
        rendered = message.render([view], form="xml", allowed=EVERY)
    except Refused as refusal:
        assert refusal.code == "nothing-to-render"
        return
    (losses,) = rendered.losses

    # A relationship between relationships has no ends among the entities.
    told = [loss for loss in losses if not loss.path.endswith("]") or "relationships[" not in loss.path]
    assert carried_lost(told, CARRIED) == set()
    assert "persons.role" not in lost_paths(losses)


_LINES: dict[str, Any] = {
    "persons": {"functions": [pb.PERSON_FUNCTION_BUYER], "gender": pb.GENDER_FEMININE, "languages": ["ro"]},
    "organisations": {"kind": pb.ORGANISATION_KIND_CRIMINAL_GROUP},
    "locations": {"kind": pb.LOCATION_KIND_VENUE},
    "incidents": {
        "months": 7,
        "platforms": ["a site"],
        "sexual_kinds": [pb.SEXUAL_EXPLOITATION_KIND_PROSTITUTION],
    },
}


@pytest.mark.parametrize("collection", _LINES)
def test_what_stands_in_a_line_comes_back_and_is_declared_an_extension(collection: str) -> None:
    record = pb.Record()
    fields = dict(_LINES[collection])
    if collection == "persons":
        fields["role"] = pb.ROLE_SUSPECT
    getattr(record, collection).add(id=f"{collection[:-1]}/aaaaaaaaaa", **fields)
    (losses,) = EuropolUmf().render([View(record=record)], form="xml", allowed=EVERY).losses

    told = {loss.path for loss in losses if loss.effect.value == "kept-as-extension"}

    assert told == {f"{collection}[0].{name}" for name in _LINES[collection]}
    assert not [loss for loss in losses if loss.effect.value == "dropped"]
