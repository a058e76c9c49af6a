"""Agencies and federations for tests: real keys, the cheapest passphrase hashing, a fixed present."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256, shake_256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from gateway.record.vocabulary import LegalBasis, Purpose, Rung
from keys.agreement import Agreement, Community
from keys.ed25519 import Ed25519Signer
from keys.enrolment import Enrolment, sign_keys_file
from keys.federation import Federation
from keys.keyring import AgencyKeys, PublicKeyRecord
from keys.keystore import Kdf
from keys.member import Member, MemberKind, MemberStatus, Regime, Unit, UnitFunction, prove_possession
from keys.origin import Origin
from keys.sealing import SealingKey
from keys.signer import key_id
from keys.use import KeyUse

PASSPHRASE = b"correct horse"
# python-tuf reads the real clock, so the present of these tests is the present.
NOW = datetime.now(UTC).replace(microsecond=0)
START = NOW - timedelta(days=10)
BASELINE = '@id("B-1")\npermit (principal, action, resource);\n'


def seed(agency: str, use: KeyUse, generation: int = 1) -> bytes:
    """Return private material that follows from who, what for and which generation."""
    return shake_256(f"{agency} {use} {generation}".encode()).digest(use.material_bytes)


def vkey(name: str, kind: int, raw: bytes) -> str:
    """Return a C2SP verifier key."""
    encoded = bytes([kind]) + raw
    digest = sha256(name.encode() + b"\n" + encoded).hexdigest()[:8]
    return f"{name}+{digest}+{base64.b64encode(encoded).decode()}"


def public_key(agency: str, use: KeyUse, generation: int = 1) -> bytes:
    """Return the public half of that material."""
    material = seed(agency, use, generation)
    if use is KeyUse.SEALING:
        return SealingKey(material).public_key
    if use is KeyUse.LEDGER_MLDSA:
        return MLDSA44PrivateKey.from_seed_bytes(material).public_key().public_bytes_raw()
    return Ed25519Signer(material).public_key


def record(
    agency: str,
    use: KeyUse,
    generation: int = 1,
    *,
    start: datetime = START,
    end: datetime | None = None,
    revoked: datetime | None = None,
) -> PublicKeyRecord:
    """Return one published key."""
    public = public_key(agency, use, generation)
    return PublicKeyRecord(
        use=use,
        key_id=key_id(public),
        public=public,
        valid_from=start,
        valid_until=end,
        revoked_since=revoked,
    )


def origin(agency: str, number: int = 1, *, final: str | None = None) -> Origin:
    """Return a ledger of an agency."""
    line = f"comity.ledger/{agency}/{number}"
    return Origin(
        origin=line,
        vkey=vkey(line, 0x01, public_key(agency, KeyUse.LEDGER)),
        mldsa_vkey=vkey(line, 0x06, public_key(agency, KeyUse.LEDGER_MLDSA)),
        final=final,
    )


def agency_keys(agency: str, *, published_at: datetime = START) -> AgencyKeys:
    """Return a first version of an agency's keys document."""
    uses = [use for use in KeyUse if use.is_published]
    return AgencyKeys(
        agency=agency,
        origins=(origin(agency),),
        endpoints=(f"gateway.{agency}:7443",),
        tls_ca=(),
        schema_version=1,
        published_at=published_at,
        keys=tuple(record(agency, use) for use in uses),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """An agency that can describe itself and sign for itself."""

    id: str
    generation: int = 1

    @property
    def signer(self) -> Ed25519Signer:
        """The directory key."""
        return Ed25519Signer(seed(self.id, KeyUse.DIRECTORY, self.generation))

    def member(self, status: MemberStatus = MemberStatus.ACTIVE) -> Member:
        """Return the member document."""
        return Member(
            id=self.id,
            kind=MemberKind.NGO if self.id.endswith(".ngo") else MemberKind.LEO,
            country="NL",
            regime=Regime.LED,
            status=status,
            alert=False,
            display_name=f"Agency {self.id}",
            units=(Unit(name="Unit 1", functions=(UnitFunction.ANTI_TRAFFICKING,)),),
            directory_key=self.signer.public_key,
            proof_of_possession=prove_possession(self.id, self.signer),
        )

    def handed_in(
        self,
        keys: AgencyKeys | None = None,
        version: int = 1,
        *,
        expires: datetime = NOW + timedelta(days=90),
    ) -> tuple[bytes, bytes]:
        """Return keys metadata and keys document."""
        return sign_keys_file(keys or agency_keys(self.id), self.signer, version, expires)

    def enrolment(self) -> Enrolment:
        """Return what the agency hands in at first."""
        metadata, document = self.handed_in()
        return Enrolment(member=self.member(), keys_metadata=metadata, keys=document)


NL, RO, NGO = Agency(id="police.nl"), Agency(id="police.ro"), Agency(id="shelter.ngo")


def federation(path: Path, *agencies: Agency, now: datetime = NOW) -> Federation:
    """Return a published federation of these agencies."""
    made = Federation.create(path, PASSPHRASE, now, Kdf.CHEAP_FOR_TESTS)
    for agency in agencies:
        made.enrol(agency.enrolment())
    made.set_baseline(BASELINE)
    made.publish()
    return made


def reopened(path: Path, now: datetime = NOW) -> Federation:
    """Return the federation read from disk again."""
    return Federation.open(path, PASSPHRASE, now, allow_cheap=True)


def agreement(*parties: str, name: str = "nl-ro") -> Agreement:
    """Return an agreement in force."""
    return Agreement(
        id=name,
        title="Joint investigation",
        parties=parties,
        purposes=(Purpose.INVESTIGATION, Purpose.VICTIM_PROTECTION),
        legal_bases=(LegalBasis.AGREEMENT,),
        categories=("person.name",),
        classes=("network",),
        rungs=(Rung.EXACT, Rung.GENERALISED),
        onward=False,
        safeguards=True,
        clients=(),
        valid_from=date(2026, 1, 1),
        valid_until=date(2100, 12, 31),
        articles=("Article 13 of the convention",),
    )


def community(*members: str, name: str = "labour") -> Community:
    """Return a community that exists."""
    return Community(id=name, members=members, purpose=Purpose.TREND, valid_until=date(2100, 12, 31))


def later_version(before: AgencyKeys, /, **changes: object) -> AgencyKeys:
    """Return the next version of a keys document with these changes, published after the one before."""
    published = {"published_at": before.published_at + timedelta(hours=1)}
    return replace(before, **{**published, **changes})  # type: ignore[arg-type]
