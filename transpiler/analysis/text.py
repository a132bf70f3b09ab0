"""Sizes and types in words."""

from __future__ import annotations

from collections.abc import Iterable

from ...ir.dims import Atom, Dim, Extremum, Quotient, Variable
from ...ir.nodes import Name
from .tracked import Tracked, is_text
from .values import (
    Const,
    Fixed,
    Graph,
    Instance,
    Layer,
    Listing,
    Mapped,
    RecordType,
    Size,
    Spec,
    Stack,
    Tensor,
    Value,
    entries_of,
    items_of,
)

SHORT = {
    "float32": "f32",
    "float64": "f64",
    "float16": "f16",
    "bfloat16": "bf16",
    "int32": "i32",
    "int64": "i64",
    "uint8": "u8",
}


def dim_text(dim: Dim) -> str:
    """`B * 128`, `ceil(H / 2)`, `?` for a size without a name."""
    parts: list[str] = []
    for monomial, coefficient in sorted(dim.terms, key=lambda t: (t[1] < 0, not t[0])):
        factors = [_atom(atom) for atom in monomial]
        number = abs(coefficient)
        if number != 1 or not factors:
            factors.insert(0, str(number))
        text = "*".join(factors)
        if parts:
            parts.append(f" - {text}" if coefficient < 0 else f" + {text}")
        else:
            parts.append(f"-{text}" if coefficient < 0 else text)
    return "".join(parts) or "0"


def _atom(atom: Atom) -> str:
    match atom:
        case Variable(expression=Name(id=name)):
            return name
        case Variable():
            return "?"
        case Quotient(numerator, denominator, ceiling):
            top, bottom = _operand(numerator), _operand(denominator)
            return f"ceil({top}/{bottom})" if ceiling else f"({top}//{bottom})"
        case Extremum(function, operands):
            return f"{function}({', '.join(map(dim_text, operands))})"


def _operand(dim: Dim) -> str:
    text = dim_text(dim)
    return f"({text})" if len(dim.terms) > 1 else text


def shape_text(dims: Iterable[Dim] | None) -> str:
    """`(B, 28, 28, 1)`, `(...)` for an unknown rank."""
    if dims is None:
        return "(...)"
    texts = [dim_text(d) for d in dims]
    return f"({texts[0]},)" if len(texts) == 1 else f"({', '.join(texts)})"


def type_text(value: Value, depth: int = 0) -> str | None:
    """The type of a value, None when there is nothing to say."""
    match value:
        case Tensor(dims=dims, dtype=dtype):
            if dims is None and dtype is None and value.last is None:
                return None
            sizes = ", ".join(dim_text(d) for d in dims) if dims is not None else "..."
            if dims is None and value.last is not None:
                sizes = f"..., {dim_text(value.last)}"
            return f"{SHORT.get(dtype, dtype) if dtype else '?'}[{sizes}]"
        case Spec(tensor):
            return type_text(tensor)
        case Size(dim, True):
            return f"int {dim_text(dim)}"
        case Tracked() if is_text(value):
            return None
        case Const(str() | None):
            return None
        case Const(constant) if constant is not Ellipsis:
            return f"{type(constant).__name__} {constant!r}"
        case Fixed(items=items, of=RecordType(name, fields)) if depth <= 2:
            return _object(name, zip(fields, items, strict=False), depth)
        case Fixed() | Listing():
            return _sequence(value, depth)
        case Mapped():
            entries = entries_of(value)
            if not entries or depth > 2:
                return None
            texts = {k: type_text(v, depth + 1) for k, v in entries.items()}
            if not any(texts.values()):
                return None
            return "{" + ", ".join(f"{k!r}: {t or '?'}" for k, t in texts.items()) + "}"
        case Graph(inputs, outputs):
            given, result = type_text(inputs, depth + 1), type_text(outputs, depth + 1)
            return f"model {given or '?'} -> {result or '?'}"
        case Stack(cell=cell):
            output = cell.get("output")
            text = type_text(output, depth + 1) if isinstance(output, Value) else None
            return f"model -> {text}" if text else "model"
        case Layer(symbol):
            return symbol.rpartition(".")[2]
        case Instance(cls, attributes) if cls.node.decorators and depth <= 2:
            return _object(cls.node.name, attributes.items(), depth)
        case Instance(cls):
            return cls.node.name
        case _:
            return None


def _object(name: str, fields: Iterable[tuple[str, Value]], depth: int) -> str:
    """`Out(mean: f32[B], std: f32[B])`."""
    shown = [(k, type_text(v, depth + 1)) for k, v in fields]
    texts = [f"{k}: {text}" for k, text in shown if text]
    return f"{name}({', '.join(texts)})" if texts else name


def _sequence(value: Value, depth: int) -> str | None:
    items = items_of(value)
    if items is None or depth > 2:
        return None
    shown = [type_text(v, depth + 1) for v in items[:4]]
    if not any(shown):
        return None
    tensors = any(isinstance(v, (Tensor, Layer, Fixed, Listing, Instance)) for v in items)
    if not tensors and not isinstance(value, Fixed):
        return None
    text = ", ".join(t.removeprefix("int ") if t else "?" for t in shown)
    text += ", ..." if len(items) > 4 else ""
    return f"[{text}]" if isinstance(value, Listing) else f"({text})"
