"""A key in an SSH agent signs as any other key does, and an agent that lies is found out."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from socket import AF_UNIX, SOCK_STREAM, socketpair
from socket import socket as Socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import (
    GatewayError,
    Malformed,
    Misconfigured,
    NotFound,
    Refused,
    Unreachable,
    VerificationFailed,
)
from keys.agent_socket import MESSAGE_BYTES_MAX, _check_listener, check_agent_socket
from keys.ed25519 import Ed25519Signer, verify
from keys.signed import SignedType, sign
from keys.signed import verify as verify_signed
from keys.signer import Signer, key_id
from keys.ssh_agent import AgentKey, AgentSigner, agent_keys, find_agent_key
from tests.keys.small_agent import FAILURE, blob, holding, listing, running, signature, string
from tests.keys.test_ed25519 import WEAK

OWN, OTHER = Ed25519Signer(b"\x01" * 32), Ed25519Signer(b"\x02" * 32)
KEY = AgentKey(public_key=OWN.public_key, comment="ana")
SOON_S = 0.2

# Frames that hold no message of the protocol, or not the whole of one.
BROKEN_FRAMES = {
    "nothing": b"",
    "half a length": b"\x00\x00",
    "an empty message": bytes(4),
    "a message cut short": string(listing((blob(OWN.public_key), b"ana")))[:-1],
    "an oversized message": (MESSAGE_BYTES_MAX + 1).to_bytes(4, "big") + b"\x0c" * 8,
    "a length of 4 GiB": b"\xff" * 40,
}
BROKEN_LISTS = {
    "another message": b"\x0e" + bytes(4),
    "a failure with more behind it": FAILURE + b"\x00",
    "no number of keys": b"\x0c\x00",
    "fewer keys than it says": b"\x0c\x00\x00\x00\x02" + listing((blob(OWN.public_key), b"ana"))[5:],
    "more keys than it says": b"\x0c\x00\x00\x00\x00" + listing((blob(OWN.public_key), b"ana"))[5:],
    "a key without a type": listing((b"", b"ana")),
    "a type longer than the key": listing((b"\x00\x00\x00\xffssh-ed25519", b"ana")),
    "a key of 31 bytes": listing((blob(OWN.public_key[:31]), b"ana")),
    "a key with more behind it": listing((blob(OWN.public_key) + b"\x00", b"ana")),
    "a byte too many": listing((blob(OWN.public_key), b"ana")) + b"\x00",
}
BROKEN_SIGNATURES = {
    "another message": listing(),
    "a failure with more behind it": FAILURE + b"\x00",
    "no signature": b"\x0e",
    "an empty signature": b"\x0e" + string(b""),
    "a signature of another type": signature(OWN.sign(b"message"), b"sk-ssh-ed25519@openssh.com"),
    "a signature of 63 bytes": signature(OWN.sign(b"message")[:63]),
    "a byte too many": signature(OWN.sign(b"message")) + b"\x00",
    "a byte too many inside": b"\x0e" + string(signature(OWN.sign(b"message"))[5:] + b"\x00"),
    "zeros": signature(bytes(64)),
}


@pytest.fixture
def path() -> Iterator[Path]:
    """Return where an agent may listen: short, because the path of a socket may be."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "agent"


def test_a_key_in_an_agent_signs_as_a_key_in_memory_does(path: Path) -> None:
    with running(path, holding((OTHER, b"other"), (OWN, b"ana"))):
        signer: Signer = AgentSigner(path, find_agent_key(path, "ana"))

        signed = sign(SignedType.APPROVAL, b"body", signer)

    assert signed == sign(SignedType.APPROVAL, b"body", OWN)
    assert verify_signed(signed, expected=SignedType.APPROVAL, public_key=OWN.public_key) == b"body"


def test_the_keys_are_listed_in_the_agents_order_with_ids_and_comments(path: Path) -> None:
    with running(path, holding((OTHER, "žena".encode()), (OWN, b"\xff\n"))):
        listed = agent_keys(path)

    assert [key.public_key for key in listed] == [OTHER.public_key, OWN.public_key]
    assert [key.key_id for key in listed] == [OTHER.key_id, key_id(OWN.public_key)]
    assert [key.comment for key in listed] == ["žena", "\\xff\n"]


def test_only_plain_ed25519_keys_count(path: Path) -> None:
    strangers = [
        (blob(b"\x00" * 128, b"ssh-rsa"), b"rsa"),
        (blob(OTHER.public_key, b"sk-ssh-ed25519@openssh.com") + string(b"ssh:"), b"token"),
        (blob(OTHER.public_key, b"ssh-ed25519-cert-v01@openssh.com") + b"\x00" * 90, b"certificate"),
    ]

    with running(path, lambda request: string(listing(*strangers, (blob(OWN.public_key), b"ana")))):
        assert agent_keys(path) == (KEY,)


def test_a_key_listed_twice_is_one_key(path: Path) -> None:
    twice = listing((blob(OWN.public_key), b"ana"), (blob(OWN.public_key), b"again"))

    with running(path, lambda request: string(twice)):
        assert find_agent_key(path, OWN.key_id) == KEY


@pytest.mark.parametrize("public", WEAK[::6], ids=bytes.hex)
def test_a_weak_key_of_an_agent_is_left_out_and_cannot_be_signed_with(path: Path, public: bytes) -> None:
    both = listing((blob(public), b"weak"), (blob(OWN.public_key), b"ana"))

    with running(path, lambda request: string(both)):
        assert agent_keys(path) == (KEY,)
        with pytest.raises(NotFound):
            find_agent_key(path, "weak")
    with pytest.raises(Malformed) as refused:
        AgentKey(public_key=public, comment="weak")

    assert refused.value.code == "weak-key"


@pytest.mark.parametrize("selector", [OWN.key_id, OWN.key_id[:8], OWN.key_id[:9].upper(), "ana"])
def test_a_key_is_named_by_its_id_by_the_beginning_of_it_or_by_its_comment(path: Path, selector: str) -> None:
    with running(path, holding((OTHER, b"ana's other"), (OWN, b"ana"))):
        assert find_agent_key(path, selector) == KEY


@pytest.mark.parametrize("selector", ["", "an", "Ana", "ana ", OWN.key_id[:7], OWN.key_id + "0", "0" * 32])
def test_what_names_no_key_finds_none(path: Path, selector: str) -> None:
    with running(path, holding((OWN, b"ana"), (OTHER, b""))), pytest.raises(NotFound) as refused:
        find_agent_key(path, selector)

    assert refused.value.code == "no-agent-key"


def test_a_comment_that_looks_like_another_keys_id_does_not_stand_for_it(path: Path) -> None:
    with running(path, holding((OTHER, OWN.key_id.encode()))), pytest.raises(NotFound):
        find_agent_key(path, OWN.key_id)


def test_a_comment_of_several_keys_is_ambiguous_and_their_ids_are_told(path: Path) -> None:
    with running(path, holding((OWN, b"ana"), (OTHER, b"ana"))):
        with pytest.raises(Refused) as refused:
            find_agent_key(path, "ana")

        assert find_agent_key(path, OTHER.key_id).public_key == OTHER.public_key
    assert refused.value.code == "ambiguous-key"
    assert OWN.key_id in refused.value.message
    assert OTHER.key_id in refused.value.message


def test_an_agent_that_signs_with_another_key_is_found_out(path: Path) -> None:
    with (
        running(path, lambda request: string(signature(OTHER.sign(b"message")))),
        pytest.raises(VerificationFailed),
    ):
        AgentSigner(path, KEY).sign(b"message")


def test_an_agent_that_signs_another_message_is_found_out(path: Path) -> None:
    with running(path, lambda request: string(signature(OWN.sign(b"message")))):
        assert AgentSigner(path, KEY).sign(b"message") == OWN.sign(b"message")
        with pytest.raises(VerificationFailed):
            AgentSigner(path, KEY).sign(b"another message")


@pytest.mark.parametrize("answer", BROKEN_SIGNATURES.values(), ids=BROKEN_SIGNATURES)
def test_what_is_no_signature_is_refused_as_one(path: Path, answer: bytes) -> None:
    with running(path, lambda request: string(answer)), pytest.raises(VerificationFailed) as refused:
        AgentSigner(path, KEY).sign(b"message")

    assert refused.value.code == "bad-signature"


@pytest.mark.parametrize("answer", BROKEN_LISTS.values(), ids=BROKEN_LISTS)
def test_a_list_that_cannot_be_read_whole_is_not_read_at_all(path: Path, answer: bytes) -> None:
    with running(path, lambda request: string(answer)), pytest.raises(Unreachable) as refused:
        agent_keys(path)

    assert refused.value.code == "no-agent"


@pytest.mark.parametrize("raw", BROKEN_FRAMES.values(), ids=BROKEN_FRAMES)
def test_a_broken_frame_is_no_agents(path: Path, raw: bytes) -> None:
    with running(path, lambda request: raw):
        for ask in (lambda: agent_keys(path), lambda: AgentSigner(path, KEY).sign(b"message")):
            with pytest.raises(Unreachable) as refused:
                ask()
            assert refused.value.code == "no-agent"


def test_an_agent_that_refuses_is_told_as_such_with_what_may_be_wrong(path: Path) -> None:
    with running(path, lambda request: string(FAILURE)):
        with pytest.raises(Refused) as listing_refused:
            agent_keys(path)
        with pytest.raises(Refused) as signing_refused:
            AgentSigner(path, KEY).sign(b"message")

    assert listing_refused.value.code == signing_refused.value.code == "agent-refused"
    assert "locked" in signing_refused.value.message
    assert "declined" in signing_refused.value.message


def test_a_silent_agent_is_given_up(path: Path) -> None:
    with running(path):
        with pytest.raises(Unreachable) as refused:
            agent_keys(path, within_s=SOON_S)
        with pytest.raises(Unreachable):
            AgentSigner(path, KEY, within_s=SOON_S).sign(b"message")

    assert refused.value.code == "no-agent"
    assert "0.2 s" in refused.value.message


def test_an_agent_that_answers_byte_by_byte_gets_no_more_time(path: Path) -> None:
    pieces = [bytes([byte]) for byte in string(b"\x0c" * 400)]

    with running(path, lambda request: pieces), pytest.raises(Unreachable) as refused:
        agent_keys(path, within_s=SOON_S)

    assert "did not answer" in refused.value.message


def test_an_answer_in_pieces_is_put_together(path: Path) -> None:
    whole = string(listing((blob(OWN.public_key), b"ana")))

    with running(path, lambda request: [whole[:2], whole[2:9], whole[9:]]):
        assert agent_keys(path) == (KEY,)


def test_a_message_too_long_for_an_agent_is_not_sent(path: Path) -> None:
    # Beside the message a request holds its type, the key and its type, four lengths and the flags.
    longest = MESSAGE_BYTES_MAX - 1 - 4 - len(blob(OWN.public_key)) - 4 - 4

    with running(path, holding((OWN, b"ana"))) as agent:
        AgentSigner(path, KEY).sign(bytes(longest))
        with pytest.raises(Malformed) as refused:
            AgentSigner(path, KEY).sign(bytes(longest + 1))

    assert refused.value.code == "too-large"
    assert [len(request) for request in agent.requests] == [MESSAGE_BYTES_MAX]


def test_a_socket_nobody_listens_at_and_no_socket_are_no_agent(path: Path) -> None:
    with pytest.raises(Unreachable):
        agent_keys(path)
    with Socket(AF_UNIX, SOCK_STREAM) as listener:
        listener.bind(str(path))

    with pytest.raises(Unreachable) as refused:
        agent_keys(path)

    assert refused.value.code == "no-agent"
    assert "SSH_AUTH_SOCK" in refused.value.message


def test_a_path_too_long_for_a_socket_is_no_agent(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    far = path.parent / ("d" * 120)
    far.mkdir()
    monkeypatch.chdir(far)
    with Socket(AF_UNIX, SOCK_STREAM) as listener:
        listener.bind("agent")

    with pytest.raises(Unreachable):
        agent_keys(far / "agent")


def test_a_link_to_an_agent_is_refused_and_the_agent_itself_is_not(path: Path) -> None:
    link = path.with_name("link")
    link.symlink_to(path)

    with running(path, holding((OWN, b"ana"))):
        with pytest.raises(Misconfigured) as refused:
            agent_keys(link)
        assert agent_keys(path) == (KEY,)

    assert refused.value.code == "unsafe-agent"


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch], ids=["folder", "file"])
def test_what_is_no_socket_is_refused(path: Path, make: object) -> None:
    assert callable(make)
    make(path)

    with pytest.raises(Misconfigured):
        check_agent_socket(path)


def test_a_socket_of_another_user_is_refused_before_anything_is_asked(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    another = os.geteuid() + 1

    with running(path, holding((OWN, b"ana"))) as agent:
        monkeypatch.setattr(os, "geteuid", lambda: another)
        with pytest.raises(Misconfigured) as refused:
            agent_keys(path)
        with pytest.raises(Misconfigured):
            AgentSigner(path, KEY).sign(b"message")

    assert refused.value.code == "unsafe-agent"
    assert agent.requests == []


def test_a_listener_of_another_user_behind_ones_own_path_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    another = os.geteuid() + 1
    near, far = socketpair(AF_UNIX, SOCK_STREAM)

    with near, far:
        _check_listener(near)
        monkeypatch.setattr(os, "geteuid", lambda: another)
        with pytest.raises(Misconfigured):
            _check_listener(near)


def test_a_signer_shows_its_key_id_alone() -> None:
    signer = AgentSigner(Path("somewhere"), KEY)

    assert repr(signer) == str(signer) == f"AgentSigner({OWN.key_id})"


@given(
    st.one_of(
        st.binary(max_size=200),
        st.binary(max_size=200).map(string),
        st.builds(lambda kind, rest: string(kind + rest), st.sampled_from([b"\x0c", b"\x0e"]), st.binary()),
        st.lists(st.tuples(st.binary(), st.binary())).map(lambda keys: string(listing(*keys))),
        st.lists(st.tuples(st.binary().map(blob), st.binary())).map(lambda keys: string(listing(*keys))),
        st.binary().map(lambda raw: string(signature(raw))),
        st.binary(min_size=64, max_size=64).map(lambda raw: string(signature(raw))),
    )
)
def test_whatever_an_agent_sends_only_our_own_errors_come_of_it(raw: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "a", lambda request: raw) as agent:
        try:
            agent_keys(agent.path)
        except GatewayError as exc:
            assert exc.code in {"no-agent", "agent-refused"}
        with pytest.raises(GatewayError):
            AgentSigner(agent.path, KEY).sign(b"message")


@given(st.lists(st.tuples(st.binary(min_size=32, max_size=32), st.text(max_size=20)), max_size=5))
def test_what_an_honest_agent_holds_is_listed_and_signs(held: list[tuple[bytes, str]]) -> None:
    signers = {seed: (Ed25519Signer(seed), comment.encode()) for seed, comment in held}

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        with running(path, holding(*signers.values())):
            listed = agent_keys(path)
            for key in listed:
                verify(key.public_key, b"message", AgentSigner(path, key).sign(b"message"))

    assert [(key.key_id, key.comment.encode()) for key in listed] == [
        (signer.key_id, comment) for signer, comment in signers.values()
    ]
