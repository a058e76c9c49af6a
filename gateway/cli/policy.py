"""`comity policy`: the tools of whoever writes rules."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import policy_activate, policy_explain, policy_simulate
from gateway.cli.door import JsonOption
from gateway.cli.files import read_file
from gateway.cli.policy_report import (
    WidensVictims,
    show_difference,
    show_findings,
    show_hunt,
    show_sweep,
    show_trial,
    swept_rules,
)
from gateway.cli.rulefiles import bundle_at, cases_in, rule_files, rules_in_force, shipped, with_local
from gateway.cli.screen import Screen
from gateway.errors import Malformed
from policy.authoring.catalogue import floor_alone, report, shipped_cases, try_cases
from policy.authoring.difference import grouped
from policy.authoring.hunt import Hunt
from policy.authoring.lint import lint
from policy.authoring.matrix import changes, decode, encode
from policy.bundle import Bundle
from policy.rule import Layer
from policy.rulebook import Rulebook

app = typer.Typer(
    help="Explain what the rules decide; write own rules, check and try them, take them into force.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

policy_explain.register(app)
policy_simulate.register(app)
policy_activate.register(app)

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


class OverlayLayer(StrEnum):
    """Whose rules a file may hold: nobody writes another floor."""

    LOCAL = Layer.LOCAL.value
    BASELINE = Layer.BASELINE.value


def bundle_for(home: Path | None, rules: list[Path] | None) -> Bundle:
    """Return the rules a command is about: a home's, or the shipped ones; with own rules in their place."""
    bundle = rules_in_force(home) if home is not None else shipped()
    return with_local(bundle, rule_files(rules)) if rules else bundle


@app.command("lint")
def lint_rules(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Files or folders of rules. Default: the shipped floor and baseline."),
    ] = None,
    *,
    layer: Annotated[
        OverlayLayer,
        typer.Option("--layer", help="Whose rules the files are: an agency's or a federation's."),
    ] = OverlayLayer.LOCAL,
    home: RulesHomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check rules and tell everything that is wrong with them, each with file, line and column.

    With --home and no files: the baseline in force and the home's own rules.cedar.

    Example: comity policy lint rules.cedar

    Example: comity policy lint baseline/ --layer baseline

    Example: comity policy lint --home nl --json
    """
    screen = Screen(as_json=as_json)
    if files:
        own = tuple((Layer(layer.value), file) for file in rule_files(files))
        bundle = shipped() if layer is OverlayLayer.LOCAL else replace(shipped(), baseline=())
    else:
        own, bundle = (), bundle_for(home, None)
    beneath = tuple((held, file) for held, held_files in bundle.layers for file in held_files)
    named = {file.name for _, file in own or beneath}
    findings = [one for one in lint([*beneath, *own]) if one.file in named]
    show_findings(screen, findings, len(named))
    raise typer.Exit(1 if findings else 0)


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

    What survives is listed with its place: no case needs it as it stands. With cases of one's own only the
    agency's own rules are changed, for the shipped rules have cases of theirs.

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
    mutants = hunt.mutants(only or (hunt.own if folders else ()))
    verdicts = [hunt.judge(mutant) for mutant in screen.progress(mutants, "changing rules")]
    survivors = show_hunt(screen, verdicts, hunt.failing)
    raise typer.Exit(1 if survivors else 0)


@app.command("sweep")
def sweep(
    *,
    golden: Annotated[
        Path | None, typer.Option("--golden", help="File with the outcomes to compare with.")
    ] = None,
    write_golden: Annotated[
        Path | None, typer.Option("--write-golden", help="File to write the outcomes to, over an older one.")
    ] = None,
    rules: RulesOption = None,
    home: RulesHomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask every question that the closed lists can make, and assert what must never leave.

    Takes about half a minute. With --golden, what differs from the outcomes kept there is told too.

    Example: comity policy sweep

    Example: comity policy sweep --golden tests/policy/golden/matrix.txt.gz

    Example: comity policy sweep --write-golden tests/policy/golden/matrix.txt.gz
    """
    screen = Screen(as_json=as_json)
    known = decode(read_file(golden)) if golden is not None else None
    swept = swept_rules(screen, bundle_for(home, rules), "asking every question")
    if write_golden is not None:
        write_golden.write_bytes(encode(swept.matrix))
    groups = grouped(changes(known, swept.matrix)) if known is not None else []
    ok = show_sweep(screen, swept, groups)
    raise typer.Exit(0 if ok else 1)


@app.command("diff")
def diff(
    old: Annotated[Path, typer.Argument(help="Rules now: a file, a folder or a home.")],
    new: Annotated[Path, typer.Argument(help="Rules to come: a file, a folder or a home.")],
    *,
    read: Annotated[
        bool, typer.Option("--i-have-read-it", help="Accept that more leaves of protected persons.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Say in words to which questions two sets of rules give another answer.

    Files of own rules stand over the shipped baseline, unless the folder holds one too. Where more would
    leave of a protected person, the command is refused unless somebody says that it was read.

    Example: comity policy diff nl/rules.cedar proposed.cedar

    Example: comity policy diff nl proposal --i-have-read-it
    """
    screen = Screen(as_json=as_json)
    before = swept_rules(screen, bundle_at(old), f"asking {old}")
    after = swept_rules(screen, bundle_at(new), f"asking {new}")
    groups = grouped(changes(before.matrix, after.matrix))
    widening = [group for group in groups if group.widens and group.victims]
    if not widening or read:
        show_difference(screen, groups)
        return
    if not as_json:
        show_difference(screen, groups)
    raise WidensVictims(widening if as_json else ())
