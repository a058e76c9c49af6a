"""Rules and cases as a person names them: files, folders and homes, or what is shipped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gateway.cli.files import NO_FILE, read_file, read_text
from gateway.config import FILE_NAME, read_config
from gateway.errors import Malformed, Misconfigured, NotFound
from gateway.flow.activate import rules_of
from keys.mirror import Mirror
from policy.authoring.cases import FOLDERS, Case
from policy.authoring.catalogue import cases_of
from policy.bundle import Bundle, shipped_baseline_files, shipped_floor
from policy.rule import Layer
from policy.statement import RuleFile

_PIN = "pinned-root.json"
_RULES = ".cedar"


def shipped() -> Bundle:
    """Return the shipped floor and default baseline."""
    return Bundle(floor=shipped_floor(), baseline=shipped_baseline_files(), agreements=(), local=())


def rules_in_force(home: Path) -> Bundle:
    """Return the floor, the baseline that a home's federation signed, and the home's own rules.

    Raises:
        Misconfigured: no home, one that joined no federation, or a federation without a baseline.
    """
    config = read_config(home)
    pin = config.directory / _PIN
    if not pin.exists():
        raise Misconfigured("the home has joined no federation yet", code="not-joined", field=str(home))
    local = read_text(config.local_rules) if config.local_rules.exists() else ""
    return rules_of(Mirror(config.directory, read_file(pin)).load(), config.agency, local)


def rule_files(paths: Sequence[Path]) -> tuple[RuleFile, ...]:
    """Return the rule files named, and those in the folders named, by their paths.

    Raises:
        NotFound: code `no-file`: a path is not there, or a folder holds no rules.
    """
    found: list[RuleFile] = []
    for path in paths:
        files = sorted(path.rglob(f"*{_RULES}")) if path.is_dir() else [path]
        if not files:
            raise NotFound(f"holds no {_RULES} file", field=str(path), code=NO_FILE)
        found.extend(RuleFile(name=str(file), text=read_text(file)) for file in files)
    return tuple(found)


def layer_in(file: RuleFile, fallback: Layer) -> Layer:
    """Return the layer that a file's first rule claims, of those that an overlay may have."""
    claims = [layer for layer in (Layer.BASELINE, Layer.LOCAL) if f'@layer("{layer.value}")' in file.text]
    return claims[0] if len(claims) == 1 else fallback


def bundle_at(path: Path) -> Bundle:
    """Return the rules at a path: a home's in force; or those of a file or folder, over the shipped floor.

    A baseline that is named replaces the shipped one; own rules are laid over it.

    Raises:
        NotFound: code `no-file`.
        Misconfigured: a home without rules in force.
    """
    if (path / FILE_NAME).exists():
        return rules_in_force(path)
    by_layer: dict[Layer, list[RuleFile]] = {Layer.BASELINE: [], Layer.LOCAL: []}
    for file in rule_files([path]):
        by_layer[layer_in(file, Layer.LOCAL)].append(file)
    return Bundle(
        floor=shipped_floor(),
        baseline=tuple(by_layer[Layer.BASELINE]) or shipped_baseline_files(),
        agreements=(),
        local=tuple(by_layer[Layer.LOCAL]),
    )


def with_local(bundle: Bundle, files: Sequence[RuleFile]) -> Bundle:
    """Return the bundle with these own rules in place of those it has."""
    return Bundle(
        floor=bundle.floor, baseline=bundle.baseline, agreements=bundle.agreements, local=tuple(files)
    )


def cases_in(folders: Sequence[Path]) -> tuple[Case, ...]:
    """Return the cases of folders that hold allow, deny and hold, or one of them.

    Raises:
        Malformed: code `bad-case`, or code `no-cases`: a folder holds none of the three, or no case in them.
    """
    found: list[Case] = []
    for folder in folders:
        texts = [
            (path.stem, name, read_text(path))
            for name in FOLDERS
            for path in sorted((folder / name).glob("*.toml"))
        ]
        if not texts:
            known = ", ".join(FOLDERS)
            raise Malformed(f"holds no case files in {known}", field=str(folder), code="no-cases")
        found.extend(cases_of(texts))
    return tuple(found)
