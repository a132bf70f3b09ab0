"""Models: what functional and sequential ones are made of, and what goes into them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from ...ir.dims import Dim, Variable
from .dtypes import dtype_of
from .machine import Machine
from .policies import note
from .structures import leaves, rebuilt
from .text import dim_text, shape_text
from .values import (
    NONE,
    UNKNOWN,
    Api,
    Arguments,
    Fixed,
    Graph,
    Instance,
    Layer,
    Place,
    Stack,
    Tensor,
    Value,
    dim_of,
    items_of,
)

SHAPE_ARGUMENTS = ("input_shape", "batch_input_shape", "batch_shape", "input_dim", "shape")


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

    note(m, instance.attributes, given)
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
