"""Every sample beside the project is read by its format, or is listed here with the reason why it is none."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from adapters.registry import find
from tests.reference import reference

READ = {
    "case-uco": (
        *("accounts", "analysis", "call_log", "cell_site", "device", "event", "file", "location", "message"),
        *("mobile_device_and_sim_card", "raw_data", "sms_and_contacts"),
    ),
    "stix21": (
        *("invented-trafficking-bundle", "oasis-examples/indicator-for-c2-ip-address"),
        *("oasis-examples/indicator-to-campaign-relationship", "oasis-examples/infrastructure"),
        *("oasis-examples/interop-objectmarking-test",),
        *("oasis-examples/malicious-email-indicator-with-attachment",),
    ),
}
SAMPLES = [
    *(("case-uco", f"case-uco/{name}.json") for name in READ["case-uco"]),
    *(("stix21", f"stix21/{name}.json") for name in READ["stix21"]),
    ("europol-umf", "europol-like/umf-like-sample.xml"),
    ("htcds", "htcds/invented-case.json"),
    ("interpol-notice", "interpol-like/sample-red.json"),
    ("interpol-notice", "interpol-like/sample-red-list.json"),
    ("interpol-notice", "interpol-like/sample-yellow.json"),
    ("misp", "misp/invented-event.json"),
    ("cybertip", "ncmec-like/sample-report.xml"),
    ("cybertip", "ncmec-like/sample-file-details.xml"),
    ("vics", "vics/sample-vics-1.3-media.json"),
    ("vics", "vics/sample-vics-2.0-case.json"),
    ("vics", "vics/sample-vics-2.0-media.json"),
    ("vics", "vics/icse-csv-layout.csv"),
]
NO_DOCUMENTS = {
    "europol-like/data-subject-categories.json": "a code list",
    "europol-like/directive-2023-977.json": "a code list",
    "europol-like/evaluation-codes.json": "a code list",
    "europol-like/handling-codes.json": "a code list",
    "europol-like/request-sample.json": "the content of a request, in a form of its own",
    "htcds/htcds-2.0-codelists.json": "a code list",
    "interpol-like/codes.json": "a code list",
    "interpol-like/notice-list.schema.json": "a schema",
    "interpol-like/red-notice.schema.json": "a schema",
    "interpol-like/un-notice.schema.json": "a schema",
    "interpol-like/yellow-notice.schema.json": "a schema",
    "misp/relationships.json": "a list of relationships",
    "misp/schema_objects.json": "a schema",
    "misp/schema_relationships.json": "a schema",
    "ncmec-like/codes.json": "a code list",
    "stix21/tlp-2.0-markings.json": "a list of markings",
}
_FOLDERS = {name.partition("/")[0] for _, name in SAMPLES}
_LISTS = ("stix21/schemas/", "misp/objects/", "misp/taxonomies/", "htcds/source/")


@pytest.mark.parametrize(("name", "path"), SAMPLES)
def test_sample_is_read(name: str, path: str) -> None:
    drafts = find(name).parse(reference(path).read_bytes(), today=date(2031, 2, 4), exercise=True)

    assert drafts


def test_no_sample_is_forgotten() -> None:
    root = reference("formats.md").parent
    found = {
        str(path.relative_to(root))
        for folder in _FOLDERS
        for path in (root / folder).rglob("*")
        if path.suffix in (".json", ".xml", ".csv") and path.name != "htcds-2.0-fields.csv"
    }

    known = {path for _, path in SAMPLES} | set(NO_DOCUMENTS)
    assert {path for path in found if not path.startswith(_LISTS)} - known - {
        "htcds/htcds_xlsform.xml"
    } == set()
    assert all((root / Path(path)).is_file() for path in known)
