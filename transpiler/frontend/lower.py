"""A parsed module -> IR, its names resolved and its API calls bound."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ...ir.nodes import Module
from ...ir.span import Span
from ...rules.api import Flavour
from .api_bindings import ApiBindings
from .binder import Binder
from .context import Context
from .errors import SourceSyntaxError
from .parse import ParsedModule, parse_module, paused_gc
from .project import ProjectTable
from .scope import module_scope
from .statements import body


@dataclass(frozen=True, slots=True)
class Lowered:
    """A lowered module, and the statements in it that only name parts of the API."""

    module: Module
    api_bindings: ApiBindings


def lower_module(parsed: ParsedModule, project: ProjectTable, flavour: Flavour) -> Module:
    """Lowers one module of `project`. Raises SourceSyntaxError when the code nests too deeply."""
    return lower(parsed, project, flavour).module


def lower(parsed: ParsedModule, project: ProjectTable, flavour: Flavour) -> Lowered:
    """As `lower_module`, with the findings made on the way."""
    table = project.modules[parsed.name]
    scope = module_scope(table)
    ctx = Context(
        parsed,
        table,
        project,
        parsed.span_of,
        Binder(project.api, flavour),
        flavour,
        scope,
        scope,
    )
    try:
        with paused_gc():
            statements = body(ctx, parsed.tree.body)
    except RecursionError as error:
        raise SourceSyntaxError("the code nests too deeply", kind="nesting") from error
    span = Span(1, 0, len(parsed.lines), len(parsed.lines[-1]))
    docstring = ast.get_docstring(parsed.tree, clean=False)
    module = Module(parsed.name, parsed.path, statements, docstring, span=span)
    return Lowered(module, ctx.api_bindings)


def lower_text(
    text: str, *, name: str = "module", flavour: Flavour = "keras3", path: str = ""
) -> Module:
    """Lowers one module that stands alone. Raises SourceSyntaxError."""
    parsed = parse_module(text, name=name, path=path)
    return lower_module(parsed, ProjectTable.build({name: parsed}), flavour)
