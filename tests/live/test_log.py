"""What may stand in a log: known fields of their form, one JSON object a line, and no library's words."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from gateway import observe
from gateway.observe import Libraries, keep_known, log, start_log

# The list written out once more: a field is added here with the reason why it names nobody.
FIELDS = {
    *("agency", "code", "count", "exchange", "exception", "incident", "lane", "local", "listen", "method"),
    *("peer", "place", "port", "role", "seconds", "serial", "size", "state", "status", "version", "witness"),
    "rule",  # the id of a rule of the bundle, which is about no record
}
_FORM = re.compile(r"[A-Za-z0-9_./:+-]{0,128}", re.ASCII)

_HOSTILE = st.sampled_from(
    ["a\nb", "a\r\n", "\x1b[2J", "\u2028", '","level":"info","x":"', "Ana\u0000", "Sânziana", "x" * 129, " "]
)
_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=10**5_000, max_value=10**5_000 + 1),
    st.floats(),
    st.text(),
    _HOSTILE,
    st.binary(),
    st.lists(st.text(), max_size=2),
    st.dictionaries(st.text(), st.text(), max_size=2),
    st.builds(ValueError, st.text()),
)
_NAMES = st.one_of(st.sampled_from(sorted(FIELDS)), st.text(min_size=1), st.just("exc_info"), st.just("name"))


@pytest.fixture(scope="module")
def stream() -> Iterator[io.StringIO]:
    """Return what the log is written to."""
    written = io.StringIO()
    start_log(written)
    yield written
    structlog.reset_defaults()
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if not isinstance(one, Libraries)]


def _fits(value: Any) -> bool:
    if isinstance(value, int | float):
        return -(2**63) < value < 2**63
    return isinstance(value, str) and _FORM.fullmatch(value) is not None


@given(fields=st.dictionaries(_NAMES, _VALUES, max_size=6), event=st.one_of(_HOSTILE, st.just("rpc.refused")))
def test_whatever_is_handed_in_only_known_fields_of_their_form_come_out(
    fields: dict[str, Any], event: str
) -> None:
    good = {name for name, value in fields.items() if name in FIELDS and _fits(value)}
    own = {"level": "info", "timestamp": "2026-01-01T00:00:00Z"}

    kept = keep_known(None, "info", {**fields, "event": event, **own})

    assert set(kept) - {"event", "level", "timestamp", "dropped"} == good
    assert kept["event"] == (event if event == "rpc.refused" else "unnamed")
    assert ("dropped" in kept) == (set(fields) - set(own) - {"event"} > good or kept["event"] == "unnamed")


@given(fields=st.dictionaries(_NAMES, _VALUES, max_size=6), event=_HOSTILE)
def test_every_event_is_one_line_and_one_object(
    stream: io.StringIO, fields: dict[str, Any], event: str
) -> None:
    before = len(stream.getvalue())
    handed = {name: value for name, value in fields.items() if name not in {"event", "self"}}

    log().info(event, **handed)
    log().info("rpc.refused", code="busy")

    lines = stream.getvalue()[before:].split("\n")
    assert len(lines) == 3 and lines[2] == ""
    told = [json.loads(line, parse_constant=_no_constant) for line in lines[:2]]
    assert all(isinstance(one, dict) and set(one) <= FIELDS | _OWN for one in told)
    assert (told[1]["event"], told[1]["code"]) == ("rpc.refused", "busy")
    assert lines[0].isascii()


_OWN = {"event", "level", "timestamp", "dropped"}


def _no_constant(word: str) -> None:
    raise AssertionError(f"{word} is no JSON")


def test_list_of_fields_is_the_one_agreed_on() -> None:
    assert observe._FIELDS == FIELDS


@pytest.mark.parametrize("logger", ["asyncio", "grpc._cython.cygrpc", "tuf.ngclient", "sqlalchemy.engine"])
def test_what_a_library_logs_is_told_without_its_words(
    stream: io.StringIO, capfd: pytest.CaptureFixture[str], logger: str
) -> None:
    before = len(stream.getvalue())

    try:
        raise ValueError("Verzonnenova")
    except ValueError:
        logging.getLogger(logger).exception("could not read %s", "Verzonnenova")

    (line,) = stream.getvalue()[before:].splitlines()
    told = json.loads(line)
    assert (told["event"], told["method"], told["exception"]) == ("library.logged", logger, "ValueError")
    written = capfd.readouterr()
    assert "Verzonnenova" not in line + written.out + written.err


def test_incident_names_where_it_was_raised_and_not_what_was_said(stream: io.StringIO) -> None:
    before = len(stream.getvalue())
    raised: Exception
    try:
        int("Verzonnenova")
    except ValueError as exc:
        raised = exc

    told = observe.incident("test", raised)

    (line,) = stream.getvalue()[before:].splitlines()
    assert json.loads(line)["place"].startswith("test_log.py:")
    assert "Verzonnenova" not in line + str(told) + repr(told.facts)
