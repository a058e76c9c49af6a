"""What the agencies' own systems do in the demo, each through the client at its gateway's local port."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from gateway.cli.founding import SENDER, Party
from gateway.cli.remote import previewed
from gateway.cli.troupe import Troupe
from gateway.client import Arrived, Exchange, ExchangeAnswer, Gateway, Push, To
from gateway.client.connection import Connection
from gateway.errors import Refused, Unreachable
from gateway.flow.preview import Preview
from gateway.v1 import operation_pb2 as pb
from gateway.wire.methods import method
from policy.explain import approvals_in_words

WAIT_S: Final = 60.0
"""How long delivery, and cosigning, may take."""
_LOOK_EVERY_S: Final = 0.2
_WATCH_S: Final = 1.0
_PATIENCE_S: Final = 5.0

TO_RO: Final = To(agency="police.ro", purpose="investigation", basis="law-enforcement-task")
TO_NGO: Final = To(agency="shelter.ngo", purpose="victim-protection", basis="consent")
ASKED: Final = ("person.name",)

_PRECISIONS: Final = ("exact", "generalised", "coarse")

Parties = Mapping[str, Party]
Say = Callable[[str], None]


def system_of(party: Party) -> Gateway:
    """Return a client of an agency's own system; close it."""
    return Gateway(party.config.local, party.system, patience_s=_PATIENCE_S)


def preview_case(parties: Parties, case: bytes) -> Preview:
    """Return what both recipients would see of the case."""
    with system_of(parties[SENDER]) as system:
        return previewed(system.preview(Push(record=case, to=(TO_RO, TO_NGO))))


def push_case(parties: Parties, case: bytes) -> list[ExchangeAnswer]:
    """Push the case to both, then once more to one of them with a question that needs officers.

    Raises:
        Refused: the gateway takes the case for no record.
    """
    pushes = (
        Push(record=case, to=(TO_RO, TO_NGO)),
        Push(record=case, to=(TO_RO,), ask=ASKED),
    )
    exchanges: list[ExchangeAnswer] = []
    with system_of(parties[SENDER]) as system:
        for answer in map(system.push_one, pushes):
            if answer.problem is not None:
                raise Refused(answer.problem.message, field=answer.problem.field, code=answer.problem.code)
            exchanges += answer.exchanges
    return exchanges


def in_words(one: ExchangeAnswer) -> str:
    """Return what became of one exchange in a few words."""
    match one.outcome:
        case "release":
            return "released, sealed and queued"
        case "held":
            return f"held until approved by {approvals_in_words(one.approvals)}"
        case _:
            return "denied; nothing of it leaves"


def watch_delivery(
    parties: Parties, troupe: Troupe, released: Sequence[str], say: Say
) -> dict[str, Exchange]:
    """Return how exchanges stand once none of them is open any more, by id; say how many still are.

    Raises:
        Unreachable: code `too-slow`, or a gateway has ended.
    """
    states: dict[str, Exchange] = {}
    with system_of(parties[SENDER]) as system:
        for seen in _seen(system, troupe, released):
            states[seen.id] = seen
            closed = sum(not one.open for one in states.values())
            say(f"{closed} of {len(released)} receipts are back")
    return states


def _seen(system: Gateway, troupe: Troupe, released: Sequence[str]) -> Iterator[Exchange]:
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        troupe.check()
        try:
            # Short watches one after the other: in between it is noticed where a gateway has ended.
            yield from system.watch(*released, timeout_s=_WATCH_S)
        except Unreachable as exc:
            if exc.code != "transport-deadline-exceeded":
                raise
        else:
            return
    raise Unreachable("the exchanges are not delivered after a minute", code="too-slow")


def take_over(party: Party, to: To) -> list[Arrived]:
    """Have a recipient's system read what arrived for its purpose, acknowledge it, and return it."""
    taken = []
    with system_of(party) as system:
        for arrived in system.inbox(to.purpose):
            system.acknowledge(arrived)
            taken.append(arrived)
    return taken


def precision_of(arrived: Arrived) -> str:
    """Return in words how precise the fields of an arrival are."""
    counts = Counter(arrived.rungs.values())
    return ", ".join(f"{counts[rung]} {rung}" for rung in _PRECISIONS if counts[rung])


def await_cosigned(parties: Parties, troupe: Troupe, say: Say) -> dict[str, pb.GetStatusResponse]:
    """Wait until every entry of every ledger lies under a checkpoint that enough others cosigned.

    Raises:
        Unreachable: code `too-slow`, or a gateway has ended.
    """
    until = time.monotonic() + WAIT_S
    standing: dict[str, pb.GetStatusResponse] = {}
    for agency, party in parties.items():
        say(f"waiting for the cosignatures of {agency}'s ledger")
        with Connection(party.config.local, party.operator) as connection:
            while not _is_cosigned(found := _status(connection)):
                troupe.check()
                if time.monotonic() > until:
                    raise Unreachable(f"{agency}'s ledger is not cosigned after a minute", code="too-slow")
                time.sleep(_LOOK_EVERY_S)
        standing[agency] = found
    return standing


def _status(connection: Connection) -> pb.GetStatusResponse:
    return connection.ask(method("Operation", "GetStatus"), pb.GetStatusRequest(), pb.GetStatusResponse)


def _is_cosigned(found: pb.GetStatusResponse) -> bool:
    return found.quorum > 0 and found.cosigned_size == found.size
