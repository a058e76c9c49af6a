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
        random.shuffle(names := list(person.names))
        del person.names[:]
        person.names.extend(names)
        person.offences.add(description=random.choice(_WORDS), country="NL", law=random.choice(AWKWARD))
    elif colour is Colour.YELLOW:
        tie = record.relationships.add(id=f"relationship/{random.choice('abcd') * 10}").link
        setattr(tie, "from", person.id)
        tie.to, tie.kind = _disappearance(record).id, random.choice(_LINKS[:2])
    elif random.random() < 0.5:
        person.last_known_position.since.year = 2030
        person.biometrics.add(kind=pb.BIOMETRIC_KIND_FACE, reference=random.choice(AWKWARD))


def _disappearance(record: pb.Record) -> Any:
    missed = (one for one in record.incidents if one.kind == pb.INCIDENT_KIND_DISAPPEARANCE)
    kind = pb.INCIDENT_KIND_DISAPPEARANCE
    return next(missed, None) or record.incidents.add(id="incident/aaaaaaaaaa", kind=kind)


def _handle(header: pb.RecordHeader, random: Random) -> None:
    if random.random() < 0.5:
        header.source_handling.codes.extend(random.choices(["H1", "H2", "REL TO XA", "ours"], k=2))
        header.source_handling.classification = random.choice(_LEVELS)
    if random.random() < 0.3:
        header.source_handling.traffic_light = random.choice(["TLP:AMBER", "TLP:PINK"])
    if random.random() < 0.3:
        header.case_references.add(number="2031/417", authority="INTERPOL")
