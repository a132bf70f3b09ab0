"""Facts about the shape of expressions: precedence, and what `ruff format` derives layouts from."""

from __future__ import annotations

from enum import IntEnum

from ...ir import nodes as ir


class Precedence(IntEnum):
    """How tightly an expression binds; a place asks for a minimum."""

    YIELD = 0
    NAMED = 1
    TEST = 2
    LAMBDA = 2
    CONDITIONAL = 3
    OR = 4
    AND = 5
    NOT = 6
    COMPARE = 7
    OR_BITS = 8
    XOR = 9
    AND_BITS = 10
    SHIFT = 11
    SUM = 12
    TERM = 13
    UNARY = 14
    POWER = 15
    AWAIT = 16
    ATOM = 17


P = Precedence

BINARY_PRECEDENCE = {
    "|": P.OR_BITS,
    "^": P.XOR,
    "&": P.AND_BITS,
    "<<": P.SHIFT,
    ">>": P.SHIFT,
    "+": P.SUM,
    "-": P.SUM,
    "*": P.TERM,
    "@": P.TERM,
    "/": P.TERM,
    "//": P.TERM,
    "%": P.TERM,
    "**": P.POWER,
}
_LINKS = (ir.Call, ir.OpCall, ir.Subscript)
_BRACKETED = (ir.Tuple, ir.List, ir.Set, ir.Dict, ir.Comprehension)


def precedence(node: ir.Expression) -> int:
    """How tightly the expression binds when printed without parentheses."""
    match node:
        case ir.OpaqueExpression():
            return P.AWAIT if node.text.startswith("await") else P.YIELD
        case ir.NamedExpression():
            return P.NAMED
        case ir.Lambda():
            return P.LAMBDA
        case ir.Conditional():
            return P.CONDITIONAL
        case ir.Boolean():
            return P.OR if node.operator == "or" else P.AND
        case ir.Unary():
            return P.NOT if node.operator == "not" else P.UNARY
        case ir.Compare():
            return P.COMPARE
        case ir.Binary():
            return BINARY_PRECEDENCE[node.operator]
        case ir.Constant(value=bool() | str() | bytes()):
            return P.ATOM
        case ir.Constant(value=complex() as number):
            return P.SUM if number.real else P.UNARY if number.imag < 0 else P.ATOM
        case ir.Constant(value=int() | float() as number):
            return P.UNARY if str(number).startswith("-") else P.ATOM
        case ir.Starred() | ir.Slice():
            return P.NAMED
        case _:
            return P.ATOM


def _inner(node: ir.Expression) -> ir.Expression | None:
    """What a call, subscript or attribute is applied to."""
    match node:
        case ir.Call() | ir.OpCall():
            return node.function
        case ir.Subscript() | ir.Attribute():
            return node.value
        case _:
            return None


def is_fluent(node: ir.Expression) -> bool:
    """A chain with at least two attributes of calls or subscripts breaks before its dots."""
    count = 0
    current = node
    while (inner := _inner(current)) is not None:
        attribute = isinstance(current, ir.Attribute)
        if precedence(inner) < P.ATOM:
            count += attribute
            break
        count += attribute and isinstance(inner, _LINKS)
        current = inner
    return count >= 2


def is_simple_power(node: ir.Expression) -> bool:
    """Operands around which `**` is written without spaces."""
    match node:
        case ir.Name() | ir.Symbol() | ir.Reference():
            return True
        case ir.Constant():
            return isinstance(node.value, int | float | complex)
        case ir.Attribute():
            return not isinstance(node.value, ir.Constant) and is_simple_power(node.value)
        case ir.Unary():
            return node.operator != "not" and isinstance(node.operand, ir.Constant | ir.Name)
        case _:
            return False


def is_simple_slice(node: ir.Expression) -> bool:
    """Bounds around which `:` is written without spaces."""
    if isinstance(node, ir.Unary):
        return node.operator != "not" and is_simple_slice(node.operand)
    return isinstance(node, ir.Constant | ir.Name)


def has_own_brackets(node: ir.Expression) -> bool:
    """Is it, or does it end in, a non-empty bracket?"""
    match node:
        case ir.Call():
            return bool(node.arguments)
        case ir.OpCall():
            return bool(node.bound or node.extra)
        case ir.Tuple() | ir.List() | ir.Set():
            return bool(node.elements)
        case ir.Dict():
            return bool(node.values)
        case _:
            return isinstance(node, ir.Comprehension)


class _Omit:
    """What decides whether optional parentheses may be left out.

    Operators outside brackets, both ends.
    """

    def __init__(self) -> None:
        self.brackets = False
        self.lowest = 99
        self.count = 0
        self.first: ir.Expression | None = None
        self.last: ir.Expression | None = None

    def note(self, rank: int, count: int = 1) -> None:
        if rank < self.lowest:
            self.lowest, self.count = rank, count
        elif rank == self.lowest:
            self.count += count

    def visit(self, node: ir.Expression) -> None:
        self.last = node
        if isinstance(node, _BRACKETED):
            self.brackets = True
            self.first = self.first or node
            return
        match node:
            case ir.Binary():
                self.note(precedence(node))
                self.operand(node.left, node, precedence(node))
                self.operand(node.right, node, precedence(node) + 1)
            case ir.Boolean():
                self.note(P.OR, len(node.operands) - 1)  # "and" and "or" count as one
                for operand in node.operands:
                    self.operand(operand, node, precedence(node) + 1)
            case ir.Compare():
                self.note(P.COMPARE, len(node.operators))
                for operand in (node.left, *node.comparators):
                    self.operand(operand, node, P.COMPARE + 1)
            case ir.Conditional():
                self.note(P.CONDITIONAL, 2)
                for operand in (node.then, node.test, node.otherwise):
                    self.operand(operand, node, P.CONDITIONAL + 1)
            case ir.Unary():
                if node.operator in ("not", "~"):
                    self.note(precedence(node))
                self.first = self.first or node
                self.operand(node.operand, node, precedence(node))
            case ir.Call() | ir.OpCall():
                self.brackets = True
                self.operand(node.function, node, P.ATOM)
                self.last = node
            case ir.Subscript():
                self.brackets = True
                self.operand(node.value, node, P.ATOM)
                self.last = node
            case ir.Attribute():
                self.operand(node.value, node, P.ATOM)
                if isinstance(node.value, _LINKS + _BRACKETED) or precedence(node.value) < P.ATOM:
                    self.note(P.ATOM + 1)
                self.last = node
            case _:
                self.first = self.first or node

    def operand(self, node: ir.Expression, parent: ir.Expression, at_least: int) -> None:
        if precedence(node) < at_least:
            self.brackets = True
            self.last = ir.Tuple((node,))
            self.first = self.first or self.last
        else:
            self.visit(node)


def may_omit_parentheses(node: ir.Expression) -> bool:
    """May it break in its own brackets instead of getting parentheses around it?"""
    found = _Omit()
    found.visit(node)
    if not found.brackets or found.count > 1:
        return False
    if found.lowest == 99:
        return True
    ends = (found.last, found.first)
    return any(
        e is not None and not isinstance(e, ir.Subscript) and has_own_brackets(e) for e in ends
    )


def parentheses_when_long(node: ir.Expression) -> str:
    """What `ruff format` does when the value of a statement is too long.

    "never", "useful" or "multiline".
    """
    match node:
        case ir.Name() | ir.Symbol() | ir.Reference() | ir.Constant() | ir.FormattedString():
            return "useful"
        case ir.Attribute():
            if is_fluent(node):
                return "multiline"
            return parentheses_when_long(node.value)
        case ir.Call() | ir.OpCall() | ir.Subscript():
            if is_fluent(node):
                return "multiline"
            inner = node.value if isinstance(node, ir.Subscript) else node.function
            needed = parentheses_when_long(inner)
            return "never" if needed == "useful" or precedence(inner) < P.ATOM else needed
        case ir.Starred() | ir.OpaqueExpression() | ir.Lambda():
            return "never"
        case _:
            return "never" if isinstance(node, _BRACKETED) else "multiline"
