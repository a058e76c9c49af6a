"""Repeating: a push that comes again is answered as it was the first time, and has no second effect.

What is kept of a push are keyed hashes: neither its key nor what it asked for can be guessed from them. The
answer itself stands under the record's key, and goes with it.

Source: DESIGN section 10; THREATS F13, F18.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from gateway.errors import Conflict, GatewayError, Malformed, NotFound
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import ANSWER, owner_of, read_body
from gateway.flow.settle import ExchangeAnswer
from gateway.store.changes import ForgetAsks, ForgetPushes
from gateway.store.rows import PushRow
from gateway.store.unit import Unit
from policy.decision import Outcome

REMEMBERED = timedelta(days=90)
COUNTED = timedelta(days=31)
"""How long it is known how often more than usual was asked; a day's budget needs the day alone."""
KEY_BYTES_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class PushAnswer:
    """What a push became: the record's id and one answer per recipient."""

    record_id: str
    exchanges: tuple[ExchangeAnswer, ...]

    def encode(self) -> bytes:
        """Return the answer as it is kept."""
        rows = [
            [one.exchange_id, one.recipient, one.outcome.value, list(one.approvals), list(one.reasons)]
            for one in self.exchanges
        ]
        return json.dumps(rows, ensure_ascii=False).encode()

    @classmethod
    def decode(cls, record_id: str, data: bytes) -> PushAnswer:
        """Return a kept answer."""
        rows: list[list[Any]] = json.loads(data)
        return cls(
            record_id=record_id,
            exchanges=tuple(
                ExchangeAnswer(
                    exchange_id=exchange,
                    recipient=recipient,
                    outcome=Outcome(outcome),
                    approvals=tuple(approvals),
                    reasons=tuple((rule, text) for rule, text in reasons),
                )
                for exchange, recipient, outcome, approvals, reasons in rows
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """By what a push is known again: who sent it under which key, and all that it asks for; 32 bytes each."""

    tag: bytes
    content: bytes

    def row(self, record_id: str, now: datetime) -> PushRow:
        """Return what remembers the push."""
        return PushRow(self.tag, self.content, record_id, int(now.timestamp() * 1000))


def marks_of(secret: bytes, *, actor: str, key: str, asked: Sequence[bytes]) -> Marks:
    """Return the marks of a push; `asked` are all its parts in a fixed order.

    Raises:
        Malformed: code `bad-key`: the key is longer than 200 bytes, or not printable ASCII.
    """
    if len(key) > KEY_BYTES_MAX or not (key.isascii() and key.isprintable()):
        raise Malformed(
            f"is not 1 to {KEY_BYTES_MAX} printable ASCII characters", field="key", code="bad-key"
        )
    parts = b"".join(len(part).to_bytes(4, "big") + part for part in asked)
    return Marks(
        tag=hmac.digest(secret, b"comity/push-key/v1\x00" + actor.encode() + b"\x00" + key.encode(), sha256),
        content=hmac.digest(secret, b"comity/push-content/v1\x00" + parts, sha256),
    )


def answers_again(gateway: Gateway, marks: Mapping[int, Marks]) -> dict[int, PushAnswer | GatewayError]:
    """Return, by position, what those pushes are answered that were made before: never anything new."""
    known = gateway.read.known_pushes([one.tag for one in marks.values()]) if marks else {}
    return {
        position: _again(gateway, one, known[one.tag]) for position, one in marks.items() if one.tag in known
    }


def _again(gateway: Gateway, marks: Marks, row: PushRow) -> PushAnswer | GatewayError:
    if not hmac.compare_digest(marks.content, row.content):
        return Conflict("was used for another push", field="key", code="key-reused")
    record = gateway.read.record(gateway.me, row.record_id, 1)
    try:
        if record is None or record.state == "erased":
            raise NotFound("the record was erased since it was pushed", code="erased")
        return PushAnswer.decode(row.record_id, read_body(gateway, owner_of(gateway, record), ANSWER))
    except GatewayError as exc:
        return exc


def forget_pushes(gateway: Gateway, now: datetime) -> None:
    """Forget the pushes of more than 90 days ago, and what was asked more than 31 days ago."""
    before = int((now - REMEMBERED).timestamp() * 1000)
    day = (now - COUNTED).date().isoformat()
    gateway.store.writer.commit_one(Unit(rows=(ForgetPushes(before), ForgetAsks(day))))
