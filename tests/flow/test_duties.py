"""Duties travel with a release: the recipient knows, keeps and shows them, and its receipt says so."""

from __future__ import annotations

from dataclasses import replace

from gateway.flow.carry import unpack
from gateway.flow.consult import show_arrival
from gateway.ledger.entry import parse
from gateway.record.vocabulary import Fact, ObligationCode, Purpose
from gateway.release.obligation import Obligation
from gateway.release.release import Release
from gateway.sealing.batch import parse_receipt
from gateway.v1 import release_pb2
from tests.flow import forge, records
from tests.flow.federation import NL, RO, Homes


def _answered(homes: Homes, body: bytes) -> tuple[str, str]:
    forged = forge.announce(homes[NL], RO, body, homes.now)
    carried = unpack(homes[RO], forge.sent(homes[NL], RO, forged), homes.now)
    assert carried.receipts is not None
    (receipt,) = carried.receipts.receipts
    entry = parse(parse_receipt(receipt).entry)
    return entry.kind.name.lower(), entry.code or ""


def _release(homes: Homes) -> Release:
    granting = forge.only("vehicle.identity", facts=frozenset({Fact.COUNTRY_SAFE}))
    made = forge.release(homes[NL], records.small(), RO, homes.now, granting, purpose=Purpose.INVESTIGATION)
    return replace(made, obligations=(Obligation(code=ObligationCode.CONTACT_VIA_VPO), *made.obligations))


def test_duties_of_a_release_are_kept_and_shown_by_the_recipient(homes: Homes) -> None:
    record = records.small()
    record.persons[0].safety.do_not_reinterview = True
    answer = homes.push(record)
    homes.carry(RO)

    shown = show_arrival(
        homes[RO], answer.exchanges[0].exchange_id, purpose="investigation", actor="x", now=homes.now
    )

    assert {"contact-via-vpo", "no-reidentification", "no-onward", "notify-cpo", "expire"} <= set(
        shown.obligations
    )


def test_receipt_of_a_release_acknowledges_its_duties(homes: Homes) -> None:
    assert _answered(homes, _release(homes).encode()) == ("received", "")


def test_release_with_a_duty_this_gateway_does_not_know_gets_no_receipt_that_acknowledges_it(
    homes: Homes,
) -> None:
    message = release_pb2.Release.FromString(_release(homes).encode())
    message.obligations[0].code = release_pb2.ObligationCode.ValueType(77)

    answer = _answered(homes, message.SerializeToString(deterministic=True))

    assert answer == ("refused", "malformed")
