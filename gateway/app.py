"""Putting a gateway together: a home joins a federation, and is opened."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from gateway.config import HomeConfig
from gateway.errors import GatewayError, Misconfigured
from gateway.flow.access import CONSOLE
from gateway.flow.activate import Activated, activate, check_size, loaded, own_rules, rules_of
from gateway.flow.gateway import Gateway
from gateway.flow.notary import HighWater, Notary
from gateway.flow.purge import purge_all
from gateway.flow.rules import Alarms, RulesStanding, kept, read_own
from gateway.flow.witnesses import witness_vkeys
from gateway.ledger.vkey import VKey
from gateway.store.store import Store
from gateway.tls.authority import CONSOLE_LIFE, Authority
from gateway.tls.credential import Credential
from gateway.tls.identity import Identity, Role
from keys.directory import Directory
from keys.keystore import Keystore
from keys.mirror import Mirror, file_source
from keys.resemblance import resembling, shown_name
from keys.use import KeyUse
from policy.engine import Engine

NEWER_RULES: Final = "newer-rules"
"""Code of a newer directory whose rules do not load."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """The federation as it was joined: the pinned root's digest and the members seen.

    `names` are those of the members as a screen shows them, `look_alikes` the ids each may be taken for.
    """

    root_digest: bytes
    members: tuple[str, ...]
    names: tuple[str, ...]
    look_alikes: Mapping[str, Sequence[str]]


def join(
    config: HomeConfig, passphrase: bytes, source: Path, now: datetime, *, expected_root: bytes | None = None
) -> Joined:
    """Mirror the federation's directory as `pin_directory` does, and take its rules into force.

    Raises:
        Misconfigured: as `pin_directory`; or the rules do not load.
        VerificationFailed, Stale: what the directory's own checks refuse.
    """
    joined = pin_directory(config, source, expected_root=expected_root)
    with open_gateway(config, passphrase, now):
        return joined


def pin_directory(config: HomeConfig, source: Path, *, expected_root: bytes | None = None) -> Joined:
    """Mirror the federation's directory; the first time its root is pinned, later it must descend from it.

    Raises:
        Misconfigured: the source holds no root, or not the expected one (code `wrong-root`).
        VerificationFailed, Stale: what the directory's own checks refuse.
    """
    pin = config.directory / "pinned-root.json"
    pinned = pin.read_bytes() if pin.exists() else _first_root(source)
    digest = sha256(pinned).digest()
    if expected_root is not None and digest != expected_root:
        raise Misconfigured(
            f"the federation's root is {digest.hex()}, not the expected one", code="wrong-root"
        )
    config.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory = Mirror(config.directory, pinned).refresh(file_source(source))
    if not pin.exists():
        pin.write_bytes(pinned)
    members, listed = tuple(sorted(directory.active)), directory.members
    return Joined(
        root_digest=digest,
        members=members,
        names=tuple(shown_name(agency, listed) for agency in members),
        look_alikes={agency: alike for agency in members if (alike := resembling(agency, listed))},
    )


def _first_root(source: Path) -> bytes:
    path = source / "metadata" / "1.root.json"
    try:
        return path.read_bytes()
    except OSError as exc:
        raise Misconfigured(f"{source} is not a federation directory", code="no-directory") from exc


@contextmanager
def open_gateway(config: HomeConfig, passphrase: bytes, now: datetime) -> Iterator[Gateway]:
    """Open a home that joined a federation, with the rules in force; closed when the block ends.

    Raises:
        Misconfigured: it has not joined (code `not-joined`), or its rules do not load.
        Stale: the mirrored directory has expired.
        Locked: another process has the home open.
    """
    directory = _directory_joined(config)
    keystore = Keystore.open(config.keystore, passphrase, allow_cheap=config.exercise)
    with _opened(config, keystore, directory, now) as gateway:
        yield gateway


def activate_at_rest(config: HomeConfig, passphrase: bytes, own: str, now: datetime) -> Activated:
    """Take rules of the agency's own into force on a home that no gateway runs on; empty text is none.

    The home need not open with the rules it has: this is how it comes back where they do not load.

    Raises:
        Malformed, Misconfigured: the rules do not load; nothing has changed. As `open_gateway` besides.
    """
    check_size(own)
    directory = _directory_joined(config)
    keystore = Keystore.open(config.keystore, passphrase, allow_cheap=config.exercise)
    with Store.open(config.home) as store:
        last = store.read.latest_activation()
        gateway = _gateway(config, keystore, directory, store, own=own, now=now)
        count = own_rules(own, gateway.engine)
        with kept(config.local_rules, own):
            activate(gateway, now)
    old = b"" if last is None else last.policy_digest
    return Activated(old=old, new=gateway.policy_digest, own=count)


@contextmanager
def open_unlocked(config: HomeConfig, keystore: Keystore, now: datetime) -> Iterator[Gateway]:
    """Open a home as `open_gateway` does, where its keystore is open already; raises the same."""
    with _opened(config, keystore, _directory_joined(config), now) as gateway:
        yield gateway


def _directory_joined(config: HomeConfig) -> Directory:
    directory = Mirror(config.directory, pinned_root(config)).load()
    if config.agency not in directory.active:
        raise Misconfigured(
            f"{config.agency} is not an active member of this federation", code="not-a-member"
        )
    return directory


@contextmanager
def _opened(config: HomeConfig, keystore: Keystore, directory: Directory, now: datetime) -> Iterator[Gateway]:
    with Store.open(config.home) as store:
        own = read_own(config.local_rules)
        gateway = _gateway(config, keystore, directory, store, own=own, now=now)
        activate(gateway, now)
        purge_all(gateway, now)
        yield gateway


def _gateway(
    config: HomeConfig, keystore: Keystore, directory: Directory, store: Store, *, own: str, now: datetime
) -> Gateway:
    bundle, alarms = rules_of(directory, config.agency, own), Alarms()
    origin = directory.keys_of(config.agency).origins[-1]
    ledger = keystore.signer(KeyUse.LEDGER)
    notary = Notary(
        vkey=VKey.parse(origin.vkey),
        store=store,
        signer=ledger,
        high_water=HighWater.read(config.high_water),
        witnesses=len(witness_vkeys(directory)),
    )
    return Gateway(
        me=config.agency,
        exercise=config.exercise,
        origin=origin.origin,
        store=store,
        read=store.read,
        directory=directory,
        engine=Engine(bundle, alarm=alarms),
        policy_digest=bundle.digest,
        rules=RulesStanding(
            own=own, file=config.local_rules, since=_since(store, bundle.digest, now), alarms=alarms
        ),
        signing=keystore.signer(KeyUse.SIGNING),
        openers=keystore.openers(),
        ledger=ledger,
        ledger_mldsa_seed=keystore.secret(KeyUse.LEDGER_MLDSA),
        witness=keystore.signer(KeyUse.WITNESS),
        authority=authority_of(config, keystore),
        storage_secret=keystore.storage_secret(),
        pseudonym_secret=keystore.secret(KeyUse.PSEUDONYM),
        notary=notary,
        random=secrets.token_bytes,
        asks_per_day=config.asks_per_day,
        population=config.population,
    )


def _since(store: Store, policy_digest: bytes, now: datetime) -> datetime:
    """Return since when these rules are in force: since the last activation, where it was of them."""
    last = store.read.latest_activation()
    if last is None or last.policy_digest != policy_digest:
        return now
    return datetime.fromtimestamp(last.at, UTC)


def console_credential(config: HomeConfig, passphrase: bytes, now: datetime) -> Credential:
    """Return a credential of the console, for minutes: who opens the keystore may ask the gateway anything.

    Raises:
        VerificationFailed: code `wrong-passphrase`.
    """
    keystore = Keystore.open(config.keystore, passphrase, allow_cheap=config.exercise)
    identity = Identity(agency=config.agency, role=Role.OPERATOR, name=CONSOLE)
    return authority_of(config, keystore).credential(identity, now, CONSOLE_LIFE)


def pinned_root(config: HomeConfig) -> bytes:
    """Return the root metadata this home pinned when it joined.

    Raises:
        Misconfigured: code `not-joined`.
    """
    pin = config.directory / "pinned-root.json"
    if not pin.exists():
        raise Misconfigured("this home has not joined a federation: run `comity join`", code="not-joined")
    return pin.read_bytes()


def renewed(config: HomeConfig, gateway: Gateway, directory: Directory, now: datetime) -> Gateway:
    """Return the gateway with a newer directory and its rules in force, ledgered.

    The agency's own rules are those in force; what stands on disk meanwhile was not activated.

    Raises:
        Misconfigured: the rules do not load (code `newer-rules`), or this agency is not an active member any
            more: what was in force stays in force.
    """
    if config.agency not in directory.active:
        raise Misconfigured(
            f"{config.agency} is not an active member of this federation", code="not-a-member"
        )
    try:
        fresh = loaded(gateway, rules_of(directory, gateway.me, gateway.rules.own), now)
    except GatewayError as exc:
        raise Misconfigured(str(exc), code=NEWER_RULES) from exc
    fresh = replace(fresh, directory=directory, rules=replace(fresh.rules, trouble=""))
    activate(fresh, now)
    gateway.notary.witnessed_by(len(witness_vkeys(directory)))
    return fresh


def authority_of(config: HomeConfig, keystore: Keystore) -> Authority:
    """Return the agency's certificate authority.

    Raises:
        Misconfigured: code `no-authority`: its certificate is not in the home.
    """
    try:
        certificate = config.authority.read_bytes()
    except OSError as exc:
        raise Misconfigured("the CA certificate is gone from the home", code="no-authority") from exc
    return Authority(config.agency, keystore.secret(KeyUse.TLS_CA), certificate)


def system_clock() -> datetime:
    """Return the time, aware UTC; read once per request, at the edge."""
    return datetime.now(UTC)
