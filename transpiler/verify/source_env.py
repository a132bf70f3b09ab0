"""The world in which a source program runs: stand-ins, aliases, names that NumPy and SciPy removed.

Imports TensorFlow: only the oracle worker uses this module.
"""
# pyright: basic

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import inspect
import os
import sys
import types
from collections.abc import Mapping, Sequence
from typing import Any
from unittest.mock import MagicMock

from .case import Flavour, Side


def _stub_attribute(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    if name[0].isupper():
        return type(name, (), {"__init__": lambda self, *args, **kwargs: None})
    return MagicMock(name=name)


class StubFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stands in for optional imports which the case does not use."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        if any(fullname == n or fullname.startswith(n + ".") for n in self.names):
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: Any) -> types.ModuleType:
        module = types.ModuleType(spec.name)
        module.__path__ = []
        module.__getattr__ = _stub_attribute  # type: ignore[method-assign]
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        pass


class AliasFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Maps a module to another, e.g. keras -> tf_keras."""

    def __init__(self, table: Mapping[str, str]) -> None:
        self.table = dict(table)

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        for name, real in self.table.items():
            if fullname == name or fullname.startswith(name + "."):
                spec = importlib.machinery.ModuleSpec(fullname, self, is_package=True)
                spec.loader_state = real + fullname[len(name) :]
                return spec
        return None

    def create_module(self, spec: Any) -> types.ModuleType:
        return importlib.import_module(spec.loader_state)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


def add_removed_names() -> None:
    """Names that published TensorFlow code still uses and its dependencies dropped."""
    import numpy as np

    if not hasattr(inspect, "getargspec"):
        inspect.getargspec = lambda f: inspect.getfullargspec(f)[:4]  # type: ignore[attr-defined]
    removed = {
        "int": int,
        "float": float,
        "bool": bool,
        "object": object,
        "float_": np.float64,
        "product": np.prod,
        "Inf": np.inf,
        "infty": np.inf,
    }
    for name, value in removed.items():
        if name not in np.__dict__:
            setattr(np, name, value)
    try:
        import scipy.signal
        import scipy.signal.windows
    except ImportError:
        return
    for name in ("kaiser", "hann", "hamming"):
        if not hasattr(scipy.signal, name):
            setattr(scipy.signal, name, getattr(scipy.signal.windows, name))


def source_namespace(side: Side, flavour: Flavour) -> dict[str, Any]:
    """Names for the case's expressions, before the import of the module itself."""
    sys.path[:0] = list(side.paths)
    sys.argv = ["case"]
    add_removed_names()
    sys.meta_path.insert(0, StubFinder(side.stubs))
    import numpy as np
    import tensorflow as tf

    keras = tf.keras
    if flavour == "keras3":
        import keras
    _ = keras.layers.Dense  # resolves the lazy legacy loader
    if side.alias:
        for alias in side.alias:  # TensorFlow may have loaded the module's children already
            for name in [k for k in sys.modules if k.startswith(alias + ".")]:
                if alias.startswith("tensorflow."):
                    del sys.modules[name]
        sys.meta_path.insert(0, AliasFinder(side.alias))
    keras.utils.set_random_seed(0)
    scope: dict[str, Any] = {"tf": tf, "np": np, "keras": keras, "os": os, "sys": sys}
    scope |= {"importlib": importlib, "MagicMock": MagicMock, "types": types}
    return scope
