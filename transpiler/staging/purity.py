"""Whether code can be left out when nobody reads its result."""

from __future__ import annotations

from ...ir.nodes import (
    Attribute,
    Call,
    Expression,
    Name,
    NamedExpression,
    OpaqueExpression,
    OpCall,
    Symbol,
    Unhandled,
    walk,
)
from .nodes import ModuleRead, Pending

_PURE_BUILTINS = frozenset(
    [
        "len",
        "int",
        "float",
        "str",
        "bool",
        "list",
        "tuple",
        "dict",
        "set",
        "range",
        "reversed",
        "enumerate",
        "zip",
        "max",
        "min",
        "sum",
        "abs",
        "round",
        "sorted",
        "repr",
        "isinstance",
    ]
)
_PURE_METHODS = frozenset(
    [
        "format",
        "join",
        "split",
        "lower",
        "upper",
        "strip",
        "copy",
        "get",
        "items",
        "keys",
        "values",
        "startswith",
        "endswith",
        "replace",
    ]
)
# Numbers for names: nobody misses one that was not drawn.
_PURE_SYMBOLS = frozenset({"tf_compat.get_uid", "math.ceil", "math.floor", "math.sqrt"})


def is_pure(code: Expression) -> bool:
    """No calls but of builtins and string methods that neither fail nor change anything in normal
    use."""
    for node in walk(code):
        match node:
            case Call(function=Name(id=name)) if name in _PURE_BUILTINS:
                continue
            case Call(function=Attribute(attribute=name)) if name in _PURE_METHODS:
                continue
            case Call(function=Symbol(path=path)) if path in _PURE_SYMBOLS:
                continue
            case (
                Call()
                | OpCall()
                | NamedExpression()
                | OpaqueExpression()
                | Pending()
                | ModuleRead()
                | Unhandled()
            ):
                return False
            case _:
                continue
    return True
