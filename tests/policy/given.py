"""Where the policy tests start: one recipient, one release, one portion, changed by each test."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Final

from gateway.record.categories import CATEGORIES
from gateway.record.vocabulary import AgeClass, Fact, Lane, LegalBasis, Provenance, Purpose, RoleClass, Rung
from policy.bundle import bundle_of, shipped_baseline
from policy.engine import Engine
from policy.request import UNMARKED, PortionAttributes, Recipient, ReleaseContext

PERMIT_EVERYTHING: Final = """
@id("LOCAL-PERMIT-EVERYTHING") @layer("local") @reason("everything is permitted") @source("test")
permit (principal, action, resource);
"""

# A failed evaluation warns by default: where a test does not mean it to fail, it must not happen.
warnings.filterwarnings("error", message="policy engine")

POLICE: Final = Recipient(
    id="police.ro",
    kind="leo",
    country="RO",
    regime="led",
    alert=False,
    functions=frozenset({"anti-trafficking"}),
    communities=frozenset({"thb"}),
    agreements=frozenset({"nl-ro-2030"}),
)
SHELTER: Final = replace(
    POLICE, id="shelter.ngo", kind="ngo", country="NL", functions=frozenset({"victim-support"})
)

ASKED: Final = ReleaseContext(
    purpose=Purpose.INVESTIGATION,
    legal_basis=LegalBasis.LAW_ENFORCEMENT_TASK,
    lane=Lane.ROUTINE,
    approvals=frozenset(),
    self_id="police.nl",
    originator="police.nl",
    recipient_releasable=True,
    purpose_permitted=True,
    consent_onward_needed=False,
    onward_consent=False,
    notes=False,
    expired=False,
    provenance=frozenset({Provenance.OFFICIAL}),
)

NAME: Final = PortionAttributes(
    category="person.name",
    classes=frozenset({"victim-identifying"}),
    role=RoleClass.VICTIM,
    age=AgeClass.ADULT,
    facts=frozenset({Fact.COUNTRY_SAFE}),
    rungs=(Rung.EXACT,),
    do_not_reinterview=False,
    marking=UNMARKED,
)
ALL_RUNGS: Final = (Rung.EXACT, Rung.GENERALISED, Rung.COARSE)
NAME_OF_MINOR: Final = replace(NAME, age=AgeClass.MINOR)
ADDRESS: Final = replace(
    NAME, category="person.address", classes=frozenset({"victim-locating"}), rungs=ALL_RUNGS
)
BIRTH: Final = replace(NAME, category="person.birth", rungs=ALL_RUNGS)
CAR: Final = replace(
    NAME, category="vehicle.identity", classes=frozenset({"object"}), role=RoleClass.SUSPECT, rungs=ALL_RUNGS
)


def classes_of(category: str, role: RoleClass) -> frozenset[str]:
    """Return the classes of a category as the catalogue has them; those of a link are its protected end's."""
    entry = CATEGORIES[category]
    return frozenset({(entry.when_protected if role.protected else entry.otherwise) or "victim-locating"})


@cache
def baseline() -> str:
    """Return the default baseline."""
    return shipped_baseline()


@cache
def shipped() -> Engine:
    """Return the engine as a new federation has it: the floor and the default baseline."""
    return Engine(bundle_of(baseline=shipped_baseline()))


@cache
def wide_open() -> Engine:
    """Return the engine of an agency that permits everything: what is still denied, forbids deny."""
    return Engine(bundle_of(baseline=shipped_baseline(), local={"open.cedar": PERMIT_EVERYTHING}))


@cache
def floor_only() -> Engine:
    """Return the engine with nothing but the floor and a rule that permits everything."""
    return Engine(bundle_of(baseline="", local={"open.cedar": PERMIT_EVERYTHING}))


def recipient_from(table: Mapping[str, Any]) -> Recipient:
    """Return the police with what a case file changes about them."""
    changed: dict[str, Any] = {name: _plain(value) for name, value in table.items()}
    return replace(POLICE, **changed)


def context_from(table: Mapping[str, Any]) -> ReleaseContext:
    """Return the usual release with what a case file changes about it; an empty token is an absent value."""
    changed: dict[str, Any] = {name: _plain(value) for name, value in table.items()}
    for name, vocabulary in (("purpose", Purpose), ("legal_basis", LegalBasis), ("lane", Lane)):
        if name in changed:
            changed[name] = vocabulary.from_token(table[name], name) if table[name] else None
    return replace(ASKED, **changed)


def portion_from(table: Mapping[str, Any]) -> PortionAttributes:
    """Return the adult victim's name with what a case file changes about it; classes follow the catalogue."""
    table = dict(table)
    role = RoleClass.from_token(table.pop("role", "victim"), "role")
    category = table.pop("category", NAME.category)
    classes = frozenset(table.pop("classes")) if "classes" in table else classes_of(category, role)
    marking = UNMARKED._replace(**table.pop("marking", {}))
    age = AgeClass.from_token(table.pop("age", "adult"), "age")
    facts = frozenset(Fact.from_token(token, "facts") for token in table.pop("facts", ["country-safe"]))
    rungs = tuple(Rung.from_token(token, "rungs") for token in table.pop("rungs", ["exact"]))
    return replace(
        NAME,
        category=category,
        classes=classes,
        role=role,
        age=age,
        facts=facts,
        rungs=rungs,
        marking=marking,
        **table,
    )


def _plain(value: object) -> object:
    return frozenset(value) if isinstance(value, list) else value
