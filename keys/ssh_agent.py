"""Keys that an SSH agent holds, found there and signed with there: so hardware can hold an officer's key.

The agent is believed in nothing: what it lists is checked, what it signs is verified.
Source: RFC 9987 (agent protocol); RFC 8709 (keys and signatures of type ssh-ed25519); ADR 0018.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.errors import Malformed, NotFound, Refused, Unreachable, VerificationFailed
from keys.agent_socket import LENGTH_BYTES, MESSAGE_BYTES_MAX, ask_agent
from keys.ed25519 import PUBLIC_BYTES, SIGNATURE_BYTES, check_public_key, verify
from keys.signer import KEY_ID_CHARS, key_id

ANSWER_WITHIN_S: Final = 10.0
SIGN_WITHIN_S: Final = 60.0
"""Longer than a list may take: a person may have to confirm, to type a PIN or to touch a token."""
PREFIX_CHARS_MIN: Final = 8

# Message numbers of RFC 9987.
_FAILURE: Final = 5
_REQUEST_IDENTITIES: Final = 11
_IDENTITIES_ANSWER: Final = 12
_SIGN_REQUEST: Final = 13
_SIGN_RESPONSE: Final = 14

_ED25519: Final = b"ssh-ed25519"
_NO_FLAGS: Final = bytes(4)
_KEY_ID_PREFIX: Final = re.compile(rf"[0-9a-fA-F]{{{PREFIX_CHARS_MIN},{KEY_ID_CHARS}}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentKey:
    """An Ed25519 key that an agent says it holds.

    The comment is text of whoever put the key there: it proves nothing, and is escaped before it is shown.

    Raises:
        Malformed: code `weak-key`.
    """

    public_key: bytes
    comment: str

    def __post_init__(self) -> None:
        check_public_key(self.public_key)

    @property
    def key_id(self) -> str:
        """Key id of the public key."""
        return key_id(self.public_key)


class AgentSigner:
    """A private key inside an agent, as a `Signer`; `repr` shows the key id alone."""

    __slots__ = ("_agent", "_within_s", "key_id", "public_key")

    def __init__(self, socket: Path, key: AgentKey, *, within_s: float = SIGN_WITHIN_S) -> None:
        """Take the agent's socket and one of its keys; nothing is asked before `sign`."""
        self._agent = socket
        self._within_s = within_s
        self.public_key = key.public_key
        self.key_id = key.key_id

    def __repr__(self) -> str:
        return f"AgentSigner({self.key_id})"

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature over exactly these bytes, once it verifies under this key.

        Raises:
            Malformed: code `too-large`: the message does not fit into one request.
            Refused: code `agent-refused`.
            VerificationFailed: code `bad-signature`: another key's, over other bytes, or none at all.
            Unreachable, Misconfigured: as `agent_keys`.
        """
        blob = _string(_ED25519) + _string(self.public_key)
        request = bytes([_SIGN_REQUEST]) + _string(blob) + _string(message) + _NO_FLAGS
        if len(request) > MESSAGE_BYTES_MAX:
            raise Malformed("is too long for an SSH agent to sign", field="message", code="too-large")
        answer = ask_agent(self._agent, request, within_s=self._within_s)
        if answer == bytes([_FAILURE]):
            raise Refused(
                "the SSH agent did not sign: it is locked (ssh-add -X unlocks), a confirmation was "
                "declined, the token is not there, or the key was added for logins alone",
                code="agent-refused",
            )
        try:
            signature = _read_signature(answer)
        except Malformed as exc:
            raise VerificationFailed("the SSH agent answered no signature", code="bad-signature") from exc
        # What an agent returns says nothing by itself: it may hold another key, or sign other bytes.
        verify(self.public_key, message, signature)
        return signature


def agent_keys(socket: Path, *, within_s: float = ANSWER_WITHIN_S) -> tuple[AgentKey, ...]:
    """Return the agent's plain `ssh-ed25519` keys, each once, in its order; a locked agent shows none.

    Left out are other types, certificates, FIDO keys (`sk-`: they sign other bytes than they are given) and
    weak keys.

    Raises:
        Unreachable: code `no-agent`: nothing listens, it does not answer in time, or not in this protocol.
        Refused: code `agent-refused`.
        Misconfigured: code `unsafe-agent`: the path is a link or no socket, or the agent is another user's.
    """
    answer = ask_agent(socket, bytes([_REQUEST_IDENTITIES]), within_s=within_s)
    if answer == bytes([_FAILURE]):
        raise Refused("the SSH agent does not list its keys", code="agent-refused")
    try:
        return _read_keys(answer)
    except Malformed as exc:
        raise Unreachable("what answers is no SSH agent: its list cannot be read", code="no-agent") from exc


def find_agent_key(socket: Path, selector: str, *, within_s: float = ANSWER_WITHIN_S) -> AgentKey:
    """Return the one key that `selector` names: a key id, at least its first 8 digits, or a whole comment.

    What could be a key id is never taken for a comment.

    Raises:
        NotFound: code `no-agent-key`.
        Refused: code `ambiguous-key`, or `agent-refused`.
        Unreachable, Misconfigured: as `agent_keys`.
    """
    keys = agent_keys(socket, within_s=within_s)
    if _KEY_ID_PREFIX.fullmatch(selector):
        found = [key for key in keys if key.key_id.startswith(selector.lower())]
    else:
        # An empty selector names nothing, although a key without a comment bears it.
        found = [key for key in keys if selector and key.comment == selector]
    if not found:
        raise NotFound(
            "the SSH agent shows no such Ed25519 key: ssh-add -l lists what it shows; a locked agent shows "
            f"nothing (ssh-add -X unlocks); name a key by {PREFIX_CHARS_MIN} or more digits of its key id "
            "or by its whole comment",
            code="no-agent-key",
        )
    if len(found) > 1:
        ids = ", ".join(key.key_id for key in found)
        raise Refused(f"several keys of the SSH agent are so named: use one of {ids}", code="ambiguous-key")
    return found[0]


def _read_keys(answer: bytes) -> tuple[AgentKey, ...]:
    fields = _Fields(answer)
    fields.expect(fields.take(1) == bytes([_IDENTITIES_ANSWER]))
    found: dict[bytes, AgentKey] = {}
    for _ in range(fields.number()):
        public, comment = _read_public(fields.string()), fields.string()
        if public is not None:
            # A weak key proves nothing: it is as if the agent did not hold it.
            with suppress(Malformed):
                key = AgentKey(public_key=public, comment=comment.decode("utf-8", "backslashreplace"))
                found.setdefault(public, key)
    fields.close()
    return tuple(found.values())


def _read_public(blob: bytes) -> bytes | None:
    """Return the raw public key of a key blob, or None where it is of another type."""
    fields = _Fields(blob)
    if fields.string() != _ED25519:
        return None
    public = fields.string()
    fields.expect(len(public) == PUBLIC_BYTES)
    fields.close()
    return public


def _read_signature(answer: bytes) -> bytes:
    fields = _Fields(answer)
    fields.expect(fields.take(1) == bytes([_SIGN_RESPONSE]))
    signed = _Fields(fields.string())
    fields.close()
    signed.expect(signed.string() == _ED25519)
    signature = signed.string()
    signed.expect(len(signature) == SIGNATURE_BYTES)
    signed.close()
    return signature


def _string(value: bytes) -> bytes:
    return len(value).to_bytes(LENGTH_BYTES, "big") + value


class _Fields:
    """Reads the fields of one message in order; what is cut short or left over is Malformed."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size_bytes: int) -> bytes:
        end = self._at + size_bytes
        self.expect(end <= len(self._data))
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def number(self) -> int:
        return int.from_bytes(self.take(LENGTH_BYTES), "big")

    def string(self) -> bytes:
        return self.take(self.number())

    def expect(self, holds: bool) -> None:
        if not holds:
            raise Malformed("is cut short, too long or of another type", field="agent")

    def close(self) -> None:
        self.expect(self._at == len(self._data))
