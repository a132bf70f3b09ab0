"""Masks that Keras carries along implicitly become explicit values: made where ids are embedded,
passed to the layers that take them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...ir.nodes import Assign, Compare, Constant, Expression, Name
from .nodes import Optional

if TYPE_CHECKING:
    from .frame import Frame, Result
    from .sites import LayerTarget

# Layers whose output has the mask of their input; the others end it (Keras: `supports_masking`).
PASSING = frozenset(
    [
        "Activation",
        "ActivityRegularization",
        "Add",
        "Average",
        "BatchNormalization",
        "Concatenate",
        "Dense",
        "Dropout",
        "ELU",
        "GaussianDropout",
        "GaussianNoise",
        "AlphaDropout",
        "LayerNormalization",
        "LeakyReLU",
        "Maximum",
        "Minimum",
        "Multiply",
        "PReLU",
        "ReLU",
        "RMSNormalization",
        "Softmax",
        "SpatialDropout1D",
        "Subtract",
        "ThresholdedReLU",
        "TimeDistributed",
        "UnitNormalization",
        "MultiHeadAttention",
    ]
)
RECURRENT = frozenset(
    ["LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D"]
)


def new_mask(frame: Frame, target: LayerTarget, inputs: list[Result]) -> Expression | None:
    """The mask that a layer makes: `Embedding(mask_zero=True)` marks the ids that are not 0,
    `Masking` the steps that are not all equal to the mask value. It is computed before the layer's
    own statement."""
    from ...ir.nodes import Argument, Call, Symbol, Unary

    op = target.static
    leaf = op.symbol.rsplit(".", 1)[-1]
    flag = op.bound.get("mask_zero")
    if not inputs:
        return None
    code = inputs[0].dynamic
    if leaf == "Embedding" and isinstance(flag, Constant) and flag.value is True:
        value: Expression = Compare(code, ("!=",), (Constant(0),))
    elif leaf == "Masking":
        wanted = target.dynamic.bound.get("mask_value", Constant(0.0))
        unequal = Compare(code, ("!=",), (wanted,))
        axis = Argument(Unary("-", Constant(1)), "axis")
        value = Call(Symbol("jax.numpy.any"), (Argument(unequal), axis))
    else:
        return None
    name = _free_name(frame)
    frame.emit(Optional(Assign((Name(name),), value), (name,)))
    return Name(name)


def _free_name(frame: Frame) -> str:
    name, index = "mask", 1
    while name in frame.environment or name in frame.masks:
        name, index = f"mask_{index}", index + 1
    frame.masks.add(name)
    return name


def kept_mask(target: LayerTarget, mask: Expression | None) -> Expression | None:
    """The mask of the layer's output, if it takes over that of its input."""
    leaf = target.static.symbol.rsplit(".", 1)[-1]
    if leaf in PASSING:
        return mask
    if leaf in RECURRENT:
        inner = target.static.bound.get("layer", target.static)
        sequences = getattr(inner, "bound", {}).get("return_sequences")
        return mask if isinstance(sequences, Constant) and sequences.value is True else None
    return None
