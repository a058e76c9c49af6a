"""A37: nothing of a record, and nothing a caller made up, stands in a log, counter, error or ledger."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

import grpc
import pytest

from gateway.client import To
from gateway.client.reading import item
from gateway.flow.audit import export_ledger
from gateway.services.caller import Port
from gateway.tls.identity import Role
from gateway.v1 import operation_pb2 as op
from gateway.v1 import submission_pb2 as pb
from gateway.v1.record_pb2 import Record
from tests.flow import oracle
from tests.live.attacks import canaries
from tests.live.attacks.requests import every_request
from tests.live.attacks.town import Town
from tests.live.attacks.wire import GARBAGE, Told
from tests.live.houses import NGO, NL, RO, TO_NGO, TO_RO, Push

AGENCIES = (NL, RO, NGO)
PUSH = "/gateway.v1.Submission/Push"
WORDS = (*canaries.planted()[1], *canaries.ASKED, "kanarie-naam", "Kanárie naam", "DROP TABLE")


@dataclass
class Played:
    """Everything was called and failed in every way; `told` are the answers, `logged` all that was logged."""

    town: Town
    told: list[tuple[str, Told]]
    problems: bytes
    logged: bytes
    shown: bytes


@pytest.fixture(scope="module")
def played(town: Town) -> Iterator[Played]:
    """Send the canaries round, with everything that can go wrong; then look."""
    stream = StringIO()
    handler, root = logging.StreamHandler(stream), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        _straight(town)
        problems = _spoilt(town)
        told = _senseless(town)
        shown = town.as_operator().call("/gateway.v1.Operation/GetStatus", b"").answers[0]
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    logged = (town.log.getvalue() + stream.getvalue()).encode()
    yield Played(town=town, told=told, problems=problems, logged=logged, shown=shown)


def _straight(town: Town) -> None:
    """Have the record sent, looked at, found, handed out and taken over."""
    record, _ = canaries.planted()
    client, recipient = town.houses[NL].client(), town.houses[RO].client()
    push = Push(record=record, to=[TO_RO, TO_NGO], key=canaries.KEY)
    answer = client.push_one(push)
    assert [one.outcome for one in answer.exchanges] == ["release", "release"]
    for one in answer.exchanges:
        assert [seen.state for seen in client.watch(one.exchange_id, timeout_s=60)][-1] == "delivered"
    assert client.preview(push).outcomes
    assert [one.record_id for one in client.find(canaries.REFERENCE)] == [answer.record_id]
    (arrived,) = recipient.inbox("investigation", consumer=canaries.CONSUMER)
    assert arrived.record is not None
    recipient.acknowledge(arrived, consumer=canaries.CONSUMER)
    town.as_peer(RO).call("/gateway.v1.Mirror/GetFile", b"\x0a\x22" + canaries.FILE.encode())
    show = op.ShowRecordRequest(record_id=answer.record_id, purpose="investigation")
    assert town.as_operator().call("/gateway.v1.Operation/ShowRecord", show.SerializeToString()).answers


def _spoilt(town: Town) -> bytes:
    """Push records with a canary where it may not stand, and pushes that fail otherwise."""
    answers = b""
    wire = town.as_system()
    for record in canaries.spoilt():
        pushed = item(Push(record=record, to=[TO_RO]))
        answers += b"".join(wire.call(PUSH, pb.PushRequest(items=[pushed]).SerializeToString()).answers)
    record, _ = canaries.planted()
    others = [
        Push(record=record, to=[TO_NGO], key=canaries.KEY),
        Push(record=record, to=[To(agency=canaries.NAME, purpose="investigation")]),
        Push(record=record, to=[To(agency="Kanárie naam")]),
        Push(record=record, to=[TO_RO], ask=[canaries.NAME]),
        Push(record=record[:-7], to=[TO_RO]),
        Push(record=json.dumps({"header": WORDS[0]}).encode(), to=[TO_RO]),
    ]
    for push in others:
        (answer,) = wire.call(PUSH, pb.PushRequest(items=[item(push)]).SerializeToString()).answers
        assert pb.PushResponse.FromString(answer).answers[0].problem.code
        told = pb.PushResponse.FromString(answer).answers[0]
        told.ClearField("key")  # A submitter's key comes back to it, beside what became of it.
        answers += told.SerializeToString()
    return answers


def _senseless(town: Town) -> list[tuple[str, Told]]:
    """Call every method with everything, as somebody who may and as somebody who may not."""
    may = {Port.PEER: town.as_peer(RO), Port.LOCAL: town.as_operator()}
    may_not = town.wire(Port.LOCAL, town.issued(NL, Role.OFFICER, "somebody"))
    told = []
    for path, body in every_request():
        port = Port.PEER if path.split(".")[2].startswith(("Peer", "Mirror", "Witness")) else Port.LOCAL
        # A watch goes on until its caller leaves.
        told.append((path, may[port].call(path, body, answers_max=1 if path.endswith("/WatchHolds") else 4)))
        told.append((path, may_not.call(path, body + GARBAGE)))
    return told


def test_nothing_a_peer_or_a_system_sends_is_an_accident(played: Played) -> None:
    """A refusal is ours and says so: no error of Python, SQLite or the transport gets that far."""
    ours = {grpc.StatusCode.OK, grpc.StatusCode.UNIMPLEMENTED}

    accidents = [
        (path, one.status.name, one.details)
        for path, one in played.told
        if not one.reason and one.status not in ours
    ]

    assert [(path, one.details) for path, one in played.told if one.kind == "internal"] == []
    assert accidents == []


def test_no_refusal_repeats_what_it_refuses(played: Played) -> None:
    refusals = {
        f"{path} {number}": one.details.encode() + one.trailers
        for number, (path, one) in enumerate(played.told)
        if one.status is not grpc.StatusCode.OK
    }

    assert len(refusals) > 150
    assert canaries.found(WORDS, refusals) == []


def test_no_problem_of_a_push_repeats_the_record(played: Played) -> None:
    assert played.problems.count(b"record") > 10

    assert canaries.found(WORDS, {"problems": played.problems}) == []


def test_no_log_line_names_anything_of_a_record(played: Played) -> None:
    lines = [json.loads(line) for line in played.town.log.getvalue().splitlines()]

    assert {line["event"] for line in lines} >= {"rpc.refused"}
    assert canaries.found(WORDS, {"log": played.logged}) == []
    assert not [line for line in lines if "dropped" in line]


def test_status_and_counters_name_nothing_of_a_record(played: Played) -> None:
    status = op.GetStatusResponse.FromString(played.shown)

    assert len(status.counters) > 10
    assert canaries.found(WORDS, {"status": played.shown}) == []


def test_ledgers_and_their_exports_name_nothing_of_a_record(played: Played) -> None:
    town = played.town
    ledgers = {agency: json.dumps(oracle.entries(town.home(agency))).encode() for agency in AGENCIES}
    for agency in AGENCIES:
        files = town.work(agency, lambda gateway, now: export_ledger(gateway, now, openings=True))
        ledgers |= {f"{agency}/{name}": data for name, data in files.items()}

    assert canaries.found(WORDS, ledgers) == []


def test_error_does_not_tell_whether_what_is_named_exists(played: Played) -> None:
    """The same question gets the same answer, whether what it names exists or not."""
    asked = [
        op.ShowRecordRequest(exchange_id=name, purpose="investigation").SerializeToString()
        for name in ("01890000-0000-7000-8000-000000000000", canaries.NAME)
    ]

    told = [played.town.as_operator().call("/gateway.v1.Operation/ShowRecord", one) for one in asked]

    assert len({(one.status, one.reason, one.details) for one in told}) == 1


def test_search_finds_a_canary_in_every_spelling() -> None:
    """The others mean something only if this one finds."""
    (word,) = [word for word in canaries.planted()[1] if "á" in word][:1]

    for form in (*oracle.forms(word), b"Kan%C3%A1rie" + word[7:].encode()):
        assert canaries.found((word,), {"there": b"." * 5 + form + b"."})


def test_planted_record_still_holds_a_canary_in_nearly_every_text() -> None:
    record, words = canaries.planted()

    assert len(words) >= 100
    assert len(Record.FromString(record).persons) >= 3
