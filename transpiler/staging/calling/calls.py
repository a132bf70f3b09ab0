"""Calls: of the API, of definitions, of whatever value a callee has."""

from __future__ import annotations

from ....ir.nodes import Argument, Attribute, Call, Constant, Expression, Name, OpCall, replace_node
from ..chosen_layers import by_name, layer_factories, lookups, passed_classes
from ..chosen_layers import passed as passed_functions
from ..control_flow import several
from ..evaluation.expressions import composite, evaluate
from ..frame import Frame, Result
from ..function_definitions import makers
from ..layers import applying, distributed_layers, sequentials
from ..sites import ParameterTarget, Site
from ..uses import definitions, graph_models, local_functions
from ..values import (
    Api,
    ByName,
    Choice,
    Closure,
    Defined,
    Elementwise,
    GraphModel,
    Instance,
    LayerFactory,
    Maker,
    Mapped,
    Partial,
    Passed,
    Several,
    SomeFunction,
    Static,
    Tensor,
    Unknown,
    Value,
    is_dynamic,
)
from . import partials, phases
from .api_functions import call_api
from .builtin_calls import builtin_call
from .called_initializers import call_initializer, is_initializer
from .graph_calls import graph_input, graph_model
from .layer_calls import create_layer
from .method_calls import call_method


def op_call(frame: Frame, node: OpCall) -> Result:
    """An API call: a layer is built, a graph is opened or closed, anything else goes to the
    rules."""
    program = frame.program
    node = _expanded(frame, node)
    match node.symbol:
        case "keras.Input":
            return graph_input(frame, node)
        case "keras.Model" if "outputs" in node.bound or len(node.extra) >= 2:
            return graph_model(frame, node)
        case "keras.Sequential":
            return sequentials.sequential(frame, node)
        case "keras.layers.TimeDistributed" if (
            made := distributed_layers.time_distributed(frame, node)
        ) is not None:
            return made
        case _ if program.is_layer(node.symbol):
            return create_layer(frame, node)
        case _:
            return call_api(frame, node)


def _expanded(frame: Frame, node: OpCall) -> OpCall:
    """`**kwargs` whose keys are all known become arguments."""
    if not any(a.star == "**" for a in node.extra):
        return node
    bound, extra = dict(node.bound), list[Argument]()
    for argument in node.extra:
        value = evaluate(frame, argument.value).value if argument.star == "**" else None
        if isinstance(value, Mapped):
            continue_names = [k for k in value.entries if isinstance(k, str) and k not in bound]
            for name in continue_names:
                from ....ir.nodes import Subscript

                bound[name] = Subscript(argument.value, Constant(name))
        else:
            extra.append(argument)
    return replace_node(node, bound=bound, extra=tuple(extra))


def call(frame: Frame, node: Call) -> Result:
    """A call whose callee is not spelled as an API symbol."""
    if isinstance(node.function, Attribute):
        special = call_method(frame, node, node.function)
        if special is not None:
            return special
    looked_up = lookups.lookup_call(frame, node)
    if looked_up is not None:
        return looked_up
    callee = evaluate(frame, node.function)
    if _is_dropped(node.function, callee) and len(node.arguments) == 1:
        # What a dropped decorator would have decorated.
        return evaluate(frame, node.arguments[0].value)
    return call_value(frame, node, callee)


def _is_dropped(function: Expression, callee: Result) -> bool:
    """`register(package="x")` that is gone."""
    none = isinstance(callee.dynamic, Constant) and callee.dynamic.value is None
    return none and isinstance(function, OpCall)


def call_value(frame: Frame, node: Call, callee: Result) -> Result:
    match callee.value:
        case Api(symbol=symbol):
            bound, extra = frame.program.bind(symbol, node.arguments)
            return op_call(frame, OpCall(symbol, bound, extra, node.function, span=node.span))
        case Instance(site=site):
            return applying.apply_site(frame, site, node, callee)
        case Defined(definition=definition):
            return definitions.call_definition(frame, node, definition, callee)
        case Closure():
            return local_functions.call_closure(frame, node, callee.value, callee)
        case Partial(function=inner, code=code, arguments=given):
            merged = partials.merged_call(node, code, given)
            return call_value(frame, merged, Result(inner, code, code))
        case Passed():
            built = passed_classes.call_passed(frame, node, callee.value, callee)
            return built if built is not None else _unknown_callee(frame, node, callee)
        case Maker():
            return makers.call_maker(frame, node, callee.value, callee)
        case GraphModel():
            return graph_models.call_graph_model(frame, node, callee.value, callee)
        case Several():
            return several.call_several(frame, node, callee.value, callee)
        case Choice(test=test, then=then, otherwise=otherwise):
            from ..evaluation.choices import call_choice

            return call_choice(frame, node, test, then, otherwise)
        case ByName():
            return by_name.call_by_name(frame, node, callee.value)
        case LayerFactory():
            return layer_factories.call_factory(frame, node, callee.value, callee)
        case SomeFunction(functions=functions) if any(_builds(frame, f) for f in functions):
            message = "this calls one of several functions that build layers"
            hint = "call each of them by its name"
            code = frame.program.unhandled(frame, node, "TJ5002", message, hint, node.span)
            return Result(Tensor(), code, None)
        case _ if is_initializer(callee.value):
            return call_initializer(frame, node, callee)
        case _:
            return _unknown_callee(frame, node, callee)


def _builds(frame: Frame, function: Value) -> bool:
    """Whether each call of a function makes a module."""
    match function:
        case Defined(definition=definition):
            return frame.program.plan(definition).kind == "class"
        case Closure(definition=definition):
            return frame.program.creates(definition)
        case _:
            return False


def _unknown_callee(frame: Frame, node: Call, callee: Result) -> Result:
    """Builtins, helpers of other packages, and functions that the caller passed in."""
    builtin = builtin_call(frame, node)
    if builtin is not None:
        return builtin
    foreign = frame.program.foreign_callee(frame, node)
    if foreign == "functools.partial":
        return partials.partial(frame, node)
    if foreign is not None and not foreign.startswith("functools"):
        code = frame.program.unhandled(
            frame,
            node,
            "TJ2018",
            f"`{foreign}` runs on TensorFlow, and no rule translates it",
            "write a rule for it (docs/tutorial-rules.md), or compile its source along",
            node.span,
        )
        dynamic = any(is_dynamic(evaluate(frame, a.value).value) for a in node.arguments)
        return Result(Tensor() if dynamic else Unknown(), code, code)
    passed = node.function.id if isinstance(node.function, Name) else ""
    elementwise = isinstance(callee.value, Elementwise) or (
        isinstance(callee.value, Static)
        and passed_functions.keeps_shape(frame.program, frame.plan, passed)
    )
    if elementwise and len(node.arguments) == 1:
        operand = evaluate(frame, node.arguments[0].value)
        value = operand.value if isinstance(operand.value, Tensor) else Tensor()
        result = composite(frame, node, value)
        return Result(value, result.dynamic, operand.static)
    receives = passed_functions.receives_module
    if frame.kind == "split" and passed and receives(frame.program, frame.plan, passed):
        first = node.arguments[0] if node.arguments else None
        if first is not None and is_dynamic(evaluate(frame, first.value).value):
            site = Site(ParameterTarget(Name(passed)), node.span, passed, loop=frame.loop)
            return applying.apply_site(frame, site, node, callee)
    return composite(frame, phases.without_flag(frame, node), None)
