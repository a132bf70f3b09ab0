"""Which key of a checkpoint is which variable of a program, and what does not fit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .object_graph import SUFFIX, Node, resolve, starts
from .optimizer_state import TRAINED, OptimizerState, is_optimizer_key, optimizer_state
from .tensor import CheckpointError, Entry, Kind, Reader
from .tensor_bundle import BundleReader
from .weight_map import WeightMap

TABLES: Mapping[Kind, tuple[str, ...]] = {
    "keras-h5": ("weights.h5", "keras"),
    "legacy-h5": ("h5",),
    "tensor-bundle": ("checkpoint", "saved_model", "names"),
}
"""The tables of `WeightMap.keys` that speak of a kind of checkpoint."""
_BOOKKEEPING = re.compile(
    r"(?:.*/)?(?:save_counter|keras_api|_CHECKPOINTABLE_OBJECT_GRAPH)(?:/|$)"
    r"|(?:[^.]*/)?_?(?:metrics|loss_tracker|compile_metrics|compile_loss)/"
)
"""Counters of checkpoints, and the state of metrics in files of compiled models."""


@dataclass(frozen=True, slots=True)
class Matched:
    """keys       path of each variable that is there -> its key
    missing    what the translation needs and the checkpoint lacks, one line each
    extra      what nothing of the program is
    misshaped  what has another shape
    ignored    keys that the translation has no use for, and Keras writes for this program
    notes      how keys were found, where not by their names
    """

    keys: dict[str, str]
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    misshaped: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    optimizer: OptimizerState = field(default_factory=OptimizerState)
    notes: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        return not (self.missing or self.extra or self.misshaped or self.optimizer.problem)


def match(
    reader: Reader, weight_map: WeightMap, prefix: str | None = None, *, optimizer: bool = True
) -> Matched:
    """`prefix` stands before the keys of the program in a TensorFlow checkpoint; by default it is
    found. Raises CheckpointError where the map does not know this kind of file, or where several
    prefixes fit."""
    tables = [name for name in TABLES.get(reader.kind, ()) if name in weight_map.keys]
    if not tables:
        known = ", ".join(weight_map.keys) or "none"
        raise CheckpointError(
            f"the map of `{weight_map.program}` has no keys for files of this kind "
            f"({reader.kind}); it has: {known}"
        )
    found: dict[str, str] = {}
    table, notes = tables[0], []
    for name in tables:
        keys, said = _keys_of(reader, weight_map, name, prefix)
        if len(keys) > len(found):
            found, table, notes = keys, name, said
    by_path = weight_map.by_path
    wrong = {p for p, k in found.items() if reader.entries[k].shape != by_path[p].shape}
    needed = weight_map.needed
    expected = weight_map.keys[table]
    state = optimizer_state(reader, weight_map, found) if optimizer else OptimizerState()
    extra, ignored = _left(reader, weight_map, found, table, state)
    return Matched(
        keys={p: k for p, k in found.items() if p not in wrong},
        missing=tuple(
            f"{p} {list(by_path[p].shape)}, expected as `{expected.get(p, '?')}`"
            for p in needed
            if p not in found
        ),
        extra=tuple(f"{k} {list(reader.entries[k].shape)}" for k in extra),
        misshaped=tuple(
            f"{p} {list(by_path[p].shape)}: `{found[p]}` is {list(reader.entries[found[p]].shape)}"
            for p in found
            if p in wrong
        ),
        ignored=tuple(ignored),
        optimizer=state,
        notes=tuple(notes),
    )


def _keys_of(
    reader: Reader, weight_map: WeightMap, table: str, prefix: str | None
) -> tuple[dict[str, str], list[str]]:
    names, there = weight_map.keys[table], reader.entries
    if isinstance(reader, BundleReader):
        if reader.graph and table != "names":
            found, said = _by_graph(reader.graph, names, there, prefix)
            return _of_optimizer(weight_map, there) | found if found else found, said
        before = _prefix(names, there) if prefix is None else prefix
        found = {p: before + k for p, k in names.items() if before + k in there}
        return found, _said(before) if found else []
    found = {p: k for p, k in names.items() if k in there}
    if len(found) < len(names) and reader.kind == "legacy-h5":
        placed = _by_place(reader, weight_map, names)
        if placed is not None:
            return placed, [
                "names differ: weights were taken in the order of the file, as in Keras"
            ]
    return found, []


def _said(prefix: str) -> list[str]:
    return [f"keys begin with `{prefix}`"] if prefix else []


def _by_graph(
    graph: Sequence[Node], names: Mapping[str, str], there: Mapping[str, Entry], prefix: str | None
) -> tuple[dict[str, str], list[str]]:
    """By the attributes that lead to a variable, from the node of which most are found."""
    found: dict[int, tuple[str, dict[str, str]]] = {}
    for path, root in starts(graph):
        if prefix is None or path == prefix:
            keys = {p: resolve(graph, root, name) for p, name in names.items()}
            found[root] = (path, {p: k for p, k in keys.items() if k in there and k is not None})
    best = max((len(keys) for _, keys in found.values()), default=0)
    chosen = [(path, keys) for path, keys in found.values() if len(keys) == best > 0]
    if len(chosen) > 1 and chosen[0][0]:
        raise CheckpointError(_several([path for path, _ in chosen]))
    return (chosen[0][1], _said(chosen[0][0])) if chosen else ({}, [])


def _of_optimizer(weight_map: WeightMap, there: Mapping[str, Entry]) -> dict[str, str]:
    """Variables that only an optimizer refers to: TensorFlow does not follow the lists of layers of
    Keras 3."""
    ends = {f"optimizer/_{TRAINED}/{n}{SUFFIX}": p for n, p in enumerate(weight_map.trainable)}
    found = {ends[end]: k for k in there if (end := k[k.rfind("optimizer/_") :]) in ends}
    return {path: key for path, key in found.items() if path}


def _several(prefixes: Sequence[str]) -> str:
    listed = ", ".join(f"`{one}`" for one in sorted(prefixes)[:5])
    return f"the program is there several times; choose one by --prefix: {listed}"


def _prefix(names: Mapping[str, str], there: Mapping[str, Entry]) -> str:
    """What stands before all keys: a checkpoint may hold the model as an attribute of another."""
    ends: dict[str, list[str]] = {}
    for key in there:
        if ".OPTIMIZER_SLOT" not in key:
            ends.setdefault(_tail(key), []).append(key)
    counts: Counter[str] = Counter()
    for name in names.values():
        for key in ends.get(_tail(name), ()):
            before = key.removesuffix(name)
            if key.endswith(name) and (not before or before.endswith("/")):
                counts[before] += 1
    if not counts:
        return ""
    best = max(counts.values())
    chosen = [before for before, n in counts.items() if n == best]
    if len(chosen) == 1 or "" in chosen:
        return "" if "" in chosen else chosen[0]
    raise CheckpointError(_several(chosen))


def _tail(key: str) -> str:
    parts = key.removesuffix("/.ATTRIBUTES/VARIABLE_VALUE").split("/")
    return parts[-1]


def _by_place(
    reader: Reader, weight_map: WeightMap, names: Mapping[str, str]
) -> dict[str, str] | None:
    """Names of layers are counted up in a session, so Keras itself goes by their order in these
    files. None unless number and all shapes agree."""
    shapes = weight_map.by_path
    others = set(weight_map.others.get("h5", ()))
    keys = [k for k in reader.entries if not is_optimizer_key(k) and k not in others]
    if len(keys) != len(names):
        return None
    pairs = list(zip(names, keys, strict=True))
    fit = all(reader.entries[k].shape == shapes[p].shape for p, k in pairs)
    return dict(pairs) if fit else None


def _left(
    reader: Reader,
    weight_map: WeightMap,
    found: Mapping[str, str],
    table: str,
    state: OptimizerState,
) -> tuple[list[str], list[str]]:
    """Keys that are no variable of the program, and those that are and are not needed."""
    used = {found[p] for p in (*weight_map.needed, *weight_map.carried) if p in found}
    known = set(found.values()) | set(weight_map.others.get(table, ())) | state.keys
    extra: list[str] = []
    ignored: list[str] = []
    for key in reader.entries:
        if key in used or key in state.keys:
            continue
        plain = key in known or is_optimizer_key(key) or _BOOKKEEPING.match(key) is not None
        (ignored if plain else extra).append(key)
    return extra, ignored
