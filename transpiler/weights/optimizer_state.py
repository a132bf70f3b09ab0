"""The optimizer's state in a checkpoint: which array belongs to which variable.

Keras stores it as a list: counters, then arrays of the sizes of the trained variables, in one of
two orders (`PAIRED`). Where sizes do not tell which, the optimizer's class does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .tensor import Entry, Reader
from .weight_map import WeightMap

PAIRED: Mapping[str, tuple[str, ...]] = {
    "adam": ("momentum", "velocity", "velocity_hat"),
    "adamw": ("momentum", "velocity", "velocity_hat"),
    "nadam": ("momentum", "velocity"),
    "adamax": ("momentum", "norm"),
    "adadelta": ("accumulated_grad", "accumulated_delta_var"),
    "ftrl": ("accumulator", "linear"),
    "lamb": ("momentum", "velocity"),
}
"""Optimizers that store the first two arrays of a variable side by side, and what they hold."""
LISTED: Mapping[str, tuple[str, ...]] = {
    "sgd": ("momentum",),
    "rmsprop": ("velocity",),
    "adagrad": ("accumulator",),
    "lion": ("momentum",),
}
"""Optimizers that store all first arrays, then all second ones; names of those always there."""
ORDER, ORDERS = "optimizer_order", ("paired", "listed")
"""What safetensors say of it in their metadata."""
SCALARS = ("iteration", "learning_rate")
TRAINED = "trainable_variables"
"""The list under which an optimizer of Keras 3 refers to the variables that it trains."""
_SLOT = re.compile(r"(.+)/\.OPTIMIZER_SLOT/(.+)/([^/]+)/\.ATTRIBUTES/VARIABLE_VALUE$")
_LISTED_SLOT = re.compile(r"(?:.*/)?optimizer/_([a-z_]+)/(\d+)/\.ATTRIBUTES/VARIABLE_VALUE$")
_SCALAR = re.compile(r"(?:.*/)?optimizer/_?([a-z_0-9]+)/\.ATTRIBUTES/VARIABLE_VALUE$")


@dataclass(frozen=True, slots=True)
class OptimizerState:
    """slots    name -> path of the variable -> key
    scalars  name -> key
    problem  why what is there could not be read; empty if it could
    order    how a list of arrays was read (one of `ORDERS`); empty where they have names
    """

    slots: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    scalars: dict[str, str] = field(default_factory=dict[str, str])
    problem: str = ""
    order: str = ""

    @property
    def keys(self) -> set[str]:
        return {k for slot in self.slots.values() for k in slot.values()} | set(
            self.scalars.values()
        )


def is_optimizer_key(key: str) -> bool:
    """Whether a key belongs to an optimizer, in any kind of checkpoint."""
    parts = key.split("/")
    return ".OPTIMIZER_SLOT" in parts or "optimizer" in parts[:-1]


def optimizer_state(
    reader: Reader, weight_map: WeightMap, keys: Mapping[str, str]
) -> OptimizerState:
    """`keys`: path of each variable -> its key in this checkpoint."""
    mine = {k: e for k, e in reader.entries.items() if is_optimizer_key(k)}
    mine = {k: e for k, e in mine.items() if k not in keys.values()}
    if not mine:
        return OptimizerState()
    if reader.kind == "tensor-bundle":
        return _of_bundle(mine, reader.optimizer, weight_map, keys)
    return _of_list(list(mine.values()), reader.optimizer, weight_map)


def _of_bundle(
    entries: Mapping[str, Entry], optimizer: str, weight_map: WeightMap, keys: Mapping[str, str]
) -> OptimizerState:
    suffix = "/.ATTRIBUTES/VARIABLE_VALUE"
    by_key = {key.removesuffix(suffix): path for path, key in keys.items()}
    state = OptimizerState()
    lists: dict[str, dict[int, Entry]] = {}
    for key, entry in entries.items():
        if (found := _SLOT.match(key)) is not None and found.group(1) in by_key:
            slot = state.slots.setdefault(found.group(3), {})
            slot[by_key[found.group(1)]] = key
        elif (found := _LISTED_SLOT.match(key)) is not None:
            lists.setdefault(found.group(1), {})[int(found.group(2))] = entry
        elif not entry.shape and (found := _SCALAR.match(key)) is not None:
            state.scalars[found.group(1).removesuffix("s")] = key
    for name, found_list in lists.items():
        ordered = [found_list[i] for i in sorted(found_list)]
        if name == TRAINED:
            continue
        if name == "variables":
            listed = _of_list(ordered, optimizer, weight_map)
            if listed.problem:
                return listed
            state.slots.update(listed.slots)
            state.scalars.update(listed.scalars)
        elif not _fits(ordered, _trained(weight_map)):
            return OptimizerState(problem=f"`{name}` does not fit the trained variables")
        else:
            single = name.removesuffix("s") if name != "velocities" else "velocity"
            state.slots[single] = _slot(ordered, weight_map)
    return state


def _of_list(entries: Sequence[Entry], optimizer: str, weight_map: WeightMap) -> OptimizerState:
    trained = _trained(weight_map)
    if "" in weight_map.trainable or not trained:
        return OptimizerState(problem="the order of the trained variables is not known")
    count = 0
    scalars: dict[str, str] = {}
    while count < len(entries) and not entries[count].shape and count < len(SCALARS):
        if trained[0] == () and len(entries) - count == len(trained):
            break
        scalars[SCALARS[count]] = entries[count].key
        count += 1
    rest = list(entries[count:])
    while rest and not rest[-1].shape and len(rest) % len(trained):
        scalars[f"scalar{len(scalars)}"] = rest.pop().key
    slots, left = divmod(len(rest), len(trained))
    if left:
        text = f"{len(rest)} arrays for {len(trained)} trained variables"
        return OptimizerState(problem=text)
    both = {"paired": _paired(rest, trained), "listed": _listed(rest, trained)}
    orders = {name: order for name, order in both.items() if order is not None}
    if optimizer in PAIRED or optimizer in LISTED:
        wanted = "paired" if optimizer in PAIRED else "listed"
        orders = {name: order for name, order in orders.items() if name == wanted}
    if not orders:
        return OptimizerState(problem="the arrays do not fit the trained variables")
    if len(orders) == 2 and orders["paired"] != orders["listed"]:
        text = "the order of the arrays is not known: neither sizes nor a class of optimizer tell"
        return OptimizerState(problem=text)
    names = (*PAIRED.get(optimizer, ()), *LISTED.get(optimizer, ()))
    names = (*names, *(f"slot{n}" for n in range(len(names), slots)))
    order, chosen = next(iter(orders.items()))
    found = {name: _slot(slot, weight_map) for name, slot in zip(names, chosen, strict=False)}
    return OptimizerState(found, scalars, order=order)


Slots = list[list[Entry]]


def _paired(rest: list[Entry], trained: list[tuple[int, ...]]) -> Slots | None:
    """The first two slots side by side, those after them one by one."""
    if len(rest) < 2 * len(trained):
        return _listed(rest, trained)
    pairs = rest[: 2 * len(trained)]
    more = _listed(rest[2 * len(trained) :], trained)
    slots = [pairs[::2], pairs[1::2]]
    fit = all(_fits(slot, trained) for slot in slots)
    return [*slots, *more] if fit and more is not None else None


def _listed(rest: list[Entry], trained: list[tuple[int, ...]]) -> Slots | None:
    count = len(trained)
    slots = [rest[i : i + count] for i in range(0, len(rest), count)]
    return slots if all(_fits(slot, trained) for slot in slots) else None


def _fits(slot: Sequence[Entry], trained: Sequence[tuple[int, ...]]) -> bool:
    return [entry.shape for entry in slot] == list(trained)


def _trained(weight_map: WeightMap) -> list[tuple[int, ...]]:
    shapes = {v.path: v.shape for v in weight_map.sources}
    return [shapes.get(path, ()) for path in weight_map.trainable]


def _slot(entries: Sequence[Entry], weight_map: WeightMap) -> dict[str, str]:
    return {p: e.key for p, e in zip(weight_map.trainable, entries, strict=True)}
