"""Models that share a part of a graph: the one that ends first is called by the others.

code = Dense(8)(x)                  code = Dense(8)(x)
out = Dense(4)(code)                encoder = Model(x, code)
encoder = Model(x, code)      ->    code = encoder(x)
whole = Model(x, out)               out = Dense(4)(code)
                                    whole = Model(x, out)
"""

from __future__ import annotations

from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Body,
    Call,
    Expression,
    ExpressionStatement,
    FunctionDef,
    List,
    Name,
    OpCall,
    Return,
    Statement,
    Tuple,
    replace_node,
    walk,
)
from ..sites import unique_name
from .straight_code import names_assigned, names_read

INPUT = "keras.Input"
MODEL = "keras.Model"


def with_shared_models(node: FunctionDef, own: str | None) -> FunctionDef:
    """The function or method with such models made, and called, as soon as they are whole. `own`:
    the name of the object that a method belongs to."""
    body = _with_names(node.body)
    named = len(body) > len(node.body)
    done: set[int] = set()
    while (found := _next(body, done, own)) is not None:
        statement, after, names, inputs = found
        done.add(id(statement))
        body.remove(statement)
        at = body.index(after) + 1
        target = statement.targets[0]
        call = Call(_read(target), (Argument(inputs),), span=statement.value.span)
        outputs = names[0] if len(names) == 1 else Tuple(tuple(names))
        body[at:at] = [statement, Assign((outputs,), call)]
    return replace_node(node, body=tuple(body)) if done or named else node


def _with_names(body: Body) -> list[Statement]:
    """`return encoder, Model(x, y)`, with a variable for each model."""
    result: list[Statement] = []
    taken = {n.id for s in body for n in walk(s) if isinstance(n, Name)}
    for statement in body:
        match statement:
            case Return(value=Tuple(elements=elements) as value):
                kept: list[Expression] = []
                for element in elements:
                    if isinstance(element, OpCall) and element.symbol == MODEL:
                        name = unique_name("model", taken)
                        taken.add(name)
                        result.append(Assign((Name(name),), element, span=element.span))
                        element = Name(name)
                    kept.append(element)
                if any(a is not b for a, b in zip(kept, elements, strict=True)):
                    changed = replace_node(value, elements=tuple(kept))
                    statement = replace_node(statement, value=changed)
            case _:
                pass
        result.append(statement)
    return result


def _read(target: Expression) -> Expression:
    return replace_node(target, span=None)


def _next(
    body: list[Statement], done: set[int], own: str | None
) -> tuple[Assign, Statement, list[Name], Expression] | None:
    """A model whose outputs others go on from: its statement, the one that makes it whole, its
    outputs and its inputs."""
    for statement in body:
        match statement:
            case Assign(
                targets=(Name() | Attribute(value=Name()) as target,),
                value=OpCall(symbol=symbol) as model,
            ) if symbol == MODEL and id(statement) not in done:
                pass
            case _:
                continue
        if isinstance(target, Attribute) and names_read(target) != {own}:
            continue
        given = model_arguments(model)
        if given is None:
            continue
        inputs, outputs = given
        names, opened = _names(outputs), _names(inputs)
        last = _made_once(body, [n.id for n in names]) if names else None
        if last is None or not opened or not all(_is_input(body, n.id) for n in opened):
            continue
        wanted = {n.id for n in names}
        at = body.index(last)
        others = [s for s in body[at + 1 :] if s is not statement and names_read(s) & wanted]
        if not any(_goes_on(s) for s in others):
            continue
        copies = [Name(n.id) for n in opened]
        passed = copies[0] if isinstance(inputs, Name) else List(tuple(copies))
        return statement, last, [Name(n.id) for n in names], passed
    return None


def model_arguments(call: OpCall) -> tuple[Expression, Expression] | None:
    """Inputs and outputs of `Model(...)`; None if they are not both given."""
    positional = [a.value for a in call.extra if not a.star and a.keyword is None]
    named = dict(call.bound) | {a.keyword: a.value for a in call.extra if a.keyword}
    inputs = named.get("inputs", positional[0] if positional else None)
    outputs = named.get("outputs", positional[1] if len(positional) > 1 else None)
    return (inputs, outputs) if inputs is not None and outputs is not None else None


def _names(code: Expression) -> list[Name]:
    """The variables that the code is, one or a list of them; none where it is something else."""
    elements = code.elements if isinstance(code, List | Tuple) else (code,)
    names = [e for e in elements if isinstance(e, Name)]
    return names if len(names) == len(elements) else []


def _made_once(body: list[Statement], names: list[str]) -> Statement | None:
    """The last of the statements that assign the variables, each once and at the top."""
    last: Statement | None = None
    for name in names:
        assigned = [s for s in body if name in names_assigned(s)]
        if len(assigned) != 1 or not isinstance(assigned[0], Assign) or names.count(name) > 1:
            return None
        if last is None or body.index(assigned[0]) > body.index(last):
            last = assigned[0]
    return last


def _is_input(body: list[Statement], name: str) -> bool:
    """Whether a variable is an `Input` and nothing else."""
    assigned = [s for s in body if name in names_assigned(s)]
    match assigned:
        case [Assign(value=OpCall(symbol=symbol))]:
            return symbol == INPUT
        case _:
            return False


def _goes_on(statement: Statement) -> bool:
    """Whether it computes something, beside making models of what there is and printing it."""
    if isinstance(statement, ExpressionStatement) and not names_assigned(statement):
        return False
    return any(
        isinstance(n, Call) or (isinstance(n, OpCall) and n.symbol != MODEL)
        for n in walk(statement)
    )
