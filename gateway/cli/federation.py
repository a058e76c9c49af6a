"""`comity federation`: making a federation's signed directory and adding to it."""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.door import JsonOption, now, passphrase_of
from gateway.cli.files import as_text, read_file
from gateway.cli.screen import Screen
from keys.agreement import Agreement, Community
from keys.enrolment import parse_enrolment
from keys.federation import Federation
from keys.keystore import Kdf
from policy.bundle import bundle_of, shipped_baseline
from policy.engine import Engine

app = typer.Typer(
    help="Make a federation's directory and add to it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

KEYS = "the federation's keys"

FolderArgument = Annotated[Path, typer.Argument(help="Folder of the federation.")]


class Addition(StrEnum):
    """What can be added to a directory."""

    MEMBER = "member"
    AGREEMENT = "agreement"
    COMMUNITY = "community"
    BASELINE = "baseline"


@app.command("create")
def create(folder: FolderArgument, as_json: JsonOption = False) -> None:
    """Make a federation: its keys, its first root, and the default baseline rules.

    Example: comity federation create federation
    """
    screen = Screen(as_json=as_json)
    passphrase = passphrase_of(KEYS, confirm=True)
    federation = Federation.create(folder, passphrase, now().replace(microsecond=0), Kdf.MODERATE)
    federation.set_baseline(shipped_baseline())
    federation.publish()
    digest = sha256(federation.root()).hexdigest()
    screen.result(
        {"ok": True, "root": digest, "repository": str(federation.repository_path)},
        [
            f"The federation is made; members join from {federation.repository_path}.",
            f"Root: {digest}",
            "Tell members the root by another way than the folder itself: they compare it when they join.",
        ],
    )


@app.command("add")
def add(
    what: Annotated[Addition, typer.Argument(help="What to add.")],
    file: Annotated[Path, typer.Argument(help="An enrolment, an agreement, a community, or Cedar rules.")],
    folder: Annotated[Path, typer.Option("--federation", help="Folder of the federation.")],
    as_json: JsonOption = False,
) -> None:
    """Add a member, an agreement, a community or rules, and publish anew.

    Members see it when they `comity join` again.

    Example: comity federation add member nl/enrolment.json --federation federation
    """
    screen = Screen(as_json=as_json)
    data = read_file(file)
    federation = Federation.open(folder, passphrase_of(KEYS), now().replace(microsecond=0))
    named = apply(federation, what, data, file)
    federation.publish()
    screen.result(
        {"ok": True, "added": what.value, "name": named},
        [
            f"The directory holds {what.value} {named}."
            if named != what.value
            else f"The directory holds the {named}."
        ],
    )


def apply(federation: Federation, what: Addition, data: bytes, file: Path) -> str:
    """Add one thing to an open federation and return its name; not published yet.

    Raises:
        Malformed: the file breaks a rule of its form; the field is named.
    """
    match what:
        case Addition.MEMBER:
            enrolment = parse_enrolment(data)
            federation.enrol(enrolment)
            return enrolment.member.id
        case Addition.AGREEMENT:
            agreement = Agreement.parse(data)
            federation.add_agreement(agreement)
            return agreement.id
        case Addition.COMMUNITY:
            community = Community.parse(data)
            federation.add_community(community)
            return community.id
        case Addition.BASELINE:
            text = as_text(data, file)
            Engine(bundle_of(baseline=text))
            federation.set_baseline(text)
            return "baseline"


def repository_in(folder: Path) -> Path:
    """Return the folder that members join from: the one given, or the repository in a federation's folder."""
    within = folder / "repository"
    return within if (within / "metadata").is_dir() and not (folder / "metadata").is_dir() else folder
