"""Making a home: configuration, keys, store, and the file that asks the federation to be listed."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from gateway.config import HomeConfig, write_config
from gateway.errors import Conflict
from gateway.flow.notary import HighWater
from gateway.ledger.checkpoint import ledger_origin
from gateway.ledger.entry import Draft, EntryKind
from gateway.ledger.vkey import SignatureType, VKey
from gateway.store.store import Store
from gateway.store.unit import Unit
from gateway.tls.authority import ca_certificate
from keys.enrolment import enrolment_bundle, sign_keys_file
from keys.keyring import AgencyKeys, PublicKeyRecord
from keys.keystore import Kdf, Keystore
from keys.member import Member, MemberKind, MemberStatus, Regime, prove_possession
from keys.member import Unit as MemberUnit
from keys.origin import Origin
from keys.signer import key_id
from keys.use import AGENCY_USES, KeyUse

ENROLMENT_FILE = "enrolment.json"
KEYS_LIFE = timedelta(days=365)

_PUBLISHED = (KeyUse.SIGNING, KeyUse.SEALING, KeyUse.LEDGER, KeyUse.LEDGER_MLDSA)


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What an agency says of itself when it asks to be listed; the federation decides what it signs."""

    agency: str
    kind: MemberKind
    country: str
    regime: Regime
    display_name: str
    units: tuple[MemberUnit, ...]


def create_home(
    config: HomeConfig, description: Description, passphrase: bytes, now: datetime, *, kdf: Kdf = Kdf.MODERATE
) -> Path:
    """Make a home: configuration, keys, store with its `opened` entry; return the enrolment file's path.

    Raises:
        Conflict: the folder holds a home already.
        Malformed: the description breaks a rule.
    """
    if config.keystore.exists():
        raise Conflict(f"{config.home} holds a keystore already", code="home-exists")
    return furnish_home(config, description, Keystore.create(config.keystore, passphrase, kdf), now)


def furnish_home(config: HomeConfig, description: Description, keystore: Keystore, now: datetime) -> Path:
    """Make a home as `create_home` does, around a keystore that was created for it and is still empty.

    Raises:
        Malformed: the description breaks a rule.
    """
    config.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    now = now.replace(microsecond=0)
    keystore.generate(AGENCY_USES, secrets.token_bytes)
    member = _member(description, keystore)
    ca = ca_certificate(description.agency, keystore.secret(KeyUse.TLS_CA), now)
    public = _agency_keys(config, keystore, ca, now)
    metadata, document = sign_keys_file(public, keystore.signer(KeyUse.DIRECTORY), 1, now + KEYS_LIFE)
    write_config(config)
    keystore.save()
    config.authority.write_bytes(ca)
    HighWater.create(config.high_water)
    with Store.create(config.home) as store:
        origin = public.origins[0]
        vkeys = (origin.vkey,) if origin.mldsa_vkey is None else (origin.vkey, origin.mldsa_vkey)
        opened = Draft(kind=EntryKind.OPENED, origin=origin.origin, vkeys=vkeys)
        store.writer.commit_one(Unit(drafts=(opened,)))
    path = config.home / ENROLMENT_FILE
    path.write_bytes(enrolment_bundle(member, metadata, document))
    return path


def _member(description: Description, keystore: Keystore) -> Member:
    directory_key = keystore.signer(KeyUse.DIRECTORY)
    return Member(
        id=description.agency,
        kind=description.kind,
        country=description.country,
        regime=description.regime,
        status=MemberStatus.ACTIVE,
        alert=False,
        display_name=description.display_name,
        units=description.units,
        directory_key=directory_key.public_key,
        proof_of_possession=prove_possession(description.agency, directory_key),
    )


def _agency_keys(config: HomeConfig, keystore: Keystore, ca: bytes, now: datetime) -> AgencyKeys:
    # Whom nobody can call cosigns for nobody: only a home with an endpoint publishes a witness key. While
    # fewer than two do, nobody is witnessed (PROTOCOL 9).
    agency, published = config.agency, (*_PUBLISHED, *((KeyUse.WITNESS,) if config.endpoint else ()))
    public = {
        KeyUse.SIGNING: keystore.signer(KeyUse.SIGNING).public_key,
        KeyUse.SEALING: keystore.opener().public_key,
        KeyUse.LEDGER: keystore.signer(KeyUse.LEDGER).public_key,
        KeyUse.LEDGER_MLDSA: mldsa_public(keystore),
        KeyUse.WITNESS: keystore.signer(KeyUse.WITNESS).public_key,
    }
    line = ledger_origin(agency, 1)
    mldsa = VKey(name=line, type=SignatureType.COSIGNATURE_ML_DSA_44, key=public[KeyUse.LEDGER_MLDSA])
    origin = Origin(
        origin=line,
        vkey=VKey(name=line, type=SignatureType.ED25519, key=public[KeyUse.LEDGER]).encode(),
        mldsa_vkey=mldsa.encode(),
        final=None,
    )
    return AgencyKeys(
        agency=agency,
        origins=(origin,),
        endpoints=(config.endpoint,) if config.endpoint else (),
        tls_ca=(ca,) if config.endpoint else (),
        schema_version=1,
        published_at=now,
        keys=tuple(
            PublicKeyRecord(
                use=use,
                key_id=key_id(public[use]),
                public=public[use],
                valid_from=now,
                valid_until=None,
                revoked_since=None,
            )
            for use in published
        ),
    )


def mldsa_public(keystore: Keystore) -> bytes:
    """Return the raw ML-DSA-44 public key of the ledger, 1,312 bytes."""
    private = MLDSA44PrivateKey.from_seed_bytes(keystore.secret(KeyUse.LEDGER_MLDSA))
    return private.public_key().public_bytes_raw()
