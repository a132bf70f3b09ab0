"""The parts of clauses: parameters, aliases, dtype classes, requirements, weights."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import cast

from lark import Token

from ...ir.nodes import Expression
from .errors import Place, invalid
from .records import Alias, Parameter, Requirement, Weight, WeightStep
from .scope import Scope
from .template import Names, Text, parse_python, template
from .trees import Branch, Reader, tokens, trees, unquote
from .types import ANY, parse_type

MAX_PARAMETERS = 500
DTYPE_CLASSES = ("numeric", "integer", "floating", "complex", "boolean", "string", "any")


def read_params(tree: Branch, reader: Reader) -> list[Parameter]:
    found: list[Parameter] = []
    for param in trees(tree, "param"):
        token, kind, default = cast(list[Token | Branch | None], param.children)
        place = reader.place(cast(Token, token))
        if len(found) == MAX_PARAMETERS:
            raise invalid(place, f"more than {MAX_PARAMETERS} parameters")
        if any(p.name == str(token) for p in found):
            raise invalid(place, f"parameter `{token}` is declared twice")
        type_ = parse_type(reader.chunk(cast(Branch, kind))) if kind is not None else ANY
        value = None
        if default is not None:
            value = template(reader.chunk(cast(Branch, default)), Names(()))
        found.append(Parameter(str(token), type_, value))
    return found


def read_alias(tree: Branch, reader: Reader) -> Alias:
    renames: list[tuple[str, str]] = []
    defaults: list[tuple[str, Expression]] = []
    for rename in trees(tree, "rename"):
        ours, text = str(tokens(rename, "NAME")[0]), reader.chunk(trees(rename, "chunk")[0])
        if text.text.isidentifier() and text.text not in ("None", "True", "False"):
            renames.append((text.text, ours))
        else:
            defaults.append((ours, template(text, Names(()))))
    return Alias(str(tokens(tree, "SYMBOL")[0]), tuple(renames), tuple(defaults))


def read_where(text: Text) -> tuple[str, tuple[str, ...]]:
    """`T in numeric - {bool}` as a variable and words: names are added, `-name` are taken away."""
    node = parse_python(text)
    match node:
        case ast.Compare(left=ast.Name(id=name), ops=[ast.In()], comparators=[classes]):
            return name, tuple(_classes(classes, "", text))
        case _:
            raise invalid(text.place, "`where` reads `T in numeric`, `T in floating | {int32}`")


def _classes(node: ast.expr, sign: str, text: Text) -> Iterable[str]:
    match node:
        case ast.Name(id=name):
            yield sign + name
        case ast.Set(elts=elements):
            for element in elements:
                yield from _classes(element, sign, text)
        case ast.BinOp(left=left, op=ast.BitOr() | ast.Sub() as op, right=right):
            yield from _classes(left, sign, text)
            yield from _classes(right, "-" if isinstance(op, ast.Sub) else sign, text)
        case _:
            raise invalid(text.place, f"dtype classes: {', '.join(DTYPE_CLASSES)}, or {{names}}")


def read_requirement(tree: Branch, reader: Reader, scope: Scope) -> Requirement:
    text = reader.chunk(trees(tree, "chunk")[0])
    strings = tokens(tree, "STRING")
    hints = trees(tree, "hint")
    word = "unless" if tree.data == "unless" else "when"
    default = f"needs {text.text}" if word == "when" else f"not supported: {text.text}"
    return Requirement(
        word,
        scope.template(text),
        str(tokens(tree, "CODE")[0]),
        unquote(strings[0]) if strings else default,
        unquote(tokens(hints[0], "STRING")[0]) if hints else None,
    )


def read_weight(tree: Branch, reader: Reader, scope: Scope) -> Weight:
    source, target = (str(token).partition("[") for token in tokens(tree, "WEIGHT"))
    steps = [s for branch in trees(tree, "steps") for s in _steps(branch, reader, scope)]
    guards = trees(tree, "chunk")
    return Weight(
        source[0],
        target[0],
        source[2].rstrip("]") or None,
        target[2].rstrip("]") or None,
        tuple(steps),
        scope.template(reader.chunk(guards[0])) if guards else None,
    )


STEPS = (
    "transpose",
    "reshape",
    "split",
    "concat",
    "permute",
    "flip",
    "squeeze",
    "expand",
    "cast",
    "slice",
    "sum",
    "scale",
)


def _steps(tree: Branch, reader: Reader, scope: Scope) -> Iterable[WeightStep]:
    for chunk in trees(tree, "chunk"):
        text = reader.chunk(chunk)
        node = parse_python(text)
        if (
            not isinstance(node, ast.Call)
            or not isinstance(node.func, ast.Name)
            or node.func.id not in STEPS
        ):
            raise invalid(text.place, f"unknown step `{text.text}`", f"steps: {', '.join(STEPS)}")

        def value(e: ast.expr, place: Place = text.place) -> Expression:
            return scope.template(Text(ast.unparse(e), place))

        yield WeightStep(
            node.func.id,
            tuple(value(a) for a in node.args),
            tuple((k.arg or "", value(k.value)) for k in node.keywords),
        )
