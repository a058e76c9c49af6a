"""A37: an error nobody foresaw ends as an incident id, wherever it is raised; its words go nowhere."""

from __future__ import annotations

import gc
import json
import logging
import re
import threading
from collections.abc import Callable
from typing import Any, NoReturn

import grpc
import pytest

from gateway.client import reading
from gateway.services.caller import Port
from gateway.v1 import document_pb2 as doc
from gateway.v1 import explanation_pb2 as ex
from gateway.v1 import forwarding_pb2 as fw
from gateway.v1 import operation_pb2 as op
from gateway.v1 import peer_pb2 as peer
from gateway.v1 import submission_pb2 as pb
from gateway.v1.marking_pb2 import PURPOSE_INVESTIGATION
from gateway.wire.methods import METHODS
from tests.flow import oracle
from tests.live.attacks import canaries
from tests.live.attacks.town import Town
from tests.live.houses import NL, RO, TO_RO, Push, case

WORD = "Kanárie in een fout"
ID = "01890000-0000-7000-8000-000000000000"
_ITEM = reading.item(Push(record=case(), to=[TO_RO]))

# What each method calls, and a request that gets that far.
CALLED: dict[str, tuple[str, bytes]] = {
    "Submission/Push": (
        "gateway.worker.worker.push",
        pb.PushRequest(items=[_ITEM]).SerializeToString(),
    ),
    "Submission/Preview": (
        "gateway.services.submission.preview",
        pb.PreviewRequest(item=_ITEM).SerializeToString(),
    ),
    "Submission/GetExchange": ("gateway.services.submission.exchange_now", b""),
    "Submission/WatchExchange": (
        "gateway.services.submission.exchange_now",
        pb.WatchExchangeRequest(exchange_ids=[ID]).SerializeToString(),
    ),
    "Submission/FindRecords": ("gateway.services.submission.find_records", b""),
    "Submission/Inbox": (
        "gateway.services.submission.arrived_after",
        pb.InboxRequest(purpose=PURPOSE_INVESTIGATION).SerializeToString(),
    ),
    "Submission/Acknowledge": (
        "gateway.services.submission.take_over",
        pb.AcknowledgeRequest(purpose=PURPOSE_INVESTIGATION).SerializeToString(),
    ),
    "Operation/GetStatus": ("gateway.serve.status_of", b""),
    "Operation/ProbePeer": (
        "gateway.serve.probe",
        op.ProbePeerRequest(agency=RO).SerializeToString(),
    ),
    "Operation/AddAccess": ("gateway.services.operation.add_access", b""),
    "Operation/ListAccess": ("gateway.services.operation.list_access", b""),
    "Operation/RevokeAccess": ("gateway.services.operation.revoke_access", b""),
    "Operation/ActivateRules": ("gateway.services.operation.activate_own", b""),
    "Operation/ListArrivals": ("gateway.services.operation.arrivals", b""),
    "Operation/ShowRecord": (
        "gateway.services.operation.show_own",
        op.ShowRecordRequest(record_id=ID).SerializeToString(),
    ),
    "Operation/VerifyRecord": ("gateway.services.operation.verify", b""),
    "Operation/PackEnvelopes": (
        "gateway.services.operation.pack",
        op.PackEnvelopesRequest(recipient=RO).SerializeToString(),
    ),
    "Operation/UnpackEnvelopes": ("gateway.services.operation.unpack", b""),
    "Explanation/ExplainRecord": (
        "gateway.services.explanation.explain_record",
        ex.ExplainRecordRequest(record_id=ID, agency=RO).SerializeToString(),
    ),
    "Explanation/ExplainExchange": ("gateway.services.explanation.explain_exchange", b""),
    "Explanation/SimulateRules": ("gateway.services.explanation.newest", b""),
    "Forwarding/ForwardRecord": (
        "gateway.services.forwarding.forward",
        fw.ForwardRecordRequest(exchange_id=ID, agency=RO, reason="x").SerializeToString(),
    ),
    "Documents/WriteDocument": (
        "gateway.services.documents.write_document",
        doc.WriteDocumentRequest(purpose="investigation").SerializeToString(),
    ),
    "Documents/CheckDocument": ("gateway.services.documents.check_document", b""),
    "Audit/ExportLedger": ("gateway.services.operation.export_ledger", b""),
    "Peer/Deliver": ("gateway.services.peer.admit", b""),
    "Mirror/GetFile": (
        "keys.mirror._locked",
        peer.GetFileRequest(path="metadata/timestamp.json").SerializeToString(),
    ),
    "Witness/AddCheckpoint": ("gateway.services.peer.cosign_for", b""),
    "Witness/GetCheckpoint": ("gateway.services.peer.seen_of", b""),
}
_OFFICERS = {
    "ListHolds": "waiting",
    "WatchHolds": "waiting",
    "ShowHold": "show_hold",
    "AnswerHold": "answer_hold",
    "NarrowHold": "narrow_hold",
    "ClaimHold": "claim_hold",
    "TellHistory": "history_of",
    "TellPrevious": "previous_of",
    "TellReach": "reach_of",
    "ReviewEmergency": "review_emergency",
    "AddOfficers": "add_officers",
    "ListOfficers": "list_officers",
    "DisableOfficer": "disable_officer",
    "NoteAbsence": "note_absence",
}
CALLED |= {f"Review/{name}": (f"gateway.services.review.{called}", b"") for name, called in _OFFICERS.items()}
PEERS = ("Peer/", "Mirror/", "Witness/")


class KanarieFoutError(Exception):
    """An error whose own name says nothing of anybody; its words do."""


def _raising(error: Callable[[str], Exception]) -> Callable[..., NoReturn]:
    def raises(*_: Any, **__: Any) -> NoReturn:
        raise error(WORD) from RuntimeError(WORD)

    return raises


def test_every_method_stands_in_the_list() -> None:
    assert {f"/gateway.v1.{name}" for name in CALLED} == set(METHODS)


@pytest.mark.parametrize("error", [ValueError, KeyError, KanarieFoutError])
@pytest.mark.parametrize("name", list(CALLED))
def test_error_nobody_foresaw_is_told_as_an_incident_and_nothing_more(
    town: Town,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    name: str,
    error: type[Exception],
) -> None:
    place, body = CALLED[name]
    before, size, logged = town.counts(), oracle.size(town.home()), len(town.log.getvalue())
    wire = town.as_peer(RO) if name.startswith(PEERS) else town.as_operator()

    with pytest.MonkeyPatch.context() as patch, caplog.at_level(logging.DEBUG):
        patch.setattr(place, _raising(error))
        told = wire.call(f"/gateway.v1.{name}", body)

    if name == "Submission/Push":
        (answer,) = told.answers
        problem = pb.PushResponse.FromString(answer).answers[0].problem
        assert (problem.code, problem.field) == ("internal", "")
        said = problem.message
    else:
        assert (told.status, told.reason, told.kind) == (grpc.StatusCode.INTERNAL, "internal", "internal")
        said = told.details
    assert re.fullmatch(r"internal error, incident [0-9a-f]{12}", said)
    (line,) = [
        json.loads(line)
        for line in town.log.getvalue()[logged:].splitlines()
        if json.loads(line)["event"] == "incident"
    ]
    assert line["incident"] == said.split()[-1] and line["exception"] == error.__name__
    written = capfd.readouterr()
    everything = (town.log.getvalue() + caplog.text + written.out + written.err).encode()
    assert canaries.found((WORD,), {"log": everything, "told": told.everything}) == []
    assert (town.counts(), oracle.size(town.home())) == (before, size)


@pytest.mark.parametrize("port", list(Port))
def test_error_at_the_door_itself_is_an_incident_too(
    town: Town, monkeypatch: pytest.MonkeyPatch, port: Port
) -> None:
    wire = town.as_peer(RO) if port is Port.PEER else town.as_operator()
    monkeypatch.setattr("gateway.tls.verification.identity_of", _raising(ValueError))

    told = wire.call("/grpc.health.v1.Health/Check", b"")

    assert (told.status, told.reason) == (grpc.StatusCode.INTERNAL, "internal")
    assert canaries.found((WORD,), {"told": told.everything}) == [] and not told.answers


def test_incident_that_ends_after_its_caller_left_leaves_no_word_behind(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An error that nobody waits for is what event loops print with all its words."""
    begun, go = threading.Event(), threading.Event()

    def late(*_: Any, **__: Any) -> NoReturn:
        begun.set()
        go.wait(10)
        raise ValueError(WORD)

    monkeypatch.setattr("gateway.services.operation.list_access", late)
    wire = town.as_operator()
    asked: Any = wire.channel.unary_unary("/gateway.v1.Operation/ListAccess")
    call = asked.future(b"", timeout=20)
    assert begun.wait(10)
    call.cancel()

    with caplog.at_level(logging.DEBUG):
        go.set()
        monkeypatch.undo()
        town.work(NL, lambda gateway, _: None)
        gc.collect()
        town.work(NL, lambda gateway, _: None)

    assert canaries.found((WORD,), {"log": (caplog.text + town.log.getvalue()).encode()}) == []
