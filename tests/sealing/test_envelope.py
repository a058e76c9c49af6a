"""The envelope's header and seal: bound to each other, to one recipient, and to one encoding."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Malformed, VerificationFailed
from gateway.sealing.envelope import (
    EnvelopeHeader,
    Payload,
    envelope_digest,
    open_envelope,
    parse_header,
    seal_envelope,
)
from gateway.sealing.padding import pad
from gateway.v1 import envelope_pb2
from keys.sealing import seal
from tests.sealing.house import SALT, House, flips, header, sealed_to

POLICE, SHELTER, BORDER = House("police.nl"), House("shelter.ngo"), House("border.xa")


def test_what_is_sealed_opens_for_its_recipient() -> None:
    sealed = sealed_to(SHELTER, header(POLICE, SHELTER), b"a release")

    assert open_envelope(sealed.header, sealed.sealed, SHELTER.sealing) == Payload(
        body=b"a release", salt=SALT
    )


def test_what_is_sealed_opens_for_nobody_else() -> None:
    sealed = sealed_to(SHELTER, header(POLICE, SHELTER))

    with pytest.raises(VerificationFailed) as refusal:
        open_envelope(sealed.header, sealed.sealed, BORDER.sealing)

    assert refusal.value.code == "does-not-open"


def test_no_header_opens_the_sealed_bytes_of_another_envelope() -> None:
    sealed = [sealed_to(SHELTER, header(POLICE, SHELTER, number)) for number in range(20)]

    opened = 0
    for head in sealed:
        for other in sealed:
            if head is not other:
                with pytest.raises(VerificationFailed):
                    open_envelope(head.header, other.sealed, SHELTER.sealing)
                    opened += 1

    assert opened == 0


def test_every_changed_bit_of_a_header_closes_the_envelope() -> None:
    sealed = sealed_to(SHELTER, header(POLICE, SHELTER))

    for changed in flips(sealed.header):
        with pytest.raises(VerificationFailed):
            open_envelope(changed, sealed.sealed, SHELTER.sealing)


def test_every_changed_bit_and_every_truncation_of_the_sealed_bytes_closes_the_envelope() -> None:
    sealed = sealed_to(SHELTER, header(POLICE, SHELTER))

    refusals = set()
    changed = [*flips(sealed.sealed), *(sealed.sealed[:end] for end in range(len(sealed.sealed)))]
    for bytes_ in [*changed, sealed.sealed + b"\0"]:
        with pytest.raises(VerificationFailed) as refusal:
            open_envelope(sealed.header, bytes_, SHELTER.sealing)
        refusals.add((refusal.value.code, str(refusal.value)))

    assert refusals == {("does-not-open", "sealed: does not open")}


@pytest.mark.parametrize(
    "plaintext",
    [
        b"body" * 1024,
        pad(b"not a payload")[:-1] + b"\1",
        pad(b""),
        pad(b"not a payload"),
        pad(Payload(body=b"body", salt=SALT).encode() + b"\x1a\x00"),
        pad(envelope_pb2.Payload(body=b"body", salt=b"short").SerializeToString()),
        pad(envelope_pb2.Payload(salt=SALT).SerializeToString()),
    ],
)
def test_a_plaintext_off_its_form_is_refused_like_any_other_that_does_not_open(plaintext: bytes) -> None:
    head = header(POLICE, SHELTER).encode()
    info = b"comity/envelope/v1\x00" + sha256(head).digest()
    sealed = seal(SHELTER.sealing.public_key, plaintext, info)

    with pytest.raises(VerificationFailed) as refusal:
        open_envelope(head, sealed, SHELTER.sealing)

    assert (refusal.value.code, str(refusal.value)) == ("does-not-open", "sealed: does not open")


def test_the_digest_names_header_and_sealed_bytes_together() -> None:
    assert len({envelope_digest(b"a", b"b"), envelope_digest(b"ab", b""), envelope_digest(b"", b"ab")}) == 3


def test_a_header_comes_back_from_its_bytes() -> None:
    head = header(POLICE, SHELTER)

    assert parse_header(head.encode()) == head


def _header_message(**changes: Any) -> bytes:
    message = envelope_pb2.EnvelopeHeader.FromString(header(POLICE, SHELTER).encode())
    for name, value in changes.items():
        setattr(message, name, value)
    return message.SerializeToString(deterministic=True)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"suite": 2}, "unknown-suite"),
        ({"suite": 2, "kind": 99}, "unknown-suite"),
        ({"suite": 0}, "unknown-suite"),
        ({"kind": 0}, "malformed-header"),
        ({"kind": 9}, "malformed-header"),
        ({"lane": 0}, "malformed-header"),
        ({"lane": 4}, "malformed-header"),
        ({"message_id": "01890000-0000-4000-8000-000000000000"}, "malformed-header"),
        ({"exchange_id": "01890000-0000-7000-8000-00000000000A"}, "malformed-header"),
        ({"sender": "Police.nl"}, "malformed-header"),
        ({"sender": ""}, "malformed-header"),
        ({"recipient": "police.nl"}, "malformed-header"),
        ({"recipient": "nl"}, "malformed-header"),
        ({"expires_at": 1}, "malformed-header"),
        ({"created_at": -1}, "malformed-header"),
        ({"created_at": 0}, "malformed-header"),
        ({"recipient_key_id": "00"}, "malformed-header"),
    ],
)
def test_a_header_off_its_grammar_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Malformed) as refusal:
        parse_header(_header_message(**changes))

    assert refusal.value.code == code


@pytest.mark.parametrize("name", [field.name for field in envelope_pb2.EnvelopeHeader.DESCRIPTOR.fields])
def test_a_header_without_one_of_its_fields_is_refused(name: str) -> None:
    message: Any = envelope_pb2.EnvelopeHeader.FromString(header(POLICE, SHELTER).encode())
    message.ClearField(name)

    with pytest.raises(Malformed):
        parse_header(message.SerializeToString(deterministic=True))


def _respellings(data: bytes) -> dict[str, bytes]:
    suite = data[-2:]
    return {
        "a field twice": data + suite,
        "a field twice, the first one other": data[:-2] + b"\x50\x02" + suite,
        "an overlong varint": data[:-1] + b"\x81\x00",
        "an overlong tag": data[:-2] + b"\xd0\x00\x01",
        "another order": suite + data[:-2],
        "an unknown field": data + b"\x58\x01",
        "an unknown group": data + b"\x5b\x5c",
        "another wire type": data[:-2] + b"\x52\x01\x01",
        "a byte more": data + b"\x00",
        "nothing": b"",
        "too much": data + b"\x5a\x90\x4e" + bytes(10_000),
    }


@pytest.mark.parametrize("spelling", _respellings(header(POLICE, SHELTER).encode()))
def test_another_spelling_of_a_header_is_refused(spelling: str) -> None:
    with pytest.raises(Malformed):
        parse_header(_respellings(header(POLICE, SHELTER).encode())[spelling])


def test_every_changed_bit_and_every_truncation_of_a_header_is_refused_or_another_header() -> None:
    head = header(POLICE, SHELTER)
    data = head.encode()

    for changed in [*flips(data), *(data[:end] for end in range(len(data)))]:
        try:
            assert parse_header(changed) != head
        except Malformed as refusal:
            assert refusal.code in {"malformed-header", "unknown-suite"}


@given(st.binary(max_size=300))
def test_no_bytes_make_the_header_parser_fail_in_another_way(data: bytes) -> None:
    try:
        parse_header(data)
    except Malformed as refusal:
        assert refusal.code in {"malformed-header", "unknown-suite"}


@pytest.mark.parametrize(("body", "salt"), [(b"", SALT), (b"body", b""), (b"body", SALT + b"\0")])
def test_an_empty_body_or_a_salt_of_another_length_is_not_sealed(body: bytes, salt: bytes) -> None:
    with pytest.raises(Malformed):
        seal_envelope(header(POLICE, SHELTER), body, salt, SHELTER.sealing.public_key, seal)


def test_a_header_is_born_valid() -> None:
    head = header(POLICE, SHELTER)

    with pytest.raises(Malformed):
        replace(head, recipient=head.sender)
    assert isinstance(head, EnvelopeHeader)
