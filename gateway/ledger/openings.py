"""Openings of an export: what the commitments in its entries stand for, shown to those who may see it.

Source: PROTOCOL sections 8 and 10.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from gateway.errors import GatewayError, Malformed, VerificationFailed
from gateway.ledger.commitment import CommitmentType, verify_commitment
from gateway.ledger.entry import Entry, EntryKind
from gateway.ledger.export import OPENINGS_PATH, Opening, rows_of
from gateway.ledger.findings import Findings

Opened = Mapping[tuple[int, CommitmentType], bytes]
"""What commitments stand for, by index of their entry and type: as far as it was shown and fits."""

NOTHING: Final[Opened] = MappingProxyType({})


def read_openings(data: bytes | None, entries: Sequence[Entry | None], found: Findings) -> Opened:
    """Verify each row of `openings.jsonl` against its entry; None where the export holds no openings.

    An export need not open everything: what stays closed is not judged. Nor is what opens wrongly; that is a
    finding.
    """
    if data is None:
        if any(entry.commit or entry.commits for entry in entries if entry is not None):
            found.not_judged("openings-absent", "commitments were not opened", file=OPENINGS_PATH)
        return NOTHING
    try:
        rows = rows_of(data, "openings")
    except Malformed as exc:
        found.add("opening-malformed", str(exc), file=OPENINGS_PATH)
        return NOTHING
    opened = {}
    for line, row in enumerate(rows, start=1):
        index = None
        try:
            opening = Opening.parse(row)
            index = opening.index
            verify_opening(opening, entries[index] if index < len(entries) else None)
            opened[index, opening.type] = opening.content
        except GatewayError as exc:
            code = "opening-malformed" if isinstance(exc, Malformed) else exc.code
            found.add(code, str(exc), file=OPENINGS_PATH, line=line, index=index)
    return opened


def verify_opening(opening: Opening, entry: Entry | None) -> None:
    """Verify that an opening opens a commitment of its entry (None: there is no such entry).

    Raises:
        VerificationFailed: code `commitment-mismatch`.
    """
    commitments: dict[CommitmentType, bytes] = {}
    if entry is not None:
        commitments.update(entry.commits or ())
        if entry.commit is not None:
            submitted = entry.kind is EntryKind.SUBMITTED
            commitments[CommitmentType.STATEMENT if submitted else CommitmentType.PAYLOAD] = entry.commit
    if opening.type not in commitments:
        raise VerificationFailed("opens nothing its entry commits to", code="commitment-mismatch")
    verify_commitment(commitments[opening.type], opening.salt, opening.type, opening.content)
