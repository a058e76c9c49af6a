"""HTTP/2 frame by frame over TLS, for what no well-made client would send.

Source: RFC 9113 sections 3.4, 4.1 and 6; RFC 7541 section 6.2.2.
"""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from gateway.tls.credential import Credential

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, CONTINUATION = 0, 1, 3, 4, 6, 7, 9
END_STREAM, END_HEADERS, ACK = 1, 4, 1
CANCEL: Final = (8).to_bytes(4, "big")
TIMEOUT_S: Final = 10.0


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """Return one frame."""
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


def field(name: str, value: str) -> bytes:
    """Return a header field as a literal that is not indexed; both at most 126 bytes."""
    return b"\x00" + b"".join(bytes((len(text),)) + text.encode() for text in (name, value))


def request(path: str, server: str, *more: bytes) -> bytes:
    """Return the header block of a call."""
    fields = [(":method", "POST"), (":scheme", "https"), (":path", path), (":authority", server)]
    fields += [("content-type", "application/grpc"), ("te", "trailers")]
    return b"".join(field(*one) for one in fields) + b"".join(more)


def message(body: bytes, *, compressed: bool = False) -> bytes:
    """Return a message as gRPC frames it."""
    return bytes((compressed,)) + len(body).to_bytes(4, "big") + body


_WINDOW: Final = 65_535
_FRAME: Final = 16_384
_WINDOW_UPDATE: Final = 8


def _granted(said: bytes, at: int, stream: int) -> tuple[int, int, bool]:
    """Return up to where whole frames stand, how much more may be sent, and whether the stream has ended."""
    granted, ended = 0, False
    while at + 9 <= len(said):
        size, kind = int.from_bytes(said[at : at + 3], "big"), said[at + 3]
        number = int.from_bytes(said[at + 5 : at + 9], "big")
        if at + 9 + size > len(said):
            break
        if kind == _WINDOW_UPDATE and number == stream:
            granted += int.from_bytes(said[at + 9 : at + 13], "big")
        ended |= kind == GOAWAY or (kind in (HEADERS, RST_STREAM) and number == stream)
        at += 9 + size
    return at, granted, ended


class Line:
    """A TLS connection that speaks HTTP/2; a context manager.

    Raises:
        OSError: the handshake failed, at once or with the first bytes read.
    """

    def __init__(
        self,
        address: str,
        *,
        server: str,
        shown: Credential,
        folder: Path,
        newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
    ) -> None:
        """Take `host:port`, its DNS name, who calls, and a folder: `ssl` reads keys from files only."""
        context = ssl.create_default_context(cadata=shown.ca.decode())
        identity = folder / "identity.pem"
        identity.write_bytes(shown.key + shown.certificate)
        context.load_cert_chain(identity)
        context.maximum_version = newest
        context.set_alpn_protocols(["h2"])
        # Whom the server is matters to honest callers; here anybody will do.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        host, _, port = address.rpartition(":")
        plain = socket.create_connection((host, int(port)), TIMEOUT_S)
        self.socket = context.wrap_socket(plain, server_hostname=server)
        self.socket.sendall(PREFACE + frame(SETTINGS, 0, 0))

    def send(self, *frames: bytes) -> bool:
        """Send frames; return whether the other side still took them."""
        try:
            self.socket.sendall(b"".join(frames))
        except OSError:
            return False
        return True

    def send_body(self, stream: int, data: bytes) -> bytes:
        """Send data as far as the other side lets it in; return what it said meanwhile.

        Only what was granted on the stream counts: every server grants at least as much on the connection.
        """
        room, said, parsed = _WINDOW, b"", 0
        for at in range(0, len(data), _FRAME):
            piece = data[at : at + _FRAME]
            while room < len(piece):
                more = self.socket.recv(65_536)
                if not more:
                    return said
                said += more
                parsed, granted, ended = _granted(said, parsed, stream)
                room += granted
                if ended:
                    return said
            room -= len(piece)
            if not self.send(frame(DATA, END_STREAM if at + _FRAME >= len(data) else 0, stream, piece)):
                break
        return said

    def read_until(self, *wanted: bytes, bytes_max: int = 1024 * 1024) -> bytes:
        """Return what comes until one of these stands in it, the other side closes, or `bytes_max`."""
        found = b""
        try:
            while len(found) < bytes_max and not any(one in found for one in wanted):
                piece = self.socket.recv(65_536)
                if not piece:
                    break
                found += piece
        except OSError:
            return found
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()
