"""Keras layers and models: what they are made of, and what they give when they are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ...ir.dims import Dim
from ...ir.nodes import Starred, Tuple
from ...rules.language.records import Rule
from .binding import allowed
from .dtypes import is_float, policy_dtype
from .machine import Machine
from .models import add, apply_graph, apply_stack, input_tensor
from .results import Site, result, with_dtype
from .text import dim_text, shape_text
from .values import (
    NONE,
    UNKNOWN,
    Api,
    Arguments,
    Const,
    Fixed,
    Function,
    Graph,
    Layer,
    Listing,
    Mapped,
    Place,
    Stack,
    Tensor,
    Value,
    const,
    entries_of,
    integer,
    items_of,
    size,
)

WITHOUT_WEIGHTS = frozenset({"keras.layers.Activation"})
KEEPS_SHAPE = frozenset(
    {
        *("Normalization", "Rescaling", "ActivityRegularization", "Masking", "UnitNormalization"),
        *("RandomFlip", "RandomRotation", "RandomTranslation", "RandomZoom", "RandomContrast"),
        *("RandomBrightness", "GaussianNoise", "GaussianDropout", "AlphaDropout"),
    }
)
"""Layers that need no rule to tell their shape."""
ANY_RANK = frozenset({"keras.layers.Embedding"})


@dataclass(frozen=True, slots=True)
class Built:
    """The size of the last axis that a layer made its weights for."""

    size: Dim
    place: Place


def apply(m: Machine, called: Layer | Graph | Stack, given: Arguments, place: Place) -> Value:
    """A call of a layer or model."""
    inputs = list(given.positional)
    keywords = dict(given.keywords)
    if "inputs" in keywords and not inputs:
        inputs.append(keywords.pop("inputs"))
    by_name = isinstance(called, Layer) and keywords
    if not given.complete or not (inputs or by_name):
        return UNKNOWN
    match called:
        case Layer():
            return apply_layer(m, called, inputs, keywords, place)
        case Graph():
            return apply_graph(m, called, inputs[0], place)
        case Stack():
            return apply_stack(m, called, inputs[0], place)


# -- layers


def apply_layer(
    m: Machine, layer: Layer, inputs: list[Value], keywords: Mapping[str, Value], place: Place
) -> Value:
    found = _applied(m, layer, inputs, keywords, place)
    if inputs:
        m.write(layer.cell, "input", inputs[0])
    m.write(layer.cell, "output", found)
    if m.log.sees and not m.muted:
        m.log.layers.append((layer.place, layer.symbol, found))
    return found


def _applied(
    m: Machine, layer: Layer, inputs: list[Value], keywords: Mapping[str, Value], place: Place
) -> Value:
    name = layer.symbol.rpartition(".")[2]
    if name == "TimeDistributed" and inputs:
        return _time_distributed(m, layer, inputs[0], place)
    if name == "Bidirectional" and inputs:
        return _bidirectional(m, layer, inputs[0], place)
    if name == "Lambda":
        return _lambda(m, layer, inputs, place)
    if name == "InputLayer":
        return UNKNOWN
    rule = m.rules.for_symbol(layer.symbol)
    if not isinstance(rule, Rule) and name in KEEPS_SHAPE and isinstance(inputs[0], Tensor):
        return replace(inputs[0], dtype=None)
    if not isinstance(rule, Rule) or "**" in layer.arguments:
        return UNKNOWN
    binding = m.headings.bind(rule, layer.symbol, layer.arguments)
    if binding is None:
        return UNKNOWN
    names = [p.name for p in rule.inputs]
    called = dict(zip(names, inputs, strict=False))
    called |= {k: v for k, v in keywords.items() if k in names}
    if not all(allowed(p, called[p.name]) for p in rule.inputs if p.name in called):
        return UNKNOWN
    binding |= called
    if not _check_built(m, rule, layer, binding, place):
        return UNKNOWN
    first = binding.get(names[0], UNKNOWN) if names else UNKNOWN

    def made() -> Value:
        found = result(m, rule, binding, Site(place, layer.place, keras=True))
        return with_dtype(found, _layer_dtype(m, layer, found, first), _symbolic(first))

    if m.layer_results is None:
        return made()
    return m.layer_results.get(m, layer, called, place, made)


def _symbolic(value: Value) -> bool:
    if isinstance(value, Tensor):
        return value.symbolic
    return any(_symbolic(v) for v in items_of(value) or ())


def _layer_dtype(m: Machine, layer: Layer, found: Value, given: Value) -> str | None:
    """A layer computes in its own dtype: floats become that."""
    own = layer.arguments.get("dtype")
    if own is not None and own != NONE:
        return policy_dtype(own)
    if m.policy:
        return None
    dtype = found.dtype if isinstance(found, Tensor) else None
    if is_float(dtype):
        return m.compute
    inner = given if isinstance(given, Tensor) else next(iter(items_of(given) or ()), None)
    if isinstance(inner, Tensor) and is_float(inner.dtype):
        return m.compute
    return None


def _check_built(
    m: Machine, rule: Rule, layer: Layer, binding: Mapping[str, Value], place: Place
) -> bool:
    """The weights of a layer have one size, whatever calls it. False after a conflict."""
    if not rule.weights or not rule.inputs or layer.symbol in ANY_RANK:
        return True
    pattern, x = rule.inputs[0].type.shape, binding.get(rule.inputs[0].name)
    if not isinstance(x, Tensor) or not x.dims or not isinstance(pattern, Tuple):
        return True
    if not pattern.elements or isinstance(pattern.elements[-1], Starred):
        return True
    axis = integer(binding.get("axis", Const(-1)))
    if axis != -1 and axis != len(x.dims) - 1:
        return True
    last = x.dims[-1]
    built = layer.cell.get("built")
    if not isinstance(built, Built):
        m.write(layer.cell, "built", Built(last, place))
        return True
    if built.size == last:
        return True
    name = layer.symbol.rpartition(".")[2]
    message = (
        f"`{name}` was built for inputs whose last axis is {dim_text(built.size)}, and is called "
        f"with {shape_text(x.dims)}"
    )
    notes = (
        (built.place, f"built here for {dim_text(built.size)}"),
        (x.origin(-1), f"{dim_text(last)} is fixed here"),
    )
    return m.require(built.size, last, place, message, notes, "TJ4006")


def _time_distributed(m: Machine, layer: Layer, x: Value, place: Place) -> Value:
    inner = layer.arguments.get("layer", UNKNOWN)
    if not isinstance(x, Tensor) or x.dims is None or len(x.dims) < 2:
        return UNKNOWN
    step = Tensor(
        (x.dims[0], *x.dims[2:]), x.dtype, (x.origin(0), *x.origins[2:]), None, x.symbolic
    )
    found = m.invoke(inner, Arguments((step,)), place)
    if not isinstance(found, Tensor) or found.dims is None or not found.dims:
        return UNKNOWN
    dims = (found.dims[0], x.dims[1], *found.dims[1:])
    origins = (found.origin(0), x.origin(1), *found.origins[1:])
    return Tensor(dims, found.dtype, origins, None, found.symbolic)


def _bidirectional(m: Machine, layer: Layer, x: Value, place: Place) -> Value:
    inner = layer.arguments.get("layer", UNKNOWN)
    mode = const(layer.arguments.get("merge_mode", Const("concat")))
    found = m.invoke(inner, Arguments((x,)), place)
    if not isinstance(found, Tensor) or not found.dims or not isinstance(mode, str):
        return UNKNOWN
    if mode != "concat":
        return found
    dims = (*found.dims[:-1], found.dims[-1] * Dim.of(2))
    return Tensor(dims, found.dtype, found.origins, None, found.symbolic)


def _lambda(m: Machine, layer: Layer, inputs: list[Value], place: Place) -> Value:
    function = layer.arguments.get("function", UNKNOWN)
    extra = entries_of(layer.arguments.get("arguments", Mapped({"items": {}})))
    if extra is None:
        return UNKNOWN
    keywords = {k: v for k, v in extra.items() if isinstance(k, str)}
    if not isinstance(function, (Function, Api)):
        return UNKNOWN
    return m.invoke(function, Arguments(tuple(inputs), keywords), place)


# -- models


# -- attributes and methods


def attribute(m: Machine, value: Layer | Graph | Stack, name: str) -> Value:
    from .values import Method

    match value, name:
        case Layer(), ("output" | "input"):
            found = value.cell.get(name, UNKNOWN)
            return found if isinstance(found, Value) else UNKNOWN
        case Graph(), ("input" | "inputs"):
            return _plural(value.inputs, name == "inputs")
        case Graph(), ("output" | "outputs"):
            return _plural(value.outputs, name == "outputs")
        case Graph(), ("output_shape" | "input_shape"):
            return shape_value(value.outputs if name == "output_shape" else value.inputs)
        case Stack(), ("output" | "input" | "outputs" | "inputs"):
            found = value.cell.get(name.rstrip("s"), UNKNOWN)
            return _plural(found, name.endswith("s")) if isinstance(found, Value) else UNKNOWN
        case Stack(), "output_shape":
            found = value.cell.get("output", UNKNOWN)
            return shape_value(found) if isinstance(found, Value) else UNKNOWN
        case _:
            return Method(value, name)


def _plural(value: Value, plural: bool) -> Value:
    return Listing({"items": (value,)}) if plural and isinstance(value, Tensor) else value


def method(
    m: Machine, owner: Layer | Graph | Stack, name: str, given: Arguments, place: Place
) -> Value:
    if name == "add" and isinstance(owner, Stack) and given.positional:
        add(m, owner, given.positional[0], place)
        return NONE
    if name == "pop" and isinstance(owner, Stack):
        m.write(owner.cell, "layers", None)
        m.write(owner.cell, "output", UNKNOWN)
    if name in ("build",) and isinstance(owner, Stack) and given.positional:
        first = given.positional[0]
        if owner.cell.get("output") == UNKNOWN and items_of(first) is not None:
            x = input_tensor(m, first, None, place)
            m.write(owner.cell, "output", apply_stack(m, owner, x, place))
        return NONE
    if name in ("call", "__call__"):
        return apply(m, owner, given, place)
    return UNKNOWN


def shape_value(value: Value) -> Value:
    """The shape of a tensor, or of each of several, as `build()` gets it."""
    match value:
        case Tensor(dims=dims) if dims is not None:
            return Fixed(tuple(size(d) for d in dims))
        case Fixed() | Listing():
            items = items_of(value)
            return UNKNOWN if items is None else Listing({"items": tuple(map(shape_value, items))})
        case _:
            return UNKNOWN
