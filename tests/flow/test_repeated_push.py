"""A push that comes again is answered as it was the first time, and changes nothing (F18)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.errors import Conflict, GatewayError, Malformed, NotFound
from gateway.flow.repeat import REMEMBERED, PushAnswer, forget_pushes, marks_of
from gateway.flow.submit import PushItem, push
from gateway.ledger.entry import Draft, EntryKind
from gateway.record.vocabulary import Lane, LegalBasis, Purpose
from policy.decision import Outcome
from tests.flow import oracle, records
from tests.flow.federation import NL, RO, TO_NGO, TO_RO, Homes, item

KEY = "case-0417-push-1-Schlusselwort"


def _keyed(number: int = 1, *, key: str = KEY, actor: str = "system/records") -> PushItem:
    return replace(item(records.small(number)), key=key, actor=actor)


def _push(homes: Homes, *items: PushItem) -> list[PushAnswer | GatewayError]:
    return push(homes[NL], items, homes.now)


def _answered(homes: Homes, one: PushItem) -> PushAnswer:
    (answer,) = _push(homes, one)
    assert isinstance(answer, PushAnswer), answer
    return answer


def _refused(homes: Homes, one: PushItem) -> GatewayError:
    (answer,) = _push(homes, one)
    assert isinstance(answer, GatewayError)
    return answer


def test_same_push_again_is_answered_the_same_and_happens_once(homes: Homes) -> None:
    first = _answered(homes, _keyed())
    counts, size = oracle.counts(homes.home(NL)), oracle.size(homes.home(NL))

    homes.pass_time(days=3)
    again = _answered(homes, _keyed())

    assert again == first
    assert oracle.counts(homes.home(NL)) == counts
    assert oracle.size(homes.home(NL)) == size


def test_same_push_without_a_key_is_a_new_one(homes: Homes) -> None:
    first, second = (_answered(homes, _keyed(key="")) for _ in range(2))

    assert first.record_id != second.record_id
    assert oracle.counts(homes.home(NL))["pushes"] == 0


def test_answer_with_every_outcome_and_reason_comes_back_whole(homes: Homes) -> None:
    asked = replace(
        item(records.small(), TO_RO, TO_NGO, ask=("person.name",)), key=KEY, lane=Lane.THREAT_TO_LIFE
    )

    first = _answered(homes, asked)
    homes.close()
    again = _answered(homes, asked)

    assert again == first
    assert {one.outcome for one in again.exchanges} == {Outcome.HELD, Outcome.DENIED}
    assert any(one.approvals for one in again.exchanges) and any(one.reasons for one in again.exchanges)


def test_push_is_known_again_after_it_was_delivered(homes: Homes) -> None:
    first = _answered(homes, _keyed())
    homes.carry(RO)
    size = oracle.size(homes.home(NL))

    assert _answered(homes, _keyed()) == first
    assert oracle.size(homes.home(NL)) == size
    assert oracle.query(homes.home(NL), "SELECT state FROM outbox") == [("delivered",)]


_TO_RO_OTHERWISE = replace(TO_RO, purpose=Purpose.VICTIM_PROTECTION)
_BY_CONSENT = replace(TO_RO, legal_basis=LegalBasis.CONSENT)


@pytest.mark.parametrize(
    "other",
    [
        replace(_keyed(), record=_keyed(2).record),
        replace(_keyed(), addressees=(TO_RO, TO_NGO)),
        replace(_keyed(), addressees=(_TO_RO_OTHERWISE,)),
        replace(_keyed(), addressees=(_BY_CONSENT,)),
        replace(_keyed(), ask=frozenset({"person.name"})),
        replace(_keyed(), lane=Lane.URGENT),
    ],
    ids=["record", "recipients", "purpose", "legal basis", "ask", "lane"],
)
def test_key_used_for_another_push_is_refused_and_changes_nothing(homes: Homes, other: PushItem) -> None:
    first = _answered(homes, _keyed())
    counts = oracle.counts(homes.home(NL))

    refused = _refused(homes, other)

    assert isinstance(refused, Conflict)
    assert (refused.code, refused.field) == ("key-reused", "key")
    assert oracle.counts(homes.home(NL)) == counts
    assert _answered(homes, _keyed()) == first


def test_same_key_of_another_submitter_is_a_push_of_its_own(homes: Homes) -> None:
    ours = _answered(homes, _keyed())

    theirs = _answered(homes, _keyed(2, actor="system/other"))

    assert theirs.record_id != ours.record_id
    assert _answered(homes, _keyed()) == ours
    assert _answered(homes, _keyed(2, actor="system/other")) == theirs


def test_twins_within_one_batch_are_one_push(homes: Homes) -> None:
    size = oracle.size(homes.opened(NL))

    first, between, twin = _push(homes, _keyed(), _keyed(2, key="other"), _keyed())

    assert isinstance(first, PushAnswer) and isinstance(between, PushAnswer)
    assert twin == first
    assert between.record_id != first.record_id
    assert oracle.kinds(homes.home(NL), size) == ["submitted", "decided", "released"] * 2


def test_false_twin_within_one_batch_is_refused_and_the_first_stands(homes: Homes) -> None:
    first, twin = _push(homes, _keyed(), _keyed(2))

    assert isinstance(first, PushAnswer)
    assert isinstance(twin, Conflict) and twin.code == "key-reused"
    assert oracle.counts(homes.home(NL))["records"] == 1


def test_twin_of_a_refused_push_stands_alone(homes: Homes) -> None:
    broken = replace(_keyed(), record=b"\xff no record")

    refused, twin, second_twin = _push(homes, broken, _keyed(), _keyed())

    assert isinstance(refused, GatewayError)
    assert isinstance(twin, PushAnswer)
    assert second_twin == twin
    assert oracle.counts(homes.home(NL))["records"] == 1


def test_refused_push_may_be_mended_and_sent_again_under_its_key(homes: Homes) -> None:
    counts = oracle.counts(homes.opened(NL))
    nobody = replace(TO_RO, agency="police.zz")
    broken = [
        replace(_keyed(), record=b"\xff no record"),
        replace(_keyed(), addressees=(nobody,)),
        replace(_keyed(), ask=frozenset({"person.soul"})),
    ]

    refused = [_refused(homes, one) for one in broken]

    assert refused[1].code == "unknown-recipient"
    assert oracle.counts(homes.home(NL)) == counts
    assert _answered(homes, _keyed()).exchanges[0].outcome is Outcome.RELEASE


def test_push_of_a_record_erased_since_is_told_so_and_not_made_again(homes: Homes) -> None:
    first = _answered(homes, _keyed())
    (exchange,) = (one.exchange_id for one in first.exchanges)
    erased = Draft(kind=EntryKind.ERASED, exchange=exchange)
    homes[NL].store.erase_record(NL, first.record_id, 1, drafts=(erased,))
    size = oracle.size(homes.home(NL))

    told, other = _refused(homes, _keyed()), _refused(homes, _keyed(2))

    assert isinstance(told, NotFound) and told.code == "erased"
    assert other.code == "key-reused"
    assert oracle.size(homes.home(NL)) == size
    assert oracle.query(homes.home(NL), "SELECT count(*) FROM bodies WHERE kind = 'answer'") == [(0,)]


def test_push_is_forgotten_after_ninety_days_and_not_before(homes: Homes) -> None:
    gateway = homes[NL]
    first = _answered(homes, _keyed())

    forget_pushes(gateway, homes.now + REMEMBERED)
    kept = _answered(homes, _keyed())
    homes.pass_time(seconds=1)
    forget_pushes(gateway, homes.now + REMEMBERED)

    assert REMEMBERED.days == 90
    assert kept == first
    assert _answered(homes, _keyed()).record_id != first.record_id
    # What was pushed is no less there because nobody knows it again.
    assert gateway.read.record(NL, first.record_id, 1) is not None


def test_forgetting_leaves_the_younger_ones(homes: Homes) -> None:
    _answered(homes, _keyed(1, key="old"))
    homes.pass_time(hours=1)
    young = _answered(homes, _keyed(2, key="young"))

    forget_pushes(homes[NL], homes.now + REMEMBERED)

    assert oracle.counts(homes.home(NL))["pushes"] == 1
    assert _answered(homes, _keyed(2, key="young")) == young


@pytest.mark.parametrize("key", ["k" * 201, "ключ", "a\nb", "a\x00b", "a\x7f", "é"])
def test_key_off_its_form_is_refused_and_its_neighbours_pass(homes: Homes, key: str) -> None:
    refused, passed = _push(homes, _keyed(key=key), _keyed(2))

    assert isinstance(refused, Malformed)
    assert (refused.code, refused.field) == ("bad-key", "key")
    assert isinstance(passed, PushAnswer)
    assert oracle.counts(homes.home(NL))["records"] == 1


@pytest.mark.parametrize("key", ["k", "k" * 200, " ~!", "0" * 64])
def test_key_within_its_form_is_taken(homes: Homes, key: str) -> None:
    assert _answered(homes, _keyed(key=key)) == _answered(homes, _keyed(key=key))


def test_neither_key_nor_submitter_nor_content_stands_in_the_store(homes: Homes) -> None:
    """A39: nor can a guess be tried without the storage secret."""
    _answered(homes, _keyed())
    secret = homes[NL].storage_secret
    one = _keyed().marks(secret)
    homes.close()

    files = oracle.files_of(homes.home(NL))

    words = [KEY, "Schlusselwort", records.SECRET_NAME, "system/records"]
    assert oracle.places(words, files) == []
    assert oracle.query(homes.home(NL), "SELECT tag, content FROM pushes") == [(one.tag, one.content)]
    other = _keyed().marks(bytes(32))
    assert other.tag != one.tag and other.content != one.content


def test_no_two_ways_to_part_a_push_give_the_same_marks() -> None:
    def marks(actor: str, key: str, *asked: bytes) -> tuple[bytes, bytes]:
        found = marks_of(bytes(32), actor=actor, key=key, asked=asked)
        return found.tag, found.content

    assert marks("a", "bc")[0] != marks("ab", "c")[0]
    assert marks("a", "k", b"xy", b"z")[1] != marks("a", "k", b"x", b"yz")[1]
    assert marks("a", "k", b"x", b"")[1] != marks("a", "k", b"x")[1]
