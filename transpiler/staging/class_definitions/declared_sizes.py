"""Sizes that the source tells by hand: `self.layer.build(shape)` in the `build` of a class."""

from __future__ import annotations

from ....ir.dims import Dim, from_expression
from ....ir.nodes import (
    Argument,
    Attribute,
    Call,
    Constant,
    Expression,
    List,
    Name,
    Subscript,
    Tuple,
)
from ...shapes.shapes import Shape
from ..calling.graph_calls import declared_shape
from ..evaluation.expressions import evaluate
from ..frame import Frame, Result
from ..layers.applying import apply_evaluated
from ..nodes import Pending
from ..sites import ChoiceTarget, Site
from ..values import Choice, Instance, Sequence, ShapeOf, Static, Tensor, Value
from .attribute_definitions import at_construction
from .class_state import ClassState, current_state


def build_declared(frame: Frame, node: Call, site: Site) -> None:
    """`self.layer.build(shape)` in `build`: the shape tells the sizes that the layer is built
    with; `build(query_shape=a, value_shape=b)` those of several inputs."""
    state = current_state(frame)
    if state is None or frame.kind != "init" or frame.is_trial() or not node.arguments:
        return
    if site.details.get("construct") is not None:
        return
    arguments: list[tuple[Argument, Result]] = []
    for index, given in enumerate(node.arguments):
        shape = _declared(frame, state, site, given.value)
        if shape is None:
            return
        x = Name("x" if not index else f"x{index}")
        value = Tensor(shape, "float32")
        frame.program.facts.record(x, value)
        arguments.append((Argument(x, _input_name(given.keyword)), Result(value, x, None)))
    reader = Pending(site)
    call = Call(reader, tuple(a for a, _ in arguments), span=node.span)
    applied, site.applications = site.applications, 0
    apply_evaluated(frame, site, call, Result(Instance(site), reader, None), arguments)
    site.applications = applied


def _declared(frame: Frame, state: ClassState, site: Site, code: Expression) -> Shape | None:
    """The shape that an argument of `build` says, in terms of the place that makes the layer."""
    if isinstance(code, (List, Tuple)):
        shape = Shape(tuple(_size_of(evaluate(frame, e)) for e in code.elements))
    else:
        given = evaluate(frame, code)
        shape = declared_shape(given.value, given.static, batch=False)
        if isinstance(given.value, ShapeOf) and _is_input(frame, given.value.shape):
            shape = given.value.shape
    if shape.size(-1) is None:
        return None
    if shape.sizes is not None:
        shape = Shape(tuple(_earlier(frame, state, site, size) for size in shape.sizes))
        if all(size is None for size in shape.dims or ()):
            return None
    return shape


def _input_name(keyword: str | None) -> str | None:
    """The input of `call` whose shape a parameter of `build` is."""
    if keyword is None or not keyword.endswith("_shape"):
        return keyword
    name = keyword.removesuffix("_shape")
    return None if name in ("input", "inputs") else name


def _is_input(frame: Frame, shape: Shape) -> bool:
    """Whether this is the shape of an input, whose sizes are parameters."""
    size, plan = shape.size(-1), frame.plan
    names = {plan.size_name(t.name) for t in plan.tensors} if plan is not None else set[str]()
    return shape.dims is None and size in [Dim.named(name) for name in names]


def declared_parts(frame: Frame, node: Call, receiver: Expression) -> bool:
    """`self.layers[0].build(shape)`, of a list that branches of the constructor make; whether the
    call was one for a layer."""
    found = _parts(frame, receiver)
    sites = [value.site for value in found if isinstance(value, Instance)]
    for site in sites:
        build_declared(frame, node, site)
    return bool(sites)


def _parts(frame: Frame, code: Expression) -> list[Value]:
    """All that an attribute, or an element of it, may be."""
    state = current_state(frame)
    found: list[Value] = []
    match code:
        case Attribute(value=Name(id=owner), attribute=name) if state and owner == frame.self_name:
            found = state.assigned.get(name, [])
        case Subscript(value=value, index=Constant(value=int() as index)):
            for whole in _parts(frame, value):
                items = whole.items if isinstance(whole, Sequence) else None
                if items is not None and -len(items) <= index < len(items):
                    found.append(items[index])
        case _:
            pass
    return [part for value in found for part in _alternatives(value)]


def _alternatives(value: Value) -> list[Value]:
    match value:
        case Choice(_, then, otherwise):
            return [*_alternatives(then), *_alternatives(otherwise)]
        case Instance(site=Site(target=ChoiceTarget(then=then, otherwise=otherwise))):
            return [*_alternatives(Instance(then)), *_alternatives(Instance(otherwise))]
        case _:
            return [value]


def _size_of(result: Result) -> Dim | None:
    match result.value:
        case Static(size=Dim() as size):
            return size
        case Static(constant=None) if result.static is not None:
            return from_expression(result.static)
        case _:
            return None


def _earlier(frame: Frame, state: ClassState, site: Site, size: Dim | None) -> Dim | None:
    """A size as code of the place where the site is created."""
    if size is None or size.constant is not None:
        return size
    details = site.details
    there = details.get("attributes", ()), details.get("variables", ())
    code = at_construction(state, size.to_expression(), *there)
    return from_expression(code) if code is not None else None
