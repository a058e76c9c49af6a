"""The floor of the wire: an echo of 4 KiB messages over mutual TLS, two processes, one stream, 64 on the way.

`python benchmarks/echo.py ADDRESS IDENTITY` serves; `measure` is the client.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from gateway.tls.credential import Credential, read_credential
from gateway.wire.limits import SERVER_OPTIONS, channel_options

PATH = "/echo/Echo"
WINDOW = 64
SIZE_BYTES = 4_096


async def _serve(address: str, own: Credential) -> None:
    async def echo(requests: AsyncIterator[bytes], _: Any) -> AsyncIterator[bytes]:
        async for data in requests:
            yield data

    server = grpc.aio.server(options=list(SERVER_OPTIONS))
    handler: Any = grpc.stream_stream_rpc_method_handler(echo)
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("echo", {"Echo": handler})])
    secrets = grpc.ssl_server_credentials([(own.key, own.certificate)], own.ca, require_client_auth=True)
    server.add_secure_port(address, secrets)
    await server.start()
    print("ready", flush=True)
    await server.wait_for_termination()


@contextmanager
def serving(address: str, identity: Path) -> Iterator[None]:
    """Run the echo server as a process."""
    command = [sys.executable, __file__, address, str(identity)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield
    finally:
        process.terminate()
        process.wait()


def measure(address: str, own: Credential, messages: int) -> float:
    """Return messages a second."""
    return asyncio.run(_measured(address, own, messages))


async def _measured(address: str, own: Credential, messages: int) -> float:
    secrets = grpc.ssl_channel_credentials(own.ca, own.key, own.certificate)
    async with grpc.aio.secure_channel(address, secrets, channel_options(own.identity.agency)) as channel:
        call: Any = channel.stream_stream(PATH)()
        data = bytes(SIZE_BYTES)
        await call.write(data)
        await call.read()
        room = asyncio.Semaphore(WINDOW)

        async def write() -> None:
            for _ in range(messages):
                await room.acquire()
                await call.write(data)

        started = time.perf_counter()
        writing = asyncio.create_task(write())
        for _ in range(messages):
            await call.read()
            room.release()
        elapsed = time.perf_counter() - started
        await writing
        return messages / elapsed


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], read_credential(Path(sys.argv[2]).read_bytes())))
