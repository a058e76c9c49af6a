"""The socket of an SSH agent: whose it is, one question, one answer, in bounded time and size.

Source: RFC 9987 (an agent's messages and their frames); THREATS A19.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from socket import AF_UNIX, SOCK_STREAM
from socket import socket as Socket
from time import monotonic
from typing import Final

from gateway.errors import Misconfigured, Unreachable

MESSAGE_BYTES_MAX: Final = 262_144
"""Longest message either side sends; the limit of OpenSSH's own agent."""
LENGTH_BYTES: Final = 4
"""A message, and every text in it, comes after its length: big-endian, 4 bytes."""

_UCRED_BYTES: Final = 12


def ask_agent(agent: Path, request: bytes, *, within_s: float) -> bytes:
    """Return the agent's one answer to a request, both without their lengths; it has a byte at least.

    Raises:
        Unreachable: code `no-agent`: nothing listens, it does not answer in time, or not in this protocol.
        Misconfigured: code `unsafe-agent`, as `check_agent_socket`.
    """
    check_agent_socket(agent)
    deadline = monotonic() + within_s
    try:
        with Socket(AF_UNIX, SOCK_STREAM) as connection:
            connection.settimeout(within_s)
            connection.connect(str(agent))
            _check_listener(connection)
            connection.sendall(len(request).to_bytes(LENGTH_BYTES, "big") + request)
            size_bytes = int.from_bytes(_receive(connection, LENGTH_BYTES, deadline), "big")
            # The length is judged before anything is awaited or kept for it.
            if not 1 <= size_bytes <= MESSAGE_BYTES_MAX:
                raise Unreachable(
                    "what answers is no SSH agent: its message is empty or oversized", code="no-agent"
                )
            return _receive(connection, size_bytes, deadline)
    except TimeoutError as exc:
        raise Unreachable(
            f"the SSH agent did not answer within {within_s:g} s: it may wait for a confirmation, a PIN or a "
            "touch of its token",
            code="no-agent",
        ) from exc
    except OSError as exc:
        raise _nobody_there() from exc


def check_agent_socket(agent: Path) -> None:
    """Refuse a path behind which another user's agent may stand: its keys would be taken for one's own.

    Raises:
        Unreachable: code `no-agent`: nothing is there.
        Misconfigured: code `unsafe-agent`: a link, no socket, or another user's.
    """
    try:
        found = agent.lstat()
    except OSError as exc:
        raise _nobody_there() from exc
    if not stat.S_ISSOCK(found.st_mode):
        raise Misconfigured(
            "the path of the SSH agent is a link or no socket: name the socket itself", code="unsafe-agent"
        )
    _check_user(found.st_uid)


def _check_listener(connection: Socket) -> None:
    """Refuse a listener of another user: the path may have changed hands since it was looked at."""
    if sys.platform == "linux":
        from socket import SO_PEERCRED, SOL_SOCKET

        # struct ucred of unix(7): process, user and group, 4 bytes each.
        credentials = connection.getsockopt(SOL_SOCKET, SO_PEERCRED, _UCRED_BYTES)
        _check_user(int.from_bytes(credentials[4:8], sys.byteorder))


def _check_user(user: int) -> None:
    if user != os.geteuid():
        raise Misconfigured("the SSH agent is another user's: use one of your own", code="unsafe-agent")


def _receive(connection: Socket, size_bytes: int, deadline: float) -> bytes:
    received = bytearray()
    while len(received) < size_bytes:
        # The time is for the whole answer: one that comes byte by byte gets no more of it.
        left_s = deadline - monotonic()
        if left_s <= 0:
            raise TimeoutError
        connection.settimeout(left_s)
        chunk = connection.recv(size_bytes - len(received))
        if not chunk:
            raise Unreachable("the SSH agent hung up before its answer was whole", code="no-agent")
        received += chunk
    return bytes(received)


def _nobody_there() -> Unreachable:
    return Unreachable(
        "no SSH agent can be reached: start one, and see that SSH_AUTH_SOCK names its socket", code="no-agent"
    )
