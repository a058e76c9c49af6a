"""Offline verification of an export: every check is run, every finding reported.

Nothing inside the files is believed: trust comes from outside, or there is no verdict.

Source: PROTOCOL section 10.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.errors import GatewayError, Malformed, VerificationFailed
from gateway.ledger.checkpoint import Checkpoint, parse_ledger_origin
from gateway.ledger.entry import Entry
from gateway.ledger.export import (
    CHECKPOINT_PATH,
    ENTRIES_PATH,
    OPENINGS_PATH,
    RECEIPTS_PATH,
    VKEYS_PATH,
)
from gateway.ledger.findings import Finding, Findings, Report, Severity
from gateway.ledger.history import History
from gateway.ledger.manifest import MANIFEST_PATH, check_manifest
from gateway.ledger.note import Note, OpenedCheckpoint, parse_note
from gateway.ledger.openings import read_openings
from gateway.ledger.receipts import Receipts
from gateway.ledger.replay import Replay
from gateway.ledger.tile import tiles_of
from gateway.ledger.trust import Trust
from gateway.ledger.vkey import SignatureType, VKey

__all__ = ["Finding", "Report", "Severity", "inspect"]

_FIXED: Final = frozenset({CHECKPOINT_PATH, ENTRIES_PATH, RECEIPTS_PATH, VKEYS_PATH, MANIFEST_PATH})
# A claimed size is believed only as far as the files could hold it: each entry takes more than its leaf hash.
_BYTES_PER_ENTRY: Final = 32


def inspect(files: Mapping[str, bytes], trust: Trust | None, since: str | None = None) -> Report:
    """Verify an export, given as file bytes by path.

    `trust` holds keys from outside the files; without it the files are checked against the keys they bring
    themselves, and the verdict stays "cannot judge". `since` is a checkpoint note kept from an earlier visit.
    """
    return _Inspection(files, trust, since).run()


class _Inspection:
    def __init__(self, files: Mapping[str, bytes], trust: Trust | None, since: str | None) -> None:
        self._files = files
        self._since = since
        self._found = Findings()
        self._opened: OpenedCheckpoint | None = None
        if trust is None:
            self._found.not_judged("no-trust", "no key from outside the files was given")
        self._trust = _claimed(files) if trust is None else trust

    def run(self) -> Report:
        head = self._checkpoint()
        check_manifest(self._files, head.origin if head else None, self._trust, self._found)
        self._vkeys()
        if head is None:
            return Report(findings=self._found.all())
        if head.size * _BYTES_PER_ENTRY > sum(map(len, self._files.values())):
            self._found.add(
                "truncated", f"claims {head.size} entries, far more than are here", file=CHECKPOINT_PATH
            )
            return Report(findings=self._found.all(), origin=head.origin, size=head.size, root=head.root)
        self._names(head.size)
        replay = Replay(self._files, head.size, self._found)
        replay.check_tiles()
        replay.check_rows()
        replay.check_root(head.root)
        entries = replay.parse()
        self._entries(head, replay, entries)
        self._earlier(head, replay)
        return Report(findings=self._found.all(), origin=head.origin, size=head.size, root=head.root)

    def _checkpoint(self) -> Checkpoint | None:
        data = self._files.get(CHECKPOINT_PATH)
        if data is None:
            self._found.add("missing-file", "is missing", file=CHECKPOINT_PATH)
            return None
        try:
            note = parse_note(data)
            head = Checkpoint.parse(note.text)
            parse_ledger_origin(head.origin)
            if head.extensions:
                raise Malformed("has extension lines", field="checkpoint")
        except GatewayError as exc:
            self._found.add("checkpoint-malformed", str(exc), file=CHECKPOINT_PATH)
            return None
        self._opened = self._open(note, CHECKPOINT_PATH)
        if self._opened is not None:
            self._witnessed(self._opened)
        return head

    def _open(self, note: Note, file: str) -> OpenedCheckpoint | None:
        try:
            opened = self._trust.open_checkpoint(note)
        except VerificationFailed as exc:
            if exc.code == "unknown-log":
                self._found.not_judged("unknown-log", str(exc), file=file)
            else:
                self._found.add(exc.code, str(exc), file=file)
            return None
        for line in opened.opened.unknown:
            self._found.notice(
                "unknown-signature", f"carries a line by {line.name}, outside the trust", file=file
            )
        return opened

    def _witnessed(self, opened: OpenedCheckpoint) -> None:
        count, needed = len(self._trust.cosigners(opened)), self._trust.quorum_for(opened.checkpoint.origin)
        if needed and count < needed:
            self._found.add("unwitnessed", f"is cosigned by {count} of {needed}", file=CHECKPOINT_PATH)
        elif not needed and not count:
            self._found.notice(
                "unwitnessed",
                "no witness has cosigned it; none has to while fewer than two members publish a witness key",
                file=CHECKPOINT_PATH,
            )

    def _vkeys(self) -> None:
        data = self._files.get(VKEYS_PATH, b"")
        try:
            lines = data.decode().split("\n")
        except UnicodeDecodeError:
            self._found.add("vkeys-malformed", "is not UTF-8", file=VKEYS_PATH)
            return
        if lines[-1]:
            self._found.add("vkeys-malformed", "does not end in a newline", file=VKEYS_PATH)
        trusted = {log.vkey for logs in self._trust.logs.values() for log in logs} | {*self._trust.witnesses}
        for number, line in enumerate(lines[:-1], start=1):
            try:
                if VKey.parse(line) not in trusted:
                    self._found.notice(
                        "unknown-key", f"line {number} is a key outside the trust", file=VKEYS_PATH
                    )
            except Malformed as exc:
                self._found.add("vkeys-malformed", str(exc), file=VKEYS_PATH, line=number)

    def _names(self, size: int) -> None:
        due = _FIXED | {tile.path for tile in tiles_of(size)}
        for path in sorted(due - self._files.keys() - {CHECKPOINT_PATH, MANIFEST_PATH}):
            self._found.add("missing-file", "is missing", file=path)
        for path in sorted(self._files.keys() - due - {OPENINGS_PATH}):
            self._found.add("extra-file", "belongs to no export of this size", file=path)

    def _entries(self, head: Checkpoint, replay: Replay, entries: list[Entry | None]) -> None:
        history = History(
            origin=head.origin,
            entries=entries,
            opened=read_openings(self._files.get(OPENINGS_PATH), entries, self._found),
            root_at=replay.root_at,
            file_of=replay.file_of,
            found=self._found,
        )
        history.check()
        Receipts(
            own=head,
            entries=entries,
            history=history,
            root_at=replay.root_at,
            trust=self._trust,
            found=self._found,
        ).check(self._files.get(RECEIPTS_PATH, b""))
        present = [entry for entry in entries if entry is not None]
        if self._opened is not None and present:
            self._keys(self._opened, present)

    def _keys(self, opened: OpenedCheckpoint, entries: list[Entry]) -> None:
        """Check that the signing key was valid at the last entry, and that the ledger itself announced it."""
        try:
            self._trust.check_validity(opened, entries[-1].at)
        except VerificationFailed as exc:
            self._found.add(exc.code, str(exc), file=CHECKPOINT_PATH)
        announced = {text for entry in entries for text in (*(entry.vkeys or ()), entry.new_key or "")}
        for vkey in opened.opened.verified:
            if vkey.type is SignatureType.ED25519 and vkey.encode() not in announced:
                message = "is signed by a key that no entry of the ledger announced"
                self._found.add("key-unannounced", message, file=CHECKPOINT_PATH)

    def _earlier(self, head: Checkpoint, replay: Replay) -> None:
        if self._since is None:
            return
        try:
            note = parse_note(self._since)
            earlier = Checkpoint.parse(note.text)
        except Malformed as exc:
            self._found.add("since-malformed", str(exc), file="--since")
            return
        if self._open(note, "--since") is None:
            return
        if earlier.origin != head.origin:
            self._found.add("other-ledger", "was kept of another ledger", file="--since")
        elif earlier.size > head.size:
            message = f"was kept at {earlier.size} entries, the export holds {head.size}"
            self._found.add("truncated", message, file="--since")
        elif replay.root_at(earlier.size) != earlier.root:
            message = f"was kept with another root at size {earlier.size}: history was rewritten"
            self._found.add("forked", message, file="--since")


def _claimed(files: Mapping[str, bytes]) -> Trust:
    """Return trust in the keys the files bring themselves, to show at least what contradicts itself."""
    try:
        return Trust.from_vkeys(files.get(VKEYS_PATH, b"").decode())
    except (GatewayError, UnicodeDecodeError):
        return Trust(logs={})
