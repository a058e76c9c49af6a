"""Finding out why a peer cannot be reached: one step after the other, each told in words.

Source: DESIGN section 12 (`comity doctor PEER`).
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable
from typing import Final, NamedTuple

from gateway.errors import GatewayError
from gateway.flow.gateway import Gateway
from gateway.worker.peers import Peers

CONNECT_S: Final = 5.0


class Step(NamedTuple):
    """One thing that was tried, and how it went."""

    what: str
    ok: bool
    told: str


async def probe(gateway: Gateway, peers: Peers, agency: str) -> list[Step]:
    """Try directory, network, and a call under mutual TLS; the first step that fails is the last."""
    steps = []
    if agency == gateway.me:
        return [Step(what="directory", ok=False, told=f"{agency} is this gateway itself")]
    try:
        channel = peers.channel(agency)
    except GatewayError as exc:
        return [Step(what="directory", ok=False, told=_refused(agency, exc))]
    try:
        endpoint = gateway.directory.keys_of(agency).endpoints[0]
        steps.append(Step(what="directory", ok=True, told=f"{agency} is an active member at {endpoint}"))
        steps.append(await _connected(endpoint))
        if steps[-1].ok:
            steps += await _called(channel.seen(gateway.origin), agency)
    finally:
        await channel.close()
    return steps


def _refused(agency: str, exc: GatewayError) -> str:
    # Some of these refusals begin with the agency's name, others leave it to a field.
    told = exc.message if agency in exc.message else f"{agency} {exc.message}"
    return f"{told} [{exc.code}]"


async def _connected(endpoint: str) -> Step:
    host, _, port = endpoint.rpartition(":")
    try:
        opening = asyncio.open_connection(host.strip("[]"), int(port))
        _, writer = await asyncio.wait_for(opening, CONNECT_S)
    except socket.gaierror:
        return Step(what="network", ok=False, told=f"{endpoint}: nobody knows a host of this name")
    except OSError as exc:
        why = os.strerror(exc.errno) if exc.errno else "no answer"
        return Step(what="network", ok=False, told=f"{endpoint} cannot be connected to: {why}")
    writer.close()
    return Step(what="network", ok=True, told=f"{endpoint} answers")


async def _called(asking: Awaitable[bytes | None], agency: str) -> list[Step]:
    try:
        seen = await asking
    except GatewayError as exc:
        if exc.code.startswith("transport-"):
            told = f"{exc.message}; compare what both sides' directories say of each other"
            return [Step(what="tls", ok=False, told=told)]
        return [
            Step(what="tls", ok=True, told="both sides know each other's authority"),
            Step(what="call", ok=False, told=f"{agency} refuses: {exc.message} [{exc.code}]"),
        ]
    known = "has seen our ledger" if seen is not None else "has not seen our ledger yet"
    return [
        Step(what="tls", ok=True, told="both sides know each other's authority"),
        Step(what="call", ok=True, told=f"{agency} answers and {known}"),
    ]
