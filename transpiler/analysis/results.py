"""What an operation or layer gives: its `gives` clause over values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from ...ir.dims import Dim
from ...ir.nodes import Constant, Expression, Name
from ...rules.language.records import Rule, ShapeRule, variable_name
from ..shapes import shape_rules
from ..shapes.shapes import Shape
from .broadcasting import broadcast, matmul
from .checking import Call
from .checks import CHECKS
from .dtypes import NAMES, agree, dtype_of
from .einsums import einsum
from .machine import Machine
from .patterns import ask_ranks, pattern_sizes
from .templates import evaluate
from .values import (
    UNKNOWN,
    Const,
    Fixed,
    Listing,
    Place,
    Real,
    Size,
    Tensor,
    Value,
    const,
    dim_of,
    items_of,
    size,
)
from .window_checks import check_positive

RANK_FREE = frozenset(
    {"last", "same", "conv", "pool", "embed", "broadcast", "recurrent", "depthwise"}
)
"""Functions whose result is right for an input of unknown rank, too."""

SHRINKING = frozenset({"conv", "depthwise", "pool", "crop"})
"""Functions that give a size below zero when the input is too small."""

STRICT = frozenset({"broadcast", "matmul", "concat"})
"""Functions whose operands must have one dtype."""

OWN_LAST = frozenset(
    {"last", "conv", "conv_transpose", "embed", "recurrent", "one_hot", "depthwise"}
)
"""Functions that fix the last size anew, whatever it was."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where an operation is, and where the layer was made that does it."""

    place: Place
    made: Place | None = None
    keras: bool = False
    # An operation of Keras: products take vectors, as NumPy has it, and dtypes are promoted.
    vectors: bool = False


def result(
    m: Machine, rule: Rule, binding: dict[str, Value], site: Site, dtype: str | None = None
) -> Value:
    """The value of a call of `rule` with these arguments; for a layer, inputs are among them."""
    gives = rule.gives
    if gives is None:
        return UNKNOWN
    ask_ranks(m, rule, binding)
    names = {**pattern_sizes(rule, binding), **binding}
    inputs = [
        _tensors(names.get(p.name, UNKNOWN))
        for p in (*rule.parameters, *rule.inputs)
        if p.type.is_tensor
    ]
    flat = [t for group in inputs for t in group]
    symbolic = any(t.symbolic for t in flat) or site.keras
    given = dtype or _dtype(gives, rule, names, flat)

    def nested(function: str, arguments: list[Value]) -> Value:
        return apply(m, function, arguments, site, flat)

    arguments = [evaluate(a, names, nested) for a in gives.arguments]
    if gives.function == "pattern":
        items = items_of(arguments[0]) if arguments else None
        dims = None if items is None else [dim_of(v) for v in items]
        found: Value = Tensor()
        if dims is not None:
            found = Tensor(tuple(d if d is not None else m.solver.fresh("?") for d in dims))
    elif gives.function == "same_as":
        return arguments[0] if arguments else UNKNOWN
    elif gives.function == "shape_of":
        return shape_of(arguments[0] if arguments else UNKNOWN)
    else:
        found = apply(m, gives.function, arguments, site, flat)
        if gives.function in STRICT and not site.keras:
            _agree(m, rule, arguments, site)
    return with_dtype(_inherit(found, flat), given, symbolic)


def _inherit(found: Value, inputs: Sequence[Tensor]) -> Value:
    """An operation that changes no size is not where a tensor comes from."""
    if not isinstance(found, Tensor) or found.dims is None:
        return found
    known = next((t.made for t in inputs if t.made and t.dims == found.dims), None)
    return found if known is found.made else found.made_at(known)


def _agree(m: Machine, rule: Rule, arguments: list[Value], site: Site) -> None:
    keras = site.vectors or (rule.symbol.startswith("keras.") and m.flavour == "keras3")
    flat: list[Value] = []
    for a in arguments:
        items = items_of(a)
        flat += [a] if items is None else list(items)
    agree(m, flat, site.place, f"`{rule.symbol.rpartition('.')[2]}`", keras)


def shape_of(x: Value) -> Value:
    if not isinstance(x, Tensor) or x.dims is None:
        return Tensor(None, "int32")
    return Fixed(tuple(size(d) for d in x.dims), shape=True)


def with_dtype(value: Value, dtype: str | None, symbolic: bool) -> Value:
    match value:
        case Tensor():
            kept = value.dtype == dtype
            if kept and value.symbolic == symbolic:
                return value
            made = value.made if kept or value.dtype is None else None
            return Tensor(
                *(value.dims, dtype, value.origins, value.last, symbolic, value.variable),
                *(made, value.weak),
            )
        case Fixed(items=items):
            return Fixed(tuple(with_dtype(v, dtype, symbolic) for v in items))
        case _:
            return value


def apply(
    m: Machine, function: str, arguments: list[Value], site: Site, inputs: Sequence[Tensor]
) -> Value:
    """A shape function over values, checked."""
    if function == "take" and len(arguments) > 1:
        arguments[1] = _indices(m, arguments[1])
    call = Call(m, site.place, arguments, site.keras, site.made)
    match function:
        case "broadcast":
            return _broadcast(m, arguments, site)
        case "matmul":
            return _matmul(m, arguments, site)
        case "einsum":
            return _einsum(m, arguments, site)
        case "shape_of":
            return shape_of(arguments[0]) if arguments else UNKNOWN
        case _:
            pass
    check = CHECKS.get(function)
    if check is not None and not check(call):
        return Tensor()
    implemented = shape_rules.FUNCTIONS.get(function)
    if implemented is None or function == "unknown":
        return Tensor()
    first = arguments[0] if arguments else UNKNOWN
    if isinstance(first, Tensor) and first.dims is None and function not in RANK_FREE:
        return Tensor()
    if function == "global_pool" and const(call.at(1, Const(False))) is ...:
        return Tensor()
    try:
        found: Any = implemented(*(argument(a) for a in arguments))
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        return Tensor()
    converted = tensor_of(m, found, inputs, site, function in OWN_LAST, function in SHRINKING)
    if (
        function in SHRINKING
        and isinstance(converted, Tensor)
        and not check_positive(call, converted)
    ):
        return Tensor()
    return converted


def _indices(m: Machine, value: Value) -> Value:
    """Numbers and lists of them are indices, too."""
    from .tensors import stacked

    found = None if isinstance(value, Tensor) else stacked(m, value)
    return value if found is None else found


def tensor_of(
    m: Machine,
    found: Any,
    inputs: Sequence[Tensor],
    site: Site,
    own_last: bool,
    shrinks: bool = False,
) -> Value:
    """What a shape function gave, with unknown sizes named and the origin of each size."""
    if isinstance(found, (list, tuple)):
        parts = cast(Sequence[Any], found)
        return Fixed(tuple(tensor_of(m, p, inputs, site, own_last, shrinks) for p in parts))
    if not isinstance(found, Shape):
        return UNKNOWN
    if found.dims is None:
        if found.last is not None:
            m.solver.is_size(found.last)
        return Tensor(None, last=found.last)
    # -1 may mean "all", and 0 comes more often from a path that never runs than from a tensor.
    dims = tuple(
        m.solver.fresh("?") if d is None or _is_no_size(d, shrinks) else d for d in found.dims
    )
    for d in dims:
        m.solver.is_size(d)
    here = site.made or site.place
    origins = tuple(_origin(dims, axis, inputs, here) for axis in range(len(dims)))
    if own_last and origins:
        origins = (*origins[:-1], here)
    return Tensor(dims, None, origins)


def _is_no_size(dim: Dim, shrinks: bool) -> bool:
    number = dim.constant
    return number is not None and (number == 0 or (number < 0 and not shrinks))


def _origin(
    dims: tuple[Dim, ...], axis: int, inputs: Sequence[Tensor], here: Place
) -> Place | None:
    """Where a size of the result was fixed: in an input that has it, else here."""
    for x in inputs:
        if x.dims is None:
            continue
        for index in (axis, axis - len(dims)):
            if -len(x.dims) <= index < len(x.dims) and x.dims[index] == dims[axis]:
                return x.origin(index)
    for x in inputs:
        if x.dims is not None and dims[axis] in x.dims and dims[axis] != Dim.of(1):
            return x.origin(x.dims.index(dims[axis]))
    return here


class _Opaque:
    """An argument that is not known, which is not None."""


def argument(value: Value) -> Any:
    """A value as the shape functions take it."""
    match value:
        case Tensor(dims=None, last=last):
            return Shape(None, last)
        case Tensor(dims=dims):
            return Shape(dims)
        case Fixed() | Listing():
            items = items_of(value)
            return _Opaque() if items is None else [argument(v) for v in items]
        case Const(constant) if constant is not Ellipsis:
            return constant
        case Size(dim):
            return dim
        case _:
            return _Opaque()


def _tensors(value: Value) -> list[Tensor]:
    if isinstance(value, Tensor):
        return [value]
    return [t for v in items_of(value) or () for t in _tensors(v)]


def _broadcast(m: Machine, arguments: list[Value], site: Site) -> Value:
    flat: list[Value] = []
    for a in arguments:
        items = items_of(a)
        flat += [a] if items is None else list(items)
    return elementwise(m, flat, site)


def elementwise(m: Machine, operands: Sequence[Value], site: Site) -> Tensor:
    """Broadcasting of tensors, numbers and nested lists of numbers."""
    tensors: list[Tensor] = []
    for value in operands:
        tensors.append(array_of(value) or Tensor())
    ranks = {t.rank for t in tensors}
    # Keras puts the missing axes of a merge after the batch.
    if site.keras and (len(ranks) > 1 or None in ranks):
        return Tensor()
    return broadcast(m, tensors, site.place) or Tensor()


def array_of(value: Value) -> Tensor | None:
    """The tensor that nested lists of numbers become."""
    match value:
        case Tensor():
            return value
        case Const(bool() | int() | float() | complex()):
            return Tensor(())
        case Size(_, True) | Real():
            return Tensor(())
        case _:
            pass
    items = items_of(value)
    if items is None:
        return None
    inner = [array_of(v) for v in items]
    first = inner[0] if inner else Tensor(())
    if first is None or first.dims is None or any(t is None or t.dims != first.dims for t in inner):
        return None
    return Tensor((Dim.of(len(items)), *first.dims), None, (None, *first.origins))


def _flag(value: Value) -> bool | None:
    found = const(value)
    return bool(found) if isinstance(found, (bool, int)) or found is None else None


def _matmul(m: Machine, arguments: list[Value], site: Site) -> Value:
    a, b = arguments[:2] if len(arguments) > 1 else (UNKNOWN, UNKNOWN)
    left, right = array_of(a) or Tensor(), array_of(b) or Tensor()
    flags = [_flag(v) for v in arguments[2:4]] + [False, False]
    vectors = site.vectors or (m.flavour == "keras3" and (left.symbolic or right.symbolic))
    found = matmul(m, left, right, flags[0], flags[1], site.place, vectors)
    return Tensor() if found is None else found


def _einsum(m: Machine, arguments: list[Value], site: Site) -> Value:
    equation, operands = const(arguments[0]), items_of(arguments[1])
    if not isinstance(equation, str) or operands is None:
        return Tensor()
    tensors = [array_of(v) or Tensor() for v in operands]
    return einsum(m, equation, tensors, site.place) or Tensor()


def _dtype(
    gives: ShapeRule, rule: Rule, names: Mapping[str, Value], tensors: Sequence[Tensor]
) -> str | None:
    wanted = gives.dtype
    if wanted is None:
        return _common(rule, names, None)
    name = variable_name(wanted)
    if name is not None:
        return _common(rule, names, name)
    if isinstance(wanted, Constant):
        text = wanted.value
        return text if isinstance(text, str) and text in NAMES else None
    return _computed(wanted, names)


def _computed(wanted: Expression, names: Mapping[str, Value]) -> str | None:
    """`dtype(parameter)`."""
    from ...ir.nodes import Call as CallNode

    match wanted:
        case CallNode(Name("@dtype"), (argument_,)):
            name = variable_name(argument_.value)
            return dtype_of(names.get(name, UNKNOWN)) if name is not None else None
        case _:
            return dtype_of(evaluate(wanted, names, lambda f, a: UNKNOWN))


def _common(rule: Rule, names: Mapping[str, Value], variable: str | None) -> str | None:
    """The dtype of the first tensor (whose type names `variable`), which Python numbers take on."""
    for parameter in (*rule.inputs, *rule.parameters):
        if not parameter.type.is_tensor:
            continue
        kind = parameter.type if parameter.type.element is None else parameter.type.element
        if variable is not None and kind.dtype != variable:
            continue
        value = names.get(parameter.name, UNKNOWN)
        if isinstance(value, Real) or isinstance(const(value), (int, float)):
            continue
        dtypes = {t.dtype for t in _tensors(value)}
        return dtypes.pop() if len(dtypes) == 1 else None
    return None
