"""Generates the catalogue of reason codes: `python -m docs.generate_errors` writes docs/errors.md."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import gateway.errors
from docs.raised_codes import AUDIT, IN_BAND, RECEIPT, STOPPED, CodeScan, Raised
from gateway.cli.main import exit_code
from gateway.errors import GatewayError, Kind
from gateway.wire.problem import DOMAIN, reason_of, status_code

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs" / "errors.md"
CATALOGUE: Final = "gateway/wire/reasons.toml"

_PACKAGES: Final = ("gateway", "policy", "adapters", "keys")

_INTRO: Final = f"""\
# Reason codes

Made by `make docs` from `{CATALOGUE}` and the source; do not edit this page.

Every refusal has a *kind*, which says what sort of thing went wrong, and a *code*, a closed word that says
what exactly. Programs act on these two; messages are for people, may change, and hold no record content.

## How a refusal looks

**A failed call** ends with a gRPC status, which follows from the kind. Its details hold

- `google.rpc.ErrorInfo`: `reason` is the code in capitals with underscores (`too-large` is `TOO_LARGE`),
  `domain` is `{DOMAIN}`, and `metadata` holds `kind` and further facts, none of them personal;
- `google.rpc.BadRequest`, where fields are at fault: the path of each and what is wrong with it, at most 16.

A status without our `ErrorInfo` comes from the transport and not from a gateway. A client of ours tells it as
`transport-` and the status, in lower case with dashes.

**Anything unforeseen** is `INTERNAL` with an incident id and nothing else. Give the id to the operator of
that gateway, who finds the cause in its log.

**The answer to a push of envelopes** is a success although single envelopes were not accepted: each is
answered on its own, by a [receipt](#{RECEIPT}), which is final, or [in band](#{IN_BAND}), which is not. Codes
stand in both exactly as in the tables, not in capitals.

**The command line** prints the code in brackets, and with `--json` the members `code`, `field`, `error`,
`findings` and `facts`. Its exit code is 0 for ok, 1 for refused or findings, 2 for cannot tell or wrong
usage, 3 for unreachable. A wrong option and a file that is not there (`usage`, `no-file`) are always 2.

## What may be tried again

Always with the same ids and the same bytes: a call may come twice, and the second is answered like the first.

| Status | Again? |
| --- | --- |
| `UNAVAILABLE` | yes, after a pause that grows |
| `RESOURCE_EXHAUSTED` | yes, after a pause that grows, or in smaller parts |
| `ABORTED` | only where `metadata` holds `size`: make the request anew from that size |
| `DEADLINE_EXCEEDED` | yes: nobody knows whether it was done, and the repetition finds out |
| `INTERNAL` | once; then ask the operator |
| every other | no: the same request is refused again until what the code names has changed |
"""

_GROUPS: Final = {
    RECEIPT: (
        "Codes of a receipt",
        "The envelope was authentic and is refused for good: the code stands in both ledgers and the\n"
        "receipt. Only after `expired` and `unknown-sealing-key` may the message come again, sealed anew.",
    ),
    IN_BAND: (
        "Codes in band",
        "The envelope got no receipt and nothing is remembered of it. Its sender keeps it, and may send it\n"
        "again when the cause is gone.",
    ),
    STOPPED: (
        "Codes of what was stopped",
        "The own gateway found that something may not leave any more. The code stands in its ledger alone,\n"
        "where the two lists above stand for what the recipient has answered.",
    ),
    AUDIT: (
        "Codes of an audit",
        "What `comity audit verify` tells about an export: a finding, a notice, or a question left open. A\n"
        "refusal inside one of its files is told under the code of that refusal.",
    ),
}


def sources() -> dict[str, str]:
    """Return the text of every module written by hand, by its path below the root."""
    files = (path for package in _PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    named = {path.relative_to(ROOT).as_posix(): path for path in files}
    return {
        name: path.read_text(encoding="utf-8")
        for name, path in named.items()
        if not name.startswith("gateway/v1/")
    }


def reasons() -> dict[str, dict[str, str]]:
    """Return the catalogue: `meaning` and `action` by code."""
    return tomllib.loads((ROOT / CATALOGUE).read_text(encoding="utf-8"))


def gaps(scan: CodeScan, known: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return what keeps catalogue and source apart, each in words that say what to add or to delete."""
    first: dict[str, Raised] = {}
    for found in scan.raised:
        first.setdefault(found.code, found)
    lacking = [
        f"{found.place}: {code} is not in {CATALOGUE}; add its entry, in order:\n"
        f'[{code if "*" not in code else repr(code)}]\nmeaning = "What it means."\naction = "What to do."'
        for code, found in first.items()
        if code not in known
    ]
    left = [f"{CATALOGUE}: {code} is raised nowhere; delete its entry" for code in known if code not in first]
    hidden = [f"{told}; write the code there as a literal, a constant or a parameter" for told in scan.unread]
    return [*lacking, *left, *hidden]


def page(raised: Sequence[Raised], known: Mapping[str, Mapping[str, str]]) -> str:
    """Return docs/errors.md."""
    under: dict[str, set[str]] = {}
    for found in raised:
        under.setdefault(found.under, set()).add(found.code)
    lines = [_INTRO, *_kinds(under)]
    for kind in sorted(Kind):
        if under.get(kind.value):
            lines += ["", f"## {kind.value}", "", f"{_says(kind)} Told as `{status_code(kind).name}`.", ""]
            lines += ["| Reason | Code | Meaning | What to do |", "| --- | --- | --- | --- |"]
            lines += [f"| `{reason_of(c)}` | {_row(c, known)}" for c in sorted(under[kind.value])]
    for group, (title, says) in _GROUPS.items():
        lines += ["", f'<a id="{group}"></a>', "", f"## {title}", "", says, ""]
        lines += ["| Code | Meaning | What to do |", "| --- | --- | --- |"]
        lines += [f"| {_row(code, known)}" for code in sorted(under.get(group, ()))]
    return "\n".join(lines) + "\n"


def _kinds(under: Mapping[str, set[str]]) -> Iterator[str]:
    yield from (
        "## Kinds",
        "",
        "| Kind | gRPC status | Exit code | What it says |",
        "| --- | --- | --- | --- |",
    )
    for kind in sorted(Kind):
        name = f"[{kind.value}](#{kind.value})" if under.get(kind.value) else kind.value
        code = exit_code(_error(kind)(""))
        yield f"| {name} | `{status_code(kind).name}` | {code} | {_says(kind)} |"


def _error(kind: Kind) -> type[GatewayError]:
    errors = (error for error in vars(gateway.errors).values() if isinstance(error, type))
    return next(
        error
        for error in errors
        if issubclass(error, GatewayError) and error is not GatewayError and error.kind is kind
    )


def _says(kind: Kind) -> str:
    return (_error(kind).__doc__ or "").splitlines()[0]


def _row(code: str, known: Mapping[str, Mapping[str, str]]) -> str:
    return f"`{code}` | {known[code]['meaning']} | {known[code]['action']} |"


def main() -> None:
    """Write the page.

    Raises:
        SystemExit: catalogue and source do not agree; it says where and what to add.
    """
    scan, known = CodeScan(sources()), reasons()
    apart = gaps(scan, known)
    if apart:
        raise SystemExit("\n".join(apart))
    PAGE.write_text(page(scan.raised, known), encoding="utf-8")


if __name__ == "__main__":
    main()
