"""One agency's gateway as the stages of the flow see it: who it is, what it holds, what it may ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from gateway.config import ASKS_PER_DAY, POPULATION
from gateway.flow.notary import Notary
from gateway.flow.rules import RulesStanding
from gateway.store.queries import Reader
from gateway.store.store import Store
from gateway.tls.authority import Authority
from keys.directory import Directory
from keys.signer import Opener, Signer
from policy.engine import Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """Everything a stage needs, passed in; no stage reads a clock, a file or a random source of its own.

    `storage_secret` wraps record keys, `pseudonym_secret` makes pairwise pseudonyms; both are 32 bytes.
    `witness` cosigns other ledgers, `authority` issues certificates to the agency's own.
    `asks_per_day` is how often one of the agency's own may ask more than usual for one recipient and purpose,
    `population` among how many people a protected person must not be singled out.
    `openers` are the own sealing keys by key id; `policy_digest` is that of the rules `engine` decides by,
    and `rules` how they stand.
    """

    me: str
    exercise: bool
    origin: str
    store: Store
    directory: Directory
    engine: Engine
    policy_digest: bytes
    rules: RulesStanding
    signing: Signer = field(repr=False)
    openers: Mapping[str, Opener] = field(repr=False)
    ledger: Signer = field(repr=False)
    ledger_mldsa_seed: bytes = field(repr=False)
    witness: Signer = field(repr=False)
    authority: Authority = field(repr=False)
    storage_secret: bytes = field(repr=False)
    pseudonym_secret: bytes = field(repr=False)
    notary: Notary = field(repr=False)
    random: Callable[[int], bytes] = field(repr=False)
    read: Reader = field(repr=False)
    asks_per_day: int = ASKS_PER_DAY
    population: int = POPULATION

    @contextmanager
    def at_one_moment(self) -> Iterator[Gateway]:
        """Give this gateway with all its reads from one moment: for a batch, and kept short."""
        with self.read.snapshot() as same:
            yield replace(self, read=same)
