"""Other bytes of the same meaning: what a lenient parser would take for the same message."""

from __future__ import annotations

from gateway.record.wire_bytes import encode_varint


def flips(data: bytes) -> list[bytes]:
    """Return every copy of the data with one bit changed."""
    return [
        data[:at] + bytes((data[at] ^ 1 << bit,)) + data[at + 1 :]
        for at in range(len(data))
        for bit in range(8)
    ]


def truncations(data: bytes) -> list[bytes]:
    """Return every proper beginning of the data."""
    return [data[:end] for end in range(len(data))]


def fields(data: bytes) -> list[tuple[bytes, bytes, bytes]]:
    """Return (tag, length, value) of every top-level field; the length is empty for a number."""
    found = []
    at = 0
    while at < len(data):
        tag, at = data[at : at + 1], at + 1
        start = at
        while data[at] & 0x80:
            at += 1
        at += 1
        if tag[0] & 7 == 2:
            size, shift = 0, 0
            for byte in data[start:at]:
                size |= (byte & 0x7F) << shift
                shift += 7
            found.append((tag, data[start:at], data[at : at + size]))
            at += size
        else:
            found.append((tag, b"", data[start:at]))
    return found


def respellings(data: bytes) -> dict[str, bytes]:
    """Return bytes that many parsers read as the same message, by what is unusual about them."""
    parts = fields(data)
    plain = [b"".join(part) for part in parts]
    tag, length, value = parts[0]
    overlong = bytes((length[-1] | 0x80, 0)) if length else b""
    made = {
        "the first field twice": plain[0] + data,
        "the last field twice": data + plain[-1],
        "another value first, the true one last": tag + encode_varint(1) + b"x" + data,
        "an overlong length": tag + length[:-1] + overlong + value + b"".join(plain[1:]),
        "an overlong tag": bytes((tag[0] | 0x80, 0)) + length + value + b"".join(plain[1:]),
        "the last field first": plain[-1] + b"".join(plain[:-1]),
        "an unknown field": data + b"\xfa\x01\x00",
        "an unknown number": data + b"\xf8\x01\x00",
        "an unknown group": data + b"\xfb\x01\xfc\x01",
        "a byte more": data + b"\x00",
        "nothing": b"",
    }
    assert b"".join(plain) == data
    return {name: spelled for name, spelled in made.items() if spelled != data}
