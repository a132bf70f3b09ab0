"""From a checkpoint of the source program to the parameters of its translation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..verify.steps import JOINS, apply_steps, result_shape
from .match import Matched
from .tensor import CheckpointError, Entry, Reader
from .weight_map import TargetVariable, WeightMap

OPTIMIZER = "optimizer/"
"""Before the names of the optimizer's arrays: `optimizer/SLOT/PARAMETER`, `optimizer/iteration`."""
CARRIED = "source/"
"""Before the names of the source's variables that are no parameters, for the way back."""
REARRANGING = frozenset(JOINS) - {"sum"} | {
    "transpose",
    "reshape",
    "split",
    "slice",
    "squeeze",
    "expand",
    "flip",
    "tile",
    "take",
    "permute_blocks",
}
"""Steps that move numbers and do not change them."""


@dataclass(frozen=True, slots=True)
class Planned:
    """An array of the output, the keys that it is made of, and the function that makes it."""

    entry: Entry
    keys: tuple[str, ...]
    make: Callable[[], Any]
    steps: tuple[dict[str, Any], ...] = ()


def plan(reader: Reader, weight_map: WeightMap, matched: Matched) -> list[Planned]:
    """What to write, in the order of the map; arrays are read when they are made. Variables that
    are not there are left out. Raises CheckpointError where an array cannot be made."""
    found = [
        _planned(reader, target.path, target, matched.keys)
        for target in weight_map.targets
        if all(source in matched.keys for source in target.sources)
    ]
    for path in weight_map.carried:
        if path in matched.keys:
            target = TargetVariable(path, (path,))
            found.append(_planned(reader, f"{CARRIED}{path}", target, matched.keys))
    for slot, keys in matched.optimizer.slots.items():
        for target in weight_map.targets:
            if not all(source in keys for source in target.sources):
                continue
            if any(step["op"] not in REARRANGING for step in target.steps):
                text = f"`{target.path}` is not only rearranged: the optimizer's state of it"
                raise CheckpointError(f"{text} cannot follow; use --no-optimizer")
            found.append(_planned(reader, f"{OPTIMIZER}{slot}/{target.path}", target, keys))
    for name, key in matched.optimizer.scalars.items():
        target = TargetVariable(name, (name,))
        found.append(_planned(reader, f"{OPTIMIZER}{name}", target, {name: key}))
    return found


def _planned(reader: Reader, name: str, target: TargetVariable, keys: dict[str, str]) -> Planned:
    chosen = tuple(keys[source] for source in target.sources)
    entries = [reader.entries[key] for key in chosen]
    try:
        shape = result_shape([e.shape for e in entries], target.steps)
    except (ValueError, IndexError, KeyError, TypeError) as error:
        raise CheckpointError(f"`{name}` cannot be made of {', '.join(chosen)}: {error}") from error

    def make() -> Any:
        import numpy as np

        arrays = [reader.read(key) for key in chosen]
        return apply_steps(np, arrays, target.steps) if target.steps else arrays[0]

    return Planned(Entry(name, shape, entries[0].dtype), chosen, make, target.steps)
