"""What an expression stands for when it names an API object, a module or a definition."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from .bindings import Binding
from .combine import Outcome, Unresolved
from .dynamic import expression_target, resolve_call
from .resolution import ProjectModule, Resolution

if TYPE_CHECKING:
    from .project import ModuleTable

Lookup = Callable[[str], Resolution | None]


def binding_outcome(binding: Binding, name: str, module: ModuleTable, lookup: Lookup) -> Outcome:
    """What one binding of `name` gives it."""
    match binding.kind:
        case "import":
            owner, own = module.absolute(binding), f"{module.name}.{binding.attribute}"
            if owner == module.name and module.project.has_module(own):
                return ProjectModule(own)  # a package that imports its own module
            return module.project.imported(owner, binding.attribute)
        case "assign" | "parameter" if binding.value is not None:
            return _value_outcome(binding.value, binding.position, name, module, lookup)
        case _:
            return Unresolved.OTHER


def _value_outcome(
    value: ast.expr, position: int | None, name: str, module: ModuleTable, lookup: Lookup
) -> Outcome:
    if position is not None:
        if isinstance(value, ast.Tuple | ast.List) and position < len(value.elts):
            return _value_outcome(value.elts[position], None, name, module, lookup)
        if isinstance(value, ast.Call):
            return resolve_call(value, position, name, module, lookup) or Unresolved.OTHER
        return Unresolved.OTHER
    match value:
        case ast.Constant(value=None):
            return Unresolved.NONE
        case ast.Name(id=id) if id == name:  # `layers = layers or keras.layers`
            return Unresolved.NONE
        case ast.Name() | ast.Attribute():
            return expression_target(value, module, lookup) or Unresolved.OTHER
        case ast.Call():
            return resolve_call(value, None, name, module, lookup) or Unresolved.OTHER
        case ast.IfExp(body=body, orelse=orelse):
            return _either([body, orelse], name, module, lookup)
        case ast.BoolOp(values=values):
            return _either(values, name, module, lookup)
        case _:
            return Unresolved.OTHER


def _either(values: list[ast.expr], name: str, module: ModuleTable, lookup: Lookup) -> Outcome:
    outcomes = {_value_outcome(value, None, name, module, lookup) for value in values}
    outcomes.discard(Unresolved.NONE)
    return outcomes.pop() if len(outcomes) == 1 else Unresolved.OTHER
