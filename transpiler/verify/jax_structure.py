"""The module tree of an NNX model, with the order of first calls in one abstract forward pass."""
# pyright: basic

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
from flax import nnx

from .structure import ModuleRecord, Owned, Structure, VariableRecord

Path = tuple[Any, ...]


def dotted(path: Path) -> str:
    return ".".join(str(p) for p in path)


def nnx_nodes(model: Any) -> tuple[dict[Path, Any], dict[Path, Any]]:
    """Modules and variables by path, each once, parents before children."""
    modules: dict[Path, Any] = {}
    variables: dict[Path, Any] = {}
    for path, node in nnx.iter_graph(model):
        if isinstance(node, nnx.Module):
            modules[path] = node
        elif isinstance(node, nnx.Variable):
            variables[path] = node
    order = sorted(modules, key=lambda p: (len(p), [str(k).zfill(8) for k in p]))
    return {p: modules[p] for p in order}, variables


class CallOrder:
    """Hooks `__call__` of the classes in a model and notes the first call of each module path."""

    def __init__(self, model: Any) -> None:
        self.first: dict[Path, int] = {}
        self.paths: dict[int, Path] = {}
        self.kept: list[Any] = []
        self.count = 0
        self.originals: dict[type, Callable[..., Any]] = {}
        for module in nnx_nodes(model)[0].values():
            for cls in type(module).__mro__:
                if "__call__" in vars(cls) and issubclass(cls, nnx.Module):
                    self.originals.setdefault(cls, vars(cls)["__call__"])

    def __enter__(self) -> CallOrder:
        for cls, original in self.originals.items():
            cls.__call__ = self._wrap(original)  # type: ignore[operator]
        self._view = nnx.view
        nnx.view = self._viewed
        return self

    def __exit__(self, *exc: object) -> None:
        nnx.view = self._view
        for cls, original in self.originals.items():
            cls.__call__ = original  # type: ignore[operator]

    def _wrap(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def recorded(module: Any, *args: Any, **kwargs: Any) -> Any:
            self.count += 1
            path = self._path(module)
            if path is not None:
                self.first.setdefault(path, self.count)
            return original(module, *args, **kwargs)

        return recorded

    def begin(self, model: Any) -> None:
        """`model` is the copy that is called: its modules stand for the paths."""
        self.paths = {id(m): p for p, m in nnx_nodes(model)[0].items()}

    def _viewed(self, module: Any, *args: Any, **kwargs: Any) -> Any:
        """The modules of a view are other objects, which stand for the same paths."""
        view = self._view(module, *args, **kwargs)
        path = self.paths.get(id(module))
        if path is not None:
            found = nnx_nodes(view)[0]
            self.paths |= {id(m): (*path, *p) for p, m in found.items()}
            self.kept.append(view)  # keeps the ids taken
        return view

    def _path(self, module: Any) -> Path | None:
        return self.paths.get(id(module))


def structure_of(model: Any, first: dict[Path, int]) -> tuple[Structure, dict[int, Path]]:
    """The tree as data, and the path of each variable id."""
    modules, variables = nnx_nodes(model)
    ids = {p: i for i, p in enumerate(modules)}
    owned: dict[Path, list[Owned]] = {p: [] for p in modules}
    records: list[VariableRecord] = []
    paths: dict[int, Path] = {}
    for i, (path, variable) in enumerate(variables.items()):
        owner = _owner(path, modules)
        if owner is None or not hasattr(variable, "shape"):
            continue
        owned[owner].append(Owned(i, dotted(path[len(owner) :])))
        records.append(_record(i, path, variable))
        paths[i] = path
    places = _places(modules, first)
    tree = tuple(
        ModuleRecord(
            id=ids[p],
            parent=None if not p else _parent(p, ids),
            names=_names(type(m)),
            paths=(dotted(p),),
            first_call=first.get(p),
            variables=tuple(owned[p]),
            place=places.get(p),
        )
        for p, m in modules.items()
    )
    return Structure(tree, tuple(records)), paths


def _places(modules: dict[Path, Any], first: dict[Path, int]) -> dict[Path, int]:
    """For modules of which nothing is called: the last call of what is defined before them."""
    last: dict[Path, int] = {}
    for path, number in first.items():
        for end in range(len(path) + 1):
            last[path[:end]] = max(number, last.get(path[:end], number))
    places: dict[Path, int] = {}
    for path, module in modules.items():
        number = first.get(path, last.get(path))
        if number is None:
            continue
        for name in vars(module) if not isinstance(module, nnx.List) else range(len(module)):
            below = [p for p in modules if p[: len(path) + 1] == (*path, name)][:1]
            if below and below[0] not in last:
                places[below[0]] = number
            elif below:
                number = last[below[0]]
    return places


def _owner(path: Path, modules: dict[Path, Any]) -> Path | None:
    """The nearest module above a variable; containers belong to the module that holds them."""
    for end in range(len(path) - 1, -1, -1):
        module = modules.get(path[:end])
        if module is not None and (end == 0 or not isinstance(module, (nnx.List, nnx.Dict))):
            return path[:end]
    return None


def _parent(path: Path, ids: dict[Path, int]) -> int | None:
    for end in range(len(path) - 1, -1, -1):
        if path[:end] in ids:
            return ids[path[:end]]
    return None


def _record(index: int, path: Path, variable: Any) -> VariableRecord:
    if isinstance(variable, nnx.RngState):
        role = "seed"
    elif isinstance(variable, nnx.Param):
        role = "param"
    elif isinstance(variable, nnx.BatchStat) or type(variable) is nnx.Variable:
        role = "stat"
    else:
        role = "other"
    shape = tuple(int(d) for d in variable.shape)
    return VariableRecord(index, dotted(path), dotted(path), shape, str(variable.dtype), role)


@functools.cache
def _public_names() -> dict[type, str]:
    spaces = {name: getattr(nnx, name) for name in dir(nnx) if not name.startswith("_")}
    return {v: f"flax.nnx.{n}" for n, v in spaces.items() if isinstance(v, type)}


def _names(cls: type) -> tuple[str, ...]:
    names: list[str] = []
    for base in cls.__mro__:
        if base in (nnx.Module, nnx.List, nnx.Dict, nnx.Sequential):
            break
        if base in _public_names():
            names.append(_public_names()[base])
        names.append(f"{base.__module__}.{base.__qualname__}")
    return tuple(names)


def set_variables(model: Any, values: dict[Path, Any], *, keep_dtype: bool = True) -> None:
    variables = nnx_nodes(model)[1]
    for path, value in values.items():
        dtype = variables[path].dtype if keep_dtype else None
        variables[path].set_value(jax.numpy.asarray(value, dtype))
