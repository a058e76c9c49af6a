"""Showing why: each reason once with the fields it is about, withheld first, what would help last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Final

from gateway.cli.screen import Screen
from gateway.flow.inquiry import WITHHELD, Explained, Plain, Weighed
from gateway.record.schema import HEADER_KIND
from gateway.record.vocabulary import ObligationCode
from gateway.release.obligation import DUTIES
from policy.decision import OWN_REASONS
from policy.explain import approvals_in_words

_OUTCOMES: Final = {"release": "may be released", "denied": "denied: nothing of it leaves"}
_HOW: Final = {"exact": "exactly", "generalised": "generalised", "coarse": "in coarse form"}
_NO_LAW: Final = frozenset(OWN_REASONS)
_STATES: Final = {
    "received": "The recipient's receipt says that it was received.",
    "refused": "The recipient's receipt says that it was refused.",
    "quarantined": "The recipient's receipt says that it was set aside.",
    "": "No receipt of the recipient is on file.",
}


def show_explained(screen: Screen, found: Explained) -> None:
    """Print why a record, or a stored exchange, is decided as it is."""
    screen.result({"ok": True, **asdict(found)})
    what = f"Exchange {found.exchange['id']}" if found.exchange else f"Record {found.record_id}".rstrip()
    unit = f"/{found.unit}" if found.unit else ""
    ground = f"for {found.purpose} on {found.legal_basis}"
    screen.tell(f"{what} to {found.recipient}{unit}, {ground}", style="bold")
    held = f"held for {approvals_in_words(found.approvals)}"
    done = "released" if found.exchange and found.outcome == "release" else _OUTCOMES.get(found.outcome, held)
    screen.tell(done, style="bold")
    for name in found.head_rules:
        screen.tell(_sentence(found.rules, [name]), indent=2, lead="-")
    _exchange(screen, found)
    for note in found.notes:
        screen.tell(f"Note: {note}.", style="yellow")
    _rows(screen, found)
    _duties(screen, found)
    _sources(screen, found.rules)
    for told in found.agreements:
        screen.tell(f"{told[:1].upper()}{told[1:]}.", style="yellow")
    _remedies(screen, found)


def show_weighed(screen: Screen, found: Weighed) -> None:
    """Print what the rules say to an act, the refused first."""
    screen.result({"ok": True, **asdict(found)})
    what = f" about record {found.record_id}" if found.record_id else ""
    screen.tell(
        f"{found.act} by {found.recipient}{what}, for {found.purpose} on {found.legal_basis}", style="bold"
    )
    for outcome, title in (("denied", "Not allowed"), ("held", "Waits for approval"), ("release", "Allowed")):
        rows = [row for row in found.rows if row["outcome"] == outcome]
        _grouped(screen, title, rows, lambda row: _of_act(found.rules, row))
    _sources(screen, found.rules)


def _of_act(rules: Mapping[str, Mapping[str, str]], row: Plain) -> str:
    case = f"where {row['case']}: " if row["case"] else ""
    if row["outcome"] == "release":
        return f"{case}{_sentence(rules, row['permits'])}"
    needs = f"needs {approvals_in_words(row['approvals'])}: " if row["approvals"] else ""
    return f"{case}{needs}{_sentence(rules, row['rules'])}"


def _exchange(screen: Screen, found: Explained) -> None:
    told = found.exchange
    if not told:
        return
    in_force = "in force" if told["policy_in_force"] else "not in force any more"
    screen.tell(f"Decided {_moment(told['decided_at'])} by rules {found.policy[:16]}, {in_force}.")
    until = f" until {_moment(told['held_until'])}" if told["held_until"] else ""
    screen.tell(f"It stands as {told['state']}{until}. {_STATES[told['acknowledged']]}")
    if told["duties_met"]:
        rests = "It will rest on" if found.outcome == "held" else "It rests on"
        screen.tell(f"{rests} {approvals_in_words(told['duties_met'])}.")
    if told["use_until"]:
        screen.tell(f"Last day of use: {told['use_until']}.")


def _moment(stated: str) -> str:
    """Return a time as people read it; the whole stands in the JSON."""
    return f"{stated[:16].replace('T', ' ')} UTC"


def _rows(screen: Screen, found: Explained) -> None:
    rules = found.rules
    kept = [row for row in found.rows if row["rung"] == WITHHELD and not row["asked"]]
    waiting = [row for row in found.rows if row["asked"]]
    partly = [row for row in found.rows if _leaves(row) and row["rules"]]
    whole = [row for row in found.rows if _leaves(row) and not row["rules"]]
    _grouped(screen, "Withheld", kept, lambda row: _why_kept(rules, row))
    _grouped(screen, "Waits for approval", waiting, lambda row: _why_waiting(rules, row))
    _grouped(screen, "Leaves less precisely", partly, lambda row: _why_partly(rules, row))
    _grouped(screen, "Leaves", whole, lambda row: f"{_how(row)}: {_sentence(rules, row['permits'])}")


def _leaves(row: Plain) -> bool:
    return row["rung"] != WITHHELD and not row["asked"]


def _why_kept(rules: Mapping[str, Mapping[str, str]], row: Plain) -> str:
    return "an end of the link is withheld" if row["dropped"] else _sentence(rules, row["rules"])


def _why_waiting(rules: Mapping[str, Mapping[str, str]], row: Plain) -> str:
    then = f"leaves {_HOW[row['asked']]} with {approvals_in_words(row['approvals'])}"
    return f"{then}: {_sentence(rules, row['rules'])}"


def _why_partly(rules: Mapping[str, Mapping[str, str]], row: Plain) -> str:
    if row["lifts"]:
        return f"{_how(row)}, approved by {approvals_in_words(row['lifts'])}"
    return f"{_how(row)}; not finer, because {_sentence(rules, row['rules'])}"


def _how(row: Plain) -> str:
    return _HOW[row["rung"]]


def _sentence(rules: Mapping[str, Mapping[str, str]], names: Sequence[str]) -> str:
    """Return the gravest of these rules in words; the others stand beside the fields."""
    if not names:
        return "no reason is on file"
    text = rules.get(names[0], {}).get("text", "")
    return f"{text} ({names[0]})" if text else f"rule {names[0]}"


def _grouped(screen: Screen, title: str, rows: Sequence[Plain], why: Callable[[Plain], str]) -> None:
    """Print rows by reason, and under each reason entity by entity with the other rules of its fields."""
    if not rows:
        return
    screen.say(f"{title}: {len(rows)} field(s)" if rows[0]["field"] else title, "bold")
    groups: dict[str, list[Plain]] = {}
    for row in rows:
        groups.setdefault(why(row), []).append(row)
    for reason, about in groups.items():
        screen.tell(reason, indent=2, lead="-")
        _entities(screen, about, _others)


def _others(row: Plain) -> str:
    """Return what else stands before a field, or else permits it."""
    also = (row["rules"] or row["permits"])[1:]
    return f"(also {' '.join(also)})" if also else ""


def _entities(screen: Screen, rows: Iterable[Plain], beside: Callable[[Plain], str]) -> None:
    """Print entities with their fields; what stands beside several fields alike is told once for them."""
    entities: dict[str, dict[str, list[str]]] = {}
    for row in rows:
        entity = "record" if row["kind"] == HEADER_KIND else f"{row['kind']} {row['entity']}"
        fields = entities.setdefault(entity, {}).setdefault(beside(row), [])
        field = row["field"].replace("_", " ")
        if field and field not in fields:
            fields.append(field)
    for entity, alike in entities.items():
        told = [f"{', '.join(fields)} {also}".strip() for also, fields in alike.items()]
        text = "; ".join(part for part in told if part)
        screen.tell(f"{entity}: {text}" if text else entity, indent=6, style="cyan")


def _duties(screen: Screen, found: Explained) -> None:
    codes = found.exchange.get("obligations") if found.exchange else None
    if codes is None:
        codes = sorted({code for row in found.rows for code in row["obligations"]})
    if codes:
        screen.say("Who receives it must:", "bold")
    for code in codes:
        screen.tell(DUTIES[ObligationCode.from_token(code, "obligations")], indent=2, lead="-")


def _sources(screen: Screen, rules: Mapping[str, Mapping[str, str]]) -> None:
    told = [(name, rule["source"]) for name, rule in rules.items() if rule["source"] and name not in _NO_LAW]
    room = max((len(name) for name, _ in told), default=0)
    if told:
        screen.say("The law behind these rules:", "bold")
    for name, source in told:
        screen.tell(source, indent=2, lead=f"{name:{room}} ", style="dim")


def _remedies(screen: Screen, found: Explained) -> None:
    if not found.remedies:
        return
    screen.say("What would release more:", "bold green")
    if found.record_remedy >= 0:
        _remedy(screen, found.remedies[found.record_remedy])
        screen.tell("the record as a whole", indent=6, style="cyan")
    for place, remedy in enumerate(found.remedies):
        about = [row for row in found.rows if row["remedy"] == place]
        if about:
            _remedy(screen, remedy)
            _entities(screen, about, lambda row: f"({row['category']})")


def _remedy(screen: Screen, remedy: Plain) -> None:
    for change in remedy["changes"]:
        screen.tell(change["told"], indent=2, lead="-")
    if not remedy["changes"]:
        screen.tell(remedy["why_not"], indent=2, lead="-")
    elif not remedy["complete"]:
        screen.tell("not every change was tried", indent=2, lead="-", style="dim")
