"""`super().method(...)` in the methods of a class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....ir.nodes import (
    Argument,
    Attribute,
    Call,
    Constant,
    Name,
    replace_node,
)
from ..evaluation.expressions import evaluate
from ..evaluation.flags import at_call
from ..frame import Frame, Result
from ..functional_models import functional_class
from ..plans import Plan
from ..values import (
    Static,
    Tensor,
    TrainingFlag,
    Value,
)
from . import own_metrics
from .class_state import (
    SERIALISATION,
    current_state,
    own_parameters,
    state_of,
    takes_all,
)
from .methods import absent, run_method, target_name

if TYPE_CHECKING:
    pass


def super_call(frame: Frame, node: Call, function: Attribute) -> Result | None:
    """`super().method(...)`: of a Keras base nothing is left; of a project class the call stays."""
    state = current_state(frame)
    if state is None or frame.plan is None:
        return None
    nothing = Result(Static(), Constant(None), Constant(None))
    if function.attribute == "__init__" and functional_class.close_graph(frame, node):
        return nothing
    while state.parent is not None and frame.method is not None:
        if any(m is frame.method for m in state.node.body):
            break
        # An inherited method: what it extends is above the class that defines it.
        state = state_of(state.parent)
    if function.attribute in SERIALISATION and frame.program.keeps_config:
        return None
    if state.parent is None:
        metric = own_metrics.base_of(frame.program, state.node)
        if metric is not None and function.attribute == "__init__":
            made = own_metrics.parent_init(frame, node, state, metric)
            if made is not None:
                return made
        elif metric is not None:
            step = own_metrics.parent_step(frame, node, function.attribute)
            if step is not None:
                return step
        if hasattr(object, function.attribute) and function.attribute != "__init__":
            return None
        if function.attribute in ("call", "__call__") and node.arguments:
            message = "`super().call` of a Keras layer: a Flax module does not extend it"
            code = frame.program.unhandled(
                frame, node, "TJ5004", message, "hold the layer as an attribute", node.span
            )
            return Result(Tensor(), code, None)
        return nothing
    if function.attribute == "build":
        return nothing
    if function.attribute == "__init__":
        return _super_init(frame, node, function, state.parent)
    method = state_of(state.parent).methods.get(function.attribute)
    if method is None:
        return None
    arguments = [(a, evaluate(frame, a.value)) for a in node.arguments]
    values: dict[str, Value] = {}
    for index, (argument, result) in enumerate(arguments):
        names = [p.name for p in own_parameters(method)]
        values[target_name(argument, index, names)] = result.value
    kept = tuple(
        a if a.value is r.dynamic else replace_node(a, value=r.dynamic)
        for a, r in arguments
        if a.keyword != "training" and not isinstance(r.value, TrainingFlag)
    )
    given = [values.get(p.name, absent(p)) for p in own_parameters(method)]
    settles = frame.settles or not frame.is_trial()
    value = run_method(frame.program, frame.plan, method, given, keep=False, settles=settles)
    value = at_call(value, method, [(a, r) for a, r in arguments if a.keyword != "training"])
    renamed = "__call__" if function.attribute == "call" else function.attribute
    called = (
        function if renamed == function.attribute else replace_node(function, attribute=renamed)
    )
    same = called is function and len(kept) == len(node.arguments)
    same = same and all(a is b for a, b in zip(kept, node.arguments, strict=True))
    size = value.shape.size(-1) if isinstance(value, Tensor) else None
    static = size.to_expression() if size is not None else None
    return Result(value, node if same else Call(called, kept, span=node.span), static)


def _super_init(frame: Frame, node: Call, function: Attribute, parent: Plan) -> Result:
    """The parent's constructor: its sizes are ours, its dropped parameters are gone."""
    kept: list[Argument] = []
    names = {p.name for p in parent.parameters}
    has_kwargs = any(p.kind == "kwargs" for p in parent.parameters)
    has_more = has_kwargs or not takes_all(parent, node.arguments)
    for argument in node.arguments:
        if argument.star == "**" and not has_more:
            continue
        if argument.keyword is not None and argument.keyword not in names and not has_kwargs:
            continue
        result = evaluate(frame, argument.value)
        kept.append(replace_node(argument, value=result.static or result.dynamic))
    sizes = tuple(Argument(Name(s.name)) for s in parent.sizes if not s.optional)
    chosen = [Argument(Name(s.name), s.name) for s in parent.sizes if s.optional]
    if frame.plan is not None:
        # What the parent asks of whoever makes it, its heirs ask of those that make them.
        names = {s.name for s in frame.plan.sizes}
        frame.plan.sizes += [s for s in parent.sizes if not s.tensor and s.name not in names]
    rngs = (Argument(Name("rngs"), "rngs"),) if parent.needs_rngs else ()
    if parent.needs_rngs:
        frame.program.uses_rngs(frame)
    call = Call(function, (*sizes, *kept, *chosen, *rngs))
    return Result(Static(), call, call)
