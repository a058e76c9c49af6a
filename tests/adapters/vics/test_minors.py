"""No hash list is written beside who a protected minor is; as stripping leaves the view, one is."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given

from adapters.adapter import View
from adapters.export import Disclosed, export
from adapters.strip import strip
from adapters.vics.format import Vics
from gateway.errors import Refused
from gateway.record.marking import BOTTOM
from gateway.record.subject import subject_of
from gateway.record.vocabulary import AgeClass
from gateway.v1 import record_pb2 as pb
from tests.adapters.views import EVERY, TODAY, views

ANA = "person/aaaaaaaaaa"
FILE = "artefact/bbbbbbbbbb"
_NAMED = {
    "names": lambda person: person.names.add(given="Ana"),
    "aliases": lambda person: person.aliases.add(full="Ana"),
    "birth": lambda person: person.birth.MergeFrom(pb.BirthDate(year=2018, month=5, day=6)),
    "contacts": lambda person: person.contacts.add(kind=pb.CONTACT_KIND_PHONE, value="+99900000001"),
    "addresses": lambda person: person.addresses.add().place.MergeFrom(
        pb.Place(town="Sampletown", street="Elm 1")
    ),
    "workplaces": lambda person: person.workplaces.add(kind=pb.WORKPLACE_KIND_SCHOOL, name="School 7"),
}


def _record(role: pb.Role.ValueType = pb.ROLE_VICTIM) -> pb.Record:
    record = pb.Record()
    record.persons.add(id=ANA, role=role)
    artefact = record.artefacts.add(id=FILE)
    artefact.hashes.add(algorithm=pb.HASH_ALGORITHM_MD5, value=bytes(16))
    link = record.relationships.add(id="relationship/cccccccccc").link
    setattr(link, "from", FILE)
    link.to, link.kind = ANA, pb.RELATION_KIND_DEPICTS
    return record


def _render(record: pb.Record) -> bytes:
    return Vics().render([View(record=record)], form="vics-2.0", allowed=EVERY).data


@pytest.mark.parametrize("field", sorted(_NAMED))
@pytest.mark.parametrize("age", [pb.AGE_STATUS_MINOR, pb.AGE_STATUS_UNKNOWN, pb.AGE_STATUS_UNSPECIFIED])
def test_list_beside_who_a_minor_is_is_refused(field: str, age: pb.AgeStatus.ValueType) -> None:
    record = _record()
    record.persons[0].age_status = age
    _NAMED[field](record.persons[0])

    with pytest.raises(Refused) as refusal:
        _render(record)

    assert refusal.value.code == "minor-shown"
    assert refusal.value.field.startswith("views[0].persons[0].")


@pytest.mark.parametrize("field", sorted(_NAMED))
def test_list_is_written_of_the_view_as_stripping_leaves_it(field: str) -> None:
    record = _record()
    _NAMED[field](record.persons[0])

    stripped, _ = strip(record, pseudonyms={ANA: "P-1"}, today=TODAY)

    assert b"MD5" in _render(stripped)


def test_file_name_of_a_minors_picture_is_refused_and_its_hash_is_written() -> None:
    record = _record()
    assert b"MD5" in _render(record)

    record.artefacts[0].metadata.file_name = "ana.jpg"

    with pytest.raises(Refused) as refusal:
        _render(record)
    assert refusal.value.field == "views[0].artefacts[0].metadata"


@pytest.mark.parametrize(
    "role", [pb.ROLE_WITNESS, pb.ROLE_UNKNOWN, pb.ROLE_UNSPECIFIED, pb.ROLE_FAMILY_OF_VICTIM]
)
def test_whoever_is_protected_counts(role: pb.Role.ValueType) -> None:
    record = _record(role)
    record.persons[0].names.add(given="Ana")

    with pytest.raises(Refused):
        _render(record)


@pytest.mark.parametrize(
    ("role", "age"), [(pb.ROLE_VICTIM, pb.AGE_STATUS_ADULT), (pb.ROLE_SUSPECT, pb.AGE_STATUS_UNKNOWN)]
)
def test_list_beside_an_adult_or_a_suspect_is_written_without_them(
    role: pb.Role.ValueType, age: pb.AgeStatus.ValueType
) -> None:
    record = _record(role)
    record.persons[0].age_status = age
    record.persons[0].names.add(given="Ana")

    rendered = Vics().render([View(record=record)], form="vics-2.0", allowed=EVERY)

    assert b"Ana" not in rendered.data
    assert "persons[0]" in {loss.path for loss in rendered.losses[0]}


def test_birth_date_alone_proves_no_adult() -> None:
    record = _record()
    record.persons[0].birth.MergeFrom(pb.BirthDate(year=1970, month=5, day=6))

    with pytest.raises(Refused):
        _render(record)


def test_exporting_strips_and_then_writes_and_identity_is_refused_for_minors() -> None:
    record = _record()
    record.persons[0].names.add(given="Ana")
    one = Disclosed(record=record, marking=BOTTOM, discloser="police.ro")

    exported = export([one], Vics(), form="vics-2.0", today=TODAY, exercise=True, allowed=EVERY)
    with pytest.raises(Refused) as refusal:
        export([one], Vics(), form="vics-2.0", today=TODAY, exercise=True, allowed=EVERY, identity=True)

    assert b"Ana" not in exported.data
    assert refusal.value.code == "minor-shown"


@given(view=views())
def test_what_is_written_beside_a_minor_is_a_stripped_view(view: View) -> None:
    try:
        Vics().render([view], form="vics-2.0", allowed=EVERY)
    except Refused:
        return

    told = [subject_of(person) for person in view.record.persons]
    if any(one.protected and one.age is not AgeClass.ADULT for one in told):
        _, taken_out = strip(view.record, pseudonyms={}, today=date.max)
        assert all(loss.path.endswith("foreign_pseudonym") for loss in taken_out)
