"""What callers pass for a parameter, looked up in the whole project: its default, and what calls
give it, through variables, attributes and parameters of the callers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....ir.keys import key
from ....ir.names import target_names
from ....ir.nodes import (
    Assign,
    Attribute,
    AugmentedAssign,
    Call,
    ClassDef,
    Conditional,
    Constant,
    Expression,
    For,
    FunctionDef,
    Generator,
    Name,
    Node,
    OpCall,
    Parameter,
    Reference,
    Symbol,
    walk,
)
from ..plans import Definition
from ..sites import LayerTarget, PlanTarget, Site
from ..values import (
    Api,
    Defined,
    Instance,
    Known,
    Static,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from ..program import Program

Found = dict[object, Value]


def source_parameters(node: FunctionDef | ClassDef) -> tuple[Parameter, ...]:
    """The parameters of a function, or of the constructor of a class."""
    if isinstance(node, FunctionDef):
        return node.parameters
    for member in node.body:
        if isinstance(member, FunctionDef) and member.name == "__init__":
            return member.parameters[1:]
    return ()


def passed_values(
    program: Program, definition: Definition, name: str, seen: set[tuple[str, str, str]]
) -> Found:
    """All that a parameter may be, by what it is; what is not known counts, too."""
    asked = (definition.module, definition.name, name)
    if asked in seen:
        return {}
    seen.add(asked)
    parameters = source_parameters(definition.node)
    names = [p.name for p in parameters if p.kind in ("positional", "positional_only")]
    found: Found = {}
    for parameter in parameters:
        if parameter.name == name and parameter.default is not None:
            found |= _meant(program, definition, parameter.default, seen)
    for caller, call in _calls(program, definition):
        for index, argument in enumerate(call.arguments):
            given = argument.keyword or (names[index] if index < len(names) else None)
            if given == name and not argument.star:
                found |= _meant(program, caller, argument.value, seen)
    return found


def _calls(program: Program, definition: Definition) -> Iterator[tuple[Definition | None, Call]]:
    """The calls of a definition in the project, with the definition that they stand in."""
    for module, given in program.modules.items():
        for statement in given.tree.body:
            caller = None
            if isinstance(statement, (FunctionDef, ClassDef)):
                caller = program.definition(module, statement.name)
            for node in walk(statement):
                match node:
                    case Call(function=Reference(module=owner, name=name)) if (
                        owner == definition.module and name == definition.name
                    ):
                        yield caller, node
                    case _:
                        pass


def _meant(
    program: Program,
    caller: Definition | None,
    code: Expression,
    seen: set[tuple[str, str, str]],
) -> Found:
    match code:
        case Constant(value=None):
            return {None: Static(Known(None))}
        case Symbol(path=path):
            return {path: Api(path)}
        case Reference(module=module, name=name):
            definition = program.definition(module, name)
            if definition is not None:
                return {(module, name): Defined(definition)}
            return {key(code): Unknown()}
        case Conditional(then=then, otherwise=otherwise):
            first = _meant(program, caller, then, seen)
            return first | _meant(program, caller, otherwise, seen)
        case Call(function=Reference(module=module, name=name)):
            definition = program.definition(module, name)
            made = None if definition is None else _model(program, definition)
            return {key(code): Unknown()} if made is None else {(module, name): made}
        case OpCall() if program.is_layer(code.symbol):
            return {code.symbol: _made(code)}
        case Attribute(value=Name(id="self"), attribute=name) if caller is not None:
            made = [
                inner.value
                for inner in _constructor(caller.node)
                if isinstance(inner, Assign) and _is_own(inner.targets, name)
            ]
            if len(made) == 1 and isinstance(made[0], OpCall):
                return _meant(program, caller, made[0], seen)
            return {key(code): Unknown()}
        case Name(id=name) if caller is not None:
            values = list(_assigned(caller.node, name))
            found: Found = {}
            if any(p.name == name for p in source_parameters(caller.node)):
                found |= passed_values(program, caller, name, seen)
            elif not values:
                return {key(code): Unknown()}
            for value in values:
                unknown = isinstance(value, Name) and value.id == name
                found |= {key(code): Unknown()} if unknown else _meant(program, caller, value, seen)
            return found
        case _:
            return {key(code): Unknown()}


def _assigned(node: FunctionDef | ClassDef, name: str) -> Iterator[Expression]:
    """What is assigned to a local variable; the variable itself where no expression says it."""
    for inner in walk(node):
        match inner:
            case Assign(targets=(Name(id=target),), value=value):
                if target == name:
                    yield value
            case Assign(targets=targets) if any(name in target_names(t) for t in targets):
                yield Name(name)
            case For(target=target) | AugmentedAssign(target=target) | Generator(target=target):
                if name in target_names(target):
                    yield Name(name)
            case _:
                pass


def _model(program: Program, definition: Definition) -> Instance | None:
    """What a function makes that builds a graph of its own."""
    node = definition.node
    if not isinstance(node, FunctionDef) or not program.scan.creates(node):
        return None
    plan = program.plan(definition)
    given = {p.name for p in node.parameters}
    if plan.kind != "class" or any(t.name in given for t in plan.tensors):
        return None
    return Instance(Site(PlanTarget(plan, (), ()), None, ""))


def _made(op: OpCall) -> Instance:
    return Instance(Site(LayerTarget(op, op), op.span, ""))


def _constructor(node: FunctionDef | ClassDef) -> Iterator[Node]:
    for member in node.body:
        if isinstance(member, FunctionDef) and member.name == "__init__":
            yield from walk(member)


def _is_own(targets: tuple[Expression, ...], name: str) -> bool:
    match targets:
        case (Attribute(value=Name(id="self"), attribute=attribute),):
            return attribute == name
        case _:
            return False
