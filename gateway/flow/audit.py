"""Auditing: the own ledger laid out as files, and the keys an export is judged by.

Source: PROTOCOL section 10.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from gateway.errors import Conflict, Malformed, NotFound, Refused
from gateway.flow.gateway import Gateway
from gateway.flow.notary import Signed
from gateway.flow.openings import openings_of
from gateway.flow.witnesses import quorum_of, witness_vkeys
from gateway.ledger.checkpoint import Checkpoint
from gateway.ledger.cosignature import cosign
from gateway.ledger.entry import Draft, EntryKind
from gateway.ledger.export import ReceiptRow, build_export
from gateway.ledger.note import parse_note, sign_note
from gateway.ledger.trust import Trust, TrustedLog
from gateway.ledger.vkey import SignatureType, VKey
from gateway.store.unit import Unit
from keys.directory import Directory
from keys.keyring import AgencyKeys, PublicKeyRecord
from keys.use import KeyUse

EXPORT_BYTES_MAX = 4 * 1024 * 1024 * 1024
# No segment of a path begins with a dot, so none leads out of the folder.
_PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*", re.ASCII)


def export_ledger(gateway: Gateway, now: datetime, *, openings: bool = False) -> dict[str, bytes]:
    """Return the export's files by path, and note in the ledger that it was made (not in the export itself).

    The tree is that of the newest checkpoint that enough members cosigned. Where none has been, it is that of
    the newest head signed; where nobody has to, of the head as it is now.

    Raises:
        Refused: code `ledger-empty`.
    """
    signed = exported_head(gateway)
    size = signed.checkpoint.size
    rows = gateway.read.entries(0, size)
    delivered = {row.message for row in rows if row.kind == EntryKind.DELIVERED}
    keys = gateway.directory.keys_of(gateway.me)
    vkey = VKey.parse(keys.origins[-1].vkey)
    files = build_export(
        origin=gateway.origin,
        size=size,
        entries=[row.data for row in rows],
        node=gateway.read.node,
        checkpoint_note=_with_mldsa(gateway, signed.checkpoint, signed.note, keys, now),
        receipts=[row for row in _receipts(gateway) if row.message in delivered],
        vkeys=[
            *(vkey for _, vkey in _all_vkeys(gateway.directory)),
            *witness_vkeys(gateway.directory).values(),
        ],
        sign=lambda text: sign_note(text, vkey, gateway.ledger.sign),
        openings=list(openings_of(gateway, rows)) if openings else None,
    )
    exported = Draft(kind=EntryKind.EXPORTED, size=size, root=signed.checkpoint.root)
    gateway.store.writer.commit_one(Unit(drafts=(exported,)))
    return files


def exported_head(gateway: Gateway) -> Signed:
    """Return the signed checkpoint that an export shows.

    Raises:
        Refused: code `nothing-signed`: members witness each other, and no head was signed yet.
    """
    if not gateway.notary.is_witnessed:
        return gateway.notary.sign_head()
    cosigned = gateway.read.latest_checkpoint()
    if cosigned is not None:
        return Signed(Checkpoint.parse(parse_note(cosigned.note).text), cosigned.note)
    signed = gateway.notary.sign_again()
    if signed is None:
        raise Refused(
            "no head of this ledger was signed yet: that takes a gateway that runs, and one other member's "
            "that answers it",
            code="nothing-signed",
        )
    return signed


def _with_mldsa(gateway: Gateway, checkpoint: Checkpoint, note: str, keys: AgencyKeys, now: datetime) -> str:
    """Return the note with the ledger's post-quantum line beside its Ed25519 line."""
    named = keys.origins[-1].mldsa_vkey
    if named is None:
        return note
    private = MLDSA44PrivateKey.from_seed_bytes(gateway.ledger_mldsa_seed)
    line = cosign(VKey.parse(named), checkpoint.body(), int(now.timestamp()), private.sign)
    return note + line.encode()


def _receipts(gateway: Gateway) -> Iterator[ReceiptRow]:
    after = ("", b"")
    while page := gateway.read.receipts(after=after):
        for row in page:
            yield ReceiptRow(
                exchange=row.exchange_id, message=row.message_id, entry=row.entry, proof=row.proof
            )
        after = (page[-1].message_id, page[-1].envelope_digest)


def require_empty(out: Path) -> None:
    """Refuse early, before the ledger notes an export, a folder that it could not be written to.

    Raises:
        Conflict: code `exists`: it holds something already, or is no folder.
    """
    if out.is_symlink() or (out.exists() and (not out.is_dir() or any(out.iterdir()))):
        raise Conflict("is not empty; an export never mixes with other files", field=str(out), code="exists")


def write_export(files: Mapping[str, bytes], out: Path) -> None:
    """Write an export into a new or empty folder.

    Raises:
        Conflict: the folder holds something already.
        Malformed: code `bad-path`: a file would land elsewhere; what a gateway sends is not trusted that far.
    """
    require_empty(out)
    for name in files:
        if not _PATH.fullmatch(name):
            raise Malformed("is no path of an export", field="path", code="bad-path")
    for name, data in files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def read_export(path: Path) -> dict[str, bytes]:
    """Return the files of an export by path.

    Raises:
        NotFound: no such folder.
        Malformed: it holds a link or something that is no file, or more than 4 GiB.
    """
    if not path.is_dir():
        raise NotFound("is no folder", field=str(path), code="no-file")
    files: dict[str, bytes] = {}
    total = 0
    for folder, subfolders, names in os.walk(path, followlinks=False):
        for name in (*names, *subfolders):
            found = Path(folder) / name
            if found.is_symlink() or not (found.is_file() or found.is_dir()):
                raise Malformed("holds a link or a special file", field=str(found.relative_to(path)))
        for name in names:
            found = Path(folder) / name
            total += found.stat().st_size
            if total > EXPORT_BYTES_MAX:
                raise Malformed("is larger than 4 GiB", field=str(path), code="too-large")
            files[found.relative_to(path).as_posix()] = found.read_bytes()
    if not files:
        raise Refused("holds no export", field=str(path), code="no-export")
    return files


def trust_of(directory: Directory) -> Trust:
    """Return the ledger keys a directory vouches for, each with its validity, and who witnesses."""
    logs: dict[str, tuple[TrustedLog, ...]] = {}
    for record, vkey in _all_vkeys(directory):
        log = TrustedLog(
            vkey=vkey,
            valid_from=int(record.valid_from.timestamp()),
            valid_until=_seconds(record.valid_until),
            revoked_since=_seconds(record.revoked_since),
        )
        logs[vkey.name] = (*logs.get(vkey.name, ()), log)
    return Trust(
        logs=logs,
        witnesses=tuple(witness_vkeys(directory).values()),
        quorums={agency: quorum_of(directory, agency) for agency in directory.keys},
    )


def _all_vkeys(directory: Directory) -> Iterator[tuple[PublicKeyRecord, VKey]]:
    for keys in directory.keys.values():
        for origin in keys.origins:
            for text in (origin.vkey, origin.mldsa_vkey):
                if text is None:
                    continue
                vkey = VKey.parse(text)
                use = KeyUse.LEDGER if vkey.type is SignatureType.ED25519 else KeyUse.LEDGER_MLDSA
                yield next(record for record in keys.all(use) if record.public == vkey.key), vkey


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())
