"""Where the passphrase comes from: never an argument, never the value of an environment variable.

Others can read both. Source: DESIGN 9; THREATS A14.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from gateway.errors import Misconfigured

DESCRIPTOR_VARIABLE: Final = "COMITY_PASSPHRASE_FD"
CREDENTIAL_NAME: Final = "comity-passphrase"
PASSPHRASE_BYTES_MAX: Final = 4096


def read_passphrase(
    environ: Mapping[str, str],
    *,
    passphrase_file: Path | None = None,
    prompt: Callable[[], str] | None = None,
) -> bytes:
    """Return the passphrase from the first source there is; a source that fails is not passed over.

    In order: the open file descriptor whose number is in `COMITY_PASSPHRASE_FD` (read to its end and
    closed), the systemd credential `comity-passphrase`, `passphrase_file` (the caller allows one in an
    exercise only), `prompt`. One trailing newline is dropped.

    Raises:
        Misconfigured: code `no-passphrase` (no source), `empty-passphrase`, `unreadable-passphrase`, or
            `wrong-mode` (others than its owner may read `passphrase_file`).
    """
    if DESCRIPTOR_VARIABLE in environ:
        return _stripped(_from_descriptor(environ[DESCRIPTOR_VARIABLE]))
    directory = environ.get("CREDENTIALS_DIRECTORY")
    if directory and (credential := Path(directory) / CREDENTIAL_NAME).exists():
        # systemd keeps this directory private itself, with modes of its own.
        return _stripped(_from_file(credential, private=False))
    if passphrase_file is not None:
        return _stripped(_from_file(passphrase_file, private=True))
    if prompt is not None:
        return _stripped(prompt().encode(errors="surrogateescape"))
    raise Misconfigured(
        f"no passphrase: set {DESCRIPTOR_VARIABLE}, give the credential {CREDENTIAL_NAME}, or use a terminal",
        code="no-passphrase",
    )


def _from_descriptor(text: str) -> bytes:
    if not (text.isascii() and text.isdecimal() and len(text) < 7):
        # The value is not repeated: somebody may have put the passphrase itself there.
        raise Misconfigured(
            f"{DESCRIPTOR_VARIABLE} is not the number of a file descriptor", code="unreadable-passphrase"
        )
    try:
        with os.fdopen(int(text), "rb") as file:
            return file.read(PASSPHRASE_BYTES_MAX + 1)
    except OSError as exc:
        raise Misconfigured(
            "the passphrase's file descriptor cannot be read", code="unreadable-passphrase"
        ) from exc


def _from_file(path: Path, *, private: bool) -> bytes:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if private and stat.S_IMODE(mode) & 0o077:
                raise Misconfigured(
                    "the passphrase file is open to others than its owner: set mode 0600", code="wrong-mode"
                )
            return file.read(PASSPHRASE_BYTES_MAX + 1)
    except OSError as exc:
        raise Misconfigured("the passphrase file cannot be read", code="unreadable-passphrase") from exc


def _stripped(raw: bytes) -> bytes:
    if len(raw) > PASSPHRASE_BYTES_MAX:
        raise Misconfigured("the passphrase is too long", code="unreadable-passphrase")
    passphrase = raw.removesuffix(b"\n")
    if not passphrase:
        raise Misconfigured("the passphrase is empty", code="empty-passphrase")
    return passphrase
