"""What a ledger's entries say together: order, counters, answers; and, entry by entry, approvals.

The checks read entries in order and keep one small state per exchange, peer and envelope.

Source: PROTOCOL sections 8 and 10.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from gateway.ledger.approvals import Approvals
from gateway.ledger.checkpoint import Checkpoint
from gateway.ledger.enrolments import Enrolments
from gateway.ledger.entry import Entry, EntryKind
from gateway.ledger.findings import Findings
from gateway.ledger.openings import Opened

_OUTWARD = (EntryKind.RELEASED, EntryKind.SENT)


class History:
    """Reads a ledger's entries once.

    `entries` has None where one could not be read; `opened` is what their commitments stand for, as far as
    that is shown; `root_at` gives the root at each size up to their number; `file_of` names the file an entry
    stands in.
    """

    def __init__(
        self,
        *,
        origin: str,
        entries: Sequence[Entry | None],
        opened: Opened,
        root_at: Callable[[int], bytes],
        file_of: Callable[[int], str],
        found: Findings,
    ) -> None:
        self._origin = origin
        self._entries = entries
        self._root_at = root_at
        self._file_of = file_of
        self._found = found
        self._approvals = Approvals(opened=opened, file_of=file_of, found=found)
        self._enrolments = Enrolments(opened, file_of, found)
        self._pairs: Counter[tuple[str, str]] = Counter()
        self._envelopes: set[tuple[str, str, bytes]] = set()
        self._heads: dict[tuple[str, int], bytes] = {}
        self._closed = False

    def check(self) -> None:
        """Run every check over all entries, in order."""
        latest = 0
        for index, entry in enumerate(self._entries):
            if entry is None:
                continue
            if entry.at < latest:
                self._add("time-order", "is dated before the entry in front of it", index)
            latest = max(latest, entry.at)
            if self._closed:
                self._add("after-closed", "follows the entry that closed the ledger", index)
            self._check_first(index, entry)
            self._check_about(index, entry)
            self._check_travel(index, entry)
            self.check_head(entry.peer_head, index)
            self._check_kind(index, entry)
        self._approvals.finish(latest)
        self._enrolments.finish()

    def check_head(self, head: Checkpoint | None, index: int, file: str = "") -> None:
        """Compare a peer's head with those seen elsewhere: two roots of one size are a fork."""
        if head is None:
            return
        if self._heads.setdefault((head.origin, head.size), head.root) != head.root:
            message = f"shows another root of {head.origin} at size {head.size} than was seen elsewhere"
            self._found.add("forked", message, file=file or self._file_of(index), index=index)

    def _check_first(self, index: int, entry: Entry) -> None:
        if (index == 0) != (entry.kind is EntryKind.OPENED):
            self._add("opened", "is not an opened entry first, or is one later", index)
        elif entry.kind is EntryKind.OPENED and entry.origin != self._origin:
            self._add("opened", "opens another ledger than the checkpoint names", index)

    def _check_about(self, index: int, entry: Entry) -> None:
        if entry.about is not None and entry.about >= index:
            self._add("about", "answers an entry that is not before it", index)

    def _check_travel(self, index: int, entry: Entry) -> None:
        if entry.peer is None or entry.envelope is None or entry.direction is None:
            return  # No entry that travels.
        pair = (entry.peer, entry.direction.value)
        self._pairs[pair] += 1
        if entry.pair_seq != self._pairs[pair]:
            message = f"counts {entry.pair_seq} to {entry.peer}/{pair[1]} where {self._pairs[pair]} is due"
            self._add("pair-seq", message, index)
            # Judge the rest by what this entry claims: one gap is one finding.
            self._pairs[pair] = entry.pair_seq or 0
        if (*pair, entry.envelope) in self._envelopes:
            self._add("duplicate", "names an envelope that an earlier entry named", index)
        self._envelopes.add((*pair, entry.envelope))

    def _check_kind(self, index: int, entry: Entry) -> None:
        self._enrolments.read(index, entry)
        self._approvals.read(index, entry)
        if entry.kind is EntryKind.DELIVERED:
            self._check_delivered(index, entry)
        elif entry.kind is EntryKind.UNDELIVERABLE:
            if (entry.peer, "out", entry.envelope) not in self._envelopes:
                self._add("undeliverable", "names an envelope that was never sent to that peer", index)
        elif entry.kind is EntryKind.EXPORTED:
            self._check_exported(index, entry)
        elif entry.kind is EntryKind.CLOSED:
            self._closed = True

    def _check_delivered(self, index: int, entry: Entry) -> None:
        sent = self.sent_of(entry)
        if sent is None or (sent.exchange, sent.message, sent.peer) != (
            entry.exchange,
            entry.message,
            entry.peer,
        ):
            self._add("delivered", "does not answer a released or sent entry of its exchange and peer", index)

    def sent_of(self, delivered: Entry) -> Entry | None:
        """Return the released or sent entry that a delivered entry answers, if it does answer one."""
        about = delivered.about
        sent = self._entries[about] if about is not None and about < len(self._entries) else None
        return sent if sent is not None and sent.kind in _OUTWARD else None

    def _check_exported(self, index: int, entry: Entry) -> None:
        if entry.size is None or entry.size > index or self._root_at(entry.size) != entry.root:
            self._add("exported", "names a head this ledger never had", index)

    def _add(self, code: str, message: str, index: int) -> None:
        self._found.add(code, message, file=self._file_of(index), index=index)
