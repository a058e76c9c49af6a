"""A town in which every pair of agencies has an exchange, and whose each of its ids is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from gateway.client import Push, To
from gateway.v1.record_pb2 import Record
from tests.live.attacks.town import Town
from tests.live.houses import NGO, NL, RO, case

AGENCIES: Final = (NL, RO, NGO)
NOBODYS: Final = "01990000-0000-7000-8000-00000000a018"


def _for(recipient: str, reference: str) -> bytes:
    record = Record.FromString(case(reference=reference))
    record.header.marking.rel.append(recipient)
    record.header.marking.rel[:] = sorted(set(record.header.marking.rel))
    return record.SerializeToString(deterministic=True)


@dataclass
class Case:
    """What exists in the town: exchanges with sender and recipient, records with their originator, by id.

    `reference` is what police.nl calls its first record by.
    """

    town: Town
    exchanges: dict[str, tuple[str, str]] = field(default_factory=dict)
    records: dict[str, str] = field(default_factory=dict)
    reference: str = "NL/ZAAK/2044/8812"

    def push(self, sender: str, to: To, reference: str = "") -> str:
        """Push a record to one recipient and wait until it is there; return the exchange."""
        client = self.town.houses[sender].client()
        answer = client.push_one(Push(record=_for(to.agency, reference), to=[to]))
        (exchange,) = answer.exchanges
        assert exchange.outcome == "release", answer
        self.exchanges[exchange.exchange_id] = (sender, to.agency)
        self.records[answer.record_id] = sender
        return exchange.exchange_id

    def arrived(self, exchange: str) -> None:
        """Wait until an exchange is delivered."""
        sender, _ = self.exchanges[exchange]
        states = [one.state for one in self.town.houses[sender].client().watch(exchange, timeout_s=60)]
        assert states[-1] == "delivered"

    @property
    def ids(self) -> list[str]:
        """Every id there is, and one of nothing."""
        return [*self.exchanges, *self.records, NOBODYS]

    def sent_or_received(self, agency: str) -> set[str]:
        return {one for one, parties in self.exchanges.items() if agency in parties}

    def received(self, agency: str) -> set[str]:
        return {one for one, (_, recipient) in self.exchanges.items() if recipient == agency}

    def sent(self, agency: str) -> set[str]:
        return {one for one, (sender, _) in self.exchanges.items() if sender == agency}

    def own(self, agency: str) -> set[str]:
        return {one for one, originator in self.records.items() if originator == agency}

    def all_rows(self) -> dict[str, dict[str, int]]:
        return {agency: self.town.counts(agency) for agency in AGENCIES}
