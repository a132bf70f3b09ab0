"""Tables of JAX, Flax and Optax."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import CellType, FunctionType, ModuleType

from . import naming, write
from .members import Row, member_rows
from .source import describe
from .walk import public_names

# Modules whose names are recorded, with what lies below them where that is public API.
_MODULES: Mapping[str, tuple[str, ...]] = {
    "jax": (
        "jax", "jax.checkpoint_policies", "jax.debug", "jax.dtypes", "jax.errors", "jax.export",
        "jax.image", "jax.lax", "jax.lax.linalg", "jax.nn", "jax.nn.initializers", "jax.numpy",
        "jax.numpy.fft", "jax.numpy.linalg", "jax.random", "jax.scipy", "jax.scipy.fft",
        "jax.scipy.integrate", "jax.scipy.interpolate", "jax.scipy.linalg", "jax.scipy.ndimage",
        "jax.scipy.optimize", "jax.scipy.signal", "jax.scipy.special", "jax.scipy.stats.norm",
        "jax.sharding", "jax.tree", "jax.tree_util",
    ),
    "flax": (
        "flax.linen", "flax.linen.initializers", "flax.nnx", "flax.nnx.initializers", "flax.struct",
        "flax.serialization", "flax.traverse_util",
    ),
    "optax": (
        "optax", "optax.assignment", "optax.contrib", "optax.losses", "optax.projections",
        "optax.schedules", "optax.transforms", "optax.tree_utils", "optax.tree",
    ),
}  # fmt: skip
_WITH_MEMBERS = ("flax.nnx.", "flax.linen.Module", "jax.Array", "optax.")


def generate(folder: Path) -> None:
    """Writes jax.tsv, flax.tsv and optax.tsv into `folder`."""
    names = {root: dict(_names(modules)) for root, modules in _MODULES.items()}
    by_id: dict[int, str] = {}
    for space in names.values():
        for name in sorted(space, key=lambda name: naming.preference(name, space[name])):
            if naming.has_identity(space[name]):
                by_id.setdefault(id(space[name]), name)
    initializers = _initializer_calls()

    def name_of(value: object) -> str | None:
        if not naming.has_identity(value):
            return None
        return (
            by_id.get(id(value))
            or initializers.get(_closure(value) or ())
            or _initializer_call(value)
        )

    for root, space in names.items():
        write.table(folder / f"{root}.tsv", _rows(space, by_id, name_of))


def _rows(space, by_id, name_of) -> Iterator[Row]:  # type: ignore[no-untyped-def]
    seen = set(space)
    for name, value in sorted(space.items()):
        yield describe(name, value, name_of)
        if isinstance(value, type) and name.startswith(_WITH_MEMBERS):
            for row in member_rows(name, value, lambda cls: id(cls) in by_id, name_of):
                if row[0] not in seen:
                    seen.add(row[0])
                    yield row


def _names(modules: tuple[str, ...]) -> Iterator[tuple[str, object]]:
    for path in modules:
        for name, value in public_names(path, _module(path), lambda *_: False).items():
            if type(value).__module__ not in ("__future__", "typing"):
                yield name, value


def _module(path: str) -> ModuleType:
    """A module by import, or as attribute of its parent (`flax.nnx.initializers`)."""
    try:
        return importlib.import_module(path)
    except ModuleNotFoundError:
        parent, _, name = path.rpartition(".")
        return getattr(importlib.import_module(parent), name)


def _initializer_calls() -> dict[tuple[object, ...], str]:
    """Closure of what `jax.nn.initializers.X()` returns -> that call."""
    module = importlib.import_module("jax.nn.initializers")
    found: dict[tuple[object, ...], str] = {}
    for name in sorted(dir(module)):
        function = getattr(module, name)
        if name.startswith("_") or not callable(function):
            continue
        try:
            closure = _closure(function())
        except TypeError:  # a class, or an initializer that needs arguments
            continue
        if closure is not None:
            found.setdefault(closure, f"jax.nn.initializers.{name}()")
    return found


def _initializer_call(value: object) -> str | None:
    """The call of `jax.nn.initializers.X` that made the initializer `value`."""
    if not isinstance(value, FunctionType) or value.__module__ != "jax._src.nn.initializers":
        return None
    factory = getattr(
        importlib.import_module("jax.nn.initializers"), value.__qualname__.partition(".")[0], None
    )
    if factory is None:
        return None
    closed = inspect.getclosurevars(value).nonlocals
    arguments: list[str] = []
    for parameter in inspect.signature(factory).parameters.values():
        given = closed.get(parameter.name, parameter.default)
        if given is parameter.empty:
            return None
        if given != parameter.default:
            arguments.append(f"{parameter.name}={given!r}")
    return f"jax.nn.initializers.{factory.__name__}({', '.join(arguments)})"


def _closure(value: object) -> tuple[object, ...] | None:
    """The code of an inner function with the values it closes over; None for other objects."""
    if not isinstance(value, FunctionType) or value.__closure__ is None:
        return None
    return (value.__code__, *(_cell(cell) for cell in value.__closure__))


def _cell(cell: CellType) -> str:
    try:
        return repr(cell.cell_contents)
    except ValueError:  # an empty cell
        return ""
