"""What an officer is shown, read again on their own machine from the very bytes they would sign.

Source: PROTOCOL section 4; THREATS A19, A25.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from hashlib import sha256

from gateway.errors import VerificationFailed
from gateway.flow.preview import value_text
from gateway.flow.review.showing import WITHHELD, FieldLine, HoldView, leaving_portions
from gateway.release.hold import officers_tokens
from gateway.release.release import Release, parse_release


def checked_release(view: HoldView) -> Release:
    """Return the release an officer is shown, read from the bytes that would be signed on this machine.

    Raises:
        VerificationFailed: code `other-bytes`: the gateway shows one thing and would have another signed.
    """
    body = base64.b64decode(view.release)
    release = parse_release(body)
    told = (view.digest, view.recipient, view.purpose)
    if (sha256(body).hexdigest(), release.recipient, release.purpose.token) != told:
        raise VerificationFailed(
            "the gateway shows another release than it would have signed", code="other-bytes", field="digest"
        )
    leaving = leaving_portions(release)
    for line in view.lines:
        portion = leaving.pop((line.name, line.number), None)
        text = "" if portion is None else value_text(line.name, line.number, portion.value)
        if (WITHHELD if portion is None else portion.rung.token, text) != (line.rung, line.text):
            raise VerificationFailed(
                f"{line.path} is shown otherwise than it would leave", code="other-bytes", field="release"
            )
    if leaving:
        raise VerificationFailed("more would leave than is shown", code="other-bytes", field="release")
    return release


def opened(view: HoldView) -> Sequence[FieldLine]:
    """Return the fields that leave, or leave as precisely, only because officers approve.

    Where an approval is asked for the release as a whole, all that leaves is opened by it. A field that the
    record does not explain is opened by the approval too: nothing else lets it out.
    """
    leaving = [line for line in view.lines if line.rung != WITHHELD]
    needs = {_duty(token) for line in leaving for token in line.needs}
    whole = {_duty(token) for token in officers_tokens(view.required)} - needs
    return [line for line in leaving if whole or line.needs or not line.path]


def _duty(token: str) -> str:
    return token.partition(":")[0]
