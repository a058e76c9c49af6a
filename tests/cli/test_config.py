"""`comity.toml`: what is written reads back, and an address is one or the home does not start."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config import FILE_NAME, HomeConfig, read_config, write_config
from gateway.errors import GatewayError, Misconfigured

_ADDRESSES = st.sampled_from(["", "127.0.0.1:443", "gateway.police.nl:1", "[::1]:65535", "localhost:4433"])
_PATHS = st.text(st.characters(codec="utf-8", exclude_characters="\x00/"), min_size=1, max_size=40)


_NUMBERS = st.integers(0, 10_000_000)
_WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
_COMMANDS = st.just(()) | st.builds(lambda words: ("/" + words[0], *words[1:]), st.lists(_WORDS, min_size=1))
_URLS = st.sampled_from(["", "http://127.0.0.1:8080/a?b=c", "http://[::1]/", "http://localhost:1"])


@given(
    listen=_ADDRESSES,
    endpoint=_ADDRESSES,
    local=_ADDRESSES,
    numbers=st.tuples(_NUMBERS, _NUMBERS),
    places=st.tuples(st.none() | _PATHS, _COMMANDS, _URLS),
)
def test_configuration_reads_back_as_it_was_written(
    listen: str,
    endpoint: str,
    local: str,
    numbers: tuple[int, int],
    places: tuple[str | None, tuple[str, ...], str],
) -> None:
    source, command, url = places
    with TemporaryDirectory() as folder:
        home = Path(folder)
        config = HomeConfig(
            home=home,
            agency="police.nl",
            listen=listen if endpoint else "",
            endpoint=endpoint if listen else "",
            local=local,
            directory_from=None if source is None else home / source,
            asks_per_day=numbers[0],
            population=numbers[1],
            notify_command=command,
            notify_url=url,
        )

        write_config(config)

        assert read_config(home) == config


def _read(home: Path, text: str) -> HomeConfig:
    (home / FILE_NAME).write_text(f'agency = "police.nl"\n{text}', encoding="utf-8")
    return read_config(home)


@pytest.mark.parametrize("name", ["listen", "endpoint", "local"])
@pytest.mark.parametrize(
    "address",
    [
        "443",
        "host",
        "host:",
        ":443",
        "host:0",
        "host:65536",
        "host:-1",
        "host:443 ",
        "host:443\\n",
        "host:٤٤٣",
        "ho st:443",
        "https://host:443",
        "host:443/x",
        "user@host:443",
        "::1:443",
        "[::1]",
        "unix:socket",
        "hóst:443",
    ],
)
def test_address_that_is_none_is_refused_and_its_setting_named(
    tmp_path: Path, name: str, address: str
) -> None:
    # The other of the pair stands there, so that only the address is at fault.
    pair = {"listen": 'endpoint = "h:1"\n', "endpoint": 'listen = "h:1"\n'}.get(name, "")

    with pytest.raises(Misconfigured) as refused:
        _read(tmp_path, f'{pair}{name} = "{address}"\n')

    assert (refused.value.code, refused.value.field) == ("bad-config", f"{FILE_NAME}:{name}")


@pytest.mark.parametrize("name", ["listen", "endpoint"])
def test_port_for_peers_stands_with_what_they_call_it_by_or_neither_does(tmp_path: Path, name: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        _read(tmp_path, f'{name} = "host:443"\n')

    assert refused.value.field == f"{FILE_NAME}:endpoint"
    assert _read(tmp_path, 'listen = "a:443"\nendpoint = "b:443"\n').endpoint == "b:443"
    assert _read(tmp_path, "").endpoint == ""


def test_directory_is_looked_for_beside_the_home_unless_it_says_where(tmp_path: Path) -> None:
    assert _read(tmp_path, 'directory_from = "published"\n').directory_from == tmp_path / "published"
    assert _read(tmp_path, 'directory_from = "/srv/x"\n').directory_from == Path("/srv/x")
    assert _read(tmp_path, "").directory_from is None


def test_home_is_never_overwritten(tmp_path: Path) -> None:
    config = HomeConfig(home=tmp_path, agency="police.nl")
    write_config(config)

    with pytest.raises(GatewayError) as refused:
        write_config(config)

    assert refused.value.code == "home-exists"


@pytest.mark.parametrize("name", ["asks_per_day", "population"])
@pytest.mark.parametrize("value", ["-1", "10_000_001", "true", '"200"', "2.5"])
def test_number_that_is_none_is_refused_and_its_setting_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        _read(tmp_path, f"{name} = {value}\n")

    assert (refused.value.code, refused.value.field) == ("bad-config", f"{FILE_NAME}:{name}")


@pytest.mark.parametrize("name", ["asks_per_day", "population"])
def test_number_may_be_none_at_all_which_only_holds_back_more(tmp_path: Path, name: str) -> None:
    assert getattr(_read(tmp_path, f"{name} = 0\n"), name) == 0


_HERE = ["http://127.0.0.1", "http://127.0.0.1:8080/", "http://[::1]:9/x/y?z=1&a", "http://localhost/~%20;,"]


@pytest.mark.parametrize("url", _HERE)
def test_notices_may_go_to_this_machine(tmp_path: Path, url: str) -> None:
    assert _read(tmp_path, f'notify_url = "{url}"\n').notify_url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.1/",
        "http://example.org/",
        "http://0.0.0.0:80/",
        "http://127.0.0.2/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.0.0.1/",
        "http://127.0.0.1.example.org/",
        "http://localhost.example.org/",
        "http://localhost@example.org/",
        "http://localhost:80@example.org/",
        "http://user:word@localhost/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::]/",
        "http://[::1%eth0]/",
        "http://::1/",
        "http://LOCALHOST/",
        "http://localhоst/",
        "http://localhost。example.org/",
        "https://localhost/",
        "HTTP://localhost/",
        "//localhost/",
        "localhost",
        "file:///etc/passwd",
        "unix:/run/x",
        "http://localhost:0/",
        "http://localhost:65536/",
        "http://localhost:/",
        "http://localhost/ HTTP/1.1",
        "http://localhost/\\r\\nX: y",
        "http://localhost/#x",
        "http://localhost\\\\@example.org/",
        " http://localhost/",
        "http://localhost/\\n",
    ],
)
def test_notices_may_go_nowhere_else(tmp_path: Path, url: str) -> None:
    """A37: what waits for officers is told on this machine, by no spelling of another host."""
    with pytest.raises(Misconfigured) as refused:
        _read(tmp_path, f'notify_url = "{url}"\n')

    assert (refused.value.code, refused.value.field) == ("bad-config", f"{FILE_NAME}:notify_url")


def test_program_to_be_told_is_named_by_its_path_with_its_words(tmp_path: Path) -> None:
    read = _read(tmp_path, 'notify_command = ["/usr/bin/logger", "-t", "comity; x"]\n')

    assert read.notify_command == ("/usr/bin/logger", "-t", "comity; x")


@pytest.mark.parametrize(
    "command",
    [
        "[]",
        '[""]',
        '["logger"]',
        '["./logger"]',
        '["~/logger"]',
        "[1]",
        '["/usr/bin/logger", 1]',
        '["/usr/bin/logger", ["-t"]]',
        '["/usr/bin/logger\\u0000"]',
        '["/usr/bin/logger", "a\\u0000b"]',
        '"/usr/bin/logger -t x"',
        '{ program = "/usr/bin/logger" }',
    ],
)
def test_command_that_is_none_is_refused_and_its_setting_named(tmp_path: Path, command: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        _read(tmp_path, f"notify_command = {command}\n")

    assert (refused.value.code, refused.value.field) == ("bad-config", f"{FILE_NAME}:notify_command")
