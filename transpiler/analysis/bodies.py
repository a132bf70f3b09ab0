"""What one walk of the body of a function tells of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...ir.nodes import (
    Assign,
    Attribute,
    AugmentedAssign,
    Expression,
    FunctionDef,
    Lambda,
    Name,
    Node,
    OpaqueExpression,
    walk,
)


@dataclass(frozen=True, slots=True)
class BodyFacts:
    """`names` that are used in the body, in order, and `super`; `size`: how many nodes it has;
    `yields`: a generator, or a coroutine; `sets`: attributes that it gives to what its first
    parameter is. The node is kept alive, and so its identity."""

    node: FunctionDef | Lambda
    names: tuple[str, ...]
    size: int
    yields: bool
    sets: frozenset[str]


@dataclass(frozen=True, slots=True)
class Bodies:
    """Facts by function, found when they are asked for."""

    known: dict[int, BodyFacts] = field(default_factory=dict[int, BodyFacts])

    def of(self, node: FunctionDef | Lambda) -> BodyFacts:
        found = self.known.get(id(node))
        if found is None:
            found = self.known[id(node)] = _facts(node)
        return found


def _facts(node: FunctionDef | Lambda) -> BodyFacts:
    body = (node.body,) if isinstance(node.body, Expression) else node.body
    owner = node.parameters[0].name if node.parameters else ""
    names, sets = {"super"}, set[str]()
    size, yields = 0, False
    for part in body:
        for inner in walk(part):
            size += 1
            match inner:
                case Name(id=name):
                    names.add(name)
                case Assign(targets=targets):
                    sets.update(a for t in targets for a in _attributes(t, owner))
                case AugmentedAssign(target=target):
                    sets.update(_attributes(target, owner))
                case OpaqueExpression(text=text):
                    yields = yields or text.lstrip("(").startswith(("yield", "await"))
                case _:
                    pass
    # The body of a lambda is one expression, which cannot make it a generator.
    yields = yields and not isinstance(node, Lambda)
    return BodyFacts(node, tuple(sorted(names)), size, yields, frozenset(sets))


def _attributes(target: Node, owner: str) -> set[str]:
    found: set[str] = set()
    for part in walk(target):
        match part:
            case Attribute(value=Name(id=name), attribute=attribute) if name == owner:
                found.add(attribute)
            case _:
                pass
    return found
