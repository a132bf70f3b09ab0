"""Parameter types, read from their text."""

from __future__ import annotations

import ast

from ...ir.nodes import Expression
from .errors import invalid
from .namespaces import RESERVED
from .records import ParameterType
from .template import Names, Text, parse_python, template

SIMPLE = {
    "int": "a Python int",
    "float": "a Python number",
    "bool": "a Python bool",
    "str": "a Python string",
    "Axes": "an axis, several axes, or None",
    "Shape": "a shape: a sequence of sizes",
    "DType": "a dtype",
    "Activation": "an activation: a name, a function, a layer, or None",
    "Init": "an initializer: a name, an object, or None",
    "Regularizer": "dropped, with note TJ6004 unless None",
    "Ignored": "accepted and dropped: it has no meaning in the target",
    "Noted": "dropped, with note TJ6002",
    "Static": "any value known when the model is built",
    "Callable": "a function",
    "Layer": "a layer",
    "Any": "anything",
}
"""The parameter types without arguments, and what they mean."""

ANY = ParameterType("Any")


def parse_type(text: Text) -> ParameterType:
    """Raises RuleError for an unknown type."""
    return _read(parse_python(text), text)


def _read(node: ast.expr, text: Text) -> ParameterType:
    match node:
        case ast.BinOp(left=left, op=ast.BitOr(), right=ast.Constant(value=None)):
            return _read(left, text)
        case ast.Name(id="Tensor"):
            return ParameterType("Tensor")
        case ast.Name(id="list"):
            return ParameterType("list", element=ANY)
        case ast.Name(id=name) if name in SIMPLE:
            return ParameterType(name)
        case ast.Subscript(value=ast.Name(id="Tensor"), slice=index):
            parts = index.elts if isinstance(index, ast.Tuple) else [index]
            if len(parts) > 2 or not isinstance(parts[0], ast.Name):
                raise invalid(text.place, "a tensor type reads Tensor[T] or Tensor[T, shape]")
            shape = _pattern(parts[1], text) if len(parts) == 2 else None
            return ParameterType("Tensor", dtype=parts[0].id, shape=shape)
        case ast.Subscript(value=ast.Name(id="list"), slice=index):
            return ParameterType("list", element=_read(index, text))
        case ast.Subscript(value=ast.Name(id="Fixed"), slice=index):
            parts = index.elts if isinstance(index, ast.Tuple) else [index]
            values = tuple(
                template(Text(ast.unparse(part), text.place), Names(())) for part in parts
            )
            return ParameterType("Fixed", values=values)
        case _:
            known = ", ".join(["Tensor[T, S]", "list[...]", "Fixed[...]", *SIMPLE])
            raise invalid(text.place, f"unknown type `{text.text}`", f"types: {known}")


def _pattern(node: ast.expr, text: Text) -> Expression:
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    if names & RESERVED:
        raise invalid(text.place, f"`{min(names & RESERVED)}` is reserved and cannot be a size")
    return template(Text(ast.unparse(node), text.place), Names(names))


def pattern_names(kind: ParameterType) -> set[str]:
    """The size names and the dtype name that a type introduces."""
    from ...ir.nodes import Name, walk

    names: set[str] = set()
    if kind.element is not None:
        names |= pattern_names(kind.element)
    if kind.shape is not None:
        names |= {n.id[1:] for n in walk(kind.shape) if isinstance(n, Name)}
    return names
