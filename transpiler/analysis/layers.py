"""Keras layers and models: what they are made of, and what they give when they are called."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

from ...ir.dims import Dim, Variable
from ...ir.nodes import Starred, Tuple
from ...rules.language.records import Rule
from .checks import made
from .dtypes import dtype_of, is_float, policy_dtype
from .machine import Machine
from .results import Site, result, with_dtype
from .structures import leaves, rebuilt
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
    Instance,
    Layer,
    Listing,
    Mapped,
    Place,
    Stack,
    Tensor,
    Value,
    const,
    dim_of,
    entries_of,
    integer,
    items_of,
    size,
)

SHAPE_ARGUMENTS = ("input_shape", "batch_input_shape", "batch_shape", "input_dim", "shape")
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
    if not m.muted:
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
    for parameter, value in zip(names, inputs, strict=False):
        binding[parameter] = value
    for keyword, value in keywords.items():
        if keyword in names:
            binding[keyword] = value
    if not _check_built(m, rule, layer, binding, place):
        return UNKNOWN
    site = Site(place, layer.place, keras=True)
    first = binding.get(names[0], UNKNOWN) if names else UNKNOWN
    found = result(m, rule, binding, site)
    return with_dtype(found, _layer_dtype(m, layer, found, first), _symbolic(first))


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


def apply_graph(m: Machine, graph: Graph, given: Value, place: Place) -> Value:
    """The outputs, with the sizes of these inputs put in for those that were left open."""
    table: dict[Hashable, Dim] = {}
    inputs, values = tensors_of(graph.inputs), tensors_of(given)
    if inputs is None or values is None or len(inputs) != len(values):
        return UNKNOWN
    for wanted, x in zip(inputs, values, strict=True):
        if wanted.dims is None or x.dims is None:
            return _without_sizes(graph.outputs)
        if len(wanted.dims) != len(x.dims):
            return _without_sizes(graph.outputs)
        for axis, (a, b) in enumerate(zip(wanted.dims, x.dims, strict=True)):
            variable = _variable(a)
            if variable is not None:
                table.setdefault(variable.key, b)
                continue
            if a.constant is None:
                continue
            message = (
                f"the model takes {shape_text(wanted.dims)}, but axis {axis} of the input "
                f"{shape_text(x.dims)} is {dim_text(b)}"
            )
            notes = (
                (wanted.origin(axis), "the input of the model"),
                (x.origin(axis), f"{dim_text(b)} is fixed here"),
            )
            if not m.require(a, b, place, message, notes):
                return UNKNOWN
    return _replaced(graph.outputs, table)


def _variable(dim: Dim) -> Variable | None:
    if len(dim.terms) == 1 and dim.terms[0][1] == 1 and len(dim.terms[0][0]) == 1:
        atom = dim.terms[0][0][0]
        return atom if isinstance(atom, Variable) else None
    return None


def _replaced(value: Value, table: Mapping[Hashable, Dim]) -> Value:
    def leaf(value: Value) -> Value:
        if not isinstance(value, Tensor) or value.dims is None:
            return UNKNOWN
        new = tuple(d.substitute(lambda v: table.get(v.key)) for d in value.dims)
        return Tensor(new, value.dtype, value.origins, None, True)

    return rebuilt(value, leaf)


def _without_sizes(value: Value) -> Value:
    return Tensor() if isinstance(value, Tensor) else UNKNOWN


def tensors_of(value: Value) -> list[Tensor] | None:
    """The tensors in a structure, in order; None when something else is in it."""
    found = list(leaves(value))
    tensors = [v for v in found if isinstance(v, Tensor)]
    return tensors if len(tensors) == len(found) else None


def apply_stack(m: Machine, stack: Stack, x: Value, place: Place) -> Value:
    layers = stack.cell.get("layers")
    if not isinstance(layers, tuple):
        return UNKNOWN
    found = x
    for layer in layers:  # pyright: ignore[reportUnknownVariableType]
        if not isinstance(layer, Value):
            return UNKNOWN
        if isinstance(layer, Layer) and layer.symbol.endswith("InputLayer"):
            continue
        if layer is NONE or found == UNKNOWN:
            return UNKNOWN
        # Within the list, blame the layer; its call has no place of its own.
        where = layer.place if isinstance(layer, Layer) else place
        if place.module != stack.place.module or where.module != place.module:
            where = place
        found = m.invoke(layer, Arguments((found,)), where)
    return found


def make_stack(m: Machine, layers: Value, place: Place) -> Stack:
    stack = Stack(place, {"layers": (), "output": UNKNOWN})
    items = items_of(layers)
    if layers == NONE:
        return stack
    if items is None:
        stack.cell["layers"] = None
        return stack
    for layer in items:
        add(m, stack, layer, place)
    return stack


def add(m: Machine, stack: Stack, layer: Value, place: Place) -> None:
    """`model.add(layer)`: the first may say what goes in."""
    known = stack.cell.get("layers")
    if not isinstance(known, tuple):
        return
    m.write(stack.cell, "layers", (*known, layer))  # pyright: ignore[reportUnknownArgumentType]
    before = stack.cell.get("output", UNKNOWN)
    if isinstance(layer, Tensor):
        m.write(stack.cell, "layers", known)  # pyright: ignore[reportUnknownArgumentType]
        m.write(stack.cell, "input", layer)
        m.write(stack.cell, "output", layer)
        return
    if not known and "input" not in stack.cell:
        x = stated_input(m, layer, place)
        if x is None:
            return
        m.write(stack.cell, "input", x)
        before = x
        if isinstance(layer, Layer) and layer.symbol.endswith("InputLayer"):
            m.write(stack.cell, "output", x)
            return
    if not isinstance(before, Tensor):
        return
    where = layer.place if isinstance(layer, Layer) else place
    m.write(stack.cell, "output", m.invoke(layer, Arguments((before,)), where))


def stated_input(m: Machine, layer: Value, place: Place) -> Tensor | None:
    """What `input_shape=` and the like say of a layer."""
    match layer:
        case Layer(arguments=arguments):
            for name in SHAPE_ARGUMENTS:
                if name in arguments and (name != "shape" or layer.symbol.endswith("InputLayer")):
                    return _stated(m, name, arguments, layer)
            length = arguments.get("input_length")
            if layer.symbol.endswith("Embedding") and length is not None:
                return input_tensor(m, Fixed((NONE, length)), None, layer.place)
            inner = arguments.get("layer")
            return None if inner is None else stated_input(m, inner, place)
        case Graph(inputs=Tensor() as x):
            return x
        case Stack(cell=cell):
            found = cell.get("input")
            return found if isinstance(found, Tensor) else None
        case _:
            return None


def _stated(m: Machine, name: str, arguments: Mapping[str, Value], layer: Layer) -> Tensor | None:
    shape = arguments[name]
    if name == "input_dim":
        if layer.symbol.endswith("Embedding"):
            length = arguments.get("input_length")
            return (
                None
                if length is None
                else input_tensor(m, Fixed((NONE, length)), None, layer.place)
            )
        shape = Fixed((shape,))
    items = items_of(shape)
    if items is None:
        return None
    if not name.startswith("batch"):
        items = (NONE, *items)
    return input_tensor(m, Fixed(items), arguments.get("dtype"), layer.place)


def input_tensor(m: Machine, shape: Value, dtype: Value | None, place: Place) -> Tensor:
    """A tensor of a stated shape, batch included; None is a size that is left open."""
    items = items_of(shape)
    kind = "float32" if dtype is None or dtype == NONE else dtype_of(dtype)
    if m.policy and (dtype is None or dtype == NONE):
        kind = None
    if items is None:
        return Tensor(None, kind, symbolic=True)
    dims: list[Dim] = []
    for axis, item in enumerate(items):
        known = dim_of(item)
        if known is None:
            known = m.batch if axis == 0 else m.solver.fresh(_letter(axis, len(items)))
        dims.append(known)
    return Tensor(tuple(dims), kind, (place,) * len(dims), None, True)


def _letter(axis: int, rank: int) -> str:
    """A name for an axis that is left open."""
    names = {3: "BLC", 4: "BHWC", 5: "BDHWC"}.get(rank, "")
    return names[axis] if axis < len(names) else "N"


def base_init(m: Machine, instance: Instance, given: Arguments, place: Place) -> None:
    """`super().__init__(...)` of a class that derives from a Keras one."""
    from .pythonic import lineage

    bases = [b.symbol for c in lineage(instance.cls) for b in c.bases if isinstance(b, Api)]
    if "keras.Sequential" in bases:
        layers = given.positional[0] if given.positional else given.keywords.get("layers", NONE)
        m.write(instance.attributes, "__stack__", make_stack(m, layers, place))
    elif "keras.Model" in bases:
        names = dict(zip(("inputs", "outputs"), given.positional, strict=False))
        names |= {k: v for k, v in given.keywords.items() if k in ("inputs", "outputs")}
        if len(names) == 2:
            graph = Graph(names["inputs"], names["outputs"], place)
            m.write(instance.attributes, "__graph__", graph)


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


__all__ = ["Sequence", "apply", "made"]
