"""Writing documents: what came in, in a foreign format for the agency's own systems, with a loss certificate.

Every document is a reading of each disclosure in it: verified again from the stored bytes, ledgered before it
leaves, with the digest of the certificate that says what it lost. What binds the reader goes along.

Source: DESIGN sections 12 and 13; PROTOCOL section 2; THREATS A41, P4.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from adapters.adapter import Renderer
from adapters.caveats import Caveat
from adapters.export import Disclosed, Exported, export
from adapters.loss import Loss
from adapters.registry import find_renderer
from gateway.errors import GatewayError, Malformed, Refused
from gateway.flow.consult import Opened, open_arrival, reading_unit
from gateway.flow.gateway import Gateway
from gateway.flow.peers import signing_key
from gateway.record.marking import Holders
from gateway.record.moment import to_ms
from gateway.record.view import merge
from gateway.record.vocabulary import ObligationCode, Purpose
from gateway.release.loss_certificate import (
    CertifiedLoss,
    CertifiedView,
    LossCertificate,
    peek_certificate,
    sign_certificate,
    verify_certificate,
)
from gateway.release.obligation import DUTIES
from gateway.release.release import Release

IDENTITY: Final = "identity"
"""The allowance that protected persons may stand in the document as policy let them out to this agency."""

ALLOWANCES: Final = (*(caveat.value for caveat in Caveat), IDENTITY)
"""What a caller may allow a document to lose or to show."""

_VIEW: Final = re.compile(r"^views\[(\d+)\]")

VIEWS_MAX: Final = 256
"""Most disclosures in one document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be written, for a purpose: the exchanges, in the order of the document, a format and a form.

    An empty `form` means the first one of the format; `allowed` are members of `ALLOWANCES`.
    """

    exchanges: tuple[str, ...]
    purpose: Purpose
    format: str
    form: str = ""
    allowed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A document and its Signed loss certificate."""

    data: bytes
    certificate: bytes


def write_document(gateway: Gateway, order: Order, *, actor: str, now: datetime) -> Written:
    """Return one document of what came with these exchanges.

    Raises:
        NotFound: nothing came with one of them; code `unknown-format` or `unknown-form`.
        Refused: code `other-purpose`, `use-ended`, `display-only`, `caveat-lost`, `nothing-to-render`;
            `caveats-owed`: one came under the duty to keep its caveats with it, which no caller can lift;
            `for-named-persons`: one may be held by named persons only, so nobody else may be shown in it.
        Malformed: code `unknown-value`: no such allowance; `too-many-views`, `duplicate-id`.
    """
    _check(order)
    renderer = find_renderer(order.format)
    form = order.form or renderer.forms[0]
    opened = [open_arrival(gateway, one, order.purpose, now) for one in order.exchanges]
    for one in opened:
        _check_allowed(order, one)
    exported = _export(gateway, order, renderer, form, opened, now=now)
    certificate = LossCertificate(
        agency=gateway.me,
        format=order.format,
        form=form,
        document=sha256(exported.data).digest(),
        size=len(exported.data),
        written_at_ms=to_ms(now),
        purpose=order.purpose,
        allowed=tuple(sorted(order.allowed)),
        views=tuple(_certified(one, losses) for one, losses in zip(opened, exported.losses, strict=True)),
    )
    signed = sign_certificate(certificate, gateway.signing)
    digest = sha256(signed).digest()
    units = [
        reading_unit(
            gateway,
            one.record,
            one.exchange_id,
            purpose=order.purpose,
            actor=actor,
            now=now,
            written=digest,
        )
        for one in opened
    ]
    for outcome in gateway.store.writer.commit(units):
        if isinstance(outcome, GatewayError):
            raise outcome
    return Written(data=exported.data, certificate=signed)


def check_document(gateway: Gateway, signed: bytes, *, digest: bytes, size: int) -> str:
    """Return the id of the key under which a member of the federation signed a certificate for exactly the
    document of this SHA-256 and length.

    Raises:
        Malformed, VerificationFailed: as `verify_certificate`.
        NotFound, Stale: the directory lists no such agency or key, or the key was not valid on that day.
    """
    claimed, key_id = peek_certificate(signed)
    on = datetime.fromtimestamp(claimed.written_at_ms / 1000, UTC).date()
    key = signing_key(gateway, claimed.agency, key_id, on, None)
    verify_certificate(signed, key, digest=digest, size=size)
    return key_id


def _check(order: Order) -> None:
    unknown = sorted(order.allowed.difference(ALLOWANCES))
    if unknown:
        raise Malformed(f"is none of: {', '.join(ALLOWANCES)}", field="allow", code="unknown-value")
    if not 0 < len(order.exchanges) <= VIEWS_MAX:
        raise Malformed(f"are from 1 to {VIEWS_MAX}", field="exchanges", code="too-many-views")
    if len(set(order.exchanges)) != len(order.exchanges):
        raise Malformed("names one exchange twice", field="exchanges", code="duplicate-id")


def _check_allowed(order: Order, opened: Opened) -> None:
    release = opened.admitted.release
    owed = any(one.code is ObligationCode.GRADE_AND_CAVEAT for one in release.obligations)
    if owed and order.allowed - {IDENTITY}:
        raise Refused(
            "came under the duty to keep its evaluation and its caveats with it, so none may be lost",
            field=opened.exchange_id,
            code="caveats-owed",
        )
    if IDENTITY in order.allowed and release.marking.holders is Holders.PERSON:
        raise Refused(
            "may be held by named persons only, so nobody protected may stand in a file of it",
            field=opened.exchange_id,
            code="for-named-persons",
        )


def _export(
    gateway: Gateway,
    order: Order,
    renderer: Renderer,
    form: str,
    opened: Sequence[Opened],
    *,
    now: datetime,
) -> Exported:
    disclosed = [
        Disclosed(
            record=merge(one.admitted.disclosure.portions),
            marking=one.admitted.release.marking,
            discloser=one.sender,
            pseudonyms=dict(one.admitted.release.pseudonyms),
            duties=_duties(one.admitted.release),
        )
        for one in opened
    ]
    try:
        return export(
            disclosed,
            renderer,
            form=form,
            today=now.date(),
            exercise=gateway.exercise,
            allowed=frozenset(Caveat(one) for one in order.allowed - {IDENTITY}),
            identity=IDENTITY in order.allowed,
        )
    except GatewayError as exc:
        # A caller knows exchanges, and not their places among the views.
        exc.field = _VIEW.sub(lambda place: order.exchanges[int(place[1])], exc.field)
        raise


def _duties(release: Release) -> list[str]:
    said = [DUTIES[one.code] for one in release.obligations]
    told = [f"{duty[0].upper()}{duty[1:]}." for duty in said]
    return [*told, f"Last day of use: {release.expires_at.isoformat()}."]


def _certified(opened: Opened, losses: Sequence[Loss]) -> CertifiedView:
    return CertifiedView(
        exchange=opened.exchange_id,
        originator=opened.record.originator,
        record=opened.record.record_id,
        version=opened.record.version,
        losses=tuple(CertifiedLoss(one.path, one.effect.value, one.why) for one in losses),
    )
