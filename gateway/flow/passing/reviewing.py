"""What officers decide on here, as approving sees it: an onward release of ours, or a consent that we give.

Source: PROTOCOL section 4; DESIGN section 6; ADR 0021.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.flow.gateway import Gateway
from gateway.flow.passing.asked import request_on_file
from gateway.flow.passing.consenting import consent_row
from gateway.flow.passing.considering import considered, wanted_of
from gateway.flow.passing.holding import Case, settle_consent
from gateway.flow.passing.onward import Onward, onward_again
from gateway.flow.passing.settling import settle_onward
from gateway.flow.past import Ruling
from gateway.flow.prepare import Submission
from gateway.flow.question import FieldKey
from gateway.flow.review.held import Held
from gateway.flow.settle import Settled
from gateway.record.vocabulary import Rung
from gateway.release.narrowing import Narrowing
from gateway.store.review_rows import HoldRow
from gateway.store.rows import Row
from policy.decision import Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class OnwardMatter:
    """A held onward release as it would be decided now."""

    gateway: Gateway
    case: Onward

    @property
    def decision(self) -> Decision:
        """What own policy says to it now."""
        return self.case.decision

    @property
    def threat(self) -> str:
        """Nothing is passed on in an emergency: whoever recorded it can be asked."""
        return ""

    def told(self, withheld: object = ()) -> tuple[Row, ...]:
        """Return nothing: what a record tells of a person is counted by whoever recorded it."""
        return ()

    def rungs(self, key: FieldKey) -> Sequence[Rung]:
        """Return the one rung a field came at: only its originator makes it coarser."""
        return self.case.weighed.by_field[key][0].rungs

    def settled(self, *, acting: str, former: HoldRow, narrowing: Narrowing) -> Settled:
        """Return what is written where it is decided anew."""
        return settle_onward(
            self.gateway, self.case, base=0, acting=acting, former=former, narrowing=narrowing
        )


def onward_matter(gateway: Gateway, found: Held, now: datetime) -> OnwardMatter:
    """Return a held onward release as it would be decided now.

    Raises:
        NotFound: what was received is gone.
        Refused, Stale: the recipient takes no part any more, or what is known of it is too old.
    """
    return OnwardMatter(gateway=gateway, case=onward_again(gateway, found.exchange, now))


def settle_consent_again(
    gateway: Gateway,
    found: Held,
    submission: Submission,
    ruling: Ruling,
    *,
    acting: str,
    narrowing: Narrowing,
    now: datetime,
) -> Settled:
    """Return what is written where a request for our consent is decided anew.

    Raises:
        Refused, Stale: nothing can be sealed to whoever asked now.
    """
    request, owner = request_on_file(gateway, consent_row(gateway, found.hold.exchange_id))
    case = Case(
        gateway=gateway,
        record=found.record,
        owner=owner,
        request=request,
        exchange_id=found.hold.exchange_id,
        salt=b"",
        now=now,
    )
    wanted = wanted_of(gateway, found.record, owner, request)
    return settle_consent(
        case,
        submission,
        considered(ruling, wanted, narrowing),
        base=0,
        acting=acting,
        former=found.hold,
    )
