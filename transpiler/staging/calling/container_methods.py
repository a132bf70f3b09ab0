"""Methods of lists of tensors or modules, and of dicts of tensors."""
# pyright: basic

from __future__ import annotations

from ....ir.nodes import (
    Argument,
    Attribute,
    Binary,
    Call,
    Expression,
    List,
    Name,
    Symbol,
    replace_node,
)
from ...shapes.shapes import said
from ..evaluation.expressions import composite, evaluate, known
from ..frame import Frame, Result
from ..joined_values import join_all, join_items, sequence_item
from ..values import ANY_KEY, Known, Mapped, Sequence, Static, Tensor, Unknown, Value, is_dynamic


def dict_view(frame: Frame, node: Call, receiver: Result, method: str) -> Result:
    """`features.items()` of a dict of tensors: in `__init__`, of the dict of their sizes."""
    assert isinstance(receiver.value, Mapped)
    entries = receiver.value.entries
    values = [
        value if method == "values" else Sequence("tuple", (Static(kind=str), value))
        for value in entries.values()
    ]
    one = join_all(values)
    static = None if receiver.static is None else Call(Attribute(receiver.static, method), ())
    value = Sequence("list", None, one) if ANY_KEY in entries else Sequence("list", tuple(values))
    return Result(value, composite(frame, node).dynamic, static)


def list_method(
    frame: Frame, node: Call, function: Attribute, receiver: Result, method: str
) -> Result:
    sequence = receiver.value
    assert isinstance(sequence, Sequence)
    result = composite(frame, node, Static())
    name = function.value.id if isinstance(function.value, Name) else None
    if method == "append" and isinstance(function.value, Attribute) and len(node.arguments) == 1:
        from ..class_definitions.attribute_assignment import append_to_attribute, holds_modules

        added = evaluate_again(frame, result, 0)
        append_to_attribute(frame, function.value, sequence, added)
        is_list = isinstance(added, Sequence) and holds_modules(added)
        return _with_data(result) if is_list else result
    if name is None or frame.environment.get(name) is None:
        return result
    if method == "append" and len(node.arguments) == 1:
        added = evaluate_again(frame, result, 0)
        if sequence.items is not None and frame.loop_depth_is_static():
            new = Sequence(sequence.kind, (*sequence.items, added), None, sequence.shadow)
        else:
            before = sequence_item(sequence)
            item = added if before is None else join_items(before, added)
            new = Sequence(sequence.kind, None, item, _longer(sequence.shadow, added))
        frame.environment[name] = new
        return Result(Static(), result.dynamic, result.static)
    if method == "pop":
        items = sequence.items
        position = (
            known(evaluate(frame, node.arguments[0].value).value) if node.arguments else Known(-1)
        )
        if (
            items
            and position is not None
            and isinstance(position.value, int)
            and frame.loop_depth_is_static()
        ):
            index = position.value % len(items)
            frame.environment[name] = Sequence(
                sequence.kind, items[:index] + items[index + 1 :], None, sequence.shadow
            )
            return Result(items[index], result.dynamic, result.static)
        item = sequence_item(sequence)
        return Result(item or Unknown(), result.dynamic, result.static)
    if method == "extend" and len(node.arguments) == 1:
        added = evaluate_again(frame, result, 0)
        if isinstance(added, Sequence) and added.items is not None and sequence.items is not None:
            frame.environment[name] = Sequence(
                sequence.kind, sequence.items + added.items, None, sequence.shadow
            )
        else:
            item = (
                sequence_item(added)
                if isinstance(added, Sequence)
                else Tensor()
                if is_dynamic(added)
                else None
            )
            frame.environment[name] = Sequence(
                sequence.kind, None, item or sequence_item(sequence), sequence.shadow
            )
    return result


def _longer(sizes: Expression | None, added: Value) -> Expression | None:
    """The sizes of a list that a loop has filled, and of one tensor more."""
    if not isinstance(sizes, Binary):
        return sizes
    size = said(added.shape.size(-1)) if isinstance(added, Tensor) else None
    return None if size is None else Binary("+", sizes, List((size.to_expression(),)))


def _with_data(result: Result) -> Result:
    """`self.groups.append(group)` of a list of modules: a plain list in a module is no data."""

    def kept(code: Expression | None) -> Expression | None:
        if not isinstance(code, Call):
            return code
        (argument,) = code.arguments
        value = Call(Symbol("flax.nnx.data"), (Argument(argument.value),))
        return replace_node(code, arguments=(replace_node(argument, value=value),))

    return Result(result.value, kept(result.dynamic) or result.dynamic, kept(result.static))


def evaluate_again(frame: Frame, result: Result, position: int) -> Value:
    """The value of an argument that `composite` has evaluated."""
    assert isinstance(result.dynamic, Call)
    return frame.program.facts.value(result.dynamic.arguments[position].value) or Static()
