"""The past as rules go by it: what each recipient was told of whom, and how often more than usual was asked.

Rules see no store and no count: what the past says to an exchange is worked out here and given to them as
yes or no. Persons, agencies and who asks stand in the store as keyed hashes alone.

Source: rules VP-43 and BL-BUDGET; THREATS A23.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from gateway.flow.decide import Verdicts, decide
from gateway.flow.gateway import Gateway
from gateway.flow.prepare import Submission
from gateway.flow.question import Circumstances, FieldKey, Question
from gateway.flow.references import keyed
from gateway.flow.review.overdue import is_review_overdue
from gateway.flow.telling import Told, told_of
from gateway.record.moment import to_ms
from gateway.record.person_marks import marks_of_person
from gateway.release.mosaic import singled_out
from gateway.release.selectivity import Grain
from gateway.store.rows import PersonRow, Row, ToldRow
from policy.decision import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What was decided on, the past included, and what to write when it is settled.

    `leaving` is what would leave of each protected person, `told` is written when it is released; `counted`
    is the tag the exchange counts under, empty where no more than usual was asked.
    """

    question: Question
    verdicts: Verdicts
    leaving: Told
    told: tuple[Row, ...]
    counted: bytes


class _Person(NamedTuple):
    """A protected person of a record: `tags` are its keyed hashes, `known` the tags and persons it was found
    under, `heard` what each agency was told of it.
    """

    tags: frozenset[bytes]
    known: frozenset[bytes]
    heard: frozenset[tuple[bytes, Grain]]


class _Pending(NamedTuple):
    """What the batch under way would tell one agency of one person."""

    known: frozenset[bytes]
    agency: bytes
    grains: frozenset[Grain]


class Past:
    """What was told and asked, with what the batch under way adds. Made for one batch, not kept."""

    def __init__(self, gateway: Gateway, now: datetime) -> None:
        self._gateway = gateway
        self._now_ms = to_ms(now)
        self._told: list[_Pending] = []
        self._asked: list[bytes] = []
        self._agencies: dict[str, bytes] = {}

    @contextmanager
    def unless_refused(self) -> Iterator[None]:
        """Take back what was added meanwhile if the block raises: nothing of a refused push counts."""
        told, asked = len(self._told), len(self._asked)
        try:
            yield
        except BaseException:
            del self._told[told:], self._asked[asked:]
            raise

    def people(self, submissions: Sequence[Submission]) -> list[People]:
        """Return the protected persons of each record and what was told of them, by one query."""
        tags = [self._tags(submission) for submission in submissions]
        asked = {tag for of_record in tags for of in of_record.values() for tag in of}
        heard = self._gateway.read.heard(sorted(asked)) if asked else ()
        known: dict[bytes, set[bytes]] = {}
        told: dict[bytes, set[tuple[bytes, Grain]]] = {}
        for tag, person, agency, dimension, grain in heard:
            known.setdefault(tag, set()).add(person)
            if agency is not None and dimension is not None and grain is not None:
                told.setdefault(tag, set()).add((agency, Grain(dimension, grain)))
        return [
            People({name: _person(of, known, told) for name, of in of_record.items()}) for of_record in tags
        ]

    def _tags(self, submission: Submission) -> dict[str, frozenset[bytes]]:
        record, subjects = submission.record, submission.subjects
        return {
            person.id: frozenset([self._tag(b"person", *mark) for mark in marks_of_person(record, person)])
            for person in record.persons
            if subjects[person.id].protected
        }

    def decided(self, submission: Submission, people: People, question: Question, actor: str) -> Ruling:
        """Decide with all that the past says; where something would single a person out, once more with that.

        What is released, and what is asked, is part of the past from here on.
        """
        counted = self._budget_tag(actor, question) if question.stated.asks_more else b""
        spent = bool(counted) and self._is_spent(counted, question.today)
        ruling = self._ruled(submission, people, question, actor, over_budget=spent)
        if counted:
            self._asked.append(counted)
        told: tuple[Row, ...] = ()
        if ruling.verdicts.decision.outcome is Outcome.RELEASE:
            told = self.told(people, ruling)
        return replace(ruling, told=told, counted=counted)

    def decided_again(self, submission: Submission, people: People, question: Question, actor: str) -> Ruling:
        """Decide what was held once more, by what the past says now; that it was asked counted then."""
        return self._ruled(submission, people, question, actor, over_budget=question.past.over_budget)

    def told(self, people: People, ruling: Ruling, withheld: Collection[FieldKey] = ()) -> tuple[Row, ...]:
        """Return what is written of what a release tells: for a hold, once it is approved."""
        kept = {
            name: [one for one in told if one[0] not in withheld] for name, told in ruling.leaving.items()
        }
        return self._tell(people, ruling.question, kept)

    def _ruled(
        self, submission: Submission, people: People, question: Question, actor: str, *, over_budget: bool
    ) -> Ruling:
        past = Circumstances(
            over_budget=over_budget,
            review_outstanding=bool(question.stated.threat)
            and is_review_overdue(self._gateway, actor, self._now_ms),
        )
        question = replace(question, past=past)
        verdicts = decide(self._gateway, submission, question)
        leaving: Told = told_of(submission, verdicts, people.by_id) if people.by_id else {}
        if singled := self._singled_out(people, question, leaving):
            question = replace(question, past=replace(past, singled_out=singled))
            verdicts = decide(self._gateway, submission, question)
            leaving = told_of(submission, verdicts, people.by_id)
        return Ruling(question=question, verdicts=verdicts, leaving=leaving, told=(), counted=b"")

    def _singled_out(self, people: People, question: Question, leaving: Told) -> frozenset[FieldKey]:
        if not leaving:
            return frozenset()
        bloc = self._bloc(question)
        flagged: set[FieldKey] = set()
        for name, portions in leaving.items():
            # What stays for the sake of one person tells nothing of the next.
            staying = [portion for key, portion in portions if key not in flagged]
            orders = singled_out(self._gateway.population, self._had(people.by_id[name], bloc), staying)
            flagged |= {key for key, portion in portions if portion.order in orders}
        return frozenset(flagged)

    def _had(self, person: _Person, bloc: frozenset[bytes]) -> frozenset[Grain]:
        """Return what any agency of a bloc was told of a person, in this batch too."""
        had = {grain for agency, grain in person.heard if agency in bloc}
        known, reached = set(person.known), -1
        while len(known) != reached:
            # Two persons of one batch may have a third between them that shares a tag with each.
            reached = len(known)
            for pending in self._told:
                if not known.isdisjoint(pending.known):
                    known |= pending.known
        for pending in self._told:
            if pending.agency in bloc and not known.isdisjoint(pending.known):
                had |= pending.grains
        return frozenset(had)

    def _tell(self, people: People, question: Question, leaving: Told) -> tuple[Row, ...]:
        agency = self._agency(question.recipient.id)
        rows: list[Row] = []
        for name, portions in leaving.items():
            person = people.by_id[name]
            if not person.tags:
                continue
            grains = frozenset([grain for _, portion in portions for grain in portion.detail.grains])
            self._told.append(_Pending(person.known, agency, grains))
            rows += [
                ToldRow(min(person.tags), agency, *grain)
                for grain in sorted(grains)
                if (agency, grain) not in person.heard
            ]
        return tuple(rows)

    def _bloc(self, question: Question) -> frozenset[bytes]:
        """Return the recipient and all who share a community with it: what one of them has, all may have."""
        directory, recipient = self._gateway.directory, question.recipient.id
        members = {recipient}.union(
            *(community.members for community in directory.communities_of(recipient, question.today))
        )
        return frozenset(self._agency(member) for member in members)

    def _is_spent(self, tag: bytes, today: date) -> bool:
        asked = self._gateway.read.asked(tag, today.isoformat()) + self._asked.count(tag)
        return asked >= self._gateway.asks_per_day

    def _budget_tag(self, actor: str, question: Question) -> bytes:
        purpose = question.purpose.token if question.purpose is not None else ""
        return self._tag(b"asks", actor, question.recipient.id, purpose)

    def agency_tag(self, agency: str) -> bytes:
        """Return the keyed hash an agency stands under in what was told."""
        return self._agency(agency)

    def _agency(self, agency: str) -> bytes:
        if agency not in self._agencies:
            self._agencies[agency] = self._tag(b"told", agency)
        return self._agencies[agency]

    def _tag(self, use: bytes, *parts: str) -> bytes:
        return keyed(self._gateway, use, *parts)


def _person(
    tags: frozenset[bytes],
    known: Mapping[bytes, set[bytes]],
    told: Mapping[bytes, set[tuple[bytes, Grain]]],
) -> _Person:
    if known.keys().isdisjoint(tags):
        return _Person(tags, tags, frozenset())
    heard = {one for tag in tags for one in told.get(tag, ())}
    return _Person(tags, tags.union(*(known.get(tag, ()) for tag in tags)), frozenset(heard))


@dataclass(frozen=True, slots=True)
class People:
    """The protected persons of one record by their submitted ids."""

    by_id: Mapping[str, _Person]

    def heard(self) -> Mapping[str, frozenset[tuple[bytes, Grain]]]:
        """Return what each agency, by its keyed hash, was told of each person."""
        return {name: person.heard for name, person in self.by_id.items()}

    def rows(self) -> list[Row]:
        """Return what makes each known again by any of its tags. Written whatever becomes of the record: that
        two tags are one person's is known from then on.
        """
        return [
            PersonRow(tag, min(person.tags)) for person in self.by_id.values() for tag in sorted(person.tags)
        ]
