"""Definition paths: where inside the packages the public objects, and their helpers, live."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FunctionType, ModuleType

from .naming import has_identity

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
    """`keras.<path>` (without `src`) -> function or class that is defined there and not public."""
    found: dict[str, object] = {}
    for name, module in loaded(prefix):
        path = "keras" + name.removeprefix(prefix)
        found[path] = module
        for attribute, value in sorted(vars(module).items()):
            if attribute.startswith("_") or not isinstance(value, (type, FunctionType)):
                continue
            if value.__module__ == name and id(value) not in public:
                found[f"{path}.{attribute}"] = value
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


def vendored_keras(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """(module path below `keras`, top-level public names) of the Keras copy inside TensorFlow."""
    for file in sorted(folder.rglob("*.py")):
        parts = file.relative_to(folder).with_suffix("").parts
        if parts[-1] == "__init__":
            parts = parts[:-1]
        tree = ast.parse(file.read_text(encoding="utf-8"))
        names = [
            node.name
            for node in tree.body
            if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and not node.name.startswith("_")
        ]
        yield ".".join(parts), names
