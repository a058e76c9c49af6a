"""Whom a verifier believes: the tlog policy of one proof, and the keys an auditor brings from outside.

Source: C2SP tlog-policy; PROTOCOL sections 9 and 10.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.errors import Malformed, VerificationFailed
from gateway.ledger.checkpoint import Checkpoint, parse_ledger_origin
from gateway.ledger.lexical import parse_decimal
from gateway.ledger.note import Note, OpenedCheckpoint, open_checkpoint, parse_note
from gateway.ledger.vkey import SignatureType, VKey

_NO_QUORUM: Final = "none"
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f]")
_LINES_MAX: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Satisfied when at least `threshold` of its members (witnesses or earlier groups) are."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Accepted logs, named witnesses and groups, and the one that must be satisfied (None: nobody need)."""

    logs: tuple[VKey, ...]
    witnesses: Mapping[str, VKey] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    quorum: str | None = None

    @classmethod
    def parse(cls, text: str) -> Policy:
        """Return the policy of a tlog-policy file.

        Raises:
            Malformed: an unknown keyword, a forward reference, a duplicate name or key, a threshold out of
                range, not exactly one quorum line, or a control character but TAB and LF.
        """
        if _CONTROL.search(text):
            raise Malformed("holds a control character", field="policy")
        lines = [line.strip(" \t") for line in text.split("\n")]
        reader = _Reader()
        for line in lines[:_LINES_MAX]:
            if line and not line.startswith("#"):
                reader.read(re.split(r"[ \t]+", line))
        if len(lines) > _LINES_MAX or len(reader.quorums) != 1:
            raise Malformed("has too many lines, or not exactly one quorum line", field="policy")
        quorum = reader.quorums[0]
        return cls(
            logs=tuple(reader.logs),
            witnesses=reader.witnesses,
            groups=reader.groups,
            quorum=None if quorum == _NO_QUORUM else quorum,
        )

    def satisfied(self, verified: Collection[VKey]) -> bool:
        """Return whether keys whose lines verified meet the quorum; each key counts once."""
        met = {name for name, vkey in self.witnesses.items() if vkey in verified}
        # Groups refer only backwards, so one pass in order settles them.
        for name, group in self.groups.items():
            if sum(member in met for member in group.members) >= group.threshold:
                met.add(name)
        return self.quorum is None or self.quorum in met


class _Reader:
    """Collects the lines of a policy file, refusing what breaks its rules."""

    def __init__(self) -> None:
        self.logs: list[VKey] = []
        self.witnesses: dict[str, VKey] = {}
        self.groups: dict[str, Group] = {}
        self.quorums: list[str] = []

    def read(self, words: list[str]) -> None:
        match words:
            case ["log", vkey] | ["log", vkey, _]:
                self._add_log(VKey.parse(vkey))
            case ["witness", name, vkey] | ["witness", name, vkey, _]:
                self._add_witness(name, VKey.parse(vkey))
            case ["group", name, threshold, *members]:
                self._add_group(name, threshold, members)
            case ["quorum", name]:
                if name != _NO_QUORUM:
                    self._known(name)
                self.quorums.append(name)
            case _:
                raise Malformed("has a line that is no log, witness, group or quorum", field="policy")

    def _add_log(self, vkey: VKey) -> None:
        if vkey.type is SignatureType.COSIGNATURE_ED25519 or vkey.key in [log.key for log in self.logs]:
            raise Malformed("is no log key, or stands twice", field="policy.log")
        self.logs.append(vkey)

    def _add_witness(self, name: str, vkey: VKey) -> None:
        self._fresh(name)
        if vkey.type is SignatureType.ED25519 or vkey.key in [w.key for w in self.witnesses.values()]:
            raise Malformed("is no cosigning key, or stands twice", field="policy.witness")
        self.witnesses[name] = vkey

    def _add_group(self, name: str, threshold: str, members: list[str]) -> None:
        self._fresh(name)
        for member in members:
            self._known(member)
        # A member of two groups would count twice towards whatever joins them.
        taken = [member for group in self.groups.values() for member in group.members] + members
        if len(set(taken)) != len(taken):
            raise Malformed("has a member that is one already", field="policy.group")
        words = {"any": 1, "all": len(members)}
        needed = words[threshold] if threshold in words else parse_decimal(threshold, "policy.group")
        if not 1 <= needed <= len(members):
            raise Malformed("has no threshold from 1 to its number of members", field="policy.group")
        self.groups[name] = Group(threshold=needed, members=tuple(members))

    def _fresh(self, name: str) -> None:
        if name == _NO_QUORUM or name in self.witnesses or name in self.groups:
            raise Malformed("uses a name twice, or the reserved one", field="policy")

    def _known(self, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise Malformed("refers to a name not defined before it", field="policy")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedLog:
    """A ledger key believed in [valid_from, valid_until) and before `revoked_since`, all POSIX seconds."""

    vkey: VKey
    valid_from: int = 0
    valid_until: int | None = None
    revoked_since: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What an auditor brings from outside the files: ledger keys by origin, witnesses, how many must cosign.

    `quorums` says by agency how many must cosign its ledger, `quorum` how many where it does not name one.
    Both count witness names (an agency may hold two cosigning keys); 0 while too few members publish a
    witness key, and then a missing cosignature is a notice only.
    """

    logs: Mapping[str, tuple[TrustedLog, ...]]
    witnesses: tuple[VKey, ...] = ()
    quorum: int = 0
    quorums: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def from_vkeys(cls, text: str) -> Trust:
        """Return trust in the keys of a text of one vkey a line (`#` comments), for all times, no quorum.

        Keys named `comity.ledger/...` are ledgers'; other cosigning keys are witnesses'.

        Raises:
            Malformed: a line is no vkey, or an Ed25519 note key names no ledger.
        """
        logs: dict[str, tuple[TrustedLog, ...]] = {}
        witnesses = []
        for line in text.split("\n"):
            if not line.strip() or line.startswith("#"):
                continue
            vkey = VKey.parse(line.strip())
            if vkey.name.startswith("comity.ledger/") or vkey.type is SignatureType.ED25519:
                parse_ledger_origin(vkey.name)
                logs[vkey.name] = (*logs.get(vkey.name, ()), TrustedLog(vkey=vkey))
            else:
                witnesses.append(vkey)
        return cls(logs=logs, witnesses=tuple(witnesses))

    def knows(self, origin: str) -> bool:
        """Return whether any key of this ledger is believed."""
        return bool(self.logs.get(origin))

    def quorum_for(self, origin: str) -> int:
        """Return how many witnesses must cosign a checkpoint of a ledger."""
        return self.quorums.get(parse_ledger_origin(origin)[0], self.quorum)

    def keys_of(self, origin: str) -> tuple[VKey, ...]:
        """Return every believed key of a ledger, whatever its validity."""
        return tuple(log.vkey for log in self.logs.get(origin, ()))

    def open_checkpoint(self, note: Note | str | bytes) -> OpenedCheckpoint:
        """Verify a checkpoint under the believed keys of the origin it names, and the witnesses.

        Raises:
            Malformed: no note or no checkpoint.
            VerificationFailed: `unknown-log` for an origin nobody vouches for, or as `open_checkpoint`.
        """
        note = note if isinstance(note, Note) else parse_note(note)
        origin = Checkpoint.parse(note.text).origin
        if not self.knows(origin):
            raise VerificationFailed(
                "is of a ledger outside the trust", code="unknown-log", field="checkpoint"
            )
        return open_checkpoint(note, self.keys_of(origin), self.witnesses)

    def check_validity(self, opened: OpenedCheckpoint, at: int) -> None:
        """Refuse a checkpoint whose signing keys were all outside their validity at `at` (POSIX seconds).

        The earliest cosignature, where there is one, is the better clock: it was made by somebody else.

        Raises:
            VerificationFailed: code `key-not-valid`.
        """
        witnessed = min(
            (time for vkey, time in opened.opened.cosigned if vkey in self.witnesses), default=None
        )
        when = at if witnessed is None else witnessed
        for log in self.logs.get(opened.checkpoint.origin, ()):
            signed = log.vkey in opened.opened.verified and log.vkey.type is SignatureType.ED25519
            ended = log.valid_until is not None and when >= log.valid_until
            # A ledger's own clock proves nothing once its key is stolen: only a witness's does.
            revoked = log.revoked_since is not None and (witnessed is None or when >= log.revoked_since)
            if signed and log.valid_from <= when and not ended and not revoked:
                return
        raise VerificationFailed(
            "is signed by a key not valid then", code="key-not-valid", field="checkpoint"
        )

    def cosigners(self, opened: OpenedCheckpoint) -> frozenset[str]:
        """Return the names of the witnesses that cosigned a checkpoint; an agency is none for itself."""
        return frozenset(vkey.name for vkey, _ in self._cosigned(opened))

    def _cosigned(self, opened: OpenedCheckpoint) -> list[tuple[VKey, int]]:
        own = f"comity.witness/{parse_ledger_origin(opened.checkpoint.origin)[0]}"
        return [pair for pair in opened.opened.cosigned if pair[0] in self.witnesses and pair[0].name != own]
