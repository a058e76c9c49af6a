"""Writes the vectors of what is released: `python -m tests.vectors.make_release` from the project's root.

All keys, salts and days are fixed, so the same bytes come out every time. The keys are for tests only.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from gateway.record.commitment import Statement, leaves
from gateway.record.marking import Holders, Level, Marking, PermittedAction, statement_part
from gateway.record.portion import encode_portion, leaf_of
from gateway.record.vocabulary import AgeClass, Fact, LegalBasis, ObligationCode, Purpose, RoleClass, Rung
from gateway.release.consent import Consent, sign_consent
from gateway.release.consent_answer import ConsentAnswer
from gateway.release.consent_request import ConsentRequest
from gateway.release.disclosure import Chosen, make_disclosure
from gateway.release.obligation import Obligation
from gateway.release.protection_class import ProtectionClass
from gateway.release.pseudonym import pseudonym
from gateway.release.release import Release, release_digest
from gateway.release.statement import sign_statement, statement_digest
from gateway.v1 import record_pb2 as pb
from keys.approval import RefusalReason
from keys.ed25519 import Ed25519Signer
from tests.release.case import ORIGIN, VKEY, Drawn, anchor_of

_HERE = Path(__file__).resolve().parent
SEED = bytes(range(32))
SECRET = bytes(range(32, 64))
SIGNER = Ed25519Signer(SEED)
RECORD_ID = "0199a000-0000-7000-8000-000000000001"
REQUEST_ID = "0199a000-0000-7000-8000-000000000002"
PERSON, SUSPECT, TIE = "person/aaaaaaaaaa", "person/bbbbbbbbbb", "relationship/cccccccccc"
SENDER, RECIPIENT = "shelter.ngo", "border.xa"
MARKING = Marking(
    level=Level.RESTRICTED,
    rel=None,
    holders=Holders.ORGANISATION,
    purposes=frozenset({Purpose.VICTIM_PROTECTION}),
    act=PermittedAction.INTERNAL,
    subject_may_be_told=False,
    encrypt=True,
    display_only=False,
    no_automated_use=True,
)


def portions() -> dict[str, bytes]:
    """Return portion bytes by what they tell."""
    name, role, other = pb.Person(), pb.Person(role=pb.Role.ROLE_VICTIM), pb.Person(role=pb.Role.ROLE_SUSPECT)
    name.names.add(given="Maria", family="Ivanova")
    year = pb.Person(birth=pb.BirthDate(year=2001))
    tie = pb.Relationship()
    setattr(tie.link, "from", SUSPECT)
    tie.link.to = PERSON
    tie.link.kind = pb.RelationKind.RELATION_KIND_RECRUITED
    made = {
        "name": (PERSON, 3, Rung.EXACT, name),
        "role": (PERSON, 35, Rung.EXACT, role),
        "birth": (PERSON, 5, Rung.GENERALISED, year),
        "suspect": (SUSPECT, 35, Rung.EXACT, other),
        "tie": (TIE, 3, Rung.EXACT, tie),
    }
    return {
        what: encode_portion(
            entity, field, rung, message.SerializeToString(deterministic=True), Drawn(what)(16)
        )
        for what, (entity, field, rung, message) in made.items()
    }


def statement(committed: list[bytes]) -> bytes:
    """Return the Signed statement over these portions and decoys."""
    made = Statement(
        record_id=RECORD_ID,
        version=1,
        supersedes=b"",
        originator="police.nl",
        sealed_on=date(2026, 9, 1),
        marking=statement_part(MARKING),
        retain_until=date(2028, 9, 1),
        exercise=True,
        leaves=leaves([leaf_of(portion) for portion in committed], Drawn("decoys")),
    )
    return sign_statement(made, SIGNER)


PORTIONS = portions()
SIGNED = statement(list(PORTIONS.values()))
VICTIM = ProtectionClass(role=RoleClass.VICTIM, age=AgeClass.ADULT, category="person.name", rung=Rung.EXACT)
CLASSES = {
    "name": replace(VICTIM, lifts=("VPO:1",), facts=frozenset({Fact.CONSENT_VALID, Fact.SUPPORTS_SUBJECT})),
    "role": replace(VICTIM, category="person.role"),
    "birth": replace(VICTIM, category="person.birth", rung=Rung.GENERALISED),
    "suspect": replace(VICTIM, category="person.role", role=RoleClass.SUSPECT),
    "tie": replace(VICTIM, category="relation.link"),
}


def chosen(*what: str, **lies: ProtectionClass) -> list[Chosen]:
    """Return portions with their classes, or with those claimed instead."""
    return [(leaf_of(PORTIONS[one]), PORTIONS[one], lies.get(one, CLASSES[one])) for one in what]


def disclosure() -> dict[str, Any]:
    """Return disclosures that hold, and some that do not with the cause of their refusal."""
    suspect = replace(CLASSES["name"], role=RoleClass.SUSPECT)
    other = statement([PORTIONS["role"]])
    good = {
        "one portion": make_disclosure(SIGNED, chosen("name")),
        "a coarser rung": make_disclosure(SIGNED, chosen("birth", "role")),
        "everything": make_disclosure(SIGNED, chosen(*PORTIONS)),
    }
    bad = {
        "not-committed": make_disclosure(other, chosen("name")),
        "dangling": make_disclosure(SIGNED, chosen("tie", "name")),
        "contradiction": make_disclosure(SIGNED, chosen("name", "role", name=suspect)),
        "unknown-field": good["one portion"] + b"\xfa\x01\x00",
    }
    return {
        "what": "disclosures (PROTOCOL 3)",
        "signing_public_hex": SIGNER.public_key.hex(),
        "statement_hex": SIGNED.hex(),
        "statement_digest_hex": statement_digest(SIGNED).hex(),
        "portions": [
            {"tells": what, "portion_hex": data.hex(), "leaf_hex": leaf_of(data).hex()}
            for what, data in PORTIONS.items()
        ],
        "disclosures": [{"shows": what, "disclosure_hex": data.hex()} for what, data in good.items()],
        "refused": [{"cause": cause, "disclosure_hex": data.hex()} for cause, data in bad.items()],
    }


def given_consent() -> bytes:
    """Return the originator's Signed consent."""
    made = Consent(
        statement=statement_digest(SIGNED),
        sender=SENDER,
        recipient=RECIPIENT,
        purpose=Purpose.VICTIM_PROTECTION,
        leaves=tuple(sorted(leaf_of(PORTIONS[what]) for what in ("name", "role"))),
        expires=date(2026, 12, 31),
        given_on=date(2026, 9, 2),
    )
    return sign_consent(made, SIGNER)


def consent() -> dict[str, Any]:
    """Return a consent and the anchor that travels beside it."""
    return {
        "what": "a consent and an anchor (PROTOCOL 3 and 6.11)",
        "signing_public_hex": SIGNER.public_key.hex(),
        "ledger_vkey": VKEY.encode(),
        "ledger_origin": ORIGIN,
        "statement_digest_hex": statement_digest(SIGNED).hex(),
        "from": SENDER,
        "to": RECIPIENT,
        "purpose": Purpose.VICTIM_PROTECTION.token,
        "leaves_hex": sorted(leaf_of(PORTIONS[what]).hex() for what in ("name", "role")),
        "expires": "2026-12-31",
        "consent_hex": given_consent().hex(),
        "anchor_hex": anchor_of(SIGNED).encode().hex(),
    }


def asked() -> ConsentRequest:
    """Return the request that the consent answers, for one portion more than it was given for."""
    return ConsentRequest(
        request_id=REQUEST_ID,
        originator="police.nl",
        record_id=RECORD_ID,
        version=1,
        statement=statement_digest(SIGNED),
        sender=SENDER,
        recipient=RECIPIENT,
        purpose=Purpose.VICTIM_PROTECTION,
        legal_basis=LegalBasis.CONSENT,
        leaves=tuple(sorted(leaf_of(PORTIONS[what]) for what in ("name", "role", "birth"))),
        reason="She asks to be taken home.",
        asked_on=date(2026, 9, 2),
        exercise=True,
    )


def consent_request() -> dict[str, Any]:
    """Return a request for consent, and both answers to it."""
    request = asked()
    given = ConsentAnswer(
        request_id=REQUEST_ID, consent=given_consent(), anchor=anchor_of(SIGNED).encode(), refusal=None
    )
    refused = ConsentAnswer(request_id=REQUEST_ID, refusal=RefusalReason.MORE_THAN_NEEDED)
    return {
        "what": "a consent request and its answers (PROTOCOL 5 and 6.11)",
        "signing_public_hex": SIGNER.public_key.hex(),
        "ledger_vkey": VKEY.encode(),
        "request_id": REQUEST_ID,
        "originator": request.originator,
        "record_id": RECORD_ID,
        "version": request.version,
        "statement_digest_hex": request.statement.hex(),
        "from": SENDER,
        "to": RECIPIENT,
        "purpose": request.purpose.token,
        "legal_basis": request.legal_basis.token,
        "leaves_hex": [leaf.hex() for leaf in request.leaves],
        "reason": request.reason,
        "asked_on": request.asked_on.isoformat(),
        "exercise": request.exercise,
        "request_hex": request.encode().hex(),
        "answer_hex": given.encode().hex(),
        "refusal": RefusalReason.MORE_THAN_NEEDED.value,
        "refusal_hex": refused.encode().hex(),
    }


def release() -> dict[str, Any]:
    """Return a release by the originator, the same passed on, and how pseudonyms come about."""
    token = pseudonym(
        SECRET, recipient=SENDER, purpose=Purpose.VICTIM_PROTECTION, record_id=RECORD_ID, subject="victim-1"
    )
    direct = Release(
        disclosure=make_disclosure(SIGNED, chosen("name", "role", "birth")),
        recipient=SENDER,
        purpose=Purpose.VICTIM_PROTECTION,
        legal_basis=LegalBasis.CONSENT,
        marking=replace(MARKING, rel=frozenset({SENDER})),
        obligations=(
            Obligation(code=ObligationCode.NO_REIDENTIFICATION),
            Obligation(code=ObligationCode.EXPIRE, due_at_ms=1_851_465_600_000),
        ),
        pseudonyms=((PERSON, token),),
        duties_met=("VPO:1",),
        expires_at=date(2028, 9, 1),
    )
    passed_on = replace(
        direct,
        disclosure=make_disclosure(SIGNED, chosen("name", "role")),
        recipient=RECIPIENT,
        marking=replace(MARKING, rel=frozenset({RECIPIENT})),
        pseudonyms=(),
        consent=given_consent(),
        anchor=anchor_of(SIGNED).encode(),
    )
    return {
        "what": "releases, their digests, and a pseudonym (PROTOCOL 4)",
        "signing_public_hex": SIGNER.public_key.hex(),
        "ledger_vkey": VKEY.encode(),
        "pseudonym": {
            "secret_hex": SECRET.hex(),
            "recipient": SENDER,
            "purpose": Purpose.VICTIM_PROTECTION.token,
            "record_id": RECORD_ID,
            "subject": "victim-1",
            "token": token,
        },
        "releases": [
            {
                "sender": sender,
                "recipient": made.recipient,
                "release_hex": made.encode().hex(),
                "digest_hex": release_digest(made.encode()).hex(),
                "sha256_of_disclosure_hex": sha256(made.disclosure).hexdigest(),
            }
            for sender, made in (("police.nl", direct), (SENDER, passed_on))
        ],
    }


FILES = {
    "disclosure.json": disclosure,
    "consent.json": consent,
    "consent_request.json": consent_request,
    "release.json": release,
}


def rendered(name: str) -> str:
    """Return the text of one file."""
    return json.dumps(FILES[name](), indent=1) + "\n"


def main() -> None:
    """Write the files."""
    for name in FILES:
        (_HERE / name).write_text(rendered(name), encoding="utf-8")


if __name__ == "__main__":
    main()
