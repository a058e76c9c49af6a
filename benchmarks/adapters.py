"""How many small records each format reads and writes in a second on one core, beside what only parses them.

The floor of a JSON format is `json.loads` over the same documents in the same run, that of an XML one `lxml`,
that of a CSV one `csv`. Figures of one run compare with each other, and with nothing else.
Usage: python benchmarks/adapters.py [--records N] [FORMAT ...]
"""

from __future__ import annotations

import argparse
import csv
import gc
import io
import json
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lxml import etree

from adapters.adapter import View
from adapters.caveats import Caveat
from adapters.registry import find, find_renderer, names, written_names
from gateway.errors import GatewayError
from gateway.v1 import record_pb2 as pb

_TODAY = date(2031, 2, 4)
_EVERY = frozenset(Caveat)


def small(number: int) -> View:
    """Return a view of a suspect, his phone, a place, a file and what happened there."""
    record = pb.Record()
    record.header.type = pb.RECORD_TYPE_CASE
    record.header.source_handling.CopyFrom(
        pb.SourceHandling(codes=["H1", "H2"], traffic_light="TLP:AMBER+STRICT")
    )
    person = record.persons.add(id="person/aaaaaaaaaa", role=pb.ROLE_SUSPECT, sex=pb.SEX_MALE)
    person.names.add(family=f"Fictief {number}", given="Boris", kind=pb.NAME_KIND_PRIMARY)
    person.birth.year = 1988
    person.nationalities.add(country="RO")
    record.locations.add(id="location/aaaaaaaaaa").site.CopyFrom(
        pb.Place(town="Voorbeeldstad", country="NL", latitude_e6=52_370_216, longitude_e6=4_895_168)
    )
    record.accounts.add(id="account/aaaaaaaaaa", holder=person.id).identity.CopyFrom(
        pb.AccountIdentity(kind=pb.ACCOUNT_KIND_EMAIL, value=f"x{number}@mail.example.invalid")
    )
    record.artefacts.add(id="artefact/aaaaaaaaaa").hashes.add(
        algorithm=pb.HASH_ALGORITHM_SHA256, value=number.to_bytes(32, "big")
    )
    record.incidents.add(
        id="incident/aaaaaaaaaa",
        kind=pb.INCIDENT_KIND_TRAFFICKING,
        acts=[pb.ACT_RECRUITMENT],
        means=[pb.MEANS_DEBT_BONDAGE],
        purposes=[pb.EXPLOITATION_PURPOSE_FORCED_LABOUR],
    )
    return View(record=record)


def _floor(data: bytes) -> tuple[str, Callable[[bytes], object]]:
    first = data.lstrip()[:1]
    if first == b"<":
        return "lxml", etree.fromstring
    if first in (b"{", b"["):
        return "json", json.loads
    return "csv", lambda text: list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))


def _per_second(work: Callable[[int], object], count: int) -> float:
    gc.collect()
    gc.disable()
    try:
        started = time.perf_counter()
        for number in range(count):
            work(number)
        return count / (time.perf_counter() - started)
    finally:
        gc.enable()


def measure(name: str, form: str, count: int) -> str:
    """Return one line of the table: a format's figures and those of its floor."""
    renderer = find_renderer(name)
    views = [small(number) for number in range(count)]
    try:
        made = [renderer.render([view], form=form, allowed=_EVERY).data for view in views]
    except GatewayError as exc:
        return f"{name:16} {form:10} not written of this record: {exc.code}"
    floor, parse = _floor(made[0])
    writes = _per_second(lambda at: renderer.render([views[at]], form=form, allowed=_EVERY), count)
    bare = _per_second(lambda at: parse(made[at]), count)
    reads = 0.0
    if name in names():
        adapter = find(name)
        reads = _per_second(lambda at: adapter.parse(made[at], today=_TODAY, exercise=True), count)
    size = sum(map(len, made)) / count
    told = f"{name:16} {form:10} {size:7.0f} B  parse {reads:8,.0f}/s  render {writes:8,.0f}/s"
    return f"{told}  {floor} {bare:9,.0f}/s  parse costs {bare / reads if reads else 0:6.1f} x {floor}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("formats", nargs="*", help="formats; all that are written by default")
    parser.add_argument("--records", type=int, default=1000)
    asked = parser.parse_args(arguments)
    for name in asked.formats or written_names():
        for form in find_renderer(name).forms:
            print(measure(name, form, asked.records), flush=True)


if __name__ == "__main__":
    main()
