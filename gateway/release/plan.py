"""The plan of a release: from what policy grants to the portions, marking and duties that leave.

Source: PROTOCOL sections 3 and 4; DESIGN section 5.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, reduce
from operator import itemgetter
from typing import NamedTuple

from gateway.record.marking import Marking, join
from gateway.record.portion import Cut, parse_portion
from gateway.record.vocabulary import AgeClass, Fact, LegalBasis, ObligationCode, Purpose, RoleClass, Rung
from gateway.release.disclosure import Chosen, make_disclosure
from gateway.release.duty import merge_tokens
from gateway.release.link import Key, dangling, ends_of, is_link
from gateway.release.obligation import MS_IN_HOUR, Obligation, day_of_ms, obligations_of
from gateway.release.protection_class import ProtectionClass
from gateway.release.release import Release, last_day_of_use, travelling_marking


class Grant(NamedTuple):
    """What policy grants of one (entity, field): the rung that leaves (None: it is withheld), the approval
    tokens that rests on, and the facts attested of it.
    """

    rung: Rung | None
    lifts: tuple[str, ...]
    facts: frozenset[Fact]


class Candidate(NamedTuple):
    """One portion received from its originator that may go on if policy grants its rung; as `Cut`."""

    entity: str
    field: int
    rung: Rung
    data: bytes
    leaf: bytes
    category: str
    role: RoleClass
    age: AgeClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What leaves for one recipient, before it is serialised; nothing leaves when `chosen` is empty.

    `chosen` stands in the order of leaves; `dropped` are links left out because an end of theirs is not
    disclosed; `marking` names the recipient alone; `expires_at` is the recipient's last day of use.
    """

    recipient: str
    chosen: tuple[Chosen, ...]
    entities: frozenset[str]
    dropped: tuple[Key, ...]
    marking: Marking
    obligations: tuple[Obligation, ...]
    duties_met: tuple[str, ...]
    expires_at: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holds for the release as a whole.

    `marking` is the record's own and `entity_markings` stricter ones by travelling entity name; `duties` are
    the approval tokens and `obligations` the duties the decision names; `retain_until` the originator's own
    last day and `use_until` further last days of use; `released_at_ms` milliseconds UTC. `use_hours` is how
    long after release its use ends, where policy says that it expires; None where no rule shortens it.
    """

    recipient: str
    marking: Marking
    entity_markings: Mapping[str, Marking]
    duties: tuple[str, ...]
    obligations: tuple[ObligationCode, ...]
    retain_until: date
    released_at_ms: int
    use_until: tuple[date, ...] = ()
    use_hours: int | None = None


def plan(portions: Iterable[Cut | Candidate], grants: Mapping[Key, Grant], terms: Terms) -> Plan:
    """Return what leaves for one recipient: of every field the rung granted, and nothing that is not.

    Raises:
        Malformed: an approval token off its form, or a marking that lets nobody have it.
    """
    granted = [(c, grant) for c in portions if c.rung is (grant := grants.get(c[:2], _NOTHING)).rung]
    ends = {
        c[:2]: ends_of(c.entity, parse_portion(c.data).value)
        for c, _ in granted
        if is_link(c.entity, c.field)
    }
    dropped = dangling([c[:2] for c, _ in granted], ends)
    leaving = [(c, grant) for c, grant in granted if c[:2] not in dropped] if dropped else granted
    entities = frozenset([c.entity for c, _ in leaving])
    # A marking over what is withheld would tell that it exists, so only what leaves is joined.
    marking = travelling_marking(_joined(terms, entities), terms.recipient)
    ends_ms = None if terms.use_hours is None else terms.released_at_ms + terms.use_hours * MS_IN_HOUR
    last_days = (*terms.use_until, None if ends_ms is None else day_of_ms(ends_ms))
    expires_at = last_day_of_use(marking, terms.retain_until, *last_days)
    lifts = [token for _, grant in leaving for token in grant.lifts]
    return Plan(
        recipient=terms.recipient,
        chosen=tuple(sorted([_chosen(c, grant) for c, grant in leaving], key=itemgetter(0))),
        entities=entities,
        dropped=tuple(sorted(dropped)),
        marking=marking,
        obligations=obligations_of(
            terms.obligations,
            marking,
            expires_at=expires_at,
            released_at_ms=terms.released_at_ms,
            use_until_ms=ends_ms,
        ),
        duties_met=merge_tokens([*terms.duties, *lifts]),
        expires_at=expires_at,
    )


def build_release(
    planned: Plan,
    signed_statement: bytes,
    *,
    purpose: Purpose,
    legal_basis: LegalBasis,
    pseudonyms: Mapping[str, str],
    consent: bytes | None = None,
    anchor: bytes | None = None,
) -> Release:
    """Return the release of a plan, its disclosure serialised.

    `pseudonyms` are tokens by travelling entity name; those of entities that are not disclosed stay at home.

    Raises:
        Malformed: nothing leaves.
    """
    return Release(
        disclosure=make_disclosure(signed_statement, planned.chosen),
        recipient=planned.recipient,
        purpose=purpose,
        legal_basis=legal_basis,
        marking=planned.marking,
        obligations=planned.obligations,
        pseudonyms=tuple(sorted(item for item in pseudonyms.items() if item[0] in planned.entities)),
        duties_met=planned.duties_met,
        expires_at=planned.expires_at,
        consent=consent,
        anchor=anchor,
    )


_NOTHING = Grant(None, (), frozenset())


def _joined(terms: Terms, entities: frozenset[str]) -> Marking:
    stricter = (terms.entity_markings[e] for e in entities if e in terms.entity_markings)
    return reduce(join, stricter, terms.marking)


def _chosen(portion: Cut | Candidate, grant: Grant) -> Chosen:
    protection = _class_of(portion.role, portion.age, portion.category, portion.rung, grant)
    return portion.leaf, portion.data, protection


@lru_cache(maxsize=8192)
def _class_of(role: RoleClass, age: AgeClass, category: str, rung: Rung, grant: Grant) -> ProtectionClass:
    """Return the class of a portion that leaves; of the few there are, each is made once."""
    return ProtectionClass(
        role=role, age=age, category=category, rung=rung, lifts=grant.lifts, facts=grant.facts
    )
