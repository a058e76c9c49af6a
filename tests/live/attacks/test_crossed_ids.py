"""A18: an id of somebody else, or of another thing, finds nothing and changes nothing, in every method.

Every field of every request stands in a list here, read off the wire contract itself: a new one fails until
it is said what it names, and whether an id of others may stand in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import grpc
import pytest

from gateway.client import To
from gateway.services.caller import Port
from gateway.tls.identity import Role
from gateway.v1 import document_pb2 as doc
from gateway.v1 import explanation_pb2 as ex
from gateway.v1 import forwarding_pb2 as fw
from gateway.v1 import operation_pb2 as op
from gateway.v1 import peer_pb2 as peer
from gateway.v1 import submission_pb2 as pb
from gateway.wire.methods import METHODS
from tests.flow import oracle
from tests.live.attacks import review_ids
from tests.live.attacks.crossing import AGENCIES, NOBODYS, Case
from tests.live.attacks.review_ids import CROSSED
from tests.live.attacks.town import living
from tests.live.attacks.wire import Told
from tests.live.houses import NGO, NL, RO, TO_NGO, TO_NL, TO_RO

_ITEM: Final = {
    "record": "content",
    "key": "the caller's own word, kept apart for each caller (tests/flow/test_repeated_push.py)",
    "recipients.agency": "a member, public in the directory",
    "recipients.purpose": "a word of a closed list",
    "recipients.legal_basis": "a word of a closed list",
    "recipients.unit": "a unit of a member, public in the directory",
    "recipients.target": "a word of a closed list",
    "necessity": "content",
    "threat": "content",
    "ask": "a word of a closed list",
    "lane": "a word of a closed list",
}
FIELDS: Final[Mapping[str, str]] = {
    **review_ids.FIELDS,
    **{f"Submission/Push.items.{name}": why for name, why in _ITEM.items()},
    **{f"Submission/Preview.item.{name}": why for name, why in _ITEM.items()},
    "Submission/GetExchange.exchange_id": CROSSED,
    "Submission/WatchExchange.exchange_ids": CROSSED,
    "Submission/FindRecords.own_reference": CROSSED,
    "Submission/Inbox.purpose": "a word of a closed list",
    "Submission/Inbox.consumer": "the caller's own word, kept apart for each caller",
    "Submission/Inbox.follow": "a choice",
    "Submission/Acknowledge.purpose": "a word of a closed list",
    "Submission/Acknowledge.consumer": "the caller's own word, kept apart for each caller",
    "Submission/Acknowledge.position": "a place in the agency's one ledger",
    "Operation/ProbePeer.agency": "a member, public in the directory",
    "Operation/AddAccess.role": "a word of a closed list",
    "Operation/AddAccess.name": "a new name",
    "Operation/AddAccess.request": "content",
    "Operation/AddAccess.days": "a number",
    "Operation/AddAccess.acts_for": "a member, public in the directory",
    "Operation/AddAccess.purposes": "a word of a closed list",
    "Operation/RevokeAccess.role": "a word of a closed list",
    "Operation/RevokeAccess.name": CROSSED,
    "Operation/ShowRecord.record_id": CROSSED,
    "Operation/ShowRecord.exchange_id": CROSSED,
    "Operation/ShowRecord.purpose": "a word of a closed list",
    "Operation/VerifyRecord.identifier": CROSSED,
    "Operation/PackEnvelopes.recipient": "a member, public in the directory",
    "Operation/PackEnvelopes.exchange_ids": CROSSED,
    "Operation/UnpackEnvelopes.data": "content, judged like what a peer delivers",
    "Operation/ActivateRules.rules": "content",
    "Explanation/ExplainRecord.record_id": CROSSED,
    "Explanation/ExplainRecord.record": "content",
    "Explanation/ExplainRecord.agency": "a member, public in the directory",
    "Explanation/ExplainRecord.unit": "a unit of a member, public in the directory",
    "Explanation/ExplainRecord.purpose": "a word of a closed list",
    "Explanation/ExplainRecord.legal_basis": "a word of a closed list",
    "Explanation/ExplainRecord.ask": "a word of a closed list",
    "Explanation/ExplainRecord.act": "a word of a closed list",
    "Explanation/ExplainRecord.person": "an id within the record that is named beside it",
    "Explanation/ExplainRecord.target": "a word of a closed list",
    "Explanation/ExplainRecord.necessity": "content",
    "Explanation/ExplainRecord.threat": "content",
    "Explanation/ExplainRecord.lane": "a word of a closed list",
    "Explanation/ExplainRecord.reason_stated": "a choice",
    "Explanation/ExplainRecord.specialised_staff": "a choice",
    "Explanation/ExplainRecord.representative": "a choice",
    "Explanation/ExplainRecord.sessions": "a choice",
    "Explanation/ExplainExchange.exchange_id": CROSSED,
    "Explanation/SimulateRules.local.name": "the caller's own word",
    "Explanation/SimulateRules.local.text": "content",
    "Explanation/SimulateRules.baseline": "content",
    "Explanation/SimulateRules.last": "a number",
    "Audit/ExportLedger.openings": "a choice",
    "Forwarding/ForwardRecord.exchange_id": CROSSED,
    "Forwarding/ForwardRecord.agency": "a member, public in the directory",
    "Forwarding/ForwardRecord.unit": "a unit of a member, public in the directory",
    "Forwarding/ForwardRecord.purpose": "a word of a closed list",
    "Forwarding/ForwardRecord.legal_basis": "a word of a closed list",
    "Forwarding/ForwardRecord.reason": "content",
    "Documents/WriteDocument.exchange_ids": CROSSED,
    "Documents/WriteDocument.purpose": "a word of a closed list",
    "Documents/WriteDocument.format": "a word of a closed list",
    "Documents/WriteDocument.form": "a word of a closed list",
    "Documents/WriteDocument.allowed": "a word of a closed list",
    "Documents/CheckDocument.certificate": "content, signed by a member",
    "Documents/CheckDocument.digest": "content",
    "Documents/CheckDocument.size": "a number",
    "Peer/Deliver.checkpoint": "content (tests/flow/test_existence.py crosses what it holds)",
    "Peer/Deliver.consistency.from_size": "content",
    "Peer/Deliver.consistency.hashes": "content",
    "Peer/Deliver.envelopes": "content (tests/flow/test_existence.py crosses the ids it holds)",
    "Mirror/GetFile.path": "a file of the public directory",
    "Witness/AddCheckpoint.old_size": "a number",
    "Witness/AddCheckpoint.proof": "content",
    "Witness/AddCheckpoint.checkpoint": CROSSED,
    "Witness/GetCheckpoint.origin": CROSSED,
}


def _fields(message: Any, prefix: str = "") -> Iterator[str]:
    for one in message.fields:
        if one.message_type is None:
            yield prefix + one.name
        else:
            yield from _fields(one.message_type, f"{prefix}{one.name}.")


def test_every_field_of_every_request_is_in_the_list() -> None:
    found = {
        f"{path.removeprefix('/gateway.v1.')}.{name}"
        for path, method in METHODS.items()
        for name in _fields(method.request.DESCRIPTOR)
    }

    assert found == set(FIELDS)


@pytest.fixture(scope="module")
def crossed(live_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    """Return a town in which every pair has an exchange."""
    with living(live_template, tmp_path_factory.mktemp("crossed") / "houses") as town:
        made = Case(town)
        sent = [made.push(NL, TO_RO, made.reference), made.push(NL, TO_NGO), made.push(RO, TO_NL)]
        sent.append(made.push(NGO, To(agency=RO, purpose="investigation", basis="law-enforcement-task")))
        for exchange in sent:
            made.arrived(exchange)
        yield made


def _get(one: str) -> pb.GetExchangeRequest:
    return pb.GetExchangeRequest(exchange_id=one)


def _watch(one: str) -> pb.WatchExchangeRequest:
    return pb.WatchExchangeRequest(exchange_ids=[one])


def _show_record(one: str) -> op.ShowRecordRequest:
    return op.ShowRecordRequest(record_id=one, purpose="investigation")


def _show_exchange(one: str) -> op.ShowRecordRequest:
    return op.ShowRecordRequest(exchange_id=one, purpose="investigation")


def _verify(one: str) -> op.VerifyRecordRequest:
    return op.VerifyRecordRequest(identifier=one)


def _explain_record(one: str) -> ex.ExplainRecordRequest:
    return ex.ExplainRecordRequest(record_id=one, agency=RO)


def _explain_exchange(one: str) -> ex.ExplainExchangeRequest:
    return ex.ExplainExchangeRequest(exchange_id=one)


def _forward(one: str) -> fw.ForwardRecordRequest:
    # For a purpose that is denied everywhere: nothing leaves, and nobody is asked.
    return fw.ForwardRecordRequest(
        exchange_id=one, agency=RO, purpose="immigration-enforcement", reason="It may help."
    )


LOOKED_UP: Final[dict[str, tuple[str, Any, Any]]] = {
    "Submission/GetExchange.exchange_id": ("Submission/GetExchange", _get, Case.sent_or_received),
    "Submission/WatchExchange.exchange_ids": ("Submission/WatchExchange", _watch, Case.sent_or_received),
    "Operation/ShowRecord.record_id": ("Operation/ShowRecord", _show_record, Case.own),
    "Operation/ShowRecord.exchange_id": ("Operation/ShowRecord", _show_exchange, Case.received),
    "Operation/VerifyRecord.identifier": (
        "Operation/VerifyRecord",
        _verify,
        lambda case, agency: case.own(agency) | case.received(agency),
    ),
    "Explanation/ExplainRecord.record_id": ("Explanation/ExplainRecord", _explain_record, Case.own),
    "Explanation/ExplainExchange.exchange_id": ("Explanation/ExplainExchange", _explain_exchange, Case.sent),
    "Forwarding/ForwardRecord.exchange_id": ("Forwarding/ForwardRecord", _forward, Case.received),
    **review_ids.looked_up(Case.sent, lambda case, agency: set[str]()),
}
"""Fields an id is looked up by: the method, its request, and which ids are the agency's own there."""


def test_every_field_that_an_id_of_others_fits_is_crossed_below() -> None:
    elsewhere = {
        "Submission/FindRecords.own_reference",
        "Operation/RevokeAccess.name",
        "Operation/PackEnvelopes.exchange_ids",
        "Documents/WriteDocument.exchange_ids",
        "Witness/AddCheckpoint.checkpoint",
        "Witness/GetCheckpoint.origin",
    }

    assert {name for name, what in FIELDS.items() if what == CROSSED} == elsewhere | set(LOOKED_UP)


def _said(told: Told) -> tuple[object, ...]:
    return told.status, told.reason, told.kind, told.details, told.answers


@pytest.mark.parametrize("agency", AGENCIES)
@pytest.mark.parametrize("name", LOOKED_UP)
def test_id_of_others_is_not_found_and_changes_nothing(crossed: Case, name: str, agency: str) -> None:
    path, request, own = LOOKED_UP[name]
    others = [one for one in crossed.ids if one not in own(crossed, agency)]
    wire, before = crossed.town.as_operator(agency), crossed.all_rows()

    told = {one: wire.call(f"/gateway.v1.{path}", request(one).SerializeToString()) for one in others}

    assert len(others) >= 3
    assert {answer.status for answer in told.values()} == {grpc.StatusCode.NOT_FOUND}
    assert {_said(answer) for answer in told.values()} == {_said(told[NOBODYS])}
    assert crossed.all_rows() == before


@pytest.mark.parametrize("agency", AGENCIES)
@pytest.mark.parametrize("name", LOOKED_UP)
def test_own_id_is_found(crossed: Case, name: str, agency: str) -> None:
    path, request, own = LOOKED_UP[name]
    wire = crossed.town.as_operator(agency)

    for one in own(crossed, agency):
        body = request(one)
        if name.endswith("ShowRecord.exchange_id") and agency == NGO:
            body.purpose = "victim-protection"
        if name.startswith("Explanation/ExplainRecord") and agency == RO:
            body.agency = NL
        if name.startswith("Forwarding/"):
            (body.agency,) = set(AGENCIES) - {agency, crossed.exchanges[one][0]}
        told = wire.call(f"/gateway.v1.{path}", body.SerializeToString())
        assert told.status is grpc.StatusCode.OK, (one, told)


@pytest.mark.parametrize("agency", AGENCIES)
def test_document_of_what_came_to_others_is_not_found_and_changes_nothing(crossed: Case, agency: str) -> None:
    wire, before = crossed.town.as_operator(agency), crossed.all_rows()
    own = crossed.received(agency)

    def asked(*ids: str) -> Any:
        body = doc.WriteDocumentRequest(
            exchange_ids=ids, purpose="investigation", format="htcds", allowed=["handling"]
        )
        return wire.call("/gateway.v1.Documents/WriteDocument", body.SerializeToString())

    for other in set(crossed.ids) - own:
        assert _said(asked(other)) == _said(asked(NOBODYS))
        assert asked(other).status is grpc.StatusCode.NOT_FOUND
        assert all(asked(one, other).status is not grpc.StatusCode.OK for one in own)
    assert crossed.all_rows() == before
    assert all(asked(one).status is not grpc.StatusCode.NOT_FOUND for one in own)


def test_watching_an_own_exchange_beside_one_of_others_is_not_found(crossed: Case) -> None:
    wire = crossed.town.as_operator(NGO)
    own, *_ = crossed.sent_or_received(NGO)

    for other in set(crossed.exchanges) - crossed.sent_or_received(NGO):
        body = pb.WatchExchangeRequest(exchange_ids=[own, other]).SerializeToString()
        told = wire.call("/gateway.v1.Submission/WatchExchange", body)
        assert (told.status, told.answers) == (grpc.StatusCode.NOT_FOUND, ())


@pytest.mark.parametrize("agency", [RO, NGO])
def test_reference_of_another_agency_finds_nothing(crossed: Case, agency: str) -> None:
    body = pb.FindRecordsRequest(own_reference=crossed.reference).SerializeToString()

    told, own = (
        crossed.town.as_operator(one).call("/gateway.v1.Submission/FindRecords", body) for one in (agency, NL)
    )

    assert (told.status, told.answers) == (grpc.StatusCode.OK, (b"",))
    assert own.answers != (b"",)


def test_access_of_another_agency_is_not_revoked_by_its_name(crossed: Case) -> None:
    body = op.RevokeAccessRequest(role="system", name="records").SerializeToString()
    nobody = op.RevokeAccessRequest(role="auditor", name="records").SerializeToString()
    serials = crossed.town.running(NL).serials, crossed.town.running(RO).serials
    wire = crossed.town.as_operator(NGO)

    refused = wire.call("/gateway.v1.Operation/RevokeAccess", nobody)
    done = wire.call("/gateway.v1.Operation/RevokeAccess", body)

    assert (refused.status, refused.reason) == (grpc.StatusCode.NOT_FOUND, "no-such-access")
    assert done.status is grpc.StatusCode.OK
    assert (crossed.town.running(NL).serials, crossed.town.running(RO).serials) == serials


def test_ledger_of_another_agency_is_neither_shown_nor_cosigned(crossed: Case) -> None:
    """One answer whether or not that ledger was seen; the caller's own is answered."""
    wire = crossed.town.as_peer(NGO, RO)
    before = crossed.all_rows()
    origins = [f"comity.ledger/{agency}/{n}" for agency, n in ((NL, 1), (NL, 9), (RO, 1), ("no.body", 1))]
    note = crossed.town.running(NL).gateway.notary.sign_head().note

    told = [
        wire.call(
            "/gateway.v1.Witness/GetCheckpoint", peer.GetCheckpointRequest(origin=one).SerializeToString()
        )
        for one in origins
    ]
    cosigned = [
        wire.call(
            "/gateway.v1.Witness/AddCheckpoint",
            peer.AddCheckpointRequest(checkpoint=text.encode()).SerializeToString(),
        )
        for text in (note, note.replace("police.nl/1", "police.nl/9"))
    ]

    assert {(one.status, one.reason) for one in told} == {(grpc.StatusCode.PERMISSION_DENIED, "other-ledger")}
    assert len({_said(one) for one in told}) == len({_said(one) for one in cosigned}) == 1
    assert cosigned[0].status is not grpc.StatusCode.OK
    assert crossed.all_rows() == before
    own = peer.GetCheckpointRequest(origin=f"comity.ledger/{NGO}/1").SerializeToString()
    assert wire.call("/gateway.v1.Witness/GetCheckpoint", own).status is grpc.StatusCode.OK


def test_exchange_that_waits_for_one_recipient_is_not_packed_for_another(crossed: Case) -> None:
    """While police.ro is stopped, something waits for it."""
    town = crossed.town
    town.houses[RO].stop()
    try:
        waits = crossed.push(NL, TO_RO)
        _pack_each(crossed, waits)
    finally:
        town.houses[RO].begin()
    crossed.arrived(waits)


def _pack_each(crossed: Case, waits: str) -> None:
    town = crossed.town
    wire = town.as_operator(NL)
    queued = oracle.query(town.home(NL), "SELECT message_id, state, peer FROM outbox WHERE state = 'queued'")
    before = town.counts(NL)

    def pack(recipient: str, exchange: str) -> Told:
        body = op.PackEnvelopesRequest(recipient=recipient, exchange_ids=[exchange]).SerializeToString()
        return wire.call("/gateway.v1.Operation/PackEnvelopes", body)

    crossings = [pack(NGO, waits), *(pack(RO, one) for one in crossed.ids if one != waits)]

    assert {(one.status, one.reason) for one in crossings} == {(grpc.StatusCode.NOT_FOUND, "nothing-waits")}
    assert len({_said(one) for one in crossings[1:]}) == 1
    assert town.counts(NL) == before
    packed = pack(RO, waits)
    assert packed.status is grpc.StatusCode.OK and len(packed.answers) > 1
    assert (
        oracle.query(town.home(NL), "SELECT message_id, state, peer FROM outbox WHERE state = 'queued'")
        == queued
    )


def test_no_peer_reaches_the_methods_of_the_own_systems(crossed: Case) -> None:
    wire = crossed.town.wire(Port.LOCAL, crossed.town.issued(NGO, Role.OPERATOR, "duty"))

    for name, (path, request, _) in LOOKED_UP.items():
        told = wire.call(f"/gateway.v1.{path}", request(next(iter(crossed.exchanges))).SerializeToString())
        assert told.status is not grpc.StatusCode.OK, name
        assert told.answers == ()
