"""Functional models that are called where they are built."""

from __future__ import annotations

from ....ir.keys import same
from ....ir.nodes import Call, Constant
from ..calling.model_methods import module_method
from ..evaluation.expressions import evaluate
from ..frame import Frame, Result
from ..values import GraphModel, Static


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
