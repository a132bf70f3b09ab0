"""Which of an object's many public names is the canonical one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType


def has_identity(value: object) -> bool:
    """Whether two names with this very object are two names of one thing.

    None, numbers and strings are shared by accident.
    """
    shared = (type(None), bool, int, float, complex, str, bytes, tuple, list, dict, set, frozenset)
    return not isinstance(value, (*shared, ModuleType))


def own_name(value: object) -> str:
    """`reduce_sum` of a function, `Dense` of a class, `float32` of a dtype."""
    try:
        name = getattr(value, "__name__", None) or getattr(value, "name", None)
    except Exception:  # `tf.compat.v1.flags.FLAGS` parses the command line on attribute access
        return ""
    return name if isinstance(name, str) else ""


def preference(name: str, value: object, private: bool = False) -> tuple[object, ...]:
    """Sort key: TF 2 before v1, public before internal, short paths, the object's own name."""
    return (
        private,
        name.startswith("tf.compat.v1."),
        "__internal__" in name,
        ".experimental." in name,
        name.count("."),
        name.rpartition(".")[2] != own_name(value),
        len(name),
        name,
    )


def one_namespace(names: Mapping[str, object]) -> dict[str, str]:
    """Name -> canonical name, within one flavour."""
    return several_flavours([names], frozenset())


def several_flavours(
    flavours: Sequence[Mapping[str, object]], private: frozenset[str]
) -> dict[str, str]:
    """Name -> canonical name, the same in all flavours.

    A name joins a preferred one when they are one object in some flavour and two in none.
    """
    everything = {name: space[name] for space in reversed(flavours) for name in space}
    ordered = sorted(
        everything, key=lambda name: preference(name, everything[name], name in private)
    )
    canonical: dict[str, str] = {}
    groups: dict[tuple[int, int], dict[str, dict[int, int]]] = {}
    for name in ordered:
        objects = {
            number: id(space[name])
            for number, space in enumerate(flavours)
            if name in space and has_identity(space[name])
        }
        candidates = {
            head: group
            for home in objects.items()
            for head, group in groups.get(home, {}).items()
            if all(group.get(number, found) == found for number, found in objects.items())
        }
        head, group = next(iter(candidates.items()), (name, {}))
        canonical[name] = head
        group.update(objects)
        for home in objects.items():
            groups.setdefault(home, {})[head] = group
    return canonical
