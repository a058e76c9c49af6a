"""Where the policy tests start: one recipient, one release, one portion, changed by each test."""

from __future__ import annotations

import warnings
from dataclasses import replace
from functools import cache
from typing import Final

from gateway.record.vocabulary import AgeClass, Lane, LegalBasis, RoleClass, Rung
from policy.authoring.cases import classes_of
from policy.bundle import Bundle, bundle_of, shipped_baseline
from policy.engine import Engine
from policy.usual import ASKED, NAME, POLICE

__all__ = ["ASKED", "NAME", "POLICE", "classes_of"]

PERMIT_EVERYTHING: Final = """
@id("LOCAL-PERMIT-EVERYTHING") @layer("local") @reason("everything is permitted") @source("test")
permit (principal, action, resource);
"""

# A failed evaluation warns by default: where a test does not mean it to fail, it must not happen.
warnings.filterwarnings("error", message="policy engine")

SHELTER: Final = replace(
    POLICE, id="shelter.ngo", kind="ngo", country="NL", functions=frozenset({"victim-support"})
)
MARKED: Final = ASKED.marking
IN_DANGER: Final = replace(
    ASKED,
    legal_basis=LegalBasis.VITAL_INTEREST,
    lane=Lane.THREAT_TO_LIFE,
    break_glass=True,
    threat_stated=True,
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


@cache
def baseline() -> str:
    """Return the default baseline."""
    return shipped_baseline()


@cache
def shipped_bundle() -> Bundle:
    """Return the rules as a new federation has them: the floor and the default baseline."""
    return bundle_of(baseline=shipped_baseline())


@cache
def shipped() -> Engine:
    """Return the engine as a new federation has it: the floor and the default baseline."""
    return Engine(shipped_bundle())


@cache
def wide_open() -> Engine:
    """Return the engine of an agency that permits everything: what is still denied, forbids deny."""
    return Engine(bundle_of(baseline=shipped_baseline(), local={"open.cedar": PERMIT_EVERYTHING}))


@cache
def floor_only() -> Engine:
    """Return the engine with nothing but the floor and a rule that permits everything."""
    return Engine(bundle_of(baseline="", local={"open.cedar": PERMIT_EVERYTHING}))
