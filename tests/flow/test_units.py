"""Recipients are agencies and units: a unit named is decided for alone, and its name travels in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.errors import GatewayError, Refused
from gateway.flow.carry import pack
from gateway.flow.consult import Shown, show_arrival
from gateway.flow.decide import recipient_of
from gateway.flow.deliver import outgoing
from gateway.flow.inbox import arrived_after
from gateway.flow.meaning import marking_facts
from gateway.flow.preview import preview
from gateway.flow.question import Question
from gateway.flow.submit import push
from gateway.flow.verify import verify_received
from gateway.record.vocabulary import Lane, Purpose
from gateway.v1.record_pb2 import Record
from keys.member import Unit, UnitFunction
from tests.flow import oracle, records
from tests.flow.federation import NL, RO, TO_RO, Homes, item

AGAINST = "Serviciul Împotriva Traficului"
MIGRATION = "Birou Migrație"
TO_UNIT = replace(TO_RO, unit=AGAINST)
WORDS = f"for the unit {AGAINST} only"


@pytest.fixture(scope="module")
def folder(template: tuple[Path, object], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homes]:
    """Return homes of a federation in which one police force has a unit that enforces immigration law."""
    source, made = template
    homes = Homes(source, tmp_path_factory.mktemp("units"), made)  # type: ignore[arg-type]
    federation = homes.federation()
    units = (
        Unit(name=AGAINST, functions=(UnitFunction.ANTI_TRAFFICKING,)),
        Unit(name=MIGRATION, functions=(UnitFunction.IMMIGRATION, UnitFunction.BORDER)),
    )
    federation.add_member(replace(federation.members()[RO], units=units))
    federation.publish()
    homes.refresh(NL, RO)
    yield homes
    homes.close()


@pytest.fixture
def units(folder: Homes, tmp_path: Path) -> Iterator[Homes]:
    """Return a copy of one's own of these homes."""
    folder.close()
    homes = Homes(folder.folder, tmp_path / "units", folder.now)
    homes.folder.mkdir()
    yield homes
    homes.close()


def _hearing() -> Record:
    record = records.small()
    record.persons[0].available_for_hearing = True
    return record


def _rules(homes: Homes, record: Record, unit: str) -> set[str]:
    (answer,) = homes.push(record, replace(TO_RO, unit=unit)).exchanges
    return {rule for rule, _ in answer.reasons}


def _shown(homes: Homes, exchange: str) -> Shown:
    return show_arrival(homes[RO], exchange, purpose="investigation", actor="system/test", now=homes.now)


def test_unit_named_is_decided_for_by_its_own_functions(units: Homes) -> None:
    recipient = recipient_of(units[NL], RO, units.now, unit=AGAINST)

    assert recipient.functions == {"anti-trafficking"}
    assert "VP-24" not in _rules(units, _hearing(), AGAINST)


@pytest.mark.parametrize("unit", ["", MIGRATION])
def test_immigration_unit_of_the_agency_counts_unless_another_is_named(units: Homes, unit: str) -> None:
    recipient = recipient_of(units[NL], RO, units.now, unit=unit)

    assert "immigration" in recipient.functions
    assert "VP-24" in _rules(units, _hearing(), unit)


def test_agency_without_a_unit_named_has_the_functions_of_all_its_units(units: Homes) -> None:
    recipient = recipient_of(units[NL], RO, units.now)

    assert recipient.functions == {"anti-trafficking", "immigration", "border"}


def test_unit_is_found_in_whatever_case_it_is_written(units: Homes) -> None:
    (answer,) = units.push(records.small(), replace(TO_RO, unit=AGAINST.upper())).exchanges

    units.carry(RO)

    # What travels is the name as the federation signed it.
    assert _shown(units, answer.exchange_id).restrictions == [WORDS]


def test_unknown_unit_is_refused_with_the_names_of_those_there_are(units: Homes) -> None:
    refusal = units.refused(records.small(), replace(TO_RO, unit="Cantina"))

    assert refusal.code == "unknown-unit"
    assert AGAINST in refusal.message
    assert MIGRATION in refusal.message
    with pytest.raises(Refused):
        preview(units[NL], item(records.small(), replace(TO_RO, unit="Cantina")), units.now)


def test_units_that_only_case_tells_apart_must_be_named_exactly(units: Homes) -> None:
    federation = units.federation()
    twins = tuple(Unit(name=name, functions=(UnitFunction.BORDER,)) for name in ("Post", "POST"))
    federation.add_member(replace(federation.members()[RO], units=twins))
    federation.publish()
    units.refresh(NL)

    exact = recipient_of(units[NL], RO, units.now, unit="POST")

    assert exact.functions == {"border"}
    with pytest.raises(Refused) as refused:
        recipient_of(units[NL], RO, units.now, unit="post")
    assert refused.value.code == "unknown-unit"


def test_recipients_people_and_systems_see_that_it_is_for_one_unit(units: Homes) -> None:
    (answer,) = units.push(records.small(), TO_UNIT).exchanges
    units.carry(RO)

    shown = _shown(units, answer.exchange_id)
    (handed,) = arrived_after(
        units[RO], Purpose.INVESTIGATION, -1, limit=9, actor="system/test", now=units.now
    )

    assert shown.restrictions == [WORDS]
    assert handed.restrictions == (WORDS,)


def test_release_for_the_whole_agency_carries_no_such_words(units: Homes) -> None:
    (answer,) = units.push(records.small(), TO_RO).exchanges
    units.carry(RO)

    shown = _shown(units, answer.exchange_id)

    assert shown.restrictions == []


def test_words_are_signed_with_the_release_and_not_in_the_originators_statement(units: Homes) -> None:
    (answer,) = units.push(records.small(), TO_UNIT).exchanges
    units.carry(RO)

    received = verify_received(units[RO], answer.exchange_id, units.now)

    assert received.release.marking.notes == {WORDS}
    assert received.disclosure.statement.marking.notes == frozenset()


def test_passing_on_what_is_for_one_unit_stops_for_reading(units: Homes) -> None:
    (answer,) = units.push(records.small(), TO_UNIT).exchanges
    units.carry(RO)
    marking = verify_received(units[RO], answer.exchange_id, units.now).release.marking
    question = Question(
        recipient=recipient_of(units[RO], NL, units.now),
        purpose=Purpose.INVESTIGATION,
        legal_basis=records.BASIS,
        lane=Lane.ROUTINE,
        today=units.now.date(),
    )

    facts = marking_facts(RO, NL, marking, question)

    assert facts.notes


def test_release_for_a_unit_is_decided_the_same_on_another_day(units: Homes) -> None:
    """Without the unit the decision would differ: the immigration unit would count."""
    (answer,) = units.push(_hearing(), TO_UNIT).exchanges
    units.pass_time(days=1)

    leaving = outgoing(units[NL], RO, units.now)

    assert leaving.exchanges == (answer.exchange_id,)


def test_release_for_a_unit_that_is_gone_stays(units: Homes) -> None:
    units.push(records.small(), TO_UNIT)
    federation = units.federation()
    rest = tuple(unit for unit in federation.members()[RO].units if unit.name != AGAINST)
    federation.add_member(replace(federation.members()[RO], units=rest))
    federation.publish()
    units.pass_time(days=1)
    units.refresh(NL)

    leaving = outgoing(units[NL], RO, units.now)

    assert leaving.batch is None
    assert len(leaving.held_back) == 1


def test_unit_stands_nowhere_in_clear_at_the_sender(units: Homes) -> None:
    units.push(records.small(), TO_UNIT)
    there, _ = pack(units[NL], RO, units.now)

    files = oracle.files_of(units.home(NL))

    assert oracle.places([WORDS], {**files, "bundle": there}) == []


def test_same_key_for_another_unit_is_another_push(units: Homes) -> None:
    first = replace(item(records.small(), TO_UNIT), key="k")
    other = replace(item(records.small(), TO_RO), key="k")

    push(units[NL], [first], units.now)
    (again,) = push(units[NL], [other], units.now)

    assert isinstance(again, GatewayError)
    assert again.code == "key-reused"
