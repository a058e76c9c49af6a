"""What came in, written as a document: a reading like any other, with a certificate of what it lost."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from gateway.errors import GatewayError, Malformed, NotFound, Refused, VerificationFailed
from gateway.flow import document
from gateway.flow.consult import Opened, open_arrival
from gateway.flow.document import ALLOWANCES, Order, Written, check_document, write_document
from gateway.ledger.commitment import CommitmentType, commit, salt
from gateway.ledger.kinds import EntryKind
from gateway.record.marking import Holders
from gateway.record.vocabulary import ObligationCode, Purpose
from gateway.release.loss_certificate import LossCertificate, peek_certificate
from gateway.release.obligation import Obligation
from gateway.v1 import record_pb2 as pb
from tests.flow import oracle, records
from tests.flow.arrivals import READER
from tests.flow.federation import NL, RO, Homes

LOSSY = frozenset(ALLOWANCES) - {"identity"}


def _record(number: int = 1) -> pb.Record:
    record = records.small(number)
    record.header.marking.display_only = False
    return record


def _received(homes: Homes, *some: pb.Record) -> tuple[str, ...]:
    found = []
    for record in some:
        (exchange,) = homes.push(record).exchanges
        homes.carry(RO)
        found.append(exchange.exchange_id)
    return tuple(found)


def _order(exchanges: tuple[str, ...], allowed: frozenset[str] = LOSSY) -> Order:
    return Order(
        exchanges=exchanges, purpose=Purpose.INVESTIGATION, format="htcds", form="json", allowed=allowed
    )


def _write(homes: Homes, order: Order) -> Written:
    return write_document(homes[RO], order, actor=READER, now=homes.now)


def _certified(written: Written) -> LossCertificate:
    return peek_certificate(written.certificate)[0]


def _check(homes: Homes, written: Written, data: bytes | None = None, at: str = RO) -> str:
    held = written.data if data is None else data
    return check_document(homes[at], written.certificate, digest=sha256(held).digest(), size=len(held))


def test_document_comes_with_a_certificate_that_holds_for_it_alone(homes: Homes) -> None:
    exchanges = _received(homes, _record(1), _record(2))

    written = _write(homes, _order(exchanges))

    certified = _certified(written)
    assert [view.exchange for view in certified.views] == list(exchanges)
    assert {view.originator for view in certified.views} == {NL}
    assert (certified.agency, certified.format, certified.form) == (RO, "htcds", "json")
    assert certified.purpose is Purpose.INVESTIGATION
    assert _check(homes, written) == _check(homes, written, at=NL)
    with pytest.raises(VerificationFailed) as refusal:
        _check(homes, written, written.data + b" ")
    assert refusal.value.code == "other-document"


def test_certificate_names_what_is_missing_and_holds_no_value(homes: Homes) -> None:
    written = _write(homes, _order(_received(homes, _record())))

    told = json.dumps([[loss.path, loss.why] for view in _certified(written).views for loss in view.losses])
    assert "vehicles[0]" in told
    for value in (records.SECRET_NAME, records.SECRET_PHONE, "Fictief", "Boris", "XX-1-Y"):
        assert value not in told
        assert value.encode() not in written.certificate


def test_each_disclosure_is_ledgered_as_read_before_the_document_leaves(homes: Homes) -> None:
    exchanges = _received(homes, _record(1), _record(2))
    size = oracle.size(homes.home(RO))

    written = _write(homes, _order(exchanges))

    entries = oracle.entries(homes.home(RO), size)
    assert [(entry["kind"], entry["exchange"]) for entry in entries] == [
        (EntryKind.READ, one) for one in exchanges
    ]
    kinds = ["actor", "justification", "purpose"]
    assert all([one["type"] for one in entry["commits"]] == kinds for entry in entries)
    digest = sha256(written.certificate).hexdigest()
    assert digest not in json.dumps(entries)


def test_reading_commits_to_the_certificate(homes: Homes) -> None:
    exchanges = _received(homes, _record())
    size = oracle.size(homes.home(RO))
    seen: list[bytes] = []
    draw = homes[RO].random

    def drawn(count: int) -> bytes:
        data = draw(count)
        if count == 32:
            seen.append(data)
        return data

    written = write_document(replace(homes[RO], random=drawn), _order(exchanges), actor=READER, now=homes.now)

    (entry,) = oracle.entries(homes.home(RO), size)
    (committed,) = [one for one in entry["commits"] if one["type"] == "justification"]
    kind = CommitmentType.JUSTIFICATION
    digest = sha256(written.certificate).digest()
    assert committed["commit"] in {commit(salt(key, kind), kind, digest).hex() for key in seen}


def test_nothing_is_written_where_the_reading_cannot_be_ledgered(
    homes: Homes, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchanges = _received(homes, _record())
    full = Refused("the store is full", code="store")
    monkeypatch.setattr(homes[RO].store.writer, "commit", lambda units: [full for _ in units])

    with pytest.raises(Refused) as refusal:
        _write(homes, _order(exchanges))
    assert refusal.value.code == "store"


def test_caveat_is_lost_only_where_that_is_allowed(homes: Homes) -> None:
    exchanges = _received(homes, _record())

    with pytest.raises(Refused) as refusal:
        _write(homes, _order(exchanges, frozenset()))
    assert refusal.value.code == "caveat-lost"
    assert refusal.value.field == f"{exchanges[0]}.header.source_handling"
    assert _certified(_write(homes, _order(exchanges, frozenset({"handling"})))).allowed == ("handling",)


def test_what_may_be_shown_and_not_kept_is_not_written(homes: Homes) -> None:
    shown_only = records.small(3)
    exchanges = _received(homes, shown_only)

    with pytest.raises(Refused) as refusal:
        _write(homes, _order(exchanges))
    assert (refusal.value.code, refusal.value.field) == ("display-only", exchanges[0])


def test_another_purpose_is_refused(homes: Homes) -> None:
    exchanges = _received(homes, _record())

    with pytest.raises(Refused) as refusal:
        _write(homes, replace(_order(exchanges), purpose=Purpose.PROSECUTION))
    assert refusal.value.code == "other-purpose"


def test_after_its_last_day_of_use_nothing_is_written(homes: Homes) -> None:
    record = _record()
    record.header.retain_until = (homes.now.date()).isoformat()
    exchanges = _received(homes, record)
    _write(homes, _order(exchanges))

    homes.pass_time(days=2)

    with pytest.raises(GatewayError) as refusal:
        _write(homes, _order(exchanges))
    assert refusal.value.code in ("use-ended", "erased")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"allowed": frozenset({"everything"})}, "unknown-value"),
        ({"exchanges": ()}, "too-many-views"),
        ({"format": "unheard-of"}, "unknown-format"),
        ({"form": "xml"}, "unknown-form"),
        ({"exchanges": ("0193aaaa-0000-7000-8000-000000000001",)}, "no-such-exchange"),
    ],
)
def test_order_that_cannot_be_met_says_why(homes: Homes, changes: dict[str, Any], code: str) -> None:
    order = _order(_received(homes, _record()))

    with pytest.raises((Malformed, NotFound)) as refusal:
        _write(homes, replace(order, **changes))
    assert refusal.value.code == code


def test_one_exchange_stands_in_a_document_once(homes: Homes) -> None:
    (exchange,) = _received(homes, _record())

    with pytest.raises(Malformed) as refusal:
        _write(homes, _order((exchange, exchange)))
    assert refusal.value.code == "duplicate-id"


def test_own_records_are_no_disclosure(homes: Homes) -> None:
    (pushed,) = homes.push(_record()).exchanges

    with pytest.raises(NotFound):
        write_document(homes[NL], _order((pushed.exchange_id,)), actor=READER, now=homes.now)


def _as_if(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """Let what came have been released otherwise than it was."""

    def changed(*asked: Any) -> Opened:
        opened = open_arrival(*asked)
        release = replace(opened.admitted.release, **changes)
        return replace(opened, admitted=replace(opened.admitted, release=release))

    monkeypatch.setattr(document, "open_arrival", changed)


def test_caveats_that_are_owed_cannot_be_allowed_away(homes: Homes, monkeypatch: pytest.MonkeyPatch) -> None:
    exchanges = _received(homes, _record())
    _write(homes, _order(exchanges))
    _as_if(monkeypatch, obligations=(Obligation(code=ObligationCode.GRADE_AND_CAVEAT),))

    with pytest.raises(Refused) as refusal:
        _write(homes, _order(exchanges, frozenset({"handling"})))
    assert (refusal.value.code, refusal.value.field) == ("caveats-owed", exchanges[0])


def test_what_named_persons_may_hold_shows_nobody_protected_in_a_file(
    homes: Homes, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchanges = _received(homes, _record())
    _write(homes, _order(exchanges, frozenset(ALLOWANCES)))
    opened = open_arrival(homes[RO], exchanges[0], Purpose.INVESTIGATION, homes.now)
    marking = replace(opened.admitted.release.marking, holders=Holders.PERSON)
    _as_if(monkeypatch, marking=marking)

    _write(homes, _order(exchanges))
    with pytest.raises(Refused) as refusal:
        _write(homes, _order(exchanges, frozenset(ALLOWANCES)))
    assert (refusal.value.code, refusal.value.field) == ("for-named-persons", exchanges[0])
