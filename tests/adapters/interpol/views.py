"""Views of invented cases in which somebody, or something, may be the subject of a notice of a colour."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import strategies as st

from adapters.adapter import View
from adapters.interpol.colours import WRITTEN, Colour
from gateway.record.schema import KINDS
from gateway.v1 import record_pb2 as pb
from tests.adapters.views import AWKWARD, make_awkward, shown
from tests.record.strategies import records

COLOURS = tuple(map(str, WRITTEN))
_TOLD = ("person", "person", "person", "incident", "incident", "relationship", "relationship", "location")
_KINDS = [KINDS[name] for name in (*_TOLD, "narrative", "vehicle", "assessment")]
_WORDS = ("Ilinca", "LARK", "ŁÓDŹ", "मारिया", "שרה", "x" * 70)
_LINKS = (pb.RELATION_KIND_OTHER, pb.RELATION_KIND_VICTIM_IN, pb.RELATION_KIND_SUSPECT_IN)
_LEVELS = ("RESTRICTED", "RESTREINT UE/EU RESTRICTED", "LIMITE", "Level 9", "CONFIDENTIAL")
_PLACES = (
    pb.Place(town="Port Sample", country="XB"),
    pb.Place(original="916", street="Quay 4"),
    pb.Place(original="Atlantis", town="=1+1"),
    pb.Place(country="ZZ", region="North"),
)


@st.composite
def views(draw: st.DrawFn, colour: str) -> View:
    """Return a view of any record of which a notice of this colour can mostly be written."""
    record = draw(records(most=9, kinds=_KINDS))
    random = draw(st.randoms(use_true_random=False))
    for relationship in record.relationships:
        if random.random() < 0.8:
            relationship.link.kind = random.choice(_LINKS)
    for incident in record.incidents:
        if random.random() < 0.6:
            incident.kind = pb.INCIDENT_KIND_DISAPPEARANCE
    make_awkward(record, random)
    view = draw(shown(record)).record
    _fit(view, Colour(colour), random)
    _handle(view.header, random)
    return View(record=view)


def _fit(record: pb.Record, colour: Colour, random: Random) -> None:
    """Make most persons of a record fit to be the subject, or give it something to tell."""
    if colour in (Colour.PURPLE, Colour.ORANGE):
        if not record.incidents:
            record.incidents.add(id="incident/aaaaaaaaaa", means=[pb.MEANS_DEBT_BONDAGE])
        return
    if not record.persons:
        record.persons.add(id="person/aaaaaaaaaa")
    for person in record.persons:
        if random.random() < 0.8 or len(record.persons) == 1:
            _fit_person(record, person, colour, random)


def _fit_person(record: pb.Record, person: pb.Person, colour: Colour, random: Random) -> None:
    person.ClearField("provider")
    person.ClearField("source")
    _describe(person, random)
    person.description.deceased = colour is Colour.BLACK
    if colour in (Colour.RED, Colour.GREEN, Colour.BLUE):
        person.role = pb.ROLE_SUSPECT
        person.age_status = pb.AGE_STATUS_ADULT
        person.ClearField("age_band")
        if person.birth.age_band or not person.HasField("birth"):
            person.birth.CopyFrom(pb.BirthDate(year=1970, month=random.choice([None, 4])))
        person.names.add(
            family=random.choice(_WORDS), given=random.choice(AWKWARD), kind=random.randint(0, 2)
        )
        person.names.add(full=random.choice(_WORDS), kind=pb.NAME_KIND_PRIMARY)
        names = random.sample(list(person.names), k=len(person.names))
        del person.names[:]
        person.names.extend(names)
        charge = person.offences.add(description=random.choice(_WORDS), country="NL")
        charge.law, charge.penalty = random.choice(AWKWARD), random.choice(_WORDS)
        person.offences.add(warrant_reference=random.choice(AWKWARD))
    elif colour is Colour.YELLOW:
        person.birth.CopyFrom(pb.BirthDate(year=2016, month=7, day=random.choice([None, 2])))
        person.names.add(
            family=random.choice(_WORDS), kind=random.randint(0, 3), given=random.choice(AWKWARD)
        )
        spelled = "abcdefghijklmnopqrstuvwxyz"[len(record.relationships)]
        tie = record.relationships.add(id=f"relationship/tied{spelled * 6}").link
        setattr(tie, "from", person.id)
        tie.to, tie.kind = _disappearance(record, random).id, random.choice(_LINKS[:2])


def _describe(person: pb.Person, random: Random) -> None:
    """State some of what a notice has a member for."""

    def stated() -> bool:
        return random.random() < 0.4

    if stated():
        person.sex = random.choice([pb.SEX_FEMALE, pb.SEX_MALE, pb.SEX_OTHER, pb.SEX_UNKNOWN])
        person.languages.extend(random.choices(["de", "deu", "sr-Latn", "xyz", "qq", "nld", "ro"], k=2))
    if stated():
        person.nationalities.add(country=random.choice(["XA", "ZZ", "RO"]))
        person.nationalities.add(region=pb.REGION_EASTERN_EUROPE)
    if stated():
        found = person.description
        found.height_cm, found.weight_kg = random.choice([0, 1, 181, 255, 300, 301]), random.choice([0, 82])
        found.eye_colours.extend(random.choices(["brown", "BRO", "HETE", "Blue", "sea green"], k=2))
        found.hair_colours.extend(random.choices(["YELB", "bald", "WHI", "dyed"], k=2))
        found.marks.extend(random.choices(["Scar; left", "a\nb", "0", "Tattoo", ""], k=3))
    if stated():
        person.birth_place.CopyFrom(random.choice(_PLACES))
        person.foreign_pseudonym = random.choice(["P-417", "0"])
    if stated():
        person.last_known_position.place.CopyFrom(random.choice(_PLACES))
        person.last_known_position.since.year = 2030
        person.biometrics.add(kind=pb.BIOMETRIC_KIND_FACE, reference=random.choice(AWKWARD))


def _disappearance(record: pb.Record, random: Random) -> Any:
    missed = [one for one in record.incidents if one.kind == pb.INCIDENT_KIND_DISAPPEARANCE]
    if not missed:
        missed = [record.incidents.add(id="incident/aaaaaaaaaa", kind=pb.INCIDENT_KIND_DISAPPEARANCE)]
        missed[0].occurred.place.CopyFrom(random.choice(_PLACES))
        missed[0].occurred.start.date.year = 2031
    return random.choice(missed)


def _handle(header: pb.RecordHeader, random: Random) -> None:
    if random.random() < 0.5:
        header.source_handling.codes.extend(random.choices(["H1", "H2", "REL TO XA", "ours"], k=2))
        header.source_handling.classification = random.choice(_LEVELS)
    if random.random() < 0.3:
        header.source_handling.traffic_light = random.choice(["TLP:AMBER", "TLP:PINK"])
    if random.random() < 0.3:
        header.case_references.add(number="2031/417", authority="INTERPOL")
