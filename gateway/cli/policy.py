"""`comity policy`: the tools of whoever writes rules."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.door import JsonOption
from gateway.cli.policy_report import show_hunt, show_trial
from gateway.cli.rulefiles import cases_in, rule_files, rules_in_force, shipped, with_local
from gateway.cli.screen import Screen
from gateway.errors import Malformed
from policy.bundle import Bundle
from policy.catalogue import floor_alone, report, shipped_cases, try_cases
from policy.engine import Rulebook
from policy.hunt import Hunt
from policy.rule import Layer

app = typer.Typer(
    help="Write rules: check, try, compare and change them before anybody takes them into force.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

RulesHomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        envvar="COMITY_HOME",
        help="Home whose rules in force are meant: the signed baseline and the agency's rules.cedar.",
    ),
]
RulesOption = Annotated[
    list[Path] | None,
    typer.Option("--rules", help="File or folder of own rules, laid over the others; may be repeated."),
]


def bundle_for(home: Path | None, rules: list[Path] | None) -> Bundle:
    """Return the rules a command is about: a home's, or the shipped ones; with own rules in their place."""
    bundle = rules_in_force(home) if home is not None else shipped()
    return with_local(bundle, rule_files(rules)) if rules else bundle


@app.command("test")
def test(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(help="Folders with case files in allow, deny and hold. Default: the shipped cases."),
    ] = None,
    *,
    rules: RulesOption = None,
    home: RulesHomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try cases on rules: every rule needs one that shows it deny, and every case comes out as it says.

    With folders only own rules need cases; without, the shipped ones do.

    Example: comity policy test

    Example: comity policy test our-cases --rules our-rules.cedar

    Example: comity policy test our-cases --home nl --json
    """
    screen = Screen(as_json=as_json)
    bundle = bundle_for(home, rules)
    cases = cases_in(folders) if folders else shipped_cases()
    layers = (Layer.LOCAL,) if folders and bundle.local else (Layer.FLOOR, Layer.BASELINE)
    book, floor = Rulebook(bundle), floor_alone(bundle)
    outcomes = zip(
        screen.progress(cases, "trying cases"),
        try_cases(cases, book, floor),
        strict=True,
    )
    failures = [failure for _, failure in outcomes if failure is not None]
    trial = report(cases, failures, book.rules, layers)
    show_trial(screen, trial)
    raise typer.Exit(0 if trial.ok else 1)


@app.command("mutate")
def mutate(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(help="Folders with case files in allow, deny and hold. Default: the shipped cases."),
    ] = None,
    *,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Id of a rule to change; may be repeated.")
    ] = None,
    rules: RulesOption = None,
    home: RulesHomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Drop every rule, turn every literal, comparison and negation of it, and see whether a case notices.

    What survives is listed with its place: no case needs it as it stands.

    Example: comity policy mutate

    Example: comity policy mutate --only VP-02 --only VP-02T

    Example: comity policy mutate our-cases --rules our-rules.cedar --only OUR-1 --json
    """
    screen = Screen(as_json=as_json)
    bundle = bundle_for(home, rules)
    hunt = Hunt(bundle, cases_in(folders) if folders else shipped_cases())
    unknown = sorted(set(only or ()) - hunt.rules)
    if unknown:
        raise Malformed(f"{unknown[0]} is no rule of these", field="--only", code="usage")
    mutants = hunt.mutants(only or ())
    verdicts = [hunt.judge(mutant) for mutant in screen.progress(mutants, "changing rules")]
    survivors = show_hunt(screen, verdicts, hunt.failing)
    raise typer.Exit(1 if survivors else 0)
