"""Officers at a running gateway: what their certificates open, and twenty words at once (A19)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from queue import Queue

import pytest

from gateway.cli.remote_review import RemoteReview
from gateway.client import Push
from gateway.client.connection import Connection
from gateway.errors import Conflict, Forbidden, GatewayError, Refused
from gateway.flow.review.approve import Answered
from gateway.flow.review.enrol import Enrolled
from gateway.flow.review.listing import Waiting
from gateway.record.vocabulary import Duty, Purpose
from gateway.tls.credential import Credential, new_request, read_credential
from gateway.tls.identity import Identity, Role
from gateway.v1 import operation_pb2 as op
from gateway.wire.methods import method
from keys.approval import Approval, Verdict, sign_approval
from keys.officer_file import OfficerFile
from tests.flow import oracle, records
from tests.flow.review import Crew, Person, crew
from tests.live.houses import NL, RO, TO_RO, House
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("events")


@dataclass
class Office:
    """A running gateway with five officers, each with a certificate of their own."""

    house: House
    officers: Crew
    credentials: dict[str, Credential]
    opened: ExitStack

    def desk(self, handle: str) -> RemoteReview:
        """Return a new connection of an officer."""
        shown = self.credentials[handle]
        return RemoteReview(
            self.opened.enter_context(Connection(self.house.config.local, shown)), exercise=True
        )

    @property
    def console(self) -> RemoteReview:
        """Return a connection of the console."""
        return RemoteReview(self.opened.enter_context(self.house.console()), exercise=True)

    def hold(self, number: int = 1) -> str:
        """Push what a victim protection and a child protection officer must approve."""
        push = Push(record=records.small(number), to=[TO_RO], ask=["person.name"])
        (exchange,) = self.house.client().push_one(push).exchanges
        assert (exchange.outcome, exchange.approvals) == ("held", ("CPO:1", "VPO:1"))
        return exchange.exchange_id

    def word(self, exchange: str, who: Person, duty: Duty) -> bytes:
        """Return an officer's signed approval of a hold as it is shown to them."""
        view = self.desk(who.handle).show(exchange)
        said = Approval(
            release=bytes.fromhex(view.digest),
            exchange_id=exchange,
            recipient=view.recipient,
            purpose=Purpose.from_token(view.purpose, "purpose"),
            decision=bytes.fromhex(view.decision),
            policy=bytes.fromhex(view.policy),
            directory=bytes.fromhex(view.directory),
            duty=duty,
            verdict=Verdict.APPROVE,
            reason="",
            officer=who.key_id,
            expires_at_ms=view.expires_ms,
        )
        return sign_approval(said, who.signer)


@pytest.fixture
def office(pair: dict[str, House]) -> Iterator[Office]:
    """Return a gateway that runs, with its officers enrolled over its own port."""
    pair[RO].begin()
    pair[NL].begin()
    until(lambda: pair[NL].status().cosigned_size)
    with ExitStack() as opened:
        made = Office(pair[NL], crew(), {}, opened)
        _enrol(made)
        yield made


def _enrol(office: Office) -> None:
    now, five = datetime.now(UTC), office.officers
    keys: dict[str, bytes] = {}

    def file(who: Person, *others: Person) -> OfficerFile:
        key, request = new_request(Identity(agency=NL, role=Role.OFFICER, name=who.handle))
        keys[who.handle] = key
        return replace(who.file(now, *others, request=False), request=request)

    first = [file(five.anna, five.bob), file(five.bob, five.anna)]
    rest = [file(one, five.anna, five.bob) for one in (five.carla, five.dirk, five.eva)]
    done: list[Enrolled] = []
    for files in (first, rest):
        done += office.console.add_officers(files)
    for one in done:
        office.credentials[one.handle] = read_credential(keys[one.handle] + one.certificate.encode())


def _at_once(office: Office, words: list[tuple[str, bytes]]) -> list[Answered | GatewayError]:
    """Hand in words at the same moment, each over a connection of its own."""
    desks = [(office.desk(handle), word) for handle, word in words]
    for desk, _ in desks:
        desk.waiting()
    ready, said = threading.Barrier(len(desks)), Queue[Answered | GatewayError]()

    def speak(desk: RemoteReview, word: bytes) -> None:
        ready.wait()
        try:
            said.put(desk.answer(word))
        except GatewayError as exc:
            said.put(exc)

    threads = [threading.Thread(target=speak, args=one) for one in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return [said.get_nowait() for _ in desks]


def test_twenty_words_at_once_release_exactly_once(office: Office) -> None:
    exchange, five = office.hold(), office.officers
    speakers = [(five.anna, Duty.VPO), (five.carla, Duty.VPO), (five.bob, Duty.CPO), (five.eva, Duty.CPO)]
    words = [(who.handle, office.word(exchange, who, duty)) for who, duty in speakers for _ in range(5)]

    told = _at_once(office, words)

    counted = [one for one in told if isinstance(one, Answered)]
    refused = [one for one in told if isinstance(one, GatewayError)]
    assert sorted(one.state for one in counted) == ["approved", "partly-approved"]
    assert len(refused) == 18
    assert all(isinstance(one, Refused | Conflict) for one in refused)
    reasons = {"already-approved", "duty-not-needed", "hold-closed", "state-changed", "duplicate"}
    assert {one.code for one in refused} <= reasons
    assert oracle.kinds(office.house.home).count("released") == 1
    assert len(oracle.query(office.house.home, "SELECT * FROM approvals")) == 2


def test_one_officer_at_once_with_themselves_is_one_person(office: Office) -> None:
    exchange, eva = office.hold(), office.officers.eva
    words = [("eva", office.word(exchange, eva, duty)) for duty in (Duty.VPO, Duty.CPO) for _ in range(10)]

    told = _at_once(office, words)

    (counted,) = [one for one in told if isinstance(one, Answered)]
    assert counted.state == "partly-approved"
    assert oracle.query(office.house.home, "SELECT state FROM exchanges") == [("held",)]
    assert "released" not in oracle.kinds(office.house.home)


def test_remote_officer_lists_shows_watches_and_approves(office: Office) -> None:
    exchange, five = office.hold(), office.officers
    anna = office.desk("anna")

    assert [one.exchange for one in anna.waiting().holds] == [exchange]
    assert next(iter(anna.watch())).holds[0].exchange == exchange
    assert anna.show(exchange).recipient == RO
    assert anna.history(exchange).state == "held"
    assert anna.explain(exchange) is not None
    assert anna.claim(exchange, "anna", give_up=False) is not None
    assert anna.answer(office.word(exchange, five.anna, Duty.VPO)).missing == ("CPO:1",)
    assert office.desk("bob").answer(office.word(exchange, five.bob, Duty.CPO)).state == "approved"
    until(lambda: anna.history(exchange).state == "delivered")


def test_officer_neither_pushes_nor_exports_nor_makes_officers(office: Office) -> None:
    shown = office.opened.enter_context(Connection(office.house.config.local, office.credentials["anna"]))
    desk = office.desk("anna")

    for service, name in (("Operation", "GetStatus"), ("Audit", "ExportLedger"), ("Submission", "Push")):
        with pytest.raises(Forbidden) as refused:
            _called(shown, service, name)
        assert refused.value.code == "not-allowed"
    attempts: tuple[Callable[[], object], ...] = (
        lambda: desk.add_officers([]),
        lambda: desk.disable_officer("bob"),
    )
    for attempt in attempts:
        with pytest.raises(Forbidden) as refused:
            attempt()
        assert refused.value.code == "not-allowed"


def _called(connection: Connection, service: str, name: str) -> None:
    called = method(service, name)
    list(connection.stream(called, called.request(), op.GetStatusResponse))


@pytest.mark.parametrize("role", [Role.SYSTEM, Role.AUDITOR])
def test_nobody_else_speaks_for_officers(office: Office, role: Role) -> None:
    exchange = office.hold()
    word = office.word(exchange, office.officers.anna, Duty.VPO)
    shown = office.house.credential() if role is Role.SYSTEM else _auditor(office)
    desk = RemoteReview(
        office.opened.enter_context(Connection(office.house.config.local, shown)), exercise=True
    )

    for attempt in (desk.waiting, lambda: desk.show(exchange), lambda: desk.answer(word), desk.officers):
        with pytest.raises(Forbidden) as refused:
            attempt()
        assert refused.value.code == "not-allowed"
    assert oracle.query(office.house.home, "SELECT state FROM holds") == [("held",)]


def _auditor(office: Office) -> Credential:
    key, request = new_request(Identity(agency=NL, role=Role.AUDITOR, name="anton"))
    with office.house.console() as console:
        asked = op.AddAccessRequest(role="auditor", name="anton", request=request, days=1)
        made = console.ask(method("Operation", "AddAccess"), asked, op.AddAccessResponse)
    return read_credential(key + made.certificate)


def test_officer_does_not_hand_in_the_word_of_another(office: Office) -> None:
    exchange = office.hold()
    word = office.word(exchange, office.officers.anna, Duty.VPO)

    with pytest.raises(Refused) as refused:
        office.desk("bob").answer(word)

    assert refused.value.code == "other-officer"
    assert office.desk("anna").answer(word).state == "partly-approved"


def test_disabled_officer_is_refused_at_once_and_in_the_middle_of_a_watch(office: Office) -> None:
    exchange = office.hold()
    anna, word = office.desk("anna"), office.word(exchange, office.officers.anna, Duty.VPO)
    told = Queue[Waiting | GatewayError]()

    def watch() -> None:
        try:
            for seen in office.desk("anna").watch():
                told.put(seen)
        except GatewayError as exc:
            told.put(exc)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    assert isinstance(told.get(timeout=20), Waiting)

    office.console.disable_officer("anna")

    failure = told.get(timeout=20)
    assert isinstance(failure, Forbidden) and failure.code == "revoked"
    watcher.join(20)
    for attempt in (anna.waiting, lambda: anna.answer(word)):
        with pytest.raises(Forbidden) as refused:
            attempt()
        assert refused.value.code == "revoked"
    with pytest.raises(Refused) as handed_in:
        office.console.answer(word)
    assert handed_in.value.code == "officer-disabled"


def test_officer_notes_no_absence_of_another(office: Office) -> None:
    now = datetime.now(UTC)

    with pytest.raises(Forbidden) as refused:
        office.desk("anna").note_absence("bob", now, now + timedelta(days=1))

    assert refused.value.code == "other-officer"
    (own,) = office.desk("anna").note_absence("anna", now - timedelta(minutes=1), now + timedelta(days=1))
    assert own.state == "absent"
