"""Which tests and iterables are tensors: the places where Python control flow depends on data."""

from __future__ import annotations

from ....ir.nodes import (
    Argument,
    Assert,
    Binary,
    Boolean,
    Call,
    Compare,
    Conditional,
    Constant,
    Expression,
    Name,
    OpCall,
    Statement,
    Subscript,
    Symbol,
    Unary,
    replace_node,
)
from ..class_definitions.class_state import own_parameters
from ..evaluation.expressions import evaluate
from ..frame import Frame, Result
from ..nodes import OnData
from ..values import Static, Tensor, Value, Weight, is_dynamic

_LOGICAL = {"and": "jax.numpy.logical_and", "or": "jax.numpy.logical_or"}
_ASKS = frozenset({"is", "is not", "in", "not in"})


def is_traced(frame: Frame, node: Expression | Statement) -> bool:
    return frame.program.traced().covers(frame.module, node.span)


def is_tensor(frame: Frame, node: Expression) -> bool:
    """Whether an expression of the source is certainly a tensor, not a Python value that happens to
    pass through the model."""
    match node:
        case Boolean(operands=operands):
            return any(is_tensor(frame, o) for o in operands)
        case Unary(operand=operand):
            return is_tensor(frame, operand)
        case Compare(left=left, operators=operators, comparators=comparators):
            if _ASKS & {*operators} or any(_is_text(c) for c in comparators):
                return False
            return is_tensor(frame, left) or any(is_tensor(frame, c) for c in comparators)
        case Binary(left=left, right=right):
            return is_tensor(frame, left) or is_tensor(frame, right)
        case Conditional(then=then, otherwise=otherwise):
            return is_tensor(frame, then) and is_tensor(frame, otherwise)
        case Subscript(value=value):
            return is_tensor(frame, value) and is_dynamic(evaluate(frame, node).value)
        case Name(id=name):
            value = frame.environment.get(name, Static())
            if frame.program.traced().may_be_tensor(frame.module, node.span, name):
                return not _is_known(value)
            return _is_evident(value) or _is_computed(frame, name, value)
        case OpCall(symbol=symbol):
            value = evaluate(frame, node).value
            record = frame.program.rules.for_symbol(symbol)
            computed = isinstance(value, Tensor) and getattr(record, "gives", None) is not None
            return computed or _is_evident(value)
        case Call():
            return _is_evident(evaluate(frame, node).value)
        case Constant():
            return False
        case _:
            return _is_evident(evaluate(frame, node).value)


def _is_text(node: Expression) -> bool:
    return isinstance(node, Constant) and isinstance(node.value, (str, type(None)))


def _is_known(value: Value) -> bool:
    return isinstance(value, Static) and value.constant is not None


def _is_evident(value: Value) -> bool:
    """A tensor of which something is known comes from an operation."""
    match value:
        case Weight():
            return True
        case Tensor(shape=shape, dtype=dtype, optional=False, assumed=False):
            return dtype is not None or shape.dims is not None
        case _:
            return False


def _is_computed(frame: Frame, name: str, value: Value) -> bool:
    """A variable that holds results, or the first argument of `call`, which Keras wants to be
    tensors; the other arguments may be anything."""
    if not isinstance(value, Tensor) or value.optional or value.assumed:
        return False
    method = frame.method
    names = [p.name for p in own_parameters(method)] if method is not None else []
    if method is not None and method.name in ("call", "__call__"):
        names = names[1:]
    return name not in names


# ------------------------------------------------------------------------------------------- marks


def marked_test(frame: Frame, test: Expression, result: Result) -> Result:
    """The test with a mark if the branch is taken on data, inside a graph."""
    if not is_dynamic(result.value) and not _may_be_tensor(frame, test):
        return result
    if not is_tensor(frame, test) or (isinstance(test, Name) and not _is_truth(result.value)):
        return result
    if not is_traced(frame, test):
        frame.program.note(
            frame,
            "TJ6018",
            "this runs in Python on concrete values, so not under jax.jit",
            test.span,
            "decorate the function that it is part of with @tf.function to have it converted",
        )
        return result
    return Result(result.value, OnData(result.dynamic, span=test.span), None)


def _is_truth(value: Value) -> bool:
    """A variable by itself is a test for many things; that of a tensor is a scalar or a truth."""
    return _is_evident(value) and (
        not isinstance(value, Tensor) or value.dtype == "bool" or value.shape.dims == ()
    )


def _may_be_tensor(frame: Frame, node: Expression) -> bool:
    from ....ir.nodes import walk

    traced = frame.program.traced()
    return any(
        isinstance(n, Name) and traced.may_be_tensor(frame.module, n.span, n.id) for n in walk(node)
    )


def marked_iterable(frame: Frame, iterable: Expression, result: Result) -> Result:
    """The iterable of a loop that TensorFlow puts into the graph: `tf.range(n)`, or a tensor."""
    if not is_traced(frame, iterable):
        return result
    match iterable:
        case OpCall(symbol="tf.range", bound=bound, extra=()):
            start, limit = bound.get("start"), bound.get("limit")
            parts = [start] if limit is None else [start, limit, bound.get("delta")]
            given = [p for p in parts if p is not None]
            found = [evaluate(frame, p) for p in given]
            fixed = all(not is_dynamic(r.value) for r in found)
            arguments = tuple(Argument(r.dynamic) for r in found)
            marked = OnData(result.dynamic, arguments, fixed, span=iterable.span)
            return Result(result.value, marked, result.static)
        case Name() | OpCall() | Call() if isinstance(result.value, Tensor) and is_tensor(
            frame, iterable
        ):
            return Result(
                result.value, OnData(result.dynamic, None, True, span=iterable.span), None
            )
        case _:
            return result


def logical(
    frame: Frame, node: Boolean, kept: list[tuple[Expression, Result]]
) -> Expression | None:
    """`a and b` of tensors; what is not a tensor on the left of them stays under Python's `and`."""
    tensors = [is_tensor(frame, o) for o, _ in kept]
    if not any(tensors) or not is_traced(frame, node):
        return None
    first = tensors.index(True)
    joined = kept[first][1].dynamic
    for _, result in kept[first + 1 :]:
        symbol = Symbol(_LOGICAL[node.operator])
        joined = Call(symbol, (Argument(joined), Argument(result.dynamic)))
    if first == 0:
        return replace_node(joined, span=node.span) if isinstance(joined, Call) else joined
    return Boolean(node.operator, (*(r.dynamic for _, r in kept[:first]), joined), span=node.span)


def negated(frame: Frame, node: Unary, operand: Expression) -> Expression | None:
    """`not x` of a tensor."""
    if not is_tensor(frame, node.operand) or not is_traced(frame, node):
        return None
    return Call(Symbol("jax.numpy.logical_not"), (Argument(operand),), span=node.span)


def chained(frame: Frame, node: Compare, dynamic: Compare) -> Expression | None:
    """`0 < x < 1` of tensors: both comparisons hold."""
    if len(node.operators) < 2 or not is_tensor(frame, node) or not is_traced(frame, node):
        return None
    parts = (dynamic.left, *dynamic.comparators)
    pairs = [
        Compare(parts[i], (operator,), (parts[i + 1],)) for i, operator in enumerate(node.operators)
    ]
    joined: Expression = pairs[0]
    for pair in pairs[1:]:
        joined = Call(Symbol(_LOGICAL["and"]), (Argument(joined), Argument(pair)))
    return replace_node(joined, span=node.span) if isinstance(joined, Call) else joined


def is_checked_in_graph(frame: Frame, statement: Assert) -> bool:
    """`assert` on a tensor, which goes: compiled code cannot raise."""
    if not is_tensor(frame, statement.test) or not is_traced(frame, statement):
        return False
    reason = "values cannot be checked inside jax.jit; see jax.experimental.checkify"
    frame.program.translated(frame, statement.span, "assert", "dropped", reason)
    return True


def printed(frame: Frame, node: Expression) -> Expression | None:
    """`print` of tensors prints their values, each time the graph runs."""
    match node:
        case Call(function=Name(id="print"), arguments=arguments) if is_traced(frame, node):
            values = [evaluate(frame, a.value) for a in arguments]
        case _:
            return None
    if not any(is_dynamic(r.value) for r in values) or any(a.star or a.keyword for a in arguments):
        return None
    given = (Argument(Name("print")), *(Argument(r.dynamic) for r in values))
    return Call(Symbol("jax.debug.callback"), given, span=node.span)
