"""How far each detail narrows down who a person is: one table, published, and wrong only on the strict side.

A share is what part of the people who come into question have the same value. Shares of values that differ in
how common they are stand for an uncommon one. What the same fact decides is one dimension, of which the
finest grain counts: a birth year and an age band do not narrow twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final, NamedTuple

from gateway.record.schema import KINDS
from gateway.record.vocabulary import Rung


class Grain(NamedTuple):
    """How finely something is known of one dimension: `age`, to the `year`."""

    dimension: str
    name: str


class Share(NamedTuple):
    """One in how many people has the same value, and why."""

    one_in: int
    why: str


IDENTITY: Final = "identity"
"""The dimension of what says outright who somebody is: nothing more can single out whom one knows."""

SHARES: Final[Mapping[Grain, Share]] = MappingProxyType(
    {
        Grain("sex", "stated"): Share(2, "two sexes are about as common"),
        Grain("sex", "uncommon"): Share(
            200, "surveys find fewer than one in a hundred; half of it, to be safe"
        ),
        Grain("age", "minor-or-adult"): Share(3, "a third of those told of are minors, or adults, at least"),
        Grain("age", "band"): Share(10, "a band of three to nine years out of about forty that are told of"),
        Grain("age", "year"): Share(40, "most who are told of are between five and forty-five years old"),
        Grain("age", "date"): Share(14_600, "a day out of forty years"),
        Grain("origin", "region"): Share(
            6, "of fifteen regions of the world few are common at any one place"
        ),
        Grain("origin", "country"): Share(12, "of the countries of origin at one place a dozen make up most"),
        Grain("origin", "town"): Share(600, "a country has some fifty towns of note and many small ones"),
        Grain("origin", "address"): Share(50_000, "the place where somebody was born names a household"),
        Grain("place", "country"): Share(3, "where the case plays is one of few countries"),
        Grain("place", "town"): Share(100, "a town of average size holds a hundredth of its country or less"),
        Grain("place", "address"): Share(50_000, "an address names a household"),
        Grain("time", "month"): Share(12, "one month of a year"),
        Grain("time", "day"): Share(300, "one day of a year"),
        Grain("duration", "months"): Share(6, "how many months something lasted, out of a few years"),
        Grain("travel", "month"): Share(12, "one month of a year"),
        Grain("travel", "route"): Share(10_000, "hardly two people travel by the same legs on the same days"),
        Grain("payment", "month"): Share(12, "one month of a year"),
        Grain("payment", "exact"): Share(50_000, "a payment has one payer"),
        Grain("document", "kind"): Share(2, "half of those told of hold a passport"),
        Grain("contact", "country"): Share(3, "where somebody's number is from, as the place"),
        Grain("contact", "exact"): Share(50_000, "a number or an address is one person's, or a household's"),
        Grain("work", "sector"): Share(20, "one of two dozen sectors; few of them are common"),
        Grain("work", "exact"): Share(
            2_000, "an employer or a school holds fifty people of a hundred thousand"
        ),
        Grain("family", "relation"): Share(2, "half of those told of have such a relative on file"),
        Grain("family", "exact"): Share(50_000, "a named relative names the household"),
        Grain("household", "stated"): Share(10, "marital status and number of children together"),
        Grain("description", "stated"): Share(1_000, "height, hair and marks are told to recognise somebody"),
        Grain("language", "stated"): Share(20, "languages beside that of the country, and which"),
        Grain("belief", "stated"): Share(
            20, "a religion or an ethnicity that is worth noting is a minority's"
        ),
        Grain("health", "stated"): Share(50, "a condition or an injury that is worth noting"),
        Grain("sexual-history", "stated"): Share(50, "told of few, and never twice the same"),
        Grain("immigration", "stated"): Share(10, "a residence status of about ten"),
        Grain("own-offence", "stated"): Share(50, "an offence on file, and which"),
        Grain("cooperation", "stated"): Share(2, "whether somebody cooperates, or will be heard"),
        Grain("device", "exact"): Share(50_000, "a device is one person's"),
        Grain("image", "hash"): Share(50_000, "who has the picture knows the face"),
    }
)
"""Every grain that narrows down who somebody is."""

UNCOMMON_SEX: Final = Grain("sex", "uncommon")


class Detail(NamedTuple):
    """What one portion tells: its grains. With `own_rule` a rule of its own and its officers decide on it."""

    grains: tuple[Grain, ...]
    own_rule: bool = False


NOTHING: Final = Detail(())
"""What tells nothing of who somebody is that everybody else in such a record has not."""


def _told(*grains: tuple[str, str], own_rule: bool = False) -> Detail:
    return Detail(tuple(Grain(*grain) for grain in grains), own_rule)


def _exact(*grains: tuple[str, str]) -> Detail:
    return _told(*grains, own_rule=True)


_PLACE: Final = {
    Rung.EXACT: _exact(("place", "address")),
    Rung.GENERALISED: _told(("place", "town")),
    Rung.COARSE: _told(("place", "country")),
}

_OF_CATEGORY: Final[Mapping[str, Mapping[Rung, Detail]]] = {
    "person.name": {Rung.EXACT: _exact((IDENTITY, "name"))},
    "person.birth": {
        Rung.EXACT: _exact(("age", "date")),
        Rung.GENERALISED: _told(("age", "year")),
        Rung.COARSE: _told(("age", "band")),
    },
    "person.age-band": {Rung.EXACT: _told(("age", "band"))},
    "person.sex": {Rung.EXACT: _told(("sex", "stated"))},
    "person.nationality": {
        Rung.EXACT: _told(("origin", "country")),
        Rung.COARSE: _told(("origin", "region")),
    },
    "person.document": {
        Rung.EXACT: _exact((IDENTITY, "document")),
        Rung.GENERALISED: _told(("document", "kind"), ("origin", "country")),
        Rung.COARSE: _told(("document", "kind")),
    },
    "person.biometric": {Rung.EXACT: _exact((IDENTITY, "biometric")), Rung.GENERALISED: NOTHING},
    "person.image": {Rung.EXACT: _exact(("image", "hash")), Rung.GENERALISED: _exact(("image", "hash"))},
    "person.description": {Rung.EXACT: _told(("description", "stated"))},
    "person.contact": {
        Rung.EXACT: _exact(("contact", "exact")),
        Rung.GENERALISED: _told(("contact", "country")),
        Rung.COARSE: NOTHING,
    },
    "person.address": _PLACE,
    "person.location": _PLACE,
    "person.workplace": {Rung.EXACT: _exact(("work", "exact")), Rung.GENERALISED: _told(("work", "sector"))},
    "person.family": {
        Rung.EXACT: _exact(("family", "exact")),
        Rung.GENERALISED: _told(("family", "relation")),
    },
    "person.health": {Rung.EXACT: _told(("health", "stated"))},
    "person.sexual-history": {Rung.EXACT: _told(("sexual-history", "stated"))},
    "person.belief-ethnicity": {Rung.EXACT: _told(("belief", "stated"))},
    "person.immigration": {Rung.EXACT: _told(("immigration", "stated"))},
    "person.own-offence": {Rung.EXACT: _told(("own-offence", "stated"))},
    "person.cooperation": {Rung.EXACT: _told(("cooperation", "stated"))},
    "device.identity": {Rung.EXACT: _exact(("device", "exact")), Rung.GENERALISED: NOTHING},
    "transaction.detail": {
        Rung.EXACT: _exact(("payment", "exact")),
        Rung.GENERALISED: _told(("payment", "month")),
        Rung.COARSE: NOTHING,
    },
    "journey.route": {
        Rung.EXACT: _exact(("travel", "route")),
        Rung.GENERALISED: _told(("travel", "month"), ("origin", "country"), ("place", "country")),
        Rung.COARSE: _told(("origin", "country"), ("place", "country")),
    },
    "incident.place-time": {
        Rung.EXACT: _exact(("place", "address"), ("time", "day")),
        Rung.GENERALISED: _told(("place", "town"), ("time", "month")),
        # The year hardly divides: what is exchanged are the cases of these years.
        Rung.COARSE: _told(("place", "country")),
    },
}

_OF_FIELD: Final[Mapping[tuple[str, str], Mapping[Rung, Detail]]] = {
    ("person", "age_status"): {Rung.EXACT: _told(("age", "minor-or-adult"))},
    ("person", "age_at_exploitation"): {Rung.EXACT: _told(("age", "year"))},
    ("person", "birth_place"): {
        Rung.EXACT: _exact(("origin", "address")),
        Rung.GENERALISED: _told(("origin", "town")),
        Rung.COARSE: _told(("origin", "country")),
    },
    ("person", "languages"): {Rung.EXACT: _told(("language", "stated"))},
    ("person", "household"): {Rung.EXACT: _told(("household", "stated"))},
    # Another agency's pseudonym says who somebody is to that agency alone.
    ("person", "foreign_pseudonym"): {Rung.EXACT: NOTHING},
    ("location", "kind"): {Rung.EXACT: NOTHING},
    ("incident", "months"): {Rung.EXACT: _told(("duration", "months"))},
    # How a journey goes on is no quality of the traveller.
    ("journey", "in_progress"): {Rung.EXACT: NOTHING},
}

NOT_COUNTED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "person.shelter": "never leaves",
        "person.therapy": "never leaves",
        "person.statement": "free text: what it says of somebody is weighed by the rules on statements",
        "person.consent": "says what somebody agreed to, not who it is",
        "person.safety": "a duty towards the person, which must travel",
        "person.role": "that somebody is a victim is what every such record says",
        "person.caseload": "counts as the provider's",
        "artefact.metadata": "tells of a file; below exact only what kind it is",
        "artefact.content": "imagery, which the floor decides on",
        "relation.link": "tells who belongs together, not who anybody is",
        "narrative.text": "free text: names in it are found and decided on as such",
        "assessment.score": "an opinion, not a quality of the person",
    }
)
"""Categories that may tell of a protected person and narrow nothing down, or nothing that can be counted."""

COUNTED: Final = frozenset(_OF_CATEGORY)
"""Categories whose portions narrow down who somebody is."""

TELLING_KINDS: Final = frozenset(
    {"person", "document", "account", "location", "journey", "transaction", "incident", "artefact"}
)
"""Kinds of entities whose portions narrow down whom they are tied to."""


@cache
def detail_of(kind: str, number: int, category: str, rung: Rung) -> Detail:
    """Return what a field tells of a protected person on one rung; `category` is the effective one."""
    field = KINDS[kind].fields.get(number)
    if field is None:
        return NOTHING
    rungs = _OF_FIELD.get((kind, field.name)) or _OF_CATEGORY.get(category)
    return rungs.get(rung, NOTHING) if rungs else NOTHING
