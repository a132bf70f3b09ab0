"""Shapes of which some sizes are told, for constructors that ask for all: the others are None, as
they are to `build` in Keras."""

from __future__ import annotations

from collections.abc import Iterator

from ....ir.nodes import (
    Attribute,
    Call,
    Constant,
    Expression,
    FunctionDef,
    Name,
    Node,
    Slice,
    Subscript,
    Tuple,
    children,
)
from ....rules.language.facts import literal_integer
from ...shapes.shapes import Shape
from ..class_definitions.class_state import ClassState
from ..plans import Plan


def partial_shape(plan: Plan, shape: Shape) -> Expression | None:
    """Code for the sizes after the batch; None where the class needs one that is not told."""
    state = plan.details.get("class_state")
    sizes = shape.sizes
    if sizes is None or len(sizes) < 2 or sizes[-1] is None or not isinstance(state, ClassState):
        return None
    build = state.methods.get("build")
    if build is None or len(build.parameters) != 2:
        return None
    known = {i for i, size in enumerate(sizes) if size is not None}
    known |= {i - len(sizes) for i in known}
    if not _does_without(state, build, build.parameters[1].name, known, set()):
        return None
    codes = [Constant(None) if size is None else size.to_expression() for size in sizes[1:]]
    return Tuple(tuple(codes))


def _does_without(
    state: ClassState, method: FunctionDef, name: str, known: set[int], seen: set[str]
) -> bool:
    """Whether a method reads of a shape only entries that are told, or that the configuration
    chooses, which stands for the axis of the features."""
    if method.name in seen:
        return True
    seen.add(method.name)
    places = [(n, p) for s in method.body for n, p in _with_parent(s, s) if _is(n, name)]
    for node, parent in places:
        match parent:
            case Subscript(value=value, index=index) if value is node:
                position = literal_integer(index)
                if isinstance(index, Slice) or (position is not None and position not in known):
                    return False
            case Call(function=Name(id="len" | "str")):
                pass
            case Call(function=Attribute(value=Call(), attribute="build")):
                pass
            case Call(function=Attribute(value=Name(id="self"), attribute=called)) as call:
                inner = state.methods.get(called)
                taken = _parameter(inner, call, node)
                if inner is None or taken is None:
                    return False
                if not _does_without(state, inner, taken, known, seen):
                    return False
            case _:
                return False
    return True


def _with_parent(node: Node, parent: Node) -> Iterator[tuple[Node, Node]]:
    """The nodes below with what holds them; arguments count as held by their call."""
    yield node, parent
    holder = parent if type(node).__name__ == "Argument" else node
    for child in children(node):
        yield from _with_parent(child, holder)


def _parameter(method: FunctionDef | None, call: Call, node: Node) -> str | None:
    if method is None:
        return None
    names = [p.name for p in method.parameters[1:]]
    for position, argument in enumerate(call.arguments):
        if argument.value is node:
            return argument.keyword or (names[position] if position < len(names) else None)
    return None


def _is(node: Node, name: str) -> bool:
    return isinstance(node, Name) and node.id == name
