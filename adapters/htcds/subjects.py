"""Whom an HTCDS case speaks of: which rows belong to one person, and which role they give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from adapters.htcds.tables import Part, Tables
from adapters.loss import Effect
from adapters.row import Row

_PERSONAL = frozenset({"prs", "vic", "per", "con"})
_UNTIED = "nothing in the standard ties this row to a person row; it makes a person of its own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The rows that speak of one person.

    A person with a victim row is never made a perpetrator here: a wrong guess would strip a victim of
    protection.
    """

    person: Row | None = None
    victim: Row | None = None
    perpetrator: Row | None = None
    consent: Row | None = None


def find_subjects(tables: Tables) -> list[Subject]:
    """Return whom the case speaks of, in the order of its rows.

    Victim row i belongs to person row i. A perpetrator row makes a person of its own, unless it stands in
    one row with `prs_` fields and without a victim. Whoever has neither row has no stated role.
    """
    subjects: list[Subject] = []
    consents: list[Row] = []
    for part in _person_parts(tables):
        found = [one for one in _persons_of(part) if one.person or one.victim or one.perpetrator]
        subjects += found
        if not found and part.get("con"):
            consents.append(part["con"])
    return _with_consents(subjects, consents)


def _person_parts(tables: Tables) -> Iterator[Part]:
    """Yield the parts that speak of a person or carry a consent, victim rows joined to their person rows."""
    flat = [tables.flat] if tables.flat and not _PERSONAL.isdisjoint(tables.flat) else []
    persons = [*flat, *tables.rows.get("prs", ())]
    victims = list(tables.rows.get("vic", ()))
    for number, part in enumerate(persons):
        beside = victims[number] if number < len(victims) else {}
        if "prs" in beside or not _PERSONAL.isdisjoint(beside.keys() & part.keys()):
            yield part  # that victim row speaks of somebody else
        else:
            yield {**beside, **part}
            if number < len(victims):
                victims[number] = {}
    yield from victims
    for prefix, parts in tables.rows.items():
        if prefix not in ("prs", "vic"):
            yield from (part for part in parts if not _PERSONAL.isdisjoint(part))


def _persons_of(part: Part) -> Iterator[Subject]:
    """Yield the person a row speaks of, and the perpetrator named beside a victim as a second one."""
    person, consent = part.get("prs") or None, part.get("con") or None
    victim, perpetrator = _stated(part.get("vic")), _stated(part.get("per"))
    if perpetrator and (victim or not person):
        perpetrator.lose("per_RoleInProcess", Effect.INVENTED, _UNTIED)
    if victim is None:
        yield Subject(person=person, perpetrator=perpetrator, consent=consent)
        return
    if "prs" not in part:
        victim.lose("vic_TraffickingStatus", Effect.INVENTED, _UNTIED)
    yield Subject(person=person, victim=victim, consent=consent)
    if perpetrator:
        yield Subject(perpetrator=perpetrator)


def _stated(row: Row | None) -> Row | None:
    return row if row is not None and row.states_something() else None


def _with_consents(subjects: list[Subject], consents: Sequence[Row]) -> list[Subject]:
    """Give consent rows to their persons: row i to person i, or the only row to the only candidate.

    Where nobody can tell whose consent it is, nobody is given any; a refusal counts for everyone.
    """
    if not consents:
        return subjects
    asked = [subject.perpetrator is None and subject.consent is None for subject in subjects]
    refusal = next((row for row in consents if row.flag("con_Consent") is False), None)
    if len(consents) == sum(asked):
        one_each = iter(consents)
        return [
            replace(subject, consent=next(one_each)) if asks else subject
            for subject, asks in zip(subjects, asked, strict=True)
        ]
    for row in consents:
        effect = Effect.GENERALISED if row is refusal else Effect.DROPPED
        row.lose("con_Consent", effect, "nothing says whose consent it is; a refusal counts for everyone")
    return [
        replace(subject, consent=refusal) if refusal and subject.perpetrator is None else subject
        for subject in subjects
    ]
