"""What leaves in one batch: what waits and may go, the most urgent first, as much as fits, each once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.flow.deliver import PROVED_BYTES, Outgoing, outgoing
from gateway.flow.repeat import PushAnswer
from gateway.flow.submit import push
from gateway.record.vocabulary import Lane
from tests.flow import oracle, records
from tests.flow.federation import NL, RO, Homes, item


def _push(homes: Homes, *lanes: Lane) -> list[str]:
    """Submit records one by one in these lanes; return the messages they travel in."""
    for number, lane in enumerate(lanes):
        (answer,) = push(homes[NL], [replace(item(records.small(number)), lane=lane)], homes.now)
        assert isinstance(answer, PushAnswer)
        homes.pass_time(milliseconds=1)
    rows = oracle.query(homes.home(NL), "SELECT message_id FROM outbox ORDER BY entry")
    return [message for (message,) in rows]


def _sizes(homes: Homes) -> dict[str, int]:
    """Return what each waiting message takes of a batch."""
    sql = "SELECT message_id, length(header) + length(sealed) FROM outbox"
    return {message: size + PROVED_BYTES for message, size in oracle.query(homes.home(NL), sql)}


def test_messages_left_out_stay_and_the_others_leave(homes: Homes) -> None:
    first, second, third = _push(homes, *[Lane.ROUTINE] * 3)

    leaving = outgoing(homes[NL], RO, homes.now, but={second})
    none = outgoing(homes[NL], RO, homes.now, but={first, second, third})
    all_again = outgoing(homes[NL], RO, homes.now)

    assert leaving.messages == (first, third)
    assert leaving.batch is not None and len(leaving.batch.envelopes) == 2
    assert none == Outgoing(batch=None, exchanges=(), messages=(), stopped=())
    assert all_again.messages == (first, second, third)


def test_message_left_out_makes_room_for_one_behind_it(homes: Homes) -> None:
    first, second, third = _push(homes, *[Lane.ROUTINE] * 3)

    assert outgoing(homes[NL], RO, homes.now, limit=2).messages == (first, second)
    assert outgoing(homes[NL], RO, homes.now, but={first}, limit=2).messages == (second, third)


def test_most_urgent_leave_first_and_within_a_lane_the_oldest(homes: Homes) -> None:
    routine, urgent, threat, urgent_too = _push(
        homes, Lane.ROUTINE, Lane.URGENT, Lane.THREAT_TO_LIFE, Lane.URGENT
    )

    assert outgoing(homes[NL], RO, homes.now).messages == (threat, urgent, urgent_too, routine)


@pytest.mark.parametrize(("room", "taken"), [(0, 2), (-1, 1), (10**6, 3)])
def test_batch_holds_as_much_as_fits(homes: Homes, room: int, taken: int) -> None:
    messages = _push(homes, *[Lane.ROUTINE] * 3)
    sizes = _sizes(homes)
    limit = sizes[messages[0]] + sizes[messages[1]] + room

    assert outgoing(homes[NL], RO, homes.now, limit_bytes=limit).messages == tuple(messages[:taken])


def test_one_envelope_leaves_however_large_it_is(homes: Homes) -> None:
    """What never fitted would stay for ever, and all behind it."""
    first, _ = _push(homes, *[Lane.ROUTINE] * 2)

    assert outgoing(homes[NL], RO, homes.now, limit_bytes=1).messages == (first,)


def test_batch_is_no_larger_than_was_counted(homes: Homes) -> None:
    _push(homes, *[Lane.ROUTINE] * 4)

    leaving = outgoing(homes[NL], RO, homes.now)

    assert leaving.batch is not None
    assert len(leaving.batch.encode()) <= sum(_sizes(homes).values())


def test_looking_at_what_leaves_changes_nothing(homes: Homes) -> None:
    _push(homes, Lane.ROUTINE)
    before = oracle.counts(homes.home(NL))

    one, two = (outgoing(homes[NL], RO, homes.now) for _ in range(2))

    assert one == two
    assert oracle.counts(homes.home(NL)) == before
    assert oracle.query(homes.home(NL), "SELECT state FROM outbox") == [("queued",)]


def test_what_may_not_leave_any_more_is_named_unless_it_was_left_out(homes: Homes) -> None:
    first, second = _push(homes, *[Lane.ROUTINE] * 2)
    later = homes.now + timedelta(days=14)
    directory = homes[NL].directory
    end = later + timedelta(days=1)
    gateway = replace(
        homes[NL],
        directory=replace(directory, expires_at=end, keys_expire=dict.fromkeys(directory.keys_expire, end)),
    )

    both = outgoing(gateway, RO, later)
    one = outgoing(gateway, RO, later, but={first})

    assert [stopped.row.message_id for stopped in both.stopped] == [first, second]
    assert [(stopped.row.message_id, stopped.code) for stopped in one.stopped] == [(second, "expired")]
