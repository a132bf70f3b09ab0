"""Python control flow on tensors becomes calls of `lax`.

Staging marks the tests and iterables that are tensors inside a graph (`OnData`). Here the
statements around them are rewritten, with the variables that they carry found by liveness.
"""

from __future__ import annotations

from typing import TypeVar

from ...ir.nodes import (
    Argument,
    Assert,
    Assign,
    Body,
    Call,
    ClassDef,
    Conditional,
    Constant,
    Expression,
    For,
    FunctionDef,
    If,
    Module,
    Name,
    Node,
    Parameter,
    Statement,
    Symbol,
    Try,
    While,
    With,
    map_children,
    replace_node,
    walk,
)
from ..staging.nodes import OnData
from .counted import as_counted
from .effects import Effects
from .jumps import without_jumps
from .liveness import Names, assigned, live_before
from .scope import Report, Scope
from .tensor_arrays import without_stacks
from .tensor_branches import convert_conditional, convert_if
from .tensor_loops import convert_for, convert_while

S = TypeVar("S", bound=Statement)
_CONSTRUCTORS = frozenset({"jax.numpy.array", "jax.numpy.asarray"})


def convert_control_flow(tree: Module, effects: Effects, report: Report) -> Module:
    """The module without marks; the same object where there were none."""
    if not any(isinstance(n, OnData) for n in walk(tree)):
        return tree

    def visit(node: Node, owner: ClassDef | None) -> Node:
        match node:
            case ClassDef():
                return map_children(node, lambda n: visit(n, node))
            case FunctionDef():
                return _function(tree.name, owner, node, effects, report)
            case _:
                return map_children(node, lambda n: visit(n, owner))

    result = visit(tree, None)
    assert isinstance(result, Module)
    return _unmarked(result)


def _function(
    module: str, owner: ClassDef | None, node: FunctionDef, effects: Effects, report: Report
) -> FunctionDef:
    if not any(isinstance(n, OnData) for n in walk(node)):
        return node
    used = {n.id for n in walk(node) if isinstance(n, Name)}
    used |= {n.name for n in walk(node) if isinstance(n, Parameter)}
    self_name = node.parameters[0].name if owner is not None and node.parameters else None
    scope = Scope(module, owner, self_name, effects, used, report, _block, {})
    return _inner(scope, node, frozenset())


def _inner(scope: Scope, node: FunctionDef, outer: Names) -> FunctionDef:
    defined = outer | {p.name for p in node.parameters}
    body = tuple(_block(scope, node.body, frozenset(), defined))
    return replace_node(node, body=body)


def _block(scope: Scope, body: Body, live: Names, defined: Names) -> list[Statement]:
    """The statements of one block, converted in order."""
    if not any(isinstance(n, OnData) for s in body for n in walk(s)):
        return list(body)
    body = tuple(s for one in body for s in _lowered(scope, one))
    result: list[Statement] = []
    constants: dict[str, Expression] = {}
    for index, statement in enumerate(body):
        rest = body[index + 1 :]
        inside = scope.with_constants(constants)
        made, ends = _statement(inside, statement, rest, live, defined)
        result += made
        if ends:
            break
        for name in assigned([statement]):
            constants.pop(name, None)
        _note_constant(statement, constants)
        defined = defined | {*assigned([statement])}
    return _without_dead_starts(without_stacks(result), live)


def _lowered(scope: Scope, statement: Statement) -> list[Statement]:
    match statement:
        case While():
            counted = as_counted(statement)
            if counted is not None:
                return counted
            return without_jumps(scope, statement)
        case For():
            return without_jumps(scope, statement)
        case _:
            return [statement]


def _statement(
    scope: Scope, statement: Statement, rest: Body, live: Names, defined: Names
) -> tuple[list[Statement], bool]:
    """(its code, whether that includes the rest of the block)."""
    after = live_before(rest, live)
    match statement:
        case If(test=OnData()):
            statement = _with_expressions(scope, statement)
            made = convert_if(scope, statement, rest, live, defined)
            if made is not None:
                return made
        case For(iterable=OnData(), otherwise=()):
            made = convert_for(scope, statement, after, defined)
            if made is not None:
                return made, False
        case While(test=OnData(), otherwise=()):
            made = convert_while(scope, statement, after, defined)
            if made is not None:
                return made, False
        case If(then=then, otherwise=otherwise) if _returns_on_data((*then, *otherwise)):
            return [_with_rest(scope, statement, rest, live, defined)], True
        case Assert(test=test) if isinstance(test, OnData):
            return [], False
        case _:
            pass
    return [_compound(scope, statement, after, defined)], False


def _returns_on_data(body: Body) -> bool:
    from .jumps import has_return

    for statement in body:
        match statement:
            case If(test=OnData(), then=then, otherwise=otherwise) if has_return(
                (*then, *otherwise)
            ):
                return True
            case If(then=then, otherwise=otherwise) if _returns_on_data((*then, *otherwise)):
                return True
            case _:
                pass
    return False


def _with_rest(scope: Scope, node: If, rest: Body, live: Names, defined: Names) -> Statement:
    """A branch that is taken in Python, inside of which data decides on returning."""
    from .liveness import always_leaves

    blocks = [
        tuple(_block(scope, b if always_leaves(b) else (*b, *rest), live, defined))
        for b in (node.then, node.otherwise)
    ]
    return replace_node(
        node, test=_expression(scope, node.test), then=blocks[0], otherwise=blocks[1]
    )


def _compound(scope: Scope, statement: Statement, after: Names, defined: Names) -> Statement:
    """A statement that stays: the blocks inside it are converted."""

    def block(body: Body, live: Names) -> Body:
        return tuple(_block(scope, body, live, defined | {*assigned([statement])}))

    match statement:
        case If(then=then, otherwise=otherwise):
            then, otherwise = block(then, after), block(otherwise, after)
            statement = replace_node(statement, then=then, otherwise=otherwise)
        case For(body=body) | While(body=body):
            around = live_before((statement,), after)
            statement = replace_node(statement, body=block(body, after | around))
        case With(body=body):
            statement = replace_node(statement, body=block(body, after))
        case Try(body=body):
            statement = replace_node(statement, body=block(body, after))
        case FunctionDef():
            return _inner(scope, statement, defined)
        case _:
            pass
    return _with_expressions(scope, statement)


def _with_expressions(scope: Scope, statement: S) -> S:
    def visit(node: Node) -> Node:
        return node if isinstance(node, Statement) else _expression_node(scope, node)

    return map_children(statement, visit)


def _expression_node(scope: Scope, node: Node) -> Node:
    def visit(child: Node) -> Node:
        return _expression_node(scope, child)

    new = map_children(node, visit)
    if isinstance(new, Conditional) and isinstance(new.test, OnData):
        return convert_conditional(scope, new)
    return new


def _expression(scope: Scope, node: Expression) -> Expression:
    new = _expression_node(scope, node)
    assert isinstance(new, Expression)
    return new


# --------------------------------------------------------------------------------------- constants


def _note_constant(statement: Statement, constants: dict[str, Expression]) -> None:
    match statement:
        case Assign(targets=(Name(id=name),), value=Constant(value=int()) as value):
            constants[name] = value
        case Assign(
            targets=(Name(id=name),), value=Call(function=Symbol(path=path), arguments=(first, *_))
        ) if path in _CONSTRUCTORS and isinstance(first.value, Constant):
            if isinstance(first.value.value, int):
                constants[name] = first.value
        case _:
            pass


def _without_dead_starts(body: list[Statement], live: Names) -> list[Statement]:
    """Without the starts and ends of counters that only a loop's bounds were made of."""
    kept: list[Statement] = []
    for statement in reversed(body):
        after = live_before(tuple(kept), live)
        match statement:
            case Assign(targets=(Name(id=name),), value=value) if name not in after and (
                _is_end(value, name) or _is_constant(statement)
            ):
                continue
            case _:
                kept.insert(0, statement)
    return kept


def _is_end(value: Expression, name: str) -> bool:
    match value:
        case Call(
            function=Symbol(path="jax.numpy.maximum"), arguments=(Argument(value=Name(id=first)), _)
        ):
            return first == name and value.span is None
        case _:
            return False


def _is_constant(statement: Statement) -> bool:
    found: dict[str, Expression] = {}
    _note_constant(statement, found)
    return bool(found)


def _unmarked(tree: Module) -> Module:
    """What could not be converted is left to Python."""

    def visit(node: Node) -> Node:
        return visit(node.value) if isinstance(node, OnData) else map_children(node, visit)

    result = visit(tree)
    assert isinstance(result, Module)
    return result
