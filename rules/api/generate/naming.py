"""Which of an object's many public names is the canonical one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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


def preference(name: str, value: object) -> tuple[object, ...]:
    """Sort key: TF 2 before v1, public before internal, short paths, the object's own name."""
    return (
        name.startswith("tf.compat.v1."),
        "__internal__" in name,
        name.count("."),
        name.rpartition(".")[2] != own_name(value),
        len(name),
        name,
    )


def one_namespace(names: Mapping[str, object]) -> dict[str, str]:
    """Name -> canonical name, within one flavour."""
    ordered = sorted(names, key=lambda name: preference(name, names[name]))
    chosen: dict[int, str] = {}
    return {
        name: chosen.setdefault(id(names[name]), name) if has_identity(names[name]) else name
        for name in ordered
    }


def several_flavours(flavours: Iterable[Mapping[str, object]]) -> dict[str, str]:
    """Name -> canonical name, the same in all flavours.

    A name joins a preferred one when they are one object in some flavour and two in none.
    """
    spaces = list(flavours)
    everything = {name: space[name] for space in reversed(spaces) for name in space}
    ordered = sorted(everything, key=lambda name: preference(name, everything[name]))
    canonical: dict[str, str] = {}
    heads: dict[tuple[int, int], list[str]] = {}
    for name in ordered:
        homes = [
            (number, id(space[name]))
            for number, space in enumerate(spaces)
            if name in space and has_identity(space[name])
        ]
        candidates = [head for home in homes for head in heads.get(home, ())]
        head = next((c for c in candidates if _never_differ(name, c, spaces)), None)
        canonical[name] = head or name
        if head is None:
            for home in homes:
                heads.setdefault(home, []).append(name)
    return canonical


def _never_differ(left: str, right: str, spaces: Iterable[Mapping[str, object]]) -> bool:
    return all(s[left] is s[right] for s in spaces if left in s and right in s)
