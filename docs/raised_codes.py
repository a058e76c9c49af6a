"""Which reason codes the source can raise, and where: read from the syntax, nothing is run.

A code is followed from where an error is made back to where the word stands: through constants, enums,
variables, what functions return, and the parameters of functions that make errors for others. What cannot be
followed is told, never passed over.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import gateway.errors
from docs.syntax import Function, Module, Program
from gateway.errors import GatewayError

RECEIPT: Final = "receipt"
IN_BAND: Final = "in-band"
STOPPED: Final = "stopped"
AUDIT: Final = "audit"

_LISTS: Final = {
    ("gateway.ledger.kinds", "FinalCode"): RECEIPT,
    ("gateway.ledger.kinds", "InBandCode"): IN_BAND,
    ("gateway.ledger.kinds", "STOPPED_CODES"): STOPPED,
}
"""Closed lists, taken whole: who answers with one of their codes need not raise it."""

_WORD: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

_FINDINGS: Final = {
    ("gateway.record.findings", "Finding"): ("rule", "malformed"),
    ("gateway.ledger.findings", "Finding"): ("code", AUDIT),
}
"""Findings become errors or a report later: the parameter that holds the code, and what it is told under."""

_PASSED_ON: Final = frozenset({"code", "rule"})
"""`exc.code`: another error's code told again; it was seen where that error is made."""
_FROM_AFAR: Final = frozenset({"code_of"})
"""`code_of(reason)`: another gateway's code, told again."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Raised:
    """One code at one place, as file and line. `under` is the word of an error kind, or of a group above."""

    code: str
    under: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sink:
    """Something that is called with a code: an error class, or a function (a method without its `self`)."""

    target: ast.AST
    parameter: str
    position: int | None
    under: str
    default: str | None


class CodeScan:
    """One reading of all sources: `raised` is every code found, `unread` the places that hide theirs."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        """Read sources: their text by their path (`gateway/app.py`)."""
        self._program = Program(sources)
        self._seen: set[tuple[ast.AST, str, str]] = set()
        self._waiting: list[_Sink] = []
        self._found: set[Raised] = set()
        self._unread: set[str] = set()
        self._read_closed_lists()
        self._await_errors()
        while self._waiting:
            self._follow(self._waiting.pop())

    @property
    def raised(self) -> list[Raised]:
        """Every code with its place, sorted."""
        return sorted(self._found)

    @property
    def unread(self) -> list[str]:
        """The places whose code could not be followed to a word, sorted."""
        return sorted(self._unread)

    def _read_closed_lists(self) -> None:
        for (module_name, name), under in _LISTS.items():
            module = self._program.modules.get(module_name)
            for node in ast.walk(module.top[name]) if module else ():
                word = node.value if isinstance(node, ast.Constant) else None
                if isinstance(word, str) and _WORD.fullmatch(word):
                    self._note(node, word, under)

    def _await_errors(self) -> None:
        kinds = {
            name: error.kind.value
            for name, error in vars(gateway.errors).items()
            if isinstance(error, type) and issubclass(error, GatewayError)
        }
        for name, kind in kinds.items():
            self._await(self._program.find("gateway.errors", name), "code", None, kind, kind)
        for module, node in self._program.classes():
            bases = [base.id for base in node.bases if isinstance(base, ast.Name) and base.id in kinds]
            if bases and module.name != "gateway.errors":
                self._await_own(module, node, kinds[bases[0]])
        for (module_name, name), (parameter, under) in _FINDINGS.items():
            self._await(self._program.find(module_name, name), parameter, None, under, None)

    def _await_own(self, module: Module, error: ast.ClassDef, kind: str) -> None:
        sink = _Sink(target=error, parameter="code", position=None, under=kind, default=kind)
        calls = [node for node in ast.walk(error) if isinstance(node, ast.Call)]
        above = [
            call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "__init__"
        ]
        for call in above:
            self._said(module, call, sink)
        if not above:
            self._await(error, "code", None, kind, kind)

    def _await(
        self, target: ast.AST | None, parameter: str, position: int | None, under: str, default: str | None
    ) -> None:
        if target is not None and (target, parameter, under) not in self._seen:
            self._seen.add((target, parameter, under))
            self._waiting.append(
                _Sink(target=target, parameter=parameter, position=position, under=under, default=default)
            )

    def _follow(self, sink: _Sink) -> None:
        calls = list(self._program.calls_of(sink.target))
        if not calls and isinstance(sink.target, Function):
            self._unread.add(f"{self._program.place(sink.target)}: {sink.target.name} is called by nobody")
        for module, call in calls:
            self._said(module, call, sink)

    def _said(self, module: Module, call: ast.Call, sink: _Sink) -> None:
        said = {keyword.arg: keyword.value for keyword in call.keywords}.get(sink.parameter)
        if said is None and sink.position is not None and sink.position < len(call.args):
            said = call.args[sink.position]
        if said is not None:
            self._read(module, said, sink)
        elif sink.default is not None:
            self._note(call, sink.default, sink.under)

    def _read(self, module: Module, node: ast.expr, sink: _Sink) -> None:
        for value in self._program.values(module, node):
            match value.node:
                case ast.Constant(value=None):
                    pass
                case ast.Constant(value=str(code)):
                    self._note(value.node, code or sink.under, sink.under)
                case ast.JoinedStr(values=parts):
                    words = [str(p.value) if isinstance(p, ast.Constant) else "*" for p in parts]
                    self._note(value.node, "".join(words), sink.under)
                case ast.arg(arg=name):
                    self._pass_back(value.module, value.node, name, sink)
                case ast.Attribute(attr=attr) if attr in _PASSED_ON:
                    pass
                case ast.Call(func=ast.Name(id=name)) if name in _FROM_AFAR:
                    pass
                case _:
                    text = ast.unparse(value.node)
                    self._unread.add(f"{self._program.place(value.node)}: cannot follow {text}")

    def _pass_back(self, module: Module, node: ast.arg, name: str, sink: _Sink) -> None:
        function = module.function_around(node)
        assert function is not None
        default = module.default_of(function, name)
        position = module.position_of(function, name)
        if default is not None:
            self._read(module, default, sink)
        # Whoever makes an object calls its class.
        made = module.class_of(function) if function.name == "__init__" else None
        self._await(made or function, name, position, sink.under, None)

    def _note(self, node: ast.AST, code: str, under: str) -> None:
        self._found.add(Raised(code=code, under=under, place=self._program.place(node)))
