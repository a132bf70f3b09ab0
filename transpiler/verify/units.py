"""Units of pairing: layers of the weight table as wholes, other modules by what they own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .structure import ModuleRecord, Structure, VariableRecord

NEVER = 1 << 60
SEED = "seed"
NEEDED = ("param", "stat")


@dataclass(frozen=True, slots=True)
class UnitWeight:
    """A variable of a unit under its attribute path in the unit; `name` is the library's own."""

    attr: str
    name: str
    variable: VariableRecord


@dataclass(frozen=True, slots=True)
class Unit:
    """`kinds`: names of its classes that the weight table knows, most derived first."""

    path: str
    paths: tuple[str, ...]
    kinds: tuple[str, ...]
    label: str
    weights: tuple[UnitWeight, ...]
    flat_order: int
    tree_order: int
    called: bool = True

    @property
    def needed(self) -> tuple[UnitWeight, ...]:
        return tuple(w for w in self.weights if w.variable.role in NEEDED)


def last_part(name: str) -> str:
    return name.rsplit(".", 1)[-1]


def known_kinds(names: tuple[str, ...], table: frozenset[str]) -> tuple[str, ...]:
    """The table's names for a class: full names, or bare ones for helpers that outputs carry."""
    bare = {last_part(t): t for t in table if "." not in t or not t.startswith(("keras.", "flax."))}
    found = [n for n in names if n in table]
    found += [bare[last_part(n)] for n in names if last_part(n) in bare]
    return tuple(dict.fromkeys(found))


def units_of(
    structure: Structure,
    table_names: Iterable[str],
    weights: Mapping[str, frozenset[str]] | None = None,
) -> tuple[Unit, ...]:
    """The units of a program, sorted by first call (layers never called: at their parent's).

    `weights`: what the table calls the weights of a kind. What has none of them is no such unit
    (an `RNN` around several cells), but its parts may be.
    """
    builder = _Builder(structure, frozenset(table_names), weights or {})
    for root in builder.children[None]:
        builder.visit(root)
    return tuple(sorted(builder.units, key=lambda u: (u.flat_order, u.tree_order)))


class _Builder:
    def __init__(
        self, structure: Structure, table: frozenset[str], names: Mapping[str, frozenset[str]]
    ) -> None:
        self.names = names
        self.modules = {m.id: m for m in structure.modules}
        self.variables = {v.id: v for v in structure.variables}
        self.table = table
        self.units: list[Unit] = []
        self.children: dict[int | None, list[ModuleRecord]] = {None: []}
        for module in structure.modules:
            self.children.setdefault(module.parent, []).append(module)
        self.first: dict[int, int] = {}
        for module in reversed(structure.modules):  # children come after their parents
            below = [self.first[c.id] for c in self.children.get(module.id, [])]
            own = NEVER if module.first_call is None else module.first_call
            self.first[module.id] = own if own < NEVER else min(below, default=NEVER)
        for siblings in self.children.values():
            siblings.sort(key=lambda m: self.first[m.id])

    def visit(self, module: ModuleRecord, inherited: int = NEVER) -> None:
        order = inherited if module.first_call is None else module.first_call
        kinds = known_kinds(module.names, self.table)
        weights = self._subtree(module, "") if kinds else self._direct(module, "")
        if kinds and not self._has_weights_of(kinds, weights):
            kinds, weights = (), self._direct(module, "")
        weights = [w for w in weights if w.variable.role != SEED]
        if any(w.variable.role in NEEDED for w in weights):
            label = last_part(module.names[0]) if module.names else "module"
            path = module.paths[0]
            tree_order = len(self.units)
            called = module.first_call is not None
            facts = (path, module.paths, kinds, label, tuple(weights), order, tree_order, called)
            self.units.append(Unit(*facts))
        if not (kinds and weights):
            for child in self.children.get(module.id, []):
                self.visit(child, order)

    def _has_weights_of(self, kinds: tuple[str, ...], weights: list[UnitWeight]) -> bool:
        names = [self.names[k] for k in kinds if k in self.names]
        if not names or not weights:
            return True
        return any(f".{w.attr}".endswith(f".{name}") for w in weights for n in names for name in n)

    def _direct(self, module: ModuleRecord, prefix: str) -> list[UnitWeight]:
        records = [(o.attr, self.variables[o.variable]) for o in module.variables]
        return [UnitWeight(prefix + attr, v.name, v) for attr, v in records]

    def _subtree(self, module: ModuleRecord, prefix: str) -> list[UnitWeight]:
        weights = self._direct(module, prefix)
        for child in self.children.get(module.id, []):
            relative = child.paths[0].removeprefix(module.paths[0]).lstrip(".")
            weights += self._subtree(child, f"{prefix}{relative}.")
        return weights
