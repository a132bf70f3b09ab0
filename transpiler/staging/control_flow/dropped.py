"""Statements and contexts that nothing is left of."""

from __future__ import annotations

from ....ir.nodes import Attribute, Expression, Name, OpCall, Statement
from ..frame import Frame


def is_api_binding(frame: Frame, statement: Statement) -> bool:
    """Statements that only give names to API modules: the names are gone once calls are
    resolved."""
    module = frame.program.modules.get(frame.module)
    if module is None or statement.span is None or statement.span not in module.api_spans:
        return False
    frame.program.translated(frame, statement.span, "imports", "dropped", "names an API module")
    return True


def drops_context(frame: Frame, context: Expression) -> bool:
    """Contexts of `with` that only name or watch."""
    program = frame.program
    match context:
        case OpCall(symbol=symbol):
            record = program.rules.for_symbol(symbol)
            if getattr(record, "kind", None) != "drop":
                return False
            reason = getattr(record, "reason", None)
            program.translated(frame, context.span, symbol, "dropped", reason)
            return True
        case Attribute(value=Name(id=owner), attribute="name_scope") if owner == frame.self_name:
            program.translated(frame, context.span, "name_scope", "dropped", "names of variables")
            return True
        case _:
            return False
