"""Methods as the server runs them: requests come as bytes and are examined before they are parsed.

Source: THREATS A42, A43.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, TypeAlias, TypeVar

import grpc
from google.protobuf.message import Message

from gateway.record.scan import scan
from gateway.wire.limits import REQUEST_LIMITS
from gateway.wire.methods import Method, method

M = TypeVar("M", bound=Message)
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


def read_request(data: bytes, request: type[M]) -> M:
    """Return a request whose bytes are exactly one message of its type.

    Raises:
        Malformed: too large, too deep, too many elements, unknown fields, or not canonical.
    """
    descriptor: Any = request.DESCRIPTOR
    scan(data, descriptor, REQUEST_LIMITS, field=descriptor.name)
    return request.FromString(data)


def service(
    name: str, methods: Mapping[str, Callable[..., Any]], ended: asyncio.Event
) -> grpc.GenericRpcHandler:
    """Return the handlers of one of our services.

    Once `ended` is set no stream is read any further: what came before is answered, and the stream ends.

    A method takes its request message, or an async iterator of them, and returns a message or an async
    iterator of them; raw bytes are passed where it says so itself (see `raw`).
    """
    handlers = {called: _handler(method(name, called), run, ended) for called, run in methods.items()}
    return grpc.method_handlers_generic_handler(f"gateway.v1.{name}", handlers)


def raw(run: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a method that takes and gives bytes: what it carries is examined further in."""
    run.takes_bytes = True  # type: ignore[attr-defined]
    return run


def _handler(
    called: Method, run: Callable[..., Any], ended: asyncio.Event
) -> grpc.RpcMethodHandler[Any, Any]:
    as_bytes = getattr(run, "takes_bytes", False)

    def read(data: bytes) -> Any:
        return data if as_bytes else read_request(data, called.request)

    def write(answer: Any) -> bytes:
        data: bytes = answer if as_bytes else answer.SerializeToString()
        return data

    async def each(requests: AsyncIterator[bytes]) -> AsyncIterator[Any]:
        async for data in _until(ended, requests):
            yield read(data)

    async def one(request: Any, _: Context) -> bytes:
        return write(await run(each(request) if called.client_streams else read(request)))

    async def many(request: Any, _: Context) -> AsyncIterator[bytes]:
        async for answer in run(each(request) if called.client_streams else read(request)):
            yield write(answer)

    make: Any = _MAKERS[called.client_streams, called.server_streams]
    made: grpc.RpcMethodHandler[Any, Any] = make(many if called.server_streams else one)
    return made


async def _until(ended: asyncio.Event, requests: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield what a stream brings until it ends, or we do."""
    ending = asyncio.ensure_future(ended.wait())
    try:
        while True:
            reading = asyncio.ensure_future(anext(requests, None))
            await asyncio.wait({reading, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                reading.cancel()
                return
            data = reading.result()
            if data is None:
                return
            yield data
    finally:
        ending.cancel()


_MAKERS = {
    (False, False): grpc.unary_unary_rpc_method_handler,
    (False, True): grpc.unary_stream_rpc_method_handler,
    (True, False): grpc.stream_unary_rpc_method_handler,
    (True, True): grpc.stream_stream_rpc_method_handler,
}
