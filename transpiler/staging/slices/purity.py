"""Whether code can be left out when nobody reads its result."""

from __future__ import annotations

from collections.abc import Sequence

from ....ir.nodes import (
    Assert,
    Attribute,
    Call,
    Constant,
    Expression,
    ExpressionStatement,
    FunctionDef,
    Import,
    Name,
    NamedExpression,
    OpaqueExpression,
    OpCall,
    Return,
    Statement,
    Symbol,
    Unhandled,
    walk,
)
from ..nodes import ModuleRead, Pending

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
_PURE_SYMBOLS = frozenset(
    {"tf_compat.get_uid", "math.ceil", "math.floor", "math.prod", "math.sqrt"}
)


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


def only_says_constant(output: Sequence[Statement]) -> bool:
    """Whether a function does nothing but return a constant (`return data_format() == "..."`)."""
    match output:
        case [FunctionDef(body=(*before, Return(value=Constant())))]:
            return all(
                isinstance(s, Assert | Import)
                or (isinstance(s, ExpressionStatement) and isinstance(s.value, Constant))
                for s in before
            )
        case _:
            return False
