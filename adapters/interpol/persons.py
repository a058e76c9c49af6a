"""Who a notice is about, read: one person by identity and description."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from adapters.countries import alpha2
from adapters.interpol.codes import EYES, HAIR, SEX, SEX_UNKNOWN, read_colour
from adapters.interpol.colours import Colour
from adapters.interpol.events import draw_charges, draw_disappearance, draw_place, draw_position
from adapters.interpol.languages import read_language
from adapters.interpol.notices import Notice
from adapters.interpol.words import keep, texts
from adapters.loss import Effect
from adapters.row import ABSENT, Row
from adapters.values import read_number
from gateway.errors import Malformed
from gateway.record.age import ADULT, age_range
from gateway.v1 import record_pb2 as pb

MOST_KG: Final = 1000
"""The greatest weight that is one, in kilograms."""

MOST_CM: Final = 300
"""The greatest height that the public extracts allow, in centimetres."""

# Whoever is wanted or warned about is suspected. Of anybody else a notice does not say what they are.
_ROLES: Final[Mapping[Colour, pb.Role.ValueType]] = MappingProxyType(
    {Colour.RED: pb.ROLE_SUSPECT, Colour.GREEN: pb.ROLE_SUSPECT}
)
_PARENTS: Final = "father and mother are both kept as a parent"


def draw_person(notice: Notice, number: int, record: pb.Record, *, today: date) -> pb.Person:
    """Add the person of a notice to the record, with the event or the charges that the notice is for.

    Raises:
        Malformed: a member does not read; `bad-date` also for a birth after `today`.
    """
    row, colour = notice.row, notice.colour
    role = _ROLES.get(colour, pb.ROLE_UNKNOWN) if colour else pb.ROLE_UNKNOWN
    person = record.persons.add(id=f"person-{number}", role=role, age_status=pb.AGE_STATUS_UNKNOWN)
    _draw_names(row, notice.extension, person)
    _draw_birth(row, person, today)
    _draw_origin(row, person, record)
    _draw_description(row, person)
    _draw_parents(row, person)
    _draw_images(row, person)
    for name in ("arrest_warrants", "charges"):
        draw_charges(row, name, person, record)
    if colour is Colour.YELLOW:
        draw_disappearance(row, number, person, record)
    elif colour in (Colour.BLUE, Colour.BLACK):
        draw_position(row, person)
    if colour is Colour.BLACK:
        person.description.deceased = True
    return person


def _draw_names(row: Row, extension: Row, person: pb.Person) -> None:
    family, given = row.text("name"), row.text("forename")
    undivided = extension.flag("undivided_name")
    if undivided and family and not given:
        person.names.add(full=family, kind=pb.NAME_KIND_PRIMARY)
    elif family or given:
        name = person.names.add(kind=pb.NAME_KIND_PRIMARY)
        if family:
            name.family = family
        if given:
            name.given = given
    if birth_name := row.text("birth_name"):
        person.names.add(family=birth_name, kind=pb.NAME_KIND_BIRTH)
    if pseudonym := extension.text("pseudonym"):
        person.foreign_pseudonym = pseudonym


def _draw_birth(row: Row, person: pb.Person, today: date) -> None:
    when = row.day("date_of_birth")
    if when is not None:
        for field, value in when.ListFields():
            setattr(person.birth, field.name, value)
        ages = age_range(person.birth, today)
        if ages is None:
            raise Malformed("lies in the future", field=row.where("date_of_birth"), code="bad-date")
        if ages.lowest >= ADULT:
            person.age_status = pb.AGE_STATUS_ADULT
        elif ages.highest < ADULT:
            person.age_status = pb.AGE_STATUS_MINOR
    place = draw_place(row, "place_of_birth", "country_of_birth_id")
    if place.ByteSize():
        person.birth_place.CopyFrom(place)


def _draw_origin(row: Row, person: pb.Person, record: pb.Record) -> None:
    word = row.text("sex_id") or ""
    if word in SEX:
        person.sex = SEX[word]
    elif word and word != SEX_UNKNOWN:
        keep(row, "sex_id", [word], record, person.id)
    for country in _known(row, "nationalities", alpha2, person, record):
        person.nationalities.add(country=country)
    person.languages.extend(_known(row, "languages_spoken_ids", read_language, person, record))


def _known(
    row: Row, name: str, read: Callable[[str], str | None], person: pb.Person, record: pb.Record
) -> list[str]:
    """Return the codes of a list that are known, in their order; the others are kept as they are written."""
    words = texts(row, name)
    keep(row, name, [word for word in words if read(word) is None], record, person.id)
    return [code for code in map(read, words) if code is not None]


def _draw_description(row: Row, person: pb.Person) -> None:
    found = pb.PhysicalDescription()
    height = _measure(row, "height", per_unit=100, most=MOST_CM)
    weight = _measure(row, "weight", per_unit=1, most=MOST_KG)
    if height:
        found.height_cm = height
    if weight:
        found.weight_kg = weight
    found.eye_colours.extend(read_colour(code, EYES) for code in texts(row, "eyes_colors_id"))
    found.hair_colours.extend(read_colour(code, HAIR) for code in texts(row, "hairs_id"))
    marks = row.text("distinguishing_marks") or ""
    found.marks.extend(mark for line in marks.split("\n") if (mark := line.strip()))
    if clothing := row.text("clothing"):
        found.clothing = clothing
    if found.ByteSize():
        person.description.CopyFrom(found)


def _measure(row: Row, name: str, *, per_unit: int, most: int) -> int | None:
    """Return a measure in whole units, so many to the document's one; nought is not known, never nothing.

    Raises:
        Malformed: code `bad-number`.
    """
    row.seen.add(name)
    value = row.values.get(name)
    if value is None or str(value).strip() in ABSENT:
        return None
    exact = read_number(value, row.where(name)) * per_unit
    if not 0 <= exact <= most:
        limit = Decimal(most) / per_unit
        raise Malformed(f"is not a number from 0 to {limit:f}", field=row.where(name), code="bad-number")
    whole = int(exact.to_integral_value())
    if whole != exact:
        row.lose(name, Effect.GENERALISED, "is rounded to whole centimetres or kilograms")
    return whole or None


def _draw_parents(row: Row, person: pb.Person) -> None:
    for parent in ("father", "mother"):
        family, given = row.text(f"{parent}_name"), row.text(f"{parent}_forename")
        if not (family or given):
            continue
        name = person.family.add(relation=pb.FAMILY_RELATION_PARENT).name
        if family:
            name.family = family
        if given:
            name.given = given
        row.lose(f"{parent}_name", Effect.GENERALISED, _PARENTS)


def _draw_images(row: Row, person: pb.Person) -> None:
    """Add the images as references to a face: what they show beside it nobody says, so they are no more."""
    embedded = row.row("_embedded")
    embedded.seen.add("links")
    for image in embedded.rows("images"):
        image.seen.add("_links")
        if reference := image.text("picture_id"):
            person.biometrics.add(kind=pb.BIOMETRIC_KIND_FACE, reference=reference)
        image.finish("is not published for an image")
    embedded.finish("is not published for a notice")
