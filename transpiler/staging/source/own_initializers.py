"""Initializers of the project's own take a key, as those of JAX do.

`def __call__(self, shape, dtype=None)` becomes `def __call__(self, key, shape, dtype=None)`, and so
do functions that are passed as initializers; what they draw comes from `rngs = nnx.Rngs(key)`, and
calls of such functions pass `rngs.params()`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Body,
    Call,
    ClassDef,
    Constant,
    Expression,
    ExpressionStatement,
    FunctionDef,
    Module,
    Name,
    Node,
    OpCall,
    Parameter,
    Reference,
    Return,
    Statement,
    Symbol,
    map_children,
    replace_node,
    walk,
)
from ..project import ModuleInput

INITIALIZER = "keras.Initializer"
KEY = "key"
RNGS = "rngs"
_GENERATOR = "flax.nnx.Rngs"
_TAKEN = ("initializer", "kernel_init", "bias_init")

_Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Found:
    """Classes that extend `Initializer`, and functions that are used as one (by identity too,
    for those that are local)."""

    classes: frozenset[_Place]
    functions: frozenset[_Place]
    nodes: frozenset[int]


def with_keyed_initializers(modules: Mapping[str, ModuleInput]) -> Mapping[str, ModuleInput]:
    """All modules; those without an initializer of their own are the same objects."""
    found = _search(modules)
    if not found.classes and not found.nodes:
        return modules
    result: dict[str, ModuleInput] = {}
    for name, module in modules.items():
        tree = _Keys(name, found).visit(module.tree)
        assert isinstance(tree, Module)
        result[name] = module if tree is module.tree else replace(module, tree=tree)
    return result


def without_idle_generators(tree: Module) -> Module:
    """Initializers that draw nothing need no generator; the same object when there are none."""

    def visit(node: Node) -> Node:
        node = map_children(node, visit)
        if not isinstance(node, FunctionDef):
            return node
        made = [s for s in node.body if _makes_generator(s)]
        uses = [n for n in walk(node) if isinstance(n, Name) and n.id == RNGS]
        if len(made) != 1 or len(uses) > 1:
            return node
        return replace_node(node, body=tuple(s for s in node.body if s is not made[0]))

    return map_children(tree, visit)


def _makes_generator(statement: Statement) -> bool:
    match statement:
        case Assign(
            targets=(Name(id="rngs"),),
            value=Call(function=Symbol(path=path), arguments=(Argument(value=Name(id=key)),)),
        ):
            return path == _GENERATOR and key == KEY
        case _:
            return False


# ---------------------------------------------------------------------------------------- searching


def _search(modules: Mapping[str, ModuleInput]) -> _Found:
    classes: set[_Place] = set()
    functions: dict[_Place, FunctionDef] = {}
    nodes: set[int] = set()
    candidates = [
        (name, node)
        for name, module in modules.items()
        for node in module.tree.body
        if isinstance(node, ClassDef)
    ]
    size = -1
    while size != len(classes):
        size = len(classes)
        classes |= {
            (module, node.name)
            for module, node in candidates
            if any(_is_base(b.value, module, classes) for b in node.bases)
        }
    everything = {name: list(walk(module.tree)) for name, module in modules.items()}
    taking = {
        id(node)
        for every in everything.values()
        for node in every
        if isinstance(node, FunctionDef) and _takes_shape(node)
    }
    if not taking:
        return _Found(frozenset(classes), frozenset(), frozenset())
    for name, module in modules.items():
        for node in module.tree.body:
            if isinstance(node, FunctionDef) and id(node) in taking:
                functions[name, node.name] = node
    used: set[_Place] = set()
    for name, every in everything.items():
        for node in every:
            used |= {p for v in _passed(node) if (p := _place(v, name)) in functions}
            if isinstance(node, FunctionDef):
                nodes |= set(_local(node, taking))
    nodes |= {id(functions[place]) for place in used}
    return _Found(frozenset(classes), frozenset(used), frozenset(nodes))


def _is_base(base: Expression, module: str, classes: set[_Place]) -> bool:
    if isinstance(base, Symbol):
        return base.path == INITIALIZER
    return _place(base, module) in classes


def _place(code: Expression, module: str) -> _Place | None:
    match code:
        case Reference(module=owner, name=name):
            return owner, name
        case Name(id=name):
            return module, name
        case _:
            return None


def _takes_shape(node: FunctionDef) -> bool:
    names = [p.name for p in node.parameters if p.kind in ("positional", "positional_only")]
    return names[:1] == ["shape"] and names[1:2] in ([], ["dtype"])


def _passed(node: Node) -> Iterator[Expression]:
    """What a node hands on under the name of an initializer."""
    match node:
        case OpCall(bound=bound):
            yield from (v for k, v in bound.items() if k.endswith(_TAKEN))
        case Call(arguments=arguments):
            yield from (a.value for a in arguments if (a.keyword or "").endswith(_TAKEN))
        case Parameter(name=name, default=Expression() as default) if name.endswith(_TAKEN):
            yield default
        case _:
            pass


def _local(node: FunctionDef, taking: set[int]) -> Iterator[int]:
    """Functions inside of a function that are initializers: it returns them, or passes them on."""
    inner = {s.name: s for s in node.body if isinstance(s, FunctionDef) and id(s) in taking}
    if not inner:
        return
    typed = {name for name, s in inner.items() if any(p.name == "dtype" for p in s.parameters)}
    for part in walk(node):
        values = list(_passed(part))
        match part:
            case Return(value=Name(id=name) as value) if name in typed:
                values.append(value)
            case _:
                pass
        for value in values:
            if isinstance(value, Name) and value.id in inner:
                yield id(inner[value.id])


# ---------------------------------------------------------------------------------------- rewriting


@dataclass(slots=True)
class _Keys:
    """Adds the key to definitions, and to the calls that name them."""

    module: str
    found: _Found

    def visit(self, node: Node) -> Node:
        match node:
            case ClassDef() if (self.module, node.name) in self.found.classes:
                body = tuple(self._member(s) for s in node.body)
                return replace_node(node, body=body)
            case FunctionDef() if id(node) in self.found.nodes:
                return self._keyed(node, 0)
            case Call(function=function) if _place(function, self.module) in self.found.functions:
                inner = map_children(node, self.visit)
                assert isinstance(inner, Call)
                key = Argument(Call(Attribute(Name(RNGS), "params"), ()))
                return replace_node(inner, arguments=(key, *inner.arguments))
            case _:
                return map_children(node, self.visit)

    def _member(self, member: Statement) -> Statement:
        if isinstance(member, FunctionDef) and member.name in ("__call__", "call"):
            return self._keyed(member, 1)
        new = self.visit(member)
        assert isinstance(new, Statement)
        return new

    def _keyed(self, node: FunctionDef, position: int) -> FunctionDef:
        inner = map_children(node, self.visit)
        assert isinstance(inner, FunctionDef)
        made = Assign((Name(RNGS),), Call(Symbol(_GENERATOR), (Argument(Name(KEY)),)))
        at = 1 if _is_documented(inner.body) else 0
        body = (*inner.body[:at], made, *inner.body[at:])
        before, after = inner.parameters[:position], inner.parameters[position:]
        return replace_node(inner, parameters=(*before, Parameter(KEY), *after), body=body)


def _is_documented(body: Body) -> bool:
    match body:
        case (ExpressionStatement(value=Constant(value=str())), *_):
            return True
        case _:
            return False
