"""Which names of a project are functions and classes, and where each finds its generator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ....ir.nodes import (
    Assign,
    Attribute,
    Body,
    Call,
    ClassDef,
    Expression,
    FunctionDef,
    Lambda,
    Name,
    Node,
    Reference,
    Statement,
    Symbol,
    walk,
)
from ....ir.nodes import children as children_of

RNGS = "rngs"


WITHOUT_SELF = frozenset({"staticmethod", "classmethod"})


Key = tuple[str, str]


@dataclass(slots=True, eq=False)
class ClassScope:
    """A class of the project: its statement, its bases in the project, and what it needs."""

    key: Key
    node: ClassDef
    bases: tuple[Key, ...]
    is_open: bool  # has a base that is not known, whose constructor must be called
    methods: dict[str, FunctionDef]
    constructor: bool = False  # the constructor takes `rngs`
    stores: bool = False  # its own methods read `self.rngs`


@dataclass(slots=True, eq=False)
class ProjectScope:
    free: set[int]  # the reads of `rngs` that nothing defines, by identity
    functions: dict[Key, list[FunctionDef]] = field(default_factory=dict[Key, list[FunctionDef]])
    classes: dict[Key, ClassScope] = field(default_factory=dict[Key, ClassScope])
    renamed: dict[Key, Key] = field(default_factory=dict[Key, Key])
    needing: set[Key] = field(default_factory=set[Key])  # functions, "Class.method" without self

    def resolve(self, module: str, code: Expression) -> Key | None:
        """The definition that an expression names."""
        match code:
            case Reference(module=owner, name=name):
                key = (owner, name)
            case Name(id=name):
                key = (module, name)
            case _:
                return None
        key = self.renamed.get(key, key)
        return key if key in self.functions or key in self.classes else None


def definitions(body: Body) -> Iterator[FunctionDef | ClassDef]:
    """Those at the top level, also inside `if` and `try`."""
    for statement in body:
        if isinstance(statement, (FunctionDef, ClassDef)):
            yield statement
        else:
            for inner in children_of(statement):
                if isinstance(inner, Statement):
                    yield from definitions((inner,))


def class_of(project: ProjectScope, module: str, key: Key, node: ClassDef) -> ClassScope:
    bases: list[Key] = []
    is_open = False
    for base in node.bases:
        match base.value:
            case Reference(module=owner, name=name):
                bases.append(project.renamed.get((owner, name), (owner, name)))
            case Name(id=name) if name != "object":
                bases.append(project.renamed.get((module, name), (module, name)))
            case Symbol(path="flax.nnx.Module"):
                pass
            case Attribute(attribute="ABC"):
                pass
            case _:
                is_open = is_open or base.keyword is None
    methods = {m.name: m for m in node.body if isinstance(m, FunctionDef)}
    found = ClassScope(key, node, tuple(bases), is_open, methods)
    init = methods.get("__init__")
    found.constructor = init is not None and binds(init)
    return found


def without_self(method: FunctionDef) -> bool:
    return any(isinstance(d, Name) and d.id in WITHOUT_SELF for d in method.decorators)


def method_key(owner: ClassScope, name: str) -> Key:
    return owner.key[0], f"{owner.key[1]}.{name}"


def calls_parent(init: FunctionDef) -> bool:
    return any(is_parent_call(n) for n in walk(init))


def is_parent_call(node: Node) -> bool:
    match node:
        case Call(function=Attribute(value=Call(function=Name(id="super")), attribute="__init__")):
            return True
        case _:
            return False


def binds(node: FunctionDef | Lambda) -> bool:
    """Whether `rngs` is a parameter or a local variable."""
    if any(p.name == RNGS for p in node.parameters):
        return True
    if isinstance(node, Lambda):
        return False
    assigned = (t for n in walk(node) if isinstance(n, Assign) for t in n.targets)
    return any(isinstance(t, Name) and t.id == RNGS for t in assigned)
