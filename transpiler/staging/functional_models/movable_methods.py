"""Which methods of ordinary classes build models, and what each needs of its object: the
attributes that it reads are passed; where that is much, or where it calls other methods, the object
itself is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ....ir.nodes import (
    Assign,
    Attribute,
    AugmentedAssign,
    Call,
    FunctionDef,
    List,
    Name,
    Node,
    OpaqueExpression,
    OpCall,
    Parameter,
    Return,
    Tuple,
    walk,
)
from .ordinary_classes import OrdinaryClasses, Owner, is_property, method_kind, own_name

# With more, the object is passed whole.
MAX_READS = 6
_MODELS = frozenset({"keras.Model", "keras.Sequential"})


@dataclass(slots=True)
class ModelMethod:
    """A method that builds a model. `reads`: the attributes that it is passed; None: the object.
    `local`: the attributes that only it needs, and sets; they become variables."""

    owner: Owner
    node: FunctionDef
    kind: str
    local: frozenset[str]
    reads: list[str] | None = None
    function: str = ""

    @property
    def own(self) -> str | None:
        """The name of the object in the method; None in a static one."""
        return own_name(self.node)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return self.node.parameters[1:] if self.own is not None else self.node.parameters


def model_methods(
    classes: OrdinaryClasses, makes: Callable[[FunctionDef], bool]
) -> dict[int, ModelMethod]:
    """The methods that build models, and need no more of their object than can be passed."""
    every = [(o, m) for o in classes.owners.values() for m in o.methods.values()]
    making = {id(m) for _, m in every if makes(m)}
    called = {id(m): [c for _, c in classes.own_calls(o, m)] for o, m in every}
    while more := {
        id(m)
        for _, m in every
        if id(m) not in making and any(id(c) in making for c in called[id(m)])
    }:
        making |= more
    chosen = classes.chosen_by_class(making)
    found: dict[int, ModelMethod] = {}
    for owner, node in every:
        if id(node) in chosen:
            continue
        kind = method_kind(node)
        if id(node) in making and kind is not None and _is_movable(node):
            local = _set_here(owner, node)
            if not classes.readers(owner, local) - {id(node)} - making:
                found[id(node)] = ModelMethod(owner, node, kind, local)
    # A method that stays where it is cannot make layers for one that does not.
    while stays := [m for m in found if any(id(c) in making - found.keys() for c in called[m])]:
        for method in stays:
            del found[method]
    for method in found.values():
        method.reads = _reads(method, classes, found)
    changed = True
    while changed:
        changed = False
        for method in found.values():
            if method.reads is None:
                continue
            inner = [found[id(c)] for c in called[id(method.node)]]
            if any(c.reads is None and c.kind == "method" for c in inner):
                method.reads, changed = None, True
                continue
            more_reads = dict.fromkeys(r for c in inner for r in c.reads or ())
            new = [r for r in more_reads if r not in method.reads and r not in method.local]
            method.reads += new
            changed = changed or bool(new)
            if len(method.reads) > MAX_READS:
                method.reads, changed = None, True
    return found


def _is_movable(node: FunctionDef) -> bool:
    """Whether it returns something, and does not ask for the class above."""
    special = node.name.startswith("__") and node.name.endswith("__")
    returns = any(isinstance(n, Return) and n.value is not None for n in walk(node))
    needs = any(_needs_class(n, own_name(node)) for n in walk(node))
    return not special and returns and not needs and any(_applies(n) for n in walk(node))


def _applies(node: Node) -> bool:
    """Whether a model is made, or something is called that may be a layer."""
    return isinstance(node, Call) or (isinstance(node, OpCall) and node.symbol in _MODELS)


def _needs_class(node: Node, own: str | None) -> bool:
    match node:
        case Name(id="super" | "__class__") | OpaqueExpression():
            return True
        case AugmentedAssign(target=Attribute(value=Name(id=name))):
            return name == own
        case _:
            return False


def _set_here(owner: Owner, node: FunctionDef) -> frozenset[str]:
    """The attributes of its object that a method assigns."""
    own = own_name(node)
    return frozenset(
        target.attribute
        for inner in walk(node)
        if isinstance(inner, Assign)
        for written in inner.targets
        for target in walk(written)
        if isinstance(target, Attribute)
        and isinstance(target.value, Name)
        and target.value.id == own
        and (target is written or isinstance(written, Tuple | List))
    )


def _reads(
    method: ModelMethod, classes: OrdinaryClasses, found: Mapping[int, ModelMethod]
) -> list[str] | None:
    """The attributes that a method reads of its object; None if it needs more than these."""
    own = method.own
    if own is None:
        return []
    calls = list(classes.own_calls(method.owner, method.node))
    moved = {id(function) for function, called in calls if id(called) in found}
    owners: set[int] = set()
    reads: dict[str, None] = {}
    for inner in walk(method.node):
        match inner:
            case Attribute(value=Name(id=name) as value, attribute=attribute) if name == own:
                owners.add(id(value))
                if id(inner) in moved:
                    continue
                member = classes.method(method.owner, attribute, exact=True)
                if member is not None and not is_property(member):
                    return None
                elsewhere = classes.is_set_elsewhere(method.owner, attribute, method.node)
                if attribute not in method.local or elsewhere:
                    reads[attribute] = None
            case _:
                pass
    for inner in walk(method.node):
        if isinstance(inner, Name) and inner.id == own and id(inner) not in owners:
            return None
    # Of a class object nothing is passed: the class is named.
    return list(reads) if method.kind == "method" else []
