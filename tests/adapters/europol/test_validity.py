"""A draft is a whole record once it is marked, and no bytes bring a reader out of step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from adapters.adapter import Draft, View
from adapters.europol.siena import EuropolSiena
from adapters.europol.umf import EuropolUmf
from adapters.xml import MAX_ELEMENTS
from gateway.errors import Malformed, Refused
from gateway.record.validation import read_record
from gateway.v1 import marking_pb2
from gateway.v1 import record_pb2 as pb
from tests.adapters.europol.samples import PERSON, TODAY, read, read_siena, siena, umf
from tests.adapters.europol.views import views
from tests.adapters.test_xml import DOCTYPES
from tests.adapters.views import EVERY, Format
from tests.reference import reference

_READERS = pytest.mark.parametrize("parse", [read, read_siena], ids=["umf", "siena"])
Parse = Callable[[bytes], Draft]


def submit(record: pb.Record) -> pb.Record:
    """Return a draft's record as a whole one, with the marking and the last day that a submitter adds."""
    header = pb.RecordHeader(
        marking=marking_pb2.Marking(policy_id="comity/1", level=marking_pb2.LEVEL_RESTRICTED),
        retain_until="2039-12-31",
    )
    record.header.MergeFrom(header)
    return read_record(record.SerializeToString(deterministic=True), today=TODAY)


def test_reference_sample_is_valid_once_marked() -> None:
    draft = read(reference("europol-like/umf-like-sample.xml").read_bytes())

    assert len(submit(draft.record).persons) == 2


_TEXT = st.sampled_from(
    *[
        [
            "",
            "0",
            "-99",
            "00",
            "Ana",
            "شيماء",
            "Bra\u0306\u200f",
            " padded ",
            "PHONE",
            "URL",
            "CASH",
            "JOURNEY",
        ]
    ]
    # What only our own messages say.
) | st.sampled_from(
    ["Function: buyer\nLanguage: xx-", "Kind: other", "Leg: 7\nMode: air", "I: rooms", ": I", "18+"]
)
_DATE = st.sampled_from(["1988", "1988-05", "1988-00-00", "2031-02-03", "0000"])
_KIND = st.sampled_from(["CONTACT_OF", "ADDRESS_OF", "SHOWN_IN", "TEXT_OF", "OCCURRED_AT", "DEPARTED_FROM"])
_TIE = _KIND | st.sampled_from(["HOLDER", "PAYER", "TRAVELLER", "VEHICLE", "TOOK_PLACE_AT", "USES", "", "X"])


def _leaf(tag: str, values: st.SearchStrategy[str] = _TEXT) -> st.SearchStrategy[str]:
    return st.one_of(st.just(""), values.map(lambda text: f"<{tag}>{text}</{tag}>"))


def _entity(tag: str, number: int, *inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    parts = st.tuples(_leaf("Remark"), *inner).map("".join)
    return parts.map(lambda text: f"<{tag} id='e{number}'>{text}</{tag}>")


_ROLES = st.sampled_from(["SUSPECT", "VICTIM", "INFORMANT"]).map(lambda one: f"<Role>{one}</Role>")
_COMMUNICATION = st.sampled_from(["PHONE", "URL", "IMEI"]).map(lambda one: f"<Kind>{one}</Kind>")
_NAME = st.sampled_from(["", "<Name kind='ALIAS'/>", "<Name script='x'><FullName>A</FullName></Name>"])
_HASH = st.sampled_from(["00", "", "0" * 32, "0" * 64]).map(
    lambda one: f"<Hash algorithm='SHA-256'>{one}</Hash>"
)


def _required(tag: str) -> st.SearchStrategy[str]:
    return _TEXT.map(lambda text: f"<{tag}>{text}</{tag}>")


def _entities(number: int) -> st.SearchStrategy[str]:
    return st.one_of(
        _entity(
            "Person", number, _ROLES, _NAME, _leaf("BirthDate", _DATE), _leaf("AgeBand"), _leaf("Pseudonym")
        ),
        _entity("Organisation", number, _required("Name"), _leaf("Activity")),
        _entity("Location", number, _leaf("Town"), _leaf("Latitude", st.just("12.5"))),
        _entity("MeansOfTransportation", number, _required("Kind"), _leaf("Vin")),
        _entity("MeansOfCommunication", number, _COMMUNICATION, _required("Value"), _leaf("Provider")),
        _entity("Document", number, _required("Kind"), _required("Number"), _leaf("IssueDate", _DATE)),
        _entity("FinancialItem", number, _required("Kind"), _leaf("Currency")),
        _entity("DigitalItem", number, _HASH, _leaf("MimeType")),
        _entity("Event", number, _required("Kind"), _leaf("Act"), _leaf("Sector"), _leaf("Start", _DATE)),
    )


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    """Return a message that mostly follows the schema."""
    number = draw(st.integers(1, 5))
    entities = "".join(draw(_entities(one)) for one in range(number))
    ends = st.integers(0, number - 1)
    ties = "".join(
        f"<Connection id='x{one}' from='e{draw(ends)}' to='e{draw(ends)}' kind='{draw(_TIE)}'/>"
        for one in range(draw(st.integers(0, 4)))
    )
    return umf(entities, ties)


@given(messages())
@settings(max_examples=50, deadline=None)
def test_any_message_is_refused_as_malformed_or_gives_a_valid_record(data: bytes) -> None:
    try:
        draft = read(data)
    except Malformed as refusal:
        assert refusal.field and refusal.code
        return

    record = submit(draft.record)
    assert all(person.role != pb.ROLE_UNSPECIFIED for person in record.persons)


@pytest.mark.parametrize("message", [EuropolUmf(), EuropolSiena()], ids=lambda one: str(one.name))
@given(view=views(), data=st.data())
@settings(max_examples=50, deadline=None)
def test_written_message_that_is_tampered_with_is_read_or_refused_as_malformed(
    message: Format, view: View, data: st.DataObject
) -> None:
    try:
        written = message.render([view], form="xml", allowed=EVERY).data
    except Refused:
        return
    start = data.draw(st.integers(0, len(written)))
    end = min(len(written), start + data.draw(st.integers(0, 30)))
    put = data.draw(
        st.sampled_from([b"", b"<a/>", b"&#9;", b"\xff", b"'", b"<", b"-1", b"\x00", written[:20]])
    )

    try:
        message.parse(written[:start] + put + written[end:], today=TODAY, exercise=True)
    except Malformed as refusal:
        assert refusal.field and refusal.code


@_READERS
@given(data=st.binary(max_size=300))
def test_any_bytes_are_refused_as_malformed(parse: Parse, data: bytes) -> None:
    with pytest.raises(Malformed):
        parse(data)


@_READERS
@pytest.mark.parametrize("data", DOCTYPES, ids=range(len(DOCTYPES)))
def test_declarations_are_refused(parse: Parse, data: bytes) -> None:
    with pytest.raises(Malformed) as refusal:
        parse(data)

    assert refusal.value.code == "doctype"


def test_entity_in_a_message_reads_no_file(tmp_path: Any) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    for target in (secret.as_uri(), "http://127.0.0.1:9/secret"):
        head = f"<!DOCTYPE Message [<!ENTITY x SYSTEM '{target}'>]>".encode()
        data = umf("<Person id='p1'><Role>VICTIM</Role><Pseudonym>&x;</Pseudonym></Person>")
        for attack in (head + data, data):
            with pytest.raises(Malformed) as refusal:
                read(attack)
            assert refusal.value.code in ("doctype", "not-xml")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (umf().decode().encode("utf-16"), "bad-encoding"),
        (b"<?xml version='1.0' encoding='latin-1'?>" + umf(), "bad-encoding"),
        (umf()[:-10], "not-xml"),
        (umf("<a>" * 40 + "</a>" * 40), "too-deep"),
        (umf("<a/>" * MAX_ELEMENTS), "too-many-elements"),
        (umf("<a " + " ".join(f"a{n}=''" for n in range(MAX_ELEMENTS)) + "/>"), "too-many-elements"),
        (b"", "empty-document"),
        (
            umf("<Person id='p1'><Role>VICTIM</Role><Pseudonym>" + "a" * 65_537 + "</Pseudonym></Person>"),
            "too-long",
        ),
    ],
    ids=["utf-16", "latin-1", "cut", "deep", "elements", "attributes", "empty", "long"],
)
def test_bad_form_is_refused_for_what_it_is(data: bytes, code: str) -> None:
    with pytest.raises(Malformed) as refusal:
        read(data)

    assert refusal.value.code == code


def test_comments_instructions_and_character_data_change_nothing() -> None:
    dressed = PERSON.replace("SUSPECT", "<!-- no -->SUS<![CDATA[PECT]]>") + "<!-- end -->"

    plain = read(umf()).record
    for data in (b"\xef\xbb\xbf" + umf(dressed), b"<?xml version='1.0'?><?go now?>" + umf(dressed)):
        assert read(data).record == plain


def test_message_of_ten_thousand_faults_is_refused_for_the_first() -> None:
    with pytest.raises(Malformed) as refusal:
        read(umf("<Weapon id='w'/>" + "".join(f"<Person id='p{n}'/>" for n in range(10_000))))

    assert refusal.value.code == "breaks-schema"


@given(view=views())
@settings(max_examples=50, deadline=None)
def test_losses_hold_no_text_of_the_record(view: View) -> None:
    try:
        rendered = EuropolUmf().render([view], form="xml", allowed=EVERY)
    except Refused:
        return

    told = " ".join(loss.why for losses in rendered.losses for loss in losses)
    for word in ("Ilinca", "Petrova", "Strada", "ŁÓDŹ", "मारिया"):
        assert word not in told


def test_siena_message_of_the_least_is_valid_once_marked() -> None:
    assert submit(read_siena(siena()).record).persons
    assert etree.fromstring(siena()) is not None
