"""Definition paths: where inside the packages the public objects, and their helpers, live."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from types import FunctionType, ModuleType

from .naming import has_identity
from .render import is_literal

_SKIPPED = ("test", "testing_infra", "testing", "benchmarks", "integration_test", "saved_model")
_BACKENDS = ("jax", "numpy", "openvino", "tensorflow", "tests", "torch")


def loaded(prefix: str) -> Iterator[tuple[str, ModuleType]]:
    """The imported modules below `prefix`, tests and Keras 3 back ends left out."""
    for name, module in sorted(sys.modules.items()):
        if not name.startswith(f"{prefix}.") or not isinstance(module, ModuleType):
            continue
        parts = name.split(".")
        if any(part in _SKIPPED or part.endswith("_test") for part in parts):
            continue
        if parts[:3] == ["keras", "src", "backend"] and parts[3:4] and parts[3] in _BACKENDS:
            continue
        yield name, module


def private_names(prefix: str, public: set[int]) -> dict[str, object]:
    """`keras.<path>` (without `src`) -> what is defined there and not public.

    Functions and classes, where they are defined and in the packages that re-export them; constants
    in capitals; modules.
    """
    found: dict[str, object] = {}
    for name, module in loaded(prefix):
        path = "keras" + name.removeprefix(prefix)
        found[path] = module
        package = hasattr(module, "__path__")
        for attribute, value in sorted(vars(module).items()):
            if attribute.startswith("_"):
                continue
            if isinstance(value, (type, FunctionType)):
                home = value.__module__ or ""
                reexported = package and home.startswith(f"{prefix}.") and isinstance(value, type)
                if home != name and not home.startswith(f"{name}.") and not reexported:
                    continue
                if home.endswith(".api_export") and home != name:
                    continue
                if id(value) not in public:
                    found[f"{path}.{attribute}"] = value
            elif attribute.isupper() and is_literal(value):
                found[f"{path}.{attribute}"] = value
    return found


# Parts of TensorFlow's insides that public code imports.
_TENSORFLOW = (
    "framework.function",
    "framework.ops",
    "framework.smart_cond",
    "framework.tensor_shape",
    "framework.tensor_util",
    "framework.type_spec",
    "ops.array_ops",
    "ops.control_flow_util",
    "ops.init_ops_v2",
    "ops.inplace_ops",
    "ops.math_ops",
    "ops.nn_ops",
    "ops.parallel_for.control_flow_ops",
    "ops.resource_variable_ops",
    "ops.rnn_cell_impl",
    "platform.tf_logging",
    "tpu.tpu_function",
    "util.deprecation",
    "util.nest",
    "util.tf_contextlib",
    "util.tf_decorator",
    "util.tf_export",
    "util.tf_inspect",
)


def private_tensorflow_names(public: set[int]) -> dict[str, object]:
    """`tf.python.<path>` -> what is defined there and not public, for the listed modules."""
    found: dict[str, object] = {}
    for path in _TENSORFLOW:
        name = f"tensorflow.python.{path}"
        for attribute, value in sorted(vars(importlib.import_module(name)).items()):
            if attribute.startswith("_") or id(value) in public:
                continue
            defined = isinstance(value, (type, FunctionType)) and value.__module__ == name
            if defined or isinstance(value, partial):
                found[f"tf.python.{path}.{attribute}"] = value
    return found


def definition_aliases(
    prefix: str, spelled: str, canonical: Mapping[int, str]
) -> Iterator[tuple[str, str]]:
    """(path, canonical name) for public objects at their definition, in packages that re-export
    them, and in modules that re-export generated ops (`math_ops.mul` is defined in `gen_math_ops`).
    """
    for name, module in loaded(prefix):
        package = hasattr(module, "__path__")
        path = spelled + name.removeprefix(prefix)
        for attribute, value in sorted(vars(module).items()):
            if attribute.startswith("__") or not has_identity(value):
                continue
            target = canonical.get(id(value))
            if target is None:
                continue
            home = getattr(value, "__module__", None)
            generated = isinstance(home, str) and home.rpartition(".")[2].startswith("gen_")
            instance = not isinstance(value, (type, FunctionType))
            if (
                package
                or home == name
                or generated
                or (instance and attribute == attribute.lower())
            ):
                yield f"{path}.{attribute}", target
