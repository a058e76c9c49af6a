"""The guard before every method of a port: errors shielded, caller known, call allowed, time bounded.

Outermost stands the shield: whatever goes wrong inside, a caller hears a refusal of ours, or an incident id.
No byte of a request is read before its caller is known, the requests of the standard services included.

Source: DESIGN section 12; THREATS A01, A37, A44.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from datetime import datetime
from typing import Any, TypeAlias

import grpc
from google.protobuf.message import DecodeError

from gateway.errors import GatewayError, Malformed, Unreachable
from gateway.observe import counters, incident, log
from gateway.services.caller import ADMIT_AGAIN, CALLER, Credentials, Door
from gateway.tls.identity import Identity
from gateway.wire.limits import UNARY_TIMEOUT_S
from gateway.wire.problem import to_status

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"


class Guard(grpc.aio.ServerInterceptor):
    """Wraps every handler of one port, ours and the standard ones alike."""

    def __init__(self, door: Door, clock: Callable[[], datetime], heard: Callable[[Identity], None]) -> None:
        """`heard` is told of every caller let in."""
        self._door = door
        self._clock = clock
        self._heard = heard

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        """Return the handler behind the guard; None for a method that does not exist."""
        handler: Handler | None = await continuation(details)
        if handler is None:
            return None
        path = details.method
        if handler.response_streaming:
            return _streaming(handler, self._guarded_stream(path, handler))
        return _single(handler, self._guarded_call(path, handler))

    def _guarded_call(self, path: str, handler: Handler) -> Callable[[Any, Context], Awaitable[Any]]:
        inner: Any = handler.stream_unary if handler.request_streaming else handler.unary_unary

        async def call(request: Any, context: Context) -> Any:
            try:
                self._enter(path, context)
                asked = self._asked(path, handler, request, context)
                return await _in_time(inner(asked, context), context)
            except grpc.aio.AbortError:
                raise
            except Exception as exc:
                await self._refuse(path, context, exc)

        return call

    def _guarded_stream(self, path: str, handler: Handler) -> Callable[[Any, Context], AsyncIterator[Any]]:
        inner: Any = handler.stream_stream if handler.request_streaming else handler.unary_stream

        async def stream(request: Any, context: Context) -> AsyncIterator[Any]:
            try:
                self._enter(path, context)
                asked = self._asked(path, handler, request, context)
                async with aclosing(_answers(inner(asked, context))) as answers:
                    async for answer in answers:
                        self._admit(path, context)
                        yield answer
            except grpc.aio.AbortError:
                raise
            except Exception as exc:
                await self._refuse(path, context, exc)

        return stream

    def _asked(self, path: str, handler: Handler, request: Any, context: Context) -> Any:
        """Return the request, or the stream of them, as the handler takes it."""
        if not handler.request_streaming:
            return _read(handler, request)

        async def each() -> AsyncIterator[Any]:
            async for one in request:
                self._admit(path, context)
                yield _read(handler, one)

        return each()

    def _admit(self, path: str, context: Context) -> Identity:
        """Return who calls: asked again at every message, so that who loses access loses it in mid-stream."""
        return self._door.admit(path, Credentials.of(context), self._clock())

    def _enter(self, path: str, context: Context) -> None:
        identity = self._admit(path, context)
        CALLER.set(identity)
        ADMIT_AGAIN.set(lambda: self._admit(path, context))
        self._heard(identity)
        counters[f"rpc.{path.rpartition('/')[2]}"] += 1

    async def _refuse(self, path: str, context: Context, exc: Exception) -> None:
        """End the call with a status.

        Raises:
            AbortError: always; it is what ends the call.
        """
        error = exc if isinstance(exc, GatewayError) else incident(path, exc)
        counters["rpc.refused"] += 1
        log().info("rpc.refused", method=path, code=error.code, port=self._door.port.value)
        await context.abort_with_status(to_status(error))


def _read(handler: Handler, data: Any) -> Any:
    """Return a request of a standard service as its message; ours are read by their own handlers.

    Raises:
        Malformed: it is none.
    """
    if handler.request_deserializer is None:
        return data
    try:
        return handler.request_deserializer(data)
    except DecodeError as exc:
        raise Malformed("cannot be read", field="request") from exc


async def _answers(run: Any) -> AsyncGenerator[Any, None]:
    """Yield what a handler yields; one that writes its answers itself yields none."""
    if isinstance(run, Awaitable):
        await run
        return
    async with aclosing(run) as answers:
        async for answer in answers:
            yield answer


async def _in_time(work: Awaitable[Any], context: Context) -> Any:
    """Return what a single call answers within its deadline, and within ours if it states none."""
    stated: Any = context.time_remaining()  # None where the client states none
    timeout_s = UNARY_TIMEOUT_S if stated is None else min(stated, UNARY_TIMEOUT_S)
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=timeout_s)
    except asyncio.CancelledError:
        _leave(task)
        raise
    if not done:
        _leave(task)
        raise Unreachable("took too long", code="too-slow")
    return task.result()


def _leave(task: asyncio.Future[Any]) -> None:
    """Give up on work; what goes wrong with it now is noted, for a loop would print it with all its words."""
    task.cancel()
    task.add_done_callback(_note_unheard)


def _note_unheard(task: asyncio.Future[Any]) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, GatewayError):
        incident("unheard", error)


def _single(handler: Handler, call: Callable[[Any, Context], Awaitable[Any]]) -> Handler:
    make: Any = (
        grpc.stream_unary_rpc_method_handler
        if handler.request_streaming
        else grpc.unary_unary_rpc_method_handler
    )
    # Without a deserializer the transport hands the bytes on as they came: `_read` is asked after the door.
    made: Handler = make(call, None, handler.response_serializer)
    return made


def _streaming(handler: Handler, stream: Callable[[Any, Context], AsyncIterator[Any]]) -> Handler:
    make: Any = (
        grpc.stream_stream_rpc_method_handler
        if handler.request_streaming
        else grpc.unary_stream_rpc_method_handler
    )
    made: Handler = make(stream, None, handler.response_serializer)
    return made
