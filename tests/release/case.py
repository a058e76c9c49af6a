"""One invented case, cut and signed with fixed randomness, and what the rooms need to send it on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from hashlib import sha256
from typing import Any

from gateway.errors import NotFound
from gateway.ledger.checkpoint import Checkpoint, ledger_origin, sign_checkpoint
from gateway.ledger.commitment import CommitmentType, commit
from gateway.ledger.entry import Draft, EntryKind, encode
from gateway.ledger.proof import build_proof
from gateway.ledger.tree import Frontier, inclusion_proof, leaf_hash
from gateway.ledger.vkey import SignatureType, VKey
from gateway.record.commitment import Statement, leaves
from gateway.record.marking import Holders, Level, Marking, PermittedAction, statement_part
from gateway.record.portion import Cut, cut, entity_names
from gateway.record.text import uuid7
from gateway.record.vocabulary import LegalBasis, Purpose, Rung
from gateway.release.admitted import AdmittedRelease, release_content
from gateway.release.anchor import Anchor, AnchorTrust, VerifiedAnchor
from gateway.release.attested import Destination
from gateway.release.consent import Consent, sign_consent
from gateway.release.plan import Grant, Terms, build_release, plan
from gateway.release.release import Release
from gateway.release.statement import sign_statement, statement_digest
from gateway.v1 import record_pb2 as pb
from keys.ed25519 import Ed25519Signer

POLICE, SHELTER, BORDER = "police.nl", "shelter.ngo", "border.xa"
SEALED_ON = date(2026, 9, 1)
TODAY = date(2026, 9, 2)
RETAIN_UNTIL = date(2028, 9, 1)
NOW_MS = 1_788_300_000_000
RECORD_ID = uuid7(NOW_MS, bytes(10))
TO_SHELTER = Destination(agency=SHELTER, country="NL", purpose=Purpose.VICTIM_PROTECTION, day=TODAY)


class Drawn:
    """Fixed bytes that look random: the same label gives the same sequence."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._count = 0

    def __call__(self, size: int) -> bytes:
        out = b""
        while len(out) < size:
            out += sha256(f"{self._label}/{self._count}".encode()).digest()
            self._count += 1
        return out[:size]


def signer(agency: str, use: str = "signing") -> Ed25519Signer:
    """Return an agency's signing key."""
    return Ed25519Signer(Drawn(f"{agency} {use}")(32))


MARKING = Marking(
    level=Level.RESTRICTED,
    rel=frozenset({POLICE, SHELTER, BORDER}),
    excl=frozenset({"navy.xb"}),
    holders=Holders.ORGANISATION,
    purposes=frozenset({Purpose.INVESTIGATION, Purpose.VICTIM_PROTECTION}),
    act=PermittedAction.INTERNAL,
    subject_may_be_told=False,
    encrypt=True,
    display_only=False,
    no_automated_use=True,
)


def record(*, name: str = "Maria", town: str = "Utrecht") -> pb.Record:
    """Return a victim, a suspect, his car and account, her address, and what ties them."""
    made = pb.Record()
    victim = made.persons.add(id="v", role=pb.Role.ROLE_VICTIM, age_status=pb.AgeStatus.AGE_STATUS_ADULT)
    victim.names.add(given=name, family="Ivanova")
    victim.birth.year, victim.birth.month, victim.birth.day = 2001, 4, 3
    victim.nationalities.add(country="XA")
    home = victim.addresses.add(current=True)
    home.place.town, home.place.country, home.place.street = town, "NL", "Dorpsstraat 1"
    suspect = made.persons.add(id="s", role=pb.Role.ROLE_SUSPECT, age_status=pb.AgeStatus.AGE_STATUS_ADULT)
    suspect.names.add(given="Jan", family="Jansen")
    suspect.functions.append(pb.PersonFunction.PERSON_FUNCTION_RECRUITER)
    car = made.vehicles.add(id="c")
    car.identity.plate, car.identity.plate_country = "XX-11-YY", "NL"
    account = made.accounts.add(id="a", holder="v")
    account.identity.provider, account.identity.value = "messenger", "m.ivanova"
    tie = made.relationships.add(id="r")
    setattr(tie.link, "from", "s")
    tie.link.to = "v"
    tie.link.kind = pb.RelationKind.RELATION_KIND_RECRUITED
    return made


class Case:
    """A record of one agency: its portions, its signed statement, and where its ledger shows it."""

    def __init__(self, made: pb.Record | None = None, *, label: str = "case", version: int = 1) -> None:
        drawn = Drawn(label)
        self.record = made if made is not None else record()
        self.names = entity_names(self.record, drawn)
        self.cuts = cut(self.record, names=self.names, random=drawn, sealed_on=SEALED_ON)
        self.statement = Statement(
            record_id=RECORD_ID,
            version=version,
            supersedes=b"" if version == 1 else bytes(32),
            originator=POLICE,
            sealed_on=SEALED_ON,
            marking=statement_part(MARKING),
            retain_until=RETAIN_UNTIL,
            exercise=True,
            leaves=leaves([one.leaf for one in self.cuts], drawn),
        )
        self.signed = sign_statement(self.statement, signer(POLICE))

    def key(self, local: str, field: int) -> tuple[str, int]:
        """Return the key of an entity's field by the submitter's id."""
        return self.names[local], field

    def cut(self, local: str, field: int, rung: Rung = Rung.EXACT) -> Cut:
        """Return one portion."""
        entity, number = self.key(local, field)
        return next(one for one in self.cuts if (one.entity, one.field, one.rung) == (entity, number, rung))

    def grants(self, *chosen: tuple[str, int] | tuple[str, int, Rung]) -> dict[tuple[str, int], Grant]:
        """Return grants of these fields: local id, number, and the rung unless it is exact."""
        return {
            self.key(local, field): Grant(rung[0] if rung else Rung.EXACT, (), frozenset())
            for local, field, *rung in chosen
        }

    def everything(self) -> dict[tuple[str, int], Grant]:
        """Return grants of every field, exact."""
        return {(one.entity, one.field): Grant(Rung.EXACT, (), frozenset()) for one in self.cuts}


def terms(recipient: str = SHELTER, **changes: Any) -> Terms:
    """Return plain terms of a release."""
    plain = Terms(
        recipient=recipient,
        marking=MARKING,
        entity_markings={},
        duties=(),
        obligations=(),
        retain_until=RETAIN_UNTIL,
        released_at_ms=NOW_MS,
    )
    return replace(plain, **changes)


def released(
    case: Case, grants: Mapping[tuple[str, int], Grant], recipient: str = SHELTER, **changes: Any
) -> Release:
    """Return a release of a case as its originator makes it."""
    made = build_release(
        plan(case.cuts, grants, terms(recipient)),
        case.signed,
        purpose=Purpose.VICTIM_PROTECTION,
        legal_basis=LegalBasis.CONSENT,
        pseudonyms={},
    )
    return replace(made, **changes)


VICTIM_FIELDS = (("v", 3), ("v", 7), ("v", 35), ("v", 12), ("a", 3), ("a", 4))
"""A victim's name, age status, role and nationality, her account and whose it is."""

ALL_FIELDS = (
    *VICTIM_FIELDS,
    ("v", 5, Rung.GENERALISED),
    ("v", 17, Rung.COARSE),
    ("s", 3),
    ("s", 35),
    ("r", 3),
)
"""Those, her birth and address coarser, and the suspect with what ties them."""


def keys_of(originator: str, key_id: str, day: date, _anchor: VerifiedAnchor | None = None) -> bytes:
    """Find a signing key as a directory would, for every agency there is."""
    found = signer(originator)
    assert day <= TODAY
    if found.key_id != key_id:
        raise NotFound("is no key of that agency", field="key_id")
    return found.public_key


def no_anchors(_originator: str) -> AnchorTrust:
    """Trust no ledger to anchor anything."""
    return AnchorTrust(vkeys=(), origins=frozenset())


def admitted(release: Release, sender: str = POLICE, **changes: Any) -> AdmittedRelease:
    """Admit a release's bytes at its recipient."""
    arguments: dict[str, Any] = {
        "sender": sender,
        "me": release.recipient,
        "country": "NL",
        "today": TODAY,
        "key_for": keys_of,
        "anchor_trust_for": anchor_trust,
    }
    return release_content(release.encode(), **{**arguments, **changes})


ORIGIN = ledger_origin(POLICE, 1)
LEDGER = Ed25519Signer(Drawn("police.nl ledger")(32))
VKEY = VKey(name=ORIGIN, type=SignatureType.ED25519, key=LEDGER.public_key)


def anchor_trust(_originator: str) -> AnchorTrust:
    """Trust the one ledger of these cases."""
    return AnchorTrust(vkeys=(VKEY,), origins=frozenset({ORIGIN}))


def anchor(case: Case, **changes: Any) -> Anchor:
    """Return the anchor of a case's statement."""
    return anchor_of(case.signed, **changes)


def anchor_of(signed: bytes, **changes: Any) -> Anchor:
    """Return the anchor of a Signed statement: the third entry of a small ledger."""
    salt = Drawn("statement salt")(32)
    committed = commit(salt, CommitmentType.STATEMENT, statement_digest(signed))
    submitted = replace(Draft(kind=EntryKind.SUBMITTED, commit=committed), **changes)
    drafts = [Draft(kind=EntryKind.FILLER), Draft(kind=EntryKind.FILLER), submitted]
    entries = [
        encode(draft, at=NOW_MS // 1000 + at, pair_seq=None, blind=Drawn(f"blind {at}")(16))
        for at, draft in enumerate(drafts)
    ]
    return Anchor(entry=entries[2], salt=salt, proof=proven(entries, 2))


def proven(entries: Sequence[bytes], index: int) -> str:
    """Return the joined proof of an entry in a ledger of exactly these."""
    hashes = [leaf_hash(entry) for entry in entries]
    frontier, nodes = Frontier().append(hashes)
    stored = {(level, position): value for level, position, value in nodes}
    head = Checkpoint(origin=ORIGIN, size=len(entries), root=frontier.root())
    note = sign_checkpoint(head, VKEY, LEDGER.sign)
    return build_proof(index, inclusion_proof(index, len(entries), lambda *at: stored[at])) + note


def consent(case: Case, **changes: Any) -> bytes:
    """Return the originator's Signed consent that the shelter passes everything of a case to the border."""
    given = Consent(
        statement=statement_digest(case.signed),
        sender=SHELTER,
        recipient=BORDER,
        purpose=Purpose.VICTIM_PROTECTION,
        leaves=tuple(sorted(one.leaf for one in case.cuts)),
        expires=date(2026, 12, 31),
        given_on=SEALED_ON,
    )
    return sign_consent(replace(given, **changes), signer(POLICE))


@cache
def plain_case() -> Case:
    """Return the one case most tests look at."""
    return Case()
