"""The project's modules as syntax: who calls what, and what an expression can stand for."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

_DEPTH_MAX: Final = 8

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Value:
    """A node that an expression can stand for, in the module that holds it."""

    module: Module
    node: ast.expr | ast.arg


class Module:
    """One module: its names at the top, where they are imported from, and the parent of every node."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        self.tree = ast.parse(text)
        self.parent = {c: p for p in ast.walk(self.tree) for c in ast.iter_child_nodes(p)}
        self.top: dict[str, ast.AST] = {}
        self.imported: dict[str, tuple[str, str]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                self.imported.update({a.asname or a.name: (node.module or "", a.name) for a in node.names})
        for node in self.tree.body:
            if isinstance(node, Function | ast.ClassDef):
                self.top[node.name] = node
            self.top.update(_assigned(node))

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield what a node stands in, from the inside out."""
        while node in self.parent:
            node = self.parent[node]
            yield node

    def function_around(self, node: ast.AST) -> Function | None:
        """Return the innermost function a node stands in."""
        return next((outer for outer in self.around(node) if isinstance(outer, Function)), None)

    def class_of(self, function: ast.AST) -> ast.ClassDef | None:
        """Return the class whose method a function is."""
        outer = self.parent.get(function)
        return outer if isinstance(outer, ast.ClassDef) else None

    def position_of(self, function: Function, name: str) -> int | None:
        """Return the place of a parameter in a call, without `self`; None where it goes by name only."""
        names = [a.arg for a in [*function.args.posonlyargs, *function.args.args]]
        bound = self.class_of(function) is not None and names[:1] in (["self"], ["cls"])
        return names.index(name) - bound if name in names else None

    def default_of(self, function: Function, name: str) -> ast.expr | None:
        """Return what a parameter is where a call leaves it out."""
        taken = function.args
        positional = [*taken.posonlyargs, *taken.args]
        late = positional[len(positional) - len(taken.defaults) :]
        pairs = [
            *zip(late, taken.defaults, strict=True),
            *zip(taken.kwonlyargs, taken.kw_defaults, strict=True),
        ]
        return next((default for parameter, default in pairs if parameter.arg == name), None)


class Program:
    """All modules together."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        modules = [Module(path, text) for path, text in sources.items()]
        self.modules = {module.name: module for module in modules}
        self._home = {node: module for module in modules for node in ast.walk(module.tree)}
        self._calls: dict[str, list[tuple[Module, ast.Call]]] = {}
        for node, module in self._home.items():
            if isinstance(node, ast.Call):
                self._calls.setdefault(_last_name(module, node.func), []).append((module, node))

    def place(self, node: ast.AST) -> str:
        """Return file and line of a node."""
        return f"{self._home[node].path}:{getattr(node, 'lineno', 0)}"

    def classes(self) -> Iterator[tuple[Module, ast.ClassDef]]:
        """Yield every class."""
        return ((module, node) for node, module in self._home.items() if isinstance(node, ast.ClassDef))

    def find(self, module_name: str, name: str) -> ast.AST | None:
        """Return what a name at the top of a module is, wherever it was imported from."""
        module = self.modules.get(module_name)
        if module is None or name in module.top:
            return module.top[name] if module else None
        return self.find(*module.imported[name]) if name in module.imported else None

    def called(self, module: Module, callee: ast.expr) -> ast.AST | None:
        """Return the function or class that a callee names; a method of an object is not looked for."""
        if isinstance(callee, ast.Name):
            for outer in module.around(callee):
                if isinstance(outer, Function):
                    nested = [n for n in ast.walk(outer) if isinstance(n, Function) and n.name == callee.id]
                    if nested and nested[0] is not outer:
                        return nested[0]
            return self.find(module.name, callee.id)
        if isinstance(callee, ast.Attribute) and isinstance(callee.value, ast.Name):
            source = module.imported.get(callee.value.id)
            return self.find(".".join(source), callee.attr) if source else None
        return None

    def calls_of(self, target: ast.AST) -> Iterator[tuple[Module, ast.Call]]:
        """Yield the calls of a function, class or method. A method is taken to be called where its name is,
        in modules that know its class.
        """
        owner = self._home[target].class_of(target)
        for module, call in self._calls.get(getattr(target, "name", ""), ()):
            if self.called(module, call.func) is target:
                yield module, call
            elif owner is not None and isinstance(target, Function) and isinstance(call.func, ast.Attribute):
                known = {self.find(module.name, name) for name in [*module.top, *module.imported]}
                if owner in known and _is_given_enough(target, call):
                    yield module, call

    def values(self, module: Module, node: ast.expr, depth: int = 0) -> Iterator[Value]:
        """Yield what an expression can stand for: constants, parameters, and what cannot be followed."""
        choices = self._choices(module, node) if depth < _DEPTH_MAX else []
        if not choices:
            yield Value(module, node)
        for choice in choices:
            if isinstance(choice.node, ast.expr):
                yield from self.values(choice.module, choice.node, depth + 1)
            else:
                yield choice

    def _choices(self, module: Module, node: ast.expr) -> list[Value]:
        match node:
            case ast.IfExp(body=first, orelse=second):
                return [Value(module, first), Value(module, second)]
            case ast.BoolOp(values=several):
                return [Value(module, one) for one in several]
            case ast.Name(id=name):
                return self._named(module, node, name)
            case ast.Attribute(value=ast.Name(id=name), attr=attr):
                own = name == "self"
                return self._kept(module, node, attr) if own else self._member(module, name, attr)
            case ast.Attribute(value=inner, attr="value"):
                return [Value(module, inner)]
            case _:
                return []

    def _named(self, module: Module, node: ast.expr, name: str) -> list[Value]:
        for outer in module.around(node):
            if isinstance(outer, Function):
                given: list[ast.expr | ast.arg] = [
                    a for a in ast.walk(outer.args) if isinstance(a, ast.arg) and a.arg == name
                ]
                local = [values[name] for n in ast.walk(outer) if name in (values := _assigned(n))]
                if given or local:
                    return [Value(module, one) for one in [*given, *local]]
        return self._constant(self.find(module.name, name))

    def _kept(self, module: Module, node: ast.expr, attr: str) -> list[Value]:
        """Return what an object keeps under a name, wherever its class assigns it."""
        made = next((outer for outer in module.around(node) if isinstance(outer, ast.ClassDef)), None)
        return [
            Value(module, one.value)
            for one in ast.walk(made or node)
            if isinstance(one, ast.Assign)
            and any(isinstance(to, ast.Attribute) and to.attr == attr for to in one.targets)
        ]

    def _member(self, module: Module, name: str, attr: str) -> list[Value]:
        owner = self.find(module.name, name)
        if isinstance(owner, ast.ClassDef):
            values = [found[attr] for node in owner.body if attr in (found := _assigned(node))]
            return [Value(self._home[owner], value) for value in values]
        source = module.imported.get(name)
        return self._constant(self.find(".".join(source), attr)) if source else []

    def _constant(self, found: ast.AST | None) -> list[Value]:
        return [Value(self._home[found], found)] if isinstance(found, ast.expr) else []


def _is_given_enough(method: Function, call: ast.Call) -> bool:
    # `seen.add(one)` of a set is no call of `report.add(path, rule, message)`.
    required = len(method.args.posonlyargs) + len(method.args.args) - len(method.args.defaults) - 1
    return len(call.args) + len(call.keywords) >= required


def _assigned(node: ast.AST) -> dict[str, ast.expr]:
    """Return what a statement gives to single names."""
    match node:
        case ast.Assign(targets=targets, value=value):
            return {target.id: value for target in targets if isinstance(target, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            return {name: value}
        case ast.NamedExpr(target=ast.Name(id=name), value=value):
            return {name: value}
        case _:
            return {}


def _last_name(module: Module, callee: ast.expr) -> str:
    """Return the name under which what is called was written down, whatever it is imported as."""
    match callee:
        case ast.Name(id=name):
            return module.imported.get(name, ("", name))[1]
        case ast.Attribute(attr=attr):
            return attr
        case _:
            return ""
