"""`TimeDistributed`: a layer on each time step, or on all at once."""

from __future__ import annotations

from ....ir.nodes import Argument, Call, Expression, Name, OpCall, Symbol
from ...shapes.shapes import UNKNOWN, Shape
from ..chosen_layers.layer_tables import as_callable
from ..evaluation.expressions import evaluate
from ..frame import Frame, Result
from ..nodes import Pending
from ..sites import DistributedTarget, LayerTarget, Site, attribute_hint
from ..values import Instance, Sequence, Tensor, Value
from . import applying, masks
from .inner_layers import without_axis

TIME_DISTRIBUTED = Symbol("tf_compat.time_distributed")


def time_distributed(frame: Frame, node: OpCall) -> Result | None:
    """`TimeDistributed(layer)`: what applies the layer to each time step."""
    given = node.bound.get("layer")
    if given is None:
        return None
    inner = evaluate(frame, given)
    if not isinstance(inner.value, Instance):
        return None
    name = node.bound.get("name")
    hint = attribute_hint(node.symbol, name) if name is not None else inner.value.site.hint
    target = DistributedTarget(inner.value.site, inner.dynamic)
    if frame.kind == "init" and not isinstance(inner.static, Pending):
        target.stored = inner.static
    site = Site(target, node.span, hint, loop=frame.loop)
    result = applying.created(frame, site, node)
    if target.stored is not None:
        site.details["construct"] = target.stored
    return result


def apply_distributed(
    frame: Frame,
    site: Site,
    target: DistributedTarget,
    node: Call,
    callee: Result,
    arguments: applying.Evaluated,
) -> Result:
    """Layers that work on the last axis take the input as it is; for others the axes of batch and
    time are merged."""
    inner = target.inner
    own = frame.kind != "split" or site.stored
    reader = applying.module_read(frame, site, callee.dynamic) if own else _read(frame, target)
    was_stored = inner.stored
    if own:
        inner.stored = True
    (first, x), *rest = arguments
    if _on_last_axis(frame, inner):
        result = applying.apply_evaluated(
            frame, inner, node, Result(Instance(inner), reader, None), arguments
        )
    else:
        shape = x.value.shape if isinstance(x.value, Tensor) else UNKNOWN
        step = Tensor(
            without_axis(shape, 1), x.value.dtype if isinstance(x.value, Tensor) else None
        )
        code = Name("x")
        frame.program.facts.record(code, step)
        one = applying.apply_evaluated(
            frame,
            inner,
            node,
            Result(Instance(inner), reader, None),
            [(Argument(code, first.keyword), Result(step, code, x.static)), *_flags(rest)],
        )
        call = Call(TIME_DISTRIBUTED, (Argument(as_callable(one.dynamic)), Argument(x.dynamic)))
        value = _with_time(one.value, shape)
        size = value.shape.size(-1) if isinstance(value, Tensor) else None
        result = Result(value, call, size.to_expression() if size is not None else None)
    result = Result(
        masks.with_mask(result.value, masks.mask_of(x.value)), result.dynamic, result.static
    )
    construct = inner.details.get("construct")
    if own:
        inner.stored = was_stored
        if target.stored is None and isinstance(construct, Expression):
            applying.ensure_built(frame, site, construct)
    return result


def _flags(arguments: applying.Evaluated) -> applying.Evaluated:
    return [(a, r) for a, r in arguments if a.keyword == "training"]


def _read(frame: Frame, target: DistributedTarget) -> Expression:
    return applying.module_read(frame, target.inner, target.code)


def _on_last_axis(frame: Frame, site: Site) -> bool:
    """Whether a layer treats each position of the leading axes alike."""
    if not isinstance(site.target, LayerTarget):
        return False
    return frame.program.bridge.works_on_last_axis(site.target.static)


def _with_time(value: Value, shape: Shape) -> Value:
    match value:
        case Tensor():
            time = shape.size(1) if shape.dims is not None else None
            dims = value.shape.dims
            if dims is None:
                return Tensor(Shape(None, value.shape.size(-1)), value.dtype)
            return Tensor(Shape((shape.size(0), time, *dims[1:])), value.dtype)
        case Sequence(items=items) if items is not None:
            return Sequence(value.kind, tuple(_with_time(v, shape) for v in items))
        case _:
            return value
