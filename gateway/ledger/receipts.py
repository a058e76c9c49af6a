"""Receipts of an export: every `delivered` entry has one, and each proves what its entry says.

A receipt is the recipient's own entry under the recipient's own checkpoint: believed only under a key of that
agency's ledger that the auditor brought along.

Source: PROTOCOL sections 7 and 10.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.errors import GatewayError, VerificationFailed
from gateway.ledger.checkpoint import Checkpoint, parse_ledger_origin
from gateway.ledger.entry import Direction, Entry, EntryKind, parse, receipt_digest, travels
from gateway.ledger.export import RECEIPTS_PATH, ReceiptRow, rows_of
from gateway.ledger.findings import Findings
from gateway.ledger.history import History
from gateway.ledger.note import parse_note
from gateway.ledger.proof import parse_proof
from gateway.ledger.tree import leaf_hash, verify_inclusion
from gateway.ledger.trust import Trust


class Receipts:
    """Checks the rows of `receipts.jsonl` against the `delivered` entries of the ledger `own`."""

    def __init__(
        self,
        *,
        own: Checkpoint,
        entries: Sequence[Entry | None],
        history: History,
        root_at: Callable[[int], bytes],
        trust: Trust,
        found: Findings,
    ) -> None:
        self._own = own
        self._history = history
        self._root_at = root_at
        self._trust = trust
        self._found = found
        self._due: dict[bytes, tuple[int, Entry]] = {}
        self._delivered = [(i, e) for i, e in enumerate(entries) if e and e.kind is EntryKind.DELIVERED]

    def check(self, data: bytes) -> None:
        """Verify every row, and that every `delivered` entry has one."""
        for index, entry in self._delivered:
            if (
                entry.peer_receipt is not None
                and self._due.setdefault(entry.peer_receipt, (index, entry))[0] != index
            ):
                self._found.add("receipt", "names a receipt already named", file=RECEIPTS_PATH, index=index)
        try:
            rows = rows_of(data, "receipts")
        except GatewayError as exc:
            self._found.add("receipt-malformed", str(exc), file=RECEIPTS_PATH)
            rows = data.split(b"\n")
        for line, row in enumerate(rows, start=1):
            self._check_row(line, row)
        for index, _ in self._due.values():
            self._found.add("receipt-missing", "has no receipt", file=RECEIPTS_PATH, index=index)

    def _check_row(self, line: int, row: bytes) -> None:
        index: int | None = None
        try:
            receipt = ReceiptRow.parse(row)
            index, delivered = self._due.pop(receipt_digest(receipt.entry), (None, None))
            if index is None or delivered is None:
                message = "answers no delivered entry of this ledger"
                self._found.add("receipt-unclaimed", message, file=RECEIPTS_PATH, line=line)
                return
            self._verify(index, delivered, receipt)
        except VerificationFailed as exc:
            if exc.code == "unknown-log":
                self._found.not_judged("unknown-log", str(exc), file=RECEIPTS_PATH, index=index)
            else:
                self._found.add(exc.code, str(exc), file=RECEIPTS_PATH, line=line, index=index)
        except GatewayError as exc:
            self._found.add("receipt-malformed", str(exc), file=RECEIPTS_PATH, line=line, index=index)

    def _verify(self, index: int, delivered: Entry, receipt: ReceiptRow) -> None:
        entry = parse(receipt.entry)
        self._check_fits(index, delivered, receipt, entry)
        proof = parse_proof(receipt.proof)
        note = parse_note(proof.checkpoint)
        head = Checkpoint.parse(note.text)
        if delivered.peer_head is None or head.origin != delivered.peer_head.origin:
            raise VerificationFailed("is proved under another ledger than was noted", code="receipt-differs")
        opened = self._trust.open_checkpoint(note)
        self._trust.check_validity(opened, entry.at)
        verify_inclusion(
            index=proof.index,
            size=head.size,
            leaf=leaf_hash(receipt.entry),
            proof=proof.hashes,
            root=head.root,
        )
        self._history.check_head(head, index, RECEIPTS_PATH)
        self._check_seen(entry.peer_head, index)

    def _check_fits(self, index: int, delivered: Entry, receipt: ReceiptRow, entry: Entry) -> None:
        sent = self._history.sent_of(delivered)
        own = parse_ledger_origin(self._own.origin)[0]
        due = (delivered.exchange, delivered.message, sent.envelope if sent else None, own)
        if not travels(entry.kind) or entry.direction is not Direction.IN:
            raise VerificationFailed("is no received, refused or quarantined entry", code="receipt-differs")
        if (entry.exchange, entry.message, entry.envelope, entry.peer) != due:
            raise VerificationFailed("is for another envelope", code="receipt-differs")
        if (receipt.exchange, receipt.message) != due[:2]:
            raise VerificationFailed("is filed under another exchange or message", code="receipt-differs")

    def _check_seen(self, seen: Checkpoint | None, index: int) -> None:
        """Compare our history with the head of ours that the peer wrote into its own ledger."""
        if seen is None or seen.origin != self._own.origin:
            return
        if seen.size > self._own.size:
            message = f"a peer has seen {seen.size} entries of this ledger, the export holds {self._own.size}"
            self._found.add("truncated", message, file=RECEIPTS_PATH, index=index)
        elif self._root_at(seen.size) != seen.root:
            message = f"a peer has seen another history of this ledger at size {seen.size}"
            self._found.add("forked", message, file=RECEIPTS_PATH, index=index)
