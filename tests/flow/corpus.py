"""Bad envelopes of every sort, made by a member with valid keys; each with how it must be answered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from gateway.flow.gateway import Gateway
from gateway.ledger.entry import EntryKind
from gateway.record.text import uuid7
from gateway.record.vocabulary import Fact
from gateway.release.release import Release
from gateway.sealing.batch import parse_envelope
from gateway.sealing.envelope import EnvelopeKind, parse_header
from gateway.v1 import disclosure_pb2, envelope_pb2, signed_pb2
from tests.flow import forge, records
from tests.flow.federation import BORDER, NGO, NL, RO, Homes


class Bad(NamedTuple):
    """An envelope, the outcome and the code it must be answered with."""

    name: str
    envelope: bytes
    outcome: str
    code: str


def bad_envelopes(homes: Homes) -> tuple[list[Bad], bytes]:
    """Return the corpus, sent from police.nl to police.ro, and one good envelope beside it.

    All of them stand under police.nl's newest head.
    """
    good = forge.announce(homes[NL], RO, _release(homes).encode(), homes.now)
    made = [*_contents(homes), *_seals(homes)]
    spare = forge.announce(homes[NL], RO, _release(homes).encode(), homes.now)
    found = [
        Bad(name, forge.envelope(homes[NL], forged), outcome, code) for name, forged, outcome, code in made
    ]
    sound = forge.envelope(homes[NL], good)
    found += [Bad(name, data, "not accepted", code) for name, data, code in _outsides(homes, spare, sound)]
    return found, sound


_Made = tuple[str, forge.Forged, str, str]


_THE_VAN = forge.only("vehicle.identity")


def _release(homes: Homes, granting: forge.Granting = _THE_VAN) -> Release:
    return forge.release(homes[NL], records.small(), RO, homes.now, granting)


def _contents(homes: Homes) -> Iterator[_Made]:
    """Yield envelopes whose outside is in order and whose inside is not."""
    nl, plain = homes[NL], _release(homes)

    def made(name: str, body: bytes, code: str, outcome: str = "refused") -> _Made:
        return name, forge.announce(nl, RO, body, homes.now), outcome, code

    yield made("body is no release", b"hello", "malformed")
    yield made("body ends in something more", plain.encode() + b"\x00", "malformed")
    yield made("release is for another", replace(plain, recipient=NGO).encode(), "disclosure-invalid")
    yield made("statement signed anew", _resigned(plain).encode(), "statement-invalid")
    yield made("portion altered", _altered(plain).encode(), "disclosure-invalid")
    foreign = forge.release(homes[BORDER], records.small(), RO, homes.now, forge.only("vehicle.identity"))
    yield made("another's record without consent", foreign.encode(), "consent-missing")
    yield made(
        "consent where none is due", replace(plain, consent=b"x", anchor=b"y").encode(), "consent-invalid"
    )
    yield made("real record at an exercise home", _real(nl, homes).encode(), "exercise-mismatch")
    recall = forge.announce(nl, RO, b"hello", homes.now, kind=EnvelopeKind.RECALL)
    yield "recall of nothing", recall, "refused", "malformed"
    victim = _release(homes, forge.only("person.name"))
    yield made("name of a minor", victim.encode(), "floor-forbids", "quarantined")
    strange = _release(homes, forge.only("vehicle.identity", lifts=("VPO:9",)))
    yield made("approvals nobody knows", strange.encode(), "floor-forbids", "quarantined")
    danger = _release(homes, forge.only("person.name", facts=frozenset({Fact.BREAK_GLASS})))
    yield made("mortal danger without officers", danger.encode(), "floor-forbids", "quarantined")


def _seals(homes: Homes) -> Iterator[_Made]:
    """Yield envelopes that are in their sender's ledger and do not open as they should."""
    nl, body, now = homes[NL], _release(homes).encode(), homes.now
    ms = int(now.timestamp() * 1000)
    late = forge.announce(nl, RO, body, now, created_at_ms=ms - 7_200_000, expires_at_ms=ms - 3_600_000)
    yield "deadline has passed", late, "refused", "expired"
    other = forge.announce(nl, RO, body, now, recipient_key_id="0" * 32)
    yield "sealed to a key unknown here", other, "refused", "unknown-sealing-key"
    border = homes[BORDER].directory.keys_of(BORDER)
    public = next(key.public for key in border.keys if key.use.value == "sealing")
    yield "sealed to another", forge.announce(nl, RO, body, now, sealed_to=public), "refused", "does-not-open"
    lied = forge.announce(nl, RO, body, now, entry={"commit": bytes(32)})
    yield "entry commits to something else", lied, "refused", "commitment-mismatch"
    to_ngo = forge.announce(nl, NGO, body, now)
    yield "addressed to another", to_ngo, "not accepted", "not-addressed-to-us"
    as_ngo = forge.announce(nl, RO, body, now, sender=NGO)
    yield "names another sender", as_ngo, "not accepted", "wrong-sender"
    elsewhere = forge.announce(nl, RO, body, now, entry={"peer": NGO})
    yield "entry names another peer", elsewhere, "not accepted", "entry-invalid"
    as_sent = forge.announce(nl, RO, body, now, entry={"kind": EntryKind.SENT})
    yield "entry of another kind", as_sent, "not accepted", "entry-invalid"
    exchange = uuid7(ms, nl.random(10))
    moved = forge.announce(nl, RO, body, now, entry={"exchange": exchange})
    yield "entry of another exchange", moved, "not accepted", "entry-invalid"


def _outsides(homes: Homes, spare: forge.Forged, good: bytes) -> Iterator[tuple[str, bytes, str]]:
    """Yield envelopes that are wrong on their outside; `spare` and `good` are two sound ones."""
    sound, other = parse_envelope(forge.envelope(homes[NL], spare)), parse_envelope(good)

    def changed(**parts: bytes) -> bytes:
        return replace(sound, **parts).encode()

    yield "no envelope", b"junk", "malformed-header"
    yield "nothing", b"", "malformed-header"
    yield "header cut", changed(header=sound.header[:-1]), "malformed-header"
    yield "header with more behind", changed(header=sound.header + b"\x60\x01"), "malformed-header"
    yield "unknown suite", changed(header=_suite(sound.header)), "unknown-suite"
    yield "header of another envelope", changed(header=other.header), "entry-invalid"
    yield "seal of another envelope", changed(sealed=other.sealed), "entry-invalid"
    yield "one bit of the seal", changed(sealed=_flipped(sound.sealed)), "entry-invalid"
    yield "entry of another envelope", changed(entry=other.entry, proof=other.proof), "entry-invalid"
    yield "entry with a space", changed(entry=sound.entry.replace(b":", b": ", 1)), "entry-invalid"
    yield "proof of another entry", changed(proof=other.proof), "proof-invalid"
    yield "no proof", changed(proof=b"\n"), "proof-invalid"
    yield "entry nobody appended", changed(entry=_never_appended(sound.entry)), "proof-invalid"
    yield "too large", changed(sealed=bytes(4 * 1024 * 1024)), "too-large"
    header = parse_header(sound.header)
    longer = replace(header, expires_at_ms=header.expires_at_ms + 86_400_000)
    yield "deadline made longer", changed(header=longer.encode()), "entry-invalid"


def _resigned(release: Release) -> Release:
    """Return the release with its statement's signature spoilt."""
    disclosure = disclosure_pb2.Disclosure.FromString(release.disclosure)
    signed = signed_pb2.Signed.FromString(disclosure.statement)
    signed.signature = _flipped(signed.signature)
    disclosure.statement = signed.SerializeToString(deterministic=True)
    return replace(release, disclosure=disclosure.SerializeToString(deterministic=True))


def _altered(release: Release) -> Release:
    """Return the release with one portion that the statement does not commit to."""
    disclosure = disclosure_pb2.Disclosure.FromString(release.disclosure)
    portion = disclosure_pb2.Portion.FromString(disclosure.portions[0])
    portion.salt = _flipped(portion.salt)
    disclosure.portions[0] = portion.SerializeToString(deterministic=True)
    return replace(release, disclosure=disclosure.SerializeToString(deterministic=True))


def _real(gateway: Gateway, homes: Homes) -> Release:
    """Return a release that says its record is real."""
    record = records.small()
    record.header.exercise = False
    granting = forge.only("vehicle.identity")
    return forge.release(replace(gateway, exercise=False), record, RO, homes.now, granting)


def _never_appended(entry: bytes) -> bytes:
    """Return an entry that says the right thing and stands in no ledger."""
    return re.sub(rb'"blind":"[0-9a-f]{32}"', b'"blind":"%s"' % (b"0" * 32), entry)


def _suite(header: bytes) -> bytes:
    message = envelope_pb2.EnvelopeHeader.FromString(header)
    return header[:-1] + bytes((message.suite + 8,))


def _flipped(data: bytes) -> bytes:
    return data[:-1] + bytes((data[-1] ^ 1,))
