"""Whatever a record holds and whatever of it is granted: an honest sender's release is admitted."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from types import MappingProxyType

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gateway.record.portion import Cut
from gateway.record.protection import subjects
from gateway.record.subject import NOBODY, Subject
from gateway.record.view import merge
from gateway.record.vocabulary import Fact
from gateway.release.plan import Grant, plan
from gateway.v1 import marking_pb2
from gateway.v1 import record_pb2 as pb
from tests.record.samples import case as rich_case
from tests.record.samples import link, marked
from tests.record.strategies import records
from tests.release.case import SEALED_ON, SHELTER, TO_SHELTER, TODAY, Case, admitted, released, terms


def _grant(one: Cut, told: Mapping[str, Subject] = MappingProxyType({})) -> Grant:
    """Return a grant of exactly this portion, with the facts true of its content and its subject."""
    subject = told.get(one.local, NOBODY)
    if (one.role, one.age) != (subject.role, subject.age):
        # It names somebody else too, of whom nothing is attested.
        return Grant(one.rung, (), one.facts)
    attested = {
        Fact.COUNTRY_SAFE: subject.is_safe_in(TO_SHELTER.country),
        Fact.SUPPORTS_SUBJECT: subject.is_supported_by(SHELTER),
        Fact.CONSENT_VALID: subject.has_consented(TO_SHELTER.purpose, SHELTER, today=TODAY),
    }
    return Grant(one.rung, (), one.facts | {fact for fact, holds in attested.items() if holds})


@st.composite
def cared_for(draw: st.DrawFn) -> pb.Record:
    """Return a record of a few persons of whom much may be attested, what they use, and what ties them."""
    made = pb.Record()
    marked(made)
    for local in ("one", "two"):
        role, age = draw(st.sampled_from(_ROLES)), draw(st.integers(0, 3))
        person = made.persons.add(id=local, role=role, age_status=pb.AgeStatus.ValueType(age) or None)
        person.names.add(given=draw(_NAMES))
        person.safety.unsafe_countries.extend(sorted(draw(st.sets(st.sampled_from(["NL", "RO"])))))
        for provider in sorted(draw(st.sets(st.sampled_from([SHELTER, "help.nl"])))):
            person.care.add(provider=provider, provider_name=draw(_NAMES))
        for status in draw(st.lists(st.integers(1, 5), max_size=2)):
            consent = person.consents.add(status=pb.ConsentStatus.ValueType(status), expires="2031-12-31")
            consent.recipients.append(SHELTER)
            consent.purposes.append(marking_pb2.Purpose.ValueType(TO_SHELTER.purpose))
            consent.child_view_recorded, consent.guardian_is_suspect = True, False
    made.vehicles.add(id="car").identity.plate = "XX-1"
    made.accounts.add(id="account", holder="one").identity.value = "someone"
    for number, (source, target) in enumerate(sorted(draw(st.sets(st.sampled_from(_TIES))))):
        link(made, f"tie{number}", source, target, pb.RelationKind.RELATION_KIND_USES)
    return made


_ROLES = [pb.Role.ROLE_VICTIM, pb.Role.ROLE_WITNESS, pb.Role.ROLE_SUSPECT, pb.Role.ROLE_THIRD_PARTY]
_NAMES = st.sampled_from(["Ilinca", "Boris", "Huis Nergens"])
_TIES = [("one", "two"), ("one", "car"), ("two", "car"), ("two", "account")]


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(records() | cared_for(), st.randoms(use_true_random=False))
def test_any_part_of_any_record_is_admitted(made: pb.Record, chance: Random) -> None:
    case = Case(made, label="any")
    picked = [one for one in case.cuts if chance.random() < 0.7]
    told = subjects(made, on=SEALED_ON)
    grants = {(one.entity, one.field): _grant(one, told) for one in picked}
    planned = plan(case.cuts, grants, terms())
    assume(planned.chosen)

    got = admitted(released(case, grants))

    assert set(got.disclosure.data) == {data for _, data, _ in planned.chosen}
    assert merge(got.disclosure.portions).IsInitialized()


def test_a_rich_case_is_admitted_whole() -> None:
    case = Case(rich_case(), label="rich")
    exact = {(one.entity, one.field): _grant(one) for one in reversed(case.cuts)}

    got = admitted(released(case, exact))

    assert len(got.disclosure.data) == len(exact)
