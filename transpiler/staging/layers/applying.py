"""Sites in action: a layer or module is applied, which tells its input sizes and so lets it be
built."""

from __future__ import annotations

from ....ir.dims import Dim
from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Call,
    Compare,
    Conditional,
    Constant,
    Expression,
    ExpressionStatement,
    Name,
    Node,
    Subscript,
    Unary,
    map_children,
)
from ...shapes.shapes import Shape
from .. import rule_calls
from ..evaluation.expressions import evaluate
from ..frame import Frame, Result
from ..function_definitions.body_names import assigned_names, own_names
from ..nodes import ModuleRead, Pending, StaticRead
from ..sites import (
    ByNameTarget,
    ChoiceTarget,
    DistributedTarget,
    FactoryTarget,
    LayerTarget,
    ListedTarget,
    Loop,
    ParameterTarget,
    PlanTarget,
    SequentialTarget,
    Site,
    unique_name,
)
from ..values import Closure, Defined, Instance, Known, Static, Tensor, Value, is_dynamic
from . import elements, masks
from .applied_functions import lambda_result, with_lambda_mask
from .freezing import is_frozen

RNGS = Argument(Name("rngs"), "rngs")


def created(frame: Frame, site: Site, node: Expression) -> Result:
    """A layer that has been built but not applied."""
    pending = Pending(site, span=node.span)
    frame.sites.append(site)
    site.details["conditions"] = frame.conditions
    if frame.is_trial():
        site.details["tried"] = True
    if frame.kind == "call":
        site.details["in_call"] = True
    if frame.kind == "split" and frame.self_name is None:
        site.details["functional"] = True
    elif frame.kind == "split" and frame.plan is not None:
        site.details["sizes_then"] = own_names(frame.plan) | assigned_names(frame.init)
    if frame.kind == "init":
        from ..class_definitions.class_state import current_state

        state = current_state(frame)
        site.details["attributes"] = set(state.attributes if state is not None else ())
        site.details["variables"] = set(frame.environment)
        loop = frame.loop
        if loop is not None and loop.outer is None and loop.conditions == frame.conditions:
            site.details["index"] = loop.index
    return Result(Instance(site), pending, pending)


def module_read(frame: Frame, site: Site, node: Expression) -> Expression:
    """Call-time code for the module itself."""
    if frame.kind == "split" and not site.stored:
        return ModuleRead(site, span=node.span)
    if frame.kind == "split" and site.attribute is not None and "passed" in site.details:
        return Attribute(Name("self"), site.attribute)
    if frame.kind == "call" and not site.stored and site.attribute is not None:
        return Attribute(Name(frame.self_name or "self"), site.attribute)
    return node


def as_read(frame: Frame, code: Expression) -> Expression:
    """Code of `__init__` as call-time code: its variables are read back."""
    if frame.kind != "split":
        return code

    def visit(node: Node) -> Node:
        if isinstance(node, Name) and node.id in frame.environment:
            return StaticRead(node.id, span=node.span, clock=frame.clock)
        return map_children(node, visit)

    result = visit(code)
    assert isinstance(result, Expression)
    return result


# -------------------------------------------------------------------------------------- application


def apply_site(frame: Frame, site: Site, node: Call, callee: Result) -> Result:
    """`module(inputs...)`."""
    arguments = [(a, evaluate(frame, a.value)) for a in node.arguments]
    return apply_evaluated(frame, site, node, callee, arguments)


Evaluated = list[tuple[Argument, Result]]


def apply_evaluated(
    frame: Frame, site: Site, node: Call, callee: Result, arguments: Evaluated
) -> Result:
    site = _applied_again(frame, site, node)
    if site.details.get("listed") and not site.stored:
        from .listed_layers import apply_listed

        return apply_listed(frame, site, node, callee, arguments)
    site.applications += 1
    if not frame.is_trial():
        elements.note_application(frame, site, callee.dynamic)
    frame.applied.append(site)
    result = _apply(frame, site, node, callee, arguments)
    if "inside" in site.details:
        from ..uses.outside import without_marks

        return without_marks(frame, node, result)
    return result


def _applied_again(frame: Frame, site: Site, node: Call) -> Site:
    """What a function gives that makes its layers when it is called is a new module each time."""
    match site.target:
        case PlanTarget(plan=plan) if plan.kind == "factory" and frame.kind == "split":
            if not site.applications and frame.loop is site.loop:
                return site
            again = Site(site.target, node.span, site.hint, loop=frame.loop)
            again.details["bound"] = site.details["bound"]
            frame.sites.append(again)
            return again
        case _:
            return site


def _apply(frame: Frame, site: Site, node: Call, callee: Result, arguments: Evaluated) -> Result:
    match site.target:
        case LayerTarget() as target:
            return _apply_layer(frame, site, target, node, callee, arguments)
        case PlanTarget() as target:
            from ..uses import applied_plans

            return applied_plans.apply_plan(frame, site, target, node, callee, arguments)
        case ParameterTarget():
            return _apply_parameter(frame, site, node, callee, arguments)
        case FactoryTarget() as target:
            from ..chosen_layers import layer_factories

            return layer_factories.apply_factory(frame, site, target, node, callee, arguments)
        case SequentialTarget() as target:
            from .sequentials import apply_sequential

            return apply_sequential(frame, site, target, node, callee, arguments)
        case ChoiceTarget() as target:
            from ..evaluation.choices import apply_choice

            return apply_choice(frame, site, target, node, callee, arguments)
        case ByNameTarget() as target:
            from ..chosen_layers import by_name

            return by_name.apply_by_name(frame, site, target, node, callee, arguments)
        case DistributedTarget() as target:
            from . import distributed_layers

            return distributed_layers.apply_distributed(
                frame, site, target, node, callee, arguments
            )
        case ListedTarget():
            from .listed_layers import apply_listed

            return apply_listed(frame, site, node, callee, arguments)


def _apply_layer(
    frame: Frame, site: Site, target: LayerTarget, node: Call, callee: Result, arguments: Evaluated
) -> Result:
    from . import wrappers

    inputs, call_arguments = frame.program.bridge.input_arguments(target.static, arguments)
    if any(isinstance(r.value, (Instance, Defined, Closure)) for r in inputs):
        return _applied_to_layer(frame, target, node, inputs)
    if is_frozen(site) and frame.program.bridge.normalizes(target.static):
        call_arguments["training"] = Result(Static(Known(False)), Constant(False), Constant(False))
    without_mask = dict(call_arguments)
    masks.given_masks(frame, target, inputs, call_arguments)
    optional = masks.optional_mask(frame, target, without_mask, call_arguments)
    within = wrappers.apply_inside(frame, site, target, inputs)
    applied = rule_calls.apply_layer(frame, site, target, inputs, call_arguments)
    if applied is None:
        value: Value = Tensor()
        return Result(value, rule_calls.unhandled_call(frame, target.static, node), None)
    if applied.construct is not None:
        ensure_built(frame, site, _available(frame, site, target, applied.construct))
    module = module_read(frame, site, callee.dynamic) if applied.construct is not None else None
    dynamic = applied.code(module)
    if optional is not None:
        other = rule_calls.apply_layer(frame, site, target, inputs, without_mask)
        absent = Compare(optional, ("is",), (Constant(None),))
        if other is not None:
            dynamic = Conditional(absent, other.code(module), dynamic)
    value = applied.value if within is None else within
    if target.static.symbol == "keras.layers.Lambda":
        function = target.dynamic.bound.get("function")
        value = lambda_result(frame, function, inputs) or value
        mask = masks.mask_of(inputs[0].value) if inputs else None
        dynamic = with_lambda_mask(frame, function, mask, dynamic)
    value = masks.with_mask(value, masks.output_mask(frame, target, inputs))
    size = value.shape.size(-1) if isinstance(value, Tensor) else None
    return Result(value, dynamic, size.to_expression() if size is not None else None)


def _applied_to_layer(
    frame: Frame, target: LayerTarget, node: Call, inputs: list[Result]
) -> Result:
    """A call that fails in Keras, too: what is applied was itself not given a tensor."""
    symbol = target.static.symbol
    code = frame.program.unhandled(
        frame,
        node,
        "TJ3003",
        f"`{symbol}` is applied to a layer or function instead of a tensor",
        "apply that to its input first",
        node.span,
    )
    unknown: list[Expression] = [Name(f"input_{i}") for i, _ in enumerate(inputs)]
    for name in unknown:
        frame.program.facts.record(name, Tensor())
    value = frame.program.bridge.applied_value(target.static, unknown)
    size = value.shape.size(-1) if isinstance(value, Tensor) else None
    return Result(value, code, size.to_expression() if size is not None else None)


def _available(frame: Frame, site: Site, target: LayerTarget, construct: Expression) -> Expression:
    """A value that exists only at call time cannot configure a layer that has state."""
    missing = site.details.get("unavailable")
    if not missing:
        return construct
    return frame.program.unhandled(
        frame,
        Constant(None),
        "TJ5020",
        f"`{missing[0]}` of `{target.static.symbol}` is only known when data flows",
        "compute it from constructor arguments or from shapes",
        site.span,
    )


def ensure_built(frame: Frame, site: Site, construct: Expression) -> None:
    """In a split frame, the constructor call goes to `__init__` when the module is first
    applied."""
    if frame.is_trial() and frame.kind == "call" and not (frame.settles and site.stored):
        return
    if frame.is_trial() and "sizes_then" in site.details:
        return  # sizes of a loop are not settled yet
    if site.details.get("construct") is None:
        site.details["construct"] = when_made(frame, site, construct)
    else:
        elements.met_again(frame, site, construct)
    if frame.kind == "call" and not site.stored and not site.emitted:
        hoist(frame, site)
        return
    if frame.kind != "split" or site.stored or site.emitted:
        return
    inner = inner_loop(frame, site)
    if inner is not None and frame.is_trial() and not site.details.get("tried"):
        return  # the loop is only tried out, and the layer is made before it
    site.emitted = True
    if inner is not None and site.loop is None:
        site.attribute = frame.unique_attribute(site.hint)
        inner.before.append(Assign((Attribute(Name("self"), site.attribute),), Pending(site)))
        return
    if frame.loop is None:
        site.attribute = frame.unique_attribute(site.hint)
        target = Attribute(Name("self"), site.attribute)
        frame.emit_init(Assign((target,), Pending(site)))
        return
    site.details["singular"] = site.hint
    site.attribute = frame.unique_attribute(plural(site.hint))
    site.loop = frame.loop
    frame.loop.sites.append(site)
    if frame.conditions > frame.loop.conditions:
        frame.loop.direct = False
    append = Attribute(Attribute(Name("self"), site.attribute), "append")
    frame.emit_init(ExpressionStatement(Call(append, (Argument(Pending(site)),))))


def inner_loop(frame: Frame, site: Site) -> Loop | None:
    """The loop around the application of a layer that is made outside of any loop: it is built
    before the outermost one."""
    loop = frame.loop
    if loop is None or site.loop is not None:
        return None
    while loop.outer is not None:
        loop = loop.outer
    return loop


def when_made(frame: Frame, site: Site, construct: Expression) -> Expression:
    """A constructor call as it stands where the source makes the layer: sizes that variables hold
    which are set later cannot be had there."""
    known = site.details.get("sizes_then")
    if known is None:
        return construct

    def visit(node: Node) -> Node:
        if isinstance(node, Name) and node.id.endswith("_features") and node.id not in known:
            return frame.program.unknown_size(frame, construct, site.hint, node.id)
        return map_children(node, visit)

    result = visit(construct)
    assert isinstance(result, Expression)
    return result


def hoist(frame: Frame, site: Site) -> None:
    """A layer built in a method becomes an attribute, built in `__init__`."""
    from ..class_definitions.class_state import current_state

    state = current_state(frame)
    if state is None or not site.details.get("in_call"):
        return
    site.emitted = True
    site.attribute = unique_name(site.hint, state.attributes)
    state.attributes[site.attribute] = Instance(site)
    state.init.append(Assign((Attribute(Name("self"), site.attribute),), Pending(site)))


def plural(name: str) -> str:
    if name.endswith(("s", "x", "ch", "sh")):
        return f"{name}es"
    return f"{name[:-1]}ies" if name.endswith("y") and name[-2:-1] not in "aeiou" else f"{name}s"


def built_attribute(frame: Frame, site: Site) -> Expression:
    """`__init__` code for the module that was just built."""
    attribute = Attribute(Name("self"), site.attribute or site.hint)
    if site.loop is None:
        return attribute
    return Subscript(attribute, Unary("-", Constant(1)))


def _apply_parameter(
    frame: Frame, site: Site, node: Call, callee: Result, arguments: Evaluated
) -> Result:
    """A module class passed in by the caller: built with the size of the last axis, asked for its
    own afterwards."""
    target = site.target
    assert isinstance(target, ParameterTarget)
    first = arguments[0][1]
    fixed = [(a, r) for a, r in arguments if not is_dynamic(r.value)]
    configuration = tuple(Argument(r.static or r.dynamic, a.keyword, a.star) for a, r in fixed)
    construct = Call(
        target.static,
        (Argument(first.static or Constant(None)), *target.arguments, *configuration, RNGS),
    )
    ensure_built(frame, site, construct)
    frame.program.uses_rngs(frame)
    dynamic = Call(
        module_read(frame, site, callee.dynamic),
        tuple(Argument(r.dynamic, a.keyword) for a, r in arguments if is_dynamic(r.value)),
    )
    size = Dim.variable(Attribute(built_attribute(frame, site), "out_features"))
    return Result(Tensor(Shape(None, size)), dynamic, size.to_expression())
