"""Anything officers, submitters, rules and clocks may do, in any order: what leaves was approved, bit by bit.

The oracle remembers what each officer's key really signed, and reads the ledger's own bytes and what the
recipient keeps. It asks neither the holds nor the approvals on file.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from gateway.errors import GatewayError
from gateway.flow.review.approve import Word, answer_hold
from gateway.flow.review.claim import claim_hold
from gateway.flow.review.enrol import disable_officer, note_absence
from gateway.flow.review.expire import expire_holds
from gateway.flow.review.listing import waiting
from gateway.flow.review.narrow import narrow_hold
from gateway.flow.submit import push
from gateway.ledger.findings import Severity
from gateway.record.moment import to_ms
from gateway.record.vocabulary import Duty
from keys.approval import sign_approval
from policy.bundle import shipped_baseline
from tests.flow import oracle, records
from tests.flow.federation import NL, RO, TO_RO, Homes, item
from tests.flow.forge import release_of
from tests.flow.review import CONSOLE, Person, approval_for, audited, crew, enrol
from tests.flow.test_emergency import IN_DANGER

PEOPLE: Final = ("anna", "bob", "carla", "dirk", "eva")
LESS: Final = ("van.identity", "victim.names", "victim.sex")


class Signed(NamedTuple):
    """One word as a key signed it: for what, by whom, as what; `approves` what it says."""

    exchange: str
    release: bytes
    who: str
    duty: str
    approves: bool
    data: bytes


class HoldMachine(RuleBasedStateMachine):
    """One home that sends, one that receives, five officers, one clock."""

    def __init__(self, source: Path, folder: Path, made: datetime) -> None:
        super().__init__()
        self.folder = folder / f"home-{len(list(folder.iterdir()))}"
        self.folder.mkdir()
        self.homes = Homes(source, self.folder, made + timedelta(minutes=1))
        self.officers = crew()
        self.exchanges: list[str] = []
        self.signed: list[Signed] = []
        self.gone: dict[str, datetime] = {}
        self.away: dict[str, tuple[datetime, datetime]] = {}
        self.at: dict[str, datetime] = {}
        self.rule_changes = 0

    @initialize()
    def officers_are_enrolled(self) -> None:
        enrol(self.homes, self.officers)

    @rule(number=st.integers(1, 4), asked=st.integers(0, 3), danger=st.booleans())
    def something_is_pushed(self, number: int, asked: int, danger: bool) -> None:
        ask = ("person.name",) if asked else ()
        what = item(records.small(number), TO_RO, ask=ask)
        if danger:
            what = replace(IN_DANGER, record=records.encoded(records.small(number)), ask=frozenset(ask))
        (answer,) = push(self.homes[NL], [what], self.homes.now)
        if not isinstance(answer, GatewayError):
            self.exchanges += [one.exchange_id for one in answer.exchanges]

    @precondition(lambda self: self.exchanges)
    @rule(data=st.data(), who=st.sampled_from(PEOPLE), refuses=st.integers(0, 7))
    def officer_speaks(self, data: Any, who: str, refuses: int) -> None:
        exchange, person = data.draw(st.sampled_from(self.exchanges)), self._person(who)
        self._speak(exchange, who, data.draw(st.sampled_from(person.duties)), "" if refuses else "no-consent")

    @precondition(lambda self: self.exchanges)
    @rule(people=st.permutations(PEOPLE))
    def those_who_are_needed_speak(self, people: list[str]) -> None:
        """Most histories would end before anybody whose word was asked for had come by."""
        for who in people[:4]:
            waits = waiting(self.homes[NL], self.homes.now).holds[-1:]
            wanted = {token[:-2] for line in waits for token in line.missing}
            for duty in [one for one in self._person(who).duties if one.token in wanted][:1]:
                self._speak(waits[0].exchange, who, duty, "")

    def _speak(self, exchange: str, who: str, duty: Duty, refuse: str) -> None:
        person = self._person(who)
        if self.homes[NL].read.hold(exchange) is None:
            return
        said = approval_for(self.homes[NL], exchange, person, duty, refuse=refuse)
        word = sign_approval(said, person.signer)
        self.signed.append(Signed(exchange, said.release, who, duty.token, not refuse, word))
        self._hand_in(word)

    @precondition(lambda self: self.signed)
    @rule(data=st.data())
    def word_is_replayed(self, data: Any) -> None:
        self._hand_in(data.draw(st.sampled_from(self.signed)).data)

    @precondition(lambda self: self.exchanges)
    @rule(data=st.data(), less=st.sampled_from(LESS), coarser=st.booleans())
    def less_is_given(self, data: Any, less: str, coarser: bool) -> None:
        exchange = data.draw(st.sampled_from(self.exchanges))
        named = {"generalise" if coarser else "withhold": [less], "withhold" if coarser else "generalise": []}
        self._try(lambda: narrow_hold(self.homes[NL], exchange, caller=CONSOLE, now=self.homes.now, **named))

    @precondition(lambda self: self.exchanges)
    @rule(data=st.data(), who=st.sampled_from(PEOPLE), give_up=st.booleans())
    def hold_is_claimed(self, data: Any, who: str, give_up: bool) -> None:
        exchange = data.draw(st.sampled_from(self.exchanges))
        self._try(
            lambda: claim_hold(
                self.homes[NL], exchange, officer=who, give_up=give_up, caller=CONSOLE, now=self.homes.now
            )
        )

    @precondition(lambda self: len(self.gone) < 2)
    @rule(who=st.sampled_from(PEOPLE))
    def officer_is_disabled(self, who: str) -> None:
        disable_officer(self.homes[NL], who, self.homes.now)
        self.gone.setdefault(who, self.homes.now)

    @rule(who=st.sampled_from(PEOPLE), hours=st.integers(0, 48))
    def officer_goes_away(self, who: str, hours: int) -> None:
        now = self.homes.now
        note_absence(self.homes[NL], who, now, now + timedelta(hours=hours), now)
        self.away[who] = now, now + timedelta(hours=hours)

    @rule(minutes=st.sampled_from((1, 31, 60 * 8, 60 * 20, 60 * 24 * 4)))
    def time_passes(self, minutes: int) -> None:
        self.homes.pass_time(minutes=minutes)
        if minutes > 60 * 24:
            # Directories are renewed all the time; without it nothing would leave for want of a fresh one.
            self.homes.federation().publish()
            self.homes.refresh(NL, RO)

    @rule(minutes=st.sampled_from((-3, -60, -60 * 24 * 3650)))
    def clock_is_wrong_for_a_moment(self, minutes: int) -> None:
        right = self.homes.now
        self.homes.now = right + timedelta(minutes=minutes)
        for one in self.signed[-2:]:
            self._hand_in(one.data)
        self._try(lambda: expire_holds(self.homes[NL], self.homes.now))
        self.homes.now = right

    @precondition(lambda self: self.rule_changes < 1)
    @rule()
    def rules_change(self) -> None:
        self.rule_changes += 1
        federation = self.homes.federation()
        federation.set_baseline(f"{shipped_baseline()}\n// Changed {self.rule_changes}.\n")
        federation.publish()
        self.homes.pass_time(minutes=2)
        self.homes.refresh(NL, RO)

    @rule()
    def holds_end(self) -> None:
        self._try(lambda: expire_holds(self.homes[NL], self.homes.now))

    @rule()
    def everything_is_delivered(self) -> None:
        self._try(lambda: self.homes.carry(RO))

    @invariant()
    def what_was_released_was_approved(self) -> None:
        decided: dict[str, dict[str, Any]] = {}
        released: list[str] = []
        for entry in oracle.entries(self.homes.opened(NL)):
            if entry["kind"] == 3:
                decided[entry["exchange"]] = entry
            elif entry["kind"] == 6:
                released.append(entry["exchange"])
                self._check(entry["exchange"], decided[entry["exchange"]])
        assert len(released) == len(set(released))

    @invariant()
    def what_arrived_is_what_was_released(self) -> None:
        sent = "SELECT exchange_id FROM exchanges WHERE state = 'delivered'"
        there = "SELECT exchange_id, state FROM exchanges WHERE direction = 'in'"
        arrived = dict(oracle.query(self.homes.opened(RO), there))
        for exchange in [one for one, state in arrived.items() if state != "erased"]:
            assert release_of(self.homes[RO], exchange) == release_of(self.homes[NL], exchange)
        assert {one for (one,) in oracle.query(self.homes.opened(NL), sent)} <= arrived.keys()

    def teardown(self) -> None:
        """See that an auditor finds nothing, and that all of it is gone."""
        found = [one for one in audited(self.homes).findings if one.severity is Severity.FINDING]
        assert found == []
        self.homes.close()
        shutil.rmtree(self.folder)

    def _check(self, exchange: str, decided: dict[str, Any]) -> None:
        assert decided["outcome"] in ("hold", "release")
        if decided["outcome"] == "release":
            assert not decided["duties"]
            return
        at = self.at.setdefault(exchange, self.homes.now)
        body = sha256(release_of(self.homes[NL], exchange)).digest()
        said = [one for one in self.signed if (one.exchange, one.release) == (exchange, body)]
        assert decided["duties"]
        people: dict[str, set[str]] = {}
        for one in said:
            if one.approves and self._could_act(one.who, at):
                people.setdefault(one.duty, set()).add(one.who)
        needed = [duty for token in decided["duties"] for duty in [token[:-2]] * int(token[-1])]
        assert _are_enough(needed, people)

    def _could_act(self, who: str, at: datetime) -> bool:
        starts, ends = self.away.get(who, (at, at))
        return self.gone.get(who, at) >= at and not (starts < at < ends)

    def _hand_in(self, word: bytes) -> None:
        at_ms = to_ms(self.homes.now)
        said = Word(signed=word, at_ms=at_ms, caller=CONSOLE)
        self._try(lambda: answer_hold(self.homes[NL], said, self.homes.now))

    def _person(self, who: str) -> Person:
        person: Person = getattr(self.officers, who)
        return person

    def _try(self, act: Callable[[], object]) -> None:
        with suppress(GatewayError):
            act()


def _are_enough(needed: list[str], people: dict[str, set[str]]) -> bool:
    """Tell whether every place can be taken by somebody of its own: tried out, place by place."""
    if not needed:
        return True
    first, *rest = needed
    return any(
        _are_enough(rest, {duty: these - {one} for duty, these in people.items()})
        for one in people.get(first, ())
    )


def _run(template: tuple[Path, datetime], folder: Path, examples: int, steps: int) -> None:
    source, made = template
    # A machine that takes arguments is made by a function; only its annotation asks for a class.
    made_anew: Any = lambda: HoldMachine(source, folder, made)  # noqa: E731
    run_state_machine_as_test(
        made_anew,
        settings=settings(
            settings.get_profile("default"),
            max_examples=examples,
            stateful_step_count=steps,
            phases=set(Phase) - {Phase.explain},
        ),
    )


def test_nothing_leaves_unapproved_whatever_happens(template: tuple[Path, datetime], tmp_path: Path) -> None:
    _run(template, tmp_path, 4, 15)


@pytest.mark.deep
def test_nothing_leaves_unapproved_in_long_histories(template: tuple[Path, datetime], tmp_path: Path) -> None:
    _run(template, tmp_path, 25, 40)


def test_oracle_knows_who_is_enough() -> None:
    assert _are_enough(["CPO", "VPO"], {"CPO": {"bob", "eva"}, "VPO": {"eva"}})
    assert not _are_enough(["CPO", "VPO"], {"CPO": {"eva"}, "VPO": {"eva"}})
    assert not _are_enough(["DUTY", "DUTY"], {"DUTY": {"bob"}})
    assert not _are_enough(["DPO"], {str(Duty.VPO.token): {"anna"}})
