"""What an officer is shown, read again on their own machine from the very bytes they would sign.

Source: PROTOCOL section 4; THREATS A19, A25.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Sequence
from hashlib import sha256

from gateway.errors import VerificationFailed
from gateway.flow.review.lines import WITHHELD, FieldLine, by_place, differs, leaves_of
from gateway.flow.review.showing import HoldView
from gateway.release.consent import parse_consent
from gateway.release.disclosure import portions_of
from gateway.release.hold import officers_tokens
from gateway.release.release import parse_release


def checked_matter(view: HoldView) -> bytes:
    """Return what an officer is shown as it stands in the bytes that would be signed, read on this machine:
    the disclosure of a release, or a consent.

    Raises:
        VerificationFailed: code `other-bytes`: the gateway shows one thing and would have another signed.
    """
    body = base64.b64decode(view.release)
    if sha256(body).hexdigest() != view.digest:
        raise _other("the gateway shows another digest than it would have signed")
    if view.subject == "consent":
        consent = parse_consent(body)
        data = [base64.b64decode(one) for one in view.portions]
        named = (consent.sender, consent.recipient, consent.purpose.token)
        if leaves_of(data) != frozenset(consent.leaves):
            raise _other("the consent names other portions than are shown")
        matter = body
    else:
        release = parse_release(body)
        data = list(portions_of(release.disclosure))
        named = (view.asked_by, release.recipient, release.purpose.token)
        matter = release.disclosure
    if named != (view.asked_by, view.recipient, view.purpose):
        raise _other("the gateway names another recipient or purpose than it would have signed")
    if why := differs(view.lines, by_place(data)):
        raise _other(why)
    return matter


def _other(why: str) -> VerificationFailed:
    return VerificationFailed(why, code="other-bytes", field="release")


def opened(view: HoldView) -> Sequence[FieldLine]:
    """Return the fields that leave, or leave as precisely, only because officers approve.

    Where an approval is asked for the release as a whole, all that leaves is opened by it. A field that the
    record does not explain is opened by the approval too: nothing else lets it out.
    """
    leaving = [line for line in view.lines if line.rung != WITHHELD]
    asked = {_duty(token) for line in leaving for token in line.asked}
    whole = {_duty(token) for token in officers_tokens(view.required)} - asked
    return [line for line in leaving if whole or line.asked or not line.path]


def needs_nobody(view: HoldView, without: Collection[str]) -> bool:
    """Tell whether the rest may leave at once where the fields with these paths are given less precisely, or
    not at all: nothing else waits for an approval.
    """
    return all(one.path in without for one in opened(view))


def _duty(token: str) -> str:
    return token.partition(":")[0]
