"""Masks that Keras carries along implicitly become explicit values: made where ids are embedded or
steps are masked, kept by the layers that pass them on, and given to those that take them.

What each layer makes of the masks of its inputs follows `compute_mask` of tf_keras and Keras 3.
"""

from __future__ import annotations

from collections.abc import Sequence as Many
from dataclasses import replace
from typing import TYPE_CHECKING

from ....ir.keys import same
from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Binary,
    Call,
    Compare,
    Constant,
    Expression,
    List,
    Name,
    Slice,
    Subscript,
    Symbol,
    Tuple,
    Unary,
    walk,
)
from ..frame import Frame, Result
from ..nodes import Optional
from ..rule_calls import takes_mask
from ..values import Sequence, Static, Tensor, Value, is_dynamic

if TYPE_CHECKING:
    from ..sites import LayerTarget

# Layers whose output has the mask of their input; the others end it (Keras: `supports_masking`).
PASSING = frozenset(
    [
        *("Activation", "ActivityRegularization", "AlphaDropout", "BatchNormalization", "Dense"),
        *("Dropout", "ELU", "GaussianDropout", "GaussianNoise", "GroupNormalization", "Identity"),
        *("LayerNormalization", "LeakyReLU", "MultiHeadAttention", "PReLU", "ReLU"),
        *("RMSNormalization", "Softmax", "SpatialDropout1D", "SpatialDropout2D"),
        *("SpatialDropout3D", "ThresholdedReLU", "TimeDistributed", "UnitNormalization"),
        *("AdditiveAttention", "Attention", "Rescaling", "Normalization"),
    ]
)
MERGING = frozenset(["Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract"])
RECURRENT = frozenset(
    ["LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"]
)
# Layers that take a list of masks, one for each of their inputs.
LISTED = frozenset(["Attention", "AdditiveAttention"])


# -------------------------------------------------------------------------------- masks of values


def mask_of(value: Value) -> Expression | None:
    """The mask of a tensor; of a list the first."""
    match value:
        case Tensor(mask=mask):
            return mask
        case Sequence(items=items) if items:
            return next((m for m in map(mask_of, items) if m is not None), None)
        case _:
            return None


def masks_of(value: Value) -> list[Expression | None]:
    """One mask for each tensor of an input."""
    match value:
        case Sequence(items=items) if items is not None:
            return [mask_of(v) for v in items]
        case _:
            return [mask_of(value)]


def with_mask(value: Value, mask: Expression | None) -> Value:
    """The value with another mask; of several outputs the first has it."""
    match value:
        case Tensor():
            return replace(value, mask=mask)
        case Sequence(items=(Tensor() as first, *rest)) if mask is not None:
            return replace(value, items=(replace(first, mask=mask), *rest))
        case _:
            return value


def named(frame: Frame, value: Expression) -> Name:
    """A variable for a mask, assigned before the statement that makes it."""
    name, index = "mask", 1
    implicit = None if frame.plan is None else frame.plan.details.get("mask_name")
    while name in frame.environment or name in frame.masks or name == implicit:
        name, index = f"mask_{index}", index + 1
    frame.masks.add(name)
    frame.emit(Optional(Assign((Name(name),), value), (name,)))
    if frame.plan is not None:
        codes = frame.plan.details.setdefault("mask_codes", {})
        assert isinstance(codes, dict)
        codes[name] = value
    code = Name(name)
    frame.program.facts.record(code, Tensor(dtype="bool"))
    return code


# -------------------------------------------------------------------------------- layers of Keras


def given_masks(
    frame: Frame, target: LayerTarget, inputs: Many[Result], others: dict[str, Result]
) -> None:
    """Adds the masks that Keras would hand to the layer to its call arguments."""
    program, op = frame.program, target.static
    leaf = op.symbol.rsplit(".", 1)[-1]
    if leaf == "MultiHeadAttention":
        _attention(frame, inputs, others)
        return
    found = next((m for r in inputs if (m := mask_of(r.value)) is not None), None)
    if found is None or "mask" in others:
        return
    if leaf in LISTED:
        found = _listed(inputs)
        others["mask"] = Result(Sequence("list"), found, None)
    elif takes_mask(frame, op):
        code = Name(found.id) if isinstance(found, Name) else found
        program.facts.record(code, Tensor(dtype="bool"))
        others["mask"] = Result(Tensor(dtype="bool"), code, None)


def _listed(inputs: Many[Result]) -> Expression:
    """`[query_mask, value_mask]`, None for what has none."""
    masks = [m for r in inputs for m in masks_of(r.value)][:2]
    return List(tuple(Constant(None) if m is None else m for m in masks))


def optional_mask(
    frame: Frame, target: LayerTarget, before: dict[str, Result], after: dict[str, Result]
) -> Name | None:
    """The parameter of `call` that was added as a mask and may be None; recurrent layers take
    None."""
    name = frame.plan.details.get("mask_name") if frame.plan is not None else None
    if not isinstance(name, str) or target.static.symbol.rsplit(".", 1)[-1] in RECURRENT:
        return None
    added = [r.dynamic for n, r in after.items() if before.get(n) is not r]
    for code in added:
        if any(isinstance(n, Name) and n.id == name for n in walk(code)):
            return Name(name)
    return None


def _attention(frame: Frame, inputs: Many[Result], others: dict[str, Result]) -> None:
    """Queries and keys that are masked take no part: (batch, queries, keys)."""
    parts: list[Expression] = []
    key = others.get("key")
    values = [r for r in (*inputs[1:2], key) if r is not None]
    query = mask_of(inputs[0].value) if inputs else None
    if query is not None:
        parts.append(Subscript(query, Tuple((_all(), _all(), Constant(None)))))
    for mask in (mask_of(r.value) for r in values):
        code = None if mask is None else Subscript(mask, Tuple((_all(), Constant(None), _all())))
        if code is not None and not any(same(code, p) for p in parts):
            parts.append(code)
    given = others.get("attention_mask")
    if not parts:
        return
    if given is not None and is_dynamic(given.value):
        boolean = Call(Attribute(given.dynamic, "astype"), (Argument(Symbol("jax.numpy.bool_")),))
        parts.append(boolean)
    code = parts[0]
    for part in parts[1:]:
        code = Binary("&", code, part)
    value = Tensor(dtype="bool")
    frame.program.facts.record(code, value)
    others["attention_mask"] = Result(value, code, None)


def _all() -> Slice:
    return Slice(None, None, None)


def output_mask(frame: Frame, target: LayerTarget, inputs: Many[Result]) -> Expression | None:
    """The mask of a layer's output: made by it, or of its inputs."""
    if not inputs:
        return None
    made = _made(target, inputs[0])
    if made is not None:
        return named(frame, made)
    leaf = target.static.symbol.rsplit(".", 1)[-1]
    masks = masks_of(inputs[0].value) if len(inputs) == 1 else [mask_of(r.value) for r in inputs]
    if all(m is None for m in masks):
        return None
    if leaf in MERGING:
        return _merged(frame, masks)
    if leaf == "Concatenate":
        return _concatenated(frame, target, inputs, masks)
    if leaf in PASSING:
        return masks[0]
    if leaf in RECURRENT:
        inner = target.static.bound.get("layer", target.static)
        sequences = getattr(inner, "bound", {}).get("return_sequences")
        return masks[0] if isinstance(sequences, Constant) and sequences.value is True else None
    return None


def _made(target: LayerTarget, x: Result) -> Expression | None:
    """`Embedding(mask_zero=True)` marks the ids that are not 0, `Masking` the steps that are not
    all equal to the mask value."""
    op = target.static
    leaf = op.symbol.rsplit(".", 1)[-1]
    if leaf == "Embedding":
        flag = target.dynamic.bound.get("mask_zero")
        if isinstance(flag, Constant) and flag.value is True:
            return Compare(x.dynamic, ("!=",), (Constant(0),))
        return None
    if leaf == "Masking":
        wanted = target.dynamic.bound.get("mask_value", Constant(0.0))
        unequal = Compare(x.dynamic, ("!=",), (wanted,))
        axis = Argument(Unary("-", Constant(1)), "axis")
        return Call(Symbol("jax.numpy.any"), (Argument(unequal), axis))
    return None


def made_mask(target: LayerTarget, x: Result) -> Expression | None:
    """`layer.compute_mask(x)` of a layer that makes a mask, as code."""
    return _made(target, x)


def _merged(frame: Frame, masks: Many[Expression | None]) -> Expression | None:
    """Keras 2: steps that no input masks; Keras 3: those that some input does not."""
    there: list[Expression] = []
    for mask in masks:
        if mask is not None and not any(same(mask, t) for t in there):
            there.append(mask)
    if not frame.program.is_keras2 and any(m is None for m in masks):
        return None
    code = there[0]
    for mask in there[1:]:
        code = Binary("&" if frame.program.is_keras2 else "|", code, mask)
    return code if len(there) == 1 else named(frame, code)


def _concatenated(
    frame: Frame, target: LayerTarget, inputs: Many[Result], masks: Many[Expression | None]
) -> Expression | None:
    axis = target.static.bound.get("axis")
    last = axis is None or (isinstance(axis, Unary) and same(axis.operand, Constant(1)))
    shape = next((r.value.shape for r in _parts(inputs) if isinstance(r.value, Tensor)), None)
    if isinstance(axis, Constant) and shape is not None and shape.rank is not None:
        last = axis.value == shape.rank - 1
    if last:
        if not frame.program.is_keras2 and any(m is None for m in masks):
            return None  # an input without a mask has no masked step
        return _merged(frame, masks)
    parts: list[Expression] = []
    for mask, part in zip(masks, _parts(inputs), strict=False):
        shape_code = Subscript(Attribute(part.dynamic, "shape"), Slice(None, Constant(2), None))
        ones = Call(Symbol("jax.numpy.ones"), (Argument(shape_code), Argument(Name("bool"))))
        parts.append(ones if mask is None else mask)
    code = Call(
        Symbol("jax.numpy.concatenate"),
        (Argument(List(tuple(parts))), Argument(axis, "axis"))
        if axis is not None
        else (Argument(List(tuple(parts))),),
    )
    return named(frame, code)


def _parts(inputs: Many[Result]) -> list[Result]:
    if len(inputs) != 1 or not isinstance(inputs[0].value, Sequence):
        return list(inputs)
    only = inputs[0]
    assert isinstance(only.value, Sequence)
    codes = getattr(only.dynamic, "elements", ())
    return [Result(v, c, None) for v, c in zip(only.value.items or (), codes, strict=False)]


def is_absent(value: Value) -> bool:
    """Whether an argument is the literal None."""
    return isinstance(value, Static) and value.constant is not None and value.constant.value is None
