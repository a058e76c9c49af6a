"""Who else received a record: its recipients hold nothing that tells, opened with all their keys (A38)."""

from __future__ import annotations

from uuid import UUID

import pytest

from gateway.flow.audit import export_ledger
from gateway.flow.carry import pack
from gateway.flow.consult import show_arrival
from gateway.flow.gateway import Gateway
from gateway.sealing.bundle import parse_bundle
from tests.flow import forge, oracle, records
from tests.flow.federation import NGO, NL, RO, TO_NGO, TO_RO, Homes
from tests.flow.seized import as_bytes, found_in, readable, rows, spellings

_LISTS = ("entries.jsonl", "receipts.jsonl", "openings.jsonl")


def _traits(gateway: Gateway, agency: str, exchange: str) -> list[bytes]:
    """Return all that is an agency's own: its name, its keys, and the ids of what went to it."""
    keys = gateway.directory.keys_of(agency)
    found = [agency.encode(), gateway.directory.member(agency).display_name.encode()]
    for key in keys.keys:
        found += [key.key_id.encode(), bytes.fromhex(key.key_id), key.public]
    found += [origin.origin.encode() for origin in keys.origins]
    found += [origin.vkey.encode() for origin in keys.origins]
    found += [*keys.tls_ca, *(endpoint.encode() for endpoint in keys.endpoints)]
    row = gateway.read.exchange(exchange)
    assert row is not None and row.message_id is not None
    for one in (exchange, row.message_id):
        found += [one.encode(), UUID(one).bytes]
    waiting = gateway.read.outbox(row.message_id)
    assert waiting is not None
    return [*found, waiting.envelope_digest, waiting.sealed_digest]


def _lines(homes: Homes, agency: str) -> set[bytes]:
    files = export_ledger(homes[agency], homes.now, openings=True)
    return {line for name in _LISTS for line in files.get(name, b"").splitlines()}


@pytest.mark.parametrize(("holder", "other"), [(RO, NGO), (NGO, RO)])
@pytest.mark.parametrize("first", [RO, NGO])
def test_nothing_that_a_recipient_holds_tells_of_another(
    homes: Homes, holder: str, other: str, first: str
) -> None:
    before_rows, before_lines = rows(homes.home(homes[holder].me)), _lines(homes, holder)
    answer = homes.push(records.demonstration(), TO_RO, TO_NGO)
    exchanges = {one.recipient: one.exchange_id for one in answer.exchanges}
    bundles = b""
    for recipient in sorted((RO, NGO), key=lambda agency: agency != first):
        there, _ = pack(homes[NL], recipient, homes.now)
        homes.bring(there, recipient)
        bundles += there if recipient == holder else b""
    theirs = _traits(homes[NL], other, exchanges[other])
    purpose = "victim-protection" if holder == NGO else "investigation"
    shown = show_arrival(
        homes[holder], exchanges[holder], purpose=purpose, actor="system/test", now=homes.now
    )

    held = {
        "rows": as_bytes(rows(homes.home(holder)) - before_rows),
        "bodies": readable(homes, holder),
        "ledger": b"\n".join(_lines(homes, holder) - before_lines),
        "payload": forge.release_of(homes[holder], exchanges[holder]),
        "view": repr(shown).encode(),
        "bundle": bundles,
    }

    own = exchanges[holder].encode()
    assert {name for name, data in held.items() if found_in([own], data)} >= {"rows", "ledger"}
    assert all(len(data) > 300 for data in held.values())
    assert {name: found for name, data in held.items() if (found := found_in(theirs, data))} == {}


def test_search_would_find_another_recipient_in_every_spelling(homes: Homes) -> None:
    answer = homes.push(records.demonstration(), TO_RO, TO_NGO)
    homes.carry(NGO)
    homes.carry(RO)
    exchange = next(one.exchange_id for one in answer.exchanges if one.recipient == NGO)
    theirs = _traits(homes[NL], NGO, exchange)

    for needle in theirs:
        for spelled in spellings(needle):
            assert needle in found_in([needle], b"some" + spelled + b"more")
    assert len(found_in(theirs, as_bytes(rows(homes.home(NL))))) >= 4


def test_bundle_for_one_recipient_holds_the_envelopes_of_nobody_else(homes: Homes) -> None:
    answer = homes.push(records.demonstration(), TO_RO, TO_NGO)
    there, leaving = pack(homes[NL], RO, homes.now)

    (own,) = (one.exchange_id for one in answer.exchanges if one.recipient == RO)
    assert leaving.exchanges == (own,)
    bundle = parse_bundle(there)
    assert bundle.recipient == RO and bundle.envelopes is not None
    assert oracle.places([NGO], {"bundle": there}) == []
