"""A01: whoever loses access loses it at once, on connections and in streams that were open before."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import grpc
import pytest

from gateway.client import reading
from gateway.flow.gateway import Gateway
from gateway.sealing.batch import parse_receipt_batch
from gateway.serve import Running
from gateway.services.caller import Port
from gateway.tls.identity import Role
from gateway.v1 import operation_pb2 as op
from gateway.v1 import submission_pb2 as pb
from gateway.worker.mirroring import Mirroring
from keys.federation import Federation
from keys.member import MemberStatus
from tests.flow import forge, oracle, records
from tests.live.attacks.papers import certified, foreign_authority
from tests.live.attacks.town import Town, living
from tests.live.attacks.wire import Stream
from tests.live.houses import NL, PASSPHRASE, RO, SYSTEM, TO_RO, Push, case

PUSH, DELIVER = "/gateway.v1.Submission/Push", "/gateway.v1.Peer/Deliver"
CHECK = "/grpc.health.v1.Health/Check"


@pytest.fixture
def fresh(live_template: Path, tmp_path: Path) -> Iterator[Town]:
    """Return gateways of the test's own: what it takes away stays away."""
    with living(live_template, tmp_path / "houses") as town:
        yield town


def _push() -> bytes:
    item = reading.item(Push(record=case(), to=[TO_RO]))
    return pb.PushRequest(items=[item]).SerializeToString()


def _delivery(gateway: Gateway, now: datetime) -> bytes:
    """Return a batch with one sound release for police.nl."""
    granting = forge.only("vehicle.identity")
    release = forge.release(gateway, records.small(), NL, now, granting)
    return forge.batch(gateway, forge.envelope(gateway, forge.announce(gateway, NL, release.encode(), now)))


def _suspended(template: Path, folder: Path, agency: str) -> Path:
    """Return a copy of the federation's directory in which a member is suspended."""
    shutil.copytree(template / "federation", folder)
    federation = Federation.open(
        folder, PASSPHRASE, datetime.now(UTC).replace(microsecond=0), allow_cheap=True
    )
    federation.add_member(replace(federation.members()[agency], status=MemberStatus.SUSPENDED))
    federation.publish()
    return federation.repository_path


async def _refresh(running: Running, source: Path) -> bool:
    mirror = running._mirror
    return await Mirroring(running._worker, running._peers, mirror, source, running._renewed).refresh()


def test_revoked_system_pushes_nothing_more_in_a_stream_under_way(fresh: Town) -> None:
    stream, idle = Stream(fresh.as_system(), PUSH), fresh.as_system()
    assert pb.PushResponse.FromString(stream.ask(_push())).answers[0].record_id
    assert idle.call(CHECK, b"").status is grpc.StatusCode.OK
    revoke = op.RevokeAccessRequest(role="system", name=SYSTEM).SerializeToString()
    assert fresh.as_operator().call("/gateway.v1.Operation/RevokeAccess", revoke).answers
    before = oracle.kinds(fresh.home()).count("submitted")

    told = stream.refused(_push())

    assert (told.reason, told.kind) == ("revoked", "forbidden")
    assert oracle.kinds(fresh.home()).count("submitted") == before
    assert idle.call(CHECK, b"").reason == "revoked"
    assert fresh.as_system().call(CHECK, b"").reason == "revoked"


def test_suspended_member_delivers_nothing_more_in_a_stream_under_way(
    fresh: Town, live_template: Path, tmp_path: Path
) -> None:
    stream, idle = Stream(fresh.as_peer(RO), DELIVER), fresh.as_peer(RO)
    before, first, second = fresh.work(RO, _delivery), fresh.work(RO, _delivery), fresh.work(RO, _delivery)
    assert parse_receipt_batch(stream.ask(before)).receipts
    assert idle.call(CHECK, b"").status is grpc.StatusCode.OK
    source = _suspended(live_template, tmp_path / "federation", RO)
    assert fresh.houses[NL].on_loop(lambda running: _refresh(running, source))
    size, inbox = oracle.size(fresh.home()), oracle.counts(fresh.home())["inbox"]

    told = stream.refused(first)

    assert (told.reason, told.kind) == ("not-a-member", "unverified")
    assert oracle.counts(fresh.home())["inbox"] == inbox
    assert "received" not in oracle.kinds(fresh.home(), size)
    assert idle.call(DELIVER, second).reason == "not-a-member"
    # Nor does a new connection get as far as that: its authority is no anchor any more.
    assert fresh.as_peer(RO).call(DELIVER, second).short == "UNAVAILABLE"


def test_member_that_was_never_in_the_directory_is_a_stranger(fresh: Town) -> None:
    """Every port asks the directory, whatever the certificate says of itself."""
    stranger = certified(foreign_authority("police.zz"), "spiffe://police.zz/gateway")

    told = fresh.wire(Port.PEER, stranger).call(CHECK, b"")

    assert (told.status, told.reason) == (grpc.StatusCode.UNAVAILABLE, "")


def test_operator_certificate_that_was_never_filed_holds_nowhere(fresh: Town) -> None:
    shown = fresh.issued(NL, Role.OPERATOR, "ghost", filed=False)

    told = fresh.wire(Port.LOCAL, shown).call("/gateway.v1.Operation/GetStatus", b"")

    assert told.reason == "revoked" and not told.answers
