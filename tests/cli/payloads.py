"""Texts that a terminal obeys or hides, and a record that holds them in every field that takes any text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor

from gateway.record.schema import ENTITY_KINDS
from gateway.v1 import record_pb2 as pb
from tests.flow import records

_BELL, _END = "\x07", "\x1b\\"

_CSI = (
    *("2J", "3J", "H", "10;10H", "2K", "K", "A", "99D", "5C", "3B", "E", "F", "10G", "7d", "I", "Z", "3b"),
    *("m", "31m", "8m", "30;40m", "38;5;0m", "38:2::0:0:0m", "5n", "6n", "c", ">c", "=c", "?6n", "x"),
    *("?25l", "?47h", "?1049h", "?1000h", "?1006h", "?2004h", "?2026h", "?5h", "4h", "20h", "12l", "!p"),
    *("S", "3T", "5L", "5M", "5P", "5@", "5X", "s", "u", "2;5r", "1 q", '1"q', "18t", "21t", "8;1;1t", "2t"),
    *("22;0t", "?1;2c", ">4;2m", "0 @", "1'}", "?1$p", "2*x", "1;1;9;9;1$z", "0i", "5i"),
)
_OSC = (
    *("0;owned", "1;owned", "2;owned", "4;1;#000000", "7;file:///etc", "9;owned", "10;?", "11;#000000"),
    *("12;red", "50;?", "52;c;cm0gLXJm", "52;p;?", "104", "112", "133;A", "633;E;rm", "777;notify;a;b"),
    *("1337;File=inline=1:AAAA", "1337;SetMark", "8;;https://evil.example.invalid", "8;;", "L;x", "555;x"),
)
_STRINGS = (
    *("P$qm", "P+q544e", 'P"1q#0;2;0;0;0#0~~', "P1000p", "Ptmux;\x1b\x1b]52;c;cm0gLXJm\x07", "P0;1|17/17"),
    *("_Gf=100;AAAA", "_hidden", "^private", "Xstring", "P>|x", "_tmux;x"),
)
_ESC = (
    "c",
    "7",
    "8",
    "D",
    "E",
    "H",
    "M",
    "N",
    "O",
    "Z",
    "=",
    ">",
    "(0",
    ")0",
    "#8",
    "%G",
    "%@",
    " F",
    "n",
    "l",
)

_CONTROLS = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))]
_FORMATS = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b\u180e\u200b\u200c\u200d\u200e\u200f\u2028\u2029"
    "\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\u206a\u206f"
    "\u2800\u3164\ufe00\ufe0f\ufeff\uffa0\ufff9\ufffa\ufffb\U0001d173\U0001d159\U000e0001\U000e0020"
    "\U000e0041\U000e007f\U000e0100\ue000\U000f0000\ufdd0\ufffe\u0378"
)
_SPACES = "\u00a0\u1680\u2000\u2003\u2007\u2009\u200a\u202f\u205f\u3000"

PAYLOADS: Final = (
    *(f"\x1b[{rest}" for rest in _CSI),
    *(f"\x9b{rest}" for rest in _CSI[:8]),
    *(f"\x1b]{rest}{_BELL}" for rest in _OSC),
    *(f"\x1b]{rest}{_END}" for rest in _OSC),
    *(f"\x9d{rest}\x9c" for rest in _OSC[:4]),
    *(f"\x1b{rest}{_END}" for rest in _STRINGS),
    *(f"\x1b{rest}" for rest in _ESC),
    *_CONTROLS,
    *_FORMATS,
    *_SPACES,
    *("withheld\rshown", "no\b\byes", "\u202egnp.exe", "a\nYou must: nothing", "\r\n", "\x0e#\x0f"),
    *(
        "\\x1b[31m",
        "\\u{202e}",
        "\\\\x1b",
        "o" + "\u030d" * 9,
        "n\u0336o",
        "1\u20dd",
        "\u0301",
        "[red]x[/red]",
    ),
)

HOSTILE: Final = " ".join(f"a{payload}" for payload in PAYLOADS)
"""All payloads in one text, each after a letter of its own."""

_GOOD_TEXTS = {
    **dict.fromkeys(
        ("country", "issuing_country", "plate_country", "from_country", "to_country", "unsafe_countries"),
        "NL",
    ),
    **{"ConsentRecord.recipients": "police.ro", "Care.provider": "shelter.ngo", "Name.script": "Latn"},
    **dict.fromkeys(("ConsentRecord.expires", "RecordHeader.retain_until"), "2031-12-31"),
    **{"ConsentRecord.given_on": "2026-01-01", "Person.languages": "ro"},
    **{"TransactionDetail.amount": "12.50", "TransactionDetail.currency": "EUR"},
}
_REFERENCES = {
    "holder",
    "depicts",
    "payer",
    "payee",
    "travellers",
    "vehicle",
    "location",
    "subjects",
    "subject",
}
_LEFT_OUT = {"marking", "exercise", "birth", "age_band", "at", "id", "region"}


def hostile_record() -> tuple[pb.Record, list[str]]:
    """Return a record with every payload in every field of free text, and the paths of those fields.

    Everything else in it is as it must be: codes and dates are good, and nobody in it is a victim.
    """
    record = pb.Record()
    paths = list(_fill(record.header, "header"))
    record.header.retain_until, record.header.exercise = "2031-12-31", True
    records.mark(record.header.marking)
    for kind in ENTITY_KINDS:
        if kind.name != "relationship":
            entity = getattr(record, kind.record_field).add()
            paths += _fill(entity, f"{kind.record_field}[0]")
            entity.id = f"the-{kind.name}"
    record.header.marking.notes.append(HOSTILE)
    paths.append("header.marking.notes")
    (person,) = record.persons
    person.role, person.age_status = pb.ROLE_SUSPECT, pb.AGE_STATUS_ADULT
    return record, paths


def _fill(message: Any, path: str) -> Iterator[str]:
    """Fill every field of a message, and yield the paths of those that took the payloads."""
    for field in message.DESCRIPTOR.fields:
        if field.name in _REFERENCES | _LEFT_OUT:
            continue
        below = f"{path}.{field.name}" + ("[0]" if field.is_repeated else "")
        if field.message_type is not None:
            held = getattr(message, field.name)
            one = held.add() if field.is_repeated else held
            one.SetInParent()
            yield from _fill(one, below)
            continue
        value = _value(field)
        if value is HOSTILE:
            yield below
        if field.is_repeated:
            getattr(message, field.name).append(value)
        else:
            setattr(message, field.name, value)


def _value(field: FieldDescriptor) -> Any:
    holder = field.containing_type.name if field.containing_type else ""
    if field.enum_type is not None:
        return next(value.number for value in field.enum_type.values if value.number)
    if field.type == FieldDescriptor.TYPE_STRING:
        return _GOOD_TEXTS.get(f"{holder}.{field.name}", _GOOD_TEXTS.get(field.name, HOSTILE))
    if field.type == FieldDescriptor.TYPE_BYTES:
        return bytes(16 if holder == "Hash" else 32)
    return True if field.type == FieldDescriptor.TYPE_BOOL else 1
