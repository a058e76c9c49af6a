"""The examination of every value in a record: texts, numbers and enums alone, and messages as a whole."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any, NamedTuple

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from gateway.errors import Malformed
from gateway.record.content_rules import MESSAGE_RULES, MOST, TEXT_RULES, MessageRule, TextRule
from gateway.record.findings import Report
from gateway.record.marking import from_message
from gateway.record.text import check_text, is_plain
from gateway.v1 import marking_pb2


class _FieldRule(NamedTuple):
    """How the values of one field are examined."""

    name: str
    repeated: bool
    text: bool
    enum: bool
    message: bool
    rule: TextRule | None
    most: int | None


class _MessageRule(NamedTuple):
    """How the fields of one message are examined, by number, and the message as a whole."""

    fields: dict[int, _FieldRule]
    check: MessageRule | None


@cache
def _message_rule(descriptor: Descriptor) -> _MessageRule:
    fields = {field.number: _field_rule(field, descriptor.name) for field in descriptor.fields}
    return _MessageRule(fields, MESSAGE_RULES.get(descriptor.name))


def _field_rule(field: FieldDescriptor, holder: str) -> _FieldRule:
    qualified = f"{holder}.{field.name}"
    return _FieldRule(
        name=field.name,
        repeated=field.is_repeated,
        text=field.type == FieldDescriptor.TYPE_STRING,
        enum=field.type == FieldDescriptor.TYPE_ENUM,
        message=field.type == FieldDescriptor.TYPE_MESSAGE,
        rule=TEXT_RULES.get(qualified) or TEXT_RULES.get(field.name),
        most=MOST.get(qualified),
    )


class ContentWalk:
    """One walk over all values of a record, which notes every value that breaks a rule."""

    __slots__ = ("plain_characters", "report", "string_bytes", "today")

    def __init__(self, report: Report, today: date, string_bytes: int) -> None:
        self.report = report
        self.today = today
        self.string_bytes = string_bytes
        # A text this short is within the limit whatever its characters are.
        self.plain_characters = string_bytes // 4

    def visit(self, message: Any, path: str) -> None:
        """Examine a message and all within it; `path` is empty for the record itself."""
        descriptor = message.DESCRIPTOR
        if descriptor is _MARKING:
            self._marking(message, path)
            return
        rules, check = _message_rule(descriptor)
        present = message.ListFields()
        if not present and path:
            self.report.add(path, "empty", "holds nothing")
            return
        for field, value in present:
            rule = rules[field.number]
            if not rule.repeated:
                self._value(value, rule, path, None)
                continue
            for index, one in enumerate(value):
                self._value(one, rule, path, index)
        if check is not None:
            check(message, path, self.report, self.today)

    def _value(self, value: Any, rule: _FieldRule, path: str, index: int | None) -> None:
        if rule.message:
            self.visit(value, _below(path, rule, index))
        elif rule.text:
            if rule.rule is not None or not 0 < len(value) <= self.plain_characters or not is_plain(value):
                self._text(value, rule, _below(path, rule, index))
        elif rule.enum:
            if not value:
                self.report.add(_below(path, rule, index), "unknown-value", "is stated and says nothing")
        elif value == b"":
            self.report.add(_below(path, rule, index), "empty", "holds nothing")
        elif rule.most is not None and value > rule.most:
            self.report.add(_below(path, rule, index), "out-of-range", f"is more than {rule.most}")

    def _text(self, value: str, rule: _FieldRule, path: str) -> None:
        if not value:
            self.report.add(path, "empty", "holds nothing")
            return
        if len(value) > self.plain_characters and len(value.encode()) > self.string_bytes:
            self.report.add(path, "too-long", f"is longer than {self.string_bytes} bytes")
            return
        if not is_plain(value):
            self.report.check(check_text, value, path)
        if rule.rule is not None:
            self.report.check(rule.rule, value, path)

    def _marking(self, marking: marking_pb2.Marking, path: str) -> None:
        try:
            from_message(marking, field=path)
        except Malformed as exc:
            self.report.add(exc.field, exc.code, exc.message)


def _below(path: str, rule: _FieldRule, index: int | None) -> str:
    name = rule.name if index is None else f"{rule.name}[{index}]"
    return f"{path}.{name}" if path else name


_MARKING = marking_pb2.Marking.DESCRIPTOR
