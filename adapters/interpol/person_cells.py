"""What a notice says of the person it is about, written."""

from __future__ import annotations

from typing import Final

from adapters.document import Json
from adapters.interpol.cells import Cells, cleaned
from adapters.interpol.codes import EYES, HAIR, SEX, SEX_UNKNOWN, write_colour
from adapters.interpol.colours import Colour
from adapters.interpol.event_cells import write_charges, write_disappearance, write_position
from adapters.interpol.languages import write_language
from adapters.interpol.persons import MOST_CM, MOST_KG
from adapters.interpol.subjects import disappearance_of, proper_name
from gateway.v1 import record_pb2 as pb

UNDIVIDED: Final = "undivided_name"
PSEUDONYM: Final = "pseudonym"


def write_person(cells: Cells, record: pb.Record, person: pb.Person, colour: Colour) -> dict[str, Json]:
    """Write the person and what the notice is for; return what the extension says beside it."""
    beside = Cells()
    if colour is not Colour.BLACK:  # whoever has a name is no unidentified body
        _write_identity(cells, beside, person)
    if colour is Colour.YELLOW:
        _write_birth_name(cells, person)
        write_disappearance(cells, record, disappearance_of(record, person))
    _write_description(cells, person)
    if colour is Colour.BLACK:
        cells.text("clothing", person.description.clothing)
    if colour in (Colour.BLUE, Colour.BLACK):
        write_position(cells, person.last_known_position)
    if colour in (Colour.RED, Colour.GREEN, Colour.BLUE):
        write_charges(cells, record, person, warrants=colour is Colour.RED)
    beside.text(PSEUDONYM, person.foreign_pseudonym)
    return beside.values


def _write_identity(cells: Cells, beside: Cells, person: pb.Person) -> None:
    name = proper_name(person)
    if name is not None:
        cells.text("name", name.family)
        cells.text("forename", name.given)
        if "name" not in cells.values and "forename" not in cells.values:
            # Where a name is not divided the public form has it in this member, too.
            cells.text("name", name.full)
            beside.values[UNDIVIDED] = True
    if not person.birth.HasField("age_band"):
        cells.day("date_of_birth", person.birth)
    cells.place("place_of_birth", "country_of_birth_id", person.birth_place)
    countries = Cells()
    for place, nationality in enumerate(person.nationalities):
        countries.country(str(place), nationality.country)
    if countries:
        cells.values["nationalities"] = [*countries.values.values()]
    languages = filter(None, map(write_language, person.languages))
    cells.texts("languages_spoken_ids", dict.fromkeys(languages))


def _write_birth_name(cells: Cells, person: pb.Person) -> None:
    born = (name.family for name in person.names if name.kind == pb.NAME_KIND_BIRTH)
    if birth_name := next(filter(None, map(cleaned, born)), ""):
        cells.text("birth_name", birth_name)


def _write_description(cells: Cells, person: pb.Person) -> None:
    codes = {sex: code for code, sex in SEX.items()} | {pb.SEX_UNKNOWN: SEX_UNKNOWN}
    if person.sex in codes:
        cells.values["sex_id"] = codes[person.sex]
    found = person.description
    cells.measure("height", found.height_cm, per_unit=100, most=MOST_CM)
    cells.measure("weight", found.weight_kg, per_unit=1, most=MOST_KG)
    cells.texts("eyes_colors_id", [write_colour(word, EYES) for word in found.eye_colours])
    cells.texts("hairs_id", [write_colour(word, HAIR) for word in found.hair_colours])
    cells.lines("distinguishing_marks", found.marks)
    faces = Cells()
    faces.texts("faces", [one.reference for one in person.biometrics if one.kind == pb.BIOMETRIC_KIND_FACE])
    if isinstance(references := faces.values.get("faces"), list):
        cells.values["_embedded"] = {"images": [{"picture_id": reference} for reference in references]}
