"""Operators: arithmetic, comparisons, Boolean operators and conditional expressions."""
# pyright: basic

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ....ir.dims import Dim
from ....ir.nodes import (
    Binary,
    Boolean,
    Compare,
    Conditional,
    Constant,
    Expression,
    Unary,
    replace_node,
)
from ...shapes import shape_rules
from ...shapes.shapes import UNKNOWN, Shape
from ..class_definitions import conditional_parts, optional_weights
from ..control_flow import on_data
from ..frame import Frame, Result
from ..joined_values import join_values, sequence_item
from ..slices.purity import is_pure
from ..values import (
    UNKNOWN_TEST,
    Api,
    Choice,
    Closure,
    Defined,
    Instance,
    Known,
    Sequence,
    ShapeOf,
    Static,
    Tensor,
    TrainingFlag,
    Unknown,
    Value,
    Weight,
    is_dynamic,
    may_be_none,
)
from . import optional_tensors
from .chosen_sizes import first_of, inner_sizes_under_test
from .expressions import composite, constant_value, evaluate, folded, known
from .flags import flagged
from .input_forms import under_form
from .number_calls import is_numeric, quotient_kind, unknown_number
from .shape_values import followed_by, repeated_sizes, shape_sizes


def evaluate_binary(frame: Frame, node: Binary) -> Result:
    left, right = (
        optional_weights.present(frame, evaluate(frame, n)) for n in (node.left, node.right)
    )
    changed = left.dynamic is not node.left or right.dynamic is not node.right
    dynamic = replace_node(node, left=left.dynamic, right=right.dynamic) if changed else node
    static: Expression | None = None
    if left.static is not None and right.static is not None:
        same_code = left.static is left.dynamic and right.static is right.dynamic
        static = dynamic if same_code else Binary(node.operator, left.static, right.static)
    a, b = left.value, right.value
    if isinstance(a, Sequence) and isinstance(b, Sequence) and node.operator == "+":
        repeated = repeated_sizes(a, b)
        if repeated is not None:
            return Result(repeated, dynamic, static)
        items = a.items + b.items if a.items is not None and b.items is not None else None
        item = None if items is not None else _joined_items(a, b)
        shadow = static if item is not None and is_dynamic(item) else None
        return Result(Sequence(a.kind, items, item, shadow), dynamic, static)
    if isinstance(a, Sequence) and isinstance(b, Static) and node.operator == "*":
        count = b.constant.value if b.constant is not None else None
        if a.items is not None and isinstance(count, int):
            return Result(Sequence(a.kind, a.items * count), dynamic, static)
        return Result(Sequence(a.kind, None, sequence_item(a)), dynamic, static)
    if is_dynamic(a) or is_dynamic(b):
        shape = _operator_shape(node.operator, a, b)
        dtype = next((v.dtype for v in (a, b) if isinstance(v, (Tensor, Weight)) and v.dtype), None)
        size = shape.size(-1)
        return Result(
            Tensor(shape, dtype), dynamic, size.to_expression() if size is not None else None
        )
    if isinstance(a, ShapeOf) or isinstance(b, ShapeOf):
        return Result(_shape_arithmetic(node.operator, a, b), dynamic, static)
    return Result(_arithmetic(node, a, b, static), dynamic, static)


def _shape_arithmetic(operator: str, a: Value, b: Value) -> Value:
    """`x.shape[:-1] + (n,)`: the sizes of both."""
    if operator == "+" and isinstance(a, ShapeOf) and a.inner is not None:
        more = shape_sizes(b)
        return ShapeOf(UNKNOWN) if more is None else followed_by(a, more)
    sizes = shape_sizes(a), shape_sizes(b)
    if (
        operator != "+"
        or not isinstance(a, (ShapeOf, Sequence))
        or not isinstance(b, (ShapeOf, Sequence))
    ):
        return Static()
    if sizes[0] is None or sizes[1] is None:
        return ShapeOf(UNKNOWN)
    return ShapeOf(Shape((*sizes[0], *sizes[1])))


def _operator_shape(operator: str, a: Value, b: Value) -> Shape:
    shapes = [v.shape if isinstance(v, (Tensor, Weight)) else v for v in (a, b)]
    if operator == "@":
        return shape_rules.matmul(*shapes)
    shape = shape_rules.broadcast(*(s if isinstance(s, Shape) else Shape(()) for s in shapes))
    if shape.size(-1) == Dim.of(1) and any(_may_be_array(v) for v in (a, b)):
        return shape.with_last(None)
    return shape


def _may_be_array(value: Value) -> bool:
    """Whether nothing tells that this is a number: beside an axis of one, its own would count."""
    return value == Static() or isinstance(value, Unknown)


def _joined_items(a: Sequence, b: Sequence) -> Value | None:
    items = [i for i in (sequence_item(a), sequence_item(b)) if i is not None]
    match items:
        case [(Instance() | Choice()) as first, Instance() as second] if first != second:
            return Choice(UNKNOWN_TEST, first, second)
        case _:
            pass
    return items[0] if len(items) == 1 else join_values(*items) if items else None


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "//": lambda a, b: a // b,
    "/": lambda a, b: a / b,
    "%": lambda a, b: a % b,
}


_SIMPLE = (int, float, str, bool, tuple, list)


def _arithmetic(node: Binary, a: Value, b: Value, static: Expression | None) -> Value:
    left, right = known(a), known(b)
    if (
        left is not None
        and right is not None
        and node.operator in _OPERATORS
        and isinstance(left.value, _SIMPLE)
        and isinstance(right.value, _SIMPLE)
    ):
        try:
            value = _OPERATORS[node.operator](left.value, right.value)
        except (TypeError, ValueError, ArithmeticError):
            return Static()
        if not isinstance(value, (str, list, tuple)) or len(value) < 1000:
            return constant_value(value)
    kinds = {v.kind for v in (a, b) if isinstance(v, Static)}
    kind = kinds.pop() if len(kinds) == 1 else None
    if node.operator == "/":
        kind = quotient_kind(a, b)
    sizes = [v.extent if isinstance(v, Static) else None for v in (a, b)]
    size = None
    if sizes[0] is not None and sizes[1] is not None:
        match node.operator:
            case "+":
                size = sizes[0] + sizes[1]
            case "-":
                size = sizes[0] - sizes[1]
            case "*":
                size = sizes[0] * sizes[1]
            case "//" if sizes[1].constant != 0:
                size = sizes[0] // sizes[1]
            case _:
                pass
    if (
        size is None
        and static is not None
        and node.operator in ("+", "-", "*", "//", "%")
        and kind is int
    ):
        size = Dim.variable(static)
    computes = node.operator in ("+", "-", "*", "//", "%")
    if size is None and static is None and computes and is_numeric(a, b):
        size = unknown_number()
    if size is not None and size.is_hidden:
        return Static(kind=kind, hidden=size)
    return Static(kind=kind, size=size)


def evaluate_unary(frame: Frame, node: Unary) -> Result:
    result = composite(frame, node)
    changed = result.dynamic
    inner = changed.operand if isinstance(changed, Unary) else node.operand
    operand = frame.program.facts.value(inner)
    constant = known(operand) if operand is not None else None
    if constant is not None and isinstance(constant.value, (int, float, bool)):
        value = constant.value
        outcome = (
            (not value) if node.operator == "not" else -value if node.operator == "-" else None
        )
        if outcome is not None and result.dynamic is not node and isinstance(constant.value, bool):
            return folded(outcome, node)
        if outcome is not None:
            static = result.static
            return Result(constant_value(outcome), result.dynamic, static)
    if node.operator == "not" and (code := on_data.negated(frame, node, inner)) is not None:
        return Result(operand or Tensor(dtype="bool"), code, None)
    if node.operator == "not" and operand is not None and not is_dynamic(operand):
        return Result(Static(kind=bool), result.dynamic, result.static)
    if isinstance(operand, Tensor):
        return Result(operand, result.dynamic, None)
    return result


def evaluate_compare(frame: Frame, node: Compare) -> Result:
    result = composite(frame, node)
    assert isinstance(result.dynamic, Compare)
    dynamic = result.dynamic
    if len(node.operators) != 1:
        code = on_data.chained(frame, node, dynamic)
        return result if code is None else Result(Tensor(dtype="bool"), code, None)
    facts = frame.program.facts
    left = facts.value(dynamic.left) or Static()
    right = facts.value(dynamic.comparators[0]) or Static()
    operator = node.operators[0]
    if operator in ("is", "is not"):
        none = known(right)
        if none is not None and none.value is None:
            if isinstance(left, Weight):
                dynamic = replace_node(dynamic, left=optional_weights.itself(dynamic.left))
            definite = is_dynamic(left) or isinstance(
                left, (Instance, Defined, Closure, Api, ShapeOf, Sequence, TrainingFlag)
            )
            definite = definite and not may_be_none(left)
            # What a function is given that computes numbers: the sizes of a tensor that is there.
            number = isinstance(left, Static) and left.extent is not None
            definite |= frame.follows_numbers and number
            constant = known(left)
            if definite or constant is not None:
                is_none = constant is not None and constant.value is None
                return folded(is_none == (operator == "is"), node)
            test = conditional_parts.test_in_constructor(frame, node)
            test = test or optional_tensors.test_in_constructor(frame, node, left)
            return Result(Static(kind=bool), dynamic, test or result.static)
    if isinstance(left, ShapeOf) and known(right) == Known(None) and operator in ("==", "!="):
        # `x.shape == tf.TensorShape(None)`: the shapes of JAX are known.
        return folded(operator == "!=", node)
    if not is_dynamic(left) and not is_dynamic(right):
        a, b = known(left), known(right)
        if a is not None and b is not None and operator in _COMPARISONS:
            try:
                outcome = _COMPARISONS[operator](a.value, b.value)
            except TypeError:
                return result
            changed = dynamic is not node
            return (
                folded(outcome, node)
                if changed
                else Result(constant_value(outcome), dynamic, result.static)
            )
        sizes = [v.size if isinstance(v, Static) else None for v in (left, right)]
        if sizes[0] is not None and sizes[0] == sizes[1] and operator in ("==", "!="):
            return Result(constant_value(operator == "=="), dynamic, result.static)
        return Result(Static(kind=bool), dynamic, result.static)
    shape = _operator_shape("+", left, right)
    return Result(Tensor(shape, "bool"), dynamic, None)


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: bool(a == b),
    "!=": lambda a, b: bool(a != b),
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "in": lambda a, b: a in b,
    "not in": lambda a, b: a not in b,
    "is": lambda a, b: a is b,
    "is not": lambda a, b: a is not b,
}


def evaluate_boolean(frame: Frame, node: Boolean) -> Result:
    """Operands folded to literals drop out: `True and x` is `x`."""
    results = [evaluate(frame, operand) for operand in node.operands]
    deciding = node.operator == "or"
    kept: list[tuple[Expression, Result]] = []
    for operand, result in zip(node.operands, results, strict=True):
        if (
            isinstance(result.dynamic, Constant)
            and isinstance(result.dynamic.value, bool)
            and not isinstance(operand, Constant)
        ):
            if result.dynamic.value is deciding and all(is_pure(r.dynamic) for _, r in kept):
                return folded(deciding, node)
            if result.dynamic.value is not deciding:
                continue
        kept.append((operand, result))
    if not kept:
        return folded(not deciding, node)
    if len(kept) == 1:
        return kept[0][1]
    code = on_data.logical(frame, node, kept)
    if code is not None:
        return Result(Tensor(dtype="bool"), code, None)
    values = [r.value for _, r in kept]
    value: Value = Tensor() if any(is_dynamic(v) for v in values) else Static(kind=bool)
    unchanged = len(kept) == len(results) and all(r.dynamic is o for o, r in kept)
    dynamic = (
        node
        if unchanged
        else Boolean(node.operator, tuple(r.dynamic for _, r in kept), span=node.span)
    )
    statics = [r.static for _, r in kept]
    static: Expression | None = None
    if all(r.static is r.dynamic for _, r in kept):
        static = dynamic
    elif all(s is not None for s in statics):
        static = Boolean(node.operator, tuple(s for s in statics if s is not None))
    if deciding and (size := first_of(values)) is not None:
        value = Static(kind=int, size=size)
    return Result(value, dynamic, static)


def _evaluated_under(frame: Frame, node: Conditional, outcome: bool) -> Result:
    """One side of a conditional expression."""
    code = node.then if outcome else node.otherwise
    environment = under_form(frame.environment, node.test, outcome)
    environment = optional_tensors.under_test(frame, environment, node.test, outcome)
    if environment == frame.environment:
        return evaluate(frame, code)
    saved, memo = frame.environment, frame.memo
    frame.environment, frame.memo = environment, {}
    result = evaluate(frame, code)
    frame.environment, frame.memo = saved, memo
    return result


def evaluate_conditional(frame: Frame, node: Conditional) -> Result:
    test = evaluate(frame, node.test)
    if isinstance(test.dynamic, Constant) and not isinstance(node.test, Constant):
        return evaluate(frame, node.then if test.dynamic.value else node.otherwise)
    test = on_data.marked_test(frame, node.test, test)
    then, otherwise = _evaluated_under(frame, node, True), _evaluated_under(frame, node, False)
    parts = {"test": test, "then": then, "otherwise": otherwise}
    unchanged = all(getattr(node, name) is r.dynamic for name, r in parts.items())
    dynamic = node if unchanged else replace_node(node, **{n: r.dynamic for n, r in parts.items()})
    static: Expression | None = None
    if all(r.static is r.dynamic for r in parts.values()):
        static = dynamic
    elif test.static is not None and then.static is not None and otherwise.static is not None:
        static = Conditional(test.static, then.static, otherwise.static)
    callables = (Api, Defined, Closure, Choice, Instance)
    value: Value
    called = [isinstance(r.value, callables) for r in (then, otherwise)]
    absent = [known(r.value) == Known(None) for r in (then, otherwise)]
    if test.static is not None and (all(called) or (any(called) and any(absent))):
        value = Choice(test.static, then.value, otherwise.value)
    elif (decided := known(test.value)) is not None:
        value = then.value if decided.value else otherwise.value
    elif (either := flagged(frame, test.dynamic, then.value, otherwise.value)) is not None:
        value = either
    else:
        value = join_values(then.value, otherwise.value)
        if isinstance(value, Tensor) and value.shape.size(-1) is None and static is not None:
            value = replace(value, shape=value.shape.with_last(Dim.variable(static)))
        if isinstance(value, Tensor) and frame.kind == "split":
            value = inner_sizes_under_test(value, then.value, otherwise.value, test.static)
        if isinstance(value, Static) and value.size is None and static is not None:
            sizes = [
                r.value.size if isinstance(r.value, Static) else None for r in (then, otherwise)
            ]
            if sizes[0] is not None and sizes[1] is not None:
                value = Static(value.constant, int, Dim.variable(static))
    return Result(value, dynamic, static)
