"""Constructor calls of layers."""

from __future__ import annotations

from ....ir.nodes import Argument, Assign, Attribute, Expression, OpCall, walk
from ..evaluation.expressions import evaluate
from ..frame import Frame, Result
from ..layers import applying, stacked_cells, wrappers
from ..sites import LayerTarget, Site, attribute_hint
from ..values import Instance, Unknown
from .api_functions import INFRASTRUCTURE


def create_layer(frame: Frame, node: OpCall) -> Result:
    """A layer is built: remember the call as each slice sees it; the first application tells its
    input sizes."""
    name = node.bound.get("name")
    static: dict[str, Expression] = {}
    dynamic: dict[str, Expression] = {}
    unavailable: list[str] = []
    for parameter, argument in node.bound.items():
        if parameter in INFRASTRUCTURE:
            continue
        if parameter in wrappers.INSIDE.get(node.symbol, ()):
            argument = stacked_cells.unrolled(argument)
        result = evaluate(frame, argument)
        within = wrappers.inside(frame, node, parameter, result)
        if within is not None:
            static[parameter] = dynamic[parameter] = within
            continue
        wrapped = result.value.site.target if isinstance(result.value, Instance) else None
        if isinstance(wrapped, LayerTarget):
            # A layer that a wrapper takes: the rule of the wrapper builds it.
            static[parameter], dynamic[parameter] = wrapped.static, wrapped.dynamic
            continue
        static[parameter] = result.static if result.static is not None else result.dynamic
        if result.static is None and frame.kind != "plain":
            unavailable.append(parameter)
        dynamic[parameter] = result.dynamic
    in_method = frame.kind == "call" and not _is_kept(frame, node)
    if unavailable and in_method and frame.program.bridge.has_weights(node):
        # The method stops here; what does not need it runs.
        message = f"`{unavailable[0]}` of `{node.symbol}` is only known when data flows"
        hint = "compute it from constructor arguments or from shapes"
        code = frame.program.unhandled(frame, node, "TJ5020", message, hint, node.span)
        return Result(Unknown(), code, None)
    extra: list[Argument] = []
    for argument in node.extra:
        if argument.keyword in INFRASTRUCTURE:
            continue
        if argument.star == "**":
            frame.program.report_kwargs(frame, node, argument)
            continue
        value = evaluate(frame, argument.value)
        extra.append(Argument(value.static or value.dynamic, argument.keyword, argument.star))
    target = LayerTarget(
        OpCall(node.symbol, static, tuple(extra), node.function, span=node.span),
        OpCall(node.symbol, dynamic, tuple(extra), node.function, span=node.span),
    )
    wrappers.copy_for_backward(target)
    site = Site(
        target,
        node.span,
        attribute_hint(node.symbol, name),
        loop=frame.loop,
    )
    site.details["unavailable"] = unavailable
    return applying.created(frame, site, node)


def _is_kept(frame: Frame, node: OpCall) -> bool:
    """Whether the method keeps the layer as an attribute."""
    return frame.method is not None and any(
        isinstance(statement, Assign)
        and isinstance(statement.targets[0], Attribute)
        and statement.value.span == node.span
        for statement in walk(frame.method)
    )
