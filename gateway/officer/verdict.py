"""An officer's verdict on a hold, made and signed on their own machine: over what was shown, and in a duty.

Source: PROTOCOL section 4; THREATS A19, A20, A52.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.errors import Malformed, Refused
from gateway.flow.review.enrol import Enrolled
from gateway.flow.review.held import SKEW_S
from gateway.flow.review.showing import HoldView
from gateway.officer.shown import checked_matter
from gateway.record.moment import to_ms
from gateway.record.vocabulary import Duty, Purpose
from keys.approval import Approval, Verdict, sign_approval
from keys.signer import Signer


def check_clock(view: HoldView, now: datetime) -> None:
    """Pass only if this machine's clock and the gateway's agree, by when a hold was shown.

    Raises:
        Refused: code `clock-skew`.
    """
    if abs(view.now_ms - to_ms(now)) > SKEW_S * 1000:
        raise Refused(
            "this machine's clock and the gateway's are more than five minutes apart", code="clock-skew"
        )


def check_views(views: Sequence[HoldView], now: datetime) -> None:
    """Check what is about to be signed here; several must be one disclosure.

    Raises:
        Refused: code `clock-skew`; `not-identical`: they are not one disclosure.
        VerificationFailed: code `other-bytes`: what is shown is not what would be signed.
    """
    for view in views:
        check_clock(view, now)
    if len({checked_matter(view) for view in views}) > 1:
        raise Refused(
            "these are not one disclosure: approve them one by one", code="not-identical", field="EXCHANGE"
        )


def own_enrolments(officers: Sequence[Enrolled], key_id: str) -> list[Enrolled]:
    """Return the enrolments of one key.

    Raises:
        Refused: code `not-an-officer`: there is none.
    """
    own = [one for one in officers if one.key_id == key_id]
    if not own:
        raise Refused(f"key {key_id} is no enrolled officer's", code="not-an-officer", field="--key")
    return own


def duties_wanted(own: Sequence[Enrolled], missing: Sequence[str]) -> list[Duty]:
    """Return in which of their duties an officer could still be needed."""
    held = {duty for one in own for duty in one.duties}
    wanted = sorted({token.partition(":")[0] for token in missing} & held)
    return [Duty.from_token(token, "--duty") for token in wanted]


def duty_of(own: Sequence[Enrolled], missing: Sequence[str]) -> Duty:
    """Return the one duty in which an officer is needed.

    Raises:
        Refused: code `not-your-duty`.
        Malformed: code `usage`: several of them would do.
    """
    wanted = duties_wanted(own, missing)
    if not wanted:
        held = sorted({duty for one in own for duty in one.duties})
        needs = ", ".join(missing) or "nobody any more"
        raise Refused(
            f"it needs {needs}; you are {', '.join(held) or own[0].state}", code="not-your-duty", field="duty"
        )
    if len(wanted) > 1:
        choice = " or ".join(one.token for one in wanted)
        raise Malformed(f"is needed: {choice}", field="--duty", code="usage")
    return wanted[0]


def signed_verdict(view: HoldView, duty: Duty, verdict: Verdict, reason: str, signer: Signer) -> bytes:
    """Return an officer's signed word on exactly what a view shows."""
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
