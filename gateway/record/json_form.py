"""A record as a JSON file that people write: read strictly, written plainly.

Only an agency's own files come this way; what peers send is never read as JSON.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable
from typing import Any, Final

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from gateway.errors import Malformed
from gateway.record.findings import InvalidRecord, Report
from gateway.v1 import record_pb2 as pb

MOST_CHARACTERS: Final = 4 * 1024 * 1024
MOST_DEPTH: Final = 32

# A text that never closes runs to the end, so that no part of the file is read twice.
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*+"?|([\[{])|([\]}])', re.DOTALL)


def from_json(text: str) -> bytes:
    """Return the bytes of the record that a JSON object describes: members as in `record.proto`, enums by
    name (`ROLE_VICTIM` or `victim`), bytes in base64. Whether the record is valid is for `read_record` to
    say.

    Raises:
        InvalidRecord: with every finding, or one where the text is no such object at all.
    """
    report = Report()
    _check_bounds(text, report)
    report.close()
    tree = _parse(text, report)
    report.close()
    record = pb.Record()
    if isinstance(tree, dict):
        _fill(record, tree, "", report)
    else:
        report.add("", "malformed", "is no JSON object")
    report.close()
    return record.SerializeToString(deterministic=True)


def to_json(record: Message) -> str:
    """Return a record as the JSON that `from_json` reads back to the same record."""
    return json.dumps(_tree(record), ensure_ascii=False, indent=2)


def enum_token(enum: EnumDescriptor, number: int) -> str:
    """Return the short token of an enum value, e.g. `presumed-victim`; `unknown-<n>` for a number without
    name.
    """
    value = enum.values_by_number.get(number)
    if value is None:
        return f"unknown-{number}"
    return value.name.removeprefix(_enum_prefix(enum)).lower().replace("_", "-")


def _check_bounds(text: str, report: Report) -> None:
    if len(text) > MOST_CHARACTERS:
        report.add("", "too-large", f"is longer than {MOST_CHARACTERS} characters")
        return
    depth = 0
    for token in _TOKENS.finditer(text):
        depth += (token.lastindex == 1) - (token.lastindex == 2)
        if depth > MOST_DEPTH:
            report.add("", "too-deep", "is nested too deeply")
            return


def _parse(text: str, report: Report) -> Any:
    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for name, value in pairs:
            if name in result:
                report.add(name, "duplicate-member", "stands twice in one object")
            result[name] = value
        return result

    def constant(_: str) -> None:
        report.add("", "malformed", "holds a number that is none")

    try:
        return json.loads(text, object_pairs_hook=members, parse_constant=constant)
    except (ValueError, RecursionError) as exc:
        report.add("", "malformed", "is no JSON")
        raise InvalidRecord(report.findings) from exc


def _fill(message: Any, tree: dict[str, Any], path: str, report: Report) -> None:
    fields = message.DESCRIPTOR.fields_by_name
    for name, value in tree.items():
        here = f"{path}.{name}" if path else name
        field = fields.get(name)
        if field is None:
            report.add(here, "unknown-field", "is no member of a record")
        elif field.is_repeated != isinstance(value, list):
            report.add(here, "wrong-type", "is a list" if field.is_repeated else "is no list")
        elif not field.is_repeated:
            _fill_one(message, field, value, here, report)
        else:
            for index, one in enumerate(value):
                _fill_next(message, field, one, f"{here}[{index}]", report)


def _fill_one(message: Any, field: FieldDescriptor, value: Any, path: str, report: Report) -> None:
    if field.message_type is None:
        _set(lambda scalar: setattr(message, field.name, scalar), field, value, path, report)
    elif isinstance(value, dict):
        inner = getattr(message, field.name)
        inner.SetInParent()
        _fill(inner, value, path, report)
    else:
        report.add(path, "wrong-type", "is an object")


def _fill_next(message: Any, field: FieldDescriptor, value: Any, path: str, report: Report) -> None:
    values = getattr(message, field.name)
    if field.message_type is None:
        _set(values.append, field, value, path, report)
    elif isinstance(value, dict):
        _fill(values.add(), value, path, report)
    else:
        report.add(path, "wrong-type", "is an object")


def _set(put: Callable[[Any], None], field: FieldDescriptor, value: Any, path: str, report: Report) -> None:
    try:
        put(_scalar(field, value, path))
    except Malformed as exc:
        report.add(exc.field, exc.code, exc.message)
    except (TypeError, ValueError):
        # A number out of the field's range, or text that is not Unicode (a lone surrogate).
        report.add(path, "out-of-range", "does not fit the field")


def _scalar(field: FieldDescriptor, value: Any, path: str) -> Any:
    kind = field.type
    if field.enum_type is not None:
        return _enum_number(field.enum_type, value, path)
    if kind == FieldDescriptor.TYPE_BOOL:
        return _expect(bool, value, "true or false", path)
    if kind == FieldDescriptor.TYPE_STRING:
        return _expect(str, value, "a text", path)
    if kind == FieldDescriptor.TYPE_BYTES:
        try:
            return base64.b64decode(_expect(str, value, "a text", path), validate=True)
        except binascii.Error as exc:
            raise Malformed("is not base64", code="malformed", field=path) from exc
    if isinstance(value, bool):
        raise Malformed("is not a whole number", code="wrong-type", field=path)
    return _expect(int, value, "a whole number", path)


def _expect(wanted: type[Any], value: Any, called: str, path: str) -> Any:
    if not isinstance(value, wanted):
        raise Malformed(f"is not {called}", code="wrong-type", field=path)
    return value


def _enum_number(enum: EnumDescriptor, value: Any, path: str) -> int:
    known = enum.values_by_name.get(value) if isinstance(value, str) else None
    if known is None and isinstance(value, str):
        known = enum.values_by_name.get(_enum_prefix(enum) + value.upper().replace("-", "_"))
    if known is None:
        tokens = ", ".join(enum_token(enum, one.number) for one in enum.values if one.number)
        raise Malformed(f"is not one of {tokens}", code="unknown-value", field=path)
    number: int = known.number
    return number


def _enum_prefix(enum: EnumDescriptor) -> str:
    return enum.values[0].name.removesuffix("UNSPECIFIED")


def _tree(message: Message) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for field, value in message.ListFields():
        result[field.name] = (
            [_leaf(field, one) for one in value] if field.is_repeated else _leaf(field, value)
        )
    return result


def _leaf(field: FieldDescriptor, value: Any) -> Any:
    if field.message_type is not None:
        return _tree(value)
    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return known.name if known else value
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
