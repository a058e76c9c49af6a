"""Configuration of one home: read strictly, so that a misspelt safety setting cannot pass as absent."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.errors import GatewayError, Malformed, Misconfigured
from gateway.record.text import check_agency_id

FILE_NAME = "comity.toml"

_KNOWN = {
    "agency": str,
    "exercise": bool,
    "passphrase_file": str,
    "listen": str,
    "endpoint": str,
    "local": str,
    "taxii_listen": str,
    "taxii_endpoint": str,
    "directory_from": str,
    "asks_per_day": int,
    "population": int,
    "notify_command": list,
    "notify_url": str,
}
_ADDRESSES: Final = ("listen", "endpoint", "local", "taxii_listen", "taxii_endpoint")
_EVERY_ADDRESS: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104  named to be left out
ASKS_PER_DAY: Final = 200
"""Exchanges a day for which one of the agency's own may ask more than usual of one recipient and purpose."""
POPULATION: Final = 100_000
"""People among whom a protected person must not be singled out: those of a large town."""
_NUMBER_MAX: Final = 10_000_000
ADDRESS = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):([0-9]{1,5})", re.ASCII)
"""`host:port`; the group is the port, whose range is not looked at."""
NOTIFY_URL: Final = re.compile(
    r"http://(127\.0\.0\.1|\[::1\]|localhost)(?::([0-9]{1,5}))?(/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?", re.ASCII
)
"""A URL on this machine: host, port and path. Notices never leave it, by no spelling of another host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeConfig:
    """What `comity.toml` says about one agency's home.

    `exercise` marks a home that handles invented data only; only such a home may name a passphrase file.
    `listen` is the address of the port for peers, `endpoint` what peers call it by (both or neither: without
    them letters go by file), `local` that of the port for own systems and people; each `host:port`.
    `taxii_listen` is the address of the port where tools of other members pull, `taxii_endpoint` what they
    call it by (the same, if it is not said); none is served without the first.
    `directory_from` is a folder where the federation publishes its directory, asked before any peer.
    `asks_per_day` is how many exchanges with more than usual one of the agency's own may ask for, of one
    recipient and purpose, before two releasing officers look; `population` among how many people a protected
    person must not be singled out.
    `notify_command` (a program by its absolute path, with arguments) and `notify_url` (on this machine) are
    told what waits for officers.
    """

    home: Path
    agency: str
    exercise: bool = False
    passphrase_file: Path | None = None
    listen: str = ""
    endpoint: str = ""
    local: str = ""
    taxii_listen: str = ""
    taxii_endpoint: str = ""
    directory_from: Path | None = None
    asks_per_day: int = ASKS_PER_DAY
    population: int = POPULATION
    notify_command: tuple[str, ...] = ()
    notify_url: str = ""

    def __post_init__(self) -> None:
        for name in ("asks_per_day", "population"):
            if not 0 <= getattr(self, name) <= _NUMBER_MAX:
                raise Misconfigured(
                    f"is not 0 to {_NUMBER_MAX}", field=f"{FILE_NAME}:{name}", code="bad-config"
                )
        for name in _ADDRESSES:
            _check_address(getattr(self, name), f"{FILE_NAME}:{name}")
        if bool(self.listen) != bool(self.endpoint):
            raise Misconfigured(
                "stands with listen, or neither does", field=f"{FILE_NAME}:endpoint", code="bad-config"
            )
        if self.taxii_endpoint and not self.taxii_listen:
            raise Misconfigured(
                "stands with taxii_listen alone", field=f"{FILE_NAME}:taxii_endpoint", code="bad-config"
            )
        _check_command(self.notify_command, f"{FILE_NAME}:notify_command")
        _check_url(self.notify_url, f"{FILE_NAME}:notify_url")

    @property
    def taxii_hosts(self) -> tuple[str, ...]:
        """Names and addresses that tools may call the TAXII port by: what its certificate stands for."""
        called = (self.taxii_endpoint, self.taxii_listen)
        named = [address.rpartition(":")[0].strip("[]") for address in called if address]
        # What stands for every address of a machine is nobody's name.
        return tuple(dict.fromkeys([*(one for one in named if one not in _EVERY_ADDRESS), self.agency]))

    @property
    def keystore(self) -> Path:
        """File that holds the private keys, encrypted."""
        return self.home / "keystore.json"

    @property
    def directory(self) -> Path:
        """Folder of the mirrored federation directory."""
        return self.home / "directory"

    @property
    def high_water(self) -> Path:
        """File, outside the database, of the largest head ever signed."""
        return self.home / "high-water.json"

    @property
    def authority(self) -> Path:
        """File of the agency's CA certificate, DER; its key is in the keystore."""
        return self.home / "authority.der"

    @property
    def log(self) -> Path:
        """File that a gateway started in the background writes its log to."""
        return self.home / "gateway.log"

    @property
    def local_rules(self) -> Path:
        """File of the agency's own rules; absent means none."""
        return self.home / "rules.cedar"

    def warnings(self) -> tuple[str, ...]:
        """Sentences to show at every start."""
        if not self.exercise:
            return ()
        told = ["This is an exercise home: invented data only, never real people."]
        if self.passphrase_file is not None:
            told.append("Its passphrase lies in a file beside its keys: reading the folder is reading all.")
        return tuple(told)


def read_config(home: Path) -> HomeConfig:
    """Read `comity.toml` of a home.

    Raises:
        Misconfigured: absent, not TOML, an unknown key, a wrong type, or a dangerous combination.
    """
    path = home / FILE_NAME
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as exc:
        raise Misconfigured(f"{home} is not a home: it has no {FILE_NAME}", code="no-home") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise Misconfigured(f"{FILE_NAME} cannot be read: {exc}", code="bad-config") from exc
    for name, value in table.items():
        if name not in _KNOWN:
            known = ", ".join(_KNOWN)
            raise Misconfigured(
                f"is unknown; known are {known}", field=f"{FILE_NAME}:{name}", code="bad-config"
            )
        if type(value) is not _KNOWN[name]:
            raise Misconfigured(
                f"must be a {_KNOWN[name].__name__}", field=f"{FILE_NAME}:{name}", code="bad-config"
            )
    exercise = bool(table.get("exercise", False))
    named, source = table.get("passphrase_file"), table.get("directory_from")
    if named is not None and not exercise:
        raise Misconfigured(
            "is accepted only with exercise = true", field=f"{FILE_NAME}:passphrase_file", code="bad-config"
        )
    return HomeConfig(
        home=home,
        agency=_agency(table),
        exercise=exercise,
        passphrase_file=home / named if isinstance(named, str) else None,
        listen=str(table.get("listen", "")),
        endpoint=str(table.get("endpoint", "")),
        local=str(table.get("local", "")),
        taxii_listen=str(table.get("taxii_listen", "")),
        taxii_endpoint=str(table.get("taxii_endpoint", "")),
        directory_from=home / source if isinstance(source, str) else None,
        asks_per_day=_number(table, "asks_per_day", ASKS_PER_DAY),
        population=_number(table, "population", POPULATION),
        notify_command=_words(table, "notify_command"),
        notify_url=str(table.get("notify_url", "")),
    )


def _number(table: dict[str, object], name: str, default: int) -> int:
    value = table.get(name, default)
    return value if isinstance(value, int) else default


def _words(table: dict[str, object], name: str) -> tuple[str, ...]:
    found = table.get(name)
    if not isinstance(found, list):
        return ()
    if not found or not all(isinstance(word, str) for word in found):
        raise Misconfigured("must be a list of str", field=f"{FILE_NAME}:{name}", code="bad-config")
    return tuple(found)


def _check_command(command: tuple[str, ...], field: str) -> None:
    if any("\x00" in word for word in command):
        raise Misconfigured("holds a zero byte", field=field, code="bad-config")
    # No shell and no search: what is started is the file that is named.
    if command and not command[0].startswith("/"):
        raise Misconfigured("does not begin with a program's absolute path", field=field, code="bad-config")


def _check_url(url: str, field: str) -> None:
    found = NOTIFY_URL.fullmatch(url)
    if url and (found is None or not 0 < int(found[2] or 80) < 65_536):
        raise Misconfigured(
            "is not http:// to 127.0.0.1, [::1] or localhost: notices stay on this machine",
            field=field,
            code="bad-config",
        )


def _check_address(address: str, field: str) -> None:
    found = ADDRESS.fullmatch(address)
    if address and (found is None or not 0 < int(found[1]) < 65_536):
        raise Misconfigured("is not host:port", field=field, code="bad-config")


def _agency(table: dict[str, object]) -> str:
    try:
        return check_agency_id(str(table["agency"]), f"{FILE_NAME}:agency")
    except KeyError as exc:
        raise Misconfigured("is missing", field=f"{FILE_NAME}:agency", code="bad-config") from exc
    except Malformed as exc:
        raise Misconfigured(exc.message, field=exc.field, code="bad-config") from exc


def write_config(config: HomeConfig) -> None:
    """Write `comity.toml` for a new home; an existing one is never overwritten.

    Raises:
        GatewayError: the file exists.
    """
    try:
        with (config.home / FILE_NAME).open("x", encoding="utf-8") as stream:
            stream.write("\n".join(_lines(config)) + "\n")
    except FileExistsError as exc:
        raise GatewayError(f"{config.home} is a home already", code="home-exists") from exc


def _lines(config: HomeConfig) -> list[str]:
    lines = [f'agency = "{config.agency}"']
    if config.exercise:
        lines.append("exercise = true")
    if config.passphrase_file is not None:
        lines.append(f'passphrase_file = "{config.passphrase_file.name}"')
    for name in _ADDRESSES:
        if getattr(config, name):
            lines.append(f'{name} = "{getattr(config, name)}"')
    for name, default in (("asks_per_day", ASKS_PER_DAY), ("population", POPULATION)):
        if getattr(config, name) != default:
            lines.append(f"{name} = {getattr(config, name)}")
    source = "" if config.directory_from is None else str(config.directory_from)
    for name, words in (
        ("directory_from", source),
        ("notify_command", config.notify_command),
        ("notify_url", config.notify_url),
    ):
        if words:
            lines.append(f"{name} = {_toml(words)}")
    return lines


def _toml(value: str | tuple[str, ...]) -> str:
    # A TOML string is a JSON string, but for surrogate pairs and for DEL, which stands only escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
