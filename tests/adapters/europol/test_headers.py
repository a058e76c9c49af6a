"""What a message says of itself, and what it says nothing of."""

from __future__ import annotations

import pytest

from adapters.adapter import View
from adapters.europol.umf import EuropolUmf
from gateway.errors import Malformed, Refused
from gateway.v1 import record_pb2 as pb
from tests.adapters.europol.samples import (
    HANDLING,
    PARTIES,
    read,
    umf,
    written,
)
from tests.adapters.views import EVERY

ANA = "person/aaaaaaaaaa"


def _data(record: pb.Record) -> bytes:
    return EuropolUmf().render([View(record=record)], form="xml", allowed=EVERY).data


def test_header_is_kept_in_fields_and_words() -> None:
    head = (
        "<Sender country='XA' authority='Unit XA'/><Receiver country='XB' authority='Unit XB'/>"
        "<LegalBasis>2023/977 Art 7</LegalBasis><Purpose>18.2.d</Purpose><CrimeArea>thb</CrimeArea>"
        f"<CaseReference>XA-17</CaseReference><InReplyTo>XB-9</InReplyTo>{HANDLING}"
        "<Subject>A site</Subject><Text>Seen twice.</Text>"
    )

    header = read(umf(head=head, attributes="urgent='true'")).record.header

    assert list(header.provenance) == [
        "Message reference: R",
        "Sender: Unit XA, XA",
        "Urgent.",
        "In reply to: XB-9",
    ]
    assert list(header.audience) == ["Unit XB, XB"]
    assert list(header.purposes_in_words) == ["Legal basis: 2023/977 Art 7", "18.2.d"]
    assert header.case_references[0].number == "XA-17"
    assert not header.HasField("created_on")


def test_written_header_invents_no_sender_and_no_time() -> None:
    record = pb.Record()
    record.persons.add(id=ANA, role=pb.ROLE_SUSPECT)
    header = written(record).find("{*}Header")

    assert header is not None
    assert header.get("sentAt") == "1970-01-01T00:00:00Z"
    assert str(header.get("reference")).startswith("HX-")
    assert [dict(one.attrib) for one in header.iterfind("{*}Sender")] == [{"authority": "not stated"}]
    again = read(_data(record)).record.header
    assert not again.provenance and not again.audience and not again.HasField("created_on")


def test_day_of_creation_is_the_day_of_sending_and_comes_back() -> None:
    record = pb.Record()
    record.persons.add(id=ANA, role=pb.ROLE_SUSPECT)
    record.header.created_on.CopyFrom(pb.PartialDate(year=2031, month=2, day=4))

    assert read(_data(record)).record.header.created_on == record.header.created_on
    record.header.created_on.ClearField("day")
    assert not read(_data(record)).record.header.HasField("created_on")


def test_same_view_gives_the_same_bytes() -> None:
    record = pb.Record()
    record.persons.add(id=ANA, role=pb.ROLE_SUSPECT)

    assert _data(record) == _data(record)


def test_message_is_about_one_case_and_about_something() -> None:
    record = pb.Record()
    record.persons.add(id=ANA, role=pb.ROLE_SUSPECT)
    view, nothing = View(record=record), View(record=pb.Record())
    for views, code in (
        ([view, view], "several-views"),
        ([], "nothing-to-render"),
        ([nothing], "nothing-to-render"),
    ):
        with pytest.raises(Refused) as refusal:
            EuropolUmf().render(views, form="xml")
        assert refusal.value.code == code


def test_message_about_nothing_is_refused() -> None:
    with pytest.raises(Malformed) as refusal:
        read(umf("", head=PARTIES + HANDLING))

    assert (refusal.value.code, refusal.value.field) == ("empty-document", "Entities")
