"""The privacy catalogue as data: what each category of information counts as, and how it may be coarsened.

Source: `reference/policy/categories.csv`; a test compares the two where that file is present.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

NO_LADDER = ("", "")
"""Exact or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One kind of information. `ladder` names the generalisers of the rungs generalised and coarse; an empty
    name means that there is no such rung. A class is empty where only the content can tell (`protection`).
    """

    name: str
    when_protected: str
    otherwise: str
    ladder: tuple[str, str]


_TOWN = ("town", "country")

# name: (class when the subject is protected, class otherwise[, ladder])
_CATALOGUE: dict[str, tuple[str, str] | tuple[str, str, tuple[str, str]]] = {
    "person.name": ("victim-identifying", "suspect"),
    "person.birth": ("victim-identifying", "suspect", ("year", "age-band")),
    "person.age-band": ("victim-sensitive", "suspect"),
    "person.sex": ("victim-sensitive", "suspect"),
    "person.nationality": ("victim-sensitive", "suspect", ("", "region")),
    "person.document": ("victim-identifying", "suspect", ("kind-and-country", "kind")),
    "person.biometric": ("victim-identifying", "suspect", ("kind", "")),
    "person.image": ("victim-imagery", "suspect", ("hash", "")),
    "person.description": ("victim-identifying", "suspect"),
    "person.contact": ("victim-locating", "suspect", ("kind-and-country", "kind")),
    "person.address": ("victim-locating", "suspect", _TOWN),
    "person.location": ("victim-locating", "suspect", _TOWN),
    "person.shelter": ("shelter-location", "shelter-location"),
    "person.workplace": ("victim-locating", "suspect", ("sector", "")),
    "person.family": ("victim-family", "suspect", ("relationship-only", "")),
    "person.health": ("victim-sensitive", "victim-sensitive"),
    "person.sexual-history": ("sexual-history", "sexual-history"),
    "person.belief-ethnicity": ("victim-sensitive", "victim-sensitive"),
    "person.immigration": ("victim-immigration", "victim-immigration"),
    "person.own-offence": ("victim-own-offence", "suspect"),
    "person.statement": ("victim-statement", "witness-identifying", ("extract", "")),
    "person.therapy": ("therapy-notes", "therapy-notes"),
    "person.cooperation": ("cooperation-status", "source-identifying"),
    "person.consent": ("victim-sensitive", "object"),
    "person.safety": ("obligation", "obligation"),
    "person.role": ("role", "role"),
    "person.caseload": ("provider", "provider"),
    "provider.identity": ("provider", "provider", ("organisation-kind", "")),
    "source.identity": ("source-identifying", "source-identifying"),
    "organisation.identity": ("network", "network", ("", "country")),
    "organisation.activity": ("network", "network"),
    "location.site": ("object", "object", _TOWN),
    "vehicle.identity": ("object", "object", ("make-and-country", "kind")),
    "account.identity": ("object", "object", ("provider-and-country", "kind")),
    "device.identity": ("victim-locating", "object", ("kind", "")),
    "online.content": ("osint", "osint", ("site", "kind")),
    "online.text": ("osint-text", "osint-text"),
    "artefact.hash": ("object", "object"),
    "artefact.metadata": ("victim-locating", "object", ("kind", "")),
    "artefact.content": ("victim-imagery", "object"),
    "transaction.detail": ("victim-locating", "network", ("month-and-currency", "kind")),
    "journey.route": ("victim-locating", "network", ("country-pair-and-month", "country-pair")),
    "incident.act": ("network", "network"),
    "incident.place-time": ("victim-locating", "network", ("town-and-month", "country-and-year")),
    "relation.link": ("", "network"),
    "narrative.text": ("", "narrative"),
    "assessment.score": ("assessment", "assessment"),
    "case.reference": ("case", "case"),
    "case.audience": ("audience", "audience"),
    "case.purpose": ("audience", "audience"),
    "method.investigative": ("method", "method"),
    "aggregate.cell": ("aggregate", "aggregate"),
    "case.evaluation": ("case", "case"),
    "case.provenance": ("case", "case"),
}

CATEGORIES: Mapping[str, Category] = MappingProxyType(
    {
        name: Category(
            name=name,
            when_protected=entry[0],
            otherwise=entry[1],
            ladder=entry[2] if len(entry) == 3 else NO_LADDER,
        )
        for name, entry in _CATALOGUE.items()
    }
)
"""Every category there is, by name."""
