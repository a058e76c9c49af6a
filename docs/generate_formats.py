"""Writes one invented case in every format, and what each of them loses of it, into docs/formats.md.

`make docs` runs it; a test holds the page and the documents under examples/formats to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Final

from google.protobuf.message import Message

from adapters.caveats import Caveat
from adapters.export import Disclosed, Exported, export
from adapters.loss import Effect, Loss
from adapters.registry import find_renderer, written_names
from adapters.strip import WITHHELD
from gateway.errors import GatewayError
from gateway.record.json_form import from_json
from gateway.record.marking import from_message
from gateway.record.portion import cut, entity_names, parse_portion
from gateway.record.schema import KINDS
from gateway.record.view import merge
from gateway.record.vocabulary import Rung
from gateway.v1 import record_pb2 as pb

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs" / "formats.md"
FOLDER: Final = ROOT / "examples" / "formats"

_TODAY: Final = date(2031, 2, 4)
_OPENING: Final = "<!-- what follows is written by docs/generate_formats.py -->\n"
_SIGNS: Final[Mapping[Effect, str]] = {
    Effect.DROPPED: "x",
    Effect.GENERALISED: "~",
    Effect.INVENTED: "+",
    Effect.KEPT_AS_EXTENSION: "e",
}
_ENDINGS: Final = {"csv": "csv", "xml": "xml"}
_INTRO: Final = """\
The case of the demonstration, as if all of it had been disclosed: four persons, two of them victims. The
documents stand in [examples/formats](../examples/formats). `=` came through, `~` less precisely, `e` in an
extension of our own that a foreign reader ignores, `x` not at all, `s` was stripped before (a protected
person's), `+` the reader adds something. Several signs stand where several entities fare differently."""
_PLACE: Final = re.compile(r"\[\d*\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One format in one form: its document, or why there is none; and which caveats it had to lose."""

    format: str
    form: str
    exported: Exported | None
    refusal: str = ""
    allowed: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The format, with its form where that says more."""
        return self.format if self.form in ("json", "xml", self.format) else f"{self.format} {self.form}"

    @property
    def file(self) -> str:
        """The name of its document."""
        ending = _ENDINGS.get(self.form, "")
        if not ending and self.exported is not None:
            first = self.exported.data.lstrip()[:1]
            ending = {b"<": "xml", b"{": "json", b"[": "json"}.get(first, "csv")
        return f"{self.format}.{ending}" if self.form == ending else f"{self.format}-{self.form}.{ending}"


def case() -> Disclosed:
    """Return the case of the demonstration as if all of it had been disclosed, each field exactly."""
    text = files("gateway.cli").joinpath("case.json").read_text("utf-8")
    record = pb.Record.FromString(from_json(text))
    marking = from_message(record.header.marking, field="header.marking")
    names = entity_names(record, _counted("names"))
    pieces = cut(record, names=names, random=_counted("salts"), sealed_on=_TODAY)
    shown = merge(parse_portion(piece.data) for piece in pieces if piece.rung is Rung.EXACT)
    pseudonyms = {
        person.id: sha256(person.id.encode()).hexdigest()[:16]
        for person in shown.persons
        if person.role not in (pb.ROLE_SUSPECT, pb.ROLE_THIRD_PARTY)
    }
    return Disclosed(record=shown, marking=marking, discloser="police.nl", pseudonyms=pseudonyms)


def columns(disclosed: Disclosed) -> list[Column]:
    """Return the case in every format that is written, in every form of it."""
    return [_column(name, form, disclosed) for name in written_names() for form in find_renderer(name).forms]


def _column(name: str, form: str, disclosed: Disclosed) -> Column:
    allowed: set[Caveat] = set()
    while True:
        try:
            found = export(
                [disclosed],
                find_renderer(name),
                form=form,
                today=_TODAY,
                exercise=True,
                allowed=frozenset(allowed),
            )
        except GatewayError as exc:
            lost = [caveat for caveat in Caveat if f"caveat of {caveat}" in exc.message]
            if exc.code != "caveat-lost" or not lost:
                return Column(format=name, form=form, exported=None, refusal=f"{exc.message} (`{exc.code}`)")
            allowed.update(lost)
            continue
        told = tuple(sorted(caveat.value for caveat in allowed))
        return Column(format=name, form=form, exported=found, allowed=told)


def section(disclosed: Disclosed, found: Sequence[Column]) -> str:
    """Return the generated end of docs/formats.md."""
    written = [column for column in found if column.exported is not None]
    lines = [
        "## One case in every format",
        "",
        _INTRO,
        "",
        f"| | {' | '.join(column.title for column in written)} |",
        f"| --- |{' --- |' * len(written)}",
        *_rows(disclosed.record, written),
        "",
        "Caveats that had to be allowed to go, for the document to be written at all:",
        "",
        *(f"- {one.title}: {', '.join(one.allowed) or 'none'}" for one in written),
    ]
    refused = [column for column in found if column.exported is None]
    if refused:
        lines += ["", "Not written of this case:", ""]
        lines += [f"- {column.title}: {column.refusal}" for column in refused]
    return "\n".join(lines) + "\n"


def _rows(record: pb.Record, written: Sequence[Column]) -> Iterator[str]:
    told = [_signs(column) for column in written]
    for kind in KINDS.values():
        held = getattr(record, kind.record_field)
        entities: list[Message] = [held] if kind.name == "record" else list(held)
        stated = {descriptor.name for one in entities for descriptor, _ in one.ListFields()}
        for field in kind.fields.values():
            if field.name in stated:
                path = f"{kind.record_field}.{field.name}"
                cells = [_sign(signs, path) for signs in told]
                yield f"| {path} | {' | '.join(cells)} |"


def _signs(column: Column) -> list[tuple[str, str]]:
    assert column.exported is not None
    (losses,) = column.exported.losses
    return [(_PLACE.sub("", loss.path), _mark(loss)) for loss in losses]


def _mark(loss: Loss) -> str:
    return "s" if loss.why == WITHHELD else _SIGNS[loss.effect]


def _sign(signs: Sequence[tuple[str, str]], path: str) -> str:
    """Return the signs of a field: of the field, of a part of it, or of its entity as a whole."""
    collection = path.partition(".")[0]
    met = {
        sign
        for one, sign in signs
        if one == path or one.startswith(f"{path}.") or (one == collection and sign != "+")
    }
    return " ".join(sign for sign in "s~ex+" if sign in met) or "="


def _counted(seed: str) -> _Counted:
    return _Counted(seed.encode())


class _Counted:
    """Bytes that look random and are the same in every run."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._count = 0

    def __call__(self, count: int) -> bytes:
        found = b""
        while len(found) < count:
            self._count += 1
            found += sha256(self._seed + self._count.to_bytes(8, "big")).digest()
        return found[:count]


def page(text: str, generated: str) -> str:
    """Return docs/formats.md with its generated end exchanged."""
    return text.partition(_OPENING)[0].rstrip("\n") + f"\n\n{_OPENING}\n{generated}"


def documents(found: Sequence[Column]) -> dict[str, bytes]:
    """Return the documents of the case by their names."""
    return {column.file: column.exported.data for column in found if column.exported is not None}


def main() -> None:
    """Write the end of the page and the documents; a document of a form that is gone is deleted."""
    disclosed = case()
    found = columns(disclosed)
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), section(disclosed, found)), encoding="utf-8")
    FOLDER.mkdir(exist_ok=True)
    made = documents(found)
    for path in FOLDER.iterdir():
        if path.name not in made:
            path.unlink()
    for name, data in made.items():
        (FOLDER / name).write_bytes(data)


if __name__ == "__main__":
    main()
