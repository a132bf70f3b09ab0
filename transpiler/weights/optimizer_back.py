"""The optimizer's state on the way back: the list of arrays that Keras stores it as.

Keras numbers the arrays, so their order has to be known: the forward conversion writes it down, and
the class of the optimizer tells it, as do names of slots that only one kind of class has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .back import BackReader, target_shapes
from .convert import OPTIMIZER
from .match import Matched
from .optimizer_state import LISTED, ORDER, ORDERS, PAIRED, OptimizerState
from .tensor import Reader
from .weight_map import Dataset, Layout, WeightMap

FORMS = ("weights.h5", "keras")
"""Files that hold the state without the configuration of a training."""
PLACE = "optimizer/vars"
_ALIASES = {"m": "momentum", "v": "velocity", "vhat": "velocity_hat", "rms": "velocity"}
"""Names of slots in checkpoints of older optimizers."""
_LATER = re.compile(r"scalar(\d+)$")


@dataclass(frozen=True, slots=True)
class StateBack:
    """sources  what the arrays are made of, in order: `optimizer/SLOT/VARIABLE`, `optimizer/NAME`
    missing  what the list needs and the checkpoint lacks
    problem  why there is no list; empty if there is one
    """

    sources: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    problem: str = ""
    name: str = ""
    slots: Mapping[str, str] = field(default_factory=dict[str, str])

    def layout(self, layout: Layout, weight_map: WeightMap, reader: Reader) -> Layout:
        """The layout of a file with these arrays."""
        if not self.sources:
            return layout
        attributes: dict[str, Any] = {"name": {"text": self.name}} if self.name else {}
        kept = [group for group in layout.groups if group[0] not in ("optimizer", PLACE)]
        data = [one for one in layout.datasets if not one.path.startswith(f"{PLACE}/")]
        by_path = weight_map.by_path
        for number, source in enumerate(self.sources):
            slot, _, path = source.removeprefix(OPTIMIZER).partition("/")
            if path:
                before = f"{OPTIMIZER}{self.slots[slot]}/"
                dtype = next(e.dtype for k, e in reader.entries.items() if k.startswith(before))
                shape = by_path[path].shape
            else:
                dtype, shape = reader.entries[source].dtype, reader.entries[source].shape
            data.append(Dataset(f"{PLACE}/{number}", shape, dtype, source))
        own: list[tuple[str, dict[str, Any]]] = [("optimizer", {}), (PLACE, attributes)]
        return replace(layout, groups=(*kept, *own), datasets=tuple(data))

    def read(self, source: str, reader: Reader, weight_map: WeightMap) -> Any:
        """The array of a source of the layout."""
        if not source.startswith(OPTIMIZER):
            return BackReader(reader, weight_map).read(source)
        slot, _, path = source.removeprefix(OPTIMIZER).partition("/")
        if not path:
            return reader.read(source)
        return BackReader(reader, weight_map, f"{OPTIMIZER}{self.slots[slot]}/").read(path)


def state_back(reader: Reader, weight_map: WeightMap, metadata: Mapping[str, str]) -> StateBack:
    """The state in a checkpoint of the translation; empty where there is none. `metadata` tells
    the class (`optimizer`) and the order (`optimizer_order`), as far as they are known."""
    names = [key.removeprefix(OPTIMIZER) for key in reader.entries if key.startswith(OPTIMIZER)]
    if not names:
        return StateBack()
    given = dict.fromkeys(name.partition("/")[0] for name in names if "/" in name)
    slots = {_ALIASES.get(name, name): name for name in given}
    scalars = [name for name in names if "/" not in name]
    if "" in weight_map.trainable:
        return StateBack(problem="the order of the trained variables is not known")
    chosen = metadata.get("optimizer", "")
    ordered = _in_order(list(slots), chosen)
    order = metadata.get(ORDER) or _order(ordered, chosen)
    if order not in ORDERS or ordered is None:
        text = "the order of its arrays is not known: --optimizer CLASS tells it"
        return StateBack(problem=text)
    first = ["iteration", *(["learning_rate"] if weight_map.flavour == "keras3" else [])]
    last = sorted((n for n in scalars if _LATER.match(n)), key=_number, reverse=True)
    listed = [
        *first,
        *(f"{slot}/{path}" for slot, path in _pairs(ordered, weight_map.trainable, order)),
        *last,
    ]
    missing = [name for name in first if name not in scalars]
    missing += _missing(reader, weight_map, [slots[name] for name in ordered])
    return StateBack(
        tuple(f"{OPTIMIZER}{name}" for name in listed),
        tuple(f"{OPTIMIZER}{name}" for name in missing),
        name=chosen,
        slots=slots,
    )


def with_state(matched: Matched, state: StateBack) -> Matched:
    """What fits, with what is to be said of the state."""
    if state.problem:
        return replace(matched, optimizer=OptimizerState(problem=state.problem))
    if not state.sources:
        return matched
    return replace(matched, missing=(*matched.missing, *state.missing), ignored=())


def _in_order(slots: list[str], chosen: str) -> list[str] | None:
    """The slots as a class has them; None where nothing tells."""
    tables = {**PAIRED, **LISTED}
    numbered = sorted((s for s in slots if re.fullmatch(r"slot\d+", s)), key=_number)
    named = [s for s in slots if s not in numbered]
    for names in [tables[chosen]] if chosen in tables else tables.values():
        if set(named) == set(names[: len(named)]):
            return [*names[: len(named)], *numbered]
    return None


def _order(slots: list[str] | None, chosen: str) -> str:
    if slots is None:
        return ""
    if len(slots) < 2 or chosen in LISTED:
        return "listed"
    paired = any(names[:2] == tuple(slots[:2]) for names in PAIRED.values())
    return "paired" if chosen in PAIRED or paired else ""


def _pairs(slots: list[str], paths: Sequence[str], order: str) -> list[tuple[str, str]]:
    """Slot and variable of each array, in the order of the file."""
    together = slots[:2] if order == "paired" else []
    found = [(slot, path) for path in paths for slot in together]
    return found + [(slot, path) for slot in slots[len(together) :] for path in paths]


def _missing(reader: Reader, weight_map: WeightMap, slots: Sequence[str]) -> list[str]:
    trained, shapes = set(weight_map.trainable), target_shapes(weight_map)
    wanted = [
        f"{slot}/{target.path}"
        for slot in slots
        for target in weight_map.targets
        if trained & set(target.sources)
    ]
    there = reader.entries
    found: list[str] = []
    for name in wanted:
        entry = there.get(f"{OPTIMIZER}{name}")
        if entry is None or entry.shape != shapes[name.partition("/")[2]]:
            found.append(name)
    return found


def _number(name: str) -> int:
    return int(name.lstrip("abcdefghijklmnopqrstuvwxyz"))
