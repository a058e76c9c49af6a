"""What the table of formats promises for VICS comes through natively: hashes, file, category, series.

Source: `reference/formats.md` sections 0 and 12.2, row "digital artefact".

Left out of the promise, since lists have no place for it: a hash of another length than its algorithm makes,
and hashes whose order is not that of the members (each algorithm once, here); a size of nought, which lists
write for unknown, or above 2^63-1; spaces around a text; a text that looks like the bytes of a picture; a
category of another scheme than the document's. The ICSE export has columns for hashes of three algorithms,
the series and the flags alone.
"""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.adapter import View
from adapters.vics.format import Vics
from gateway.v1 import record_pb2 as pb
from tests.adapters.vics.views import LENGTHS
from tests.adapters.views import AWKWARD, EVERY, carried_lost, check_round_trip

FLAGS = ("victim_identified", "offender_identified", "distributed")
VICS = [
    "artefacts.hashes",
    "artefacts.metadata.size_bytes",
    "artefacts.metadata.media_type",
    "artefacts.metadata.file_name",
    "artefacts.metadata.series",
    "artefacts.classifications",
    *(f"artefacts.metadata.{flag}" for flag in FLAGS),
]
ICSE = [
    "artefacts.hashes",
    "artefacts.metadata.series",
    "artefacts.classifications",
    *(f"artefacts.metadata.{flag}" for flag in FLAGS),
]
_OWN = (pb.HASH_ALGORITHM_MD5, pb.HASH_ALGORITHM_SHA1, pb.HASH_ALGORITHM_PHOTODNA)
_FURTHER = (pb.HASH_ALGORITHM_SHA256, pb.HASH_ALGORITHM_SHA512, pb.HASH_ALGORITHM_PDQ)
_LETTERS = st.characters(exclude_categories=["C", "Z", "M"])
_TEXTS = (st.sampled_from(AWKWARD) | st.text(_LETTERS, min_size=1, max_size=40)).map(
    lambda text: unicodedata.normalize("NFC", text).strip()
)


@st.composite
def promised(
    draw: st.DrawFn,
    *,
    scheme: str,
    algorithms: tuple[pb.HashAlgorithm.ValueType, ...],
    numbers: st.SearchStrategy[int],
) -> View:
    """Return a view of artefacts as the table promises them."""
    record = pb.Record()
    for number in range(draw(st.integers(1, 4))):
        artefact = record.artefacts.add(id=f"artefact/{'abcdefghij'[number] * 10}")
        for algorithm in algorithms:
            if algorithm == pb.HASH_ALGORITHM_MD5 or draw(st.booleans()):
                size = LENGTHS[algorithm]
                artefact.hashes.add(algorithm=algorithm, value=draw(st.binary(min_size=size, max_size=size)))
        metadata = artefact.metadata
        for name in ("media_type", "file_name", "series") if scheme != "icse/baseline" else ("series",):
            if draw(st.booleans()):
                setattr(metadata, name, draw(_TEXTS))
        if scheme != "icse/baseline" and draw(st.booleans()):
            metadata.size_bytes = draw(st.integers(1, 2**63 - 1))
        for name in FLAGS:
            if draw(st.booleans()):
                setattr(metadata, name, draw(st.booleans()))
        if draw(st.booleans()):
            artefact.classifications.add(scheme=scheme, number=draw(numbers))
    return View(record=record)


@pytest.mark.parametrize(("form", "scheme"), [("vics-2.0", "vics/GB"), ("vics-1.3", "vics/1.3")])
@given(data=st.data())
def test_artefacts_come_through_vics(form: str, scheme: str, data: st.DataObject) -> None:
    numbers = st.integers(0, 2**32 - 1)
    view = data.draw(promised(scheme=scheme, algorithms=(*_OWN, *_FURTHER), numbers=numbers))

    rendered = check_round_trip(Vics(), view, form)

    assert rendered is not None
    assert carried_lost(rendered.losses[0], VICS) == set()


@given(view=promised(scheme="icse/baseline", algorithms=_OWN, numbers=st.integers(0, 1)))
def test_artefacts_come_through_an_export(view: View) -> None:
    rendered = check_round_trip(Vics(), view, "icse-csv")

    assert rendered is not None
    assert carried_lost(rendered.losses[0], ICSE) == set()


def test_category_of_another_country_is_declared_lost_and_never_renumbered() -> None:
    record = pb.Record()
    for letter, scheme in (("a", "vics/US"), ("b", "vics/US"), ("c", "vics/GB")):
        artefact = record.artefacts.add(id=f"artefact/{letter * 10}")
        artefact.hashes.add(algorithm=pb.HASH_ALGORITHM_MD5, value=letter.encode() * 16)
        artefact.classifications.add(scheme=scheme, number=1)

    rendered = Vics().render([View(record=record)], form="vics-2.0")

    assert b"2.0.xml/US/" in rendered.data
    assert rendered.data.count(b'"Category"') == 2
    assert "artefacts[2].classifications" in {loss.path for loss in rendered.losses[0]}


@pytest.mark.parametrize(
    ("role", "flag"), [(pb.ROLE_VICTIM, "VictimIdentified"), (pb.ROLE_SUSPECT, "OffenderIdentified")]
)
def test_role_of_a_person_sets_no_flag(role: pb.Role.ValueType, flag: str) -> None:
    record = pb.Record()
    record.persons.add(id="person/aaaaaaaaaa", role=role)
    record.artefacts.add(id="artefact/bbbbbbbbbb").hashes.add(
        algorithm=pb.HASH_ALGORITHM_MD5, value=bytes(16)
    )
    link = record.relationships.add(id="relationship/cccccccccc").link
    setattr(link, "from", "artefact/bbbbbbbbbb")
    link.to, link.kind = "person/aaaaaaaaaa", pb.RELATION_KIND_DEPICTS

    rendered = Vics().render([View(record=record)], form="vics-2.0", allowed=EVERY)

    assert flag.encode() not in rendered.data
    assert {"persons[0]", "relationships[0]"} <= {loss.path for loss in rendered.losses[0]}
