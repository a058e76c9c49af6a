"""What a gateway says of itself while it runs: events with ids, counters, and nothing about anybody.

A log line holds only fields of the closed list below, each of one form; whatever else is handed in is dropped
and counted, so that no careless call can put a name into a log.

Source: THREATS A37, A51.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import sys
from collections import Counter
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, Final, TextIO

import structlog

from gateway.errors import GatewayError, Incident

_ID: Final = re.compile(r"[A-Za-z0-9_./:+-]{0,128}", re.ASCII)
_FIELDS: Final = frozenset(
    {
        "agency",
        "code",
        "count",
        "exchange",
        "exception",
        "incident",
        "lane",
        "local",
        "listen",
        "method",
        "peer",
        "place",
        "port",
        "role",
        "rule",
        "seconds",
        "serial",
        "size",
        "state",
        "status",
        "version",
        "witness",
    }
)
_ALWAYS: Final = frozenset({"level", "timestamp"})
"""Written by the log itself."""
_EVENT: Final = re.compile(r"[a-z][a-z.-]{0,63}", re.ASCII)
_NUMBER_MAX: Final = 2**63

counters: Final[Counter[str]] = Counter()
"""Counts since the start, by name; names come from the code alone."""


class Libraries(logging.Handler):
    """Takes what libraries log: that it happened and where, never their words, which may quote anything."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log that a library logged."""
        raised = record.exc_info[0] if record.exc_info else None
        log().warning(
            "library.logged",
            method=record.name,
            place=f"{record.filename}:{record.lineno}",
            exception="" if raised is None else raised.__name__,
        )


def start_log(stream: TextIO | None = None) -> None:
    """Send events as one JSON object a line to a stream, standard error by default.

    What libraries log goes the same way: without a handler of ours Python prints it as it is.
    """
    root = logging.getLogger()
    if not any(isinstance(handler, Libraries) for handler in root.handlers):
        root.addHandler(Libraries(logging.WARNING))
    # The transport's core writes to standard error by itself, in its own form.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_known,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=stream or sys.stderr),
        cache_logger_on_first_use=False,
    )


def log() -> Any:
    """Return the logger."""
    return structlog.get_logger()


def incident(what: str, error: BaseException) -> GatewayError:
    """Note an error nobody foresaw, and return what a caller may hear of it: an incident id and nothing else.

    Only where it was raised is noted: its words may quote what a record holds.
    """
    named = secrets.token_hex(6)
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    place = "" if at is None else f"{Path(at.tb_frame.f_code.co_filename).name}:{at.tb_lineno}"
    log().error("incident", incident=named, method=what, exception=type(error).__name__, place=place)
    counters["incidents"] += 1
    return Incident(f"internal error, incident {named}", code="internal", incident=named)


def keep_known(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep the fields of the closed list that have their form; drop and count the others."""
    kept = {name: value for name, value in event.items() if name in _ALWAYS or _fits(name, value)}
    dropped = len(event) - len(kept)
    if "event" not in kept:
        kept["event"] = "unnamed"
    if dropped:
        kept["dropped"] = dropped
        counters["log.dropped"] += dropped
    return kept


def _fits(name: str, value: object) -> bool:
    if name == "event":
        return isinstance(value, str) and _EVENT.fullmatch(value) is not None
    if name not in _FIELDS:
        return False
    if isinstance(value, bool | int | float):
        # JSON knows no infinity and no "not a number", and Python writes no number of any length.
        return -_NUMBER_MAX < value < _NUMBER_MAX
    return isinstance(value, str) and _ID.fullmatch(value) is not None
