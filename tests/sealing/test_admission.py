"""Admission, checks 1 to 7: what an envelope must say, in which order, and what its sender is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.ledger.entry import EntryKind
from gateway.sealing.admission import (
    Examined,
    Known,
    Repeated,
    examine,
)
from gateway.sealing.batch import ENVELOPE_BYTES_MAX, parse_envelope
from gateway.sealing.envelope import EnvelopeHeader, EnvelopeKind, envelope_digest, seal_envelope
from gateway.sealing.standing import Link, PeerLedger
from gateway.v1 import envelope_pb2
from keys.sealing import seal
from tests.sealing.answers import told
from tests.sealing.house import (
    DAY_MS,
    NOW_MS,
    SALT,
    House,
    announce,
    batch,
    delivery,
    envelope,
    header,
    refusing,
    sealed_to,
)


def test_an_envelope_that_its_senders_ledger_shows_is_opened(police: House, shelter: House) -> None:
    police.filler()
    data, within = delivery(police, shelter, body=b"a release")

    outcome = examine(data, within, shelter.reception(police))

    assert isinstance(outcome, Examined)
    assert (outcome.payload.body, outcome.payload.salt) == (b"a release", SALT)
    assert outcome.authenticated.index == 1
    assert outcome.authenticated.link is Link.FIRST
    assert outcome.authenticated.proof.endswith(within.checkpoint.decode())
    assert outcome.authenticated.earlier is None


@pytest.mark.parametrize("kind", [kind for kind in EnvelopeKind if kind is not EnvelopeKind.RELEASE])
def test_every_other_kind_stands_on_a_sent_entry(police: House, shelter: House, kind: EnvelopeKind) -> None:
    data, within = delivery(police, shelter, kind=kind)

    assert isinstance(examine(data, within, shelter.reception(police)), Examined)


def test_1_too_large_is_said_before_anything_else(police: House, shelter: House) -> None:
    _, within = delivery(police, shelter)

    assert told(bytes(ENVELOPE_BYTES_MAX + 1), within, shelter, police) == "too-large"


def test_2_an_envelope_or_header_off_its_form_is_malformed(police: House, shelter: House) -> None:
    data, within = delivery(police, shelter)
    headless = replace(parse_envelope(data), header=b"\x0a")

    assert told(b"", within, shelter, police) == "malformed-header"
    assert told(data + b"\0", within, shelter, police) == "malformed-header"
    assert told(headless.encode(), within, shelter, police) == "malformed-header"


def test_2_a_suite_of_a_later_version_is_named(police: House, shelter: House) -> None:
    data, within = delivery(police, shelter)
    parsed = parse_envelope(data)
    later = envelope_pb2.EnvelopeHeader.FromString(parsed.header)
    later.suite = envelope_pb2.Suite.ValueType(2)

    changed = replace(parsed, header=later.SerializeToString(deterministic=True)).encode()

    assert told(changed, within, shelter, police) == "unknown-suite"


def test_3_an_envelope_carried_by_somebody_else_is_refused(
    police: House, shelter: House, border: House
) -> None:
    data, within = delivery(police, shelter)

    assert told(data, within, shelter, border) == "wrong-sender"


def test_4_an_envelope_resealed_to_somebody_else_is_not_addressed_to_them(
    police: House, shelter: House, border: House
) -> None:
    data, within = delivery(police, shelter)
    genuine = parse_envelope(data)
    opened = examine(data, within, shelter.reception(police))
    assert isinstance(opened, Examined)
    body = opened.payload.body

    # The recipient seals what it got to a third agency, under the header the sender made.
    head = header(police, shelter)
    forged = seal_envelope(head, body, SALT, border.sealing.public_key, seal)
    resealed = replace(genuine, sealed=forged.sealed).encode()

    assert told(resealed, within, border, police) == "not-addressed-to-us"
    assert told(data, within, border, police) == "not-addressed-to-us"
    assert told(resealed, within, border, shelter) == "wrong-sender"


def test_4_a_header_rewritten_to_somebody_else_is_not_what_the_senders_ledger_shows(
    police: House, shelter: House, border: House
) -> None:
    data, within = delivery(police, shelter)
    head = header(police, border)
    resealed = sealed_to(border, head)
    forged = replace(parse_envelope(data), header=resealed.header, sealed=resealed.sealed).encode()

    assert told(forged, within, border, police) == "entry-invalid"


def test_5_the_same_envelope_again_is_repeated_even_when_expired(police: House, shelter: House) -> None:
    data, within = delivery(police, shelter)
    parsed = parse_envelope(data)
    digest = envelope_digest(parsed.header, parsed.sealed)

    for age_ms in (1, DAY_MS, 15 * DAY_MS, 400 * DAY_MS, 4000 * DAY_MS):
        known = Known(digest=digest, outcome=EntryKind.RECEIVED, code=None, entry=3)
        outcome = examine(
            data, within, shelter.reception(police, known=refusing(known), now_ms=NOW_MS + age_ms)
        )
        assert isinstance(outcome, Repeated)
        assert outcome.known is known


@pytest.mark.parametrize("outcome", [EntryKind.RECEIVED, EntryKind.REFUSED])
def test_5_an_envelope_answered_before_its_message_was_judged_anew_is_repeated(
    police: House, shelter: House, outcome: EntryKind
) -> None:
    data, within = delivery(police, shelter)
    parsed = parse_envelope(data)
    digest, asked = envelope_digest(parsed.header, parsed.sealed), []
    first = Known(digest=digest, outcome=EntryKind.REFUSED, code="expired", entry=3)
    code = "expired" if outcome is EntryKind.REFUSED else None
    later = Known(digest=bytes(32), outcome=outcome, code=code, entry=5)

    def earlier(head: EnvelopeHeader, wanted: bytes) -> Known:
        asked.append((head.message_id, wanted))
        return first

    repeated = examine(data, within, shelter.reception(police, known=refusing(later), earlier=earlier))

    assert isinstance(repeated, Repeated)
    assert repeated.known is first
    assert asked == [(header(police, shelter).message_id, digest)]


def test_5_the_look_up_asks_for_sender_and_message(police: House, shelter: House) -> None:
    data, within = delivery(police, shelter)
    asked = []

    def known(sender: str, message_id: str) -> None:
        asked.append((sender, message_id))

    examine(data, within, shelter.reception(police, known=known))

    assert asked == [("police.nl", header(police, shelter).message_id)]


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (EntryKind.RECEIVED, None),
        (EntryKind.QUARANTINED, "floor-forbids"),
        (EntryKind.REFUSED, "does-not-open"),
        (EntryKind.REFUSED, "floor-forbids"),
    ],
)
def test_5_another_envelope_under_a_known_id_is_a_conflict(
    police: House, shelter: House, outcome: EntryKind, code: str | None
) -> None:
    data, within = delivery(police, shelter)
    known = refusing(Known(digest=bytes(32), outcome=outcome, code=code, entry=3))

    assert told(data, within, shelter, police, known=known) == "conflict"


@pytest.mark.parametrize("code", ["unknown-sealing-key", "expired"])
def test_5_what_was_refused_for_a_passed_key_or_deadline_is_judged_anew(
    police: House, shelter: House, code: str
) -> None:
    data, within = delivery(police, shelter)
    known = Known(digest=bytes(32), outcome=EntryKind.REFUSED, code=code, entry=3)

    outcome = examine(data, within, shelter.reception(police, known=refusing(known)))

    assert isinstance(outcome, Examined)
    assert outcome.authenticated.earlier is known


def test_6_without_a_ledger_key_valid_now_nothing_is_believed(police: House, shelter: House) -> None:
    data, within = delivery(police, shelter)
    keyless = PeerLedger(agency="police.nl", vkeys=(), origins=police.ledger.origins)

    assert told(data, within, shelter, police, ledger=None) == "ledger-key"
    assert told(data, within, shelter, police, ledger=keyless) == "ledger-key"
    assert told(data, within, shelter, police, ledger=shelter.ledger) == "ledger-key"


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": EntryKind.SENT},
        {"peer": "border.xa"},
        {"exchange": "01890000-0000-7000-8000-00000000000a"},
        {"message": "01890000-0000-7000-8000-00000000000a"},
        {"envelope": bytes(32)},
    ],
)
def test_7_an_entry_about_something_else_is_refused(
    police: House, shelter: House, changes: dict[str, Any]
) -> None:
    head = header(police, shelter)
    sealed = sealed_to(shelter, head)
    data = envelope(police, sealed, announce(police, head, sealed, **changes))

    assert told(data, batch(police, data), shelter, police) == "entry-invalid"


def test_7_an_entry_in_another_spelling_is_refused(police: House, shelter: House) -> None:
    data, within = delivery(police, shelter)
    parsed = parse_envelope(data)
    text = parsed.entry.decode()
    spellings = [
        text.replace(":", ": ", 1),
        text[:-1] + ',"v":1}',
        text[:-1] + ',"note":1}',
        text.replace('"v":1', '"v":1.0'),
        text + " ",
        "",
    ]

    for spelling in spellings:
        changed = replace(parsed, entry=spelling.encode()).encode()
        assert told(changed, within, shelter, police) == "entry-invalid"
