"""Calls: API functions, functions and classes of the project, methods of known values."""
# pyright: basic

from __future__ import annotations

from ....ir.dims import Dim
from ....ir.keys import same
from ....ir.nodes import (
    Argument,
    Attribute,
    Call,
    Constant,
    Expression,
    Name,
    OpCall,
    Symbol,
    replace_node,
)
from ...shapes.shapes import UNKNOWN, Shape
from ..chosen_layers import by_name, layer_factories, passed_classes
from ..chosen_layers import passed as passed_functions
from ..control_flow import several
from ..evaluation.expressions import composite, constant_value, evaluate, known, shape_code
from ..evaluation.number_calls import number_call
from ..evaluation.shape_values import shape_call, shape_value
from ..frame import Frame, Result
from ..function_definitions import makers
from ..layers import applying, sequentials, stacked_cells, wrappers
from ..sites import LayerTarget, ParameterTarget, Site, attribute_hint
from ..uses import definitions
from ..values import (
    INITIALIZER,
    Api,
    ByName,
    Choice,
    Closure,
    Defined,
    Elementwise,
    GraphModel,
    Instance,
    Known,
    LayerFactory,
    Maker,
    Mapped,
    Object,
    Partial,
    Passed,
    SelfReference,
    Sequence,
    Several,
    ShapeOf,
    Static,
    Tensor,
    TrainingFlag,
    Unknown,
    Value,
    Weight,
    is_dynamic,
)
from . import objects, partials, phases
from .builtin_calls import builtin_call
from .called_initializers import call_initializer, is_initializer
from .container_methods import dict_view, list_method
from .model_methods import site_method
from .objects import DTYPE
from .shape_methods import shape_method

# Keyword arguments of every Keras layer that say nothing about what it computes.
INFRASTRUCTURE = frozenset({"name", "autocast"})


def op_call(frame: Frame, node: OpCall) -> Result:
    """An API call: a layer is built, a graph is opened or closed, anything else goes to the
    rules."""
    program = frame.program
    node = _expanded(frame, node)
    match node.symbol:
        case "keras.Input":
            return _graph_input(frame, node)
        case "keras.Model" if "outputs" in node.bound or len(node.extra) >= 2:
            return _graph_model(frame, node)
        case "keras.Sequential":
            return sequentials.sequential(frame, node)
        case "keras.layers.TimeDistributed" if (
            made := wrappers.time_distributed(frame, node)
        ) is not None:
            return made
        case _ if program.is_layer(node.symbol):
            return _layer(frame, node)
        case _:
            return _function(frame, node)


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


# -------------------------------------------------------------------------------- functional graphs


def _graph_input(frame: Frame, node: OpCall) -> Result:
    """A symbolic input becomes a parameter of `__call__`; the statement that assigns it names
    it."""
    shape = UNKNOWN
    code: Expression | None = None
    given = node.bound.get("shape")
    batch = node.bound.get("batch_shape", node.bound.get("batch_input_shape"))
    if given is not None:
        result = evaluate(frame, given)
        code = result.static
        shape = declared_shape(result.value, code, batch=True)
    elif batch is not None:
        result = evaluate(frame, batch)
        shape = declared_shape(result.value, result.static, batch=False)
    dtype_argument = node.bound.get("dtype")
    dtype = known(evaluate(frame, dtype_argument).value) if dtype_argument is not None else None
    text = dtype.value if dtype is not None and isinstance(dtype.value, str) else None
    name = node.bound.get("name")
    marker = Name(
        f"input:{name.value}"
        if isinstance(name, Constant) and isinstance(name.value, str)
        else "input:"
    )
    frame.pending_inputs.append(marker)
    return Result(Tensor(shape, text or "float32"), marker, None)


def declared_shape(value: Value, code: Expression | None, *, batch: bool) -> Shape:
    """The shape that `Input(shape=...)`, `input_shape=` or a build shape declares; `batch`: one
    more axis leads."""
    leading: tuple[None, ...] = (None,) if batch else ()
    match value:
        case Sequence(items=items) if items is not None:
            sizes = [item.size if isinstance(item, Static) else None for item in items]
            return Shape((*leading, *sizes))
        case ShapeOf(shape=shape) if shape.dims is not None:
            return Shape((*leading, *shape.dims))
        case Static(constant=Known(value=tuple() | list() as dims)):
            return Shape((*leading, *(Dim.of(d) if isinstance(d, int) else None for d in dims)))
        case _ if batch and code is not None:
            return Shape(None, None, code)
        case _:
            return UNKNOWN


def _graph_model(frame: Frame, node: OpCall) -> Result:
    positional = [a.value for a in node.extra if not a.star and a.keyword is None]
    by_name = {a.keyword: a.value for a in node.extra if a.keyword}
    inputs_code = node.bound.get(
        "inputs", by_name.get("inputs", positional[0] if positional else None)
    )
    outputs_code = node.bound.get(
        "outputs", by_name.get("outputs", positional[1] if len(positional) > 1 else None)
    )
    assert outputs_code is not None
    inputs = evaluate(frame, inputs_code) if inputs_code is not None else None
    outputs = evaluate(frame, outputs_code)
    value, expression = outputs.value, outputs.dynamic
    if (
        isinstance(value, Sequence)
        and value.items is not None
        and len(value.items) == 1
        and frame.program.is_keras2
    ):
        # Keras 2 unwraps a list of one output; Keras 3 returns it as a list.
        value = value.items[0]
        expression = getattr(expression, "elements", (expression,))[0]
    if inputs is not None:
        frame.program.note_graph_inputs(frame, inputs.dynamic, inputs.value)
    given = inputs.dynamic if inputs is not None else None
    model = GraphModel(inputs.value if inputs else Unknown(), value, expression, given)
    return Result(model, expression, None)


# ------------------------------------------------------------------------------------------- layers


def _layer(frame: Frame, node: OpCall) -> Result:
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


# ---------------------------------------------------------------------------------------- functions


def _function(frame: Frame, node: OpCall) -> Result:
    program = frame.program
    phase = phases.by_phase(frame, node)
    if phase is not None:
        return phase
    results = {name: evaluate(frame, argument) for name, argument in node.bound.items()}
    number = number_call(frame, node, results)
    if number is not None:
        program.translated(frame, node.span, node.symbol)
        return number
    flag = _training_and(node, results)
    if flag is not None:
        return flag
    if node.symbol == "tf.TensorSpec" and frame.plan is not None and frame.plan.kind == "layer":
        return _array_spec(results)
    over_shapes = shape_call(node, results)
    if over_shapes is not None:
        program.translated(frame, node.span, node.symbol)
        return over_shapes
    ignored = INFRASTRUCTURE if node.symbol.startswith("keras.") else frozenset[str]()
    extra = [(a, evaluate(frame, a.value)) for a in node.extra if a.keyword not in ignored]
    dynamic_op = _with(
        node, {n: r.dynamic for n, r in results.items()}, [(a, r.dynamic) for a, r in extra]
    )
    values = {n: r.value for n, r in results.items()}
    value = shape_value(node, results) or program.result_value(dynamic_op, values)
    dynamic = program.rewrite(frame, dynamic_op)
    everything = [*results.values(), *(r for _, r in extra)]
    if isinstance(dynamic, Constant):
        value = Static(Known(dynamic.value), type(dynamic.value))
    elif isinstance(dynamic, Attribute) and dynamic.attribute in ("size", "ndim"):
        value = Static(kind=int)  # numbers of JAX's arrays are Python integers
    elif node.symbol == "keras.activations.get":
        value = Elementwise()
    elif node.symbol == "tf.as_dtype":
        value = Object(DTYPE)
    elif isinstance(value, Static) and program.bridge.is_initializer(node.symbol):
        value = Static(kind=INITIALIZER)
    else:
        value = program.bridge.object_of(node.symbol) or value
    static: Expression | None = None
    if isinstance(value, ShapeOf):
        static = shape_code(value.shape)
    elif isinstance(value, Tensor) and any(is_dynamic(r.value) for r in everything):
        size = value.shape.size(-1)
        static = size.to_expression() if size is not None else None
    elif all(r.static is r.dynamic for r in everything):
        static = dynamic
    elif all(r.static is not None for r in everything):
        static_op = _with(
            node,
            {n: r.static for n, r in results.items() if r.static is not None},
            [(a, r.static) for a, r in extra if r.static is not None],
        )
        static = program.rewrite(frame, static_op)
    if (
        isinstance(value, Tensor)
        and not any(is_dynamic(r.value) for r in everything)
        and frame.kind in ("split", "init")
    ):
        # A constant tensor, built from static values: it can be made where it is used.
        static = static if static is not None else dynamic
    return Result(value, dynamic, static)


def _training_and(node: OpCall, results: dict[str, Result]) -> Result | None:
    """`tf.logical_and(training, True)`: the flag itself."""
    if node.symbol != "tf.logical_and":
        return None
    flags = [r for r in results.values() if isinstance(r.value, TrainingFlag)]
    others = [known(r.value) for r in results.values() if not isinstance(r.value, TrainingFlag)]
    always = len(others) == 1 and others[0] is not None and others[0].value is True
    return flags[0] if len(flags) == 1 and always else None


def _array_spec(results: dict[str, Result]) -> Result:
    """What a model says of its inputs, as JAX says it; specs of input pipelines stay."""
    parts = [results.get("shape"), results.get("dtype")]
    defaults = [Constant(None), Symbol("jax.numpy.float32")]
    codes = [r.dynamic if r is not None else d for r, d in zip(parts, defaults, strict=True)]
    code = Call(Symbol("jax.ShapeDtypeStruct"), tuple(Argument(c) for c in codes))
    return Result(Static(), code, code)


def _with(
    node: OpCall, bound: dict[str, Expression], extra: list[tuple[Argument, Expression]]
) -> OpCall:
    return replace_node(
        node,
        bound=bound,
        extra=tuple(a if a.value is v else replace_node(a, value=v) for a, v in extra),
    )


# -------------------------------------------------------------------------------------------- calls


def call(frame: Frame, node: Call) -> Result:
    """A call whose callee is not spelled as an API symbol."""
    if isinstance(node.function, Attribute):
        special = _method(frame, node, node.function)
        if special is not None:
            return special
    looked_up = by_name.lookup_call(frame, node)
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
            return definitions.call_closure(frame, node, callee.value, callee)
        case Partial(function=inner, code=code, arguments=given):
            merged = partials.merged_call(node, code, given)
            return call_value(frame, merged, Result(inner, code, code))
        case Passed():
            built = passed_classes.call_passed(frame, node, callee.value, callee)
            return built if built is not None else _unknown_callee(frame, node, callee)
        case Maker():
            return makers.call_maker(frame, node, callee.value, callee)
        case GraphModel():
            return definitions.call_graph_model(frame, node, callee.value, callee)
        case Several():
            return several.call_several(frame, node, callee.value, callee)
        case Choice(test=test, then=then, otherwise=otherwise):
            from ..evaluation.choices import call_choice

            return call_choice(frame, node, test, then, otherwise)
        case ByName():
            return by_name.call_by_name(frame, node, callee.value)
        case LayerFactory():
            return layer_factories.call_factory(frame, node, callee.value, callee)
        case _ if is_initializer(callee.value):
            return call_initializer(frame, node, callee)
        case _:
            return _unknown_callee(frame, node, callee)


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


# ------------------------------------------------------------------------------------------ methods


def _method(frame: Frame, node: Call, function: Attribute) -> Result | None:
    """Methods of values whose kind is known: tensors, shapes, lists, dicts, models under
    construction."""
    from ..class_definitions import methods

    if isinstance(function.value, Call) and _is_super(function.value):
        return methods.super_call(frame, node, function)
    copied = _copy_by_config(function, node)
    if copied is not None:
        return evaluate(frame, copied)
    receiver = evaluate(frame, function.value)
    method = function.attribute
    match receiver.value:
        case SelfReference():
            return methods.self_method(frame, node, function)
        case Tensor() | Weight():
            return _tensor_method(frame, node, receiver, method)
        case ShapeOf() as shape:
            return shape_method(frame, node, receiver, shape, method)
        case Sequence() if method in ("append", "extend", "pop", "insert"):
            return list_method(frame, node, function, receiver, method)
        case Mapped(entries=entries) if method in ("get", "pop") and node.arguments:
            wanted = known(evaluate(frame, node.arguments[0].value).value)
            result = composite(frame, node, Static())
            if wanted is not None and wanted.value in entries:
                return Result(entries[wanted.value], result.dynamic, result.static)
            return result
        case Mapped() if method in ("items", "values") and is_dynamic(receiver.value):
            return dict_view(frame, node, receiver, method)
        case Instance(site=site):
            return site_method(frame, node, function, receiver, site)
        case Static(constant=Known(value=str() as text)) if (
            method in ("upper", "lower") and not node.arguments
        ):
            changed = text.upper() if method == "upper" else text.lower()
            return composite(frame, node, constant_value(changed))
        case Object(owner=owner):
            return objects.method(frame, node, receiver, owner, method)
        case GraphModel():
            return definitions.graph_model_method(frame, node, receiver.value, method)
        case _ if method == "build" and frame.kind == "init":
            from ..class_definitions.declared_sizes import declared_parts

            is_layer = declared_parts(frame, node, function.value)
            is_layer = is_layer or isinstance(function.value, Name)
            return Result(Static(), Constant(None), Constant(None)) if is_layer else None
        case _:
            return None


def _copy_by_config(function: Attribute, node: Call) -> Expression | None:
    """`x.__class__.from_config(x.get_config())` copies a Keras object; functions need no copies."""
    match function, node.arguments:
        case (
            Attribute(value=Attribute(value=owner, attribute="__class__"), attribute="from_config"),
            (
                Argument(
                    value=Call(
                        function=Attribute(value=other, attribute="get_config"), arguments=()
                    )
                ),
            ),
        ) if same(owner, other):
            return owner
        case _:
            return None


def _is_super(node: Call) -> bool:
    return isinstance(node.function, Name) and node.function.id == "super"


def _tensor_method(frame: Frame, node: Call, receiver: Result, method: str) -> Result:
    """`x.method(...)` is the API call `tf.Tensor.method(self=x, ...)`, or a variable's."""
    if method == "get_shape":
        value = receiver.value
        assert isinstance(value, (Tensor, Weight))
        return Result(
            ShapeOf(value.shape), Attribute(receiver.dynamic, "shape"), shape_code(value.shape)
        )
    rewritten = frame.program.method_call(frame, node, receiver, method)
    if rewritten is not None:
        return rewritten
    return composite(frame, node, Tensor())
