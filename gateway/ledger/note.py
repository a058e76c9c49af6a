"""Signed notes: text, an empty line, signature lines; and what verifies under which keys.

Source: C2SP signed-note v1.0.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.errors import Malformed, VerificationFailed
from gateway.ledger.checkpoint import Checkpoint
from gateway.ledger.cosignature import verify_line
from gateway.ledger.vkey import (
    SignatureLine,
    SignatureType,
    SignBytes,
    VKey,
    check_note_text,
    sign_ed25519,
)

__all__ = [
    "Note",
    "Opened",
    "OpenedCheckpoint",
    "SignatureLine",
    "SignatureType",
    "VKey",
    "open_checkpoint",
    "open_note",
    "parse_note",
    "sign_ed25519",
    "sign_note",
]

NOTE_BYTES_MAX: Final = 1_000_000
SIGNATURES_MAX: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Text (ending in a newline) and its signature lines, none of them verified."""

    text: str
    signatures: tuple[SignatureLine, ...]

    def __post_init__(self) -> None:
        check_note_text(self.text)
        if not 0 < len(self.signatures) <= SIGNATURES_MAX:
            raise Malformed(f"has no, or more than {SIGNATURES_MAX}, signatures", field="note")

    def encode(self) -> str:
        """Return the note's one text form."""
        return f"{self.text}\n{''.join(line.encode() for line in self.signatures)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A note of which at least one signature verified.

    `verified`: distinct keys, in the order given to the verifier, however many lines each has.
    `cosigned`: (key, POSIX seconds) of every cosigning key among them, its earliest line.
    `unknown`: lines by keys the verifier was not given.
    """

    text: str
    verified: tuple[VKey, ...]
    cosigned: tuple[tuple[VKey, int], ...]
    unknown: tuple[SignatureLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedCheckpoint:
    """A checkpoint under its ledger's own Ed25519 signature, and who cosigned it."""

    checkpoint: Checkpoint
    opened: Opened


def parse_note(data: str | bytes) -> Note:
    """Return the note of its one text form, unverified.

    Raises:
        Malformed: not UTF-8, a control character, no or too many signatures, any line off its form, or
            larger than 1,000,000 bytes.
    """
    if len(data) > NOTE_BYTES_MAX:
        raise Malformed("is too large", field="note")
    text = _decode(data) if isinstance(data, bytes) else data
    check_note_text(text)
    # The text may hold empty lines itself: only the last one separates.
    split = text.rfind("\n\n")
    if split < 0:
        raise Malformed("has no signatures", field="note")
    lines = text[split + 2 :].split("\n")[:-1]
    if len(lines) > SIGNATURES_MAX:
        raise Malformed(f"has more than {SIGNATURES_MAX} signatures", field="note")
    return Note(text=text[: split + 1], signatures=tuple(SignatureLine.parse(line) for line in lines))


def open_note(note: Note | str | bytes, vkeys: Sequence[VKey]) -> Opened:
    """Verify a note's lines under the keys given; unknown keys are ignored and reported.

    Raises:
        Malformed: no note.
        VerificationFailed: `signature-invalid` when any line by a known key fails (the whole note falls);
            `no-known-signature` when no line is by a known key.
    """
    note = note if isinstance(note, Note) else parse_note(note)
    known = _by_id(vkeys)
    found: dict[VKey, int | None] = {}
    unknown: list[SignatureLine] = []
    for line in dict.fromkeys(note.signatures):
        vkey = known.get((line.name, line.key_id))
        if vkey is None:
            unknown.append(line)
            continue
        at, earlier = verify_line(vkey, note.text, line.signature), found.get(vkey)
        found[vkey] = at if earlier is None or at is None else min(at, earlier)
    if not found:
        raise VerificationFailed("is signed by no known key", code="no-known-signature", field="note")
    return Opened(
        text=note.text,
        verified=tuple(vkey for vkey in dict.fromkeys(vkeys) if vkey in found),
        cosigned=tuple((vkey, at) for vkey, at in found.items() if at is not None),
        unknown=tuple(unknown),
    )


def open_checkpoint(
    note: Note | str | bytes, log: Sequence[VKey], cosigners: Sequence[VKey] = ()
) -> OpenedCheckpoint:
    """Verify a checkpoint note: at least one Ed25519 key of `log` signed it, and that key names the origin.

    Post-quantum keys of the ledger itself may stand in `log` beside; alone they do not suffice.

    Raises:
        Malformed: no note, or no checkpoint.
        VerificationFailed: as `open_note`; `no-known-signature` without a line of the ledger's Ed25519 key;
            `wrong-origin` when the origin line is not that key's name.
    """
    opened = open_note(note, [*log, *cosigners])
    signers = [v for v in opened.verified if v in log and v.type is SignatureType.ED25519]
    if not signers:
        raise VerificationFailed(
            "is not signed by the ledger's key", code="no-known-signature", field="checkpoint"
        )
    checkpoint = Checkpoint.parse(opened.text)
    if any(vkey.name != checkpoint.origin for vkey in signers):
        raise VerificationFailed("names another ledger", code="wrong-origin", field="checkpoint.origin")
    return OpenedCheckpoint(checkpoint=checkpoint, opened=opened)


def sign_note(text: str, vkey: VKey, sign: SignBytes) -> str:
    """Return text signed as a note by one Ed25519 key."""
    return Note(text=text, signatures=(sign_ed25519(vkey, text, sign),)).encode()


def _by_id(vkeys: Sequence[VKey]) -> dict[tuple[str, bytes], VKey]:
    known: dict[tuple[str, bytes], VKey] = {}
    for vkey in vkeys:
        # Four bytes collide on purpose in seconds: two keys behind one id would hide which one verified.
        if known.setdefault((vkey.name, vkey.key_id), vkey) != vkey:
            raise Malformed("share a name and a key id", field="vkeys")
    return known


def _decode(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as exc:
        raise Malformed("is not UTF-8", field="note") from exc
