"""The intermediate forms of a module as text: `--emit ir|types|stages`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...ir.dims import Dim
from ...ir.nodes import Expression, Module, walk
from ...ir.printer import print_ir, span_text
from ..emit.expressions import ExpressionPrinter
from ..emit.layout import flat
from ..frontend import ParsedModule
from ..shapes.shapes import Shape
from ..staging.evaluation.facts import RecordedFacts
from ..staging.values import (
    Api,
    Choice,
    Defined,
    Instance,
    Mapped,
    Sequence,
    ShapeOf,
    Static,
    Tensor,
    Value,
    Weight,
    is_dynamic,
)


def stage_forms(
    parsed: ParsedModule, source: Module, target: Module, facts: RecordedFacts, annotated: str
) -> Mapping[str, str]:
    """By name: "ir" before and "target" after translation; "types", the `annotated` source;
    "values", what staging has found the expressions between to be."""
    return {
        "ir": print_ir(source),
        "types": annotated,
        "values": "".join(_types(parsed, source, facts)),
        "target": print_ir(target),
    }


def _types(parsed: ParsedModule, source: Module, facts: RecordedFacts) -> Iterator[str]:
    """A line for each expression of which something is known: place, binding time, type, text."""
    seen: set[tuple[object, str]] = set()
    for node in walk(source):
        if not isinstance(node, Expression) or node.span is None:
            continue
        value = facts.value(node)
        if value is None or (text := describe(value)) is None or (node.span, text) in seen:
            continue
        seen.add((node.span, text))
        code = " ".join(parsed.text_of(node.span).split())
        time = "dynamic" if is_dynamic(value) else "static"
        yield f"{span_text(node.span)} {time} {text}  # {code[:60]}\n"


def describe(value: Value) -> str | None:
    """The type of a value as text, None when nothing is known."""
    match value:
        case Tensor(shape, dtype):
            return f"Tensor[{dtype or '?'}, {_shape(shape)}]"
        case Weight(shape, dtype):
            return f"Variable[{dtype or '?'}, {_shape(shape)}]"
        case ShapeOf(shape):
            return f"shape {_shape(shape)}"
        case Static(constant, kind, size):
            if constant is not None:
                return f"{type(constant.value).__name__} {constant.value!r}"
            name = "value" if kind is None else kind.__name__
            return f"{name} {_size(size)}" if size is not None else name
        case Sequence(kind=kind, items=items):
            return f"{kind}[{', '.join(describe(v) or '?' for v in items or ())}]"
        case Mapped(entries):
            inner = ", ".join(f"{k!r}: {describe(v) or '?'}" for k, v in entries.items())
            return "{" + inner + "}"
        case Api(symbol):
            return f"symbol {symbol}"
        case Defined(definition):
            return f"definition {definition.module}.{definition.name}"
        case Instance():
            return "module"
        case Choice(_, then, otherwise):
            return f"{describe(then) or '?'} or {describe(otherwise) or '?'}"
        case _:
            return None


def _shape(shape: Shape) -> str:
    if shape.dims is None:
        return f"(..., {_size(shape.last)})"
    return f"({', '.join(map(_size, shape.dims))})"


def _size(size: Dim | None) -> str:
    # Of a hidden size no code can be written.
    return (
        "?"
        if size is None or size.is_hidden
        else flat(ExpressionPrinter().doc(size.to_expression()))
    )
