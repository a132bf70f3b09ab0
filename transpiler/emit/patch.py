"""Patches: the edits that turn the original text of a node into that of its new version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...ir import nodes as ir
from .edits import CannotPatch, Edit
from .expressions import ExpressionPrinter
from .fstrings import fstring_edits
from .layout import Doc
from .lists import ListText, align, list_edits
from .originals import Originals
from .places import Slot, slots
from .shapes import Precedence
from .source import closing, scan, solid, split_commas

P = Precedence


@dataclass(frozen=True, slots=True)
class Item:
    """An argument or element: the text before its value, and the value."""

    prefix: str
    value: ir.Expression


class Patcher:
    """Computes edits. Every method adds to `edits` or raises CannotPatch."""

    def __init__(self, originals: Originals, printer: ExpressionPrinter) -> None:
        self.originals = originals
        self.source = originals.source
        self.printer = printer

    def node(self, new: ir.Node, old: ir.Node) -> list[Edit]:
        """The edits for one node, whose own place in the text stays."""
        if new is old or self.originals.same(new, old):
            return []
        calls = (ir.Call, ir.OpCall)
        if isinstance(new, calls) and isinstance(old, calls):
            return self._call(new, old)
        if type(new) is not type(old):
            raise CannotPatch
        match new, old:
            case ((ir.Constant() | ir.Name() | ir.Symbol() | ir.Reference()), _):
                raise CannotPatch
            case ir.Attribute(), ir.Attribute():
                return self._attribute(new, old)
            case ir.Tuple() | ir.List() | ir.Set(), ir.Tuple() | ir.List() | ir.Set():
                if len(new.elements) != len(old.elements):
                    return self._elements(new, old)
            case ir.FormattedString(), ir.FormattedString():
                return fstring_edits(self.originals, self.printer, new, old)
            case ir.Lambda(), ir.Lambda():
                if len(new.parameters) != len(old.parameters):
                    raise CannotPatch
            case _:
                pass
        return self.slots(new, old)

    def slots(self, new: ir.Node, old: ir.Node) -> list[Edit]:
        """Child by child, where both have the same shape."""
        out: list[Edit] = []
        for a, b in zip(slots(new), slots(old), strict=False):
            if isinstance(a, Slot) and isinstance(b, Slot):
                out += self.child(a, b.child, old)
            elif a != b or isinstance(a, Slot):
                raise CannotPatch
        return out

    def child(self, slot: Slot, old: ir.Node, parent: ir.Node, *, own: bool = False) -> list[Edit]:
        """Patch a child in place, or else replace its text.

        `own`: brackets next to it are the parent's.
        """
        new = slot.child
        if new is old or self.originals.same(new, old):
            return []
        try:
            # A node from elsewhere, put in the place of another: its own text is the better start.
            if old.span is None or (new.span is not None and new.span != old.span):
                raise CannotPatch
            return self.node(new, old)
        except CannotPatch:
            if old.span is None or not isinstance(new, ir.Expression):
                raise
            return [self._replace(slot, new, old, parent, own)]

    def _replace(
        self, slot: Slot, new: ir.Expression, old: ir.Node, parent: ir.Node, own: bool
    ) -> Edit:
        assert old.span is not None
        start, end = self.source.range(old.span)
        around = None if own else self.grouping(start, end, parent)
        doc: Doc
        if slot.whole and not around:
            return Edit(start, end, self.whole(new, slot.bare))
        if around and "#" not in self.source.text[around[0] : around[1]]:
            start, end = around
            if slot.whole:
                return Edit(start, end, self.whole(new, slot.bare))
            doc = self.printer.doc(new, slot.at_least, inside=False, bare_tuple=slot.bare)
        elif around:
            doc = self.printer.doc(new, P.YIELD, inside=True, bare_tuple=True)
        else:
            inside = isinstance(
                parent, ir.Call | ir.OpCall | ir.List | ir.Set | ir.Dict | ir.Argument
            )
            doc = self.printer.doc(new, slot.at_least, inside=inside, bare_tuple=slot.bare)
        return Edit(start, end, doc)

    def whole(self, new: ir.Expression, bare: bool = False) -> Doc:
        """The value of a statement: parentheses are added when it is too long for its line."""
        return self.printer.value(new, bare)

    def grouping(self, start: int, end: int, parent: ir.Node) -> tuple[int, int] | None:
        """The offsets of parentheses directly around a child that are not part of the parent's
        syntax.
        """
        if parent.span is None:
            return None
        low, high = self.source.range(parent.span)
        text = self.source.text
        before = text[low:start].rstrip()
        if not before.endswith("(") or "#" in text[low + len(before) : start]:
            return None
        after = next(solid(text, end, high), None)
        if after is None or after.text != ")":
            return None
        return low + len(before) - 1, after.end

    def _attribute(self, new: ir.Attribute, old: ir.Attribute) -> list[Edit]:
        assert old.span is not None
        edits = self.child(Slot(new.value, P.ATOM), old.value, old)
        if new.attribute != old.attribute:
            end = self.source.range(old.span)[1]
            edits.append(Edit(end - len(old.attribute), end, new.attribute))
        return edits

    # ---------------------------------------------------------------------------------------- lists

    def item(self, argument: ir.Argument) -> Item:
        """An argument as an item of a list."""
        prefix = f"{argument.keyword}=" if argument.keyword is not None else argument.star
        return Item(prefix, argument.value)

    def _call(self, new: ir.Call | ir.OpCall, old: ir.Call | ir.OpCall) -> list[Edit]:
        if old.span is None or old.function.span is None:
            raise CannotPatch
        text = self.source.text
        end = self.source.range(old.span)[1]
        after_function = self.source.range(old.function.span)[1]
        opening = next((t for t in solid(text, after_function, end) if t.text != ")"), None)
        if opening is None or opening.text != "(":
            raise CannotPatch
        edits = self.child(Slot(new.function, P.ATOM), old.function, old)
        segments = split_commas(text, opening.end, end - 1)
        old_values = _call_values(old)
        if len(segments) != len(old_values):
            raise CannotPatch
        bare_generator = len(old_values) == 1 and self._starts_at(old_values[0], opening.start)
        news = self._new_arguments(new, old, old_values, segments)
        if bare_generator:
            if len(news) != 1 or news[0].prefix or not isinstance(news[0].value, ir.Comprehension):
                raise CannotPatch
            return edits + self.node(news[0].value, old_values[0])
        olds = [Item(self._prefix(s, v), v) for s, v in zip(segments, old_values, strict=True)]
        brackets = ListText(opening.end, end - 1, tuple(segments))
        return edits + self.items(news, olds, brackets, old)

    def _starts_at(self, node: ir.Node, offset: int) -> bool:
        return node.span is not None and self.source.range(node.span)[0] == offset

    def _prefix(self, segment: tuple[int, int], value: ir.Node) -> str:
        """`name=`, `*` or `**` as an argument is written."""
        if value.span is None:
            raise CannotPatch
        tokens = list(solid(self.source.text, segment[0], self.source.range(value.span)[0]))
        if tokens and tokens[0].text in ("*", "**"):
            return tokens[0].text
        if len(tokens) > 1 and tokens[0].kind == "name" and tokens[1].text == "=":
            return tokens[0].text + "="
        return ""

    def _new_arguments(
        self,
        new: ir.Call | ir.OpCall,
        old: ir.Call | ir.OpCall,
        old_values: Sequence[ir.Expression],
        segments: Sequence[tuple[int, int]],
    ) -> list[Item]:
        if isinstance(new, ir.Call):
            return [self.item(a) for a in new.arguments]
        if not isinstance(old, ir.OpCall) or len(new.extra) != len(old.extra):
            raise CannotPatch
        at = {id(v): i for i, v in enumerate(old_values)}
        placed: list[tuple[float, Item]] = []
        for name, value in new.bound.items():
            before = old.bound.get(name)
            if before is None:
                placed.append((len(segments), Item(f"{name}=", value)))
            else:
                i = at[id(before)]
                placed.append((i, Item(self._prefix(segments[i], before), value)))
        for argument, before in zip(new.extra, old.extra, strict=True):
            prefix = f"{argument.keyword}=" if argument.keyword is not None else argument.star
            placed.append((at[id(before.value)], Item(prefix, argument.value)))
        return [item for _, item in sorted(placed, key=lambda p: p[0])]

    def _elements(
        self, new: ir.Tuple | ir.List | ir.Set, old: ir.Tuple | ir.List | ir.Set
    ) -> list[Edit]:
        if old.span is None or min(len(new.elements), len(old.elements)) < 2:
            raise CannotPatch  # one-element tuples need their comma
        start, end = self.source.range(old.span)
        text = self.source.text
        if text[start] not in "([{" or closing(text, start) != end - 1:
            raise CannotPatch
        segments = split_commas(text, start + 1, end - 1)
        if len(segments) != len(old.elements):
            raise CannotPatch
        brackets = ListText(start + 1, end - 1, tuple(segments))
        items = [[Item("", e) for e in n.elements] for n in (new, old)]
        return self.items(items[0], items[1], brackets, old)

    def items(
        self, news: Sequence[Item], olds: Sequence[Item], brackets: ListText, parent: ir.Node
    ) -> list[Edit]:
        """Edits of a comma-separated list.

        Kept items patched, others replaced, removed or inserted.
        """
        pairs = align([(i.prefix, i.value) for i in news], [(i.prefix, i.value) for i in olds])
        if pairs is None:
            raise CannotPatch
        out: list[Edit] = []
        for i, j in pairs:
            new, old = news[i], olds[j]
            assert old.value.span is not None
            start = brackets.segments[j][0]
            value_start = self.source.range(old.value.span)[0]
            if new.prefix != old.prefix:
                out.append(
                    Edit(start, self._value_start(start, value_start, old.prefix), new.prefix)
                )
            at_least = P.OR_BITS if new.prefix == "*" else P.TEST if new.prefix else P.NAMED
            out += self.child(Slot(new.value, at_least), old.value, parent, own=True)
        docs: list[Doc] = [
            (n.prefix, self.printer.doc(n.value, P.TEST if n.prefix else P.NAMED)) for n in news
        ]
        return out + list_edits(self.source, brackets, pairs, docs)

    def _value_start(self, start: int, value_start: int, prefix: str) -> int:
        """Where the value starts, with the parentheses around it."""
        if not prefix:
            return start
        tokens = list(solid(self.source.text, start, value_start))
        last = tokens[1 if prefix.endswith("=") else 0]
        space = next(scan(self.source.text, last.end), None)
        return space.end if space and space.kind == "space" else last.end


def _call_values(node: ir.Call | ir.OpCall) -> list[ir.Expression]:
    """The argument values of a call in source order."""
    if isinstance(node, ir.Call):
        return [a.value for a in node.arguments]
    values = [*node.bound.values(), *(a.value for a in node.extra)]
    if any(v.span is None for v in values):
        raise CannotPatch
    return sorted(
        values, key=lambda v: (v.span.start_line, v.span.start_column) if v.span else (0, 0)
    )
