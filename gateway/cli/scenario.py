"""The case of the demo, step by step: three homes, one record, its way by file, and what is proved of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from gateway import app
from gateway.cli.answers import in_words
from gateway.cli.comparison import show_comparison
from gateway.cli.screen import Screen
from gateway.cli.story import telling
from gateway.config import HomeConfig, read_config
from gateway.flow.audit import export_ledger, trust_of
from gateway.flow.carry import pack, unpack
from gateway.flow.consult import arrivals
from gateway.flow.preview import Preview, preview, withheld_everywhere
from gateway.flow.seal import ExchangeAnswer
from gateway.flow.submit import Addressee, PushItem, push
from gateway.flow.verify import verify
from gateway.ledger.findings import Severity
from gateway.ledger.inspection import inspect
from gateway.ledger.trust import Trust
from gateway.record.json_form import from_json
from gateway.record.vocabulary import LegalBasis, Purpose
from keys.enrolment import parse_enrolment
from keys.federation import Federation
from keys.keystore import Kdf
from keys.member import MemberKind, Regime, Unit, UnitFunction
from policy.bundle import shipped_baseline

SECRET_FILE = "passphrase"  # noqa: S105  the name of a file

_MEMBERS = (
    app.Description(
        agency="police.nl",
        kind=MemberKind.LEO,
        country="NL",
        regime=Regime.LED,
        display_name="Police of the Netherlands (exercise)",
        units=(Unit(name="anti-trafficking", functions=(UnitFunction.ANTI_TRAFFICKING,)),),
    ),
    app.Description(
        agency="police.ro",
        kind=MemberKind.LEO,
        country="RO",
        regime=Regime.LED,
        display_name="Police of Romania (exercise)",
        units=(Unit(name="anti-trafficking", functions=(UnitFunction.ANTI_TRAFFICKING,)),),
    ),
    app.Description(
        agency="shelter.ngo",
        kind=MemberKind.NGO,
        country="NL",
        regime=Regime.LED,
        display_name="A shelter (exercise)",
        units=(Unit(name="support", functions=(UnitFunction.VICTIM_SUPPORT,)),),
    ),
)
_SENDER = "police.nl"
_RO = Addressee(
    agency="police.ro", purpose=Purpose.INVESTIGATION, legal_basis=LegalBasis.LAW_ENFORCEMENT_TASK
)
_NGO = Addressee(agency="shelter.ngo", purpose=Purpose.VICTIM_PROTECTION, legal_basis=LegalBasis.CONSENT)


class Scenario:
    """One playing of the case in a folder; `play` may be called once."""

    def __init__(self, screen: Screen, folder: Path, *, passphrase: bytes, kdf: Kdf = Kdf.MODERATE) -> None:
        self._screen, self._folder = screen, folder
        self._passphrase, self._kdf = passphrase, kdf
        self._ok = True

    def play(self) -> dict[str, Any]:
        """Play it and return the demo's result, without `seconds`."""
        self._step("1. Three agencies make their homes and join one federation")
        self._found_federation()
        case = from_json(files("gateway.cli").joinpath("case.json").read_text("utf-8"))
        self._step("2. police.nl records one case; what may each of the others see of it?")
        found = self._preview(case)
        self._step("3. The record is pushed to both; then again to police.ro, asking for names")
        answers = self._submit(case)
        self._step("4. Sealed envelopes travel by file, receipts travel back")
        delivered = self._carry([one for one in answers if one.outcome.value == "release"])
        self._step("5. All three ledgers are exported and verified from the files alone")
        exports, trust = self._export()
        ledgers = self._verify(exports, trust)
        self._step("6. One byte is changed in a copy of police.nl's ledger: it is found")
        self._tamper(exports[_SENDER], trust)
        self._step("7. Every file written here is searched for what nobody may see")
        protected = withheld_everywhere(found)
        self._search(protected)
        return {
            "ok": self._ok,
            "agencies": [member.agency for member in _MEMBERS],
            "exchanges": [
                {
                    "id": one.exchange_id,
                    "recipient": one.recipient,
                    "outcome": delivered.get(one.exchange_id, one.outcome.value),
                    "reasons": [f"{text} ({rule})" for rule, text in one.reasons],
                }
                for one in answers
            ],
            "ledgers": ledgers,
            "protected": protected,
            "held": [one.exchange_id for one in answers if one.outcome.value == "held"],
        }

    def _found_federation(self) -> None:
        now = app.system_clock().replace(microsecond=0)
        path = self._folder / "federation"
        federation = Federation.create(path, self._passphrase, now, self._kdf)
        federation.set_baseline(shipped_baseline())
        for member in _MEMBERS:
            home = self._folder / member.agency
            home.mkdir(mode=0o700)
            secret = home / SECRET_FILE
            secret.touch(mode=0o600)
            secret.write_bytes(self._passphrase)
            config = HomeConfig(home=home, agency=member.agency, exercise=True, passphrase_file=secret)
            enrolment = app.create_home(config, member, self._passphrase, now, kdf=self._kdf)
            federation.enrol(parse_enrolment(enrolment.read_bytes()))
            self._screen.say(f"   {member.agency}: keys and ledger made, enrolled in the directory")
        federation.publish()
        for member in _MEMBERS:
            joined = app.join(
                self._config(member.agency), self._passphrase, federation.repository_path, app.system_clock()
            )
        self._screen.say(
            f"   the directory's root {joined.root_digest.hex()[:16]}… is pinned in all three homes"
        )

    def _config(self, agency: str) -> HomeConfig:
        return read_config(self._folder / agency)

    def _preview(self, case: bytes) -> Preview:
        with self._open(_SENDER) as gateway:
            found = preview(gateway, PushItem(record=case, addressees=(_RO, _NGO)), self._now())
        rows = telling(found)
        show_comparison(self._screen, found, rows)
        self._screen.tell(
            f"These are {len(rows)} of {len(found.lines)} fields. What is withheld leaves no trace in what"
            " is sent: no name, no length, no count."
        )
        return found

    def _submit(self, case: bytes) -> list[ExchangeAnswer]:
        items = [
            PushItem(record=case, addressees=(_RO, _NGO), actor="system/demo"),
            PushItem(record=case, addressees=(_RO,), ask=frozenset({"person.name"}), actor="system/demo"),
        ]
        answers: list[ExchangeAnswer] = []
        with self._open(_SENDER) as gateway:
            for answer in push(gateway, items, self._now()):
                if isinstance(answer, Exception):
                    raise answer
                answers += answer.exchanges
        for one in answers:
            self._screen.tell(in_words(one), indent=3, lead=f"{one.recipient}:")
        return answers

    def _carry(self, released: list[ExchangeAnswer]) -> Mapping[str, str]:
        recipients = sorted({one.recipient for one in released})
        with self._open(_SENDER) as gateway:
            bundles = {agency: pack(gateway, agency, self._now())[0] for agency in recipients}
        replies = {agency: self._take_in(agency, bundle) for agency, bundle in bundles.items()}
        outcomes: dict[str, str] = {}
        with self._open(_SENDER) as gateway:
            for agency, reply in replies.items():
                for one in unpack(gateway, reply, self._now()).acknowledged:
                    outcomes[one.exchange_id] = one.outcome
                    self._screen.say(f"   {_SENDER} gets {agency}'s receipt: {one.outcome}")
                    self._require(one.outcome == "delivered")
        return outcomes

    def _take_in(self, agency: str, bundle: bytes) -> bytes:
        with self._open(agency) as gateway:
            reply = unpack(gateway, bundle, self._now()).reply
            for arrival in arrivals(gateway):
                held = verify(gateway, arrival.exchange_id, self._now())
                self._screen.say(
                    f"   {agency} opens {held.portions} portions;"
                    f" {held.originator}'s signature holds over them"
                )
        return reply or b""

    def _export(self) -> tuple[dict[str, dict[str, bytes]], Trust]:
        exports = {}
        for member in _MEMBERS:
            with self._open(member.agency) as gateway:
                exports[member.agency] = export_ledger(gateway, self._now())
                trust = trust_of(gateway.directory)
        return exports, trust

    def _verify(self, exports: Mapping[str, Mapping[str, bytes]], trust: Trust) -> list[dict[str, Any]]:
        ledgers = []
        for agency, export in exports.items():
            report = inspect(export, trust)
            self._require(report.exit_code == 0)
            root = report.root.hex() if report.root is not None else ""
            verdict = "verified" if report.exit_code == 0 else "DOES NOT VERIFY"
            self._screen.say(f"   {agency}: {report.size} entries, root {root[:16]}…, {verdict}")
            ledgers.append(
                {"agency": agency, "size": report.size, "root": root, "verified": report.exit_code == 0}
            )
        return ledgers

    def _tamper(self, export: Mapping[str, bytes], trust: Trust) -> None:
        name = next(path for path in sorted(export) if path.startswith("tile/entries/"))
        changed = bytearray(export[name])
        changed[len(changed) // 2] ^= 1
        report = inspect({**export, name: bytes(changed)}, trust)
        self._require(report.exit_code == 1)
        findings = [found for found in report.findings if found.severity is Severity.FINDING]
        for found in findings[:3]:
            self._screen.tell(f"{found.where}: {found.message}", indent=3, lead="found:")
        if len(findings) > 3:
            self._screen.say(f"   and {len(findings) - 3} more, each with its place")

    def _search(self, protected: list[str]) -> None:
        """Look for what nobody may see in every byte the demo wrote."""
        needles = [form for text in protected for form in (text.encode(), text.encode("utf-16-le"))]
        written = [path for path in self._folder.rglob("*") if path.is_file()]
        leaks = [path.name for path in written if any(needle in path.read_bytes() for needle in needles)]
        self._require(not leaks)
        self._screen.say(
            f"   {len(protected)} protected names, places and texts in {len(written)} files:"
            f" {'none found' if not leaks else f'FOUND in {len(leaks)}'}"
        )

    def _open(self, agency: str) -> Any:
        return app.open_gateway(self._config(agency), self._passphrase, self._now())

    @staticmethod
    def _now() -> datetime:
        return app.system_clock()

    def _step(self, title: str) -> None:
        self._screen.say("")
        self._screen.say(title, "bold")

    def _require(self, holds: bool) -> None:
        self._ok = self._ok and holds
