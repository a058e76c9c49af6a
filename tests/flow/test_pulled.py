"""What a tool of another member is shown: what was released then, and would still be released now."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.errors import Forbidden, Refused, Unreachable
from gateway.flow.access import revoke_access
from gateway.flow.activate import activate_own
from gateway.flow.erase import Why, erase
from gateway.flow.pulling import page as paging
from gateway.flow.pulling.objects import items_of
from gateway.flow.pulling.offered import offered
from gateway.flow.purge import purge
from gateway.flow.stop import give_up
from gateway.record.vocabulary import Duty
from gateway.store.changes import ExchangeState, OutboxState, RecordState
from gateway.store.unit import Unit
from gateway.v1.record_pb2 import Record
from keys.member import MemberStatus
from tests.flow import oracle, records
from tests.flow.federation import BORDER, NGO, NL, RO, TO_NGO, TO_RO, Homes
from tests.flow.lasting import lasting, past_end
from tests.flow.pulling import Tool, keepable, own, released
from tests.flow.review import audited, crew, enrol, say
from tests.flow.test_activation import NO_VEHICLES

COARSE_VEHICLES = NO_VEHICLES.replace(
    'when { resource.category == Comity::Category::"vehicle.identity" }',
    'when { resource.category == Comity::Category::"vehicle.identity" '
    '&& context.rung == Comity::Rung::"exact" }',
)


@pytest.fixture
def tool(homes: Homes) -> Tool:
    """Return a tool of police.ro."""
    return Tool(homes)


def shown(tool: Tool) -> bool:
    """Tell whether anything is shown; an audit finds every showing in order."""
    return bool(tool.pull())


def test_tool_is_shown_what_was_released_to_its_member_and_nothing_that_names_a_victim(
    homes: Homes, tool: Tool
) -> None:
    released(homes, 1)

    text = tool.text()

    assert "x-vehicle" in text and "x-person" in text
    assert (
        oracle.places(
            [records.SECRET_NAME, records.SECRET_PHONE, records.SECRET_STREET, "Denkdorp"],
            {"pulled": text.encode()},
        )
        == []
    )


def test_nothing_is_shown_that_may_not_be_kept(homes: Homes, tool: Tool) -> None:
    homes.push(records.small())

    assert not shown(tool)


def test_two_tools_see_what_is_their_own_members_and_for_their_own_purpose(homes: Homes, tool: Tool) -> None:
    other = Tool(homes, "opencti", NGO, ("victim-protection", "investigation"))
    released(homes, 1)
    homes.push(keepable(record=Record.FromString(records.demonstration())), TO_NGO)

    ours, theirs = tool.pull(), other.pull(purpose="victim-protection")

    assert ours and theirs
    assert not {item.id for item in own(ours)} & {item.id for item in own(theirs)}
    assert other.pull(purpose="investigation") == []
    assert tool.collection().id not in [
        other.collection(purpose).id for purpose in ("victim-protection", "investigation")
    ]


def test_tools_of_one_member_share_a_collection(homes: Homes, tool: Tool) -> None:
    released(homes, 1)
    second = Tool(homes, "opencti")

    assert second.collection() == tool.collection()
    assert [item.id for item in second.pull()] == [item.id for item in tool.pull()]


def test_what_was_delivered_is_shown_as_what_still_waits_is(homes: Homes, tool: Tool) -> None:
    released(homes, 1)
    before = tool.pull()

    homes.carry(RO)

    assert tool.pull() == before


def test_what_is_held_is_shown_once_its_officers_agreed(homes: Homes, tool: Tool) -> None:
    officers = crew()
    enrol(homes, officers)
    (exchange,) = released(homes, 1, ask=("person.name",))

    waiting = shown(tool)
    say(homes, exchange, officers.anna, Duty.VPO)
    half = shown(tool)
    say(homes, exchange, officers.bob, Duty.CPO)

    assert (waiting, half) == (False, False)
    assert shown(tool)
    # The member may know her name; a tool whose reader may ignore the marking may not.
    assert records.SECRET_NAME not in tool.text()


def test_retention_that_ends_ends_the_showing_before_anything_is_purged(homes: Homes, tool: Tool) -> None:
    homes.push(keepable(record=lasting(homes, days=1)))
    homes.now = past_end(homes, days=1) - timedelta(seconds=1)
    before = shown(tool)

    homes.now += timedelta(seconds=1)

    assert before
    assert not shown(tool)


def test_what_was_erased_is_gone(homes: Homes, tool: Tool) -> None:
    released(homes, 1)
    before = shown(tool)
    gateway = homes[NL]

    erase(gateway, gateway.read.records("own"), Why.USE_ENDED)

    assert before
    assert not shown(tool)
    assert purge(gateway, homes.now) == 0


def test_what_was_replaced_by_another_version_is_gone(homes: Homes, tool: Tool) -> None:
    released(homes, 1)
    (row,) = homes[NL].read.records("own")
    change = RecordState(row.originator, row.record_id, row.version, "current", "superseded")
    homes[NL].store.writer.commit_one(Unit(rows=(change,)))

    assert not shown(tool)


def test_what_was_stopped_is_gone(homes: Homes, tool: Tool) -> None:
    (exchange,) = released(homes, 1)
    row = homes[NL].read.exchange(exchange)
    assert row is not None and row.message_id is not None

    give_up(homes[NL], row.message_id, "rules")

    assert not shown(tool)


def test_what_its_member_refused_is_not_to_be_had_by_pulling(homes: Homes, tool: Tool) -> None:
    """A48: what comes in by no push comes in by no pull either."""
    (exchange,) = released(homes, 1)
    before = shown(tool)
    row = homes[NL].read.exchange(exchange)
    assert row is not None and row.message_id is not None
    changes = (
        ExchangeState(exchange, "released", "refused"),
        OutboxState(row.message_id, "queued", "refused"),
    )

    homes[NL].store.writer.commit_one(Unit(rows=changes))

    assert before
    assert not shown(tool)


def test_rules_of_today_take_away_what_they_would_not_release(homes: Homes, tool: Tool) -> None:
    released(homes, 1)
    before = tool.text()

    tool.gateway, _ = activate_own(homes[NL], NO_VEHICLES, homes.now)

    assert "plate" in before
    assert "plate" not in tool.text() and "x-person" in tool.text()


def test_rules_of_today_make_coarser_what_they_would_release_coarser(homes: Homes, tool: Tool) -> None:
    released(homes, 1)
    before = _vehicle(tool)

    tool.gateway, _ = activate_own(homes[NL], COARSE_VEHICLES, homes.now)

    assert before != _vehicle(tool)
    assert _vehicle(tool)


def test_rules_that_change_take_away_what_rested_on_approvals(homes: Homes, tool: Tool) -> None:
    officers = crew()
    enrol(homes, officers)
    (exchange,) = released(homes, 1, ask=("person.name",))
    say(homes, exchange, officers.anna, Duty.VPO)
    say(homes, exchange, officers.bob, Duty.CPO)
    before = _names(tool, exchange)

    tool.gateway, _ = activate_own(homes[NL], NO_VEHICLES, homes.now)

    # What is written is stripped of it anyhow: here is looked at what would be handed to be written.
    assert records.SECRET_NAME in before
    assert records.SECRET_NAME not in _names(tool, exchange)


def test_rules_of_today_never_show_more_than_was_released(homes: Homes) -> None:
    tool = Tool(homes)
    strict, _ = activate_own(homes[NL], NO_VEHICLES, homes.now)
    homes._open[NL] = (strict, homes._open[NL][1])
    released(homes, 1)
    assert "plate" not in tool.text()

    tool.gateway, _ = activate_own(strict, "", homes.now)

    assert "x-person" in tool.text() and "plate" not in tool.text()


def test_member_that_is_suspended_loses_its_tools(homes: Homes, tool: Tool) -> None:
    released(homes, 1)
    homes.close(NL)
    federation = homes.federation()
    federation.add_member(replace(federation.members()[RO], status=MemberStatus.SUSPENDED))
    federation.publish()
    homes.refresh(NL)

    with pytest.raises(Forbidden) as refused:
        tool.pull()

    assert refused.value.code == "inactive-agency"


def test_tool_that_was_revoked_pulls_nothing_more(homes: Homes, tool: Tool) -> None:
    released(homes, 1)
    revoke_access(homes[NL], "taxii", "misp", homes.now)

    with pytest.raises(Forbidden) as refused:
        tool.pull()

    assert refused.value.code == "revoked"


def test_tool_whose_certificate_ended_pulls_nothing_more(homes: Homes, tool: Tool) -> None:
    homes.pass_time(days=31)

    with pytest.raises(Forbidden):
        tool.pull()


def test_what_went_to_one_unit_alone_is_not_for_a_tool(homes: Homes, tool: Tool) -> None:
    homes.push(keepable(), replace(TO_RO, unit="unit"))

    assert not shown(tool)


def test_gateway_whose_clock_went_back_shows_nothing(homes: Homes, tool: Tool) -> None:
    released(homes, 1)
    homes.now -= timedelta(minutes=30)

    with pytest.raises(Refused) as refused:
        tool.pull()

    assert refused.value.code == "clock-behind"


def test_every_showing_is_in_the_ledger_once_a_day_for_each_tool(homes: Homes, tool: Tool) -> None:
    exchanges = released(homes, 1, 2)
    size = oracle.size(homes.home(NL))

    tool.pull(limit=2)
    tool.pull()
    same_day = oracle.entries(homes.home(NL), size)
    Tool(homes, "opencti").pull()
    homes.pass_time(days=1)
    tool.pull()

    reads = [one for one in oracle.entries(homes.home(NL), size) if oracle.KINDS.get(one["kind"]) == "read"]
    assert [one["exchange"] for one in same_day] == exchanges
    assert all(one["peer"] == RO and len(one["commits"]) == 2 for one in reads)
    assert [one["exchange"] for one in reads] == exchanges * 3
    assert "misp" not in json.dumps(reads) and "investigation" not in json.dumps(reads)
    assert audited(homes).exit_code == 0


def test_page_that_shows_nothing_of_a_record_does_not_note_it(homes: Homes, tool: Tool) -> None:
    released(homes, 1, 2)
    size = oracle.size(homes.home(NL))

    tool.pull(types=frozenset({"x-none"}))

    assert oracle.size(homes.home(NL)) == size


def test_nothing_is_shown_that_cannot_be_noted(
    homes: Homes, tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    released(homes, 1)

    def fails(*_: object, **__: object) -> None:
        raise Unreachable("the store failed", code="store")

    with monkeypatch.context() as patch:
        patch.setattr(homes[NL].store.writer, "commit", fails)
        with pytest.raises(Unreachable):
            tool.pull()
    # What was not noted is not taken for noted the next time.
    size = oracle.size(homes.home(NL))
    tool.pull()

    assert oracle.kinds(homes.home(NL), size) == ["read"]


def test_record_that_cannot_be_written_hides_no_other(homes: Homes, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = Tool(homes)
    first, second = released(homes, 1, 2)

    def sometimes(one: Any, *args: Any, **options: Any) -> Any:
        if one.exchange.exchange_id == first:
            raise ZeroDivisionError("nobody foresaw this")
        return items_of(one, *args, **options)

    monkeypatch.setattr(paging, "items_of", sometimes)
    items = tool.pull()

    assert {item.position for item in items} == {homes[NL].read.exchange(second).entry}  # type: ignore[union-attr]


CHANGES: dict[str, Callable[[str], str]] = {
    "another peer": lambda _: "UPDATE exchanges SET peer = 'border.xx'",
    "another purpose": lambda _: "UPDATE exchanges SET purpose = 'prosecution'",
    "another peer of the message": lambda _: "UPDATE outbox SET peer = 'border.xx'",
    "another envelope": lambda _: "UPDATE outbox SET envelope_digest = sealed_digest",
    "another entry": lambda _: "UPDATE exchanges SET entry = entry - 1",
    "a kept release of another record": lambda _: "DELETE FROM bodies WHERE kind = 'release'",
    "no salt": lambda _: "DELETE FROM bodies WHERE kind = 'payload-salt'",
    "no decision": lambda _: "DELETE FROM bodies WHERE kind = 'decision'",
    "no key": lambda _: "DELETE FROM bodies; DELETE FROM record_keys",
    "no message": lambda _: "DELETE FROM outbox",
    "held again": lambda _: "UPDATE exchanges SET state = 'held'",
}


@pytest.mark.parametrize("change", CHANGES)
def test_row_that_was_changed_is_not_shown(change: str, homes: Homes) -> None:
    """A20, A21: whoever changes a row changes no ledger, and gains nothing for any tool."""
    tools = [
        Tool(homes),
        Tool(homes, "border", BORDER, ("investigation", "prosecution")),
        Tool(homes, "more", RO, ("investigation", "prosecution")),
    ]
    (exchange,) = released(homes, 1)
    homes.close(NL)
    _changed(homes, CHANGES[change](exchange))

    found = [tool.pull(purpose=purpose) for tool in tools for purpose in tool.purposes]

    assert not any(found)


def _changed(homes: Homes, sql: str) -> None:
    """Change a closed store past the product."""
    with closing(sqlite3.connect(homes.home(NL) / "store.db")) as store:
        store.executescript(sql)
        store.commit()


def _vehicle(tool: Tool) -> list[str]:
    return [item.data.decode() for item in tool.pull() if item.type == "x-vehicle"]


def _names(tool: Tool, exchange: str) -> list[str]:
    row = tool.asked.read.exchange(exchange)
    assert row is not None
    found = offered(tool.asked, row, tool.client(), tool.homes.now)
    assert found is not None
    return [name.family for person in found.disclosed.record.persons for name in person.names]
