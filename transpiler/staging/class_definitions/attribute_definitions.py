"""What attributes are in terms of the parameters of the constructor."""

from __future__ import annotations

import builtins
from collections.abc import Collection

from ....ir.nodes import (
    Attribute,
    Binary,
    Boolean,
    Compare,
    Conditional,
    Constant,
    Expression,
    Name,
    Node,
    map_children,
    walk,
)
from ..frame import Frame, Result
from .class_state import ClassState


def note_definition(frame: Frame, state: ClassState, name: str, result: Result) -> None:
    """What an attribute is in terms of the constructor's parameters and variables, if it is that
    simple."""
    if frame.kind != "init" or frame.is_trial():
        return
    code = result.static
    is_new = not frame.conditions and name not in state.attributes
    if code is not None and is_new and _is_fixed(state, code):
        state.definitions[name] = code
    else:
        state.definitions.pop(name, None)


def _is_fixed(state: ClassState, code: Expression) -> bool:
    """Whether code says the same wherever its variables are there."""
    nodes = list(walk(code))
    names = {n.id for n in nodes if isinstance(n, Name)}
    simple = all(isinstance(n, _SIMPLE) for n in nodes)
    return simple and bool(names) and names <= {state.self_name, *state.parameters, *state.settled}


_SIMPLE = (Attribute, Binary, Boolean, Compare, Conditional, Constant, Name)


def at_construction(
    state: ClassState, code: Expression, known: Collection[str], variables: Collection[str] = ()
) -> Expression | None:
    """Code of the end of the constructor as code of an earlier place, where only the attributes
    `known` and local `variables` are there; None where that cannot be."""
    from ..evaluation.attributes import is_path

    missing = False

    def visit(node: Node) -> Node:
        nonlocal missing
        match node:
            case Attribute(value=Name(id=owner), attribute=name) if owner == state.self_name:
                found = state.definitions.get(name)
                if found is not None and (is_path(found) or name not in known):
                    earlier = at_construction(state, found, known, variables)
                    if earlier is not None:
                        return earlier
                missing = missing or name not in known
                return node
            case Name(id=name):
                # Variables of `build` are not there yet.
                there = name in state.parameters or name in variables or hasattr(builtins, name)
                missing = missing or not there
                return node
            case _:
                return map_children(node, visit)

    result = visit(code)
    assert isinstance(result, Expression)
    return None if missing else result
