"""Source text such as `keras.layers.Dense(4)` to IR, and target IR to text, for proofs of rules."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from tfjax.ir.nodes import (
    Argument,
    Attribute,
    Binary,
    Call,
    Constant,
    Dict,
    Expression,
    Lambda,
    List,
    Name,
    Node,
    OpCall,
    Parameter,
    Slice,
    Subscript,
    Symbol,
    Tuple,
    Unary,
    map_children,
)
from tfjax.rules.api import SourceApi
from tfjax.rules.language import RuleSet
from tfjax.rules.language.facts import Facts
from tfjax.rules.language.namespaces import TARGETS
from tfjax.rules.language.template import OPERATORS
from tfjax.transpiler.emit.expressions import ExpressionPrinter
from tfjax.transpiler.emit.layout import flat
from tfjax.transpiler.rewrite import Refused, Rewritten, rewrite_call, rewrite_value

SOURCES = ("tf", "keras")


class RefusedError(Exception):
    """A rule says no; `refused` holds code and message."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(f"{refused.code}: {refused.message}")
        self.refused = refused


def read(text: str, flavour: str) -> Expression:
    """An expression; API calls are bound by the real signatures of the Keras version."""
    return _read(ast.parse(text, mode="eval").body, flavour)


def _read(node: ast.expr, flavour: str) -> Expression:
    def go(e: ast.expr) -> Expression:
        return _read(e, flavour)

    match node:
        case ast.Constant(value=value):
            return Constant(value)
        case ast.Name(id=name):
            return Name(name)
        case ast.Attribute(value=value, attr=attr):
            path = _dotted(node)
            if path.split(".")[0] in SOURCES:
                return Symbol(SourceApi.load().canonical(path) or path)
            return Attribute(go(value), attr)
        case ast.Call(func=func, args=args, keywords=keywords):
            path = _dotted(func)
            if path.split(".")[0] in SOURCES:
                symbol = SourceApi.load().canonical(path) or path
                named = {k.arg or "": go(k.value) for k in keywords}
                return _bound(symbol, [go(a) for a in args], named, flavour)
            arguments = [Argument(go(a)) for a in args]
            return Call(go(func), (*arguments, *(Argument(go(k.value), k.arg) for k in keywords)))
        case ast.Tuple(elts=elements):
            return Tuple(tuple(map(go, elements)))
        case ast.List(elts=elements):
            return List(tuple(map(go, elements)))
        case ast.Dict(keys=keys, values=values):
            return Dict(tuple(go(k) if k else None for k in keys), tuple(map(go, values)))
        case ast.UnaryOp(op=op, operand=operand):
            return Unary(OPERATORS[type(op)], go(operand))
        case ast.BinOp(left=left, op=op, right=right):
            return Binary(OPERATORS[type(op)], go(left), go(right))
        case ast.Subscript(value=value, slice=index):
            return Subscript(go(value), go(index))
        case ast.Slice(lower=lower, upper=upper, step=step):
            return Slice(*(None if e is None else go(e) for e in (lower, upper, step)))
        case ast.Lambda(args=arguments, body=body):
            return Lambda(tuple(Parameter(a.arg) for a in arguments.args), go(body))
        case _:
            raise NotImplementedError(ast.dump(node))


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return "?"


def _bound(
    symbol: str, values: Sequence[Expression], named: dict[str, Expression], flavour: str
) -> OpCall:
    signature = SourceApi.load().signature(symbol, flavour)
    if signature is None:
        raise LookupError(f"no signature of {symbol} in {flavour}")
    slots = [p.name for p in signature if p.kind.startswith("positional")]
    return OpCall(symbol, dict(zip(slots, values, strict=False)) | named, (), Symbol(symbol))


def translate(e: Expression, rules: RuleSet, facts: Facts) -> Expression:
    """Applies rules top down to whatever source symbols are left. Raises RefusedError."""

    def visit(node: Node) -> Node:
        if isinstance(node, OpCall):
            outcome = rewrite_call(node, rules, facts)
        elif isinstance(node, Symbol) and node.path.split(".")[0] in SOURCES:
            outcome = rewrite_value(node.path, rules, facts)
        else:
            return map_children(node, visit)
        if isinstance(outcome, Rewritten):
            return visit(outcome.expression)
        if isinstance(outcome, Refused):
            raise RefusedError(outcome)
        raise LookupError(f"{type(outcome).__name__}: {outcome}")

    result = visit(e)
    assert isinstance(result, Expression)
    return result


def show(e: Expression) -> str:
    """The text of a target expression, modules under their usual names."""
    short = sorted(((path, name) for name, path in TARGETS.items()), key=lambda p: -len(p[0]))

    def visit(node: Node) -> Node:
        if isinstance(node, Symbol):
            for path, name in short:
                if node.path == path or node.path.startswith(path + "."):
                    return Name(name + node.path[len(path) :])
            return Name(node.path)
        return map_children(node, visit)

    result = visit(e)
    assert isinstance(result, Expression)
    return flat(ExpressionPrinter().doc(result))
