"""Expressions as documents, laid out as `ruff format` would.

`verbatim` says which nodes still have their source text; that text is used wherever it fits on the
line, and leaves (strings, numbers) keep theirs always.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...ir import nodes as ir
from .displays import comprehension_doc, dict_doc, display_doc, slice_doc, tuple_doc
from .layout import LINE, SOFT, Doc, Group, IfBreak, Indent, OptionalParentheses, flat, join
from .literals import constant_literal, fstring_literal
from .operators import conditional_doc, operators_doc
from .shapes import (
    Precedence,
    is_fluent,
    may_omit_parentheses,
    parentheses_when_long,
    precedence,
)
from .source import comments_in, split_commas
from .spelling import Spelling

P = Precedence
Verbatim = Callable[[ir.Node], "str | None"]


_DISPLAYS = (ir.Tuple, ir.List, ir.Set, ir.Dict)


def _asks_for_lines(text: str) -> bool:
    """Does a display over several lines end in a comma, so that a formatter leaves its lines?"""
    return text[-1] in ")]}" and text[:-1].rstrip().endswith(",")


def nothing_verbatim(node: ir.Node) -> str | None:
    """For trees without source text."""
    return None


def is_parenthesized(text: str) -> bool:
    """Does the text of a tuple have its own parentheses?"""
    if not text.startswith("("):
        return False
    inner = split_commas(text, 0, len(text))
    return len(inner) == 1 and text.endswith(")")


class ExpressionPrinter:
    """Turns expressions into documents.

    `inside` below means: within brackets, so that any line may break.
    """

    def __init__(
        self,
        verbatim: Verbatim = nothing_verbatim,
        quote: str = '"',
        spelling: Spelling | None = None,
    ) -> None:
        self.verbatim = verbatim
        self.quote = quote
        self.spelling = spelling

    def quoting(self, outer: str, verbatim: Verbatim | None = None) -> ExpressionPrinter:
        """A printer for what stands inside a string with these quotes."""
        other = "'" if outer[0] == '"' else '"'
        return ExpressionPrinter(verbatim or self.verbatim, other, self.spelling)

    def doc(
        self,
        node: ir.Expression,
        at_least: int = P.TEST,
        inside: bool = True,
        bare_tuple: bool = False,
    ) -> Doc:
        """The document of an expression in a place that needs this precedence at least."""
        rank = precedence(node)
        if isinstance(node, ir.Tuple) and not bare_tuple:
            rank = P.ATOM
        wrap = rank < at_least and not (isinstance(node, ir.Tuple) and bare_tuple)
        fresh = self._fresh(node, inside or wrap, bare_tuple)
        text = self.verbatim(node)
        result: Doc = fresh
        if text is not None:
            if isinstance(node, ir.Tuple) and not bare_tuple and not is_parenthesized(text):
                text = f"({text})"
            if isinstance(node, ir.Constant | ir.Name | ir.Symbol | ir.Reference):
                result = text if wrap or "\\\n" not in text else fresh
            elif isinstance(node, ir.FormattedString):
                result = text
            elif "\n" not in text and "\r" not in text:
                result = Group(IfBreak(fresh, text))
            elif comments_in(text):
                result = text
            elif isinstance(node, _DISPLAYS) and isinstance(fresh, Group) and _asks_for_lines(text):
                result = Group(fresh.body, broken=True)
        return Group(("(", Indent((SOFT, result)), SOFT, ")")) if wrap else result

    def value(
        self, node: ir.Expression, bare: bool = False, always: bool = False, in_lambda: bool = False
    ) -> Doc:
        """The value of a statement: parentheses are added when it is too long for its line.

        `bare`: a tuple needs no parentheses; `always`: add them even where they do not make it fit.
        """
        if precedence(node) == P.YIELD:
            return self.doc(node, P.YIELD, inside=False)
        if bare and isinstance(node, ir.Tuple):
            return self.target(node)
        outside = self.doc(node, P.NAMED, inside=False)
        needed = parentheses_when_long(node)
        if in_lambda and isinstance(node, ir.Lambda):
            needed = "multiline"
        if needed == "never":
            return outside
        within = self.doc(node, P.NAMED)
        omit = needed == "multiline" and not in_lambda and may_omit_parentheses(node)
        return OptionalParentheses(outside, within, omit, needed == "useful" and not always)

    def target(self, node: ir.Expression) -> Doc:
        """A target, or a tuple that is returned: parentheses only where they are needed."""
        text = self.verbatim(node)
        if not isinstance(node, ir.Tuple) or (text is not None and is_parenthesized(text)):
            return self.doc(node, P.NAMED, inside=False)
        if len(node.elements) < 2:
            return self.doc(node, P.NAMED, inside=False)
        flat_form = self.doc(node, P.NAMED, inside=False, bare_tuple=True)
        return Group(IfBreak(self._fresh(node, True, False), flat_form))

    def _fresh(self, node: ir.Expression, inside: bool, bare_tuple: bool) -> Doc:
        match node:
            case ir.Constant():
                return constant_literal(node.value, self.quote)
            case ir.Name():
                return node.id
            case ir.Symbol():
                return self.spelling.symbol(node.path) if self.spelling else node.path
            case ir.Reference():
                if self.spelling:
                    return self.spelling.reference(node.module, node.name)
                return node.name
            case ir.Attribute():
                return self._chain(node, inside)
            case ir.Subscript():
                return self._chain(node, inside)
            case ir.Call() | ir.OpCall():
                return self._chain(node, inside)
            case ir.Slice():
                return slice_doc(self, node)
            case ir.Binary() | ir.Boolean() | ir.Compare():
                return operators_doc(self, node, inside)
            case ir.Unary():
                space = " " if node.operator == "not" else ""
                rank = P.NOT if node.operator == "not" else P.UNARY
                if rank == P.UNARY and precedence(node.operand) == P.POWER:
                    rank = P.AWAIT  # `-(x**2)`: not needed, but it is how the formatter has it
                return (node.operator + space, self.doc(node.operand, rank, inside))
            case ir.Conditional():
                return conditional_doc(self, node, inside)
            case ir.Tuple():
                return tuple_doc(self, node, bare_tuple)
            case ir.List():
                return display_doc(self, "[", node.elements, "]")
            case ir.Set():
                if not node.elements:
                    return "{*()}"
                return display_doc(self, "{", node.elements, "}")
            case ir.Dict():
                return dict_doc(self, node)
            case ir.Starred():
                return ("*", self.doc(node.value, P.OR_BITS, inside))
            case ir.Lambda():
                parameters = [self.parameter(p) for p in node.parameters]
                head = flat(join(self.with_markers(node.parameters, parameters), ", "))
                return (
                    f"lambda {head}: " if head else "lambda: ",
                    self.value(node.body, in_lambda=True),
                )
            case ir.Comprehension():
                return comprehension_doc(self, node)
            case ir.FormattedString():
                return self._fstring(node)
            case ir.NamedExpression():
                return (self.doc(node.target), " := ", self.doc(node.value, P.TEST, inside))
            case ir.OpaqueExpression():
                return node.text
            case ir.Unhandled():
                return "..."
            case _:
                raise TypeError(f"cannot print {type(node).__name__}")

    # --------------------------------------------------------------------------------------- chains

    def _chain(self, node: ir.Expression, inside: bool) -> Doc:
        """Calls, subscripts and attributes.

        In brackets, long chains of calls break before the dots.
        """
        fluent = inside and is_fluent(node)
        parts: list[Doc] = []
        links: list[ir.Expression] = []
        current: ir.Expression = node
        while isinstance(current, ir.Attribute | ir.Subscript | ir.Call | ir.OpCall):
            links.append(current)
            current = (
                current.function if isinstance(current, ir.Call | ir.OpCall) else current.value
            )
        head = self.doc(current, P.ATOM, inside)
        if isinstance(current, ir.Constant) and isinstance(current.value, int):
            head = ("(", head, ")")
        parts.append(head)
        previous: ir.Expression = current
        for link in reversed(links):
            if isinstance(link, ir.Attribute):
                called = isinstance(previous, ir.Call | ir.OpCall | ir.Subscript)
                called = called or precedence(previous) < P.ATOM
                parts.append((SOFT if fluent and called else "", "." + link.attribute))
            elif isinstance(link, ir.Subscript):
                index = self.doc(link.index, P.NAMED, bare_tuple=True)
                parts.append(Group(("[", Indent((SOFT, index)), SOFT, "]")))
            elif isinstance(link, ir.Call | ir.OpCall):
                parts.append(self.arguments(call_arguments(link)))
            previous = link
        if fluent:
            return Group(tuple(parts))
        return tuple(parts)

    def argument(self, node: ir.Argument) -> Doc:
        """One argument of a call or base of a class."""
        if node.keyword is not None:
            return (node.keyword + "=", self.doc(node.value))
        if node.star:
            return (node.star, self.doc(node.value, P.OR_BITS if node.star == "*" else P.TEST))
        return self.doc(node.value, P.NAMED)

    def arguments(self, arguments: Sequence[ir.Argument]) -> Doc:
        """The bracketed argument list of a call or class."""
        if not arguments:
            return "()"
        if len(arguments) == 1:
            value = arguments[0].value
            plain = arguments[0].keyword is None and not arguments[0].star
            if plain and isinstance(value, ir.Comprehension) and value.kind == "generator":
                return self.doc(value)
        return self.bracketed([self.argument(a) for a in arguments])

    def bracketed(self, items: Sequence[Doc]) -> Doc:
        """Items in parentheses: on one line, then indented on one line, then one a line."""
        inner = Group((join(items, (",", LINE)), IfBreak(",")))
        return Group(("(", Indent((SOFT, inner)), SOFT, ")"))

    def parameter(self, node: ir.Parameter) -> Doc:
        """One parameter of a function or lambda."""
        star = {"varargs": "*", "kwargs": "**"}.get(node.kind, "")
        out: list[Doc] = [star + node.name]
        if node.annotation is not None:
            out += [": ", self.doc(node.annotation, P.NAMED)]
        if node.default is not None:
            out += [" = " if node.annotation is not None else "=", self.doc(node.default)]
        return tuple(out)

    def with_markers(self, nodes: Sequence[ir.Parameter], items: Sequence[Doc]) -> list[Doc]:
        """The parameters with the `/` and `*` that their kinds call for."""
        out: list[Doc] = []
        star = False
        for i, (node, item) in enumerate(zip(nodes, items, strict=True)):
            if node.kind == "keyword_only" and not star:
                out.append("*")
                star = True
            star = star or node.kind == "varargs"
            out.append(item)
            last = i + 1 == len(nodes) or nodes[i + 1].kind != "positional_only"
            if node.kind == "positional_only" and last:
                out.append("/")
        return out

    def _fstring(self, node: ir.FormattedString) -> Doc:
        inner = self.quoting(self.quote)
        pieces: list[tuple[str, str | None]] = []
        for part, spec in zip(node.parts, node.formats, strict=True):
            if isinstance(part, ir.Constant) and isinstance(part.value, str) and not spec:
                pieces.append((part.value, None))
            else:
                pieces.append((flat(inner.doc(part, P.CONDITIONAL)), spec))
        return fstring_literal(pieces)


def call_arguments(node: ir.Call | ir.OpCall) -> tuple[ir.Argument, ...]:
    """The arguments of a call; an operation made by the compiler passes all it binds by name."""
    if isinstance(node, ir.Call):
        return node.arguments
    stars = tuple(a for a in node.extra if a.keyword is None and a.star != "**")
    named = tuple(ir.Argument(v, k) for k, v in node.bound.items())
    return stars + named + tuple(a for a in node.extra if a not in stars)
