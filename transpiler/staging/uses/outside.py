"""What the code around a module of the project uses of it besides calling it: its methods, its
properties, the layers inside it.

    x = self.encoder.embed_tokens(ids)
    logits = self.head(self.encoder.norm(x))

What is found in terms of the module's own constructor is put in those of the code that asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from ....ir.dims import Dim
from ....ir.nodes import (
    Argument,
    Attribute,
    Call,
    Constant,
    Expression,
    FunctionDef,
    Name,
    Node,
    OpCall,
    Parameter,
    map_children,
    replace_node,
)
from ...shapes.shapes import Shape, Size
from ..class_definitions import methods
from ..class_definitions.class_inputs import as_asked
from ..class_definitions.class_state import CONFIGURATION_METHODS, ClassState, state_of
from ..drivers import runs_in_mode
from ..evaluation.flags import at_call
from ..frame import Frame, Result
from ..function_definitions.parameters import static_value
from ..layers import applying
from ..layers.layer_configuration import ATTRIBUTES, MARK, is_marked
from ..plans import Bound, Plan
from ..sites import LayerTarget, PlanTarget, Site
from ..values import Instance, Sequence, Static, Tensor, Value, is_dynamic
from . import applied_plans
from .plan_inputs import size_argument
from .substitution import Terms, substitute_value

Arguments = list[tuple[Argument, Result]]


def call_method(
    frame: Frame, node: Call, function: Attribute, receiver: Result, site: Site
) -> Result | None:
    """`module.method(...)`; None if the module's class defines no such method, or one that makes
    layers."""
    from ..evaluation.expressions import evaluate

    plan, method = _method(site, function.attribute)
    if plan is None or method is None or _decorators(method):
        return None
    if method.name in state_of(plan).builders or method.name in CONFIGURATION_METHODS:
        return None
    evaluated = [(a, evaluate(frame, a.value)) for a in node.arguments]
    own = method.parameters[1:]
    position = next((i for i, p in enumerate(own) if p.name == "training"), None)
    arguments, mode = applied_plans.without_training(evaluated, position)
    own = tuple(p for p in own if p.name != "training")
    given = _by_name(own, arguments)
    values = [_given_value(method, p, given.get(p.name)) for p in method.parameters[1:]]
    result = methods.run_method(frame.program, plan, method, values, keep=False, settles=False)
    result = at_call(result, method, arguments)
    value = seen(frame, site, receiver, result, given)
    module = applying.module_read(frame, site, receiver.dynamic)
    if plan.modes:
        frame.program.has_modes(frame, plan.modes)
        if mode is not None and not runs_in_mode(frame, mode):
            module = applied_plans.in_mode(module, mode, plan.modes)
    code = Call(
        replace_node(function, value=module),
        tuple(Argument(r.dynamic, a.keyword, a.star) for a, r in arguments),
        span=node.span,
    )
    size = value.shape.size(-1) if isinstance(value, Tensor) else None
    if size is not None:
        return Result(value, code, size.to_expression())
    return Result(value, code, None if is_dynamic(value) else code)


def read_property(
    frame: Frame, node: Attribute, receiver: Result, site: Site, code: Expression
) -> Result | None:
    """`module.name`, where the module's class defines that as a property."""
    plan, method = _method(site, node.attribute)
    if plan is None or method is None or _decorators(method) != {"property"}:
        return None
    value = methods.run_method(frame.program, plan, method, [], keep=False, settles=False)
    value = seen(frame, site, receiver, value)
    return Result(value, code, None if is_dynamic(value) else code)


def seen(
    frame: Frame,
    site: Site,
    receiver: Result,
    value: Value,
    given: Mapping[str, Result] | None = None,
) -> Value:
    """What a value of a module is to the code that reads it there, or that calls a method with
    arguments `given` for it."""
    terms = _terms(frame, site, receiver, given or {})
    match value:
        case Instance(site=inner):
            return replace(value, site=_in_terms(inner, receiver.dynamic, terms.arguments))
        case _:
            return substitute_value(value, terms)


def holds(site: Site, name: str) -> bool:
    """Whether the module keeps something to call under this name."""
    if not isinstance(site.target, PlanTarget):
        return False
    state = site.target.plan.details.get("class_state")
    value = state.attributes.get(name) if isinstance(state, ClassState) else None
    return value is not None and not is_dynamic(value)


def _method(site: Site, name: str) -> tuple[Plan | None, FunctionDef | None]:
    if not isinstance(site.target, PlanTarget):
        return None, None
    plan = site.target.plan
    state = plan.details.get("class_state")
    return plan, state.methods.get(name) if isinstance(state, ClassState) else None


def _decorators(method: FunctionDef) -> set[str]:
    names = {d.id for d in method.decorators if isinstance(d, Name)}
    return names & {"staticmethod", "classmethod", "property"}


def _by_name(parameters: tuple[Parameter, ...], arguments: Arguments) -> dict[str, Result]:
    names = [p.name for p in parameters if p.kind in ("positional", "positional_only")]
    found: dict[str, Result] = {}
    for index, (argument, result) in enumerate(arguments):
        name = argument.keyword or (names[index] if index < len(names) else None)
        if name is not None and not argument.star:
            found[name] = result
    return found


def _given_value(method: FunctionDef, parameter: Parameter, given: Result | None) -> Value:
    """A tensor comes in under the name of its parameter: its sizes have names of their own."""
    name = parameter.name
    match given:
        case Result(value=Tensor(dtype=dtype)):
            size = Dim.named(f"{name}_features")
            return Tensor(Shape(None, size, Name(f"{name}_shape")), dtype)
        case Result(value=Static(constant=constant, kind=kind)):
            return Static(constant, kind)
        case Result(value=value) if is_dynamic(value):
            return as_asked(method, name, Tensor())
        case _:
            return methods.absent(parameter) if given is None else static_value(parameter)


def _terms(frame: Frame, site: Site, receiver: Result, given: Mapping[str, Result]) -> Terms:
    """The arguments of the module's constructor, and those of the method, in the terms of the code
    that asks."""
    assert isinstance(site.target, PlanTarget)
    plan = site.target.plan
    bound = site.details.get("bound", {})
    declared = cast("list[Parameter]", plan.details.get("all_parameters", []))
    codes = {p.name: p.default for p in [*plan.parameters, *declared] if p.default is not None}
    codes |= {n: r.static for n, (_, r) in bound.items() if r.static is not None}
    if site.attribute is not None and frame.kind == "split" and not site.stored:
        codes["self"] = applying.built_attribute(frame, site)
    elif isinstance(receiver.dynamic, Attribute | Name):
        codes["self"] = receiver.dynamic
    sizes: dict[str, Size] = {}
    for name, result in given.items():
        if isinstance(result.value, Tensor):
            sizes[f"{name}_features"] = result.value.shape.size(-1)
            shape = size_argument(result, None)
            if shape is not None:
                codes[f"{name}_shape"] = shape
        elif result.static is not None:
            codes[name] = result.static
    shapes = {
        f"{name}_shape": result.value.shape
        for name, result in given.items()
        if isinstance(result.value, Tensor)
    }
    return Terms(sizes, codes, shapes)


def _in_terms(site: Site, read: Expression, codes: Mapping[str, Expression]) -> Site:
    """A layer inside a module, with its configuration in other terms; `read` is the module in the
    call. What they cannot say is marked."""
    constants = {n: c for n, c in codes.items() if isinstance(c, Constant)}
    details = dict(site.details, inside=True)
    match site.target:
        case LayerTarget(static=static, dynamic=dynamic):
            target = LayerTarget(
                replace_node(static, bound=_moved(static.bound, codes)),
                replace_node(dynamic, bound=_moved(dynamic.bound, constants | {"self": read})),
            )
        case PlanTarget() as target:
            bound: Bound = details.get("bound", {})
            details["bound"] = {
                name: (a, replace(r, static=None if r.static is None else _code(r.static, codes)))
                for name, (a, r) in bound.items()
            }
        case _:
            return site
    return replace(site, target=target, details=details, stored=True)


def _moved(
    bound: Mapping[str, Expression], codes: Mapping[str, Expression]
) -> dict[str, Expression]:
    return {name: _code(code, codes) for name, code in bound.items()}


def _code(code: Expression, codes: Mapping[str, Expression]) -> Expression:
    def visit(node: Node) -> Node:
        if isinstance(node, Name):
            return codes.get(node.id, Name(f"{MARK}{node.id}"))
        return map_children(node, visit)

    result = visit(code)
    assert isinstance(result, Expression)
    return result


def passed_layer(op: OpCall, parameter: str) -> Site:
    """A layer that callers have made and pass: of its configuration is known here what the module
    tells itself."""
    bound = _moved(op.bound, {})
    told = ATTRIBUTES.get(op.symbol, {})
    static = bound | {n: Attribute(Name(parameter), told[n]) for n in bound if n in told}
    target = LayerTarget(replace_node(op, bound=static), replace_node(op, bound=bound))
    details: dict[str, object] = {"inside": True, "construct": Constant(None)}
    return Site(target, None, parameter, details=details, stored=True)


def without_marks(frame: Frame, node: Call, result: Result) -> Result:
    """What a layer inside another module gives; code that only that module can say is reported."""
    value = _unmarked(result.value)
    size = value.shape.size(-1) if isinstance(value, Tensor) else None
    static = size.to_expression() if size is not None else None
    dynamic = result.dynamic
    if is_marked(dynamic):
        dynamic = frame.program.unhandled(
            frame,
            node,
            "TJ2017",
            "a layer of another module needs a value that only that module's constructor knows",
            "apply the layer in a method of its own module",
            node.span,
        )
    return Result(value, dynamic, static)


def _unmarked(value: Value) -> Value:
    match value:
        case Tensor(shape=shape):
            if shape.dims is None:
                return replace(value, shape=replace(shape, last=_known(shape.last)))
            return replace(value, shape=Shape(tuple(_known(d) for d in shape.dims)))
        case Sequence(items=items) if items is not None:
            return replace(value, items=tuple(_unmarked(v) for v in items))
        case _:
            return value


def _known(size: Size) -> Size:
    if size is None or size.is_hidden:
        return size  # no code says it, so that none is marked
    return None if is_marked(size.to_expression()) else size
