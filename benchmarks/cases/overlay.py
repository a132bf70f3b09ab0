"""Imports on the JAX side: translated files first, and no source framework at all.

A case translates one file of a package and what it imports. The rest of the package (its
`__init__` files, plain Python configuration) is still the original, so a name is looked up in the
output first and in the original package second. TensorFlow and Keras do not import here: a
translated program that still needs them must fail, not pass by computing with TensorFlow.
"""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

FRAMEWORKS = ("tensorflow", "keras", "tf_keras")


def install(output: str, roots: Sequence[str] = (), stubs: Sequence[str] = ()) -> None:
    """Put the overlay of `output` over the packages under `roots` in front of all finders.

    `stubs` and the names that NumPy and SciPy removed are provided as on the source's side.
    """
    from tfjax.transpiler.verify.source_env import StubFinder, add_removed_names

    add_removed_names()
    sys.meta_path[:0] = [StubFinder(stubs), Overlay(Path(output), [Path(root) for root in roots])]
    for name in FRAMEWORKS:
        # The verifier bars them by None in sys.modules, which also bars translated files in them.
        if (Path(output) / name).is_dir() and sys.modules.get(name, "") is None:
            del sys.modules[name]


class Overlay(importlib.abc.MetaPathFinder):
    def __init__(self, output: Path, roots: Sequence[Path]) -> None:
        self.output = output
        self.roots = roots

    def find_spec(
        self, name: str, path: Any = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        relative = Path(*name.split("."))
        base = self.output / relative
        originals = [str(r / relative) for r in self.roots if (r / relative).is_dir()]
        framework = name.partition(".")[0] in FRAMEWORKS
        if (base / "__init__.py").is_file():
            return self._package(name, base / "__init__.py", [str(base), *originals])
        if base.with_suffix(".py").is_file():
            return importlib.util.spec_from_file_location(name, base.with_suffix(".py"))
        if base.is_dir():
            initial = [f for o in originals if (f := Path(o) / "__init__.py").is_file()]
            if framework or not initial:
                # Keras' own models: only the translated files exist.
                spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
                spec.submodule_search_locations = [str(base)]
                return spec
            return self._package(name, initial[0], [str(base), *originals], original=True)
        if framework:
            return importlib.machinery.ModuleSpec(name, Refused())
        return None

    def _package(
        self, name: str, file: Path, locations: list[str], original: bool = False
    ) -> importlib.machinery.ModuleSpec | None:
        loader = (OriginalInit if original else importlib.machinery.SourceFileLoader)(
            name, str(file)
        )
        return importlib.util.spec_from_file_location(
            name, file, loader=loader, submodule_search_locations=locations
        )


class OriginalInit(importlib.machinery.SourceFileLoader):
    """The package's own `__init__`: as far as it goes without the source framework."""

    def exec_module(self, module: ModuleType) -> None:
        # It often imports every model of the package; those that were not asked for stay out.
        with contextlib.suppress(Exception):
            super().exec_module(module)


class Refused(importlib.abc.Loader):
    """Found, so that "is it installed?" checks do not fail, but it does not import."""

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        raise ImportError(f"the translated program imports {spec.name}", name=spec.name)

    def exec_module(self, module: ModuleType) -> None:
        raise NotImplementedError
