"""The layer inside a wrapper, applied to what the wrapper shows it."""

from __future__ import annotations

from collections.abc import Iterator

from ....ir.nodes import Argument, Call, Expression, List, Name, OpCall, Symbol
from ...shapes.shapes import UNKNOWN, Shape
from ..frame import Frame, Result
from ..nodes import Pending
from ..sites import LayerTarget, Site
from ..values import Instance, Sequence, Tensor, Value
from . import applying


def sites_in(frame: Frame, code: Expression) -> Iterator[Site]:
    """The layers that code of `__init__` holds, in order."""
    match code:
        case Pending(site=site):
            yield site
        case List(elements=elements):
            for element in elements:
                yield from sites_in(frame, element)
        case Call(function=Symbol(), arguments=(Argument(value=only),)):
            yield from sites_in(frame, only)
        case OpCall():
            return
        case _:
            match frame.program.facts.value(code):
                case Instance(site=site):
                    yield site
                case Sequence(items=items, item=item):
                    for value in (*(items or ()), item):
                        if isinstance(value, Instance):
                            yield value.site
                case _:
                    return


def apply_inner(frame: Frame, site: Site, values: list[Value], outer: Site) -> Value:
    """What a layer gives for values of these shapes; tells it its sizes."""
    was_stored, site.stored = site.stored, True
    reader = Pending(site)
    arguments: list[tuple[Argument, Result]] = []
    for name, value in zip(("x", "states"), values, strict=False):
        code = Name(name)
        frame.program.facts.record(code, value)
        size = value.shape.size(-1) if isinstance(value, Tensor) else None
        static = size.to_expression() if size is not None else None
        arguments.append((Argument(code), Result(value, code, static)))
    call = Call(reader, tuple(a for a, _ in arguments), span=outer.span)
    callee = Result(Instance(site), reader, None)
    result = applying.apply_evaluated(frame, site, call, callee, arguments)
    site.stored = was_stored
    return result.value


def without_axis(shape: Shape, axis: int) -> Shape:
    if shape.dims is None or len(shape.dims) <= axis:
        return Shape(None, shape.size(-1))
    return Shape(shape.dims[:axis] + shape.dims[axis + 1 :])


def flag_of(target: LayerTarget, name: str) -> bool:
    match target.static.bound.get(name):
        case None:
            return False
        case code:
            value = getattr(code, "value", None)
            return value is True


def over_time(target: LayerTarget, shape: Shape, step: Value, states: Value) -> Value:
    """What `RNN` gives, by what its cell gives."""
    out = step.shape if isinstance(step, Tensor) else UNKNOWN
    if flag_of(target, "return_sequences"):
        time = shape.size(1) if shape.dims is not None else None
        dims = None if out.dims is None else (shape.size(0), time, *out.dims[1:])
        out = Shape(dims) if dims is not None else Shape(None, out.size(-1))
    value = Tensor(out, step.dtype if isinstance(step, Tensor) else None)
    if not flag_of(target, "return_state"):
        return value
    match states:
        case Sequence(items=items) if items is not None:
            return Sequence("tuple", (value, *items))
        case Tensor():
            return Sequence("tuple", (value, states))
        case Sequence(item=Tensor() as state):
            # As many as there are cells: of the output, only what it shares with the states.
            return Sequence("tuple", None, state)
        case _:
            return Sequence("tuple", None, Tensor())
