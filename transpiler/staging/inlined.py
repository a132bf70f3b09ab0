"""Variables of a module that hold a layer class with arguments: every call of one is the call of
that layer by now, and where nothing else reads them they go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from ...ir.nodes import (
    Assign,
    Expression,
    Module,
    Name,
    OpCall,
    Reference,
    Symbol,
    Unhandled,
    replace_node,
    walk,
)
from .frame import Frame
from .program import Program


def without_inlined(
    program: Program, translated: Mapping[str, Module], sources: Mapping[str, Module]
) -> dict[str, Module]:
    """The modules without `Conv = partial(Conv2D, padding="same")` where all its uses are gone."""
    wanted = {(m, n) for m, tree in translated.items() for n in _layer_variables(program, tree)}
    if not wanted:
        return dict(translated)
    before, after = _reads(sources), _reads(translated)
    gone = {name for name in wanted if before[name] and not after[name]}
    result: dict[str, Module] = {}
    for module, tree in translated.items():
        names = {n for m, n in gone if m == module}
        kept = tuple(s for s in tree.body if not names & {_name(s)})
        for statement in tree.body:
            if names & {_name(statement)}:
                program.forget(module, statement.span)
                frame = Frame(program, module, "plain")
                note = "every use of it builds the layer"
                program.translated(frame, statement.span, "inlined", "moved", note)
        result[module] = replace_node(tree, body=kept) if len(kept) < len(tree.body) else tree
    return result


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
