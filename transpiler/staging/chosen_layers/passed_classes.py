"""Classes of layers that callers pass as arguments: `block(8)` where `block` is a parameter; and
functions that build and apply layers: `block(x, 8)`.

What a parameter may be is looked up in the project: its default, and what calls pass. Classes that
take the same sizes are built alike, whichever it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Call,
    ClassDef,
    Constant,
    Expression,
    FunctionDef,
    Name,
    Parameter,
    Symbol,
    walk,
)
from ....rules.language.records import Rule
from ..evaluation.expressions import evaluate
from ..frame import Frame, Result
from ..layers import applying
from ..plans import Definition, Plan
from ..sites import LayerTarget, PlanTarget, Site
from ..uses import exporting
from ..values import (
    Api,
    Defined,
    Elementwise,
    Instance,
    Passed,
    Unknown,
    Value,
    is_dynamic,
)
from .passed_values import passed_values

if TYPE_CHECKING:
    from ..program import Program


def parameter_value(program: Program, definition: Definition, parameter: Parameter) -> Value | None:
    """What is known of a parameter that is called, if callers pass classes of layers, or if its
    default is an activation."""
    if parameter.kind in ("varargs", "kwargs") or not _is_called(definition, parameter.name):
        return None
    if parameter.default is not None and _is_activation(program, parameter.default):
        return Elementwise()
    found = passed_values(program, definition, parameter.name, set())
    none = found.pop(None, None) is not None
    layer = _one_layer(parameter, list(found.values()), none) or _one_model(
        parameter, list(found.values())
    )
    if layer is not None:
        return layer
    if found and all(_keeps_shape(program, v) for v in found.values()):
        return Elementwise()
    for makes in (_makes_layer, _is_graph_function):
        passed = [v for v in found.values() if makes(program, v)]
        if passed and len(passed) == len(found):
            return Passed(tuple(passed))
    return None


def _one_layer(parameter: Parameter, found: list[Value], optional: bool) -> Instance | None:
    """The layer of Keras that callers have made and pass, where that is one kind; `optional`: some
    pass None."""
    from ..uses import outside

    targets = [v.site.target for v in found if isinstance(v, Instance)]
    ops = [t.static for t in targets if isinstance(t, LayerTarget)]
    if not ops or len(ops) < len(found) or len({op.symbol for op in ops}) > 1:
        return None
    site = outside.passed_layer(ops[0], parameter.name)
    return Instance(site, optional=optional)


def _keeps_shape(program: Program, value: Value) -> bool:
    """Whether this is an activation, or a layer that is no more than one."""
    match value:
        case Api(symbol=symbol):
            return _is_activation(program, Symbol(symbol))
        case Instance(site=Site(target=LayerTarget(static=op))):
            return program.bridge.is_elementwise(op)
        case _:
            return False


def _one_model(parameter: Parameter, found: list[Value]) -> Instance | None:
    """The model that one function of the project makes, where callers pass no other."""
    targets = [v.site.target for v in found if isinstance(v, Instance)]
    plans = [t.plan for t in targets if isinstance(t, PlanTarget)]
    if not plans or len(plans) < len(found) or any(p is not plans[0] for p in plans):
        return None
    made: dict[str, object] = {"construct": Constant(None), "sized": True}
    details: dict[str, object] = {"passed": True, "bound": {}, **made}
    target = PlanTarget(plans[0], (), ())
    return Instance(Site(target, None, parameter.name, details=details, stored=True))


def _is_called(definition: Definition, name: str) -> bool:
    """Whether code calls the parameter, or an attribute that holds it."""
    node = definition.node
    attributes = {name, f"_{name}"} if isinstance(node, ClassDef) else set[str]()
    if isinstance(node, ClassDef):
        attributes |= set(_holders(node, name))
    for inner in walk(node):
        match inner:
            case Call(function=Name(id=called)) if called == name:
                return True
            case Call(function=Attribute(value=Name(), attribute=called)) if called in attributes:
                return True
            case _:
                pass
    return False


def _holders(node: ClassDef, name: str) -> Iterator[str]:
    """The attributes that are given the parameter."""
    for inner in walk(node):
        match inner:
            case Assign(targets=(Attribute(attribute=attribute),), value=Name(id=given)) if (
                given == name
            ):
                yield attribute
            case _:
                pass


def _is_activation(program: Program, code: Expression) -> bool:
    """Whether this is a function of one tensor that gives a tensor of the same shape."""
    record = program.rules.for_symbol(code.path) if isinstance(code, Symbol) else None
    if not isinstance(record, Rule) or record.kind == "layer" or record.gives is None:
        return False
    required = [p for p in record.parameters if p.default is None]
    return len(required) == 1 and record.gives.function == "same"


def _makes_layer(program: Program, value: Value) -> bool:
    match value:
        case Api(symbol=symbol):
            return program.is_layer(symbol)
        case Defined(definition=definition):
            node = definition.node
            return isinstance(node, ClassDef) and program.is_module_class(node, definition.module)
        case _:
            return False


def _is_graph_function(program: Program, value: Value) -> bool:
    """Whether this is a function that builds layers and applies them to tensors."""
    if not isinstance(value, Defined) or not isinstance(value.definition.node, FunctionDef):
        return False
    plan = program.plan(value.definition)
    return plan.kind == "class" and bool(plan.tensors)


# ------------------------------------------------------------------------------------------- calls


def call_passed(frame: Frame, node: Call, passed: Passed, callee: Result) -> Result | None:
    """A layer of whichever class the caller has passed; None where it is no layer that is built."""
    from ..calling.calls import call_value

    arguments = [(a, evaluate(frame, a.value)) for a in node.arguments]
    if any(is_dynamic(r.value) for _, r in arguments):
        return _apply_passed(frame, node, passed, callee, arguments)
    if len(passed.candidates) == 1 and isinstance(passed.candidates[0], Api):
        # Nothing else is ever passed.
        symbol = Symbol(passed.candidates[0].symbol)
        return call_value(frame, node, Result(passed.candidates[0], symbol, symbol))
    plan = common_plan(frame.program, passed.candidates)
    if plan is None:
        return _unlike(frame, node)
    return build_alike(frame, node, plan, callee, arguments)


def _apply_passed(
    frame: Frame,
    node: Call,
    passed: Passed,
    callee: Result,
    arguments: list[tuple[Argument, Result]],
) -> Result | None:
    """A graph function that the caller has passed: it is a class now, built and applied here."""
    from ..uses.definitions import call_graph_function

    if not all(_is_graph_function(frame.program, v) for v in passed.candidates):
        return None
    plan = common_plan(frame.program, passed.candidates)
    if plan is None or plan.kind != "class":
        return _unlike(frame, node)
    return call_graph_function(frame, plan, node, callee, arguments, passed=True)


def build_alike(
    frame: Frame,
    node: Call,
    plan: Plan,
    callee: Result,
    arguments: list[tuple[Argument, Result]],
) -> Result:
    """A layer of one of several classes that are built alike: `callee` is the class."""
    from ..uses.call_arguments import bind, constructor_arguments

    bound, rest = bind(plan, arguments)
    static, dynamic = constructor_arguments(plan, bound, rest)
    function = callee.static or callee.dynamic
    hint = node.function.id if isinstance(node.function, Name) else "block"
    hint = hint.removesuffix("_cls").removesuffix("_class").strip("_") or "block"
    target = PlanTarget(plan, static, dynamic, function)
    site = Site(target, node.span, hint, loop=frame.loop)
    site.details["bound"] = bound
    return applying.created(frame, site, node)


def common_plan(program: Program, candidates: tuple[Value, ...]) -> Plan | None:
    """The plan of classes whose constructors take the same sizes; None if they differ."""
    defined = [v.definition for v in candidates if isinstance(v, Defined)]
    if not defined or len(defined) < len(candidates):
        return None
    plans = [program.plan(definition) for definition in defined]
    first, *others = plans
    for plan in others:
        if [s.name for s in plan.sizes] != [s.name for s in first.sizes]:
            return None
        if plan.needs_rngs != first.needs_rngs:
            return None
        if [t.name for t in plan.tensors] != [t.name for t in first.tensors]:
            return None
    if not others:
        return first
    names = {p.name for p in first.parameters}.intersection(
        *({p.name for p in plan.parameters} for plan in others)
    )
    return replace(
        first,
        parameters=[p for p in first.parameters if p.name in names],
        dropped=set[str]().union(*(p.dropped for p in plans)) - names,
        modes=set[str]().union(*(p.modes for p in plans)),
        result=exporting.joined(plans),
        details={**first.details, exporting.ALTERNATIVES: plans},
    )


def _unlike(frame: Frame, node: Call) -> Result:
    code = frame.program.unhandled(
        frame,
        node,
        "TJ2005",
        "the classes that callers pass here are built in different ways",
        "give their constructors the same arguments, or build the layer where the class is known",
        node.span,
    )
    return Result(Unknown(), code, code)
