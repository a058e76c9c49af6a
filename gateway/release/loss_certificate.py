"""The loss certificate: what a document written of disclosures says less, or otherwise, than they do.

Whoever holds the document and the certificate can tell what was left out of it and why, and that neither was
changed since. It holds no value of any record, so it may be shown to whoever sees the document.

Source: DESIGN section 13; PROTOCOL section 2 (Signed objects).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from gateway.errors import Malformed, VerificationFailed
from gateway.ledger.tree import HASH_BYTES
from gateway.record.encoding import read
from gateway.record.text import check_agency_id, check_text, check_uuid7
from gateway.record.vocabulary import Purpose
from gateway.record.wire_bytes import Limits
from gateway.v1 import certificate_pb2 as pb
from gateway.v1 import marking_pb2
from keys.signed import SignedType, peek, sign, verify
from keys.signer import Signer

EFFECTS: Final = ("dropped", "generalised", "invented", "kept-as-extension")
"""What may have happened to a value between two formats."""

_LIMITS: Final = Limits(size_bytes=16 * 1024 * 1024, depth=4, elements=1_000_000)
_TIME_MS_MAX: Final = 253_402_300_800_000  # The year 10000: beyond it no calendar date exists.


@dataclass(frozen=True, slots=True)
class CertifiedLoss:
    """One value that did not come through as it was: its path in the record, one of `EFFECTS`, and why."""

    path: str
    effect: str
    why: str

    def __post_init__(self) -> None:
        if not self.path or not self.why:
            raise Malformed("names a path and a reason", field="loss", code="empty-loss")
        if self.effect not in EFFECTS:
            raise Malformed(f"is none of: {', '.join(EFFECTS)}", field="loss.effect", code="unknown-value")
        check_text(self.path, "loss.path")
        check_text(self.why, "loss.why")


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedView:
    """One disclosure in the document, and what of it the document does not say as it does."""

    exchange: str
    originator: str
    record: str
    version: int
    losses: tuple[CertifiedLoss, ...]

    def __post_init__(self) -> None:
        check_uuid7(self.exchange, "view.exchange")
        check_agency_id(self.originator, "view.originator")
        check_uuid7(self.record, "view.record")
        if self.version < 1:
            raise Malformed("counts from 1", field="view.version")


@dataclass(frozen=True, slots=True, kw_only=True)
class LossCertificate:
    """What one document lost, added and was allowed to.

    `document` is SHA-256 of its `size` bytes; `written_at_ms` is milliseconds UTC; `allowed` lists, sorted,
    the caveats it was allowed to lose, and `identity` where protected persons may stand in it.
    """

    agency: str
    format: str
    form: str
    document: bytes
    size: int
    written_at_ms: int
    purpose: Purpose
    allowed: tuple[str, ...]
    views: tuple[CertifiedView, ...]

    def __post_init__(self) -> None:
        check_agency_id(self.agency, "certificate.agency")
        for field in ("format", "form", *self.allowed):
            check_text(getattr(self, field, field), f"certificate.{field}")
        if len(self.document) != HASH_BYTES:
            raise Malformed(f"is not {HASH_BYTES} bytes", field="certificate.document")
        if not 0 < self.written_at_ms < _TIME_MS_MAX:
            raise Malformed("is not a time", field="certificate.written_at")
        if any(left >= right for left, right in pairwise(self.allowed)):
            raise Malformed("is not sorted and distinct", field="certificate.allowed")
        if not self.views:
            raise Malformed("speaks of no disclosure", field="certificate.views")
        if len({view.exchange for view in self.views}) != len(self.views):
            raise Malformed("speaks of one disclosure twice", field="certificate.views")

    def encode(self) -> bytes:
        """Return the certificate's bytes, to be signed."""
        return pb.LossCertificate(
            agency=self.agency,
            format=self.format,
            form=self.form,
            document=self.document,
            size=self.size,
            written_at=self.written_at_ms,
            purpose=marking_pb2.Purpose.ValueType(self.purpose),
            allowed=self.allowed,
            views=[
                pb.CertifiedView(
                    exchange=view.exchange,
                    originator=view.originator,
                    record=view.record,
                    version=view.version,
                    losses=[
                        pb.CertifiedLoss(path=one.path, effect=one.effect, why=one.why) for one in view.losses
                    ],
                )
                for view in self.views
            ],
        ).SerializeToString(deterministic=True)


def sign_certificate(certificate: LossCertificate, signer: Signer) -> bytes:
    """Return the Signed certificate, under the gateway's signing key."""
    return sign(SignedType.LOSS_CERTIFICATE, certificate.encode(), signer)


def peek_certificate(signed: bytes) -> tuple[LossCertificate, str]:
    """Return what a Signed certificate claims and the key id it names, NOT verified: to find the key with.

    Raises:
        Malformed: no certificate, or not in its one encoding.
        VerificationFailed: code `wrong-type`: something else that is signed.
    """
    claimed = peek(signed)
    if claimed.type is not SignedType.LOSS_CERTIFICATE:
        raise VerificationFailed("is no loss certificate", code="wrong-type", field="certificate")
    return _parse(claimed.body), claimed.key_id


def verify_certificate(signed: bytes, public_key: bytes, *, digest: bytes, size: int) -> LossCertificate:
    """Return the certificate, once it is signed under this key and speaks of exactly the document of this
    SHA-256 and length.

    Raises:
        Malformed: not in its one encoding.
        VerificationFailed: code `wrong-type`, `wrong-key`, `bad-signature`, or `other-document`.
    """
    body = verify(signed, expected=SignedType.LOSS_CERTIFICATE, public_key=public_key)
    certificate = _parse(body)
    if (certificate.document, certificate.size) != (digest, size):
        raise VerificationFailed(
            "is not the document it speaks of, or was changed since", code="other-document", field="document"
        )
    return certificate


def _parse(body: bytes) -> LossCertificate:
    return read(pb.LossCertificate, body, _certificate, limits=_LIMITS, field="certificate")


def _certificate(message: pb.LossCertificate) -> LossCertificate:
    return LossCertificate(
        agency=message.agency,
        format=message.format,
        form=message.form,
        document=message.document,
        size=message.size,
        written_at_ms=message.written_at,
        purpose=Purpose.from_number(message.purpose, "certificate.purpose"),
        allowed=tuple(message.allowed),
        views=tuple(
            CertifiedView(
                exchange=view.exchange,
                originator=view.originator,
                record=view.record,
                version=view.version,
                losses=tuple(CertifiedLoss(one.path, one.effect, one.why) for one in view.losses),
            )
            for view in message.views
        ),
    )
