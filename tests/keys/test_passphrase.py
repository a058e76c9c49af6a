"""The passphrase comes from a descriptor, a credential, a file or a person, in that order."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.errors import Misconfigured
from keys.passphrase import read_passphrase


def _pipe(content: bytes) -> str:
    reading, writing = os.pipe()
    os.write(writing, content)
    os.close(writing)
    return str(reading)


@pytest.fixture
def sources(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "comity-passphrase").write_bytes(b"from the credential\n")
    return {"CREDENTIALS_DIRECTORY": str(tmp_path)}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "passphrase"
    path.write_bytes(b"from the file\n")
    path.chmod(0o600)
    return path


def _asked() -> str:
    return "from a person"


def _never() -> str:
    raise AssertionError("nobody should be asked")


def test_the_descriptor_comes_before_everything(sources: dict[str, str], file: Path) -> None:
    environ = {**sources, "COMITY_PASSPHRASE_FD": _pipe(b"from the descriptor\n")}

    found = read_passphrase(environ, passphrase_file=file, prompt=_never)

    assert found == b"from the descriptor"


def test_the_credential_comes_before_file_and_person(sources: dict[str, str], file: Path) -> None:
    assert read_passphrase(sources, passphrase_file=file, prompt=_never) == b"from the credential"


def test_the_file_comes_before_the_person(file: Path) -> None:
    assert read_passphrase({}, passphrase_file=file, prompt=_never) == b"from the file"


def test_a_person_is_asked_last(tmp_path: Path) -> None:
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}

    assert read_passphrase(environ, prompt=_asked) == b"from a person"


def test_without_a_source_there_is_no_passphrase() -> None:
    with pytest.raises(Misconfigured) as refused:
        read_passphrase({})

    assert refused.value.code == "no-passphrase"


def test_the_value_of_a_variable_is_never_the_passphrase() -> None:
    with pytest.raises(Misconfigured):
        read_passphrase({"COMITY_PASSPHRASE": "secret"})


@pytest.mark.parametrize("value", ["", "secret", "-1", "1.0", "٣", "99999999", "999"])
def test_a_descriptor_that_cannot_be_read_is_no_reason_to_try_the_next_source(value: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        read_passphrase({"COMITY_PASSPHRASE_FD": value}, prompt=_never)

    assert refused.value.code == "unreadable-passphrase"
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("content", "passphrase"),
    [(b"a\n", b"a"), (b"a", b"a"), (b"a\n\n", b"a\n"), (b" a \n", b" a "), (b"\xff\x00\n", b"\xff\x00")],
)
def test_one_newline_at_the_end_is_dropped_and_nothing_else(content: bytes, passphrase: bytes) -> None:
    assert read_passphrase({"COMITY_PASSPHRASE_FD": _pipe(content)}) == passphrase


@pytest.mark.parametrize("content", [b"", b"\n"])
def test_an_empty_passphrase_is_refused(content: bytes) -> None:
    with pytest.raises(Misconfigured) as refused:
        read_passphrase({"COMITY_PASSPHRASE_FD": _pipe(content)})

    assert refused.value.code == "empty-passphrase"


def test_an_empty_answer_is_refused() -> None:
    with pytest.raises(Misconfigured):
        read_passphrase({}, prompt=lambda: "")


def test_a_passphrase_of_any_length_is_not_read() -> None:
    with pytest.raises(Misconfigured):
        read_passphrase({"COMITY_PASSPHRASE_FD": _pipe(b"a" * 4097)})


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_file_that_others_may_read_is_refused(file: Path, mode: int) -> None:
    file.chmod(mode)

    with pytest.raises(Misconfigured) as refused:
        read_passphrase({}, passphrase_file=file)

    assert refused.value.code == "wrong-mode"


def test_a_file_that_is_not_there_is_no_reason_to_ask(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        read_passphrase({}, passphrase_file=tmp_path / "absent", prompt=_never)


def test_the_descriptor_is_closed_after_reading() -> None:
    number = _pipe(b"a\n")

    read_passphrase({"COMITY_PASSPHRASE_FD": number})

    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(int(number))
