"""What other gateways may ask: to take in what they deliver, to mirror the directory, to witness.

Source: PROTOCOL sections 6, 9 and 11.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc

from gateway.errors import Busy, Malformed
from gateway.flow.cosign import cosign_for, seen_of
from gateway.flow.receive import admit
from gateway.sealing.batch import Consistency
from gateway.services.caller import CALLER
from gateway.services.desk import Desk
from gateway.services.handlers import raw, service
from gateway.v1 import peer_pb2 as pb
from gateway.wire.limits import BATCH_BYTES_MAX

STREAMS_PER_PEER_MAX = 4

DirectoryFile = Callable[[str], bytes | None]
"""Returns a file of the mirrored directory by its path below the repository; blocks shortly."""


def peer_services(desk: Desk, directory_file: DirectoryFile) -> list[grpc.GenericRpcHandler]:
    """Return the handlers of the peer port."""
    streams: Counter[str] = Counter()

    @raw
    async def deliver(batches: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        carrier = CALLER.get().agency
        if streams[carrier] >= STREAMS_PER_PEER_MAX:
            raise Busy("has too many streams open", code="quota", field="Deliver")
        streams[carrier] += 1
        try:
            async for data in batches:
                yield await _admitted(desk, data, carrier)
        finally:
            streams[carrier] -= 1

    async def get_file(request: pb.GetFileRequest) -> pb.GetFileResponse:
        return pb.GetFileResponse(data=await desk.run(lambda _, __: directory_file(request.path)))

    async def add_checkpoint(request: pb.AddCheckpointRequest) -> pb.AddCheckpointResponse:
        carrier, growth = CALLER.get().agency, _growth(request)
        lines = await desk.run(
            lambda gateway, now: cosign_for(gateway, carrier, request.checkpoint, growth, now)
        )
        return pb.AddCheckpointResponse(lines=lines)

    async def get_checkpoint(request: pb.GetCheckpointRequest) -> pb.GetCheckpointResponse:
        carrier = CALLER.get().agency
        seen = await desk.run(lambda gateway, now: seen_of(gateway, carrier, request.origin, now))
        return pb.GetCheckpointResponse(checkpoint=seen)

    witness: dict[str, Any] = {"AddCheckpoint": add_checkpoint, "GetCheckpoint": get_checkpoint}
    return [
        service("Peer", {"Deliver": deliver}, desk.pulse.ended),
        service("Mirror", {"GetFile": get_file}, desk.pulse.ended),
        service("Witness", witness, desk.pulse.ended),
    ]


async def _admitted(desk: Desk, data: bytes, carrier: str) -> bytes:
    if len(data) > BATCH_BYTES_MAX:
        raise Malformed(f"is larger than {BATCH_BYTES_MAX} bytes", field="batch", code="too-large")
    return await desk.run(lambda gateway, now: admit(gateway, data, carrier, now).encode(), beats=True)


def _growth(request: pb.AddCheckpointRequest) -> Consistency | None:
    if not request.old_size:
        return None
    return Consistency(from_size=request.old_size, hashes=tuple(request.proof))
