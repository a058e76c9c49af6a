"""How the demo's three agencies come to be: homes that can be reached, one federation, access for systems.

Deriving a key from a passphrase is dear on purpose, so each keystore stays open once it was made.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from gateway import app
from gateway import home as gateway_home
from gateway.cli.demo_officers import Colleague, enrol_crew
from gateway.config import HomeConfig
from gateway.errors import Misconfigured
from gateway.flow.access import add_access
from gateway.flow.gateway import Gateway
from gateway.tls.credential import Credential, new_request, read_credential
from gateway.tls.identity import Identity, Role
from keys.enrolment import parse_enrolment
from keys.federation import Federation
from keys.keystore import Kdf, Keystore
from keys.member import MemberKind, Regime, Unit, UnitFunction
from policy.bundle import shipped_baseline

SECRET_FILE: Final = "passphrase"  # noqa: S105  the name of a file
_ACCESS_LIFE: Final = timedelta(hours=1)
_LOOPBACK: Final = "127.0.0.1"

SENDER: Final = "police.nl"
MEMBERS: Final = (
    gateway_home.Description(
        agency=SENDER,
        kind=MemberKind.LEO,
        country="NL",
        regime=Regime.LED,
        display_name="Police of the Netherlands (exercise)",
        units=(Unit(name="anti-trafficking", functions=(UnitFunction.ANTI_TRAFFICKING,)),),
    ),
    gateway_home.Description(
        agency="police.ro",
        kind=MemberKind.LEO,
        country="RO",
        regime=Regime.LED,
        display_name="Police of Romania (exercise)",
        units=(Unit(name="anti-trafficking", functions=(UnitFunction.ANTI_TRAFFICKING,)),),
    ),
    gateway_home.Description(
        agency="shelter.ngo",
        kind=MemberKind.NGO,
        country="NL",
        regime=Regime.LED,
        display_name="A shelter (exercise)",
        units=(Unit(name="support", functions=(UnitFunction.VICTIM_SUPPORT,)),),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One agency of the case: its home with the keystore open, and who calls its gateway there.

    The keys of those who call are in memory only.
    """

    agency: str
    config: HomeConfig
    keystore: Keystore
    system: Credential
    operator: Credential
    officers: Mapping[str, Colleague]


def found_federation(
    folder: Path, passphrase: bytes, kdf: Kdf, say: Callable[[str], None]
) -> dict[str, Party]:
    """Make the three homes, joined in one federation, with free ports of loopback; return them by agency.

    Raises:
        Misconfigured: code `no-listen`: loopback has no free ports.
    """
    now = app.system_clock().replace(microsecond=0)
    federation = Federation.create(folder / "federation", passphrase, now, kdf)
    federation.set_baseline(shipped_baseline())
    homes: list[tuple[HomeConfig, Keystore]] = []
    with _free_addresses(2 * len(MEMBERS)) as addresses:
        for number, member in enumerate(MEMBERS):
            config = _config(folder / member.agency, member.agency, addresses[2 * number : 2 * number + 2])
            keystore = Keystore.create(config.keystore, passphrase, kdf)
            enrolment = _make_home(config, member, keystore, passphrase)
            federation.enrol(parse_enrolment(enrolment.read_bytes()))
            homes.append((config, keystore))
            say(f"   {member.agency}: keys and ledger made, enrolled in the directory")
        federation.publish()
        parties = {}
        for config, keystore in homes:
            joined = app.pin_directory(config, federation.repository_path)
            parties[config.agency] = _admit(config, keystore, passphrase, kdf)
            crew = parties[config.agency].officers
            say(f"   {config.agency}: rules in force, certificates issued to its systems")
            if crew:
                say(f"   {config.agency}: three officers enrolled, each vouched for by others")
    say(f"   the directory's root {joined.root_digest.hex()[:16]}… is pinned in all three homes")
    return parties


def _config(home: Path, agency: str, addresses: Sequence[str]) -> HomeConfig:
    peers, own = addresses
    return HomeConfig(
        home=home,
        agency=agency,
        exercise=True,
        passphrase_file=home / SECRET_FILE,
        listen=peers,
        endpoint=peers,
        local=own,
    )


def _make_home(
    config: HomeConfig, member: gateway_home.Description, keystore: Keystore, passphrase: bytes
) -> Path:
    config.home.mkdir(mode=0o700)
    secret = config.home / SECRET_FILE
    secret.touch(mode=0o600)
    secret.write_bytes(passphrase)
    return gateway_home.furnish_home(config, member, keystore, app.system_clock())


def _admit(config: HomeConfig, keystore: Keystore, passphrase: bytes, kdf: Kdf) -> Party:
    with app.open_unlocked(config, keystore, app.system_clock()) as gateway:
        return Party(
            agency=config.agency,
            config=config,
            keystore=keystore,
            system=_credential(gateway, Role.SYSTEM),
            operator=_credential(gateway, Role.OPERATOR),
            officers=enrol_crew(gateway, config, passphrase, kdf) if config.agency == SENDER else {},
        )


def _credential(gateway: Gateway, role: Role) -> Credential:
    key, request = new_request(Identity(agency=gateway.me, role=role, name="demo"))
    _, certificate = add_access(
        gateway, role.value, "demo", request_pem=request, life=_ACCESS_LIFE, now=app.system_clock()
    )
    return read_credential(key + certificate)


@contextmanager
def _free_addresses(count: int) -> Iterator[list[str]]:
    """Give distinct addresses nobody uses; they are kept from others until the block ends."""
    with ExitStack() as kept:
        addresses = []
        for _ in range(count):
            taken = kept.enter_context(socket.socket())
            try:
                taken.bind((_LOOPBACK, 0))
            except OSError as exc:
                raise Misconfigured("has no free port", field=_LOOPBACK, code="no-listen") from exc
            addresses.append(f"{_LOOPBACK}:{taken.getsockname()[1]}")
        yield addresses
