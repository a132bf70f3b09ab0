"""Which nodes of the new tree still stand for a piece of the original text."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from ...ir import nodes as ir
from ...ir.span import Span
from .blocks import bodies, first_line
from .source import SourceText

Statement = ir.Statement
_CALLS = (ir.Call, ir.OpCall)


class Originals:
    """The original tree by span, indexed one top-level statement at a time, when asked."""

    def __init__(
        self,
        module: ir.Module,
        source: SourceText,
        renamed: frozenset[tuple[str, str]] = frozenset(),
    ) -> None:
        self.source = source
        self.renamed = renamed
        self._body = [s for s in module.body if s.span is not None]
        self.whole = {id(s) for s in self._body}  # top-level statements: no index needed
        self._starts = [first_line(s) for s in self._body]
        self._indexed: dict[int, dict[Span, list[ir.Node]]] = {}
        self._same: dict[int, bool] = {}
        self._ends: list[int] | None = None
        self._keep: list[ir.Node] = []  # ids in `_same` stay valid while the nodes live

    def at(self, span: Span) -> list[ir.Node]:
        """The original nodes with exactly this span, outermost first."""
        index = bisect_right(self._starts, span.start_line) - 1
        found: list[ir.Node] = []
        while index >= 0 and not found:
            table = self._indexed.get(index)
            if table is None:
                table = self._indexed[index] = {}
                for node in ir.walk(self._body[index]):
                    if node.span is not None:
                        table.setdefault(node.span, []).append(node)
            found = table.get(span, [])
            if self._starts[index] < span.start_line:
                break
            index -= 1  # statements joined by semicolons share a line
        return found

    def statement_ends(self) -> list[int]:
        """The offsets at which statements end, in order."""
        if self._ends is None:
            ends: list[int] = []
            stack = list(self._body)
            while stack:
                node = stack.pop()
                if node.span is not None:
                    ends.append(self.source.range(node.span)[1])
                for body in bodies(node):
                    stack.extend(body)
            self._ends = sorted(set(ends))
        return self._ends

    def find(self, node: ir.Node) -> ir.Node | None:
        """The original of a node: the same span and the same kind of node."""
        if node.span is None:
            return None
        kinds = _CALLS if isinstance(node, _CALLS) else (type(node),)
        for candidate in self.at(node.span):
            if candidate is node or type(candidate) in kinds:
                return candidate
        return None

    def statement(self, node: Statement) -> Statement | None:
        """The original statement at the span of a statement, of whatever kind."""
        if node.span is None:
            return None
        if id(node) in self.whole:
            return node
        found = [n for n in self.at(node.span) if isinstance(n, Statement)]
        for candidate in found:
            if type(candidate) is type(node):
                return candidate
        return found[0] if found else None

    def unchanged(self, node: ir.Node) -> bool:
        """Does the text at the node's span still say what the node says?"""
        if id(node) in self.whole:
            return True
        known = self._same.get(id(node))
        if known is None:
            old = self.find(node)
            known = old is not None and self.same(node, old)
            self._same[id(node)] = known
            self._keep.append(node)
        return known

    def same(self, new: ir.Node, old: ir.Node) -> bool:
        """Are two trees equal but for spans?"""
        if new is old:
            return True
        if type(new) is not type(old):
            return False
        if isinstance(new, Statement) and new.comments != getattr(old, "comments", ()):
            return False
        if isinstance(new, ir.Constant) and isinstance(old, ir.Constant):
            return same_constant(new.value, old.value)
        if isinstance(new, ir.Reference) and (new.module, new.name) in self.renamed:
            return False
        return all(
            self._same_value(getattr(new, name), getattr(old, name))
            for name in ir.field_names(type(new))
        )

    def _same_value(self, new: Any, old: Any) -> bool:
        if new is old:
            return True
        if isinstance(new, ir.Node):
            return isinstance(old, ir.Node) and self.same(new, old)
        if isinstance(new, tuple):
            return (
                isinstance(old, tuple)
                and len(new) == len(old)  # pyright: ignore[reportUnknownArgumentType]
                and all(map(self._same_value, new, old))  # pyright: ignore[reportUnknownArgumentType]
            )
        if isinstance(new, dict):
            return (
                isinstance(old, dict)
                and list(new) == list(old)  # pyright: ignore[reportUnknownArgumentType]
                and all(map(self._same_value, new.values(), old.values()))  # pyright: ignore
            )
        return new == old

    def verbatim(self, node: ir.Node) -> str | None:
        """The text of a node that did not change, with "\\n" line ends; None otherwise."""
        if node.span is None or not self.unchanged(node):
            return None
        text = self.source.slice(node.span)
        return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def same_constant(new: Any, old: Any) -> bool:
    """Equal in type and value; -0.0 differs from 0.0 and NaN equals itself."""
    return type(new) is type(old) and (new is old or repr(new) == repr(old))
