"""Template text to IR expressions. Python's parser reads it; nothing is evaluated or compiled."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection
from dataclasses import dataclass

from ...ir.nodes import (
    Argument,
    Attribute,
    Binary,
    Boolean,
    Call,
    Compare,
    Comprehension,
    Conditional,
    Constant,
    Dict,
    Expression,
    Generator,
    Lambda,
    List,
    Name,
    Parameter,
    Set,
    Slice,
    Starred,
    Subscript,
    Symbol,
    Tuple,
    Unary,
)
from .errors import SYNTAX, Place, Problem, RuleError, invalid
from .namespaces import BUILTINS, RESERVED, canonical_target, is_source

OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.USub: "-",
    ast.UAdd: "+",
    ast.Invert: "~",
    ast.Not: "not",
    ast.And: "and",
    ast.Or: "or",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of a rule file: its text and where it starts."""

    text: str
    place: Place


def parse_python(text: Text) -> ast.expr:
    """The expression in `text`, line ends ignored. Raises RuleError where the mistake is."""
    try:
        return ast.parse("(" + text.text + "\n)", mode="eval").body
    except SyntaxError as error:
        lines = text.text.split("\n")
        line, column = error.lineno or 1, (error.offset or 1) - 1
        if line > len(lines):  # at the bracket added below: the text ends too early
            line, column = len(lines), len(lines[-1]) + (len(lines) == 1)
        place = _shift(text.place, line, column)
        raise RuleError([Problem(place, f"not an expression: {error.msg}", SYNTAX)]) from None
    except (RecursionError, MemoryError, ValueError):
        raise RuleError([Problem(text.place, "the expression nests too deeply", SYNTAX)]) from None


def _shift(start: Place, line: int, column: int) -> Place:
    """A place inside a text that begins at `start`, with the added bracket taken off the first
    line.
    """
    if line == 1:
        return Place(start.path, start.line, max(start.column, start.column + column - 1))
    return Place(start.path, start.line + line - 1, column + 1)


@dataclass(frozen=True, slots=True)
class Names:
    """What names mean in a template. `open` lets unknown names be metavariables (type patterns)."""

    variables: Collection[str]
    functions: Collection[str] = ()
    open: bool = False
    used: Callable[[str], None] = lambda name: None


def template(text: Text, names: Names) -> Expression:
    """Reads a template. Raises RuleError for syntax, unknown names and source symbols."""
    return _Converter(text, names).convert(parse_python(text), frozenset())


class _Converter:
    def __init__(self, text: Text, names: Names) -> None:
        self._text = text
        self._names = names

    def _error(self, node: ast.AST, message: str, hint: str | None = None) -> RuleError:
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        return invalid(_shift(self._text.place, line, column), message, hint)

    def _name(self, node: ast.Name, bound: frozenset[str]) -> Expression:
        names = self._names
        if node.id in bound:
            return Name(node.id)
        if node.id in names.variables or names.open:
            names.used(node.id)
            return Name("$" + node.id)
        if node.id in names.functions:
            return Name("@" + node.id)
        if node.id in BUILTINS:
            return Name(node.id)
        if is_source(node.id):
            raise self._error(node, f"a template may not use the source symbol `{node.id}`")
        known = ", ".join(sorted(set(names.variables) - RESERVED)) or "none"
        raise self._error(node, f"unknown name `{node.id}`", f"declared here: {known}")

    def _dotted(self, node: ast.expr, bound: frozenset[str]) -> str | None:
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id in bound or node.id in self._names.variables:
            return None
        return ".".join([node.id, *reversed(parts)])

    def _function(self, node: ast.expr, bound: frozenset[str]) -> Expression:
        """What is called: `dtype(dtype)` is the function of a parameter of the same name."""
        if isinstance(node, ast.Name) and node.id in self._names.functions and node.id not in bound:
            return Name("@" + node.id)
        return self.convert(node, bound)

    def convert(self, node: ast.expr, bound: frozenset[str]) -> Expression:
        def go(e: ast.expr) -> Expression:
            return self.convert(e, bound)

        def many(es: list[ast.expr]) -> tuple[Expression, ...]:
            return tuple(go(e) for e in es)

        match node:
            case ast.Constant(value=value):
                return Constant(value)
            case ast.Name() | ast.Attribute():
                dotted = self._dotted(node, bound)
                target = canonical_target(dotted) if dotted else None
                if target is not None:
                    return Symbol(target)
                if dotted is not None and "." in dotted and is_source(dotted):
                    raise self._error(node, f"a template may not use the source symbol `{dotted}`")
                if isinstance(node, ast.Attribute):
                    return Attribute(go(node.value), node.attr)
                return self._name(node, bound)
            case ast.Call():
                positional = [
                    Argument(go(a.value), star="*")
                    if isinstance(a, ast.Starred)
                    else Argument(go(a))
                    for a in node.args
                ]
                keywords = [
                    Argument(go(k.value), k.arg, "" if k.arg else "**") for k in node.keywords
                ]
                return Call(self._function(node.func, bound), (*positional, *keywords))
            case ast.Subscript(value=value, slice=index):
                return Subscript(go(value), go(index))
            case ast.Slice(lower=lower, upper=upper, step=step):
                return Slice(*(None if e is None else go(e) for e in (lower, upper, step)))
            case ast.BinOp(left=left, op=op, right=right):
                return Binary(OPERATORS[type(op)], go(left), go(right))
            case ast.UnaryOp(op=op, operand=operand):
                return Unary(OPERATORS[type(op)], go(operand))
            case ast.BoolOp(op=op, values=values):
                return Boolean(OPERATORS[type(op)], many(values))
            case ast.Compare(left=left, ops=ops, comparators=right):
                return Compare(go(left), tuple(OPERATORS[type(op)] for op in ops), many(right))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return Conditional(go(test), go(body), go(orelse))
            case ast.Tuple(elts=elements):
                return Tuple(many(elements))
            case ast.List(elts=elements):
                return List(many(elements))
            case ast.Set(elts=elements):
                return Set(many(elements))
            case ast.Dict(keys=keys, values=values):
                return Dict(tuple(None if k is None else go(k) for k in keys), many(values))
            case ast.Starred(value=value):
                return Starred(go(value))
            case ast.Lambda() | ast.ListComp() | ast.GeneratorExp() | ast.SetComp():
                return self._binder(node, bound)
            case _:
                raise self._error(node, f"`{type(node).__name__}` is not allowed in a template")

    def _binder(
        self,
        node: ast.Lambda | ast.ListComp | ast.GeneratorExp | ast.SetComp,
        bound: frozenset[str],
    ) -> Expression:
        if isinstance(node, ast.Lambda):
            arguments = node.args
            if arguments.posonlyargs or arguments.kwonlyargs or arguments.vararg or arguments.kwarg:
                raise self._error(node, "a lambda in a template takes plain parameters only")
            inner = bound | {a.arg for a in arguments.args}
            first = len(arguments.args) - len(arguments.defaults)
            defaults = [None] * first + [self.convert(d, bound) for d in arguments.defaults]
            parameters = tuple(
                Parameter(a.arg, default=d) for a, d in zip(arguments.args, defaults, strict=True)
            )
            return Lambda(parameters, self.convert(node.body, inner))
        kinds: dict[type[ast.expr], str] = {ast.ListComp: "list", ast.SetComp: "set"}
        kind = kinds.get(type(node), "generator")
        generators: list[Generator] = []
        for clause in node.generators:
            iterable = self.convert(clause.iter, bound)
            bound = bound | {n.id for n in ast.walk(clause.target) if isinstance(n, ast.Name)}
            tests = tuple(self.convert(test, bound) for test in clause.ifs)
            generators.append(Generator(self.convert(clause.target, bound), iterable, tests))
        return Comprehension(kind, self.convert(node.elt, bound), None, tuple(generators))
