"""Officers: who approves what a person must decide, under which key, in which duties, and who vouches for it.

An enrolment is one body signed by the officer's own key and by officers enrolled before: nobody who merely
runs the gateway can make an approver.

Source: PROTOCOL section 4 (Officer); THREATS A19, A54.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from gateway.errors import Malformed, VerificationFailed
from gateway.record.encoding import read
from gateway.record.vocabulary import Duty
from gateway.record.wire_bytes import Limits
from gateway.v1 import release_pb2
from keys.ed25519 import PUBLIC_BYTES, SIGNATURE_BYTES, check_public_key
from keys.ed25519 import verify as verify_raw
from keys.member import check_name
from keys.signed import SignedType, peek, sign, verify
from keys.signer import Signer, key_id

PERSON_BYTES: Final = 16
NAME_CHARS_MAX: Final = 100
COUNTERSIGNERS: Final = 2
"""How many enrolled officers vouch for another; of the first two each vouches for the other alone."""
VALID_MS_MAX: Final = 2 * 366 * 24 * 60 * 60 * 1000
"""The longest that one enrolment may hold: about two years."""

_LIMITS: Final = Limits(size_bytes=4096, depth=1, elements=32)
_POSSESSION: Final = b"comity/officer/v1\x00"
_TIME_MS_MAX: Final = 253_402_300_800_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """One person under one key.

    `person` is 16 random bytes that stay the person's whatever key is used; `duties` are sorted and distinct;
    `valid_from_ms` is included and `valid_until_ms` is not, both milliseconds UTC. `possession` is the key's
    own signature over everything else, so that nobody enrols a key that is another's.
    """

    person: bytes
    name: str
    duties: tuple[Duty, ...]
    public_key: bytes
    valid_from_ms: int
    valid_until_ms: int
    possession: bytes

    def __post_init__(self) -> None:
        if len(self.person) != PERSON_BYTES:
            raise Malformed(f"is not {PERSON_BYTES} bytes", field="officer.person")
        check_name(self.name, "officer.name")
        if len(self.name) > NAME_CHARS_MAX:
            raise Malformed(f"is longer than {NAME_CHARS_MAX} characters", field="officer.name")
        if not self.duties or any(left >= right for left, right in pairwise(self.duties)):
            raise Malformed("names no duty, or is not sorted and distinct", field="officer.duties")
        if len(self.public_key) != PUBLIC_BYTES:
            raise Malformed(f"is not {PUBLIC_BYTES} bytes", field="officer.public_key", code="weak-key")
        check_public_key(self.public_key)
        if not 0 < self.valid_from_ms < self.valid_until_ms < _TIME_MS_MAX:
            raise Malformed("ends before it begins", field="officer.valid_until", code="bad-validity")
        if self.valid_until_ms - self.valid_from_ms > VALID_MS_MAX:
            raise Malformed("holds for more than two years", field="officer.valid_until", code="bad-validity")
        self._check_possession()

    def _check_possession(self) -> None:
        if len(self.possession) != SIGNATURE_BYTES:
            raise Malformed(f"is not {SIGNATURE_BYTES} bytes", field="officer.proof_of_possession")
        try:
            verify_raw(self.public_key, _POSSESSION + _claimed(self), self.possession)
        except VerificationFailed as exc:
            raise VerificationFailed(
                "does not show that the officer holds the key",
                field="officer.proof_of_possession",
                code="no-possession",
            ) from exc

    @property
    def key_id(self) -> str:
        """Key id of the officer's key."""
        return key_id(self.public_key)

    def encode(self) -> bytes:
        """Return the body that the officer and those who vouch sign."""
        message = release_pb2.Officer.FromString(_claimed(self))
        message.proof_of_possession = self.possession
        return message.SerializeToString(deterministic=True)


def new_officer(
    signer: Signer,
    *,
    person: bytes,
    name: str,
    duties: Sequence[Duty],
    valid_from_ms: int,
    valid_until_ms: int,
) -> Officer:
    """Return an officer with the key's proof of possession.

    Raises:
        Malformed: a value breaks a rule.
    """
    message = release_pb2.Officer(
        person=person,
        name=name,
        duties=[release_pb2.Duty.ValueType(duty) for duty in sorted(set(duties))],
        public_key=signer.public_key,
        valid_from=valid_from_ms,
        valid_until=valid_until_ms,
    )
    claimed = message.SerializeToString(deterministic=True)
    return Officer(
        person=person,
        name=name,
        duties=tuple(sorted(set(duties))),
        public_key=signer.public_key,
        valid_from_ms=valid_from_ms,
        valid_until_ms=valid_until_ms,
        possession=signer.sign(_POSSESSION + claimed),
    )


def parse_officer(body: bytes) -> Officer:
    """Return an officer of its one encoding.

    Raises:
        Malformed: anything else, or a weak key (code `weak-key`).
        VerificationFailed: code `no-possession`.
    """
    return read(release_pb2.Officer, body, _officer, limits=_LIMITS, field="officer")


def vouch(body: bytes, signer: Signer) -> bytes:
    """Return the Signed object by which a key stands for an officer's body, its own or another's."""
    return sign(SignedType.OFFICER, body, signer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """An officer and the Signed objects over its one body.

    `signed` stands in the order given; `vouchers` are the key ids that signed beside the officer's own.
    """

    officer: Officer
    signed: tuple[bytes, ...]
    vouchers: tuple[str, ...]


def verify_enrolment(signed: Sequence[bytes], key_of: Callable[[str], bytes]) -> Enrolment:
    """Return the enrolment of Signed objects over identical bodies, once each signature holds.

    `key_of` returns the public key of an officer by key id, or raises. Whether those who vouch may is the
    caller's question.

    Raises:
        Malformed: no object, or one off its form.
        VerificationFailed: code `other-body` (they sign different bodies), `not-own` (the officer did not
            sign), `duplicate` (one key signed twice), or a signature that does not hold.
    """
    if not signed:
        raise Malformed("is empty", field="enrolment")
    claims = [peek(one) for one in signed]
    body = claims[0].body
    if any(claim.body != body for claim in claims):
        raise VerificationFailed("is not over the same officer", field="enrolment", code="other-body")
    officer = parse_officer(body)
    ids = [claim.key_id for claim in claims]
    if len(set(ids)) != len(ids):
        raise VerificationFailed("is signed twice by one key", field="enrolment", code="duplicate")
    if officer.key_id not in ids:
        raise VerificationFailed("is not signed by the officer", field="enrolment", code="not-own")
    for one, identifier in zip(signed, ids, strict=True):
        public = officer.public_key if identifier == officer.key_id else key_of(identifier)
        verify(one, expected=SignedType.OFFICER, public_key=public)
    vouchers = tuple(identifier for identifier in ids if identifier != officer.key_id)
    return Enrolment(officer=officer, signed=tuple(signed), vouchers=vouchers)


def _claimed(officer: Officer) -> bytes:
    """Return what the proof of possession is over: the message without it."""
    return release_pb2.Officer(
        person=officer.person,
        name=officer.name,
        duties=[release_pb2.Duty.ValueType(duty) for duty in officer.duties],
        public_key=officer.public_key,
        valid_from=officer.valid_from_ms,
        valid_until=officer.valid_until_ms,
    ).SerializeToString(deterministic=True)


def _officer(message: release_pb2.Officer) -> Officer:
    return Officer(
        person=message.person,
        name=message.name,
        duties=tuple(Duty.from_number(duty, "officer.duties") for duty in message.duties),
        public_key=message.public_key,
        valid_from_ms=message.valid_from,
        valid_until_ms=message.valid_until,
        possession=message.proof_of_possession,
    )
