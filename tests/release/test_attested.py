"""Facts of persons: what is attested may not be belied by the consents, care and safety shown beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from gateway.errors import VerificationFailed
from gateway.record.vocabulary import Fact, Purpose
from gateway.release.disclosure import make_disclosure, verify_disclosure
from gateway.release.protection_class import ProtectionClass
from gateway.v1 import marking_pb2
from gateway.v1 import record_pb2 as pb
from tests.release.case import POLICE, SHELTER, TO_SHELTER, TODAY, Case, record, signer

NAME, AGE_STATUS, CONSENTS, SAFETY, CARE = 3, 7, 33, 34, 40
CONSENT, SUPPORT, SAFE = Fact.CONSENT_VALID, Fact.SUPPORTS_SUBJECT, Fact.COUNTRY_SAFE
PUBLIC = signer(POLICE).public_key

Change = Callable[[pb.Person], None]
Shown = tuple[str, int]


def consenting(**changes: object) -> Change:
    """Return a change that adds a consent to what the shelter is sent here; `changes` make it another one."""

    def change(person: pb.Person) -> None:
        given = person.consents.add(status=pb.ConsentStatus.CONSENT_STATUS_GIVEN, expires=TODAY.isoformat())
        given.recipients.append(SHELTER)
        given.purposes.append(marking_pb2.PURPOSE_VICTIM_PROTECTION)
        for name, value in changes.items():
            if isinstance(value, list):
                del getattr(given, name)[:]
                getattr(given, name).extend(value)
            else:
                setattr(given, name, value)

    return change


WITHDRAWN = consenting(status=pb.ConsentStatus.CONSENT_STATUS_WITHDRAWN)
REFUSED = consenting(status=pb.ConsentStatus.CONSENT_STATUS_REFUSED)
BY_GUARDIAN = consenting(
    status=pb.ConsentStatus.CONSENT_STATUS_GUARDIAN_GIVEN, child_view_recorded=True, guardian_is_suspect=False
)


def cared_for_by(*providers: str) -> Change:
    def change(person: pb.Person) -> None:
        for provider in providers:
            person.care.add(provider=provider)

    return change


def afraid_of(*countries: str) -> Change:
    def change(person: pb.Person) -> None:
        person.safety.unsafe_countries.extend(countries)

    return change


def minor(person: pb.Person) -> None:
    person.age_status = pb.AgeStatus.AGE_STATUS_MINOR
    person.birth.year = 2015


def case_of(*changes: Change, also: Change | None = None) -> Case:
    """Return the case whose victim is changed, and whose car both she and the suspect use."""
    made = record()
    for change in changes:
        change(made.persons[0])
    if also is not None:
        also(made.persons[1])
    for number, user in enumerate("vs"):
        tie = made.relationships.add(id=f"u{number}")
        setattr(tie.link, "from", user)
        tie.link.to, tie.link.kind = "c", pb.RelationKind.RELATION_KIND_USES
    return Case(made, label="attested")


def disclosed(case: Case, fact: Fact, of: Shown, *beside: Shown) -> bytes:
    """Return a disclosure that attests the fact of one portion and of nothing beside it."""
    picked = []
    for shown in (of, *beside):
        one = case.cut(*shown)
        facts = frozenset({fact}) if shown == of else frozenset()
        protection = ProtectionClass(
            role=one.role, age=one.age, category=one.category, rung=one.rung, facts=facts
        )
        picked.append((one.leaf, one.data, protection))
    return make_disclosure(case.signed, picked)


def passes(data: bytes, *, day: date = TODAY, purpose: Purpose = Purpose.VICTIM_PROTECTION) -> bool:
    """Tell whether a disclosure verifies at the shelter; the only other answer is a contradiction."""
    try:
        verify_disclosure(data, lambda *_asked: PUBLIC, replace(TO_SHELTER, day=day, purpose=purpose))
    except VerificationFailed as exc:
        assert (exc.code, exc.facts["cause"], exc.field) == (
            "disclosure-invalid",
            "contradiction",
            "class.facts",
        )
        return False
    return True


@pytest.mark.parametrize("ending", [WITHDRAWN, REFUSED])
def test_a_consent_shown_as_withdrawn_belies_that_it_is_valid(ending: Change) -> None:
    data = disclosed(case_of(consenting(), ending), CONSENT, ("v", NAME), ("v", CONSENTS))

    assert not passes(data)
    assert passes(disclosed(case_of(consenting()), CONSENT, ("v", NAME), ("v", CONSENTS)))


def test_a_consent_that_stays_at_home_belies_nothing() -> None:
    assert passes(disclosed(case_of(WITHDRAWN), CONSENT, ("v", NAME)))


def test_a_withdrawn_consent_may_be_shown_where_none_is_attested() -> None:
    assert passes(disclosed(case_of(WITHDRAWN), SAFE, ("v", NAME), ("v", CONSENTS)))


@pytest.mark.parametrize(
    "other",
    [
        consenting(recipients=["other.ngo"]),
        consenting(recipients=[]),
        consenting(purposes=[marking_pb2.PURPOSE_INVESTIGATION]),
        consenting(expires=(TODAY - timedelta(days=1)).isoformat()),
        BY_GUARDIAN,
    ],
    ids=["for another", "for nobody", "for another purpose", "until yesterday", "by an adult's guardian"],
)
def test_consents_shown_of_which_none_covers_this_belie_that_one_is_valid(other: Change) -> None:
    one = disclosed(case_of(other), CONSENT, ("v", NAME), ("v", CONSENTS))
    both = disclosed(case_of(other, consenting()), CONSENT, ("v", NAME), ("v", CONSENTS))

    assert not passes(one)
    assert passes(both)


def test_a_consent_covers_its_last_day_and_its_own_purpose_only() -> None:
    data = disclosed(case_of(consenting()), CONSENT, ("v", NAME), ("v", CONSENTS))

    assert passes(data, day=TODAY)
    assert not passes(data, day=TODAY + timedelta(days=1))
    assert not passes(data, purpose=Purpose.INVESTIGATION)


def test_a_minors_own_consent_belies_that_there_is_a_valid_one() -> None:
    own = disclosed(case_of(minor, consenting()), CONSENT, ("v", NAME), ("v", CONSENTS))
    guardians = disclosed(case_of(minor, BY_GUARDIAN), CONSENT, ("v", NAME), ("v", CONSENTS))

    assert not passes(own)
    assert passes(guardians)


def test_care_by_others_belies_that_the_recipient_supports_her() -> None:
    others = disclosed(case_of(cared_for_by("help.nl")), SUPPORT, ("v", NAME), ("v", CARE))
    among = disclosed(case_of(cared_for_by("help.nl", SHELTER)), SUPPORT, ("v", NAME), ("v", CARE))

    assert not passes(others)
    assert passes(among)
    assert passes(disclosed(case_of(cared_for_by("help.nl")), SUPPORT, ("v", NAME)))


def test_a_country_shown_as_feared_belies_that_it_is_safe() -> None:
    here = disclosed(case_of(afraid_of("XA", "NL")), SAFE, ("v", NAME), ("v", SAFETY))
    elsewhere = disclosed(case_of(afraid_of("XA")), SAFE, ("v", NAME), ("v", SAFETY))

    assert not passes(here)
    assert passes(elsewhere)
    assert passes(disclosed(case_of(afraid_of("NL")), SAFE, ("v", NAME)))


@pytest.mark.parametrize(
    ("fact", "change", "field"),
    [
        (CONSENT, WITHDRAWN, CONSENTS),
        (SUPPORT, cared_for_by("help.nl"), CARE),
        (SAFE, afraid_of("NL"), SAFETY),
    ],
)
@pytest.mark.parametrize("tied", [("a", 3), ("c", 3), ("u0", 3)])
def test_what_a_shown_link_ties_to_her_is_belied_with_her(
    fact: Fact, change: Change, field: int, tied: Shown
) -> None:
    links: list[Shown] = [("a", 4), ("u0", 3)]
    ends: list[Shown] = [("a", 3), ("c", 3), ("v", NAME)]
    beside = [one for one in (*links, *ends) if one != tied]

    assert not passes(disclosed(case_of(change), fact, tied, *beside, ("v", field)))

    assert passes(disclosed(case_of(change), fact, tied, *beside))
    if tied not in links:
        assert passes(disclosed(case_of(change), fact, tied, ("v", NAME), ("v", field)))


def test_her_consent_is_enough_for_what_she_shares_with_a_suspect() -> None:
    """Only protected persons consent, so a suspect's withdrawal says nothing of the car they both use."""
    case = case_of(consenting(), also=WITHDRAWN)
    links: list[Shown] = [("u0", 3), ("u1", 3), ("v", NAME), ("s", NAME)]

    assert passes(disclosed(case, CONSENT, ("c", 3), *links, ("v", CONSENTS), ("s", CONSENTS)))

    assert not passes(disclosed(case, CONSENT, ("s", NAME), ("s", CONSENTS)))
    afraid = case_of(consenting(), also=afraid_of("NL"))
    assert not passes(disclosed(afraid, SAFE, ("c", 3), *links, ("s", SAFETY)))


def test_each_consents_at_an_age_of_its_own() -> None:
    """A minor and an adult share a car: the class beside it is a minor's, the adult's consent her own."""
    grown = case_of(minor, BY_GUARDIAN, also=_victim_too(consenting()))
    links: list[Shown] = [("u0", 3), ("u1", 3), ("v", NAME), ("s", NAME), ("v", CONSENTS), ("s", CONSENTS)]

    assert passes(disclosed(grown, CONSENT, ("c", 3), *links))

    for first, second in ((consenting(), consenting()), (BY_GUARDIAN, WITHDRAWN)):
        case = case_of(minor, first, also=_victim_too(second))
        assert not passes(disclosed(case, CONSENT, ("c", 3), *links))


def _victim_too(change: Change) -> Change:
    def both(person: pb.Person) -> None:
        person.role = pb.Role.ROLE_VICTIM
        change(person)

    return both
