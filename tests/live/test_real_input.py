"""Records as others keep them, over the wire: each is found at the peer exactly once."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.cli.intake import Intake, narrowest_header, read_records
from gateway.client import Gateway, Push
from gateway.record.vocabulary import Purpose
from tests.ctdc import rows
from tests.flow import records
from tests.live.houses import NGO, NL, RO, TO_NL, TO_RO, House
from tests.project import ROOT
from tests.reference import reference

INVESTIGATION = "investigation"


def _delivered(client: Gateway, exchanges: list[str]) -> None:
    states = {seen.id: seen.state for seen in client.watch(*exchanges, timeout_s=120)}
    assert Counter(states.values()) == {"delivered": len(exchanges)}


def _taken_over(client: Gateway) -> list[str]:
    found = []
    for arrived in client.inbox(INVESTIGATION):
        assert arrived.record is not None, arrived.absent
        found.append(arrived.record_id)
        client.acknowledge(arrived)
    return found


def test_every_real_case_is_pushed_and_found_at_both_peers_exactly_once(houses: dict[str, House]) -> None:
    cases = rows(reference("ctdc/ctdc-kanon-derived-extract.csv"))
    for number, record in enumerate(cases):
        records.mark(record.header.marking, NL, RO)
        record.header.retain_until = "2031-12-31"
        record.header.own_reference = f"row-{number}"
    for house in houses.values():
        house.begin()
    ngo = houses[NGO].client()

    answers = list(ngo.push(Push(record=record, to=[TO_NL, TO_RO]) for record in cases))
    _delivered(ngo, [one.exchange_id for answer in answers for one in answer.exchanges])

    pushed = sorted(answer.record_id for answer in answers)
    assert [answer.problem for answer in answers if answer.problem] == []
    assert len(set(pushed)) == len(cases) == 305
    for agency in (NL, RO):
        client = houses[agency].client()
        assert sorted(_taken_over(client)) == pushed
        assert _taken_over(client) == []
    (found,) = ngo.find("row-7")
    assert found.record_id in pushed
    assert {(one.peer, one.state) for one in found.exchanges} == {(NL, "delivered"), (RO, "delivered")}


@pytest.mark.parametrize("path", ["shared", "example"])
def test_case_of_the_foreign_format_is_pushed_and_found_at_the_peer_exactly_once(
    houses: dict[str, House], path: str
) -> None:
    file = reference("htcds/invented-case.json") if path == "shared" else ROOT / "examples/htcds_case.json"
    intakes = _read(file)
    for house in (houses[NGO], houses[RO]):
        house.begin()
    ngo = houses[NGO].client()

    answers = list(ngo.push(Push(record=one.data, to=[TO_RO]) for one in intakes))
    _delivered(ngo, [one.exchange_id for answer in answers for one in answer.exchanges])

    assert intakes and all(one.losses for one in intakes)
    assert sorted(_taken_over(houses[RO].client())) == sorted(answer.record_id for answer in answers)


def _read(file: Path) -> list[Intake]:
    now = datetime.now(UTC)
    header = narrowest_header((NL, RO), (Purpose.INVESTIGATION,), now.date() + timedelta(days=365))
    return list(read_records(file, "htcds", header=header, exercise=True, now=now))
