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
    Assign,
    Attribute,
    AugmentedAssign,
    Call,
    ClassDef,
    Expression,
    FunctionDef,
    List,
    Name,
    Node,
    OpaqueExpression,
    OpCall,
    Parameter,
    Pass,
    Reference,
    Return,
    Statement,
    Tuple,
    map_children,
    replace_node,
    walk,
)
from ..project import ModuleInput
from ..sites import snake_case, unique_name
from .ordinary_classes import (
    OrdinaryClasses,
    Owner,
    Scope,
    is_property,
    method_kind,
    own_name,
)
from .straight_code import names_of_body

# With more, the object is passed whole.
MAX_READS = 6
_VERBS = frozenset({"build", "create", "make", "get", "define", "construct", "init", "setup"})
_MODELS = frozenset({"keras.Model", "keras.Sequential"})
_NOUNS = frozenset({"", "model", "network", "net", "graph", "architecture", "layers"})

Key = tuple[str, str]


@dataclass(slots=True)
class _Method:
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
    found = _methods(classes, makes)
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


# ------------------------------------------------------------------------------------ what is found


def _methods(classes: OrdinaryClasses, makes: Callable[[FunctionDef], bool]) -> dict[int, _Method]:
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
    found: dict[int, _Method] = {}
    for owner, node in every:
        if id(node) in chosen:
            continue
        kind = method_kind(node)
        if id(node) in making and kind is not None and _is_movable(node):
            local = _set_here(owner, node)
            if not classes.readers(owner, local) - {id(node)} - making:
                found[id(node)] = _Method(owner, node, kind, local)
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
    method: _Method, classes: OrdinaryClasses, found: Mapping[int, _Method]
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


def _name_functions(modules: Mapping[str, ModuleInput], found: Mapping[int, _Method]) -> None:
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


# -------------------------------------------------------------------------------- what it becomes


def _function(
    method: _Method, classes: OrdinaryClasses, found: Mapping[int, _Method]
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
    method: _Method, classes: OrdinaryClasses, found: Mapping[int, _Method]
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


def _delegate(method: _Method) -> FunctionDef:
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


def _passed(method: _Method, owner: Expression) -> list[Argument]:
    """What the function takes of the object."""
    if method.kind != "method":
        return []
    if method.reads is None:
        return [Argument(owner)]
    return [Argument(Attribute(owner, a)) for a in method.reads]


def _with_calls(
    node: Statement, classes: OrdinaryClasses, scope: Scope, found: Mapping[int, _Method]
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


def _is_passable(method: _Method, owner: Expression) -> bool:
    """Whether what is read of the object can be read at the call: the object is made once."""
    match owner:
        case Reference():
            return method.kind != "method"
        case Call():
            return method.reads is None or len(method.reads) < 2
        case _:
            return True
