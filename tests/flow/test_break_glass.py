"""A24: an emergency takes two duty officers, lasts a day, is reviewed in three, and opens no last secret."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.errors import NotFound, Refused
from gateway.flow.deliver import outgoing
from gateway.flow.review.expire import expire_holds
from gateway.flow.review.listing import waiting
from gateway.flow.review.narrow import narrow_hold
from gateway.flow.review.showing import show_hold
from gateway.flow.submit import PushItem, push
from gateway.ledger.entry import EntryKind, parse
from gateway.record.moment import from_ms, to_ms
from gateway.record.portion import parse_portion
from gateway.record.schema import KINDS
from gateway.record.vocabulary import Duty, Lane, LegalBasis, ObligationCode
from gateway.release.disclosure import portions_of
from gateway.release.release import parse_release
from gateway.v1 import record_pb2 as pb
from policy.decision import Outcome
from tests.flow import records
from tests.flow.federation import NGO, NL, RO, Homes
from tests.flow.forge import release_of
from tests.flow.records import SECRET_NAME
from tests.flow.review import CONSOLE, Crew, crew, enrol, judge, kinds_of, say
from tests.flow.test_approving import nothing_left
from tests.flow.test_emergency import IN_DANGER, TO_RO

HOUR_MS = 3_600_000


@pytest.fixture
def officers(homes: Homes) -> Crew:
    """Return five officers enrolled at the sender."""
    made = crew()
    enrol(homes, made)
    return made


def pushed(homes: Homes, item: PushItem = IN_DANGER, number: int = 1) -> str:
    """Push a case in danger, and return its exchange."""
    record = item.record if number == 1 else records.encoded(records.small(number))
    (answer,) = push(homes[NL], [replace(item, record=record)], homes.now)
    assert not isinstance(answer, Exception)
    return answer.exchanges[0].exchange_id


def held(homes: Homes, item: PushItem = IN_DANGER, number: int = 1) -> str:
    """Push what is held for two duty officers."""
    exchange = pushed(homes, item, number)
    assert "DUTY:2" in required(homes, exchange).split(",")
    return exchange


def required(homes: Homes, exchange: str) -> str:
    """Return whom a hold needs."""
    row = homes[NL].read.hold(exchange)
    assert row is not None
    return row.required


def released(homes: Homes, officers: Crew, item: PushItem = IN_DANGER, number: int = 1) -> str:
    """Push a case in danger and let two duty officers release it."""
    exchange = held(homes, item, number)
    say(homes, exchange, officers.bob, Duty.DUTY)
    assert say(homes, exchange, officers.carla, Duty.DUTY).state == "approved"
    return exchange


def test_two_duty_officers_release_and_one_does_not(homes: Homes, officers: Crew) -> None:
    exchange = held(homes)

    first = say(homes, exchange, officers.bob, Duty.DUTY)

    assert (first.state, first.missing) == ("partly-approved", ("DUTY:1",))
    assert nothing_left(homes[NL], exchange)
    assert say(homes, exchange, officers.carla, Duty.DUTY).state == "approved"
    assert homes.carry(RO).answered is not None
    assert SECRET_NAME.encode() in release_of(homes[RO], exchange)


def test_same_person_is_not_two_duty_officers(homes: Homes, officers: Crew) -> None:
    exchange = held(homes)
    say(homes, exchange, officers.bob, Duty.DUTY)

    with pytest.raises(Refused) as again:
        say(homes, exchange, officers.bob, Duty.DUTY)

    assert again.value.code == "already-approved"
    assert nothing_left(homes[NL], exchange)


@pytest.mark.parametrize("duty", [one for one in Duty if one is not Duty.DUTY])
def test_no_other_duty_releases_in_an_emergency(homes: Homes, officers: Crew, duty: Duty) -> None:
    exchange = held(homes)
    who = {Duty.CPO: officers.bob, Duty.DPO: officers.dirk, Duty.JUD: officers.dirk}.get(duty, officers.eva)

    with pytest.raises(Refused) as refusal:
        say(homes, exchange, who, duty)

    assert refusal.value.code in {"duty-not-needed", "not-your-duty"}
    assert nothing_left(homes[NL], exchange)


@pytest.mark.parametrize(
    "lacking",
    [
        replace(IN_DANGER, threat=""),
        replace(IN_DANGER, threat=" \t\n"),
        replace(IN_DANGER, lane=Lane.URGENT),
        replace(IN_DANGER, addressees=(replace(TO_RO, legal_basis=LegalBasis.LAW_ENFORCEMENT_TASK),)),
        replace(IN_DANGER, addressees=(replace(TO_RO, agency=NGO),)),
    ],
    ids=["no threat", "blank threat", "another lane", "another basis", "no police"],
)
def test_duty_officers_release_nothing_without_each_element(
    homes: Homes, officers: Crew, lacking: PushItem
) -> None:
    exchange = pushed(homes, lacking)

    for who in (officers.bob, officers.carla):
        if homes[NL].read.hold(exchange) is not None:
            with pytest.raises(Refused) as refusal:
                say(homes, exchange, who, Duty.DUTY)
            assert refusal.value.code == "duty-not-needed"

    assert nothing_left(homes[NL], exchange)


def test_use_of_a_day_begins_with_the_push_and_nothing_is_approved_after_it(
    homes: Homes, officers: Crew
) -> None:
    exchange = held(homes)
    say(homes, exchange, officers.bob, Duty.DUTY)
    row = homes[NL].read.hold(exchange)
    assert row is not None and row.expires_at <= to_ms(homes.now) + 24 * HOUR_MS
    homes.pass_time(hours=24)

    with pytest.raises(Refused) as late:
        say(homes, exchange, officers.carla, Duty.DUTY)

    assert late.value.code == "hold-expired"
    assert nothing_left(homes[NL], exchange)
    assert expire_holds(homes[NL], homes.now) == 1
    assert nothing_left(homes[NL], exchange)


def test_what_was_released_and_not_sent_within_its_day_stays(homes: Homes, officers: Crew) -> None:
    exchange = released(homes, officers)
    assert outgoing(homes[NL], RO, homes.now).exchanges == (exchange,)
    homes.pass_time(hours=24)

    leaving = outgoing(homes[NL], RO, homes.now)

    assert leaving.batch is None
    assert [one for one, _ in leaving.held_back] == [exchange]


def test_release_carries_its_duties_and_both_data_protection_officers_are_told(
    homes: Homes, officers: Crew
) -> None:
    at = homes.now
    exchange = released(homes, officers)
    homes.carry(RO)

    there = parse_release(release_of(homes[RO], exchange))

    due = {one.code: one.due_at_ms for one in there.obligations}
    assert due[ObligationCode.EXPIRE] == to_ms(at) + 24 * HOUR_MS
    assert due[ObligationCode.REVIEW_72H] == to_ms(at) + 72 * HOUR_MS
    assert ObligationCode.NOTIFY_DPO in due
    assert [one.exchange for one in waiting(homes[NL], homes.now, duty="DPO").reviews] == [exchange]


def test_emergency_stands_in_the_ledger_before_its_release(homes: Homes, officers: Crew) -> None:
    exchange = released(homes, officers)

    assert list(kinds_of(homes[NL], exchange)) == [
        EntryKind.DECIDED,
        EntryKind.HELD,
        EntryKind.APPROVED,
        EntryKind.APPROVED,
        EntryKind.BREAK_GLASS,
        EntryKind.RELEASED,
    ]


def test_review_is_due_in_three_days_and_listed(homes: Homes, officers: Crew) -> None:
    homes.pass_time(hours=1)
    exchange = released(homes, officers)

    (line,) = waiting(homes[NL], homes.now).reviews

    assert (line.exchange, line.recipient, line.overdue) == (exchange, RO, False)
    assert line.due_at == from_ms(to_ms(homes.now) + 72 * HOUR_MS).isoformat()
    homes.pass_time(hours=72, seconds=1)
    assert waiting(homes[NL], homes.now).reviews[0].overdue


@pytest.mark.parametrize(
    ("who", "duty", "code"),
    [
        ("bob", Duty.DPO, "own-release"),
        ("eva", Duty.DPO, "not-your-duty"),
        ("dirk", Duty.JUD, "not-your-duty"),
    ],
)
def test_only_a_data_protection_officer_without_a_part_reviews(
    homes: Homes, officers: Crew, who: str, duty: Duty, code: str
) -> None:
    exchange = released(homes, officers)

    with pytest.raises(Refused) as refusal:
        judge(homes, exchange, getattr(officers, who), duty=duty)

    assert refusal.value.code == code
    assert kinds_of(homes[NL], exchange)[-1] == EntryKind.HOLD_PLACED
    assert waiting(homes[NL], homes.now).reviews
    assert judge(homes, exchange, officers.dirk).finding == "justified"


def test_word_that_was_meant_for_the_hold_is_no_review(homes: Homes, officers: Crew) -> None:
    exchange = released(homes, officers)
    hold = homes[NL].read.hold(exchange)
    assert hold is not None

    with pytest.raises(Refused) as refusal:
        judge(homes, exchange, officers.dirk, expires_at_ms=hold.expires_at)

    assert (refusal.value.code, refusal.value.field) == ("other-bytes", "approval.expires_at")
    assert waiting(homes[NL], homes.now).reviews
    shown = show_hold(homes[NL], exchange, actor="officer/dirk", now=homes.now)
    assert judge(homes, exchange, officers.dirk, expires_at_ms=shown.expires_ms).finding == "justified"


@pytest.mark.parametrize("part", ["submitted", "wrote"])
def test_who_invoked_it_or_wrote_the_record_does_not_review_it(
    homes: Homes, officers: Crew, part: str
) -> None:
    record = records.small()
    record.header.author = "Dirk  Visser" if part == "wrote" else "somebody"
    actor = "system/dirk" if part == "submitted" else "system/test"
    exchange = released(homes, officers, replace(IN_DANGER, record=records.encoded(record), actor=actor))

    with pytest.raises(Refused) as refusal:
        judge(homes, exchange, officers.dirk)

    assert refusal.value.code == "own-submission"


@pytest.mark.parametrize(("refuse", "finding"), [("", "justified"), ("other: no threat", "not-justified")])
def test_review_closes_the_task_once(homes: Homes, officers: Crew, refuse: str, finding: str) -> None:
    exchange = released(homes, officers)

    assert judge(homes, exchange, officers.dirk, refuse=refuse).finding == finding

    assert waiting(homes[NL], homes.now).reviews == ()
    assert kinds_of(homes[NL], exchange)[-1] == EntryKind.BREAK_GLASS_REVIEWED
    with pytest.raises(NotFound) as again:
        judge(homes, exchange, officers.dirk)
    assert again.value.code == "no-such-review"


def test_overdue_review_asks_for_a_data_protection_officer_of_the_same_submitter_only(
    homes: Homes, officers: Crew
) -> None:
    first = released(homes, officers)
    homes.carry(RO)
    homes.pass_time(hours=72, seconds=1)

    (same,) = push(homes[NL], [replace(IN_DANGER, record=records.encoded(records.small(2)))], homes.now)
    other = held(homes, replace(IN_DANGER, actor="system/other"), 3)

    assert not isinstance(same, Exception)
    (exchange,) = same.exchanges
    assert exchange.approvals == ("DPO:1", "DUTY:2")
    assert "VP-39R" in dict(exchange.reasons)
    assert required(homes, other) == "DUTY:2"
    say(homes, exchange.exchange_id, officers.eva, Duty.DUTY)
    assert say(homes, exchange.exchange_id, officers.carla, Duty.DUTY).missing == ("DPO:1",)
    assert nothing_left(homes[NL], exchange.exchange_id)
    assert say(homes, exchange.exchange_id, officers.bob, Duty.DPO).state == "approved"
    judge(homes, first, officers.dirk)
    assert waiting(homes[NL], homes.now).reviews[0].exchange == exchange.exchange_id


def test_review_in_time_or_late_asks_for_nobody_more(homes: Homes, officers: Crew) -> None:
    first = released(homes, officers)
    homes.pass_time(hours=80)
    judge(homes, first, officers.dirk)

    second = held(homes, number=2)

    assert required(homes, second) == "DUTY:2"


def test_only_what_was_asked_for_leaves_beyond_the_usual(homes: Homes, officers: Crew) -> None:
    asked = {"person.name"}
    usual = parse_release(release_of(homes[NL], pushed(homes, replace(IN_DANGER, ask=frozenset()))))
    exchange = released(homes, officers, number=2)

    def fields(release: bytes | None = None) -> set[tuple[str, str]]:
        portions = map(parse_portion, portions_of(parse_release(release or b"").disclosure))
        return {
            (KINDS[one.entity.partition("/")[0]].fields[one.field].category, one.rung.token)
            for one in portions
        }

    more = fields(release_of(homes[NL], exchange)) - fields(usual.encode())
    assert {category for category, _ in more} <= asked


def test_emergency_that_needs_nobody_has_its_entry_and_its_review_all_the_same(
    homes: Homes, officers: Crew
) -> None:
    exchange = pushed(homes, replace(IN_DANGER, ask=frozenset()))

    assert list(kinds_of(homes[NL], exchange)) == [
        EntryKind.DECIDED,
        EntryKind.BREAK_GLASS,
        EntryKind.RELEASED,
    ]
    assert [one.exchange for one in waiting(homes[NL], homes.now).reviews] == [exchange]
    assert homes.carry(RO).answered is not None
    assert show_hold(homes[NL], exchange, actor="officer/dirk", now=homes.now).state == "approved"
    assert judge(homes, exchange, officers.dirk).finding == "justified"


def test_emergency_narrowed_until_it_needs_nobody_is_reviewed_too(homes: Homes, officers: Crew) -> None:
    exchange = held(homes)
    shown = show_hold(homes[NL], exchange, actor="officer/bob", now=homes.now)
    named = [one.path for one in shown.lines if one.category == "person.name" and one.entity == "victim"]

    narrowed = narrow_hold(homes[NL], exchange, withhold=named, generalise=[], caller=CONSOLE, now=homes.now)

    assert narrowed.outcome == "release"
    assert list(kinds_of(homes[NL], exchange))[-2:] == [EntryKind.BREAK_GLASS, EntryKind.RELEASED]
    assert [one.exchange for one in waiting(homes[NL], homes.now).reviews] == [exchange]
    assert homes.carry(RO).answered is not None
    assert SECRET_NAME.encode() not in release_of(homes[RO], exchange)


SECRETS = {
    "VP-09": "Schuilstraat 9",
    "VP-11A": "kanarie-picture",
    "VP-15": "kanarie-therapy",
    "VP-10": SECRET_NAME,
}


def _secret(rule: str) -> pb.Record:
    record = records.small()
    victim = record.persons[0]
    if rule == "VP-09":
        victim.shelter.place.street, victim.shelter.place.town = SECRETS[rule], "Denkdorp"
    elif rule == "VP-11A":
        victim.images.add(caption=SECRETS[rule], media_type="image/png")
    elif rule == "VP-15":
        victim.therapy_notes.append(SECRETS[rule])
    else:
        victim.safety.unsafe_countries.append("RO")
    return record


@pytest.mark.parametrize("rule", SECRETS)
def test_no_emergency_opens_what_is_never_opened(homes: Homes, officers: Crew, rule: str) -> None:
    every = frozenset({field.category for kind in KINDS.values() for field in kind.fields.values()} - {""})
    item = replace(IN_DANGER, record=records.encoded(_secret(rule)), ask=every, necessity="to find her")
    (answer,) = push(homes[NL], [item], homes.now)
    assert not isinstance(answer, Exception)
    (exchange,) = answer.exchanges
    assert rule in dict(exchange.reasons)
    if exchange.outcome is Outcome.HELD:
        given = {token.partition(":")[0] for token in exchange.approvals}
        crowd = {"DUTY": (officers.bob, officers.carla), "VPO": (officers.anna,), "DPO": (officers.dirk,)}
        for duty in sorted(given):
            for who in crowd[duty]:
                say(homes, exchange.exchange_id, who, Duty.from_token(duty, "duty"))

    homes.carry(RO)

    assert SECRETS[rule].encode() not in release_of(homes[NL], exchange.exchange_id)
    assert SECRETS[rule].encode() not in release_of(homes[RO], exchange.exchange_id)
    entries = homes[NL].read.entries_of_exchange(exchange.exchange_id)
    assert EntryKind.RELEASED in [parse(row.data).kind for row in entries]
