"""Modules and functions stay small enough to be read at one sitting."""

from __future__ import annotations

import ast

from tests.project import PACKAGES, ROOT, python_files

MODULE_LINES = 400
FUNCTION_LINES = 40


def _long_functions(source: str) -> list[str]:
    """Return the functions whose body, the docstring aside, is too long."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        told = ast.get_docstring(node, clean=False) is not None
        first = node.body[1] if told and len(node.body) > 1 else node.body[0]
        lines = (node.end_lineno or 0) - first.lineno + 1
        if lines > FUNCTION_LINES:
            found.append(f"{node.name}: {lines} lines")
    return found


def test_no_module_is_longer_than_its_limit() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in python_files(*PACKAGES, "tests", "benchmarks")
    }

    assert {path: lines for path, lines in lengths.items() if lines > MODULE_LINES} == {}


def test_no_function_of_the_product_is_longer_than_its_limit() -> None:
    long = {
        str(path.relative_to(ROOT)): _long_functions(path.read_text(encoding="utf-8"))
        for path in python_files(*PACKAGES)
    }

    assert {path: functions for path, functions in long.items() if functions} == {}


def test_the_measure_counts_a_body_and_passes_over_its_docstring() -> None:
    docstring = '    """One.\n' + "    more\n" * 30 + '    """\n'
    function = "def f() -> None:\n" + docstring + "    x = 1\n" * FUNCTION_LINES

    assert _long_functions(function) == []
    assert _long_functions(function + "    x = 2\n") == ["f: 41 lines"]
