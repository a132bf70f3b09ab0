"""Attributes whose names code puts together: those that a loop numbers become a list.

    for i in range(n):                              self.convs = []
        setattr(self, f"conv_{i}", Conv2D(8, 3))    for i in range(n):
    ...                                                 self.convs.append(Conv2D(8, 3))
    x = self.conv_0(x)                              ...
    x = getattr(self, f"conv_{i}")(x)               x = self.convs[0](x)
                                                    x = self.convs[i](x)

`vars(self)[...]` and `self.__dict__[...]` are taken for the same, and names that are literals for
attributes. It runs on the source, before staging.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Binary,
    Call,
    ClassDef,
    Constant,
    Expression,
    ExpressionStatement,
    For,
    FormattedString,
    FunctionDef,
    List,
    Module,
    Name,
    Node,
    OpCall,
    Statement,
    Subscript,
    map_children,
    replace_node,
    walk,
)
from .loop_counters import counter_of


@dataclass(frozen=True, slots=True)
class _Key:
    """`f"conv_{index}"`; `index` None: the name is all there is."""

    prefix: str
    index: Expression | None


@dataclass(frozen=True, slots=True)
class _Family:
    """The attributes that a loop numbers from `start`, and the list in their place."""

    prefix: str
    start: int
    attribute: str
    loop: For


def with_numbered_lists(tree: Module) -> Module:
    """The module with such lists and attributes; the same object if it has none."""

    def visit(node: Node) -> Node:
        if isinstance(node, ClassDef) and _is_called(node) and any(map(_reaches, walk(node))):
            return _class(node)
        return map_children(node, visit)

    result = visit(tree)
    assert isinstance(result, Module)
    return result


def _is_called(node: ClassDef) -> bool:
    """Whether this is a layer or model; one that has its own way of setting attributes stays."""
    names = {m.name for m in node.body if isinstance(m, FunctionDef)}
    return bool(names & {"call", "__call__"}) and "__setattr__" not in names


def _class(node: ClassDef) -> ClassDef:
    families = {f.prefix: f for f in _families(node)}
    if any(not _is_told(key, families) for key in _keys(node)):
        families = {}  # a name that is put together otherwise may be any

    def visit(inner: Node) -> Node:
        if isinstance(inner, FunctionDef):
            inner = _with_lists(inner, families)
        store = _assignment(inner)
        if store is not None and isinstance(inner, Statement):
            new = _stored_in(*store, families)
            if new is not None:
                return map_children(_as(inner, new), visit)
        match inner:
            case Assign(targets=(Subscript(value=owner, index=name),), value=Expression() as value):
                if _is_dict(owner) and _is_layer(value):  # one form for all that stay
                    given = tuple(Argument(a) for a in (Name("self"), name, value))
                    call = Call(Name("setattr"), given, span=inner.span)
                    inner = _as(inner, ExpressionStatement(call))
            case _:
                pass
        inner = map_children(inner, visit)
        match inner:
            case Expression() if (key := _access(inner)) is not None:
                return _read(key, families) or inner
            case Attribute(value=Name(id="self"), attribute=name):
                return _read(_split(name, families), families) or inner
            case _:
                return inner

    result = visit(node)
    assert isinstance(result, ClassDef)
    return result


def _with_lists(method: FunctionDef, families: dict[str, _Family]) -> FunctionDef:
    """The method with an empty list before each loop that fills one."""
    body: list[Statement] = []
    for statement in method.body:
        for family in families.values():
            if statement is family.loop:
                target = Attribute(Name("self"), family.attribute)
                body.append(Assign((target,), List(()), span=statement.span))
        body.append(statement)
    return method if len(body) == len(method.body) else replace_node(method, body=tuple(body))


# ---------------------------------------------------------------------------------------- families


def _families(node: ClassDef) -> Iterator[_Family]:
    taken = {n.attribute for n in walk(node) if isinstance(n, Attribute)}
    taken |= {m.name for m in node.body if isinstance(m, FunctionDef)}
    stores = [k for n in walk(node) if (k := _store(n)) is not None and k.index is not None]
    for method in node.body:
        if not isinstance(method, FunctionDef):
            continue
        for loop in method.body:
            if not isinstance(loop, For) or (counted := counter_of(loop)) is None:
                continue
            for statement in loop.body:
                key = _store(statement)
                if key is None or key.index is None:
                    continue
                shift = _shift(key.index, counted.name)
                if shift is None or sum(k.prefix == key.prefix for k in stores) > 1:
                    continue
                attribute = _plural(key.prefix, taken)
                taken.add(attribute)
                yield _Family(key.prefix, counted.start + shift, attribute, loop)


def _keys(node: ClassDef) -> Iterator[_Key | None]:
    """The names that code puts together for attributes of the object; None: in another way."""
    for inner in walk(node):
        if _reaches(inner):
            yield _access(inner) or _store_of(inner)


def _is_told(key: _Key | None, families: dict[str, _Family]) -> bool:
    return key is not None and (key.index is None or key.prefix in families)


def _plural(prefix: str, taken: set[str]) -> str:
    name = prefix.strip("_") or "layer"
    name = name if name.endswith("s") else f"{name}s"
    while name in taken:
        name += "_"
    return name


def _shift(index: Expression, counter: str) -> int | None:
    """1 of `i + 1`."""
    match index:
        case Name(id=name):
            return 0 if name == counter else None
        case Binary(left=Name(id=name), operator="+", right=Constant(value=int(shift))):
            return shift if name == counter else None
        case _:
            return None


# ------------------------------------------------------------------------------------------ access


def _reaches(node: Node) -> bool:
    """Whether this reads or sets an attribute of the object by a name."""
    match node:
        case Call(function=Name(id="getattr" | "setattr"), arguments=(Argument(value=owner), *_)):
            return _is_self(owner)
        case Subscript(value=value):
            return _is_dict(value)
        case _:
            return False


def _access(node: Node) -> _Key | None:
    """The attribute that is read, or that is assigned to."""
    match node:
        case Call(
            function=Name(id="getattr"), arguments=(Argument(value=owner), Argument(value=name))
        ) if _is_self(owner):
            return _key(name)
        case Subscript(value=value, index=name) if _is_dict(value):
            return _key(name)
        case _:
            return None


def _stored(call: Call) -> tuple[_Key, Expression] | None:
    match call:
        case Call(
            function=Name(id="setattr"),
            arguments=(Argument(value=owner), Argument(value=name), Argument(value=value)),
        ) if _is_self(owner) and (key := _key(name)) is not None:
            return key, value
        case _:
            return None


def _assignment(node: Node) -> tuple[_Key, Expression] | None:
    """The attribute that a statement sets by its name, and its value."""
    match node:
        case ExpressionStatement(value=Call() as call):
            return _stored(call)
        case Assign(targets=(target,), value=Expression() as value):
            key = _access(target)
            return None if key is None else (key, value)
        case _:
            return None


def _store_of(node: Node) -> _Key | None:
    stored = _stored(node) if isinstance(node, Call) else None
    return None if stored is None else stored[0]


def _store(statement: Node) -> _Key | None:
    found = _assignment(statement)
    return None if found is None else found[0]


def _is_self(code: Expression) -> bool:
    return isinstance(code, Name) and code.id == "self"


def _is_dict(code: Expression) -> bool:
    match code:
        case Call(function=Name(id="vars"), arguments=(Argument(value=owner),)):
            return _is_self(owner)
        case Attribute(value=owner, attribute="__dict__"):
            return _is_self(owner)
        case _:
            return False


def _is_layer(code: Expression) -> bool:
    return isinstance(code, OpCall) and code.symbol.startswith(("keras.layers.", "keras.Seq"))


def _key(name: Expression) -> _Key | None:
    match name:
        case Constant(value=str(text)) if text.isidentifier():
            return _Key(text, None)
        case FormattedString(parts=(Constant(value=str(prefix)), index)) if prefix.isidentifier():
            return None if isinstance(index, Constant) else _Key(prefix, index)
        case Binary(
            left=Constant(value=str(prefix)),
            operator="+",
            right=Call(function=Name(id="str"), arguments=(Argument(value=index),)),
        ) if prefix.isidentifier():
            return _Key(prefix, index)
        case Binary(left=Constant(value=str(text)), operator="%", right=index):
            prefix = text.removesuffix("%d").removesuffix("%s")
            return _Key(prefix, index) if prefix.isidentifier() and text[:-2] == prefix else None
        case _:
            return None


# --------------------------------------------------------------------------------------- rewriting


def _as(old: Statement, new: Statement) -> Statement:
    new.comments, new.span = old.comments, old.span
    return new


def _stored_in(key: _Key, value: Expression, families: dict[str, _Family]) -> Statement | None:
    if key.index is None:
        return Assign((Attribute(Name("self"), key.prefix),), value)
    if key.prefix not in families:
        return None
    target = Attribute(Name("self"), families[key.prefix].attribute)
    return ExpressionStatement(Call(Attribute(target, "append"), (Argument(value),)))


def _split(name: str, families: dict[str, _Family]) -> _Key:
    found = re.fullmatch(r"(.*?)(0|[1-9]\d*)", name)
    if found is None or found[1] not in families:
        return _Key(name, None)
    return _Key(found[1], Constant(int(found[2])))


def _read(key: _Key, families: dict[str, _Family]) -> Expression | None:
    if key.index is None:
        return None
    family = families.get(key.prefix)
    if family is None:
        return None
    return Subscript(Attribute(Name("self"), family.attribute), _less(key.index, family.start))


def _less(index: Expression, start: int) -> Expression:
    match index:
        case Constant(value=int(value)):
            return Constant(value - start)
        case Binary(left=left, operator="+", right=Constant(value=int(shift))):
            rest = shift - start
            if rest == 0:
                return left
            return Binary("+" if rest > 0 else "-", left, Constant(abs(rest)))
        case _:
            return Binary("-", index, Constant(start)) if start else index
