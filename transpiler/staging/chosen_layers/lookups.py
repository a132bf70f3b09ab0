"""Expressions that look something up by a string: `eval(x)`, `getattr(layers, x)`, `TABLE[x]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....ir.nodes import (
    Argument,
    Attribute,
    Binary,
    Call,
    Constant,
    Expression,
    FormattedString,
    FunctionDef,
    Name,
    Reference,
    Subscript,
    Symbol,
)
from ..evaluation.expressions import composite, evaluate, known
from ..frame import Frame, Result
from ..values import Api, ByName, Defined, Mapped, Static, Value, is_dynamic
from .registries import registered
from .visible_names import api_module, members, visible_values

if TYPE_CHECKING:
    from ..program import Program


_CALLABLE = (Api, Defined)


def lookup_call(frame: Frame, node: Call) -> Result | None:
    """`eval(name)` and `getattr(module, name)`: a static string chooses among known objects."""
    match node:
        case Call(
            function=Name(id="eval"), arguments=(Argument(value=text, star="", keyword=None),)
        ):
            return _eval(frame, node, text)
        case Call(
            function=Name(id="getattr"),
            arguments=(
                Argument(value=Symbol(path=path)),
                Argument(value=name, star="", keyword=None),
            ),
        ):
            return _chosen(frame, node, name, "", path)
        case _:
            return None


def _eval(frame: Frame, node: Call, text: Expression) -> Result | None:
    prefix, name = split_text(text)
    owner, _, start = prefix.rpartition(".")
    path = api_module(frame.program, frame.module, owner) if owner else None
    if name is None or start or (owner and path is None):
        return None
    return _chosen(frame, node, name, owner, path)


def _chosen(
    frame: Frame, node: Call, name: Expression, owner: str, path: str | None
) -> Result | None:
    program = frame.program
    result = evaluate(frame, name)
    if is_dynamic(result.value) or result.static is None:
        return None
    constant = known(result.value)
    if path is None:
        candidates = visible_values(program, frame.module)
    elif constant is not None and isinstance(constant.value, str):
        candidates: dict[str, Value] = {constant.value: Api(f"{path}.{constant.value}")}
    else:
        candidates = members(program, path)
    code = composite(frame, node, Static())
    wanted = constant.value if constant is not None else None
    if isinstance(wanted, str) and wanted in candidates:
        value = candidates[wanted]
        return Result(value, value_code(value), value_code(value))
    if not candidates:
        return None
    program.translated(frame, node.span, "by-name")
    value = ByName(result.static, result.dynamic, candidates)
    return Result(value, code.dynamic, code.static)


def value_code(value: Value) -> Expression:
    match value:
        case Api(symbol=symbol):
            return Symbol(symbol)
        case Defined(definition=definition):
            return Reference(definition.module, definition.name)
        case _:
            return Constant(None)


def split_text(text: Expression) -> tuple[str, Expression | None]:
    """Prefix and expression: `"layers." + x`, `f"layers.{x}"`, `"layers.{}".format(x)`, or `x`."""
    match text:
        case FormattedString(parts=(Constant(value=str() as prefix), name), formats=(_, "")):
            return prefix, name
        case FormattedString(parts=(name,), formats=("",)):
            return "", name
        case Binary(operator="+", left=Constant(value=str() as prefix), right=name):
            return prefix, name
        case Call(
            function=Attribute(value=Constant(value=str() as pattern), attribute="format"),
            arguments=(Argument(value=name, keyword=None, star=""),),
        ) if pattern.endswith("{}") and pattern.count("{") == 1:
            return pattern[:-2], name
        case Call() | Binary() | FormattedString():
            return "", None
        case _:
            return "", text


def _is_function(program: Program, value: Value) -> bool:
    match value:
        case Api(symbol=symbol):
            return not program.is_layer(symbol) and program.rules.for_symbol(symbol) is not None
        case Defined(definition=definition):
            return isinstance(definition.node, FunctionDef) and not program.creates(definition.node)
        case _:
            return False


def table_entry(frame: Frame, node: Subscript, table: Value, index: Result) -> ByName | None:
    """`TABLE[kind]` of a dict of layer classes or functions, when the key is not known."""
    if not isinstance(table, Mapped) or is_dynamic(index.value):
        return None
    if index.static is None:
        # In a call only functions can be chosen.
        entries, program = table.entries, frame.program
        if not entries or not all(_is_function(program, v) for v in entries.values()):
            return None
        return ByName(index.dynamic, index.dynamic, entries, None, explicit=True)
    if not table.entries and isinstance(node.value, Reference):
        table = registered(frame.program, node.value.module, node.value.name)
        if table.entries and all(isinstance(v, Defined) for v in table.entries.values()):
            return ByName(index.static, index.dynamic, table.entries, None, explicit=True)
    if not table.entries:
        return None
    if not all(isinstance(v, _CALLABLE) for v in table.entries.values()):
        return None
    origin = (node.value.module, node.value.name) if isinstance(node.value, Reference) else None
    return ByName(index.static, index.dynamic, table.entries, origin, explicit=True)
