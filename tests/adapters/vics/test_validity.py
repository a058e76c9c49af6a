"""A draft is a whole record but for what only the submitter can state; a document is what tools expect."""

from __future__ import annotations

import csv
import json

import pytest

from adapters.adapter import View
from adapters.caveats import Caveat
from adapters.vics.format import Vics
from adapters.vics.render import FORMS
from gateway.errors import Malformed, NotFound, Refused
from gateway.record.validation import read_record
from gateway.v1 import marking_pb2
from gateway.v1 import record_pb2 as pb
from tests.adapters.vics.samples import cases, export, hash_set, media, parse
from tests.adapters.views import TODAY, view_of
from tests.reference import reference


def _submit(record: pb.Record) -> pb.Record:
    header = pb.RecordHeader(
        marking=marking_pb2.Marking(policy_id="comity/1", level=marking_pb2.LEVEL_RESTRICTED),
        retain_until="2031-12-31",
    )
    record.header.MergeFrom(header)
    return read_record(record.SerializeToString(deterministic=True), today=TODAY)


@pytest.mark.parametrize(
    "data",
    [
        hash_set(*(media(number, Category=1, Comments="seen", Tags="t") for number in range(600))),
        hash_set({"MD5": "0" * 32}, {"MediaID": -5, "SHA1": "2" * 40}, {"MediaID": "x/y", "MD5": "1" * 32}),
        cases({"CaseNumber": "1", "Media": [media(1)], "SourceApplicationName": "INVENTED"}),
        export(*(f"{number:032x};;;{number};Yes;No;No;S;1;Yes;Image;Yes" for number in range(600))),
        hash_set(*(media(number, Comments="é x " * 12_000) for number in range(20))),
    ],
)
def test_drafts_are_valid_once_marked(data: bytes) -> None:
    for draft in parse(data):
        assert _submit(draft.record).artefacts


@pytest.mark.parametrize("name", ["sample-vics-2.0-case.json", "sample-vics-2.0-media.json"])
def test_samples_are_valid_once_marked_and_written_again(name: str) -> None:
    (draft,) = parse(reference(f"vics/{name}").read_bytes())
    _submit(draft.record)

    rendered = Vics().render([view_of(draft.record)], form="vics-2.0")

    before = json.loads(reference(f"vics/{name}").read_text())
    after = json.loads(rendered.data)
    assert after["@odata.context"] == before["@odata.context"].replace("/US/", "/Default/")
    assert len(after["value"]) == len(before["value"])


def test_written_list_has_the_keys_that_tools_read() -> None:
    (draft,) = parse(
        hash_set(media(9, SHA1="0" * 40, Category=0, MediaSize=7, Series="S", IsDistributed=True))
    )

    (entry,) = json.loads(Vics().render([view_of(draft.record)], form="vics-2.0").data)["value"]

    assert entry == {
        "MediaID": 1,
        "Category": 0,
        "MD5": f"{9:032X}",
        "SHA1": "0" * 40,
        "MediaSize": 7,
        "Series": "S",
        "IsDistributed": True,
    }


def test_older_list_has_its_numbers_as_text_and_no_foreign_category() -> None:
    (draft,) = parse(hash_set(media(9, Category=1, MediaSize=7, IsDistributed=False)))

    document = json.loads(Vics().render([view_of(draft.record)], form="vics-1.3").data)

    assert document["odata.metadata"] == "http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml#Media"
    assert document["value"] == [
        {"MediaID": "1", "MD5": f"{9:032X}", "MediaSize": "7", "IsDistributed": False}
    ]


def test_export_has_the_header_of_the_sample() -> None:
    (draft,) = parse(export("0" * 32 + ";;;5;Yes;No;;'=1+1;2;Yes;Image;Yes"))

    data = Vics().render([view_of(draft.record)], form="icse-csv").data.decode()

    header, row = csv.reader(data.splitlines(), delimiter=";")
    assert ";".join(header) == reference("vics/icse-csv-layout.csv").read_text().splitlines()[0]
    assert row[3:8] == ["1", "Yes", "No", "", "'=1+1"]


def test_case_number_makes_a_case() -> None:
    (draft,) = parse(cases({"CaseNumber": "XA-1", "ContactOrganization": "Unit A", "Media": [media()]}))

    document = json.loads(Vics().render([view_of(draft.record)], form="vics-2.0").data)

    (case,) = document["value"]
    assert document["@odata.context"].endswith("#Cases")
    assert (case["CaseNumber"], case["ContactOrganization"], len(case["Media"])) == ("XA-1", "Unit A", 1)


@pytest.mark.parametrize("form", FORMS)
def test_same_views_give_the_same_bytes(form: str) -> None:
    (draft,) = parse(hash_set(media(9, Category=1)))
    view = view_of(draft.record)

    assert Vics().render([view], form=form) == Vics().render([view], form=form)


@pytest.mark.parametrize("form", FORMS)
def test_view_without_a_file_is_refused(form: str) -> None:
    record = pb.Record()
    record.persons.add(id="person/aaaaaaaaaa", role=pb.ROLE_SUSPECT)

    for views in ([], [View(record=record)]):
        with pytest.raises(Refused) as refusal:
            Vics().render(views, form=form)
        assert refusal.value.code == "nothing-to-render"


def test_unknown_form_is_refused() -> None:
    with pytest.raises(NotFound) as refusal:
        Vics().render([], form="vics-3.0")

    assert refusal.value.code == "unknown-form"


def test_handling_that_no_list_carries_is_refused_unless_it_may_be_lost() -> None:
    (draft,) = parse(hash_set(media()))
    draft.record.header.source_handling.codes.append("H2")
    view = view_of(draft.record)

    with pytest.raises(Refused) as refusal:
        Vics().render([view], form="vics-2.0")
    rendered = Vics().render([view], form="vics-2.0", allowed=frozenset({Caveat.HANDLING}))

    assert refusal.value.code == "caveat-lost"
    assert "header.source_handling" in {loss.path for loss in rendered.losses[0]}


def test_view_too_large_for_one_record_of_a_list_is_refused() -> None:
    record = pb.Record()
    for number in range(1, 12):
        letters = "".join("abcdefghijklmnopqrstuvwxyz"[int(digit)] for digit in f"{number:010}")
        artefact = record.artefacts.add(id=f"artefact/{letters}")
        for name in ("file_name", "path", "series"):
            setattr(artefact.metadata, name, "x y " * 16_000)

    with pytest.raises(Malformed) as refusal:
        Vics().render([View(record=record)], form="vics-2.0")

    assert refusal.value.code == "too-large"
