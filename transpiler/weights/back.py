"""From the parameters of a translation back to the variables of its source.

The steps of a parameter are run on the places of the elements instead of their values: that tells
where each element came from. Each variable is made when it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..verify.steps import apply_steps
from .convert import CARRIED, OPTIMIZER, REARRANGING
from .match import Matched
from .tensor import CheckpointError, Entry, Reader
from .weight_map import Layout, TargetVariable, WeightMap


def match_back(reader: Reader, weight_map: WeightMap, layout: Layout) -> Matched:
    """What fits and what does not, as for the other direction; `keys` are those of the parameters
    that are there."""
    shapes = target_shapes(weight_map)
    there = reader.entries
    wanted = {data.source for data in layout.datasets if data.source}
    made = {source for target in weight_map.targets for source in target.sources}
    names = {target.path for target in weight_map.targets}
    missing = [f"{p} {list(shapes[p])}" for p in shapes if p not in there]
    told = {path for path in weight_map.carried if f"{CARRIED}{path}" in there}
    built = sorted((wanted - made - told) & weight_map.initial.keys())
    missing += [
        f"{path}: the translation has no parameter for it"
        for path in sorted(wanted - made - told - set(built))
    ]
    said = f"{len(built)} variables are no parameters, and written as a new model has them: "
    return Matched(
        keys={p: p for p in shapes if p in there and there[p].shape == shapes[p]},
        missing=tuple(missing),
        extra=tuple(
            f"{k} {list(e.shape)}"
            for k, e in there.items()
            if k not in names and not k.startswith((OPTIMIZER, CARRIED))
        ),
        misshaped=tuple(
            f"{p} {list(shape)}: it is {list(there[p].shape)}"
            for p, shape in shapes.items()
            if p in there and there[p].shape != shape
        ),
        ignored=tuple(k for k in there if k.startswith(OPTIMIZER)),
        notes=(said + ", ".join(built),) if built else (),
    )


def target_shapes(weight_map: WeightMap) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter of the translation."""
    from ..verify.steps import result_shape

    shapes = {v.path: v.shape for v in weight_map.sources}
    return {
        t.path: result_shape([shapes[s] for s in t.sources], t.steps) for t in weight_map.targets
    }


@dataclass(frozen=True, slots=True)
class BackReader:
    """Gives the variables of the source. Raises CheckpointError for what cannot be taken apart."""

    reader: Reader
    weight_map: WeightMap
    prefix: str = ""
    """Before the names of the parameters: the optimizer's arrays go the same way."""

    def read(self, path: str) -> Any:
        import numpy as np

        shape = self.weight_map.by_path[path].shape
        users = [t for t in self.weight_map.targets if path in t.sources]
        if not users:
            key = f"{CARRIED}{path}"
            there = key in self.reader.entries
            return self.reader.read(key) if there else np.asarray(self.weight_map.initial[path])
        first = users[0]
        if not first.steps and len(users) == 1:
            return self._array(first)
        size = Entry(path, shape, "bool").size
        dtype = self._array(first).dtype
        values, filled = np.zeros(size, dtype), np.zeros(size, bool)
        for target in users:
            array = self._array(target).reshape(-1)
            places = self._places(target, path).reshape(-1)
            mine = places >= 0
            taken, found = places[mine], array[mine]
            again = filled[taken]
            if again.any() and not _same(values[taken][again], found[again]):
                names = ", ".join(t.path for t in users)
                raise CheckpointError(f"`{path}` is one variable, and {names} differ")
            values[taken] = found
            filled[taken] = True
        if not filled.all():
            raise CheckpointError(f"`{path}`: {int((~filled).sum())} elements are in no parameter")
        return values.reshape(shape)

    def _array(self, target: TargetVariable) -> Any:
        return self.reader.read(f"{self.prefix}{target.path}")

    def _places(self, target: TargetVariable, path: str) -> Any:
        """For each element of a parameter its place in the variable; -1 where it is of another."""
        import numpy as np

        if any(step["op"] not in REARRANGING for step in target.steps):
            raise CheckpointError(f"`{target.path}` is computed, and cannot be taken apart")
        arrays: list[Any] = []
        by_path = self.weight_map.by_path
        for number, source in enumerate(target.sources):
            shape = by_path[source].shape
            size = Entry(source, shape, "bool").size
            mine = source == path and target.sources.index(source) == number
            arrays.append((np.arange(size) if mine else np.full(size, -1)).reshape(shape))
        return apply_steps(np, arrays, target.steps)


def _same(a: Any, b: Any) -> bool:
    return a.tobytes() == b.tobytes()
