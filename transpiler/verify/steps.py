"""Steps that turn source weights into a target weight: linear maps, given as plain records.

{"op": "transpose", "axes": [...]}
{"op": "reshape", "shape": [...]}       one -1 is solved for, 0 keeps the size of that axis
{"op": "split", "axis": -1, "parts": 4, "index": 2}
{"op": "slice", "axis": 0, "start": 0, "stop": 8}
{"op": "squeeze", "axis": 0}            {"op": "expand", "axis": 0}
{"op": "flip", "axis": 0}               {"op": "tile", "reps": [...]}
{"op": "take", "axis": -1, "indices": [...]}
{"op": "permute_blocks", "axis": -1, "order": [1, 0, 2]}   gates of a recurrent kernel
{"op": "scale", "value": 2.0}           {"op": "add", "value": 1.0}
{"op": "concat", "axis": -1} | {"op": "stack", "axis": 0} | {"op": "sum"}   join several sources
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Step = dict[str, Any]
JOINS = ("concat", "stack", "sum")


def apply_steps(xp: Any, arrays: Sequence[Any], steps: Sequence[Step]) -> Any:
    """`xp` is numpy or jax.numpy. Raises ValueError on a step that does not fit."""
    for step in steps:
        arrays = (
            [_join(xp, arrays, step)]
            if step["op"] in JOINS
            else [_apply(xp, a, step) for a in arrays]
        )
    if len(arrays) != 1:
        raise ValueError(f"{len(arrays)} weights are left after the steps; join them first")
    return arrays[0]


def _join(xp: Any, arrays: Sequence[Any], step: Step) -> Any:
    match step["op"]:
        case "concat":
            return xp.concatenate(list(arrays), axis=step["axis"])
        case "stack":
            return xp.stack(list(arrays), axis=step["axis"])
        case _:
            return sum(arrays[1:], start=arrays[0])


def _apply(xp: Any, a: Any, step: Step) -> Any:
    match step["op"]:
        case "transpose":
            return xp.transpose(a, step.get("axes"))
        case "reshape":
            sizes = [a.shape[i] if n == 0 else n for i, n in enumerate(step["shape"])]
            return xp.reshape(a, tuple(sizes))
        case "split":
            return xp.split(a, step["parts"], axis=step["axis"])[step["index"]]
        case "slice":
            index = [slice(None)] * a.ndim
            index[step["axis"]] = slice(step.get("start"), step.get("stop"), step.get("step"))
            return a[tuple(index)]
        case "squeeze":
            return xp.squeeze(a, axis=step["axis"])
        case "expand":
            return xp.expand_dims(a, step["axis"])
        case "flip":
            return xp.flip(a, step["axis"])
        case "tile":
            return xp.tile(a, tuple(step["reps"]))
        case "take":
            return xp.take(a, xp.asarray(step["indices"]), axis=step["axis"])
        case "permute_blocks":
            blocks = xp.split(a, len(step["order"]), axis=step["axis"])
            return xp.concatenate([blocks[i] for i in step["order"]], axis=step["axis"])
        case "scale":
            return a * xp.asarray(step["value"], a.dtype)
        case "add":
            return a + xp.asarray(step["value"], a.dtype)
        case op:
            raise ValueError(f"unknown step {op!r}")


def result_shape(shapes: Sequence[tuple[int, ...]], steps: Sequence[Step]) -> tuple[int, ...]:
    """The shape that the steps give. Raises what `apply_steps` raises."""
    if not steps and len(shapes) == 1:
        return shapes[0]
    import numpy as np

    zeros = [np.broadcast_to(np.int8(0), shape) for shape in shapes]
    return tuple(int(d) for d in apply_steps(np, zeros, steps).shape)
