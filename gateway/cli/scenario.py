"""The case of the demo, step by step: three gateways, one record, its way, and what is proved of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from gateway.cli import evidence, systems
from gateway.cli.comparison import show_comparison
from gateway.cli.demo_officers import decide_as_officer
from gateway.cli.founding import SENDER, Party, found_federation
from gateway.cli.screen import Screen
from gateway.cli.story import telling
from gateway.cli.troupe import Troupe, performing
from gateway.client import ExchangeAnswer, To
from gateway.flow.preview import Preview, withheld_everywhere
from gateway.ledger.checkpoint import ledger_origin
from gateway.ledger.trust import Trust
from gateway.record.json_form import from_json
from keys.keystore import Kdf

Parties = Mapping[str, Party]


class Scenario:
    """One playing of the case in a folder; `play` may be called once. Afterwards nothing runs any more."""

    def __init__(
        self,
        screen: Screen,
        folder: Path,
        *,
        passphrase: bytes,
        kdf: Kdf = Kdf.MODERATE,
        interactive: bool = False,
    ) -> None:
        """With `interactive`, whoever sits at the terminal decides about what is held."""
        self._screen, self._folder, self._interactive = screen, folder, interactive
        self._passphrase, self._kdf = passphrase, kdf
        self._ok = True
        self._steps = 0

    def play(self) -> dict[str, Any]:
        """Play it and return the demo's result, without `seconds`.

        Raises:
            Unreachable: code `gateway-ended` or `too-slow`.
        """
        self._step("Three agencies make their homes and join one federation")
        parties = found_federation(self._folder, self._passphrase, self._kdf, self._screen.say)
        self._step("Their gateways start, each a process of its own")
        with performing() as troupe:
            self._start(parties, troupe)
            found, exchanges = self._exchange(parties, troupe)
            self._settle(parties, troupe)
        self._step("All three ledgers are exported and verified from the files alone")
        with self._screen.waiting("exporting"):
            exports, trust = evidence.exports_of(parties)
        ledgers = self._verify(exports, trust)
        self._match(exports)
        self._step(f"One byte is changed in a copy of {SENDER}'s ledger: it is found")
        self._tamper(exports[SENDER], trust)
        self._step("Every file written here is searched for what nobody may see")
        protected = withheld_everywhere(found)
        self._search(protected)
        return {
            "ok": self._ok,
            "agencies": list(parties),
            "exchanges": exchanges,
            "ledgers": ledgers,
            "protected": protected,
            "held": [one["id"] for one in exchanges if one["outcome"] == "held"],
        }

    def _start(self, parties: Parties, troupe: Troupe) -> None:
        with self._screen.waiting("starting three gateways"):
            troupe.start(parties.values())
        for agency, party in parties.items():
            where = f"peers {party.config.listen}, systems {party.config.local}"
            told = f"process {troupe.processes[agency]}, {where}"
            self._screen.tell(told, indent=3, lead=f"{agency}:")

    def _exchange(self, parties: Parties, troupe: Troupe) -> tuple[Preview, list[dict[str, Any]]]:
        case = from_json(files("gateway.cli").joinpath("case.json").read_text("utf-8"))
        self._step(f"{SENDER} has one case; what may each of the others see of it?")
        found = self._preview(parties, case)
        self._step("The record is pushed to both; then again to police.ro, asking for names")
        answers = systems.push_case(parties, case)
        for one in answers:
            self._screen.tell(systems.in_words(one), indent=3, lead=f"{one.recipient}:")
        released = [one.exchange_id for one in answers if one.outcome == "release"]
        if self._interactive:
            released += self._decide(parties[SENDER], answers)
        self._step("Sealed envelopes travel, receipts travel back; both systems take over")
        states = self._deliver(parties, troupe, released)
        peers = {one.exchange_id: one.recipient for one in answers}
        for to in (systems.TO_RO, systems.TO_NGO):
            self._take_over(parties[to.agency], to, [one for one in released if peers[one] == to.agency])
        return found, [_told(one, states.get(one.exchange_id, one.outcome)) for one in answers]

    def _decide(self, party: Party, answers: Sequence[ExchangeAnswer]) -> list[str]:
        """Have the officers decide about what is held; return what they let leave."""
        self._step("What is held waits for two officers; one of them is you")
        held = [one.exchange_id for one in answers if one.outcome == "held"]
        return [
            one for one in held if decide_as_officer(self._screen, party.config.local, party.officers, one)
        ]

    def _deliver(self, parties: Parties, troupe: Troupe, released: Sequence[str]) -> dict[str, str]:
        with self._screen.waiting("on their way") as say:
            found = systems.watch_delivery(parties, troupe, released, say)
        for one in found.values():
            delivered = one.state == "delivered"
            told = "delivered, and its receipt is back" if delivered else f"{one.state} {one.code}"
            self._screen.tell(told, indent=3, lead=f"{SENDER} to {one.peer}:")
        states = {one.id: one.state for one in found.values()}
        self._require(len(released) >= 2 and all(states.get(one) == "delivered" for one in released))
        return states

    def _take_over(self, party: Party, to: To, released: Sequence[str]) -> None:
        taken = systems.take_over(party, to)
        self._require(sorted(one.exchange_id for one in taken) == sorted(released))
        self._require(not any(one.absent for one in taken))
        for one in taken:
            told = f"takes over {len(one.rungs)} fields ({systems.precision_of(one)})"
            self._screen.tell(f"{told}, for {one.purpose}", indent=3, lead=party.agency)

    def _settle(self, parties: Parties, troupe: Troupe) -> None:
        self._step("The gateways cosign each other's ledgers to the last entry, and stop")
        with self._screen.waiting("cosigning") as say:
            standing = systems.await_cosigned(parties, troupe, say)
        for agency, found in standing.items():
            self._screen.say(f"   {agency}: all {found.size} entries are cosigned by {found.quorum} others")
        with self._screen.waiting("stopping"):
            troupe.stop()
        self._screen.say("   all three have stopped")

    def _preview(self, parties: Parties, case: bytes) -> Preview:
        found = systems.preview_case(parties, case)
        rows = telling(found)
        show_comparison(self._screen, found, rows)
        self._screen.tell(
            f"These are {len(rows)} of {len(found.lines)} fields. What is withheld leaves no trace in what"
            " is sent: no name, no length, no count."
        )
        return found

    def _verify(self, exports: Mapping[str, evidence.Export], trust: Trust) -> list[dict[str, Any]]:
        ledgers = []
        for agency, export in exports.items():
            found = evidence.verdict_on(agency, export, trust)
            self._require(found.clean and found.witnesses >= trust.quorum_for(ledger_origin(agency, 1)) > 0)
            verdict = f"verified, {found.witnesses} witnesses" if found.clean else "DOES NOT VERIFY"
            self._screen.say(f"   {agency}: {found.size} entries, root {found.root[:16]}…, {verdict}")
            ledgers.append(
                {"agency": agency, "size": found.size, "root": found.root, "verified": found.clean}
            )
        return ledgers

    def _match(self, exports: Mapping[str, evidence.Export]) -> None:
        found = evidence.crossings(exports)
        lacking = [one for one in found if one.missing]
        self._require(bool(found) and not lacking)
        for one in lacking:
            self._screen.say(f"   {one.exchange}, {one.sender} to {one.recipient}, LACKS {one.missing}")
        if not lacking:
            self._screen.say(
                f"   {len(found)} envelopes left; the other ledger shows each, and each receipt came back"
            )

    def _tamper(self, export: evidence.Export, trust: Trust) -> None:
        findings = evidence.changed_byte(export, trust)
        self._require(bool(findings))
        for found in findings[:3]:
            self._screen.tell(f"{found.where}: {found.message}", indent=3, lead="found:")
        if len(findings) > 3:
            self._screen.say(f"   and {len(findings) - 3} more, each with its place")

    def _search(self, protected: list[str]) -> None:
        leaking, written = evidence.leaks(self._folder, protected)
        self._require(bool(protected) and not leaking)
        self._screen.say(
            f"   {len(protected)} protected names, places and texts in {written} files:"
            f" {f'FOUND in {len(leaking)}' if leaking else 'none found'}"
        )

    def _step(self, title: str) -> None:
        self._steps += 1
        self._screen.say("")
        self._screen.say(f"{self._steps}. {title}", "bold")

    def _require(self, holds: bool) -> None:
        self._ok = self._ok and holds


def _told(one: ExchangeAnswer, outcome: str) -> dict[str, Any]:
    return {
        "id": one.exchange_id,
        "recipient": one.recipient,
        "outcome": outcome,
        "reasons": [f"{text} ({rule})" for rule, text in one.reasons],
    }
