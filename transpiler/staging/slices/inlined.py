"""Variables of a module, and attributes, that hold a layer class, with arguments or without: every
call of one is the call of that layer by now, and where nothing else reads them they go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import cast

from ....ir.nodes import (
    Assign,
    Attribute,
    Body,
    Expression,
    Module,
    Name,
    Node,
    OpCall,
    Pass,
    Reference,
    Statement,
    Symbol,
    Unhandled,
    replace_node,
    walk,
)
from ..frame import Frame
from ..program import Program
from ..source.carried import attributes_read


def without_inlined(
    program: Program, translated: Mapping[str, Module], sources: Mapping[str, Module]
) -> dict[str, Module]:
    """The modules without `Conv = partial(Conv2D, padding="same")` where all its uses are gone, and
    their classes without `self.norm = BatchNormalization`."""
    wanted = {(m, n) for m, tree in translated.items() for n in _layer_variables(program, tree)}
    held = {n for tree in translated.values() for n in _layer_attributes(program, tree)}
    if not wanted and not held:
        return dict(translated)
    before, after = _reads(sources), _reads(translated)
    gone = {name for name in wanted if before[name] and not after[name]}
    held -= {n for tree in translated.values() for n in attributes_read(tree)}
    result: dict[str, Module] = {}
    for module, tree in translated.items():
        names = {n for m, n in gone if m == module}
        kept = tuple(s for s in tree.body if not names & {_name(s)})
        for statement in tree.body:
            if names & {_name(statement)}:
                _report(program, module, statement)
        new = replace_node(tree, body=kept) if len(kept) < len(tree.body) else tree
        result[module] = _without_attributes(program, module, new, held) if held else new
    return result


def _report(program: Program, module: str, statement: Statement) -> None:
    program.forget(module, statement.span)
    frame = Frame(program, module, "plain")
    note = "every use of it builds the layer"
    program.translated(frame, statement.span, "inlined", "moved", note)


# -------------------------------------------------------------------------------------- attributes


def _held_class(program: Program, statement: Node) -> str | None:
    """The attribute that an assignment gives a class of layers, with arguments or by a test."""
    match statement:
        case Assign(targets=(Attribute(value=Name(), attribute=name),), value=value):
            places = [n for n in walk(value) if isinstance(n, Unhandled)]
            found = places and all(_is_class(program, p.original) for p in places)
            return name if found else None
        case _:
            return None


def _is_class(program: Program, code: Expression) -> bool:
    return isinstance(code, Symbol) and program.is_layer(code.path)


def _layer_attributes(program: Program, tree: Module) -> set[str]:
    found = {_held_class(program, n) for n in walk(tree)}
    return {name for name in found if name is not None}


def _without_attributes(
    program: Program, module: str, tree: Module, names: Collection[str]
) -> Module:
    def block(body: Body) -> Body:
        kept: list[Statement] = []
        for statement in body:
            if _held_class(program, statement) in names:
                _report(program, module, statement)
            else:
                kept.append(visit(statement))
        return tuple(kept) or (Pass(),)

    def visit(statement: Statement) -> Statement:
        changes: dict[str, object] = {}
        for name in ("body", "then", "otherwise"):
            inner = cast(Body, getattr(statement, name, ()))
            if _layer_attributes_in(program, inner, names):
                changes[name] = block(inner)
        return replace_node(statement, **changes) if changes else statement

    new = tuple(visit(s) for s in tree.body)
    return replace_node(tree, body=new)


def _layer_attributes_in(program: Program, body: Body, names: Collection[str]) -> bool:
    return any(_held_class(program, n) in names for s in body for n in walk(s))


# --------------------------------------------------------------------------------------- variables


def _layer_variables(program: Program, tree: Module) -> set[str]:
    found: set[str] = set()
    for statement in tree.body:
        name = _name(statement)
        if name is not None and isinstance(statement, Assign):
            places = [n for n in walk(statement.value) if isinstance(n, Unhandled)]
            if places and all(_is_layer(program, p.original) for p in places):
                found.add(name)
    return found


def _name(statement: object) -> str | None:
    match statement:
        case Assign(targets=(Name(id=name) | Reference(name=name),)):
            return name
        case _:
            return None


def _is_layer(program: Program, code: Expression) -> bool:
    match code:
        case Symbol(path=path) | OpCall(symbol=path):
            return program.is_layer(path)
        case _:
            return False


def _reads(modules: Mapping[str, Module]) -> Counter[tuple[str, str]]:
    """How often the variables of modules are read."""
    reads: Counter[tuple[str, str]] = Counter()
    for module, tree in modules.items():
        for statement in tree.body:
            skipped = set(map(id, getattr(statement, "targets", ())))
            for node in walk(statement):
                match node:
                    case Reference(module=owner, name=name) if id(node) not in skipped:
                        reads[owner, name] += 1
                    case Name(id=name) if id(node) not in skipped:
                        reads[module, name] += 1
                    case _:
                        pass
    return reads
