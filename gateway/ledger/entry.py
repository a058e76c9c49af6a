"""Ledger entries: one canonical JSON object each, with a closed member set per kind and no personal data.

The stored bytes are authoritative for ever: they are made once by `encode` and never re-serialised to hash.

Source: PROTOCOL section 8.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import lru_cache
from hashlib import sha256
from operator import attrgetter
from typing import Any, Final, NamedTuple

from gateway.errors import Malformed
from gateway.ledger.checkpoint import Checkpoint, parse_ledger_origin
from gateway.ledger.jcs import BYTES_MAX, INTEGER_LIMIT, Json, decode_unchecked, encode_checked
from gateway.ledger.kinds import (
    CODES,
    MEMBERS,
    Direction,
    EntryKind,
    FinalCode,
    InBandCode,
    counts_in_pair,
    direction_of,
    travels,
)
from gateway.ledger.lexical import decode_hex
from gateway.ledger.members import CODECS, Commits, Counts

__all__ = [
    "BLIND_BYTES",
    "Direction",
    "Draft",
    "Entry",
    "EntryKind",
    "FinalCode",
    "InBandCode",
    "counts_in_pair",
    "encode",
    "parse",
    "receipt_digest",
    "travels",
]

VERSION: Final = 1
BLIND_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What one entry is to say, before the ledger gives it time, blind and pair sequence.

    Holds exactly the members its kind demands or allows. Digests, commitments and roots are 32 raw bytes,
    `person` 16; `about` is the absolute index of the earlier entry this one answers; `valid_from` and
    `valid_until` are POSIX seconds; lists are sorted and distinct, save `vkeys`.

    Raises:
        Malformed: a member is missing, does not belong to the kind, or breaks its form.
    """

    kind: EntryKind
    exchange: str | None = None
    message: str | None = None
    peer: str | None = None
    direction: Direction | None = None
    envelope: bytes | None = None
    commit: bytes | None = None
    commits: Commits | None = None
    policy: bytes | None = None
    old: bytes | None = None
    outcome: str | None = None
    rules: tuple[str, ...] | None = None
    duties: tuple[str, ...] | None = None
    duty: str | None = None
    directory: bytes | None = None
    code: str | None = None
    codes: Counts | None = None
    about: int | None = None
    peer_head: Checkpoint | None = None
    peer_receipt: bytes | None = None
    origin: str | None = None
    vkeys: tuple[str, ...] | None = None
    predecessor: Checkpoint | None = None
    size: int | None = None
    root: bytes | None = None
    digest: bytes | None = None
    hit: bool | None = None
    use: str | None = None
    old_key: str | None = None
    new_key: str | None = None
    action: str | None = None
    access: str | None = None
    person: bytes | None = None
    key: bytes | None = None
    roles: tuple[str, ...] | None = None
    valid_from: int | None = None
    valid_until: int | None = None
    rendered: Mapping[str, Json] = field(init=False, repr=False, compare=False)
    """The members as JSON, made while they were checked."""

    def __post_init__(self) -> None:
        members, values = _members_of(self)
        rendered: dict[str, Json] = {}
        for (name, required, render), value in zip(members, values, strict=True):
            if value is not None:
                rendered[name] = render(value, name)
            elif required:
                raise Malformed(f"is missing from a {_word(self.kind)} entry", field=name)
        object.__setattr__(self, "rendered", rendered)
        _check_together(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Draft):
    """An entry as it stands in a ledger: a draft with its time (POSIX seconds), blind and pair sequence."""

    at: int
    blind: bytes
    pair_seq: int | None = None

    def __post_init__(self) -> None:
        Draft.__post_init__(self)
        _check_place(self.kind, self.at, self.pair_seq, self.blind)


_NAMES: Final = tuple(f.name for f in fields(Draft) if f.name not in ("kind", "rendered"))


_Member = tuple[str, bool, Callable[[Any, str], Json]]
"""Name of a member, whether its kind demands it, and what renders it."""
_Values = Callable[["Draft"], tuple[Any, ...]]
"""Takes values out of a draft."""


class _Form(NamedTuple):
    """The members of one kind of entry: its `own` and `their` values, the values of all `others`, and every
    member there is, where those that do not belong in it are refused.
    """

    own: tuple[_Member, ...]
    their: _Values
    others: _Values
    every: tuple[_Member, ...]


def _form(kind: EntryKind) -> _Form:
    required, optional = MEMBERS[kind]

    def refuse(_: object, name: str) -> Json:
        raise Malformed(f"does not belong in a {_word(kind)} entry", field=name)

    own = required | optional
    every = [(name, name in required, CODECS[name].render if name in own else refuse) for name in _NAMES]
    return _Form(
        own=tuple(member for member in every if member[0] in own),
        their=_values_of([name for name in _NAMES if name in own]),
        others=_values_of([name for name in _NAMES if name not in own]),
        every=tuple(every),
    )


def _values_of(names: Sequence[str]) -> _Values:
    # Alone or empty, `attrgetter` gives no tuple.
    return attrgetter(*names) if len(names) > 1 else lambda draft: tuple(getattr(draft, n) for n in names)


_FORMS: Final = {kind: _form(kind) for kind in EntryKind}
_EVERY: Final = _values_of(_NAMES)


def _members_of(draft: Draft) -> tuple[tuple[_Member, ...], tuple[Any, ...]]:
    """Return the members that a draft is to be checked for, and its values of them."""
    form = _FORMS[draft.kind]
    others = form.others(draft)
    # Nearly every draft holds none of the members of other kinds: then they need no look each.
    if others.count(None) == len(others):
        return form.own, form.their(draft)
    return form.every, _EVERY(draft)


def encode(draft: Draft, *, at: int, pair_seq: int | None, blind: bytes) -> bytes:
    """Return the entry's bytes, at most 8,192.

    `at` is POSIX seconds, not before the previous entry's; `pair_seq` counts from 1 for travelling kinds and
    is None for all others; `blind` is 16 fresh random bytes, so that nobody guesses an entry from its leaf.

    Raises:
        Malformed: a value off its form, or the entry is too long (code `too-large`).
    """
    _check_place(draft.kind, at, pair_seq, blind)
    members = {**draft.rendered, "v": VERSION, "kind": int(draft.kind), "at": at, "blind": blind.hex()}
    if pair_seq is not None:
        members["pair_seq"] = pair_seq
    data = encode_checked(members)
    if len(data) > BYTES_MAX:
        raise Malformed(f"is longer than {BYTES_MAX} bytes", field="entry", code="too-large")
    return data


@lru_cache(maxsize=512)
def parse(data: bytes) -> Entry:
    """Return the entry of bytes that are exactly what `encode` makes of it; remembered, for an entry is read
    by several checks in turn.

    Raises:
        Malformed: not canonical JSON, an unknown version or kind, a member missing, unknown or off its form.
    """
    members = decode_unchecked(data)
    if members.pop("v", None) != VERSION:
        raise Malformed("is no known version", field="v")
    kind = _kind(members.pop("kind", None))
    at, pair_seq, blind = members.pop("at", None), members.pop("pair_seq", None), members.pop("blind", None)
    if not isinstance(at, int) or not isinstance(pair_seq, int | None) or not isinstance(blind, str):
        raise Malformed("lacks its time or blind", field="entry")
    unknown = members.keys() - CODECS.keys()
    if unknown:
        raise Malformed("is not a member of any entry", field=min(unknown))
    values = {name: CODECS[name].read(value, name) for name, value in members.items()}
    if "direction" in values:
        values["direction"] = Direction(values["direction"])
    entry = Entry(
        kind=kind, at=at, pair_seq=pair_seq, blind=decode_hex(blind, "blind", BLIND_BYTES), **values
    )
    # One comparison refuses every other spelling: JSON that is not canonical, repeated members, list orders.
    if encode(entry, at=at, pair_seq=pair_seq, blind=entry.blind) != data:
        raise Malformed("is not the canonical form of its entry", field="entry", code="not-canonical")
    return entry


def receipt_digest(entry: bytes) -> bytes:
    """Return what `peer_receipt` holds: SHA-256 of the receipt's entry bytes.

    The proof is left out because a receipt is the same receipt under every later checkpoint.
    """
    return sha256(entry).digest()


def _kind(number: object) -> EntryKind:
    try:
        if type(number) is int:
            return EntryKind(number)
    except ValueError:
        pass
    raise Malformed("is no known kind", field="kind")


def _check_together(draft: Draft) -> None:
    """Check what holds between members."""
    direction = direction_of(draft.kind)
    if direction is not None and draft.direction is not direction:
        raise Malformed(f"is not {direction.value}", field="direction")
    if draft.code is not None and draft.code not in CODES[draft.kind]:
        raise Malformed("is not in its closed list", field="code")
    if draft.peer_head is not None and parse_ledger_origin(draft.peer_head.origin)[0] != draft.peer:
        raise Malformed("is not a head of that peer's own ledger", field="peer_head")
    if draft.predecessor is not None and draft.origin is not None:
        before, own = parse_ledger_origin(draft.predecessor.origin), parse_ledger_origin(draft.origin)
        if before[0] != own[0] or before[1] >= own[1]:
            raise Malformed("is not an earlier ledger of the same agency", field="predecessor")


def _check_place(kind: EntryKind, at: int, pair_seq: int | None, blind: bytes) -> None:
    # `bool` is an `int` to Python and another spelling to JSON.
    if type(at) is not int or not 0 <= at < INTEGER_LIMIT:
        raise Malformed("is not a POSIX time", field="at")
    if len(blind) != BLIND_BYTES:
        raise Malformed(f"is not {BLIND_BYTES} bytes", field="blind")
    if travels(kind) != (pair_seq is not None):
        raise Malformed("does not stand in exactly the travelling entries", field="pair_seq")
    if pair_seq is not None and (type(pair_seq) is not int or not 1 <= pair_seq < INTEGER_LIMIT):
        raise Malformed("is not a count from 1", field="pair_seq")


def _word(kind: EntryKind) -> str:
    return kind.name.lower().replace("_", "-")
