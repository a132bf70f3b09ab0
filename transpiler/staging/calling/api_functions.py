"""Calls of API functions."""

from __future__ import annotations

from dataclasses import replace

from ....ir.nodes import (
    Argument,
    Attribute,
    Call,
    Conditional,
    Constant,
    Expression,
    OpCall,
    Symbol,
    replace_node,
)
from ..class_definitions import optional_weights
from ..evaluation.expressions import constant_value, evaluate, known
from ..evaluation.number_arrays import array_call
from ..evaluation.number_calls import number_call
from ..evaluation.shape_code import shape_code
from ..evaluation.shape_values import shape_call, shape_value
from ..frame import Frame, Result
from ..joined_values import join_values
from ..rule_calls import rewrite
from ..values import (
    INITIALIZER,
    Elementwise,
    Known,
    Object,
    ShapeOf,
    Static,
    Tensor,
    TrainingFlag,
    is_dynamic,
)
from . import phases
from .objects import DTYPE
from .ranges import report_length, with_ranges

# Keyword arguments of every Keras layer that say nothing about what it computes.
INFRASTRUCTURE = frozenset({"name", "autocast"})


def call_api(frame: Frame, node: OpCall) -> Result:
    phase = phases.by_phase(frame, node)
    if phase is not None:
        return phase
    node = with_ranges(node, frame.program.rules)
    results = {name: evaluate(frame, argument) for name, argument in node.bound.items()}
    report_length(frame, node, results)
    return _by_presence(frame, node, results)


def _by_presence(frame: Frame, node: OpCall, results: dict[str, Result]) -> Result:
    """A call with a variable that may not be there: what it is with it, and without."""
    for name, result in results.items():
        test = optional_weights.missing(result)
        if test is not None:
            there = {**results, name: optional_weights.present(frame, result)}
            with_it = _by_presence(frame, node, there)
            if not optional_weights.takes_none(frame.program.rules.for_symbol(node.symbol), name):
                return with_it
            none = Result(Static(Known(None)), Constant(None), Constant(None))
            without = _by_presence(frame, node, {**results, name: none})
            code = Conditional(test, without.dynamic, with_it.dynamic)
            return Result(join_values(with_it.value, without.value), code, None)
    return _called(frame, node, results)


def _called(frame: Frame, node: OpCall, results: dict[str, Result]) -> Result:
    program = frame.program
    number = number_call(frame, node, results) or array_call(node, results)
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
    value = shape_value(node, results) or program.bridge.result_value(dynamic_op, values)
    dynamic = rewrite(frame, dynamic_op)
    everything = [*results.values(), *(r for _, r in extra)]
    if isinstance(dynamic, Constant):
        value = replace(constant_value(dynamic.value), decided=isinstance(dynamic.value, bool))
    elif isinstance(dynamic, Attribute) and dynamic.attribute in ("size", "ndim"):
        known_rank = isinstance(value, Static) and value.constant is not None and frame.is_trial()
        value = (
            value if known_rank else Static(kind=int)
        )  # numbers of JAX's arrays are Python integers
    elif node.symbol == "keras.activations.get":
        value = Elementwise()
    elif node.symbol == "tf.as_dtype":
        value = Object(DTYPE)
    elif node.symbol == "keras.initializers.get" or (
        isinstance(value, Static) and program.bridge.is_initializer(node.symbol)
    ):
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
        static = rewrite(frame, static_op)
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
