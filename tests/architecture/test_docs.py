"""What the documents say exists: files, make targets, commands and their options, dependencies, threats."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from tests.project import PACKAGES, ROOT, project_files

_DOCUMENTS = sorted(path for path in project_files() if path.suffix == ".md")
_LINK = re.compile(r"\]\(([^)#\s]+)")
_QUOTED = re.compile(r"`([^`\s]+)`")
_BLOCK = re.compile(r"(?ms)^```[a-z]*\n(.*?)^```")
_INLINE_COMMAND = re.compile(r"`((?:make|comity) [^`]+)`")
_FOLDERS = (*PACKAGES, "benchmarks", "docs", "examples", "proto", "requirements", "tests")


def _commands(program: str) -> Iterator[tuple[str, list[str]]]:
    """Yield every command line of one program, in blocks and in sentences, with the document's name."""
    for document in _DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        lines = [line for block in _BLOCK.findall(text) for line in block.splitlines()]
        for line in [*lines, *_INLINE_COMMAND.findall(text)]:
            words = shlex.split(line.partition(" # ")[0]) if line.startswith(f"{program} ") else []
            if words:
                yield document.name, words[1:]


@pytest.mark.parametrize("document", _DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_a_document_names_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    linked = [document.parent / link for link in _LINK.findall(text) if "://" not in link]
    words = [*_QUOTED.findall(text), *(word for block in _BLOCK.findall(text) for word in block.split())]
    quoted = [ROOT / word for word in words if word.startswith(tuple(f"{folder}/" for folder in _FOLDERS))]

    assert [str(path) for path in [*linked, *quoted] if not path.exists() and "*" not in path.name] == []


def test_every_make_target_that_a_document_names_exists() -> None:
    targets = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))

    assert [(name, words[0]) for name, words in _commands("make") if words[0] not in targets] == []


def test_every_command_and_option_that_a_document_names_exists() -> None:
    from gateway.cli.main import app

    top: Any = get_command(app)
    wrong = []
    for name, words in _commands("comity"):
        command, rest = top, list(words)
        while rest and rest[0] in getattr(command, "commands", {}):
            command = command.commands[rest.pop(0)]
        known = {option for parameter in command.params for option in parameter.opts}
        unknown = [word for word in rest if word.startswith("--") and word.partition("=")[0] not in known]
        if unknown or (rest and getattr(command, "commands", None)):
            wrong.append((name, words, unknown))

    assert wrong == []


def test_every_dependency_is_accounted_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = (ROOT / "docs" / "adr" / "0003-dependencies.md").read_text(encoding="utf-8")

    names = [re.split(r"[<>=\[]", line)[0] for line in project["dependencies"]]
    assert [name for name in names if f"`{name}`" not in text] == []


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs" / "adr").glob("*.md"))]

    assert numbers == list(range(1, len(numbers) + 1))


def test_documents_that_a_reader_looks_for_exist() -> None:
    wanted = ("README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE", "docs/architecture.md")

    assert [name for name in wanted if not (ROOT / name).is_file()] == []


def test_readme_shows_the_demo_and_the_tests_first() -> None:
    first = _BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))[0]

    assert [line.split("#")[0].split() for line in first.splitlines()] == [["make", "demo"], ["make", "test"]]
