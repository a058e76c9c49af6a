"""Every reason code that the source can raise is explained, and the page of them is fresh."""

from __future__ import annotations

import re

import pytest

from docs.generate_errors import PAGE, ROOT, gaps, page, reasons, sources
from docs.raised_codes import CodeScan

_HELPER = """
from gateway.errors import Malformed, Refused

def refuse(why: str, code: str = "by-default") -> Malformed:
    return Malformed(why, code=code)
"""


_ERRORS = (ROOT / "gateway" / "errors.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def scan() -> CodeScan:
    """Return the reading of all sources."""
    return CodeScan(sources())


def _scan(text: str, beside: str = "") -> CodeScan:
    """Return the reading of one module, `gateway/one.py`, with another one and the errors beside it."""
    return CodeScan({"gateway/errors.py": _ERRORS, "gateway/one.py": text, "gateway/two.py": beside})


def _found(text: str, beside: str = "") -> set[tuple[str, str]]:
    scan = _scan(text, beside)
    assert scan.unread == []
    return {(raised.code, raised.under) for raised in scan.raised}


def test_every_code_of_the_source_is_explained_and_nothing_else_is(scan: CodeScan) -> None:
    apart = gaps(scan, reasons())

    assert apart == [], "\n" + "\n".join(apart)


def test_every_explanation_is_two_whole_sentences() -> None:
    wrong = [
        f"{code}.{name}: {text!r}"
        for code, entry in reasons().items()
        for name, text in entry.items()
        if not re.fullmatch(r"[A-Z][^|\n]*[^.\s]\.", text)
    ]

    assert wrong == []
    assert [code for code, entry in reasons().items() if list(entry) != ["meaning", "action"]] == []


def test_explanations_are_sorted_by_their_codes() -> None:
    codes = list(reasons())

    assert codes == sorted(codes)


def test_the_page_is_what_its_generator_writes(scan: CodeScan) -> None:
    known = {code: {"meaning": "", "action": ""} for code in {found.code for found in scan.raised}}

    fresh = page(scan.raised, {**known, **reasons()})
    assert PAGE.read_text(encoding="utf-8") == fresh, "run `make docs`"


def test_a_new_code_is_noticed_with_its_file_and_line() -> None:
    text = "from gateway.errors import Refused\n\nraise Refused('no', code='brand-new')\n"

    (apart,) = gaps(_scan(text), {})
    assert apart.startswith("gateway/one.py:3: brand-new is not in gateway/wire/reasons.toml; add")
    assert "\n[brand-new]\n" in apart


def test_an_entry_that_nothing_raises_is_noticed() -> None:
    assert gaps(_scan(""), {"old": {}}) == [
        "gateway/wire/reasons.toml: old is raised nowhere; delete its entry"
    ]


def test_a_code_that_cannot_be_followed_is_noticed() -> None:
    text = "from gateway.errors import Refused\ndef f() -> None:\n    raise Refused('no', code=look_up(1))\n"

    (apart,) = gaps(_scan(text), {})
    assert apart.startswith("gateway/one.py:3: cannot follow look_up(1); write the code there as a literal")


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("'plain'", {"plain"}),
        ("CONSTANT", {"constant"}),
        ("Word.FIRST", {"first"}),
        ("Word.FIRST.value", {"first"}),
        ("'yes' if a else 'no'", {"yes", "no"}),
        ("a.code or 'other'", {"other"}),
        ("f'transport-{a}'", {"transport-*"}),
        ("chosen", {"left", "right"}),
        ("''", {"refused"}),
        ("None", set()),
        ("a.code", set()),
        ("code_of(a.reason)", set()),
    ],
)
def test_a_code_is_followed_to_its_word(code: str, found: set[str]) -> None:
    text = (
        "from enum import StrEnum\nfrom gateway.errors import Refused\n"
        "CONSTANT = 'constant'\nclass Word(StrEnum):\n    FIRST = 'first'\n"
        "def f(a):\n    chosen = 'left'\n    if a:\n        chosen = 'right'\n"
        f"    raise Refused('no', code={code})\n"
    )

    assert _found(text) == {(word, "refused") for word in found}


def test_an_error_without_a_code_has_the_word_of_its_kind() -> None:
    assert _found("from gateway.errors import Corrupt\nraise Corrupt('gone')\n") == {("corrupt", "corrupt")}


def test_an_error_of_an_own_class_is_of_its_parents_kind() -> None:
    text = "from gateway.errors import Conflict\nclass Own(Conflict): ...\nraise Own('x', code='own')\n"

    assert _found(text) == {("own", "conflict")}


def test_a_code_that_an_own_class_gives_itself_is_found() -> None:
    text = (
        "from gateway.errors import Busy\nclass Full(Busy):\n    def __init__(self, what, code='full'):\n"
        "        super().__init__('is full', code=code)\nraise Full('x', 'over-full')\n"
    )

    assert _found(text) == {("full", "busy"), ("over-full", "busy")}


def test_a_code_is_followed_through_functions_of_other_modules() -> None:
    text = "from gateway.two import refuse\nraise refuse('is wrong', 'given')\nraise refuse('is wrong')\n"

    assert _found(text, _HELPER) == {("given", "malformed"), ("by-default", "malformed")}


def test_a_code_is_followed_through_methods_but_not_through_their_namesakes() -> None:
    report = (
        "from gateway.errors import Malformed\nclass Report:\n    def add(self, path, rule, message):\n"
        "        raise Malformed(message, code=rule, field=path)\n"
    )
    text = (
        "from gateway.two import Report\ndef f(report: Report, seen: set):\n"
        "    seen.add('no-code')\n    report.add('', 'a-rule', 'is wrong')\n"
    )

    assert _found(text, report) == {("a-rule", "malformed")}
