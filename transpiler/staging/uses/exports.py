"""Sizes of a result that only the module itself knows: it keeps them, in the form of its result.

`return x, skip` gives `self.out_features = (x_features, skip_features)`; a list of tensors gives
the list of their sizes, a dict of tensors the dict of them.
"""

from __future__ import annotations

from ....ir.dims import Dim
from ....ir.nodes import Constant, Dict, Expression, List, Name, Subscript, Tuple, walk
from ..values import ANY_KEY, Mapped, Sequence, Static, Tensor, Value, is_dynamic


def sizes_code(value: Value) -> Expression | None:
    """Code of `__init__` for the last sizes of a result; None where that knows none of them."""
    match value:
        case Tensor(shape=shape):
            size = shape.size(-1)
            return None if size is None or size.is_hidden else size.to_expression()
        case Static(size=size):
            return None if size is None or size.is_hidden else size.to_expression()
        case Sequence(kind=kind, items=items) if items is not None and is_dynamic(value):
            codes = [sizes_code(item) for item in items]
            if all(code is None for code in codes):
                return None
            elements = tuple(code or Constant(None) for code in codes)
            return Tuple(elements) if kind == "tuple" else List(elements)
        case Sequence(shadow=shadow) if is_dynamic(value):
            return shadow
        case Mapped(entries=entries, shadow=shadow) if is_dynamic(value):
            if shadow is not None or ANY_KEY in entries:
                return shadow
            found = {key: code for key, v in entries.items() if (code := sizes_code(v)) is not None}
            if not found:
                return None
            return Dict(tuple(Constant(key) for key in found), tuple(found.values()))
        case _:
            return None


def size_names(value: Value) -> set[str]:
    """Variables of `__init__` that the sizes of a result are made of."""
    code = sizes_code(value)
    return set() if code is None else {n.id for n in walk(code) if isinstance(n, Name)}


def with_exported(value: Value, outcome: Value, code: Expression) -> Value:
    """A result in the caller's terms, with the sizes that it has no terms for read from `code`,
    which holds those of `outcome`, the result in the callee's terms."""
    match value, outcome:
        case Tensor(shape=shape), Tensor(shape=own):
            size = own.size(-1)
            if shape.size(-1) is not None or size is None or size.is_hidden:
                return value
            return Tensor(shape.with_last(Dim.variable(code)), value.dtype, value.mask)
        case Static(size=None), Static(size=size) if size is not None and not size.is_hidden:
            return Static(value.constant, value.kind, Dim.variable(code))
        case Sequence(items=items), Sequence(items=inner) if (
            items is not None and inner is not None
        ):
            pairs = enumerate(zip(items, inner, strict=True))
            new = tuple(with_exported(v, o, Subscript(code, Constant(i))) for i, (v, o) in pairs)
            return Sequence(value.kind, new, None, value.shadow, value.optional)
        case Sequence(), Sequence(shadow=shadow) if shadow is not None and value.shadow is None:
            return Sequence(value.kind, value.items, value.item, code, value.optional)
        case Mapped(entries=entries), Mapped(entries=inner, shadow=shadow):
            if shadow is not None:
                return Mapped(entries, code)
            return Mapped(
                {
                    k: with_exported(v, inner[k], Subscript(code, Constant(k)))
                    for k, v in entries.items()
                }
            )
        case _:
            return value


def lacks_sizes(value: Value, outcome: Value) -> bool:
    """Whether the callee knows a size of its result that the caller has no terms for."""
    return with_exported(value, outcome, Name("out_features")) != value
