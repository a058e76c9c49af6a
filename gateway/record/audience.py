"""Who may have content under a marking: the questions a decision asks of it, as pure functions.

Each of them answers for a join exactly as for both markings it was made of.
"""

from __future__ import annotations

from datetime import date

from gateway.record.marking import CEILING, Marking
from gateway.record.vocabulary import Purpose


def admits(marking: Marking, *, agency: str, communities: frozenset[str], originator: str) -> bool:
    """Tell whether an agency, member of these communities, is among those who may have it at all.

    An empty `rel` leaves the originator alone, which has its own content whatever it says of others. Above
    the ceiling nobody gets it through a gateway.
    """
    if marking.nobody or marking.level > CEILING:
        return False
    if agency == originator:
        return True
    return (
        (marking.rel is None or agency in marking.rel)
        and agency not in marking.excl
        and marking.compart <= communities
    )


def permits(marking: Marking, purpose: Purpose | None) -> bool:
    """Tell whether a purpose is a permitted one; none stated never is."""
    return purpose is not None and (marking.purposes is None or purpose in marking.purposes)


def is_over(marking: Marking, today: date) -> bool:
    """Tell whether its last day of use has passed."""
    return marking.expires is not None and marking.expires < today


def releasable(
    marking: Marking,
    *,
    agency: str,
    communities: frozenset[str],
    originator: str,
    purpose: Purpose | None,
    today: date,
) -> bool:
    """Tell whether a marking lets an agency have content for a purpose today.

    What must be agreed to first (`consent`, `notes`) is not asked here: it holds a
    release, it does not bar it.
    """
    return (
        admits(marking, agency=agency, communities=communities, originator=originator)
        and permits(marking, purpose)
        and not is_over(marking, today)
    )
