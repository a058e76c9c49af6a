"""Every way in calls the one `admit`: what it refuses it refuses whatever carried it, and once more."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from gateway.cli.main import run
from gateway.errors import GatewayError, Malformed
from gateway.flow.carry import unpack
from gateway.flow.consult import arrivals, show_arrival
from gateway.flow.receive import admit
from gateway.ledger.entry import parse
from gateway.sealing.batch import ReceiptBatch, parse_receipt
from tests.flow import forge, oracle
from tests.flow.corpus import Bad, bad_envelopes
from tests.flow.federation import NGO, NL, RO, Homes

Answers = list[tuple[str, str]]
Way = Callable[[Homes, bytes, Path, pytest.CaptureFixture[str]], Answers]
"""Takes a batch in at police.ro; returns outcome and code of each answer."""


def _told(answer: ReceiptBatch) -> Answers:
    entries = [parse(parse_receipt(one).entry) for one in answer.receipts]
    found = [(entry.kind.name.lower(), entry.code or "") for entry in entries]
    return found + [("not accepted", error.code) for error in answer.errors]


def _directly(homes: Homes, batch: bytes, _: Path, __: pytest.CaptureFixture[str]) -> Answers:
    return _told(admit(homes[RO], batch, NL, homes.now))


def _as_bundle(homes: Homes, batch: bytes, _: Path, __: pytest.CaptureFixture[str]) -> Answers:
    receipts = unpack(homes[RO], forge.bundle(NL, RO, batch), homes.now).receipts
    assert receipts is not None
    return _told(receipts)


def _by_command(homes: Homes, batch: bytes, tmp: Path, capsys: pytest.CaptureFixture[str]) -> Answers:
    homes.close(RO)
    file = tmp / "bundle"
    file.write_bytes(forge.bundle(NL, RO, batch))
    capsys.readouterr()
    code = run(["envelope", "import", str(file), "--home", str(homes.home(RO)), "--json"])
    told = json.loads(capsys.readouterr().out)
    answers = [(one["outcome"], one["code"]) for one in told["received"]]
    assert code == (1 if any(outcome != "received" for outcome, _ in answers) else 0)
    return answers


WAYS: dict[str, Way] = {"directly": _directly, "as a bundle": _as_bundle, "by command": _by_command}


@dataclass
class Crime:
    """The corpus and its good neighbour, with homes that every way in starts from."""

    bad: list[Bad]
    good: bytes
    homes: Homes
    before: Path


@pytest.fixture(scope="module")
def crime(quiet: Homes) -> Iterator[Crime]:
    """Return the corpus, made once."""
    before = quiet.keep(RO)
    bad, good = bad_envelopes(quiet)
    yield Crime(bad, good, quiet, before)


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, crime: Crime) -> Iterator[Way]:
    """Return one way in, to a home that has seen nothing yet."""
    crime.homes.put_back(RO, crime.before)
    yield WAYS[request.param]
    crime.homes.close(RO)


def test_bad_envelope_is_refused_by_every_way_in_and_the_same_way_again(
    crime: Crime, way: Way, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    homes, home = crime.homes, crime.homes.home(RO)
    wanted = Counter((one.outcome, one.code) for one in crime.bad)
    batch = forge.batch(homes[NL], *(one.envelope for one in crime.bad))
    before, size = oracle.counts(homes.opened(RO)), oracle.size(home)

    first = way(homes, batch, tmp_path, capsys)
    after, told = oracle.counts(home), oracle.kinds(home, size)
    second = way(homes, batch, tmp_path, capsys)

    assert Counter(first) == Counter(second) == wanted
    final = Counter(outcome for outcome, _ in wanted.elements() if outcome != "not accepted")
    assert Counter(told) == final + Counter({"refused-summary": 1})
    assert after["inbox"] == before["inbox"] + final.total()
    assert after["exchanges"] == before["exchanges"] + final["quarantined"]
    assert oracle.counts(home)["inbox"] == after["inbox"]
    # What was refused in band is counted again, what was refused for good is only answered again.
    assert oracle.kinds(home, size)[len(told) :] == ["refused-summary"]


def test_every_bad_envelope_alone_is_answered_with_its_own_code(crime: Crime) -> None:
    homes = crime.homes
    homes.put_back(RO, crime.before)

    for one in crime.bad:
        answer = _told(admit(homes[RO], forge.batch(homes[NL], one.envelope), NL, homes.now))
        again = _told(admit(homes[RO], forge.batch(homes[NL], one.envelope), NL, homes.now))
        assert answer == again == [(one.outcome, one.code)], one.name

    assert all(one.outcome != "received" for one in arrivals(homes[RO]))
    assert len(crime.bad) >= 30


@pytest.mark.parametrize("position", ["first", "middle", "last"])
def test_good_envelope_among_bad_ones_is_received_wherever_it_stands(crime: Crime, position: str) -> None:
    homes = crime.homes
    homes.put_back(RO, crime.before)
    envelopes = [one.envelope for one in crime.bad]
    envelopes.insert(
        {"first": 0, "middle": len(envelopes) // 2, "last": len(envelopes)}[position], crime.good
    )

    answer = admit(homes[RO], forge.batch(homes[NL], *envelopes), NL, homes.now)

    assert _told(answer).count(("received", "")) == 1
    assert [one.outcome for one in arrivals(homes[RO])].count("received") == 1


def test_answer_to_a_bad_envelope_tells_nothing_but_its_code(crime: Crime) -> None:
    homes = crime.homes
    homes.put_back(RO, crime.before)
    batch = forge.batch(homes[NL], *(one.envelope for one in crime.bad))

    carried = unpack(homes[RO], forge.bundle(NL, RO, batch), homes.now)

    assert carried.reply is not None
    assert oracle.places(["Verzonnenova", "Fictief"], {"reply": carried.reply}) == []


def test_bundle_that_names_another_sender_is_refused_for_that_agency_too(crime: Crime) -> None:
    """A01 by file: the file says who brings it, and nothing in it may say otherwise."""
    homes = crime.homes
    homes.put_back(RO, crime.before)
    size = oracle.size(homes.opened(RO))

    carried = unpack(homes[RO], forge.bundle(NGO, RO, forge.batch(homes[NL], crime.good)), homes.now)
    honest = unpack(homes[RO], forge.bundle(NL, RO, forge.batch(homes[NL], crime.good)), homes.now)

    assert carried.receipts is not None and honest.receipts is not None
    assert _told(carried.receipts) == [("not accepted", "wrong-sender")]
    assert oracle.kinds(homes.home(RO), size) == ["refused-summary", "received"]
    assert oracle.entries(homes.home(RO), size)[0]["peer"] == NGO
    assert _told(honest.receipts) == [("received", "")]


@pytest.mark.parametrize("data", [b"", b"junk", b"\x0a\x03abc", b"\xff" * 100])
def test_file_that_is_no_bundle_is_refused_and_changes_nothing(crime: Crime, data: bytes) -> None:
    homes = crime.homes
    before = oracle.counts(homes.opened(RO))

    with pytest.raises(Malformed):
        unpack(homes[RO], data, homes.now)
    with pytest.raises(Malformed):
        admit(homes[RO], data, NL, homes.now)

    assert oracle.counts(homes.home(RO)) == before


def test_quarantined_envelope_is_answered_like_one_that_never_came(crime: Crime) -> None:
    homes = crime.homes
    homes.put_back(RO, crime.before)
    one = next(bad for bad in crime.bad if bad.name == "name of a minor")
    admit(homes[RO], forge.batch(homes[NL], one.envelope), NL, homes.now)
    (arrival,) = arrivals(homes[RO])
    size = oracle.size(homes.home(RO))

    def asked(exchange: str, now: datetime = homes.now) -> GatewayError:
        with pytest.raises(GatewayError) as refused:
            show_arrival(homes[RO], exchange, purpose="investigation", actor="system/test", now=now)
        return refused.value

    quarantined = asked(arrival.exchange_id)
    absent = asked("01900000-0000-7000-8000-000000000000")

    assert (arrival.outcome, arrival.code) == ("quarantined", "floor-forbids")
    assert (arrival.record_id, arrival.originator, arrival.purpose) == ("", "", "")
    assert (type(quarantined), str(quarantined), quarantined.code, quarantined.facts) == (
        type(absent),
        str(absent),
        absent.code,
        absent.facts,
    )
    assert oracle.size(homes.home(RO)) == size
