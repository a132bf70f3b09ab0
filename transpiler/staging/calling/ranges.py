"""`range(n)` as a tensor: TensorFlow makes one of it, JAX does not."""

from __future__ import annotations

from collections.abc import Mapping

from ....ir.nodes import Call, Expression, List, Name, OpCall, Symbol, Tuple, replace_node
from ....rules.language.records import Rule
from ....rules.language.ruleset import RuleSet
from ..frame import Frame, Result
from ..values import Tensor


def with_ranges(node: OpCall, rules: RuleSet) -> OpCall:
    """The call with `tf.range` for those of its arguments that are tensors."""
    if not any(_holds_range(v) for v in (*node.bound.values(), *(a.value for a in node.extra))):
        return node
    record = rules.for_symbol(node.symbol)
    if not isinstance(record, Rule):
        return node
    tensors = {p.name for p in record.parameters if p.type.is_tensor}
    bound = {n: _converted(v) if n in tensors else v for n, v in node.bound.items()}
    extra = node.extra
    if any(p.type.element is not None and p.type.is_tensor for p in record.parameters):
        extra = tuple(replace_node(a, value=_converted(a.value)) for a in extra)
    return replace_node(node, bound=bound, extra=extra)


def report_length(frame: Frame, node: OpCall, results: Mapping[str, Result]) -> None:
    """A range whose bounds are tensors has a length that only a run tells."""
    if node.symbol != "tf.range" or frame.is_trial():
        return
    bounds = [results[name].value for name in ("start", "limit") if name in results]
    if any(isinstance(v, Tensor) and not v.assumed and not v.optional for v in bounds):
        message = "the length of the range depends on data, which jax.jit forbids"
        hint = "compute the bounds from shapes or from constructor arguments"
        frame.program.note(frame, "TJ4008", message, node.span, hint)


def _holds_range(value: Expression) -> bool:
    match value:
        case Tuple(elements=elements) | List(elements=elements):
            return any(map(_holds_range, elements))
        case Call(function=Name(id="range")):
            return True
        case _:
            return False


def _converted(value: Expression) -> Expression:
    match value:
        case Tuple(elements=elements) | List(elements=elements) if _holds_range(value):
            return replace_node(value, elements=tuple(map(_converted, elements)))
        case Call(function=Name(id="range"), arguments=arguments):
            bound: dict[str, Expression] = {}
            for name, argument in zip(("start", "limit", "delta"), arguments, strict=False):
                bound[name] = argument.value
            return OpCall("tf.range", bound, (), Symbol("tf.range"), span=value.span)
        case _:
            return value
