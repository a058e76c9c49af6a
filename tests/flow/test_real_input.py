"""Records as others keep them: real anonymised cases, and a document of a foreign format."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from gateway.cli.intake import narrowest_header, read_records
from gateway.errors import Malformed
from gateway.flow.carry import pack, unpack
from gateway.flow.consult import arrivals, show_arrival, show_own
from gateway.flow.repeat import PushAnswer
from gateway.flow.submit import push
from gateway.flow.verify import verify
from gateway.record.vocabulary import Purpose
from policy.decision import Outcome
from tests.ctdc import rows
from tests.flow import oracle, records
from tests.flow.federation import NGO, NL, RO, TO_NL, TO_RO, Homes, item
from tests.reference import reference

BATCH = 64


def test_every_real_case_reaches_both_other_homes_exactly_once_and_verifies(homes: Homes) -> None:
    """The cases come from hotlines and case management, so it is the shelter that submits them."""
    cases = rows(reference("ctdc/ctdc-kanon-derived-extract.csv"))
    for record in cases:
        records.mark(record.header.marking, NL, RO)
        record.header.retain_until = "2031-12-31"
    pushed: list[str] = []

    for start in range(0, len(cases), BATCH):
        items = [item(record, TO_NL, TO_RO) for record in cases[start : start + BATCH]]
        for answer in push(homes[NGO], items, homes.now):
            assert isinstance(answer, PushAnswer), answer
            assert [one.outcome for one in answer.exchanges] == [Outcome.RELEASE] * 2
            pushed.append(answer.record_id)
        for agency in (NL, RO):
            bundle, leaving = pack(homes[NGO], agency, homes.now)
            assert len(leaving.exchanges) == len(items)
            reply = unpack(homes[agency], bundle, homes.now).reply
            answered = unpack(homes[NGO], reply or b"", homes.now).acknowledged
            assert [one.outcome for one in answered] == ["delivered"] * len(items)

    assert len(set(pushed)) == len(cases) == 305
    for agency in (NL, RO):
        found = arrivals(homes[agency])
        assert sorted(one.record_id for one in found) == sorted(pushed)
        assert {one.outcome for one in found} == {"received"}
        verified = [verify(homes[agency], one.exchange_id, homes.now) for one in found]
        assert {one.originator for one in verified} == {NGO}
        assert all(one.portions > 0 for one in verified)
        assert oracle.kinds(homes.home(agency)).count("received") == len(cases)
    assert oracle.query(homes.home(NGO), "SELECT DISTINCT state FROM outbox") == [("delivered",)]


def test_invented_case_of_the_foreign_format_is_pushed_and_arrives(homes: Homes) -> None:
    path = reference("htcds/invented-case.json")
    header = narrowest_header((NL, RO), (Purpose.INVESTIGATION,), homes.now.date() + timedelta(days=365))

    intakes = read_records(path, "htcds", header=header, exercise=True, now=homes.now)
    answers = push(homes[NGO], [item(one.data, TO_NL, TO_RO) for one in intakes], homes.now)
    trip = homes.carry(RO, sender=NGO)

    assert len(intakes) == 1 and intakes[0].losses
    (answer,) = answers
    assert isinstance(answer, PushAnswer)
    assert trip.answered is not None
    assert [one.outcome for one in trip.answered.acknowledged] == ["delivered"]
    own = show_own(homes[NGO], answer.record_id, purpose="investigation", actor="system/test", now=homes.now)
    seen = show_arrival(
        homes[RO],
        answer.exchanges[1].exchange_id,
        purpose="investigation",
        actor="system/test",
        now=homes.now,
    )
    names = {
        text
        for person in own.record["persons"]
        if person["role"] not in ("suspect", "third-party")
        for name in person.get("names", [])
        for key, text in name.items()
        if key in ("family", "given", "full")
    }
    assert names
    assert [name for name in names if name in json.dumps(seen.record, ensure_ascii=False)] == []


@pytest.mark.parametrize("text", ["", "{", "[]", "a,b\n1,2\n"])
def test_document_that_is_none_of_the_format_gives_no_record(
    homes: Homes, tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.mktemp("input") / "document.json"
    path.write_text(text)
    header = narrowest_header((NL,), (Purpose.INVESTIGATION,), homes.now.date())

    with pytest.raises(Malformed):
        read_records(path, "htcds", header=header, exercise=True, now=homes.now)
