"""What the caller tells the emitter about names, and how it wants the text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


def _never(module: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class TargetNames:
    """Facts about modules and project definitions.

    `is_source`: is a dotted module part of the source framework (its unused imports go)? `renamed`:
    new names of project definitions by (module, name). `removed`: project definitions that are
    gone. `is_project`: is an absolute module part of the project (for the order of imports)?
    `asked`: what modules of the project import from others, by (module, name): it stays, even where
    it is only passed on.
    """

    is_source: Callable[[str], bool] = _never
    renamed: Mapping[tuple[str, str], str] = field(default_factory=lambda: MappingProxyType({}))
    removed: frozenset[tuple[str, str]] | set[tuple[str, str]] = frozenset()
    is_project: Callable[[str], bool] = _never
    asked: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class EmitOptions:
    """How the text is to be written.

    `helper_module` is where `tf_compat.*` symbols are imported from: ".tf_compat" when the output
    is a package.
    """

    line_length: int = 100
    helper_module: str = "tf_compat"
