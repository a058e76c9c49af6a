"""Considering: what an originator's own policy says to a holder's wish to pass its record on.

It is decided as if the originator released the same portions to the third agency itself. What it would not
release, it does not agree to; what it would release only with approvals, takes the same approvals here.

Source: DESIGN section 5; THREATS A22, A24; ADR 0021.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from gateway.errors import VerificationFailed
from gateway.flow.decide import recipient_of
from gateway.flow.gateway import Gateway
from gateway.flow.grant import grants_of, required_of
from gateway.flow.keeping import CONSENT, PORTIONS, RELEASE, Owner, read_body
from gateway.flow.passing.weighing import goes_on
from gateway.flow.past import Past, Ruling
from gateway.flow.prepare import Submission, unpack_portions
from gateway.flow.question import Question, Stated
from gateway.ledger.kinds import FinalCode
from gateway.record.portion import leaf_of, parse_portion
from gateway.record.vocabulary import Lane, Rung
from gateway.release.consent import Consent, parse_consent
from gateway.release.consent_request import ConsentRequest
from gateway.release.disclosure import disclosed_leaves
from gateway.release.duty import merge_tokens
from gateway.release.hold import ORIGINATOR
from gateway.release.link import Key
from gateway.release.narrowing import Narrowing
from gateway.release.release import parse_release
from gateway.store.rows import RecordRow
from policy.decision import Outcome

CONSENT_LIFE: Final = timedelta(days=30)
"""How long a consent may be used: for its way back, the holder's own officers, and the onward delivery."""

RELEASING: Final = "RLO:1"
"""A consent is a release by another way: a releasing officer gives it, whatever else it takes."""

Wanted = Mapping[Key, tuple[Rung, bytes]]
"""What is asked for: by (entity, field) the rung, and its leaf."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered:
    """A request as it would be answered now.

    `narrowing` is what of the record stays, `leaves` what may go on (none means no), `required` what officers
    must agree to first.
    """

    ruling: Ruling
    narrowing: Narrowing
    leaves: tuple[bytes, ...]
    required: tuple[str, ...]

    @property
    def refused(self) -> bool:
        """Whether own policy refuses, whoever would agree."""
        return not self.leaves


def wanted_of(gateway: Gateway, record: RecordRow, owner: Owner, request: ConsentRequest) -> Wanted:
    """Return which portions a request asks for.

    Only what the asking agency was shown may be asked for: of any other leaf, a decoy's too, it hears the
    same. Or it would learn which leaves of a statement are portions.

    Raises:
        VerificationFailed: code `disclosure-invalid`: it was not shown one of them, or names one field twice.
    """
    if not frozenset(request.leaves) <= _shown_to(gateway, record, owner, request.sender):
        raise _not_shown("names what this agency was not shown")
    wanted: dict[Key, tuple[Rung, bytes]] = {}
    asked = frozenset(request.leaves)
    for data in unpack_portions(read_body(gateway, owner, PORTIONS)):
        if (leaf := leaf_of(data)) not in asked:
            continue
        portion = parse_portion(data)
        key = (portion.entity, portion.field)
        if key in wanted:
            raise _not_shown("names one field twice")
        wanted[key] = (portion.rung, leaf)
    if len(wanted) != len(asked):
        raise _not_shown("names what is no portion of it")
    return wanted


def _not_shown(message: str) -> VerificationFailed:
    return VerificationFailed(message, code=FinalCode.DISCLOSURE_INVALID, field="request.leaves")


def _shown_to(gateway: Gateway, record: RecordRow, owner: Owner, agency: str) -> frozenset[bytes]:
    """Return the leaves of what left for an agency, and of what others were let pass on to it."""
    shown: set[bytes] = set()
    for exchange in gateway.read.exchanges_of_record(record.originator, record.record_id, record.version):
        if (exchange.direction, exchange.peer) != ("out", agency) or exchange.message_id is None:
            continue
        asked = gateway.read.consent_of_exchange(exchange.exchange_id)
        if asked is None:
            release = parse_release(read_body(gateway, owner, RELEASE, exchange.exchange_id))
            shown |= disclosed_leaves(release.disclosure)
        elif exchange.state == CONSENTED:
            shown.update(parse_consent(read_body(gateway, owner, CONSENT, exchange.exchange_id)).leaves)
    return frozenset(shown)


CONSENTED: Final = "consented"
"""State of the originator's exchange once its consent has left."""


def consider(
    gateway: Gateway,
    request: ConsentRequest,
    submission: Submission,
    wanted: Wanted,
    *,
    actor: str,
    now: datetime,
) -> Considered:
    """Return how a request is answered: by what own policy lets go anyhow, and only for what that leaves out
    by what approvals would let go.

    Raises:
        Refused, Stale: the third agency takes no part, or what is known of it is too old.
    """
    question = Question(
        recipient=recipient_of(gateway, request.recipient, now, purpose=request.purpose),
        purpose=request.purpose,
        legal_basis=request.legal_basis,
        lane=Lane.ROUTINE,
        today=now.date(),
    )
    past = Past(gateway, now)
    (people,) = past.people([submission])
    free = considered(past.decided_again(submission, people, question, actor), wanted)
    left_out = {key for key, (_, leaf) in wanted.items() if leaf not in free.leaves}
    if not left_out:
        return free
    ask = frozenset(cut.category for cut in submission.cuts if cut[:2] in left_out)
    more = replace(question, stated=Stated(ask=ask))
    asked = considered(past.decided_again(submission, people, more, actor), wanted)
    # Officers are not asked for what they cannot open.
    return asked if len(asked.leaves) > len(free.leaves) else free


def considered(
    ruling: Ruling,
    wanted: Wanted,
    narrowing: Narrowing = Narrowing(),  # noqa: B008  frozen
) -> Considered:
    """Return what a decision about the whole record comes to for the portions wanted."""
    verdicts = ruling.verdicts
    asked = Narrowing(
        withheld=frozenset(key for key in verdicts.by_field if key not in wanted),
        coarser={key: rung for key, (rung, _) in wanted.items()},
    ).and_also(narrowing)
    grants = grants_of(verdicts, asked)
    permitted = {
        key: leaf
        for key, (rung, leaf) in wanted.items()
        if key in grants and grants[key].rung is rung and goes_on(verdicts.by_field[key][1])
    }
    staying = Narrowing(withheld=frozenset(key for key in verdicts.by_field if key not in permitted))
    left = asked.and_also(staying)
    required = merge_tokens([*required_of(verdicts, left), RELEASING])
    # Consent that rests on a third agency's own consent is not ours to give.
    theirs = any(token.partition(":")[0] == ORIGINATOR for token in required)
    none = verdicts.decision.outcome is Outcome.DENIED or theirs
    return Considered(
        ruling=ruling,
        narrowing=left,
        leaves=() if none else tuple(sorted(permitted.values())),
        required=required,
    )


def consent_of(
    request: ConsentRequest, leaves: tuple[bytes, ...], submission: Submission, on: date
) -> Consent:
    """Return the consent that would be signed: usable for `CONSENT_LIFE`, never past the record's own end."""
    ends = [on + CONSENT_LIFE, submission.statement.retain_until]
    if submission.marking.expires is not None:
        ends.append(submission.marking.expires)
    return request.consent(leaves, given_on=on, expires=min(ends))
