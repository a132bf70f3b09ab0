"""What lowering knows while it walks one module."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ...ir.span import Span
from ...rules.api import Flavour
from .api_bindings import ApiBindings
from .binder import Binder
from .parse import ParsedModule
from .project import ModuleTable, ProjectTable
from .scope import Scope


@dataclass(slots=True)
class Context:
    """`scope` is where names are looked up now, `enclosing` what new functions nest in.

    The two differ inside a class body, whose names its methods do not see.
    """

    parsed: ParsedModule
    table: ModuleTable
    project: ProjectTable
    span: Callable[[Any], Span]
    binder: Binder
    flavour: Flavour
    scope: Scope
    enclosing: Scope
    api_bindings: ApiBindings = field(default_factory=ApiBindings)

    @contextmanager
    def inside(self, scope: Scope, enclosing: Scope):
        """Looks names up in `scope` for the duration."""
        before = self.scope, self.enclosing
        self.scope, self.enclosing = scope, enclosing
        try:
            yield self
        finally:
            self.scope, self.enclosing = before
