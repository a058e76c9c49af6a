"""What is kept past its last day is shown to nobody, and is erased by itself, on both sides (A41)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from gateway.errors import GatewayError, NotFound, Refused
from gateway.flow.consult import Shown, arrivals, show_arrival, show_own
from gateway.flow.preview import preview
from gateway.flow.purge import next_end_ms, purge
from gateway.flow.repeat import PushAnswer
from gateway.flow.retention import ends_ms
from gateway.record.findings import InvalidRecord
from gateway.record.moment import to_ms
from gateway.record.vocabulary import Purpose
from gateway.release.release import parse_release
from tests.flow import oracle, records
from tests.flow.arrivals import taken
from tests.flow.federation import NL, RO, Homes, item
from tests.flow.forge import release_of
from tests.flow.lasting import lasting, past_end

ACTOR = "system/test"


def _sent(homes: Homes) -> PushAnswer:
    """Let a record that is kept until tomorrow arrive at police.ro."""
    answer = homes.push(lasting(homes, days=1))
    homes.carry(RO)
    return answer


def _own(homes: Homes, answer: PushAnswer, purpose: str = "investigation") -> Shown:
    return show_own(homes[NL], answer.record_id, purpose=purpose, actor=ACTOR, now=homes.now)


def _came(homes: Homes, answer: PushAnswer, purpose: str = "investigation") -> Shown:
    (exchange,) = answer.exchanges
    return show_arrival(homes[RO], exchange.exchange_id, purpose=purpose, actor=ACTOR, now=homes.now)


def test_last_day_is_included_whole_on_both_sides(homes: Homes) -> None:
    answer = _sent(homes)
    homes.now = past_end(homes, days=1) - timedelta(seconds=1)

    purged = purge(homes[NL], homes.now) + purge(homes[RO], homes.now)

    assert purged == 0
    assert records.SECRET_NAME in str(_own(homes, answer).record)
    assert _came(homes, answer).record
    assert [one.absent for one in taken(homes)] == [""]


@pytest.mark.parametrize("late", [timedelta(0), timedelta(seconds=1)])
def test_nobody_is_shown_anything_after_the_last_day_even_before_it_is_erased(
    homes: Homes, late: timedelta
) -> None:
    answer = _sent(homes)
    assert homes[NL].me == NL and homes[RO].me == RO  # open since before: nothing has purged them
    homes.now = past_end(homes, days=1) + late
    sizes = [oracle.size(homes.home(agency)) for agency in (NL, RO)]

    for read in (_own, _came):
        with pytest.raises(Refused) as refused:
            read(homes, answer)
        assert refused.value.code == "use-ended"

    assert [(one.record, one.absent) for one in taken(homes)] == [(None, "use-ended")]
    assert [oracle.size(homes.home(agency)) for agency in (NL, RO)] == sizes


def test_one_second_after_the_last_day_a_purge_leaves_nothing_to_show(homes: Homes) -> None:
    answer = _sent(homes)
    homes.now = past_end(homes, days=1) + timedelta(seconds=1)

    purged = [purge(homes[agency], homes.now) for agency in (NL, RO)]

    assert purged == [1, 1]
    for read, code in ((_own, "no-such-record"), (_came, "erased")):
        with pytest.raises(NotFound) as gone:
            read(homes, answer)
        assert gone.value.code == code
    assert [(one.record, one.absent) for one in taken(homes)] == [(None, "erased")]


def test_stopped_home_is_purged_before_any_command_is_served(homes: Homes) -> None:
    _sent(homes)
    homes.close()
    homes.now = past_end(homes, days=1) + timedelta(seconds=1)

    for agency in (NL, RO):
        homes.opened(agency)

    for agency in (NL, RO):
        counts = oracle.counts(homes.home(agency))
        assert (counts["bodies"], counts["record_keys"], counts["exchange_keys"]) == (0, 0, 0)
        assert oracle.kinds(homes.home(agency))[-1] == "erased"


def test_end_that_comes_next_is_known(homes: Homes) -> None:
    _sent(homes)
    homes.push(lasting(homes, days=3))

    first, second = past_end(homes, days=1), past_end(homes, days=3)

    assert [next_end_ms(homes[agency]) for agency in (NL, RO)] == [to_ms(first)] * 2
    assert [purge(homes[agency], first) for agency in (NL, RO)] == [1, 1]
    assert [next_end_ms(homes[agency]) for agency in (NL, RO)] == [to_ms(second), None]


def test_list_of_arrivals_says_until_when_each_may_be_used(homes: Homes) -> None:
    _sent(homes)

    (one,) = arrivals(homes[RO])

    assert one.use_until == (homes.now.date() + timedelta(days=1)).isoformat()


@pytest.mark.parametrize("purpose", [purpose for purpose in Purpose if purpose.token != "investigation"])
def test_what_came_is_shown_for_the_purpose_of_its_release_and_for_no_other(
    homes: Homes, purpose: Purpose
) -> None:
    answer = _sent(homes)
    size = oracle.size(homes.opened(RO))

    with pytest.raises(Refused) as refused:
        _came(homes, answer, purpose.token)

    assert refused.value.code == "other-purpose"
    assert taken(homes, purpose=purpose) == []
    assert oracle.size(homes.home(RO)) == size
    assert _came(homes, answer).record


def test_own_record_is_shown_for_the_purposes_of_its_marking_and_for_no_other(homes: Homes) -> None:
    answer = _sent(homes)
    size = oracle.size(homes.opened(NL))
    told: dict[str, str] = {}

    for purpose in Purpose:
        try:
            _own(homes, answer, purpose.token)
        except GatewayError as exc:
            told[purpose.token] = exc.code

    allowed = {"investigation", "victim-protection"}
    assert told == {purpose.token: "other-purpose" for purpose in Purpose if purpose.token not in allowed}
    assert oracle.kinds(homes.home(NL), size) == ["read"] * 2


def test_own_record_without_a_limit_of_purposes_is_shown_for_any(homes: Homes) -> None:
    record = lasting(homes, days=1)
    del record.header.marking.purposes[:]
    record.header.marking.purposes_all = True
    answer = homes.push(record)

    for purpose in Purpose:
        assert _own(homes, answer, purpose.token).record


@pytest.mark.parametrize("purpose", ["", "curiosity", "INVESTIGATION", "investigation "])
def test_reading_without_a_purpose_that_exists_shows_nothing(homes: Homes, purpose: str) -> None:
    answer = _sent(homes)

    for read in (_own, _came):
        with pytest.raises(GatewayError):
            read(homes, answer, purpose)


def test_record_whose_retention_has_ended_is_previewed_to_nobody(homes: Homes) -> None:
    record = lasting(homes, days=0)

    assert preview(homes[NL], item(record), homes.now).lines
    homes.now = past_end(homes, days=0)
    with pytest.raises(InvalidRecord):
        preview(homes[NL], item(record), homes.now)


def test_purge_of_a_home_with_nothing_to_erase_changes_nothing(homes: Homes) -> None:
    _sent(homes)
    before = [oracle.counts(homes.opened(agency)) for agency in (NL, RO)]
    homes.now = datetime.combine(homes.now.date(), time.max, UTC)

    assert [purge(homes[agency], homes.now) for agency in (NL, RO)] == [0, 0]

    assert [oracle.counts(homes.home(agency)) for agency in (NL, RO)] == before


def test_release_without_a_duty_of_deletion_ends_with_its_last_day(homes: Homes) -> None:
    """A peer may leave the duty out; what it sent must not be unreadable, or unpurgeable, for that."""
    (exchange,) = homes.push(lasting(homes, days=3)).exchanges
    release = parse_release(release_of(homes[NL], exchange.exchange_id))

    bare = replace(release, obligations=())

    assert ends_ms(bare) == ends_ms(release) == to_ms(past_end(homes, days=3))
