"""The usual question: one recipient, one release, one portion, one interview, from which others differ.

Cases and canaries start from it and state only what is different.
"""

from __future__ import annotations

from typing import Final

from gateway.record.subject_consent import ConsentState
from gateway.record.vocabulary import AgeClass, Fact, Lane, LegalBasis, Provenance, Purpose, RoleClass, Rung
from policy.request import UNMARKED, Interviewee, PortionAttributes, Recipient, ReleaseContext
from policy.vocabulary import Target

POLICE: Final = Recipient(
    id="police.ro",
    kind="leo",
    country="RO",
    regime="led",
    alert=False,
    functions=frozenset({"anti-trafficking"}),
    communities=frozenset({"thb"}),
    agreements=frozenset({"nl-ro-2030"}),
    safeguards=True,
)
"""The usual recipient: police of another member state, anti-trafficking."""

ASKED: Final = ReleaseContext(
    purpose=Purpose.INVESTIGATION,
    legal_basis=LegalBasis.LAW_ENFORCEMENT_TASK,
    lane=Lane.ROUTINE,
    approvals=frozenset(),
    self_id="police.nl",
    self_kind="leo",
    originator="police.nl",
    marking=UNMARKED._replace(close_holders=True),
    onward_consent=False,
    provenance=frozenset({Provenance.OFFICIAL}),
    from_provider=False,
    necessity=False,
    target=Target.UNKNOWN,
    correction=False,
    over_budget=False,
    break_glass=False,
    threat_stated=False,
    review_outstanding=False,
)
"""The usual circumstances: an own record, for an investigation, with nothing special about it."""

NAME: Final = PortionAttributes(
    category="person.name",
    classes=frozenset({"victim-identifying"}),
    role=RoleClass.VICTIM,
    age=AgeClass.ADULT,
    facts=frozenset({Fact.COUNTRY_SAFE}),
    consent=ConsentState.NOT_ASKED,
    rungs=(Rung.EXACT,),
    do_not_reinterview=False,
    harmful_wording=False,
    graded=True,
    singles_out=False,
    count=0,
    marking=UNMARKED,
)
"""The usual portion: the name of an adult victim."""

INTERVIEWEE: Final = Interviewee(
    role=RoleClass.VICTIM,
    age=AgeClass.ADULT,
    do_not_reinterview=False,
    reason_stated=False,
    specialised_staff=False,
    representative=False,
    sessions_stated=False,
)
"""The usual interview: with an adult victim, of whom nothing speaks against it."""
