"""Metrics of the project's own: classes that extend `Metric`, or a metric of Keras.

They extend the object that the rules have for the base, `compat.Metric` or `compat.Mean`; what they
pass to its constructor is what the rule says of it.
"""
# pyright: basic

from __future__ import annotations

from typing import TYPE_CHECKING

from ....ir.nodes import (
    Argument,
    Attribute,
    Call,
    ClassDef,
    Constant,
    Expression,
    Name,
    OpCall,
    Symbol,
    replace_node,
    walk,
)
from ....rules.language.records import Rule
from ...rewrite.model import Rewritten
from ..evaluation.expressions import evaluate
from ..frame import Frame, Result
from ..rule_calls import rewrite
from ..values import Static, Tensor, Weight
from .class_state import ClassState, state_of

if TYPE_CHECKING:
    from ..plans import Plan
    from ..program import Program

METRIC = "keras.Metric"
OWN_BASE = "tf_compat.Metric"
ADD_WEIGHT = "keras.Metric.add_weight"
STEPS = frozenset({"update_state", "result", "reset_state", "reset_states", "__call__"})


def is_metric(program: Program, symbol: str) -> bool:
    """Whether a class can extend this symbol as a metric."""
    if symbol == METRIC:
        return True
    record = program.rules.for_symbol(symbol)
    return isinstance(record, Rule) and record.kind == "metric"


def base_of(program: Program, node: ClassDef) -> str | None:
    """The metric of Keras that a class extends."""
    for base in node.bases:
        if isinstance(base.value, Symbol) and is_metric(program, base.value.path):
            return base.value.path
    return None


def family_base(program: Program, plan: Plan) -> str | None:
    """The metric of Keras that a class, or one above it, extends."""
    state: ClassState | None = state_of(plan)
    while state is not None:
        found = base_of(program, state.node)
        if found is not None:
            return found
        state = state_of(state.parent) if state.parent is not None else None
    return None


def target_base(program: Program, state: ClassState, symbol: str) -> Expression | None:
    """The class to extend; None if the rule has none."""
    if symbol == METRIC:
        return Symbol(OWN_BASE)
    if state.metric_base is not None:
        return Symbol(state.metric_base)
    made = _made(program, symbol, ())
    return made.function if made is not None else None


def parent_init(frame: Frame, node: Call, state: ClassState, symbol: str) -> Result | None:
    """`super().__init__(...)` of a metric of Keras."""
    nothing = Result(Static(), Constant(None), Constant(None))
    if symbol == METRIC:
        return nothing
    given = tuple(
        replace_node(a, value=evaluate(frame, a.value).dynamic)
        for a in node.arguments
        if a.star != "**" and a.keyword not in ("name", "dtype")
    )
    made = _made(frame.program, symbol, given)
    if made is None:
        return None
    assert isinstance(made.function, Symbol)
    state.metric_base = made.function.path
    call = replace_node(node, arguments=made.arguments)
    return Result(Static(), call, call)


def _made(program: Program, symbol: str, given: tuple[Argument, ...]) -> Call | None:
    """The object that the rule makes, if it is a call of a class."""
    signature = program.api.signature(symbol, "keras2" if program.is_keras2 else "keras3")
    names = [p.name for p in signature.positional] if signature is not None else []
    bound: dict[str, Expression] = {}
    for index, argument in enumerate(given):
        name = argument.keyword or (names[index] if index < len(names) else "")
        if name in ("name", "dtype"):
            continue
        bound[name] = argument.value
    match program.bridge.rewrite(OpCall(symbol, bound, (), Symbol(symbol))):
        case Rewritten(expression=Call(function=Symbol()) as made):
            return made
        case _:
            return None


def add_weight(frame: Frame, node: Call) -> Result:
    """`self.add_weight(...)` of a metric: never trained."""
    program = frame.program
    keras2 = ("name", "shape", "aggregation", "synchronization", "initializer", "dtype")
    keras3 = ("shape", "initializer", "dtype", "name")
    variable = ("shape", "initializer", "dtype", "aggregation", "name")
    order = keras2 if program.is_keras2 else keras3
    if isinstance(node.function, Attribute) and node.function.attribute == "add_variable":
        order = variable
    bound: dict[str, Expression] = {}
    extra: list[Argument] = []
    for index, argument in enumerate(node.arguments):
        plain = order[index] if index < len(order) and not argument.star else None
        name = argument.keyword or plain
        if name is None:
            extra.append(argument)
            continue
        result = evaluate(frame, argument.value)
        bound[name] = result.static or result.dynamic
    call = OpCall(ADD_WEIGHT, bound, tuple(extra), node.function, span=node.span)
    code = rewrite(frame, call)
    if any(isinstance(n, Name) and n.id == "rngs" for n in walk(code)):
        program.uses_rngs(frame)
    return Result(Weight(dtype="float32"), code, code)


def parent_step(frame: Frame, node: Call, name: str) -> Result | None:
    """`super().update_state(...)`: the base has it, too."""
    if name not in STEPS:
        return None
    arguments = tuple(
        replace_node(a, value=evaluate(frame, a.value).dynamic) for a in node.arguments
    )
    code = replace_node(node, arguments=arguments)
    if name == "reset_states" and isinstance(node.function, Attribute):
        code = replace_node(code, function=replace_node(node.function, attribute="reset_state"))
    return Result(Tensor() if name in ("result", "__call__") else Static(), code, None)
