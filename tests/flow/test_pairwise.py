"""One person is another token for each recipient, purpose and case, and always the same one there (A31)."""

from __future__ import annotations

from itertools import combinations, product

import pytest

from gateway.flow.decide import decide, recipient_of
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import RELEASE, new_owner
from gateway.flow.past import Ruling
from gateway.flow.prepare import Submission, prepare
from gateway.flow.question import Question
from gateway.flow.settle import settle
from gateway.record.vocabulary import Lane, LegalBasis, Purpose
from gateway.release.release import parse_release
from gateway.store.rows import BodyRow
from gateway.store.vault import open_body
from gateway.v1 import marking_pb2
from policy.decision import Outcome
from tests.flow import records
from tests.flow.federation import BORDER, NL, RO, Homes

RECIPIENTS = (RO, BORDER)
PURPOSES = (Purpose.INVESTIGATION, Purpose.PROSECUTION)
SHORTEST = 6
"""Bytes of a token that, standing elsewhere too, would link."""

View = tuple[dict[str, str], bytes]
"""Tokens by travelling name, and the bytes of the release as its recipient opens it."""


def _case(homes: Homes) -> Submission:
    record = records.small()
    records.mark(record.header.marking, *RECIPIENTS)
    record.header.marking.purposes.append(marking_pb2.PURPOSE_PROSECUTION)
    return prepare(homes[NL], records.encoded(record), homes.now)


def _view(homes: Homes, case: Submission, recipient: str, purpose: Purpose) -> View:
    gateway: Gateway = homes[NL]
    question = Question(
        recipient=recipient_of(gateway, recipient, homes.now),
        purpose=purpose,
        legal_basis=LegalBasis.LAW_ENFORCEMENT_TASK,
        lane=Lane.ROUTINE,
        today=homes.now.date(),
    )
    verdicts = decide(gateway, case, question)
    owner = new_owner(gateway, NL, case.record_id, 1)
    ruling = Ruling(question=question, verdicts=verdicts, leaving={}, told=(), counted=b"")
    settled = settle(gateway, case, owner, ruling, base=1, actor="system/test", now=homes.now)
    assert settled.answer.outcome is Outcome.RELEASE
    (row,) = (one for one in settled.rows if isinstance(one, BodyRow) and one.kind == RELEASE)
    body = open_body(owner.key, owner.place(row.kind, row.part), row.ciphertext)
    return dict(parse_release(body).pseudonyms), body


@pytest.fixture
def views(homes: Homes) -> dict[tuple[str, Purpose], View]:
    """Return what two recipients open for each of two purposes, of one record of one person."""
    case = _case(homes)
    return {
        (recipient, purpose): _view(homes, case, recipient, purpose)
        for recipient, purpose in product(RECIPIENTS, PURPOSES)
    }


def _parts(tokens: dict[str, str]) -> set[bytes]:
    return {
        token[start : start + SHORTEST].encode()
        for token in tokens.values()
        for start in range(len(token) - SHORTEST + 1)
    }


def test_no_part_of_a_token_stands_in_what_another_opens(views: dict[tuple[str, Purpose], View]) -> None:
    assert all(tokens for tokens, _ in views.values())

    for (one, (tokens, _)), (other, (_, body)) in product(views.items(), repeat=2):
        shared = {part for part in _parts(tokens) if part in body}
        assert bool(shared) is (one == other), (one, other)


def test_tokens_are_of_the_same_people_all_the_same(views: dict[tuple[str, Purpose], View]) -> None:
    """What is disclosed is signed once for all, with the names of its entities: only the tokens differ."""
    named = [set(tokens) for tokens, _ in views.values()]

    assert named[0] and all(names == named[0] for names in named)


@pytest.mark.parametrize(("recipient", "purpose"), list(product(RECIPIENTS, PURPOSES)))
def test_token_of_one_case_stays_the_same_for_one_recipient_and_purpose(
    homes: Homes, recipient: str, purpose: Purpose
) -> None:
    case = _case(homes)
    first, _ = _view(homes, case, recipient, purpose)

    homes.close()
    homes.pass_time(days=2)
    again, _ = _view(homes, case, recipient, purpose)

    assert first == again


def test_cases_of_one_person_share_no_part_of_a_token(homes: Homes) -> None:
    """Pushed twice, word for word the same: two cases."""
    cases = [_view(homes, _case(homes), RO, Purpose.INVESTIGATION) for _ in range(3)]

    for (tokens, _), (others, body) in combinations(cases, 2):
        assert not set(tokens.values()) & set(others.values())
        assert not {part for part in _parts(tokens) if part in body}
