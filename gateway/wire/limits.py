"""What one message, stream and connection may cost, on both ends of the wire.

Source: DESIGN section 14; THREATS A42, A43, A44.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from gateway.record.wire_bytes import Limits

BATCH_BYTES_MAX: Final = 8 * 1024 * 1024
"""A batch of envelopes or of items; one envelope of 4 MiB always fits."""

MESSAGE_BYTES_MAX: Final = BATCH_BYTES_MAX + 64 * 1024
"""What the transport takes before it looks at anything."""

PUSH_ITEMS_MAX: Final = 64
"""Items in one message of a push."""
PUSH_UNANSWERED_MAX: Final = 256
"""Items of one stream taken in and not answered yet."""
INBOX_UNACKNOWLEDGED_MAX: Final = 64
"""Arrivals handed out beyond what a consumer acknowledged."""
WATCHED_MAX: Final = 1_024
"""Exchanges in one watch."""
STREAMS_MAX: Final = 256
"""Streams of one connection."""
CALLS_MAX: Final = 4_096
"""Calls of all connections of one port."""
METADATA_BYTES_MAX: Final = 16 * 1024
UNARY_TIMEOUT_S: Final = 30.0
PIECE_BYTES: Final = 256 * 1024
"""How much of a file one message of a stream carries."""

REQUEST_LIMITS: Final = Limits(size_bytes=MESSAGE_BYTES_MAX, elements=65_536, depth=16)


def pieces(data: bytes) -> Iterator[bytes]:
    """Yield bytes in pieces of `PIECE_BYTES`, as a stream sends them."""
    return (data[start : start + PIECE_BYTES] for start in range(0, len(data), PIECE_BYTES))


_COMMON: Final[tuple[tuple[str, Any], ...]] = (
    ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
    ("grpc.max_send_message_length", MESSAGE_BYTES_MAX),
    # Only identity: a compressed bomb is refused before it is unpacked.
    ("grpc.compression_enabled_algorithms_bitset", 1),
    ("grpc.max_metadata_size", METADATA_BYTES_MAX),
    ("grpc.absolute_max_metadata_size", 2 * METADATA_BYTES_MAX),
)

SERVER_OPTIONS: Final[tuple[tuple[str, Any], ...]] = (
    *_COMMON,
    ("grpc.max_concurrent_streams", STREAMS_MAX),
    ("grpc.server_handshake_timeout_ms", 10_000),
    ("grpc.max_connection_idle_ms", 10 * 60 * 1000),
    ("grpc.max_connection_age_ms", 60 * 60 * 1000),
    ("grpc.max_connection_age_grace_ms", 60 * 1000),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 15_000),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.http2.max_ping_strikes", 2),
    # Two gateways on one port would share a home's traffic by chance.
    ("grpc.so_reuseport", 0),
)


def channel_options(server_name: str) -> list[tuple[str, Any]]:
    """Return the options of a channel to the gateway that must prove this DNS name."""
    return [
        *_COMMON,
        ("grpc.ssl_target_name_override", server_name),
        ("grpc.default_authority", server_name),
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.keepalive_timeout_ms", 15_000),
        ("grpc.max_reconnect_backoff_ms", 5_000),
        ("grpc.initial_reconnect_backoff_ms", 200),
        # One subchannel each: a channel with other roots must not find this one's connection.
        ("grpc.use_local_subchannel_pool", 1),
        ("grpc.enable_http_proxy", 0),
    ]
