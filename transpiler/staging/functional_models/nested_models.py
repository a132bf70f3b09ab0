"""Functional models that a function makes on the way to another: each becomes a function of its
own, before the one that makes it.

    def siamese():                                def tower():
        a = Input((8,))                               a = Input((8,))
        tower = Model(a, Dense(4)(a))                 return Model(a, Dense(4)(a))
        ...                                  ->
        tower(left), tower(right)                 def siamese():
                                                      built = tower()
                                                      ... built(left), built(right)

What the model is made of is found backwards from its outputs. A model that cannot be taken out
(it shares tensors with the code around it) stays, and is reported where it is called.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ....ir.names import bound_names
from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Call,
    ClassDef,
    Expression,
    FunctionDef,
    List,
    Name,
    Node,
    OpCall,
    Parameter,
    Reference,
    Return,
    Statement,
    Tuple,
    map_children,
    replace_node,
    walk,
)
from ..project import ModuleInput
from ..sites import unique_name
from .shared_graphs import INPUT, MODEL, model_arguments, with_shared_models
from .straight_code import assigned_twice, names_assigned, names_of_body, names_read, replaces


@dataclass(slots=True)
class _Model:
    """A statement `name = Model(inputs, outputs)` of a body."""

    index: int
    target: Expression
    call: OpCall
    inputs: Expression
    outputs: Expression


@dataclass(frozen=True, slots=True)
class _Names:
    """The names of a module: those of its definitions, and its variables."""

    module: str
    taken: set[str]
    variables: set[str]


@dataclass(slots=True)
class _Taken:
    """What a model is made of: statements by index, and what they read from outside."""

    statements: list[int]
    free: list[str]
    attributes: list[str]


def with_nested_models(name: str, module: ModuleInput) -> ModuleInput:
    """The module with models inside functions and methods taken out."""
    taken = {s.name for s in module.tree.body if isinstance(s, (FunctionDef, ClassDef))}
    names = _Names(name, taken, bound_names(module.tree.body) - taken)
    body: list[Statement] = []
    changed = False
    for statement in module.tree.body:
        new, functions = _definition(statement, names)
        changed = changed or bool(functions)
        body += [*functions, new]
    if not changed:
        return module
    return replace(module, tree=replace_node(module.tree, body=tuple(body)))


def _definition(statement: Statement, names: _Names) -> tuple[Statement, list[Statement]]:
    match statement:
        case FunctionDef():
            return _function(statement, names, None)
        case ClassDef(body=body):
            members: list[Statement] = []
            functions: list[Statement] = []
            for member in body:
                if isinstance(member, FunctionDef) and member.parameters:
                    member, more = _function(member, names, member.parameters[0].name)
                    functions += more
                members.append(member)
            if not functions:
                return statement, []
            return replace_node(statement, body=tuple(members)), functions
        case _:
            return statement, []


def _function(
    node: FunctionDef, names: _Names, own: str | None
) -> tuple[FunctionDef, list[Statement]]:
    functions: list[Statement] = []
    node = with_shared_models(node, own)
    while True:
        for model in _models(node.body):
            part = _parts(node, model, own) if _is_used(node.body, model, own) else None
            if part is not None:
                node, function = _take(node, model, part, names, own)
                functions.append(function)
                break
        else:
            return node, functions


def _models(body: tuple[Statement, ...]) -> Iterator[_Model]:
    for index, statement in enumerate(body):
        match statement:
            case Assign(targets=(Name() | Attribute() as target,), value=OpCall() as call):
                given = model_arguments(call) if call.symbol == MODEL else None
                if given is not None:
                    yield _Model(index, target, call, *given)
            case _:
                pass


def _is_used(body: tuple[Statement, ...], model: _Model, own: str | None) -> bool:
    """Whether the model is more than the one that the function returns."""
    match model.target:
        case Attribute(value=Name(id=owner)):
            return owner == own
        case Name(id=name):
            pass
        case _:
            return False
    for statement in body[model.index + 1 :]:
        match statement:
            case Return(value=Tuple(elements=elements) | List(elements=elements)):
                if len(elements) > 1 and any(_is(e, name) for e in elements):
                    return True
            case Assign(targets=(Attribute(value=Name(id=owner)),), value=Name(id=kept)):
                if owner == own and kept == name:
                    return True
            case _:
                pass
        for node in walk(statement):
            match node:
                case Call(function=Name(id=called)) if called == name:
                    return True
                case OpCall(symbol=symbol) if symbol != MODEL:
                    given = [*node.bound.values(), *(a.value for a in node.extra)]
                    if any(_is(e, name) for e in given):
                        return True
                case Call(arguments=arguments) if any(_is(a.value, name) for a in arguments):
                    return True
                case List(elements=elements) if any(_is(e, name) for e in elements):
                    return True
                case _:
                    pass
        if name in names_assigned(statement):
            return False
    return False


def _is(code: Expression, name: str) -> bool:
    return isinstance(code, Name) and code.id == name


def _parts(node: FunctionDef, model: _Model, own: str | None) -> _Taken | None:
    """The statements that lead from the inputs to the outputs; None if they cannot be parted from
    the rest."""
    body = node.body
    given = [n.id for n in walk(model.inputs) if isinstance(n, Name)]
    tensors = graph_tensors(body[: model.index])
    needed = names_read(model.inputs) | names_read(model.outputs)
    chosen: list[int] = []
    free: set[str] = set()
    for index in range(model.index - 1, -1, -1):
        statement = body[index]
        assigned = names_assigned(statement)
        if not assigned & needed:
            continue
        if not (assigned & needed & (tensors | set(given)) or _makes_layers(statement)):
            free |= assigned & needed  # configuration: the caller passes it
            continue
        if isinstance(statement, (Return, FunctionDef)):
            return None
        chosen.append(index)
        if replaces(statement):
            needed -= assigned
        needed |= names_read(statement)
    chosen.reverse()
    if not any(is_input(body[i]) for i in chosen):
        return None
    parameters = {p.name for p in node.parameters if p.name != own}
    attributes: list[str] = []
    for part in [*(body[i] for i in chosen), model.call]:
        for inner in walk(part):
            match inner:
                case Attribute(value=Name(id=owner), attribute=name) if owner == own:
                    attributes.append(name)
                case Name(id=name) if name == own and not _owns(part, inner):
                    return None
                case _:
                    pass
        if isinstance(part, Statement) and _sets_attribute(part):
            return None
    free |= (parameters | names_of_body(body)) & needed
    if _is_shared(body, model, chosen, free, tensors):
        return None
    # Parameters as the function has them, then variables by name.
    first = [p.name for p in node.parameters if p.name in free]
    ordered = [*first, *sorted(free - set(first))]
    return _Taken(chosen, ordered, list(dict.fromkeys(attributes)))


def _owns(part: Node, name: Name) -> bool:
    return any(isinstance(n, Attribute) and n.value is name for n in walk(part))


def _sets_attribute(statement: Statement) -> bool:
    return any(
        isinstance(t, Attribute)
        for n in walk(statement)
        if isinstance(n, Assign)
        for t in n.targets
    )


def _is_shared(
    body: tuple[Statement, ...],
    model: _Model,
    chosen: list[int],
    free: set[str],
    tensors: set[str],
) -> bool:
    """Whether the rest of the body reads what would go, or what is passed in is not what it was."""
    gone = {n for i in chosen if not is_input(body[i]) for n in names_assigned(body[i])}
    left = [s for i, s in enumerate(body) if i not in chosen and i != model.index]
    position = {id(s): i for i, s in enumerate(body)}
    for statement in left:
        if not names_read(statement) & gone:
            continue
        names = names_read(statement) & gone
        at = position[id(statement)]
        for name in names:
            before = [
                s
                for s in left
                if position[id(s)] < at and name in names_assigned(s) and replaces(s)
            ]
            after_part = [s for s in before if position[id(s)] > chosen[0]]
            if not after_part and at > chosen[0]:
                return True
    first = chosen[0]
    between = [s for i, s in enumerate(body) if first < i < model.index and i not in chosen]
    if free & tensors:
        return True
    used = {n for s in between for n in names_assigned(s)}
    return bool(
        used & free & {n for i in chosen for n in names_read(body[i])} & assigned_twice(body)
    )


def graph_tensors(body: tuple[Statement, ...]) -> set[str]:
    """Variables that hold tensors of a graph, from `Input` onwards."""
    found: set[str] = set()
    for statement in body:
        if is_input(statement) or names_read(statement) & found:
            found |= names_assigned(statement)
    return found


def is_input(statement: Statement) -> bool:
    return any(isinstance(n, OpCall) and n.symbol == INPUT for n in walk(statement))


def _makes_layers(statement: Statement) -> bool:
    """Whether it builds layers of Keras; whose functions build some is not known here."""
    return any(
        isinstance(n, OpCall) and n.symbol.startswith(("keras.layers.", "keras.Sequential"))
        for n in walk(statement)
    )


def _take(
    node: FunctionDef,
    model: _Model,
    part: _Taken,
    module: _Names,
    own: str | None,
) -> tuple[FunctionDef, FunctionDef]:
    """The function with a call where the model was made, and the function that makes it."""
    wanted = model.target.id if isinstance(model.target, Name) else _attribute(model.target)
    hint = wanted if wanted not in module.taken else f"{node.name.strip('_')}_{wanted}"
    name = unique_name(f"build_{hint}" if hint in module.variables else hint, module.taken)
    module.taken.add(name)
    body = node.body
    variables = {n for i in part.statements for n in names_assigned(body[i])} | set(part.free)
    names: dict[str, str] = {}
    for attribute in part.attributes:
        plain = attribute.strip("_") or attribute
        names[attribute] = unique_name(plain, variables)
        variables.add(names[attribute])

    def visit(inner: Node) -> Node:
        match inner:
            case Attribute(value=Name(id=owner), attribute=attribute) if owner == own:
                return Name(names[attribute], span=inner.span)
            case _:
                return map_children(inner, visit)

    statements = [visit(body[i]) for i in part.statements]
    value = visit(model.call)
    assert isinstance(value, Expression)
    defaults = {p.name: p for p in node.parameters}
    parameters = (
        *(replace_node(defaults[n]) if n in defaults else Parameter(n) for n in part.free),
        *(Parameter(names[a]) for a in part.attributes),
    )
    parameters = tuple(replace_node(p, default=None, kind="positional") for p in parameters)
    made = [s for s in statements if isinstance(s, Statement)]
    function = FunctionDef(name, parameters, (*made, Return(value)))
    arguments = [
        *(Argument(Name(n)) for n in part.free),
        *(Argument(Attribute(Name(own or "self"), a)) for a in part.attributes),
    ]
    call = Call(Reference(module.module, name), tuple(arguments), span=model.call.span)
    left: list[Statement] = []
    rest = [s for i, s in enumerate(body) if i not in part.statements and i != model.index]
    read = {n for s in rest for n in names_read(s)}
    for index, statement in enumerate(body):
        if index == model.index:
            left.append(replace_node(statement, value=call))
        elif index in part.statements:
            if is_input(statement) and names_assigned(statement) & read:
                left.append(statement)
        else:
            left.append(statement)
    return replace_node(node, body=tuple(left)), function


def _attribute(target: Expression) -> str:
    return target.attribute.strip("_") if isinstance(target, Attribute) else "model"
