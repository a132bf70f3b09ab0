"""Methods of Keras models and layers without a counterpart in a module."""

from __future__ import annotations

from ...ir.nodes import Call, Constant, Node
from .frame import Frame, Result
from .values import Static


def module_method(frame: Frame, node: Call, function: Node) -> Result | None:
    """Methods of Keras models and layers without a counterpart in a module."""
    name = getattr(function, "attribute", "")
    dropped = {
        "compile": "training set-up: build an optax optimizer and a loss "
        "where the model is trained",
        "summary": "printing",
    }
    if name in dropped:
        frame.program.translated(frame, node.span, f"Model.{name}", "dropped", dropped[name])
        frame.program.note(frame, "TJ5015", f"`{name}()` is dropped: {dropped[name]}", node.span)
        return Result(Static(), Constant(None), Constant(None))
    code = frame.program.unhandled(
        frame,
        node,
        "TJ5017" if "weights" in name or "save" in name else "TJ2017",
        f"`{name}` of a Keras model has no counterpart in a Flax module",
        "convert checkpoints with `tfjax-compile weights convert`" if "weights" in name else None,
        node.span,
    )
    return Result(Static(), code, code)
