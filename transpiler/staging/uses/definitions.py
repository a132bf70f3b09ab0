"""Calls of the project's own functions and classes, of local functions, and of functional
models."""
# pyright: basic

from __future__ import annotations

from dataclasses import replace
from typing import cast

from ....ir.dims import from_expression
from ....ir.keys import same
from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Call,
    Constant,
    Expression,
    FunctionDef,
    Lambda,
    Name,
    Node,
    Pass,
    Statement,
    Symbol,
    Unary,
    map_children,
    replace_node,
    walk,
)
from ...shapes.shapes import Size
from ..calling.model_methods import module_method
from ..class_definitions import own_metrics
from ..evaluation.expressions import composite, evaluate
from ..evaluation.flags import at_call
from ..frame import Frame, Result
from ..function_definitions import makers, stateless
from ..layers import applying
from ..nodes import StaticRead
from ..plans import Bound, Definition, Plan
from ..sites import PlanTarget, Site, attribute_hint
from ..slices.purity import only_says_constant
from ..values import (
    INITIALIZER,
    Api,
    Closure,
    Elementwise,
    GraphModel,
    Known,
    Object,
    Sequence,
    Static,
    Tensor,
    TrainingFlag,
    Unknown,
    Value,
    is_dynamic,
)
from . import exporting, exports, plan_masks
from .plan_inputs import input_shapes, part_at, size_argument, spread_inputs, tensor_arguments
from .ranks import result_at_ranks
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


def bind(
    plan: Plan, arguments: list[tuple[Argument, Result]]
) -> tuple[Bound, list[tuple[Argument, Result]]]:
    """Arguments by parameter name, as Python would bind them; what does not fit is left over."""
    source = plan.details.get("signature")
    parameters = source if isinstance(source, list) else [*plan.tensors, *plan.parameters]
    positional = [p.name for p in parameters if p.kind in ("positional", "positional_only")]  # pyright: ignore
    names = {p.name for p in parameters if p.kind not in ("varargs", "kwargs")}  # pyright: ignore
    bound: Bound = {}
    rest: list[tuple[Argument, Result]] = []
    index = 0
    for argument, result in arguments:
        if argument.star:
            rest.append((argument, result))
        elif argument.keyword is not None:
            if argument.keyword in names:
                bound[argument.keyword] = (argument, result)
            else:
                rest.append((argument, result))
        elif index < len(positional):
            bound[positional[index]] = (argument, result)
            index += 1
        else:
            rest.append((argument, result))
    return bound, rest


def constructor_arguments(
    plan: Plan, bound: Bound, rest: list[tuple[Argument, Result]]
) -> tuple[tuple[Argument, ...], tuple[Argument, ...]]:
    """The static arguments in each slice: positionals stay positional while no gap opens before
    them."""
    static: list[Argument] = []
    dynamic: list[Argument] = []
    kept = [
        p for p in plan.parameters if p.kind in ("positional", "positional_only", "keyword_only")
    ]
    contiguous = True
    for parameter in kept:
        if parameter.name not in bound:
            contiguous = False
            continue
        argument, result = bound[parameter.name]
        keyword = argument.keyword or (
            None if contiguous and parameter.kind != "keyword_only" else parameter.name
        )
        if argument.keyword is not None:
            contiguous = False
        static.append(Argument(result.static or result.dynamic, keyword))
        dynamic.append(Argument(result.dynamic, keyword))
    for argument, result in rest:
        if argument.keyword in ("name", "dtype", "trainable", "training"):
            continue
        if argument.keyword is not None and isinstance(result.value, Api):
            continue  # a module of Keras, handed to where it is not needed any more
        if argument.star and not _takes_more(plan, bound):
            continue
        static.append(replace_node(argument, value=result.static or result.dynamic))
        dynamic.append(replace_node(argument, value=result.dynamic))
    static.sort(key=lambda a: a.keyword is not None or a.star == "**")
    dynamic.sort(key=lambda a: a.keyword is not None or a.star == "**")
    return tuple(static), tuple(dynamic)


def _takes_more(plan: Plan, bound: Bound) -> bool:
    """Whether a starred argument can bring something: a parameter is left for it."""
    kinds = ("varargs", "kwargs")
    return any(p.kind in kinds or p.name not in bound for p in plan.parameters)


def call_graph_function(
    frame: Frame, plan: Plan, node: Call, callee: Result, arguments: list[tuple[Argument, Result]]
) -> Result:
    """A function that builds and applies layers: its module is built in `__init__` and called
    here."""
    bound, rest = bind(plan, arguments)
    static, dynamic = constructor_arguments(plan, bound, rest)
    site = Site(PlanTarget(plan, static, dynamic), node.span, _hint(plan, node), loop=frame.loop)
    site.details["bound"] = bound
    if not any(t.name in bound for t in plan.tensors):
        return applying.created(frame, site, node)
    frame.sites.append(site)
    inputs = [
        (replace(bound[t.name][0]), bound[t.name][1]) for t in plan.tensors if t.name in bound
    ]
    return applying.apply_evaluated(frame, site, node, callee, inputs)


def apply_plan(
    frame: Frame,
    site: Site,
    target: PlanTarget,
    node: Call,
    callee: Result,
    arguments: list[tuple[Argument, Result]],
) -> Result:
    """A module of the project is applied: its constructor gets the sizes it asks for."""
    plan = target.plan
    program = frame.program
    arguments, mode = split_training(plan, arguments)
    arguments = spread_inputs(plan, arguments)
    arguments = plan_masks.with_mask_argument(frame, plan, arguments)
    inputs = tensor_arguments(plan, arguments)
    sizes: dict[str, Size] = {}
    codes: list[Argument] = []
    for parameter in plan.sizes:
        result = inputs.get(parameter.tensor)
        result = part_at(result, parameter.path) if result is not None else None
        code = size_argument(result, parameter.axis) if result is not None else None
        value = result.value if result is not None else None
        sizes[parameter.name] = value.shape.size(-1) if isinstance(value, Tensor) else None
        if code is None and parameter.optional:
            continue
        if code is None and site.details.get("sized"):
            code = Constant(None)  # an earlier call has told
        if code is None:
            code = program.unknown_size(frame, node, plan.name, parameter.name)
        codes.append(Argument(code, parameter.name if parameter.optional else None))
    # Sizes of a loop are not settled while it is tried out.
    tried = frame.is_trial() and frame.kind == "call" and not (frame.settles and site.stored)
    made = site.details.get("use")
    construct: Expression
    if made is not None:
        # What a builder returned: the call of the builder gets the sizes.
        names = [s.name for s in plan.sizes if not s.optional]
        if not tried:
            for name, code in zip(names, codes, strict=True):
                made.sizes.setdefault(name, code.value)
        construct = site.details.get("construct") or Constant(None)
    else:
        construct = makers.constructor_call(frame, target, tuple(codes))
    if plan.modes:
        program.has_modes(frame, plan.modes)
    if (
        made is None
        and not tried
        and (site.details.get("construct") is None or not site.details.get("sized"))
    ):
        site.details["construct"] = construct
        site.details["sized"] = True
    if made is None or not site.stored:
        applying.ensure_built(frame, site, construct)
    module = applying.module_read(frame, site, callee.dynamic)
    if mode is not None and plan.modes and not program.runs_in_mode(frame, mode):
        module = in_mode(module, mode, plan.modes)
    call_arguments = tuple(
        a if a.value is r.dynamic else Argument(r.dynamic, a.keyword, a.star) for a, r in arguments
    )
    dynamic = Call(module, call_arguments)
    flagged = passes_flags(plan, arguments)
    result = plan.result if flagged else default_result(plan)
    result = result_at_ranks(program, plan, inputs, result, flagged=flagged)
    method = plan.details.get("call")
    if isinstance(method, FunctionDef):
        result = at_call(result, method, arguments)
    value = plan_result(frame, site, target, sizes, inputs, result)
    value = plan_masks.result_mask(frame, plan, module, arguments, inputs, value)
    return Result(value, dynamic, exports.sizes_code(value))


def split_training(
    plan: Plan, arguments: list[tuple[Argument, Result]]
) -> tuple[list[tuple[Argument, Result]], Expression | None]:
    """The arguments without the training flag, and the flag if it is fixed at this call."""
    position = plan.details.get("training_position")
    return without_training(arguments, position if isinstance(position, int) else None)


def without_training(
    arguments: list[tuple[Argument, Result]], position: int | None = None
) -> tuple[list[tuple[Argument, Result]], Expression | None]:
    kept: list[tuple[Argument, Result]] = []
    mode: Expression | None = None
    for index, (argument, result) in enumerate(arguments):
        if argument.keyword == "training" or (argument.keyword is None and index == position):
            is_flag = isinstance(result.value, TrainingFlag)
            is_none = isinstance(result.value, Static) and result.value.constant == Known(None)
            mode = None if is_flag or is_none else result.dynamic
        else:
            kept.append((argument, result))
    return kept, mode


def in_mode(module: Expression, training: Expression, modes: set[str]) -> Expression:
    """The module in a fixed mode, sharing its variables."""
    if isinstance(training, Constant):
        flag: Expression = Constant(not training.value)
    else:
        flag = Unary("not", training)
    return Call(
        Symbol("flax.nnx.view"),
        (Argument(module), *(Argument(flag, mode) for mode in sorted(modes))),
    )


def passes_flags(plan: Plan, arguments: list[tuple[Argument, Result]]) -> bool:
    """Whether a call sets a flag that its result may depend on."""
    flags = plan.details.get("flags", ())
    positional = [a for a, _ in arguments if a.keyword is None]
    named = any(a.keyword in flags for a, _ in arguments)  # pyright: ignore
    return named or len(positional) > len(plan.tensors) or any(a.star for a, _ in arguments)


def default_result(plan: Plan) -> Value:
    found = plan.details.get("default_result", plan.result)
    return found  # pyright: ignore


def plan_result(
    frame: Frame,
    site: Site,
    target: PlanTarget,
    sizes: dict[str, Size],
    inputs: dict[str, Result],
    outcome: Value,
) -> Value:
    """The callee's result in the caller's terms; a last size that cannot be said is asked of the
    module."""
    plan = target.plan
    bound = site.details.get("bound")
    assert isinstance(bound, dict)
    codes: dict[str, Expression] = {}
    open_ended = any(a.star for a in target.static)
    reassigned = cast("set[str]", plan.details.get("reassigned", set()))
    for parameter in [*plan.parameters, *plan.details.get("all_parameters", [])]:  # pyright: ignore
        name = parameter.name  # pyright: ignore
        if name in reassigned:
            continue
        if name in bound:
            result = bound[name][1]
            if result.static is not None:
                codes[name] = result.static
        elif isinstance(parameter.default, Expression) and not open_ended:  # pyright: ignore
            codes[name] = parameter.default  # pyright: ignore
    all_sizes: dict[str, Size] = dict(sizes)
    for t in plan.tensors:
        value = inputs[t.name].value if t.name in inputs else None
        all_sizes.setdefault(
            plan.size_name(t.name), value.shape.size(-1) if isinstance(value, Tensor) else None
        )
    for name, shape in input_shapes(plan, inputs).items():
        all_sizes.setdefault(name.removesuffix("_shape") + "_features", shape.size(-1))
    for name, code in codes.items():
        known_size = from_expression(code) if not isinstance(code, Name) else None
        result = bound[name][1] if name in bound else None
        if (
            result is not None
            and isinstance(result.value, Static)
            and result.value.size is not None
        ):
            all_sizes.setdefault(name, result.value.size)
        elif known_size is not None:
            all_sizes.setdefault(name, known_size)
    if "use" in site.details:
        # A method of the same object made it.
        codes["self"] = Name(frame.self_name or "self")
    elif site.attribute is not None:
        codes["self"] = applying.built_attribute(frame, site)
    for t in plan.tensors:
        code = size_argument(inputs[t.name], None) if t.name in inputs else None
        if code is not None:
            codes[plan.shape_name(t.name)] = code
    value = substitute_value(outcome, Terms(all_sizes, codes, input_shapes(plan, inputs)))
    if (
        frame.kind == "split"
        and exports.lacks_sizes(value, outcome)
        and exporting.can_export(plan, outcome)
    ):
        exporting.export(plan)
        kept = Attribute(applying.built_attribute(frame, site), "out_features")
        value = exports.with_exported(value, outcome, kept)
    return value


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
        value = substitute_value(plan.result, Terms(sizes, codes, input_shapes(plan, inputs)))
        if isinstance(value, (Static, Unknown)):
            value = value if plan.details.get("static_result") else Tensor()
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


# ----------------------------------------------------------------------------------------- closures


def call_closure(frame: Frame, node: Call, closure: Closure, callee: Result) -> Result:
    """A local function: lifted to a module class if it builds layers, else called as it is."""
    definition = closure.definition
    if isinstance(definition, Lambda):
        return _call_lambda(frame, node, closure)
    if not frame.program.creates(definition):
        result = composite(frame, node, None)
        return result
    lifted = frame.program.lift(frame, definition, closure.environment)
    return call_definition(frame, _with_captured(node, lifted), lifted, callee)


def closure_code(frame: Frame, closure: Closure) -> Expression:
    """A local function that builds layers, passed on: its class, with what it captures filled
    in."""
    definition = closure.definition
    assert isinstance(definition, FunctionDef)
    lifted = frame.program.lift(frame, definition, closure.environment)
    plan = frame.program.plan(lifted)
    plan.escapes = True
    names = [n for n in lifted.captured if n not in plan.dropped]
    if not names:
        return Name(plan.name)
    captured = tuple(Argument(Name(n), n) for n in names)
    return Call(Symbol("functools.partial"), (Argument(Name(plan.name)), *captured))


def _with_captured(node: Call, lifted: Definition) -> Call:
    extra = tuple(Argument(Name(n), n) for n in lifted.captured)
    return replace_node(node, arguments=(*node.arguments, *extra))


def _call_lambda(frame: Frame, node: Call, closure: Closure) -> Result:
    """A lambda that is called where it is visible: its body with the arguments put in."""
    definition = closure.definition
    assert isinstance(definition, Lambda)
    result = composite(frame, node, None)
    arguments = [evaluate(frame, a.value) for a in node.arguments]
    saved, memo = dict(frame.environment), frame.memo
    frame.memo = {}
    for parameter, argument in zip(definition.parameters, arguments, strict=False):
        frame.environment[parameter.name] = argument.value
    value = evaluate(frame, definition.body).value
    frame.environment, frame.memo = saved, memo
    if is_dynamic(value):
        return Result(value, result.dynamic, None)
    return result


def inline_factory(frame: Frame, closure: Closure) -> bool:
    """`return inner` of a function that makes a layer function: both become one class."""
    from ..control_flow.statements import run_body

    inner = closure.definition
    if not isinstance(inner, FunctionDef) or not frame.program.creates(inner):
        return False
    plan = frame.plan
    assert plan is not None
    if not frame.probing:
        frame.program.declare_parameters(frame, plan, inner)
        plan.kind = "factory"
    frame.terminated = False
    depth, frame.depth = frame.depth, 0
    body = inner.body[1:] if _has_docstring(inner) else inner.body
    run_body(frame, body)
    frame.depth = depth
    frame.terminated = True
    return True


def _has_docstring(node: FunctionDef) -> bool:
    from ....ir.nodes import ExpressionStatement

    match node.body[:1]:
        case (ExpressionStatement(value=Constant(value=str())),):
            return True
        case _:
            return False


def translate_local(frame: Frame, statement: FunctionDef) -> Statement:
    """A local function without layers, translated in place; variables of the enclosing `__init__`
    are read back."""
    from ..control_flow.statements import run_body
    from ..values_at_rest import translate_decorators

    inner = Frame(
        frame.program, frame.module, "plain", frame.plan, dict(frame.environment), parent=frame
    )
    inner.self_name = frame.self_name
    local = {p.name for p in statement.parameters}
    for parameter in statement.parameters:
        if statement.span is None and parameter.name in frame.environment:
            continue  # made by a pass, which passes the variable of that name
        is_one = parameter.kind not in ("varargs", "kwargs")
        inner.environment[parameter.name] = (
            Tensor(optional=True, assumed=True) if is_one else Unknown()
        )
    run_body(inner, statement.body)
    body = tuple(inner.body) or (Pass(),)
    decorators = translate_decorators(frame.program, inner, statement.decorators)
    same = len(body) == len(statement.body) and all(
        a is b for a, b in zip(body, statement.body, strict=True)
    )
    new: Statement = statement
    if not same or decorators is not statement.decorators:
        new = replace_node(statement, body=body, decorators=decorators)
    if frame.kind != "split":
        return new
    local |= {
        t.id
        for s in walk(statement)
        if isinstance(s, Assign)
        for t in s.targets
        if isinstance(t, Name)
    }
    outer = {n for n in frame.environment if n not in local}

    def visit(node: Node) -> Node:
        if (
            isinstance(node, Name)
            and node.id in outer
            and not is_dynamic(frame.environment[node.id])
        ):
            return StaticRead(node.id, span=node.span, clock=frame.clock)
        return map_children(node, visit)

    result = visit(new)
    assert isinstance(result, Statement)
    return result


# ------------------------------------------------------------------------------------- graph models


def call_graph_model(frame: Frame, node: Call, model: GraphModel, callee: Result) -> Result:
    """A functional model defined here and applied here: to its own inputs, it is its outputs."""
    arguments = [evaluate(frame, a.value) for a in node.arguments if a.keyword != "training"]
    if len(arguments) == 1 and same(arguments[0].dynamic, model.given):
        return Result(model.outputs, model.expression, None)
    code = frame.program.unhandled(
        frame,
        node,
        "TJ5007",
        "a functional model is called where it is built, and cannot be taken out: it shares "
        "tensors with the code around it",
        "build it in a function of its own",
        node.span,
    )
    return Result(model.outputs, code, None)


def graph_model_method(frame: Frame, node: Call, model: GraphModel, method: str) -> Result | None:
    """Methods of a model under construction: training set-up and file access have no place in a
    module."""
    if method in ("summary", "build"):
        return Result(Static(), Constant(None), Constant(None))
    return module_method(frame, node, node.function)
