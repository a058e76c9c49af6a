"""Members of ledger entries: for each name, its form as a value and as JSON, both checked.

A codec renders a value to JSON and reads it back; each direction refuses what the other could not have made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, NamedTuple

from gateway.errors import Malformed
from gateway.ledger.checkpoint import Checkpoint, parse_ledger_origin
from gateway.ledger.commitment import CommitmentType
from gateway.ledger.jcs import INTEGER_LIMIT, Json
from gateway.ledger.kinds import IN_BAND_CODES, Direction
from gateway.ledger.lexical import decode_hex
from gateway.ledger.vkey import VKey
from gateway.record.text import check_agency_id, check_uuid7

_DUTY: Final = "RLO|VPO|CPO|DPO|JUD|DUTY|NGO"
_DUTY_NAME: Final = re.compile(_DUTY)
# OC, the originator's consent, is needed like a duty but given by another agency, not by an officer.
_DUTY_TOKEN: Final = re.compile(rf"(?:{_DUTY}|OC):[1-9]")
_RULE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}", re.ASCII)
_CODE: Final = re.compile(r"[a-z][a-z0-9-]{0,31}", re.ASCII)
_KEY_TEXT: Final = re.compile(r"[!#-\[\]-~]{1,2600}", re.ASCII)
_LIST_MAX: Final = 512

Commits = tuple[tuple[CommitmentType, bytes], ...]
"""(type, 32-byte commitment), sorted by type, each type once."""

Counts = tuple[tuple[str, int], ...]
"""(code, how often), sorted by code, each code once."""


class Codec(NamedTuple):
    """How one member is written to JSON and read from it; both take the member's name for the error."""

    render: Callable[[Any, str], Json]
    read: Callable[[Any, str], Any]


def _bytes(size: int) -> Codec:
    def render(value: Any, name: str) -> str:
        if not isinstance(value, bytes) or len(value) != size:
            raise Malformed(f"is not {size} bytes", field=name)
        return value.hex()

    return Codec(render, lambda value, name: decode_hex(_text(value, name), name, size))


def _string(check: Callable[[str, str], object]) -> Codec:
    def passed(value: Any, name: str) -> str:
        check(_text(value, name), name)
        return str(value)

    return Codec(passed, passed)


def _matching(pattern: re.Pattern[str]) -> Callable[[str, str], None]:
    def check(value: str, name: str) -> None:
        if not pattern.fullmatch(value):
            raise Malformed("breaks its grammar", field=name)

    return check


def _one_of(*words: str) -> Codec:
    closed = frozenset(words)

    def check(value: str, name: str) -> None:
        if value not in closed:
            raise Malformed("is not in its closed list", field=name)

    return _string(check)


def _strings(check: Callable[[str, str], object], *, ordered: bool) -> Codec:
    """Return the codec of a list of strings; an `ordered` one is sorted and holds each once."""

    def checked(values: Any, name: str) -> Iterable[str]:
        if len(values) > _LIST_MAX:
            raise Malformed("is too long", field=name)
        for value in values:
            check(_text(value, name), name)
        if ordered and any(left >= right for left, right in pairwise(values)):
            raise Malformed("is not sorted and distinct", field=name)
        return map(str, values)

    return Codec(
        lambda values, name: list(checked(_a(tuple, values, name), name)),
        lambda values, name: tuple(checked(_a(list, values, name), name)),
    )


def _whole(value: Any, name: str) -> int:
    if type(value) is not int or not 0 <= value < INTEGER_LIMIT:
        raise Malformed("is not an integer from 0 below 2^53", field=name)
    return value


def _flag(value: Any, name: str) -> bool:
    if type(value) is not bool:
        raise Malformed("is not a boolean", field=name)
    return value


def _render_commits(value: Any, name: str) -> Json:
    _check_ascending([_a(CommitmentType, kind, name) for kind, _ in _a(tuple, value, name)], name)
    return [{"commit": _DIGEST.render(commitment, name), "type": kind.value} for kind, commitment in value]


def _read_commits(value: Any, name: str) -> Commits:
    rows = []
    for row in _a(list, value, name):
        _exactly(row, {"commit", "type"}, name)
        try:
            kind = CommitmentType(_text(row["type"], name))
        except ValueError as exc:
            raise Malformed("is of no known type", field=name) from exc
        rows.append((kind, _DIGEST.read(row["commit"], name)))
    return tuple(rows)


def _render_head(value: Any, name: str) -> Json:
    head = _a(Checkpoint, value, name)
    parse_ledger_origin(head.origin)
    if head.extensions or head.size >= INTEGER_LIMIT:
        raise Malformed("is not the head of one of our ledgers", field=name)
    return {"origin": head.origin, "root": head.root.hex(), "size": head.size}


def _read_head(value: Any, name: str) -> Checkpoint:
    _exactly(value, {"origin", "root", "size"}, name)
    origin = _text(value["origin"], name)
    parse_ledger_origin(origin)
    return Checkpoint(origin=origin, size=_whole(value["size"], name), root=_DIGEST.read(value["root"], name))


def _render_counts(value: Any, name: str) -> Json:
    pairs = _a(tuple, value, name)
    _check_ascending([code for code, _ in pairs], name)
    for code, count in pairs:
        if code not in IN_BAND_CODES or _whole(count, name) == 0:
            raise Malformed("counts no code of the closed list", field=name)
    return {str(code): count for code, count in pairs}


def _read_counts(value: Any, name: str) -> Counts:
    return tuple(sorted(_a(dict, value, name).items()))


def _a(kind: type[Any], value: Any, name: str) -> Any:
    if not isinstance(value, kind):
        raise Malformed("has the wrong shape", field=name)
    return value


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise Malformed("is not text", field=name)
    return value


def _exactly(value: Any, names: set[str], name: str) -> None:
    if not isinstance(value, dict) or value.keys() != names:
        raise Malformed(f"does not hold exactly {', '.join(sorted(names))}", field=name)


def _check_ascending(values: list[str], name: str) -> None:
    if any(left >= right for left, right in pairwise(values)):
        raise Malformed("is not sorted and distinct", field=name)


def _check_vkey(value: str, _name: str) -> None:
    VKey.parse(value)


def _check_origin(value: str, _name: str) -> None:
    parse_ledger_origin(value)


_DIGEST: Final = _bytes(32)
_INTEGER: Final = Codec(_whole, _whole)
_HEAD: Final = Codec(_render_head, _read_head)
_UUID: Final = _string(check_uuid7)
_VKEYS: Final = _strings(_check_vkey, ordered=False)
_KEY: Final = _string(_matching(_KEY_TEXT))

CODECS: Final[Mapping[str, Codec]] = {
    "exchange": _UUID,
    "message": _UUID,
    "peer": _string(lru_cache(maxsize=1024)(check_agency_id)),
    "direction": _one_of(*(direction.value for direction in Direction)),
    "envelope": _DIGEST,
    "commit": _DIGEST,
    "commits": Codec(_render_commits, _read_commits),
    "policy": _DIGEST,
    "old": _DIGEST,
    "outcome": _one_of("release", "hold", "deny"),
    "rules": _strings(_matching(_RULE), ordered=True),
    "duties": _strings(_matching(_DUTY_TOKEN), ordered=True),
    "duty": _string(_matching(_DUTY_NAME)),
    "directory": _DIGEST,
    "code": _string(_matching(_CODE)),
    "codes": Codec(_render_counts, _read_counts),
    "about": _INTEGER,
    "peer_head": _HEAD,
    "peer_receipt": _DIGEST,
    "origin": _string(_check_origin),
    "vkeys": _VKEYS,
    "predecessor": _HEAD,
    "size": _INTEGER,
    "root": _DIGEST,
    "digest": _DIGEST,
    "hit": Codec(_flag, _flag),
    "use": _one_of("ledger", "witness", "signing", "sealing", "directory", "tls", "peer"),
    "old_key": _KEY,
    "new_key": _KEY,
    "action": _one_of("added", "changed", "disabled", "revoked"),
    "access": _one_of("system", "auditor", "operator", "officer", "taxii"),
    "person": _bytes(16),
    "key": _DIGEST,
    "roles": _strings(_matching(_DUTY_NAME), ordered=True),
    "valid_from": _INTEGER,
    "valid_until": _INTEGER,
}
