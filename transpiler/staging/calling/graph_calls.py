"""`Input(..)` and `Model(inputs, outputs)`: where a graph opens and closes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from ....ir.dims import Dim
from ....ir.nodes import Constant, Expression, Name, OpCall
from ...shapes.shapes import UNKNOWN, Shape
from ..evaluation.expressions import evaluate, known
from ..frame import Frame, Result
from ..values import GraphModel, Known, Sequence, ShapeOf, Static, Tensor, Unknown, Value


def graph_input(frame: Frame, node: OpCall) -> Result:
    """A symbolic input becomes a parameter of `__call__`; the statement that assigns it names
    it."""
    shape = UNKNOWN
    code: Expression | None = None
    # Keras 2 takes the shape with its batch among the keywords that it does not name.
    arguments = {a.keyword: a.value for a in node.extra if a.keyword} | node.bound
    given = arguments.get("shape")
    batch = arguments.get("batch_shape", arguments.get("batch_input_shape"))
    if given is not None:
        result = evaluate(frame, given)
        code = result.static
        shape = declared_shape(result.value, code, batch=True)
        size = arguments.get("batch_size")
        if size is not None:
            shape = _with_batch(shape, evaluate(frame, size).value)
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


def _with_batch(shape: Shape, size: Value) -> Shape:
    """The declared shape with the number of its first axis."""
    known_size = size.size if isinstance(size, Static) else None
    if known_size is None or shape.dims is None:
        return shape
    return Shape((known_size, *shape.dims[1:]))


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
        case Static(constant=Known(value=dims)) if isinstance(dims, tuple | list):
            numbers = cast("Iterable[object]", dims)
            sizes = [Dim.of(n) if isinstance(n, int) else None for n in numbers]
            return Shape((*leading, *sizes))
        case _ if batch and code is not None:
            return Shape(None, None, code)
        case _:
            return UNKNOWN


def graph_model(frame: Frame, node: OpCall) -> Result:
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
        frame.program.note_graph_inputs(frame, inputs.dynamic)
    given = inputs.dynamic if inputs is not None else None
    model = GraphModel(inputs.value if inputs else Unknown(), value, expression, given)
    return Result(model, expression, None)
