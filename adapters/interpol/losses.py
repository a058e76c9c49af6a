"""Why a notice does not say something as a record does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from adapters import measure
from adapters.interpol.codes import EYES, HAIR, read_colour, write_colour
from adapters.interpol.handling import LEVELS
from adapters.interpol.languages import read_language, write_language
from adapters.interpol.subjects import proper_name
from adapters.loss import Effect, Loss
from adapters.measure import Measure
from gateway.v1 import record_pb2 as pb

_NO_FIELD: Final = "a notice of this colour has no field for it"
_NO_TABLE: Final = "a notice is about one person or about incidents, and about nothing else"
_SAYS_MORE: Final = "is read so, since a notice leaves no other reading"
_UNNAMED: Final = "a notice has no ids; what it speaks of goes by its place"
_DERIVED: Final = "a notice has no age status; whoever reads works one out from the birth date"
_CHARGED: Final = "a notice ties every charge to its subject"
_EXTENSION: Final = "stands in an extension of our own, which other readers pass over"

_REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "header.type": "whatever is read from a notice is one",
        "header.case_references": "a notice has its own number, and no other reference",
        "header.purposes_in_words": "a notice says by its colour alone what it is for",
        "header.source_handling": "a notice has a level of confidentiality, and no further handling",
        "header.evaluation": "a notice has no grading",
        "persons.names": "a notice has one name and forename, without kind, script or title",
        "persons.aliases": "a notice has no aliases",
        "persons.birth.age_band": "a notice has birth dates, and no age bands",
        "persons.birth_place": "a notice has a town and a country of birth",
        "persons.role": "a notice says by its colour alone what somebody is",
        "persons.sex": "a notice has female and male; unknown is nothing stated",
        "persons.nationalities": "a notice has countries, and no regions",
        "persons.biometrics": "a notice has images of a face, by their reference",
        "persons.images": "what an image shows is not for a notice to say",
        "persons.languages": "a notice has the three letters of a language, without script or region",
        "persons.description": "a notice has height, weight, colours of eyes and hair, and marks",
        "persons.last_known_position": "a notice has a town, a country and one day",
        "persons.offences": _CHARGED,
        "incidents.occurred": "a notice has a town, a country and one day of an event",
        "incidents.offences": _CHARGED,
        "relationships": "a notice ties nothing; the reader ties the event to the subject",
    }
)


def _says_less(descriptor: Any, before: Any, after: Any) -> bool:
    if descriptor.name == "languages":
        return bool(read_language(write_language(before)) == after)
    for field, words in (("eye_colours", EYES), ("hair_colours", HAIR)):
        if descriptor.name == field:
            return bool(read_colour(write_colour(before, words), words) == after)
    return False


_MEASURE: Final = Measure(
    no_field=_NO_FIELD,
    no_table=_NO_TABLE,
    says_more=_SAYS_MORE,
    reasons=_REASONS,
    is_less=_says_less,
    unnamed=_UNNAMED,
    derived=MappingProxyType({"persons.age_status": _DERIVED}),
)


def losses_of(
    record: pb.Record, reading: pb.Record, *, names: Mapping[str, str], left_out: Mapping[str, str]
) -> tuple[Loss, ...]:
    """Return what the reading of a view's notices lost, coarsened or added, and what came through in our
    extension alone.
    """
    lost = measure.losses_of(record, reading, _MEASURE, names=names, left_out=left_out)
    return (*lost, *_extended(record, measure.renamed_reading(record, reading, names)))


def _extended(record: pb.Record, reading: pb.Record) -> Iterator[Loss]:
    stated, read = record.header.source_handling, reading.header.source_handling
    native = stated.classification in LEVELS
    for field, _ in stated.ListFields():
        came = getattr(stated, field.name) == getattr(read, field.name)
        if came and not (field.name == "classification" and native):
            yield _kept(f"header.source_handling.{field.name}")
    persons = {person.id: person for person in reading.persons}
    for number, person in enumerate(record.persons):
        told = persons.get(person.id, pb.Person())
        if person.foreign_pseudonym and person.foreign_pseudonym == told.foreign_pseudonym:
            yield _kept(f"persons[{number}].foreign_pseudonym")
        name = proper_name(person)
        for place, one in enumerate(person.names):
            if one is name and any(one.full and one.full == read_name.full for read_name in told.names):
                yield _kept(f"persons[{number}].names[{place}].full")


def _kept(path: str) -> Loss:
    return Loss(path=path, effect=Effect.KEPT_AS_EXTENSION, why=_EXTENSION)
