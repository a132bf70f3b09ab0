"""The statements of a module as units that are needed or not, and what each of them uses."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .bindings import Binding, FunctionNode, ScopeBindings, collect, collect_function, parameters
from .parse import ParsedModule

_REFLECTION = frozenset({"getattr", "hasattr", "setattr", "delattr"})
Chain = tuple[str, ...]


@dataclass(slots=True)
class Uses:
    """What a unit reads: attribute chains by name (`()`: the name itself), every attribute name,
    and the imports inside of it, by the local name that they bind."""

    chains: dict[str, set[Chain]] = field(default_factory=dict[str, set[Chain]])
    attributes: set[str] = field(default_factory=set[str])
    imports: dict[str, list[Binding]] = field(default_factory=dict[str, list[Binding]])


@dataclass(slots=True, eq=False)
class Unit:
    """A simple statement, a function, the head of a class (all but its methods), or a method.

    `guards` are the tests that stand around it; `roots` are the names whose value it changes
    without binding them (`registry["x"] = f`), with the attributes that it sets there.
    """

    node: ast.stmt
    binds: tuple[str, ...] = ()
    guards: tuple[ast.AST, ...] = ()
    type_checking: bool = False
    handler: bool = False
    owner: str | None = None
    roots: frozenset[str] = frozenset()
    sets: frozenset[str] = frozenset()
    found: Uses | None = None

    @property
    def line(self) -> int:
        return first_line(self.node)

    @property
    def uses(self) -> Uses:
        if self.found is None:
            self.found = _uses(self)
        return self.found


class ModuleUnits:
    """The units of one module, by the names they bind; methods by class."""

    def __init__(self, parsed: ParsedModule) -> None:
        self.parsed = parsed
        self.by_name: dict[str, list[Unit]] = {}
        self.methods: dict[str, list[Unit]] = {}
        self.effects: list[Unit] = []
        self.everything: list[Unit] = []
        self.bindings: ScopeBindings = collect(parsed.tree.body, walrus=parsed.has_walrus)
        self.type_checking: set[int] = set()
        self._body(parsed.tree.body, (), False, False)

    def _body(
        self, body: Sequence[ast.stmt], guards: tuple[ast.AST, ...], checking: bool, handler: bool
    ) -> None:
        for node in body:
            match node:
                case ast.If(test=test, body=then, orelse=otherwise):
                    only = checking or _is_type_checking(test)
                    self._body(then, (*guards, test), only, handler)
                    self._body(otherwise, (*guards, test), checking, handler)
                case ast.Try(body=tried, handlers=handlers, orelse=otherwise, finalbody=final):
                    types = tuple(h.type for h in handlers if h.type is not None)
                    for part in (tried, otherwise, final):
                        self._body(part, (*guards, *types), checking, handler)
                    for one in handlers:
                        self._body(one.body, (*guards, *types), checking, True)
                case _:
                    self._unit(node, guards, checking, handler)

    def _unit(
        self, node: ast.stmt, guards: tuple[ast.AST, ...], checking: bool, handler: bool
    ) -> None:
        scope = collect([node], walrus=self.parsed.has_walrus)
        unit = Unit(node, tuple(scope.names), guards, checking, handler)
        self.everything.append(unit)
        if checking:
            self.type_checking |= {id(b.statement) for b in (*scope.stars, *_flat(scope))}
        for name in scope.names:
            self.by_name.setdefault(name, []).append(unit)
        unit.roots, unit.sets = _changed(node)
        if unit.roots and not isinstance(node, ast.ClassDef | FunctionNode):
            self.effects.append(unit)
        if isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, FunctionNode):
                    method = Unit(member, (), guards, checking, handler, node.name)
                    self.methods.setdefault(node.name, []).append(method)


def first_line(node: ast.stmt) -> int:
    """The line where a statement begins, its decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(d.lineno for d in decorators)])


def _flat(scope: ScopeBindings) -> Iterator[Binding]:
    for bindings in scope.names.values():
        yield from bindings


def _is_type_checking(test: ast.expr) -> bool:
    match test:
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return True
        case _:
            return False


def _changed(node: ast.stmt) -> tuple[frozenset[str], frozenset[str]]:
    """The names whose value a statement changes, and the attributes that it sets on them."""
    roots: set[str] = set()
    sets: set[str] = set()
    for inner in ast.walk(node) if isinstance(node, ast.For | ast.While | ast.With) else (node,):
        targets: Sequence[ast.expr] = ()
        match inner:
            case ast.Assign(targets=targets):
                pass
            case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
                targets = [target]
            case ast.Expr(value=ast.Call(func=function, args=arguments, keywords=keywords)):
                if isinstance(function, ast.Attribute):
                    roots |= _root(function)
                for argument in (*arguments, *(k.value for k in keywords)):
                    roots |= _root(argument)
            case _:
                pass
        for target in targets:
            if isinstance(target, ast.Attribute | ast.Subscript):
                roots |= _root(target)
                while isinstance(target, ast.Attribute):
                    sets.add(target.attr)
                    target = target.value
    return frozenset(roots), frozenset(sets)


def _root(node: ast.expr) -> set[str]:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def _uses(unit: Unit) -> Uses:
    uses = Uses()
    stack: list[tuple[ast.AST, frozenset[str]]] = [(g, frozenset()) for g in unit.guards]
    if isinstance(unit.node, ast.ClassDef):
        head = unit.node
        parts: list[ast.AST] = [*head.bases, *head.keywords, *head.decorator_list]
        parts += [member for member in head.body if not isinstance(member, FunctionNode)]
        stack += [(part, frozenset()) for part in parts]
    else:
        stack.append((unit.node, frozenset()))
    while stack:
        node, hidden = stack.pop()
        stack.extend(_step(node, hidden, uses))
    return uses


def _step(
    node: ast.AST, hidden: frozenset[str], uses: Uses
) -> Iterator[tuple[ast.AST, frozenset[str]]]:
    """Notes what one node uses; yields its parts, each with the names that are local there."""
    match node:
        case ast.Attribute():
            chain: list[str] = []
            base: ast.expr = node
            while isinstance(base, ast.Attribute):
                chain.append(base.attr)
                base = base.value
            uses.attributes.update(chain)
            if isinstance(base, ast.Name):
                if base.id not in hidden:
                    uses.chains.setdefault(base.id, set()).add(tuple(reversed(chain)))
            else:
                yield base, hidden
        case ast.Name(id=name, ctx=context):
            if name not in hidden and not isinstance(context, ast.Store):
                uses.chains.setdefault(name, set()).add(())
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            scope = collect_function(node, walrus=False)
            inner = {n for n, found in scope.names.items() if found[0].kind != "import"}
            inner -= scope.global_names
            yield from ((d, hidden) for d in node.decorator_list)
            yield node.args, hidden
            if node.returns is not None:
                yield node.returns, hidden
            yield from ((s, hidden | inner) for s in node.body)
        case ast.Lambda(args=arguments, body=body):
            scope = ScopeBindings()
            parameters(arguments, scope)
            yield arguments, hidden
            yield body, hidden | scope.names.keys()
        case ast.Import() | ast.ImportFrom():
            for name, found in collect([node], walrus=False).names.items():
                uses.imports.setdefault(name, []).extend(found)
        case _:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                match node.args:
                    case [_, ast.Constant(value=str() as text), *_] if node.func.id in _REFLECTION:
                        uses.attributes.add(text)
                    case _:
                        pass
            yield from ((child, hidden) for child in ast.iter_child_nodes(node))
