"""A column map read from its file, TOML or JSON: strictly, with the column named in every error."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any, Final

from adapters.document import decode, read_json
from adapters.sheet.cells import read_cell
from adapters.sheet.column import SEPARATOR, Column, fold_word
from adapters.sheet.column_map import ColumnMap, Constant, Tie, named
from adapters.sheet.dates import DateOrder
from adapters.sheet.paths import Target, parse_entity, parse_path
from adapters.values import number_of
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb

MAX_MAP_BYTES: Final = 256 * 1024
_MOST_COLUMNS: Final = 1_000
_TOP: Final = frozenset({"dates", "separator", "absent", "columns", "constants", "ties"})
_OF_COLUMN: Final = frozenset({"path", "dates", "separator", "codes", "absent", "verbatim", "optional"})
_OF_TIE: Final = frozenset({"from", "to", "kind"})
_BY_ROLE: Final = "by-role"
_MAP: Final = "column map"


def read_map(data: bytes) -> ColumnMap:
    """Return the column map of a file; JSON where it begins with a brace, TOML else.

    Raises:
        Malformed: code `bad-column` (`field` names the column, constant or tie), `too-large`, or the file
            does not read.
    """
    if len(data) > MAX_MAP_BYTES:
        raise Malformed("is larger than 256 KiB", field=_MAP, code="too-large")
    text = decode(data)
    tree = read_json(text) if text.lstrip().startswith("{") else _toml(text)
    if not isinstance(tree, dict):
        raise _bad("is no table of columns", _MAP)
    _check_names(tree, _TOP, _MAP)
    columns = _table(tree.get("columns", {}), "columns")
    if not columns or len(columns) > _MOST_COLUMNS:
        raise _bad(f"names no column, or more than {_MOST_COLUMNS}", _MAP)
    shared = {
        "dates": tree.get("dates", DateOrder.YEAR_FIRST.value),
        "separator": tree.get("separator", SEPARATOR),
    }
    words = _words(tree.get("absent", []), _MAP)
    ties = tree.get("ties", [])
    if not isinstance(ties, list):
        raise _bad("is not a list of [[ties]]", "ties")
    return ColumnMap(
        columns=tuple(_column(heading, told, shared, words) for heading, told in columns.items()),
        constants=tuple(
            _constant(path, told) for path, told in _table(tree.get("constants", {}), "constants").items()
        ),
        ties=tuple(_tie(told, f"ties[{number}]") for number, told in enumerate(ties, 1)),
    )


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise _bad(f"is not TOML: {exc}", _MAP) from exc
    except RecursionError as exc:
        raise Malformed("is nested too deeply", field=_MAP, code="too-deep") from exc


def _column(heading: str, told: Any, shared: Mapping[str, Any], words: frozenset[str]) -> Column:
    where = named(heading)
    stated = {"path": told} if isinstance(told, str) else _table(told, where)
    _check_names(stated, _OF_COLUMN, where)
    target = parse_path(_string(stated.get("path", ""), where), where)
    if target.is_reference:
        raise _bad("goes to a reference, which a cell cannot hold: state it under [constants]", where)
    try:
        dates = DateOrder(stated.get("dates", shared["dates"]))
    except ValueError as exc:
        raise _bad(f"states dates that are none of: {', '.join(DateOrder)}", where) from exc
    separator = _string(stated.get("separator", shared["separator"]), where)
    if not separator or separator.isalnum() or len(separator) > 3 or separator != separator.strip("'\""):
        raise _bad("states a separator that is not one to three signs", where)
    codes = {
        fold_word(word): _string(code, where) for word, code in _table(stated.get("codes", {}), where).items()
    }
    column = Column(
        heading=heading,
        target=target,
        dates=dates,
        separator=separator,
        codes=codes,
        absent=words | _words(stated.get("absent", []), where),
        verbatim=_verbatim(stated, where),
        required=not _flag(stated.get("optional", False), where),
    )
    for code in codes.values():
        _check_code(column, code, where)
    return column


def _verbatim(stated: Mapping[str, Any], where: str) -> Target | None:
    if "verbatim" not in stated:
        return None
    target = parse_path(_string(stated["verbatim"], where), where)
    if target.is_reference or target.field.type != target.field.TYPE_STRING:
        raise _bad("keeps words verbatim in a field that holds no text", where)
    return target


def _check_code(column: Column, code: str, where: str) -> None:
    """Refuse a translation into what the record has no word for, before a row needs it."""
    try:
        for one in code.split(SEPARATOR):
            read_cell(column, one, lambda _, __: None)
    except Malformed as exc:
        raise _bad(f"translates a word into one that {exc.message}", where) from exc


def _constant(path: str, told: Any) -> Constant:
    where = f'constant "{path[:64]}"'
    target = parse_path(path, where)
    if target.is_reference:
        listed = told if isinstance(told, list) else [told]
        names = tuple(parse_entity(_string(one, where), where) for one in listed)
        if not names or (len(names) > 1 and not target.field.is_repeated):
            raise _bad("names no entity, or several where one is allowed", where)
        return Constant(target=target, value=None, names=names)
    column = Column(heading=path, target=target)
    text = {True: "yes", False: "no"}[told] if isinstance(told, bool) else _plain(told, where)
    try:
        values = read_cell(column, text, lambda _, __: None)
    except Malformed as exc:
        raise _bad(f"holds a value that {exc.message}", where) from exc
    if not values:
        raise _bad("states nothing", where)
    return Constant(target=target, value=values if column.many else values[0])


def _tie(told: Any, where: str) -> Tie:
    stated = _table(told, where)
    _check_names(stated, _OF_TIE, where)
    word = _string(stated.get("kind", _BY_ROLE), where)
    source = parse_entity(_string(stated.get("from", ""), where), where)
    to = parse_entity(_string(stated.get("to", ""), where), where)
    if source == to:
        raise _bad("ties an entity to itself", where)
    if word == _BY_ROLE:
        if source.name != "persons" or to.name != "incidents":
            raise _bad("is by role, which only a person has in an incident: name the kind", where)
        return Tie(source=source, to=to, kind=None)
    kind = number_of(pb.Link(), "kind", word)
    if kind is None:
        raise _bad("has a kind that the record does not know", where)
    return Tie(source=source, to=to, kind=pb.RelationKind.ValueType(kind))


def _check_names(stated: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    strange = next((name for name in stated if name not in known), None)
    if strange is not None:
        raise _bad(f"has the member {strange[:64]}, which is none of: {', '.join(sorted(known))}", where)


def _table(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _bad("is neither a path nor a table", where)
    return value


def _string(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise _bad("holds something else than text where text must stand", where)
    return value


def _plain(value: Any, where: str) -> str:
    return str(value) if isinstance(value, int) else _string(value, where)


def _flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise _bad("holds something else than true or false", where)
    return value


def _words(value: Any, where: str) -> frozenset[str]:
    if not isinstance(value, list):
        raise _bad("lists absent words in something else than a list", where)
    return frozenset(fold_word(_string(word, where)) for word in value)


def _bad(message: str, where: str) -> Malformed:
    return Malformed(message, field=where, code="bad-column")
