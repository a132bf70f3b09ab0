"""Methods of ordinary classes that build models: each becomes a function before the class, which is
staged like any other, and the method calls it.

    class GAN:                                        def build_generator(size):
        def __init__(self, size):                         ...
            self.size = size                              return Model(z, x)
            self.generator = self.build_generator()
                                                 ->    class GAN:
        def build_generator(self):                         def __init__(self, size):
            ...                                                self.size = size
            return Model(z, Dense(self.size)(z))               ... build_generator(self.size)

What the method reads of its object becomes parameters; where that is much, or where it calls other
methods, the object itself becomes one. A method that applies layers to a tensor that it is given
has no place in the class any more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ....ir.names import bound_names
from ....ir.nodes import (
    Argument,
    Attribute,
    Call,
    ClassDef,
    Expression,
    FunctionDef,
    Name,
    Node,
    Parameter,
    Pass,
    Reference,
    Return,
    Statement,
    map_children,
    replace_node,
    walk,
)
from ..project import ModuleInput
from ..sites import snake_case, unique_name
from .movable_methods import ModelMethod, model_methods
from .ordinary_classes import (
    OrdinaryClasses,
    Scope,
)
from .straight_code import names_of_body

_VERBS = frozenset({"build", "create", "make", "get", "define", "construct", "init", "setup"})
_NOUNS = frozenset({"", "model", "network", "net", "graph", "architecture", "layers"})

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ModelMethods:
    """The modules with such functions, and the methods that call them, by function."""

    modules: Mapping[str, ModuleInput]
    methods: Mapping[Key, FunctionDef]

    def without_graphs(self, takes_tensors: Callable[[Key], bool]) -> Mapping[str, ModuleInput]:
        """The modules without the methods that only the making of a graph could call."""
        gone = {id(method) for key, method in self.methods.items() if takes_tensors(key)}
        return {name: _without(module, gone) for name, module in self.modules.items()}


def with_model_methods(
    modules: Mapping[str, ModuleInput],
    makes: Callable[[FunctionDef], bool],
    is_built: Callable[[ClassDef, str], bool],
) -> ModelMethods | None:
    """The modules with such methods taken out; None where there are none.

    `makes`: whether a function makes layers; `is_built`: whether a class is a layer or model.
    """
    classes = OrdinaryClasses.of(modules, is_built)
    found = model_methods(classes, makes)
    if not found:
        return None
    _name_functions(modules, found)
    delegates = {id(m.node): _delegate(m) for m in found.values()}
    result: dict[str, ModuleInput] = {}
    for name, module in modules.items():
        body: list[Statement] = []
        for statement in module.tree.body:
            own = [m for m in found.values() if m.owner.node is statement]
            body += [_function(m, classes, found) for m in own]
            new = _with_calls(statement, classes, classes.at(name, statement), found)
            if own and isinstance(new, ClassDef) and isinstance(statement, ClassDef):
                members = zip(statement.body, new.body, strict=True)
                left = tuple(delegates.get(id(old), member) for old, member in members)
                new = replace_node(new, body=left)
            body.append(new)
        result[name] = replace(module, tree=replace_node(module.tree, body=tuple(body)))
    methods = {(m.owner.module, m.function): delegates[id(m.node)] for m in found.values()}
    return ModelMethods(result, methods)


def _without(module: ModuleInput, gone: set[int]) -> ModuleInput:
    body: list[Statement] = []
    for statement in module.tree.body:
        if isinstance(statement, ClassDef):
            left = tuple(m for m in statement.body if id(m) not in gone)
            if len(left) < len(statement.body):
                statement = replace_node(statement, body=left or (Pass(),))
        body.append(statement)
    return replace(module, tree=replace_node(module.tree, body=tuple(body)))


def _name_functions(modules: Mapping[str, ModuleInput], found: Mapping[int, ModelMethod]) -> None:
    taken = {n: bound_names(m.tree.body) for n, m in modules.items()}
    for method in found.values():
        name, names = method.node.name, taken[method.owner.module]
        words = [w for w in name.split("_") if w]
        nouns = words[1:] if words and words[0].lower() in _VERBS else words
        plain = "_".join(nouns).lower() in _NOUNS
        wanted = f"{method.owner.node.name}_model" if plain else name.strip("_")
        if wanted in names:
            wanted = f"{method.owner.node.name}_{name.strip('_')}"
        method.function = unique_name(wanted, names)
        names.add(method.function)


def _function(
    method: ModelMethod, classes: OrdinaryClasses, found: Mapping[int, ModelMethod]
) -> FunctionDef:
    """The function: what it takes of the object comes first, since its own parameters may have
    defaults."""
    own = method.own
    node = _with_calls(method.node, classes, classes.inside(method.owner, method.node), found)
    assert isinstance(node, FunctionDef)
    taken = {p.name for p in method.parameters} | names_of_body(node.body)
    first: tuple[Parameter, ...] = ()
    if own is not None and method.kind == "classmethod":
        cls = method.owner
        node = _replaced(
            node,
            lambda n: (
                Reference(cls.module, cls.node.name, span=n.span)
                if isinstance(n, Name) and n.id == own
                else None
            ),
        )
    elif own is not None:
        names: dict[str, str] = {}
        for attribute in [*(method.reads or ()), *_variables(method, classes, found)]:
            names[attribute] = unique_name(attribute.strip("_") or attribute, taken)
            taken.add(names[attribute])
        first = tuple(Parameter(names[a]) for a in method.reads or ())
        node = _replaced(node, lambda n: _read(n, own, names))
        if method.reads is None:
            name = unique_name(snake_case(method.owner.node.name), taken)
            first = (Parameter(name),)
            node = _replaced(
                node,
                lambda n: Name(name, span=n.span) if isinstance(n, Name) and n.id == own else None,
            )
    parameters = (*first, *method.parameters)
    return replace_node(node, name=method.function, parameters=parameters, decorators=())


def _variables(
    method: ModelMethod, classes: OrdinaryClasses, found: Mapping[int, ModelMethod]
) -> list[str]:
    """The attributes that become variables of the function."""
    left = method.local - {*(method.reads or ())}
    if method.reads is None:
        # What is passed the object reads them there.
        called = [m for _, m in classes.own_calls(method.owner, method.node) if id(m) in found]
        left -= {a for m in called for a in classes.attributes_read(m)}
    return sorted(a for a in left if not classes.is_set_elsewhere(method.owner, a, method.node))


def _read(node: Node, own: str, names: Mapping[str, str]) -> Expression | None:
    match node:
        case Attribute(value=Name(id=found), attribute=name) if found == own and name in names:
            return Name(names[name], span=node.span)
        case _:
            return None


def _replaced(node: FunctionDef, change: Callable[[Node], Expression | None]) -> FunctionDef:
    def visit(inner: Node) -> Node:
        return change(inner) or map_children(inner, visit)

    result = map_children(node, visit)
    assert isinstance(result, FunctionDef)
    return result


def _delegate(method: ModelMethod) -> FunctionDef:
    """What is left of the method."""
    owner = Name(method.own or "self")
    arguments = _passed(method, owner)
    by_name = False
    for parameter in method.parameters:
        by_name = by_name or parameter.kind in ("varargs", "keyword_only")
        star = {"varargs": "*", "kwargs": "**"}.get(parameter.kind, "")
        keyword = parameter.name if by_name and not star else None
        arguments.append(Argument(Name(parameter.name), keyword, star))
    returned = [n.value for n in walk(method.node) if isinstance(n, Return) and n.value]
    reference = Reference(method.owner.module, method.function)
    call = Call(reference, tuple(arguments), span=returned[-1].span)
    return replace_node(method.node, body=(Return(call),), span=None)


def _passed(method: ModelMethod, owner: Expression) -> list[Argument]:
    """What the function takes of the object."""
    if method.kind != "method":
        return []
    if method.reads is None:
        return [Argument(owner)]
    return [Argument(Attribute(owner, a)) for a in method.reads]


def _with_calls(
    node: Statement, classes: OrdinaryClasses, scope: Scope, found: Mapping[int, ModelMethod]
) -> Statement:
    """The statement with calls of the functions instead of such methods, where the class of the
    object is known."""

    def visit(inner: Node, scope: Scope) -> Node:
        scope = scope.entered(inner)
        match inner:
            case Call(function=Attribute(value=value, attribute=name) as function):
                called = classes.called(value, name, scope)
                method = found.get(id(called)) if called is not None else None
                if method is not None and _is_passable(method, value):
                    given = [visit(a, scope) for a in inner.arguments]
                    arguments = [a for a in given if isinstance(a, Argument)]
                    reference = Reference(method.owner.module, method.function, span=function.span)
                    passed = (*_passed(method, value), *arguments)
                    return replace_node(inner, function=reference, arguments=passed)
            case _:
                pass
        return map_children(inner, lambda n: visit(n, scope))

    result = visit(node, scope)
    assert isinstance(result, Statement)
    return result


def _is_passable(method: ModelMethod, owner: Expression) -> bool:
    """Whether what is read of the object can be read at the call: the object is made once."""
    match owner:
        case Reference():
            return method.kind != "method"
        case Call():
            return method.reads is None or len(method.reads) < 2
        case _:
            return True
