"""What is changed in a correct translation: one expression or statement."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

ACTIVATIONS = ("relu", "gelu", "sigmoid", "tanh", "softmax", "leaky_relu", "elu", "swish", "silu")
NUMBERS = {
    "epsilon": lambda v: v * 50,
    "momentum": lambda v: v * 0.9,
    "negative_slope": lambda v: v / 2,
    "strides": lambda v: v + 1,
    "rate": lambda v: v / 2,
    "axis": lambda v: 0 if v else 1,
}
BINARY = ("matmul", "dot", "where", "concatenate", "subtract", "divide", "einsum")
FLAGS = ("use_bias", "use_running_average", "deterministic", "approximate")
COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: ">=", ast.LtE: ">", ast.Gt: "<=", ast.GtE: "<", ast.Eq: "!=", ast.NotEq: "==",
}  # fmt: skip
OTHERS = {
    "sum": "mean",
    "mean": "sum",
    "max": "min",
    "min": "max",
    "zeros": "ones",
    "ones": "zeros",
}
OPERATORS: dict[type[ast.operator], str] = {ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*"}


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change: from (line, column) to (line, column), lines from 1, to `text`; `statement`: the
    first and the last line of the statement that holds it."""

    kind: str
    start: tuple[int, int]
    end: tuple[int, int]
    text: str
    statement: tuple[int, int] = (0, 0)

    def apply(self, source: str) -> str:
        lines = source.splitlines(keepends=True)
        (first, left), (last, right) = self.start, self.end
        before = lines[first - 1].encode()[:left].decode()
        after = lines[last - 1].encode()[right:].decode()
        # Lines keep their numbers.
        kept = "" if first == last else "\\\n" * (last - first)
        return "".join([*lines[: first - 1], before + self.text + kept + after, *lines[last:]])


def mutations(source: str) -> Iterator[Mutation]:
    """Every mutation of the classes and functions of a translated module."""
    for top in ast.parse(source).body:
        if isinstance(top, ast.ClassDef | ast.FunctionDef):
            statements = [s for s in ast.walk(top) if isinstance(s, ast.stmt)]
            made = _in_constructors(top)
            for node in ast.walk(top):
                for found in _of_node(node, source):
                    yield replace(found, statement=_around(found, statements))
                for found in () if node in made else _of_computing(node, source):
                    yield replace(found, statement=_around(found, statements))


def _in_constructors(top: ast.AST) -> set[ast.AST]:
    """What is only run while the model is made: initial values are not compared."""
    functions = [n for n in ast.walk(top) if isinstance(n, ast.FunctionDef)]
    return {node for f in functions if f.name == "__init__" for node in ast.walk(f)}


def _around(mutation: Mutation, statements: list[ast.stmt]) -> tuple[int, int]:
    """The lines of the smallest statement around a mutation."""
    line = mutation.start[0]
    spans = [(s.lineno, s.end_lineno or s.lineno) for s in statements]
    return min((s for s in spans if s[0] <= line <= s[1]), key=lambda s: s[1] - s[0])


def _of_node(node: ast.AST, source: str) -> Iterator[Mutation]:
    match node:
        case ast.Call():
            yield from _of_call(node, source)
        case ast.BinOp(op=ast.Add() | ast.Sub(), right=ast.Constant(value=0)):
            pass  # one program
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            if not isinstance(left, ast.Constant | ast.Tuple):
                text = f"{_text(left, source)} {OPERATORS[type(op)]} {_text(right, source)}"
                yield _replace("operator", node, text)
            if isinstance(op, ast.Add) and isinstance(left, ast.Name):
                yield _replace("dropped summand", node, _text(left, source))
        case ast.FunctionDef(name="__call__", body=body):
            for first, second in pairwise(body):
                if _is_step(first) and _is_step(second):
                    yield _replace("dropped statement", second, "pass")
        case ast.Slice(lower=lower, upper=upper):
            for bound in (lower, upper):
                if isinstance(bound, ast.Constant) and isinstance(bound.value, int):
                    yield _replace("off by one", bound, str(bound.value + 1))
        case ast.Subscript(value=ast.Attribute(), slice=ast.Constant(value=value)) if value is ...:
            text = _text(node, source)  # of a vector the transpose is the vector
            turned = f"({text}.T if {text}.ndim > 1 else {text}[::-1])"
            yield _replace("transposed weight", node, turned)
        case _:
            pass


def _of_call(node: ast.Call, source: str) -> Iterator[Mutation]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if name in ACTIVATIONS and node.args:
        yield _replace("dropped activation", node, _text(node.args[0], source))
        other = "jax.nn.tanh" if name != "tanh" else "jax.nn.sigmoid"
        if "import jax\n" in source:
            yield _replace("other activation", node, f"{other}({_text(node.args[0], source)})")
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="self")), args=[first, *_]):
            text = _text(node, source)
            yield _replace("skipped layer", node, _text(first, source))
            yield _replace("other scale", node, f"0.9 * {text}")
            if "import jax\n" in source:
                yield _replace("detached", node, f"jax.lax.stop_gradient({text})")
        case _:
            pass
    if name in BINARY and len(node.args) >= 2 and not isinstance(node.args[1], ast.Constant):
        yield _replace("swapped argument", node.args[0], _text(node.args[1], source))
    for keyword in node.keywords:
        match keyword.arg, keyword.value:
            case str(name), ast.Constant(value=bool(value)) if name in FLAGS:
                yield _replace(f"wrong {name}", keyword.value, repr(not value))
            case str(name), ast.Constant(value=int(value) | float(value)) if name in NUMBERS:
                yield _replace(f"wrong {name}", keyword.value, repr(NUMBERS[name](value)))
            case _:
                pass


def _of_computing(node: ast.AST, source: str) -> Iterator[Mutation]:
    """Of what is run in a call."""
    match node:
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in COMPARISONS:
            text = f"{_text(left, source)} {COMPARISONS[type(op)]} {_text(right, source)}"
            yield _replace("other comparison", node, text)
        case ast.BinOp(right=ast.Constant(value=float(value)) as right):
            yield _replace("other number", right, repr(value * 1.5 if value else 0.5))
        case ast.BinOp(left=ast.Constant(value=float(value)) as left):
            yield _replace("other number", left, repr(value * 1.5 if value else 0.5))
        case ast.Return(value=ast.Tuple(elts=[first, second, *_]) as value):
            rest = "".join(f", {_text(one, source)}" for one in value.elts[2:])
            text = f"({_text(second, source)}, {_text(first, source)}{rest})"
            yield _replace("swapped outputs", value, text)
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="set_value"))):
            yield _replace("missing update", node, "pass")
        case ast.UnaryOp(op=ast.Invert(), operand=operand):
            yield _replace("other polarity", node, _text(operand, source))
        case ast.keyword(arg="padding", value=ast.Constant(value="SAME" | "VALID" as value)):
            text = repr("VALID" if value == "SAME" else "SAME")
            yield _replace("other padding", node.value, text)
        case ast.keyword(arg="axis", value=ast.UnaryOp(operand=ast.Constant(value=1))):
            yield _replace("other axis", node.value, "0")
        case ast.Call(func=ast.Attribute(value=ast.Name(id="jnp"), attr=name), args=[_, *rest]):
            found = f"jnp.{OTHERS.get(name, '')}"
            if name in OTHERS:
                yield _replace("other function", node.func, found)
            if name == "where" and len(rest) == 2:
                texts = [_text(one, source) for one in (node.args[0], rest[1], rest[0])]
                yield _replace("swapped branches", node, f"jnp.where({', '.join(texts)})")
        case ast.Call(func=ast.Attribute(attr="cond"), args=[_, first, second, *_]):
            between = (first.end_lineno, second.lineno)
            if between[0] == between[1] or isinstance(first, ast.Name):
                yield _replace("swapped branches", first, _text(second, source))
        case _:
            pass


def _is_step(node: ast.stmt) -> bool:
    """`x = f(x)`: leaving it out leaves a program."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(args=[ast.Name(id=given), *_])):
            return name == given
        case _:
            return False


def _text(node: ast.AST, source: str) -> str:
    return ast.get_source_segment(source, node) or ""


def _replace(kind: str, node: ast.expr | ast.stmt, text: str) -> Mutation:
    assert node.end_lineno is not None and node.end_col_offset is not None
    end = (node.end_lineno, node.end_col_offset)
    return Mutation(kind, (node.lineno, node.col_offset), end, text.replace("\n", " "))
