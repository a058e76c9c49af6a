"""What each key is for. Every use has its own key: one that signs statements never signs a ledger."""

from __future__ import annotations

from enum import StrEnum, unique
from typing import Final


@unique
class KeyUse(StrEnum):
    """The closed list of uses a keystore knows; `published` says which of them the directory lists."""

    SIGNING = "signing"
    SEALING = "sealing"
    LEDGER = "ledger"
    LEDGER_MLDSA = "ledger-mldsa"
    WITNESS = "witness"
    DIRECTORY = "directory"
    PSEUDONYM = "pseudonym"
    STORAGE = "storage"
    TLS_CA = "tls-ca"
    OFFICER = "officer"
    FEDERATION_ROOT = "federation-root"
    FEDERATION_TARGETS = "federation-targets"
    FEDERATION_SNAPSHOT = "federation-snapshot"
    FEDERATION_TIMESTAMP = "federation-timestamp"

    @property
    def is_ed25519(self) -> bool:
        """Whether the key is an Ed25519 seed."""
        return self in _ED25519

    @property
    def is_published(self) -> bool:
        """Whether the public half stands in `keys/<agency>.json`.

        The directory key does not: the member file names it, which only the federation can sign.
        """
        return self in _PUBLISHED

    @property
    def material_bytes(self) -> int:
        """Length of the private material: a seed, a pair of private halves, or a secret."""
        return _SEALING_BYTES if self is KeyUse.SEALING else _SEED_BYTES


AGENCY_USES: Final = (
    KeyUse.SIGNING,
    KeyUse.SEALING,
    KeyUse.LEDGER,
    KeyUse.LEDGER_MLDSA,
    KeyUse.WITNESS,
    KeyUse.DIRECTORY,
    KeyUse.PSEUDONYM,
    KeyUse.STORAGE,
    KeyUse.TLS_CA,
)
"""What one agency's keystore holds."""

FEDERATION_USES: Final = (
    KeyUse.FEDERATION_ROOT,
    KeyUse.FEDERATION_TARGETS,
    KeyUse.FEDERATION_SNAPSHOT,
    KeyUse.FEDERATION_TIMESTAMP,
)
"""What the keystore beside a directory repository holds."""

# ML-DSA-44 keys are kept as their 32-byte seed (FIPS 204), like Ed25519 (RFC 8032); the P-256 key of the
# agency's certificate authority follows from 32 bytes as well.
_SEED_BYTES: Final = 32
# ML-KEM-768 seed d || z (64, FIPS 203) and X25519 scalar (32).
_SEALING_BYTES: Final = 96

_ED25519: Final = frozenset(
    {KeyUse.SIGNING, KeyUse.LEDGER, KeyUse.WITNESS, KeyUse.DIRECTORY, KeyUse.OFFICER, *FEDERATION_USES},
)
_PUBLISHED: Final = frozenset(
    {KeyUse.SIGNING, KeyUse.SEALING, KeyUse.LEDGER, KeyUse.LEDGER_MLDSA, KeyUse.WITNESS},
)
