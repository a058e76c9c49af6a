"""An officer's word in the making: what was shown is checked on this machine, and exactly that is signed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from gateway.cli.hold_screen import checked_matter
from gateway.cli.review_desk import ReviewDesk
from gateway.errors import Malformed, Refused
from gateway.flow.review.held import SKEW_S
from gateway.flow.review.showing import HoldView
from gateway.record.moment import to_ms
from gateway.record.vocabulary import Duty, Purpose
from keys.approval import Approval, Verdict, sign_approval
from keys.signer import Signer


def views_of_one(views: Sequence[HoldView]) -> None:
    """Check what is about to be signed here; several must be one disclosure.

    Raises:
        Refused: code `clock-skew`; `not-identical`: they are not one disclosure.
        VerificationFailed: code `other-bytes`: what is shown is not what would be signed.
    """
    skew_ms = max(abs(view.now_ms - to_ms(datetime.now(UTC))) for view in views)
    if skew_ms > SKEW_S * 1000:
        raise Refused(
            "this machine's clock and the gateway's are more than five minutes apart", code="clock-skew"
        )
    if len({checked_matter(view) for view in views}) > 1:
        raise Refused(
            "these are not one disclosure: approve them one by one", code="not-identical", field="EXCHANGE"
        )


def duty_of(desk: ReviewDesk, view: HoldView, signer: Signer, stated: str) -> Duty:
    """Return the duty an officer speaks in: the one stated, or the only one of theirs that is needed.

    Raises:
        Refused: code `not-an-officer`, `not-your-duty`.
        Malformed: code `usage`: several would do.
    """
    if stated:
        return Duty.from_token(stated.upper(), "--duty")
    own = [one for one in desk.officers() if one.key_id == signer.key_id]
    if not own:
        raise Refused(f"key {signer.key_id} is no enrolled officer's", code="not-an-officer", field="--key")
    held = {duty for one in own for duty in one.duties}
    wanted = sorted({token.partition(":")[0] for token in view.missing} & held)
    if len(wanted) > 1:
        raise Malformed(f"is needed: {' or '.join(wanted)}", field="--duty", code="usage")
    if not wanted:
        needs = ", ".join(view.missing) or "nobody any more"
        yours = ", ".join(sorted(held)) or own[0].state
        raise Refused(f"it needs {needs}; you are {yours}", code="not-your-duty", field="duty")
    return Duty.from_token(wanted[0], "--duty")


def signed_word(view: HoldView, duty: Duty, verdict: Verdict, reason: str, signer: Signer) -> bytes:
    """Return an officer's Signed approval or refusal of exactly what a view shows."""
    approval = Approval(
        release=bytes.fromhex(view.digest),
        exchange_id=view.exchange,
        recipient=view.recipient,
        purpose=Purpose.from_token(view.purpose, "purpose"),
        decision=bytes.fromhex(view.decision),
        policy=bytes.fromhex(view.policy),
        directory=bytes.fromhex(view.directory),
        duty=duty,
        verdict=verdict,
        reason=reason,
        officer=signer.key_id,
        expires_at_ms=view.expires_ms,
    )
    return sign_approval(approval, signer)
