"""The public keys of one agency, with the times they hold: the content of `keys/<agency-id>.json`.

Nothing is ever taken out: old evidence is judged by the key of its day. Source: PROTOCOL 2, 6 and 11.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from cryptography.x509 import load_der_x509_certificate

from gateway.errors import Malformed, NotFound, Stale, VerificationFailed
from gateway.record.text import check_agency_id
from keys.document import (
    Document,
    Json,
    check_moment,
    read_document,
    write_blob,
    write_document,
    write_moment,
)
from keys.ed25519 import check_public_key
from keys.origin import MLDSA_PUBLIC_BYTES, Origin
from keys.sealing import check_sealing_key
from keys.signer import key_id
from keys.use import KeyUse

_ENDPOINT: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\]):[0-9]{1,5}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKeyRecord:
    """One public key, what it is for, and when it holds: from `valid_from` until before `valid_until`.

    `revoked_since` says from when it may have been in other hands; unlike the end of validity it touches
    what was signed before, because whoever holds the key can write any date.
    """

    use: KeyUse
    key_id: str
    public: bytes
    valid_from: datetime
    valid_until: datetime | None
    revoked_since: datetime | None

    def __post_init__(self) -> None:
        if not self.use.is_published:
            raise Malformed("no key of this use is published", field="use")
        self._check_public()
        if self.key_id != key_id(self.public):
            raise Malformed("is not the id of this key", field="key_id")
        check_moment(self.valid_from, "valid_from")
        if self.valid_until is not None:
            check_moment(self.valid_until, "valid_until")
            if self.valid_until <= self.valid_from:
                raise Malformed("is not after valid_from", field="valid_until")
        if self.revoked_since is not None:
            check_moment(self.revoked_since, "revoked_since")

    def _check_public(self) -> None:
        # Weak keys are refused here, so at enrolment and again at every load (THREATS A54).
        if self.use.is_ed25519:
            check_public_key(self.public)
        elif self.use is KeyUse.SEALING:
            check_sealing_key(self.public)
        elif len(self.public) != MLDSA_PUBLIC_BYTES:
            raise Malformed("an ML-DSA-44 public key is 1312 bytes", field="public", code="weak-key")

    @classmethod
    def read(cls, document: Document) -> PublicKeyRecord:
        """Take a key from a keys document; anything off its form is Malformed."""
        record = cls(
            use=document.choice("use", KeyUse),
            key_id=document.text("key_id"),
            public=document.blob("public"),
            valid_from=document.moment("valid_from"),
            valid_until=document.moment("valid_until") if document.has("valid_until") else None,
            revoked_since=document.moment("revoked_since") if document.has("revoked_since") else None,
        )
        document.close()
        return record

    def members(self) -> dict[str, Json]:
        """Return the key as a JSON object; what is absent is left out."""
        found: dict[str, Json] = {
            "use": self.use.value,
            "key_id": self.key_id,
            "public": write_blob(self.public),
            "valid_from": write_moment(self.valid_from),
        }
        if self.valid_until is not None:
            found["valid_until"] = write_moment(self.valid_until)
        if self.revoked_since is not None:
            found["revoked_since"] = write_moment(self.revoked_since)
        return found

    def covers(self, on: date | datetime) -> bool:
        """Whether a time, or any part of a day (UTC), lies in the interval; revocation is not looked at."""
        if isinstance(on, datetime):
            first, last = on, on
        else:
            first = datetime(on.year, on.month, on.day, tzinfo=UTC)
            last = first + timedelta(days=1) - timedelta(microseconds=1)
        return self.valid_from <= last and (self.valid_until is None or first < self.valid_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyKeys:
    """One version of an agency's keys document.

    `endpoints` are `host:port`, `tls_ca` DER certificates; both may be empty while an agency is reached by
    file only. `schema_version` is that of the record content it reads. `published_at` dates this version:
    a key new in the next one cannot begin before it.
    """

    agency: str
    origins: tuple[Origin, ...]
    endpoints: tuple[str, ...]
    tls_ca: tuple[bytes, ...]
    schema_version: int
    published_at: datetime
    keys: tuple[PublicKeyRecord, ...]

    def __post_init__(self) -> None:
        check_agency_id(self.agency, "agency")
        check_moment(self.published_at, "published_at")
        if self.schema_version < 1:
            raise Malformed("is not 1 or more", field="schema_version")
        for at, endpoint in enumerate(self.endpoints):
            if not _ENDPOINT.fullmatch(endpoint) or not 0 < int(endpoint.rpartition(":")[2]) < 65_536:
                raise Malformed("is not host:port", field=f"endpoints[{at}]")
        for at, certificate in enumerate(self.tls_ca):
            try:
                load_der_x509_certificate(certificate)
            except ValueError as exc:
                raise Malformed("is not a certificate in DER", field=f"tls_ca[{at}]") from exc
        # One key under two uses would let a signature made for one purpose count for the other.
        if len({record.key_id for record in self.keys}) != len(self.keys):
            raise Malformed("lists one key twice", field="keys", code="duplicate")
        self._check_origins()

    def _check_origins(self) -> None:
        ledger_keys = {record.public for record in self.keys if record.use is KeyUse.LEDGER}
        mldsa_keys = {record.public for record in self.keys if record.use is KeyUse.LEDGER_MLDSA}
        for at, origin in enumerate(self.origins):
            where = f"origins[{at}]"
            if origin.agency != self.agency or origin.number != at + 1:
                raise Malformed(f"is not comity.ledger/{self.agency}/{at + 1}", field=f"{where}.origin")
            if origin.final is None and at + 1 < len(self.origins):
                raise Malformed("is missing though a later ledger is listed", field=f"{where}.final")
            if origin.ledger_key not in ledger_keys:
                raise Malformed("is not a ledger key of this agency", field=f"{where}.vkey")
            if origin.mldsa_key is not None and origin.mldsa_key not in mldsa_keys:
                raise Malformed("is not a ledger-mldsa key of this agency", field=f"{where}.mldsa_vkey")

    @classmethod
    def parse(cls, data: bytes) -> AgencyKeys:
        """Return the document that `data` holds.

        Raises:
            Malformed: a member is unknown, missing or off its form, or a key is weak (code `weak-key`).
        """
        document = read_document(data, "keys document")
        keys = cls(
            agency=document.text("agency"),
            origins=tuple(Origin.read(found) for found in document.objects("origins")),
            endpoints=document.texts("endpoints"),
            tls_ca=document.blobs("tls_ca"),
            schema_version=document.integer("schema_version"),
            published_at=document.moment("published_at"),
            keys=tuple(PublicKeyRecord.read(found) for found in document.objects("keys")),
        )
        document.close()
        return keys

    def encode(self) -> bytes:
        """Return the document as JSON."""
        return write_document(
            {
                "agency": self.agency,
                "origins": [origin.members() for origin in self.origins],
                "endpoints": list(self.endpoints),
                "tls_ca": [write_blob(certificate) for certificate in self.tls_ca],
                "schema_version": self.schema_version,
                "published_at": write_moment(self.published_at),
                "keys": [record.members() for record in self.keys],
            }
        )

    def all(self, use: KeyUse) -> tuple[PublicKeyRecord, ...]:
        """Return every key of a use, whatever its validity, in the order listed."""
        return tuple(record for record in self.keys if record.use is use)

    def by_id(self, use: KeyUse, key_id: str) -> PublicKeyRecord:
        """Return one key, whatever its validity.

        Raises:
            NotFound: code `unknown-key`: no key of this use has this id, be it one of another use.
        """
        for record in self.keys:
            if record.use is use and record.key_id == key_id:
                return record
        raise NotFound("no such key of this use", code="unknown-key", agency=self.agency, key_id=key_id)

    def current(self, use: KeyUse, at: datetime) -> PublicKeyRecord:
        """Return the key to use now: of those that hold at this time and are not revoked, the newest.

        Raises:
            NotFound: code `unknown-key`: the agency lists no key of this use.
            Stale: code `no-valid-key`: it lists some, but none holds at this time.
        """
        listed = self.all(use)
        if not listed:
            raise NotFound("lists no key of this use", code="unknown-key", agency=self.agency, use=use.value)
        holding = [record for record in listed if record.revoked_since is None and record.covers(at)]
        if not holding:
            raise Stale("has no key of this use now", code="no-valid-key", agency=self.agency, use=use.value)
        return max(holding, key=lambda record: (record.valid_from, record.key_id))

    def valid_on(
        self, use: KeyUse, key_id: str, on: date | datetime, *, cosigned_at: datetime | None = None
    ) -> PublicKeyRecord:
        """Return a key, once it held on this day or at this time and nothing speaks against its signature.

        `cosigned_at` is the time of a cosigned checkpoint that covers what was signed: only that dates a
        signature independently of the key's holder, so only with it a revoked key still counts.

        Raises:
            NotFound: code `unknown-key`.
            Stale: code `key-not-valid`: the key did not hold then.
            VerificationFailed: code `key-revoked`.
        """
        record = self.by_id(use, key_id)
        if not record.covers(on):
            raise Stale("the key did not hold then", code="key-not-valid", agency=self.agency, key_id=key_id)
        if record.revoked_since is not None and (cosigned_at is None or cosigned_at >= record.revoked_since):
            raise VerificationFailed(
                "the key is revoked", code="key-revoked", agency=self.agency, key_id=key_id
            )
        return record
