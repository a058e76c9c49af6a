"""An SSH agent of a few lines, in a thread: it answers what a test tells it to, also what no agent would."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import AF_UNIX, SHUT_RDWR, SOCK_STREAM
from socket import socket as Socket

from keys.signer import Signer

FAILURE = b"\x05"


def string(value: bytes) -> bytes:
    """Return a text after its length, as everything in the protocol is written."""
    return len(value).to_bytes(4, "big") + value


def blob(public: bytes, kind: bytes = b"ssh-ed25519") -> bytes:
    """Return a public key as agents list it."""
    return string(kind) + string(public)


def listing(*keys: tuple[bytes, bytes]) -> bytes:
    """Return the answer that lists keys: each a blob and a comment."""
    body = b"".join(string(key) + string(comment) for key, comment in keys)
    return b"\x0c" + len(keys).to_bytes(4, "big") + body


def signature(value: bytes, kind: bytes = b"ssh-ed25519") -> bytes:
    """Return the answer that holds a signature."""
    return b"\x0e" + string(string(kind) + string(value))


class SmallAgent:
    """What a running agent was asked, and how it answers: `reply` turns a request into raw bytes to send.

    Of `None` nothing is sent, and the connection stays open; of several pieces one goes out every 20 ms.
    """

    def __init__(self, path: Path, reply: Callable[[bytes], bytes | Sequence[bytes] | None]) -> None:
        self.path = path
        self.reply = reply
        self.requests: list[bytes] = []
        self.ended = threading.Event()

    def serve(self, listener: Socket) -> None:
        """Answer one connection after the other until it has ended."""
        while True:
            connection, _ = listener.accept()
            with connection:
                if self.ended.is_set():
                    return
                # A client that has given up is not listened to any further.
                with suppress(OSError):
                    self._answer(connection)

    def _answer(self, connection: Socket) -> None:
        connection.settimeout(10)
        size = int.from_bytes(connection.recv(4), "big")
        request = b""
        while len(request) < size and (more := connection.recv(size - len(request))):
            request += more
        self.requests.append(request)
        answer = self.reply(request)
        if answer is None:
            connection.recv(1)
        elif isinstance(answer, bytes):
            connection.sendall(answer)
            connection.shutdown(SHUT_RDWR)
        else:
            for piece in answer:
                connection.sendall(piece)
                self.ended.wait(0.02)


@contextmanager
def running(
    path: Path, reply: Callable[[bytes], bytes | Sequence[bytes] | None] = lambda request: None
) -> Iterator[SmallAgent]:
    """Run an agent that answers so, until the block ends."""
    agent = SmallAgent(path, reply)
    with Socket(AF_UNIX, SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen()
        thread = threading.Thread(target=agent.serve, args=(listener,), daemon=True)
        thread.start()
        try:
            yield agent
        finally:
            agent.ended.set()
            with Socket(AF_UNIX, SOCK_STREAM) as last:
                last.connect(str(path))
            thread.join(timeout=15)
    assert not thread.is_alive()


def holding(*signers: tuple[Signer, bytes]) -> Callable[[bytes], bytes]:
    """Return how an honest agent answers that holds these keys, each with its comment."""
    held = {blob(signer.public_key): signer for signer, _ in signers}

    def reply(request: bytes) -> bytes:
        if request == b"\x0b":
            return string(listing(*((blob(signer.public_key), comment) for signer, comment in signers)))
        key, message, flags = _parts(request)
        assert flags == bytes(4)
        return string(signature(held[key].sign(message)) if key in held else FAILURE)

    return reply


def _parts(request: bytes) -> tuple[bytes, bytes, bytes]:
    assert request[:1] == b"\x0d"
    first = 5 + int.from_bytes(request[1:5], "big")
    second = first + 4 + int.from_bytes(request[first : first + 4], "big")
    return request[5:first], request[first + 4 : second], request[second:]
