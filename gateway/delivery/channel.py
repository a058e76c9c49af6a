"""The wire to one peer: a channel that trusts that agency's own authority and nobody else's.

Source: DESIGN section 9; PROTOCOL section 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import grpc
from google.protobuf.message import Message

from gateway.errors import GatewayError
from gateway.tls.credential import Credential
from gateway.v1 import peer_pb2
from gateway.wire.limits import UNARY_TIMEOUT_S, channel_options
from gateway.wire.methods import Method, method
from gateway.wire.problem import error_of

Stream: TypeAlias = "grpc.aio.StreamStreamCall[bytes, bytes]"


class PeerChannel:
    """A channel to one peer's gateway. Every failure is a `GatewayError`."""

    def __init__(
        self, agency: str, endpoint: str, authorities_pem: Sequence[bytes], credential: Credential
    ) -> None:
        """Take the peer's agency id, `host:port`, its CA certificates and our own key and certificate."""
        self.agency = agency
        secrets = grpc.ssl_channel_credentials(
            root_certificates=b"".join(authorities_pem),
            private_key=credential.key,
            certificate_chain=credential.certificate,
        )
        self._channel = grpc.aio.secure_channel(endpoint, secrets, options=channel_options(agency))

    def deliver(self) -> Stream:
        """Open the stream that carries batches there and receipts back, both as bytes."""
        carried = method("Peer", "Deliver")
        call: Any = self._channel.stream_stream(carried.path)()
        opened: Stream = call
        return opened

    async def file(self, path: str) -> bytes | None:
        """Return one file of the directory as the peer mirrors it, None where it has none.

        Raises:
            GatewayError: the peer refused, or cannot be reached.
        """
        answer = await self._ask(method("Mirror", "GetFile"), peer_pb2.GetFileRequest(path=path))
        found = peer_pb2.GetFileResponse.FromString(answer)
        return found.data if found.HasField("data") else None

    async def cosign(self, old_size: int, proof: Sequence[bytes], checkpoint: bytes) -> list[str]:
        """Return the signature lines of the peer over a checkpoint of ours.

        Raises:
            Conflict: code `other-size`; the fact `size` says from which size growth must be proved.
            GatewayError: the peer refused, or cannot be reached.
        """
        request = peer_pb2.AddCheckpointRequest(old_size=old_size, proof=proof, checkpoint=checkpoint)
        answer = await self._ask(method("Witness", "AddCheckpoint"), request)
        return list(peer_pb2.AddCheckpointResponse.FromString(answer).lines)

    async def seen(self, origin: str) -> bytes | None:
        """Return the newest checkpoint of our ledger that the peer has seen, None if none.

        Raises:
            GatewayError: the peer refused, or cannot be reached.
        """
        request = peer_pb2.GetCheckpointRequest(origin=origin)
        answer = await self._ask(method("Witness", "GetCheckpoint"), request)
        found = peer_pb2.GetCheckpointResponse.FromString(answer)
        return found.checkpoint if found.HasField("checkpoint") else None

    async def close(self) -> None:
        """Close the channel, and every call on it."""
        await self._channel.close()

    async def _ask(self, asked: Method, request: Message) -> bytes:
        call: Any = self._channel.unary_unary(asked.path)
        try:
            answer: bytes = await call(request.SerializeToString(), timeout=UNARY_TIMEOUT_S)
        except grpc.aio.AioRpcError as exc:
            raise error_of(exc) from exc
        except ValueError as exc:
            raise GatewayError("the answer cannot be read", code="bad-answer") from exc
        return answer
