"""The manifest of an export: every file's digest, as the text of a signed note.

First line `comity.export/<agency-id>/<n>`, then `<hex SHA-256>  <path>` for each file, sorted by path.

Source: PROTOCOL section 10.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from itertools import pairwise
from typing import Final

from gateway.errors import GatewayError, Malformed, VerificationFailed
from gateway.ledger.checkpoint import parse_ledger_origin
from gateway.ledger.findings import Findings
from gateway.ledger.note import Note, open_note, parse_note
from gateway.ledger.trust import Trust

MANIFEST_PATH: Final = "MANIFEST"
_LINE: Final = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9][A-Za-z0-9./_-]*)", re.ASCII)


def manifest_text(origin: str, files: Mapping[str, bytes]) -> str:
    """Return the note text over all files, of the export of ledger `origin`."""
    lines = [f"{sha256(files[path]).hexdigest()}  {path}" for path in sorted(files)]
    return "\n".join([export_name(origin), *lines]) + "\n"


def parse_manifest(text: str) -> tuple[str, dict[str, bytes]]:
    """Return the export's name and the digest by path.

    Raises:
        Malformed: a line off its form, or paths not sorted and distinct.
    """
    name, *lines = text[:-1].split("\n")
    digests: dict[str, bytes] = {}
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is None:
            raise Malformed("has a line that is no digest and path", field="manifest")
        digests[match[2]] = bytes.fromhex(match[1])
    if len(digests) != len(lines) or any(left >= right for left, right in pairwise(digests)):
        raise Malformed("is not sorted by distinct paths", field="manifest")
    return name, digests


def export_name(origin: str) -> str:
    """Return the manifest's first line for a ledger; an origin off its form is Malformed."""
    agency, number = parse_ledger_origin(origin)
    return f"comity.export/{agency}/{number}"


def check_manifest(files: Mapping[str, bytes], origin: str | None, trust: Trust, found: Findings) -> None:
    """Verify the manifest under the key of ledger `origin` (None: unreadable), and every file against it."""
    if MANIFEST_PATH not in files:
        found.add("missing-file", "is missing", file=MANIFEST_PATH)
        return
    try:
        note = parse_note(files[MANIFEST_PATH])
        name, digests = parse_manifest(note.text)
    except GatewayError as exc:
        found.add("manifest-malformed", str(exc), file=MANIFEST_PATH)
        return
    if len(set(note.signatures)) != len(note.signatures):
        # No other file names this one by its hash, so every byte of it is accounted for here.
        found.add("repeated-line", "carries a signature line twice", file=MANIFEST_PATH)
    if origin is not None:
        _check_signature(note, name, origin, trust, found)
    for path, digest in digests.items():
        if path not in files:
            found.add("missing-file", "is in the manifest and missing", file=path)
        elif sha256(files[path]).digest() != digest:
            found.add("file-differs", "is not the file the manifest names", file=path)
    for path in sorted(files.keys() - digests.keys() - {MANIFEST_PATH}):
        found.add("extra-file", "is not in the manifest", file=path)


def _check_signature(note: Note, name: str, origin: str, trust: Trust, found: Findings) -> None:
    if name != export_name(origin):
        found.add("manifest-differs", "is of another ledger's export", file=MANIFEST_PATH)
    if not trust.knows(origin):
        return  # Reported with the checkpoint: nobody vouches for this ledger.
    try:
        opened = open_note(note, trust.keys_of(origin))
    except VerificationFailed as exc:
        found.add(exc.code, str(exc), file=MANIFEST_PATH)
        return
    for line in opened.unknown:
        message = f"carries a line by {line.name}, outside the trust"
        found.notice("unknown-signature", message, file=MANIFEST_PATH)
