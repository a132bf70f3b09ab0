"""Which names a tree reads and binds, as it will be printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ...ir import nodes as ir
from ...ir.names import bound_names
from .originals import Originals

_WORD = re.compile(r"[^\W\d]\w*")


@dataclass(slots=True)
class Usage:
    """Names that are read and bound; strings of `__all__`; all imports.

    `symbols` and `references` are those whose text has to be made up. `outer`: names that are read
    but for those that a function reads of its own variables.
    """

    loads: set[str] = field(default_factory=lambda: set())
    outer: set[str] = field(default_factory=lambda: set())
    stores: set[str] = field(default_factory=lambda: set())
    symbols: set[str] = field(default_factory=lambda: set())
    references: set[tuple[str, str]] = field(default_factory=lambda: set())
    exported: set[str] = field(default_factory=lambda: set())
    imports: list[ir.Import] = field(default_factory=lambda: [])
    unhandled: bool = False

    def add(self, other: Usage) -> None:
        """Join the usage of another part."""
        self.loads |= other.loads
        self.outer |= other.outer
        self.stores |= other.stores
        self.symbols |= other.symbols
        self.references |= other.references
        self.exported |= other.exported
        self.imports += other.imports
        self.unhandled = self.unhandled or other.unhandled


def _target_names(node: ir.Node, usage: Usage) -> Iterator[ir.Node]:
    """Notes the names a target binds; yields the nodes in it that are read."""
    match node:
        case ir.Name():
            usage.stores.add(node.id)
        case ir.Tuple() | ir.List():
            for element in node.elements:
                yield from _target_names(element, usage)
        case ir.Starred():
            yield from _target_names(node.value, usage)
        case _:
            yield node


class UsageCollector:
    """Walks trees; a top-level statement that several trees share is walked once."""

    def __init__(self, originals: Originals) -> None:
        self.originals = originals
        self._known: dict[int, tuple[ir.Statement, Usage]] = {}

    def collect(self, module: ir.Module, *, verbatim: bool = False) -> Usage:
        """The usage of a module. `verbatim`: it is the original, so nothing in it is fresh."""
        total = Usage()
        for statement in module.body:
            known = self._known.get(id(statement))
            if known is None:
                shared = id(statement) in self.originals.whole
                usage = self._walk(statement, verbatim or shared)
                self._known[id(statement)] = (statement, usage)
            else:
                usage = known[1]
            total.add(usage)
        return total

    def _walk(self, root: ir.Node, verbatim: bool) -> Usage:
        usage = Usage()
        loads, outer = usage.loads, usage.outer
        stack: list[ir.Node] = [root]
        while stack:
            node = stack.pop()
            kind = type(node)
            if isinstance(node, ir.Name):
                loads.add(node.id)
                outer.add(node.id)
            elif kind in _LEAVES:
                pass
            elif kind in _SPECIAL:
                stack.extend(self._special(node, usage, verbatim))
            else:
                for name in ir.field_names(kind):
                    value = getattr(node, name)
                    if isinstance(value, ir.Node):
                        stack.append(value)
                    elif value.__class__ is tuple:
                        stack.extend([v for v in value if isinstance(v, ir.Node)])
                    elif value.__class__ is dict:
                        stack.extend([v for v in value.values() if isinstance(v, ir.Node)])
        return usage

    def _special(self, node: ir.Node, usage: Usage, verbatim: bool) -> list[ir.Node]:
        match node:
            case ir.Symbol() | ir.Reference():
                self._resolved(node, usage, verbatim)
                return []
            case ir.Unhandled():
                usage.unhandled = True
                return []
            case ir.OpaqueExpression() | ir.OpaqueStatement():
                usage.loads.update(words := _WORD.findall(node.text))
                usage.outer.update(words)
            case ir.Import():
                usage.imports.append(node)
                return []
            case ir.Scope():
                usage.stores.update(node.names)
            case ir.FunctionDef():
                self._body(node, usage, verbatim)
                body = {id(statement) for statement in node.body}
                return [n for n in self._binders(node, usage) if id(n) not in body]
            case _:
                return self._binders(node, usage)
        return list(ir.children(node))

    def _body(self, node: ir.FunctionDef, usage: Usage, verbatim: bool) -> None:
        """What the body of a function reads, of its own variables and others."""
        inner = Usage()
        for statement in node.body:
            inner.add(self._walk(statement, verbatim))
        own = bound_names(node.body) | {p.name for p in node.parameters}
        for statement in node.body:
            for part in ir.walk(statement):
                match part:
                    case ir.Scope(names=names):
                        own -= set(names)
                    case ir.Import(names=aliases):
                        own -= {a.alias or a.name.partition(".")[0] for a in aliases}
                    case _:
                        pass
        inner.outer -= own
        usage.add(inner)

    def _binders(self, node: ir.Node, usage: Usage) -> list[ir.Node]:
        """Nodes with targets, parameters or names of their own."""
        rest: list[ir.Node] = []
        targets: list[ir.Node] = []
        match node:
            case ir.Assign():
                targets = list(node.targets)
                if any(isinstance(t, ir.Name) and t.id == "__all__" for t in targets):
                    usage.exported.update(_strings(node.value))
            case ir.AnnotatedAssign() | ir.For() | ir.Generator() | ir.NamedExpression():
                targets = [node.target]
            case ir.WithItem():
                targets = [] if node.target is None else [node.target]
            case ir.AugmentedAssign():
                if isinstance(node.target, ir.Name) and node.target.id == "__all__":
                    usage.exported.update(_strings(node.value))
            case ir.FunctionDef() | ir.ClassDef() | ir.Parameter():
                usage.stores.add(node.name)
            case ir.Handler():
                if node.name:
                    usage.stores.add(node.name)
            case _:
                pass
        if isinstance(node, ir.Parameter | ir.AnnotatedAssign) and node.annotation is not None:
            for text in _strings(node.annotation):
                usage.loads.update(words := _WORD.findall(text))
                usage.outer.update(words)
        if isinstance(node, ir.FunctionDef) and node.returns is not None:
            for text in _strings(node.returns):
                usage.loads.update(words := _WORD.findall(text))
                usage.outer.update(words)
        if not targets:
            return list(ir.children(node))
        for target in targets:
            rest.extend(_target_names(target, usage))
        rest.extend(c for c in ir.children(node) if not any(c is t for t in targets))
        return rest

    def _resolved(self, node: ir.Symbol | ir.Reference, usage: Usage, verbatim: bool) -> None:
        if node.span is not None and (verbatim or self.originals.unchanged(node)):
            word = _WORD.match(self.originals.source.slice(node.span))
            if word:
                usage.loads.add(word.group())
                usage.outer.add(word.group())
        elif isinstance(node, ir.Symbol):
            usage.symbols.add(node.path)
        else:
            usage.references.add((node.module, node.name))


_LEAVES = frozenset({ir.Constant, ir.Pass, ir.Break, ir.Continue})
_SPECIAL = frozenset(
    {
        *(ir.Symbol, ir.Reference, ir.Unhandled, ir.OpaqueExpression, ir.OpaqueStatement),
        *(ir.Import, ir.Scope, ir.Assign, ir.AnnotatedAssign, ir.AugmentedAssign, ir.For),
        *(ir.Generator, ir.NamedExpression, ir.WithItem, ir.FunctionDef, ir.ClassDef),
        *(ir.Parameter, ir.Handler),
    }
)


def _strings(node: ir.Node) -> list[str]:
    return [
        n.value for n in ir.walk(node) if isinstance(n, ir.Constant) and isinstance(n.value, str)
    ]
