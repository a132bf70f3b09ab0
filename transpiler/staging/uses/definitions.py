"""Calls of the project's own functions and classes."""

from __future__ import annotations

from dataclasses import replace

from ....ir.nodes import Argument, Call, Expression, Name, walk
from ...shapes.shapes import Size
from ..class_definitions import own_metrics
from ..evaluation.expressions import composite, evaluate
from ..frame import Frame, Result
from ..function_definitions import makers, stateless
from ..layers import applying
from ..plans import Definition, Plan
from ..sites import PlanTarget, Site, attribute_hint
from ..slices.purity import only_says_constant
from ..values import INITIALIZER, Elementwise, Object, Sequence, Static, Tensor, Unknown, is_dynamic
from .call_arguments import bind, constructor_arguments
from .followed_numbers import numbers_of_call
from .plain_ranks import plain_result
from .plan_inputs import input_shapes
from .substitution import Terms, substitute_value


def call_definition(frame: Frame, node: Call, definition: Definition, callee: Result) -> Result:
    plan = frame.program.plan(definition)
    arguments = [(a, evaluate(frame, a.value)) for a in node.arguments if not _is_ignored(plan, a)]
    match plan.kind:
        case "builder" if isinstance(plan.result, Elementwise):
            return composite(frame, node, plan.result)
        case "class":
            return call_graph_function(frame, plan, node, callee, arguments)
        case "builder" if "ports" in plan.details:
            from ..function_definitions import builders

            return builders.use(frame, plan, callee.dynamic, node, arguments)
        case "factory" | "layer" | "builder":
            bound, rest = bind(plan, arguments)
            static, dynamic = constructor_arguments(plan, bound, rest)
            if plan.kind == "layer" and own_metrics.family_base(frame.program, plan) is not None:
                code = Call(callee.dynamic, dynamic, span=node.span)
                return Result(Object(own_metrics.METRIC), code, code)
            site = Site(
                PlanTarget(plan, static, dynamic), node.span, _hint(plan, node), loop=frame.loop
            )
            site.details["bound"] = bound
            return applying.created(frame, site, node)
        case "maker":
            bound, rest = bind(plan, arguments)
            static, dynamic = constructor_arguments(plan, bound, rest)
            return makers.call_outer(frame, plan, node, bound, PlanTarget(plan, static, dynamic))
        case "chooser":
            return composite(frame, node, plan.result)
        case "plain" if frame.program.is_own_initializer(definition):
            return composite(frame, node, Static(kind=INITIALIZER))
        case "plain":
            return call_plain(frame, plan, node, arguments)


def _is_ignored(plan: Plan, argument: Argument) -> bool:
    return argument.keyword is not None and argument.keyword in plan.dropped


def _hint(plan: Plan, node: Call) -> str:
    """The call's own `name=`, as for layers of Keras, else the name of what is made."""
    named = next((a.value for a in node.arguments if a.keyword == "name" and not a.star), None)
    return attribute_hint(plan.name, named)


def call_graph_function(
    frame: Frame,
    plan: Plan,
    node: Call,
    callee: Result,
    arguments: list[tuple[Argument, Result]],
    *,
    passed: bool = False,
) -> Result:
    """A function that builds and applies layers: its module is built in `__init__` and called
    here. `passed`: a parameter holds it."""
    bound, rest = bind(plan, arguments)
    told = {name: _configured(frame, plan, name, *given) for name, given in bound.items()}
    static, dynamic = constructor_arguments(plan, told, rest)
    target = PlanTarget(plan, static, dynamic, callee.static if passed else None)
    hint = (
        attribute_hint(node.function.id, None)
        if passed and isinstance(node.function, Name)
        else _hint(plan, node)
    )
    site = Site(target, node.span, hint, loop=frame.loop)
    site.details["bound"] = bound
    if not any(t.name in bound for t in plan.tensors):
        return applying.created(frame, site, node)
    frame.sites.append(site)
    inputs = [
        (replace(bound[t.name][0]), bound[t.name][1]) for t in plan.tensors if t.name in bound
    ]
    return applying.apply_evaluated(frame, site, node, callee, inputs)


def _configured(
    frame: Frame, plan: Plan, name: str, argument: Argument, result: Result
) -> tuple[Argument, Result]:
    """An argument of a constructor; what only the call computes is refused."""
    configures = any(p.name == name for p in plan.parameters)
    if frame.kind != "split" or result.static is not None or not configures:
        return argument, result
    names = {n.id for n in walk(result.dynamic) if isinstance(n, Name)}
    if not names & frame.call_only:
        return argument, result
    code = frame.program.unhandled(
        frame,
        argument.value,
        "TJ5020",
        f"`{name}` of `{plan.name}` is only known when data flows",
        "compute it from constructor arguments or from shapes",
        argument.value.span,
    )
    return argument, replace(result, static=code)


def call_plain(
    frame: Frame, plan: Plan, node: Call, arguments: list[tuple[Argument, Result]]
) -> Result:
    """A function without layers: called where it was."""
    node = stateless.without_dropped(plan, node)
    result = composite(frame, node, None)
    if any(is_dynamic(r.value) for _, r in arguments):
        bound, _ = bind(plan, arguments)
        sizes: dict[str, Size] = {}
        codes: dict[str, Expression] = {}
        for name, (_, r) in bound.items():
            if isinstance(r.value, Tensor):
                sizes[f"{name}_features"] = r.value.shape.size(-1)
                if len(plan.tensors) == 1:
                    sizes["in_features"] = r.value.shape.size(-1)
            elif r.static is not None:
                codes[name] = r.static
        if not any(a.star for a, _ in arguments):
            defaults = {p.name: p.default for p in plan.parameters if p.default is not None}
            codes = defaults | codes
        inputs = {name: r for name, (_, r) in bound.items()}
        outcome = plain_result(frame.program, plan, inputs)
        value = substitute_value(outcome, Terms(sizes, codes, input_shapes(plan, inputs)))
        if plan.details.get("static_result"):
            value = numbers_of_call(frame, plan, bound) or value
        elif isinstance(value, (Static, Unknown)):
            value = Tensor()
        size = value.shape.size(-1) if isinstance(value, Tensor) else None
        return Result(value, result.dynamic, size.to_expression() if size is not None else None)
    if (
        isinstance(plan.result, (Sequence,))
        and plan.result.items is not None
        and not is_dynamic(plan.result)
    ):
        return Result(plan.result, result.dynamic, result.static)
    if isinstance(plan.result, Static) and only_says_constant(plan.output):
        return Result(plan.result, result.dynamic, result.static)
    return result
