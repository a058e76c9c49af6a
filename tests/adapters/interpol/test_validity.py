"""A draft is a whole record but for what only the submitter can state: its marking and its last day."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Malformed
from gateway.record.text import check_local_id
from gateway.record.ties import entities
from gateway.record.validation import read_record
from gateway.v1 import marking_pb2
from gateway.v1 import record_pb2 as pb
from tests.adapters.interpol.notices import TODAY, parse
from tests.reference import reference


def _submit(record: pb.Record) -> pb.Record:
    header = pb.RecordHeader(
        marking=marking_pb2.Marking(policy_id="comity/1", level=marking_pb2.LEVEL_RESTRICTED),
        retain_until="2032-12-31",
    )
    record.header.MergeFrom(header)
    return read_record(record.SerializeToString(deterministic=True), today=TODAY)


@pytest.mark.parametrize("name", ["sample-red", "sample-yellow", "sample-red-list"])
def test_reference_notices_are_valid_once_marked(name: str) -> None:
    for draft in parse(reference(f"interpol-like/{name}.json").read_bytes()):
        assert _submit(draft.record).persons


_WORDS = st.sampled_from(
    ["LARK", "XA", "916", "GER", "0", "-99", "", "U", "debt-bondage", "Hypnosis", "Bra\u0306\u200f"]
)
_TEXTS = st.one_of(_WORDS, st.text(max_size=12), st.none())
_DAYS = st.sampled_from(["2016/07/02", "1988", "1988/05", "1988-00-00", "", None])
_NAMES = (
    *(
        "name",
        "forename",
        "birth_name",
        "place_of_birth",
        "country_of_birth_id",
        "sex_id",
        "distinguishing_marks",
    ),
    *("place", "country", "mother_name", "mother_forename", "clothing", "confidentiality", "entity_id"),
    *("summary", "profession", "un_reference", "registration_number", "legal_form", "main_activity"),
)
_LISTS = (
    *(
        "nationalities",
        "languages_spoken_ids",
        "eyes_colors_id",
        "hairs_id",
        "aliases",
        "adresses",
        "purposes",
    ),
    *("identity_documents", "associates", "administrators"),
)
_COLOURS = ("yellow", "blue", "green", "black", "purple", "orange", "un")
_NOTICES = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(_NAMES, _TEXTS),
        **dict.fromkeys(_LISTS, st.lists(_TEXTS, max_size=3)),
        **dict.fromkeys(("date_of_birth", "date_of_event"), _DAYS),
        **dict.fromkeys(("height", "weight"), st.sampled_from([0, 1.81, 2, None, "-99"])),
        "notice_type": st.sampled_from(_COLOURS),
        "charges": st.lists(
            st.fixed_dictionaries({}, optional={"charge": _TEXTS, "law": _TEXTS}), max_size=2
        ),
        "incidents": st.lists(
            st.fixed_dictionaries({}, optional={"means": st.lists(_TEXTS, max_size=2), "kind": _TEXTS}),
            max_size=2,
        ),
        "comity": st.fixed_dictionaries(
            {}, optional={"case": st.integers(0, 2), "undivided_name": st.booleans(), "pseudonym": _TEXTS}
        ),
    },
)


@given(st.lists(_NOTICES, min_size=1, max_size=3))
def test_any_document_is_refused_as_malformed_or_gives_valid_records(
    document: list[dict[str, object]],
) -> None:
    try:
        drafts = parse(document)
    except Malformed as refusal:
        assert refusal.field
        return

    accusing = any(notice.get("notice_type") == "green" for notice in document)
    for draft in drafts:
        record = _submit(draft.record)
        ids = [check_local_id(entity.id, "id") for _, entity in entities(record)]
        assert len(set(ids)) == len(ids)
        assert accusing or all(person.role == pb.ROLE_UNKNOWN for person in record.persons)
