"""Functions that return a function which makes a model: both stay functions, and the generator for
the parameters goes to the outer one."""

from __future__ import annotations

from dataclasses import replace

from ....ir.nodes import (
    Argument,
    Call,
    FunctionDef,
    Name,
    OpCall,
    Parameter,
    Pass,
    Return,
    replace_node,
    walk,
)
from ..frame import Frame, Result
from ..joined_values import join_all
from ..layers import applying
from ..plans import Bound, Definition, Plan
from ..sites import PlanTarget, Site
from ..slices.live_code import live_statements
from ..values import Closure, Instance, Maker, Static, Tensor


def return_maker(frame: Frame, closure: Closure) -> bool:
    """`return inner` where `inner` takes no tensors and returns a module. False when it does
    something else."""
    from ..control_flow.statements import run_body
    from . import functions, parameters

    inner, plan = closure.definition, frame.plan
    if not isinstance(inner, FunctionDef) or plan is None or plan.tensors or frame.inputs:
        return False
    scan = frame.program.scan
    opens = any(isinstance(n, OpCall) and n.symbol == "keras.Input" for n in walk(inner))
    if opens or not scan.creates(inner) or scan.tensor_parameters(None, inner):
        return False
    environment, init, returns = dict(frame.environment), frame.init, frame.returns
    frame.init, frame.returns, frame.terminated = [], [], False
    for parameter in inner.parameters:
        frame.environment[parameter.name] = parameters.static_value(parameter)
    run_body(frame, inner.body)
    made, returned = frame.init, join_all(frame.returns) if frame.returns else Static()
    frame.environment, frame.init, frame.returns = environment, init, returns
    frame.terminated = True
    if not isinstance(returned, Instance) or frame.inputs:
        return False
    definition = Definition(plan.definition.module, inner.name, inner, plan.definition.name)
    maker = Plan(definition, "builder", inner.name, list(inner.parameters), finished=True)
    maker.details["signature"] = maker.details["all_parameters"] = list(inner.parameters)
    functions.export_sizes(frame.program, frame, maker, returned.site)
    parameters = (*(Parameter(s.name) for s in maker.sizes), *inner.parameters)
    body = tuple(live_statements(made, None)) or (Pass(),)
    frame.emit_init(replace_node(inner, parameters=parameters, body=body))
    frame.emit_init(Return(Name(inner.name)))
    frame.returns.append(Maker(maker, {}, returned.site.hint))
    return True


def call_outer(frame: Frame, plan: Plan, node: Call, bound: Bound, target: PlanTarget) -> Result:
    """`common_unet(depth)`: gives the function that makes the module."""
    rngs = (applying.RNGS,) if plan.needs_rngs else ()
    if plan.needs_rngs:
        frame.program.uses_rngs(frame)
    function = frame.program.plan_reference(frame, plan)
    static = Call(function, (*target.static, *rngs), span=node.span)
    dynamic = Call(function, (*target.dynamic, *rngs), span=node.span)
    inner = plan.result
    assert isinstance(inner, Maker)
    maker = inner.plan
    if inner.bound:
        # Made by yet another function: its arguments are not in our terms.
        maker = replace(maker, result=Tensor())
    return Result(Maker(maker, bound, inner.hint), dynamic, static)


def call_maker(frame: Frame, node: Call, maker: Maker, callee: Result) -> Result:
    """`common_unet(depth)(shape)`: the module, to be applied."""
    from ..evaluation.expressions import evaluate
    from ..uses.call_arguments import bind, constructor_arguments

    plan = maker.plan
    arguments = [(a, evaluate(frame, a.value)) for a in node.arguments]
    bound, rest = bind(plan, arguments)
    static, dynamic = constructor_arguments(plan, bound, rest)
    function = callee.static or callee.dynamic
    site = Site(PlanTarget(plan, static, dynamic, function), node.span, maker.hint, loop=frame.loop)
    site.details["bound"] = {**maker.bound, **bound}
    return applying.created(frame, site, node)


def constructor_call(frame: Frame, target: PlanTarget, sizes: tuple[Argument, ...]) -> Call:
    """The module of a plan, built with these sizes."""
    rngs = (applying.RNGS,) if target.plan.needs_rngs else ()
    if rngs:
        frame.program.uses_rngs(frame)
    function = target.function or frame.program.plan_reference(frame, target.plan)
    required = [size for size in sizes if size.keyword is None]
    named = [size for size in sizes if size.keyword is not None]
    return Call(function, (*required, *target.static, *named, *rngs))
