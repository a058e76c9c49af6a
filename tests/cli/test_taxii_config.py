"""Where tools pull, as comity.toml says it: one address, and what they call it by."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config import read_config, write_config
from gateway.errors import Misconfigured


def _home(folder: Path, *lines: str) -> Path:
    (folder / "comity.toml").write_text("\n".join(('agency = "police.nl"', *lines)) + "\n")
    return folder


@pytest.mark.parametrize(
    ("lines", "hosts"),
    [
        ((), ("police.nl",)),
        (('taxii_listen = "127.0.0.1:7446"',), ("127.0.0.1", "police.nl")),
        (('taxii_listen = "0.0.0.0:7446"',), ("police.nl",)),
        (
            ('taxii_listen = "[::]:7446"', 'taxii_endpoint = "taxii.police.example:443"'),
            ("taxii.police.example", "police.nl"),
        ),
    ],
)
def test_certificate_stands_for_what_the_port_is_called_by(
    lines: tuple[str, ...], hosts: tuple[str, ...], tmp_path: Path
) -> None:
    assert read_config(_home(tmp_path, *lines)).taxii_hosts == hosts


@pytest.mark.parametrize(
    "line",
    [
        "taxii_listen = 7446",
        'taxii_listen = "7446"',
        'taxii_listen = "host:0"',
        'taxii_listen = "host:70000"',
        'taxii_endpoint = "host:443"',
        'taxii = "host:443"',
        'taxii_insecure = "yes"',
    ],
)
def test_what_is_not_understood_is_refused(line: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        read_config(_home(tmp_path, line))


def test_it_is_written_as_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    lines = ('taxii_listen = "0.0.0.0:7446"', 'taxii_endpoint = "taxii.police.example:443"')
    config = read_config(_home(tmp_path / "one", *lines))
    (tmp_path / "one" / "comity.toml").unlink()

    write_config(config)

    assert read_config(tmp_path / "one") == config
