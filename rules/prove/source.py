"""The source side of a case: real TensorFlow and Keras, eagerly, on the CPU."""
# pyright: basic

from __future__ import annotations

import contextlib
import importlib
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

from .arrays import FLOATS, numpy_dtype
from .case import Case
from .compare import NARROW
from .packages import imported
from .receivers import RECEIVERS

EPS = {"float16": 2.0**-10, "bfloat16": 2.0**-7}
EPS32 = 2.0**-23


@dataclass(slots=True)
class Results:
    """Leaves of the result and the gradients by input (None: not connected)."""

    outputs: list[np.ndarray]
    gradients: dict[str, np.ndarray | None] = field(default_factory=dict)


@cache
def packages(keras: str) -> dict[str, Any]:
    """What the source text means by `tf` and `keras`."""
    import tensorflow as tf

    from . import addons

    name = "keras" if keras == "keras3" else "tf_keras"
    public = tf.keras if keras == "keras3" else importlib.import_module(name)
    private = importlib.import_module(f"{name}.src")
    found = {"tf": tf, "keras": _Package(public, private)}
    return found | {"tensorflow_addons": addons.package()} | imported()


class _Package:
    """A package with the modules that only its private tree has, as its own code spells them."""

    def __init__(self, public: Any, private: Any) -> None:
        self._public, self._private = public, private

    def __getattr__(self, name: str) -> Any:
        public = getattr(self._public, name, None)
        if public is not None and not isinstance(public, ModuleType):
            return public
        private = getattr(self._private, name, None)
        if private is None:
            with contextlib.suppress(ImportError):
                private = importlib.import_module(f"{self._private.__name__}.{name}")
        if private is None and public is None:
            raise AttributeError(f"{self._public.__name__} has no `{name}`")
        if isinstance(private, ModuleType):
            return _Package(public or private, private)
        return private if public is None else public


def run_source(case: Case, arrays: dict[str, np.ndarray], gradients: bool) -> Results:
    """Raises whatever TensorFlow raises."""
    import tensorflow as tf

    tensors = {name: RECEIVERS[case.owner_of(name)][0](array) for name, array in arrays.items()}
    floats = [n for n, a in arrays.items() if str(a.dtype) in FLOATS] if gradients else []
    code = compile(case.text, "<source>", "eval")
    with tf.GradientTape() as tape:
        for name in floats:
            tape.watch(tensors[name])
        found_leaves = leaves(eval(code, packages(case.keras) | tensors))
        # What an assignment returns is the variable itself, or nothing.
        if case.mutable:
            found_leaves = [o for o in found_leaves if not isinstance(o, tf.Variable)]
            found_leaves += [tensors[name].read_value() for name in case.mutable]
        outputs = [tf.convert_to_tensor(o) for o in found_leaves]
        # Nothing is claimed of gradients through what is no tensor any more.
        is_tensor = all(isinstance(o, tf.Tensor) for o in found_leaves)
        total = weighted(outputs) if floats and is_tensor else None
    found: dict[str, np.ndarray | None] = {}
    if total is not None:
        for name, g in zip(floats, tape.gradient(total, [tensors[n] for n in floats]), strict=True):
            found[name] = None if g is None else tf.convert_to_tensor(g).numpy()
    return Results([o.numpy() for o in outputs], found)


def weighted(outputs: list[Any]) -> Any:
    """The sum of all float outputs, each element with a weight of its own; None without any."""
    import tensorflow as tf

    terms = [
        tf.reduce_sum(tf.cast(o, tf.float32) * weight(o.shape))
        for o in outputs
        if o.dtype.name in FLOATS
    ]
    return tf.add_n(terms) if terms else None


def weight(shape: Iterable[int]) -> np.ndarray:
    shape = tuple(shape)
    return np.cos(np.arange(math.prod(shape)) + 1.0).reshape(shape).astype(np.float32)


def leaves(value: Any) -> list[Any]:
    """The leaves of nested results; a tuple of sizes is one vector, a shape too."""
    if type(value).__name__ == "TensorShape":
        value = tuple(value.as_list())
    if isinstance(value, list) and all(type(item).__name__ == "Dimension" for item in value):
        value = [item.value for item in value]
    if isinstance(value, tuple) and not value:
        return [np.zeros(0, np.int32)]
    if isinstance(value, list | tuple) and value and all(type(item) is int for item in value):
        return [np.array(value, np.int32)]
    if isinstance(value, dict):
        return [leaf for key in sorted(value) for leaf in leaves(value[key])]
    if isinstance(value, list | tuple):
        return [leaf for item in value for leaf in leaves(item)]
    if isinstance(value, type | np.dtype) or type(value).__name__ in ("DType", "_ScalarMeta"):
        name = getattr(value, "name", None) or np.dtype(value).name
        value = NARROW.get(name, name)
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return [np.frombuffer(value, np.uint8)]
    return [] if value is None else [value]


def nudged(arrays: dict[str, np.ndarray], seed: int, units: int = 1) -> dict[str, np.ndarray]:
    """The arrays with each float moved by `units` in the last place of its 32-bit (or narrower)
    type."""
    rng = np.random.default_rng(seed)
    moved: dict[str, np.ndarray] = {}
    for name, array in arrays.items():
        kind = str(array.dtype)
        if kind not in FLOATS and not kind.startswith("complex"):
            moved[name] = array
            continue
        eps = EPS.get(kind, EPS32)
        wide = array.astype(np.complex128 if kind.startswith("complex") else np.float64)
        noise = rng.choice([-1.0, 1.0], array.shape) * eps * units
        moved[name] = np.asarray(wide * (1.0 + noise)).astype(numpy_dtype(kind))
    return moved
