"""Where optimizers take steps, by the scopes of a module, with what binds and reads their names."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Call,
    ClassDef,
    Expression,
    FunctionDef,
    Module,
    Name,
    Node,
    Reference,
    children,
)

_WEIGHTS = frozenset({"trainable_variables", "trainable_weights"})


@dataclass(slots=True, eq=False)
class Scope:
    """A module, a class (for the attributes of its objects) or a function, with what it binds."""

    node: Module | ClassDef | FunctionDef
    outer: Scope | None
    parameters: tuple[str, ...] = ()
    stored: dict[str, list[Assign]] = field(default_factory=dict[str, list[Assign]])


@dataclass(frozen=True, slots=True)
class Step:
    """`optimizer.apply_gradients(zip(gradients, model.trainable_variables))`."""

    call: Call
    optimizer: Expression
    model: Expression
    gradients: Expression


@dataclass(frozen=True, slots=True)
class Use:
    """A step, or a call that passes an optimizer and its model on, and where it stands."""

    scope: Scope
    optimizer: str
    model: str
    reads: int  # the id of the node that names the optimizer


@dataclass(slots=True)
class Survey:
    """The scopes of a module, their steps, and the ids of the nodes that read a name in a scope."""

    scopes: list[Scope] = field(default_factory=list[Scope])
    steps: list[tuple[Use, Step]] = field(default_factory=list[tuple[Use, Step]])
    reads: dict[tuple[int, str], set[int]] = field(default_factory=dict[tuple[int, str], set[int]])


def survey(tree: Module) -> Survey:
    """The scopes of a module with their assignments, reads and steps."""
    found = Survey()
    _collect(tree, _enter(tree, None, found), found)
    return found


def _enter(node: Module | ClassDef | FunctionDef, outer: Scope | None, found: Survey) -> Scope:
    names = tuple(p.name for p in node.parameters) if isinstance(node, FunctionDef) else ()
    scope = Scope(node, outer, names)
    found.scopes.append(scope)
    return scope


def _collect(node: Node, scope: Scope, found: Survey) -> None:
    for child in children(node):
        match child:
            case ClassDef() | FunctionDef():
                _collect(child, _enter(child, scope, found), found)
                continue
            case Assign(targets=targets):
                for target in targets:
                    name = key_of(target)
                    owner = owner_of(scope, name)
                    if name is not None and owner is not None:
                        owner.stored.setdefault(name, []).append(child)
            case Call() if (step := _step(child)) is not None:
                optimizer, model = key_of(step.optimizer), key_of(step.model)
                if optimizer is not None and model is not None:
                    use = Use(scope, optimizer, model, id(step.optimizer))
                    found.steps.append((use, step))
            case _:
                pass
        name = key_of(child) if isinstance(child, Expression) else None
        if name is not None:
            found.reads.setdefault((id(scope), name), set()).add(id(child))
        _collect(child, scope, found)


def is_straight(use: Use, step: Step, found: Survey) -> bool:
    """Whether the gradients go from the tape to the optimizer as they are: what code does to a list
    of them it cannot do to the tree that they are in JAX."""
    name = key_of(step.gradients)
    stored = use.scope.stored.get(name or "", [])
    match stored:
        case [Assign(targets=(target,), value=Call(function=Attribute(attribute="gradient")))]:
            reads = found.reads.get((id(use.scope), name or ""), set())
            return reads == {id(target), id(step.gradients)}
        case _:
            return False


def _step(call: Call) -> Step | None:
    match call:
        case Call(
            function=Attribute(value=optimizer, attribute="apply_gradients"),
            arguments=(Argument(value=pairs),),
        ):
            found = _pairs(pairs)
            return None if found is None else Step(call, optimizer, *found)
        case _:
            return None


def _pairs(code: Expression) -> tuple[Expression, Expression] | None:
    """Model and gradients of `zip(gradients, model.trainable_variables)`."""
    match code:
        case Call(function=Name(id="zip"), arguments=(Argument(value=first), Argument(value=last))):
            pass
        case _:
            return None
    match first, last:
        case ((Name() | Reference()), Attribute(value=model, attribute=weights)):
            return (model, first) if weights in _WEIGHTS else None
        case _:
            return None


def key_of(code: Node) -> str | None:
    """`name`, or `self.name`; a variable of the module goes by its name."""
    match code:
        case Name(id=name) | Reference(name=name):
            return name
        case Attribute(value=Name(id="self"), attribute=name):
            return f"self.{name}"
        case _:
            return None


def owner_of(scope: Scope, name: str | None) -> Scope | None:
    """The scope that an assignment binds a name in: attributes are bound by the class."""
    if name is None or "." not in name:
        return scope
    while scope.outer is not None and not isinstance(scope.node, ClassDef):
        scope = scope.outer
    return scope if isinstance(scope.node, ClassDef) else None


def home_of(scope: Scope, name: str) -> tuple[int, str] | None:
    """The scope that binds a name, as it is seen from another one."""
    if "." in name:
        owner = owner_of(scope, name)
        return (id(owner), name) if owner is not None and name in owner.stored else None
    current: Scope | None = scope
    while current is not None:
        visible = current is scope or not isinstance(current.node, ClassDef)
        if visible and (name in current.parameters or name in current.stored):
            return id(current), name
        current = current.outer
    return None
