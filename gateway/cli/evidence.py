"""What is proved of the case once its gateways stand still: from exports and the directory's keys alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway import app
from gateway.cli.founding import Party
from gateway.flow.audit import export_ledger, trust_of
from gateway.ledger.entry import Entry, EntryKind, parse, receipt_digest
from gateway.ledger.export import CHECKPOINT_PATH
from gateway.ledger.findings import Finding, Severity
from gateway.ledger.inspection import inspect
from gateway.ledger.tile import split_bundle
from gateway.ledger.trust import Trust

_BUNDLES = "tile/entries/"

Export = Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the verification of one ledger says; `root` is hex, `witnesses` how many others cosigned."""

    agency: str
    size: int
    root: str
    witnesses: int
    clean: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """One envelope as both ledgers tell it; `missing` says in words what one of them lacks, or is empty."""

    exchange: str
    sender: str
    recipient: str
    missing: str


def exports_of(parties: Mapping[str, Party]) -> tuple[dict[str, Export], Trust]:
    """Return the export of every ledger, and the trust that the federation's directory gives."""
    exports: dict[str, Export] = {}
    for agency, party in parties.items():
        with app.open_unlocked(party.config, party.keystore, app.system_clock()) as gateway:
            exports[agency] = export_ledger(gateway, app.system_clock())
            trust = trust_of(gateway.directory)
    return exports, trust


def verdict_on(agency: str, export: Export, trust: Trust) -> Verdict:
    """Return what an auditor finds who has the files and the trust."""
    report = inspect(export, trust)
    clean = report.exit_code == 0
    cosigners = trust.cosigners(trust.open_checkpoint(export[CHECKPOINT_PATH])) if clean else ()
    return Verdict(
        agency=agency,
        size=report.size or 0,
        root=report.root.hex() if report.root is not None else "",
        witnesses=len(cosigners),
        clean=clean,
    )


def crossings(exports: Mapping[str, Export]) -> list[Crossing]:
    """Return every envelope that any ledger shows as released or received, held against the other ledger."""
    ledgers = {agency: list(_entries(export)) for agency, export in exports.items()}
    found = []
    for agency, entries in ledgers.items():
        for released in _of_kind(entries, EntryKind.RELEASED):
            missing = _lacking(agency, released[0], entries, ledgers.get(released[0].peer or "", []))
            found.append(_crossing(released[0], agency, released[0].peer, missing))
        for received, _ in _of_kind(entries, EntryKind.RECEIVED):
            there = _of_kind(ledgers.get(received.peer or "", []), EntryKind.RELEASED)
            if not any(_same(released, received) for released, _ in there):
                found.append(_crossing(received, received.peer, agency, "its release"))
    return found


def _lacking(sender: str, released: Entry, here: list[_Told], there: list[_Told]) -> str:
    receipts = [
        data
        for received, data in _of_kind(there, EntryKind.RECEIVED)
        if received.peer == sender and _same(released, received)
    ]
    if not receipts:
        return "its receipt"
    closed = [entry for entry, _ in _of_kind(here, EntryKind.DELIVERED) if entry.message == released.message]
    return "" if [entry.peer_receipt for entry in closed] == [receipt_digest(receipts[0])] else "its closing"


def changed_byte(export: Export, trust: Trust) -> list[Finding]:
    """Return what is found after one byte of the entries was changed."""
    name = next(path for path in sorted(export) if path.startswith(_BUNDLES))
    changed = bytearray(export[name])
    changed[len(changed) // 2] ^= 1
    report = inspect({**export, name: bytes(changed)}, trust)
    return [found for found in report.findings if found.severity is Severity.FINDING]


def leaks(folder: Path, texts: Iterable[str]) -> tuple[list[str], int]:
    """Return the names of the files below a folder that hold a text in clear, and the number of all files."""
    needles = [form for text in texts for form in (text.encode(), text.encode("utf-16-le"))]
    written = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in written if _holds(path.read_bytes(), needles)], len(written)


def _holds(data: bytes, needles: list[bytes]) -> bool:
    return any(needle in data for needle in needles)


_Told = tuple[Entry, bytes]


def _entries(export: Export) -> Iterator[_Told]:
    for path in sorted(path for path in export if path.startswith(_BUNDLES)):
        for data in split_bundle(export[path]):
            yield parse(data), data


def _of_kind(entries: list[_Told], kind: EntryKind) -> list[_Told]:
    return [(entry, data) for entry, data in entries if entry.kind is kind]


def _same(released: Entry, received: Entry) -> bool:
    asked = (released.exchange, released.message, released.envelope)
    return asked == (received.exchange, received.message, received.envelope)


def _crossing(entry: Entry, sender: str | None, recipient: str | None, missing: str) -> Crossing:
    return Crossing(
        exchange=entry.exchange or "", sender=sender or "", recipient=recipient or "", missing=missing
    )
