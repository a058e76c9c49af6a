"""The rules in force as texts: the shipped floor, the federation's baseline, agreements, the agency's own.

A bundle is loaded whole or not at all (`policy.engine.Engine`); its digest names it in decisions and ledger.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Final

from policy.rule import Layer
from policy.statement import RuleFile

FLOOR_DIGEST: Final = bytes.fromhex("83c9be9be5e97ded5445b513bdc4a8995102712b5b34a4cf67456f71153c7ccf")
"""Digest of the floor as reviewed. Changing a floor rule means changing this line in the same commit."""

_FLOOR_FILES: Final = (
    "identity.cedar",
    "location.cedar",
    "imagery.cedar",
    "sensitive.cedar",
    "interviews.cedar",
    "consent.cedar",
    "partners.cedar",
    "matching.cedar",
    "emergency.cedar",
    "accountability.cedar",
)
_BASELINE_FILES: Final = (
    "markings.cedar",
    "purpose.cedar",
    "identity.cedar",
    "location.cedar",
    "statements.cedar",
    "partners.cedar",
    "assessment.cedar",
    "accountability.cedar",
    "release.cedar",
    "disclosure.cedar",
    "acts.cedar",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The texts of all layers, in the order in which their digest is taken."""

    floor: tuple[RuleFile, ...]
    baseline: tuple[RuleFile, ...]
    agreements: tuple[RuleFile, ...]
    local: tuple[RuleFile, ...]

    @property
    def layers(self) -> tuple[tuple[Layer, tuple[RuleFile, ...]], ...]:
        """The layers with their texts, floor first."""
        return (
            (Layer.FLOOR, self.floor),
            (Layer.BASELINE, self.baseline),
            (Layer.AGREEMENT, self.agreements),
            (Layer.LOCAL, self.local),
        )

    @property
    def digest(self) -> bytes:
        """The policy digest: 32 bytes over every layer's label and every text's name and content."""
        return _digest(self.layers)


def bundle_of(
    *, baseline: str, agreements: Mapping[str, str] | None = None, local: Mapping[str, str] | None = None
) -> Bundle:
    """Return the bundle of the shipped floor with these overlays; mappings go from a text's name to the
    text.
    """
    return Bundle(
        floor=shipped_floor(),
        baseline=(RuleFile(name="baseline.cedar", text=baseline),),
        agreements=_files(agreements or {}),
        local=_files(local or {}),
    )


def shipped_floor() -> tuple[RuleFile, ...]:
    """Return the floor as it stands in this installation; the engine compares it with `FLOOR_DIGEST`."""
    return tuple(
        RuleFile(name=f"floor/{name}", text=_resource("rules", "floor", name)) for name in _FLOOR_FILES
    )


def shipped_baseline() -> str:
    """Return the default baseline that a new federation may sign; in force is only what it signed."""
    return "\n".join(file.text for file in shipped_baseline_files())


def shipped_baseline_files() -> tuple[RuleFile, ...]:
    """Return the default baseline by legal theme, as it is kept and read."""
    return tuple(
        RuleFile(name=f"baseline/{name}", text=_resource("rules", "baseline", name))
        for name in _BASELINE_FILES
    )


def shipped_schema() -> str:
    """Return the schema that rules, entities and requests are checked against."""
    return _resource("schema.cedarschema")


def floor_digest(floor: Sequence[RuleFile]) -> bytes:
    """Return the 32-byte digest of floor texts alone."""
    return _digest(((Layer.FLOOR, tuple(floor)),))


def _files(texts: Mapping[str, str]) -> tuple[RuleFile, ...]:
    return tuple(RuleFile(name=name, text=texts[name]) for name in sorted(texts))


def _resource(*path: str) -> str:
    return resources.files("policy").joinpath(*path).read_bytes().decode("utf-8")


def _digest(layers: Sequence[tuple[Layer, tuple[RuleFile, ...]]]) -> bytes:
    # Every part is preceded by its length, so no text can pass for the end of one and the start of another.
    digest = hashlib.sha256()

    def add(data: bytes) -> None:
        digest.update(len(data).to_bytes(4, "big") + data)

    add(b"comity/policy/v1")
    for layer, files in layers:
        add(layer.value.encode())
        digest.update(len(files).to_bytes(4, "big"))
        for file in files:
            add(file.name.encode())
            add(file.text.encode())
    return digest.digest()
