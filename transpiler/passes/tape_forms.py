"""Gradient tapes in the one form that the passes after this one know.

    weights = model.trainable_variables      g = tape.gradient(loss, model.trainable_variables)
    g = tape.gradient(loss, weights)         slope = tape.gradient(y, x)
    slope = tape.gradient(y, [x])[0]

Variables that only name the weights of a model are read through, gradients by a list of one are
gradients by that one, and a tape is asked right after its block.
"""

from __future__ import annotations

from collections.abc import Iterable

from ...ir.names import bound_names
from ...ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Body,
    Call,
    Constant,
    Delete,
    Expression,
    FunctionDef,
    List,
    Module,
    Name,
    Node,
    OpCall,
    Reference,
    Statement,
    Subscript,
    Tuple,
    With,
    map_children,
    replace_node,
    walk,
)
from ...ir.span import Span

TAPE = "tf.GradientTape"
WEIGHTS = frozenset({"trainable_variables", "trainable_weights"})


def with_plain_tapes(tree: Module) -> tuple[Module, list[Span]]:
    """The module, and the places of the statements that went."""
    gone: list[Span] = []
    if not any(isinstance(n, OpCall) and n.symbol == TAPE for n in walk(tree)):
        return tree, gone

    def visit(node: Node) -> Node:
        node = map_children(node, visit)
        if isinstance(node, FunctionDef) and any(map(_is_tape, walk(node))):
            return _function(node, gone)
        return node

    result = visit(tree)
    assert isinstance(result, Module)
    return result, gone


def _is_tape(node: Node) -> bool:
    return isinstance(node, OpCall) and node.symbol == TAPE


def _function(function: FunctionDef, gone: list[Span]) -> FunctionDef:
    body = _without_names_of_weights(function, gone)
    body = tuple(_by_one(s) for s in body)
    body = _asked_at_once(body, _tapes(function), gone)
    same = len(body) == len(function.body)
    same = same and all(a is b for a, b in zip(body, function.body, strict=True))
    return function if same else replace_node(function, body=body)


def _tapes(function: FunctionDef) -> set[str]:
    return {
        item.target.id
        for node in walk(function)
        if isinstance(node, With)
        for item in node.items
        if _is_tape(item.context) and isinstance(item.target, Name)
    }


# -------------------------------------------------------------------------------- names of weights


def _without_names_of_weights(function: FunctionDef, gone: list[Span]) -> Body:
    """Variables that are assigned once, at the top of the function, to the weights of a model."""
    bound = [
        n.id
        for s in walk(function)
        for t in (*getattr(s, "targets", ()), getattr(s, "target", None))
        if t is not None
        for n in walk(t)
        if isinstance(n, Name)
    ]
    found: dict[str, Expression] = {}
    kept: list[Statement] = []
    for statement in function.body:
        match statement:
            case Assign(
                targets=(Name(id=name),), value=Attribute(value=owner, attribute=attribute) as value
            ) if attribute in WEIGHTS and bound.count(name) == 1 and _is_settled(owner, bound):
                found[name] = value
                if statement.span is not None:
                    gone.append(statement.span)
            case _:
                kept.append(statement)
    if not found:
        return function.body

    def visit(node: Node) -> Node:
        if isinstance(node, Name) and node.id in found:
            return found[node.id]
        return map_children(node, visit)

    return tuple(s for s in map(visit, kept) if isinstance(s, Statement))


def _is_settled(owner: Expression, bound: list[str]) -> bool:
    """`model`, `self` or `self.model`, never assigned in the function."""
    match owner:
        case Name(id=name):
            return name not in bound
        case Reference():
            return True
        case Attribute(value=Name(id=name)):
            return name not in bound
        case _:
            return False


# ------------------------------------------------------------------------------------- lists of one


def _by_one(statement: Statement) -> Statement:
    def visit(node: Node) -> Node:
        node = map_children(node, visit)
        match node:
            case Subscript(
                value=Call(
                    function=Attribute(value=Name(), attribute="gradient"),
                    arguments=(target, Argument(value=List(elements=(one,))) as sources),
                ) as asked,
                index=Constant(value=0),
            ):
                return replace_node(
                    asked, arguments=(target, replace_node(sources, value=one)), span=None
                )
            case _:
                return node

    result = visit(statement)
    assert isinstance(result, Statement)
    match result:
        case Assign(
            targets=((Tuple(elements=(target,)) | List(elements=(target,))),),
            value=Call(
                function=Attribute(value=Name(), attribute="gradient"),
                arguments=(first, Argument(value=List(elements=(one,))) as sources),
            ) as asked,
        ):
            value = replace_node(asked, arguments=(first, replace_node(sources, value=one)))
            return replace_node(result, targets=(target,), value=value)
        case _:
            return result


# ------------------------------------------------------------------------------ asked at once


def _asked_at_once(body: Body, tapes: set[str], gone: list[Span]) -> Body:
    """What stands between a block and the question goes after it, where that changes nothing; so
    does `del tape`."""
    statements = [s for s in body if not _deletes(s, tapes, gone)]
    for index, statement in enumerate(statements):
        if not isinstance(statement, With) or not any(_is_tape(i.context) for i in statement.items):
            continue
        names = {i.target.id for i in statement.items if isinstance(i.target, Name)}
        for later in range(index + 1, len(statements)):
            if _asks(statements[later], names):
                between = statements[index + 1 : later]
                if between and _independent(statements[later], between):
                    statements[index + 1 : later + 1] = [statements[later], *between]
                break
    return tuple(statements)


def _deletes(statement: Statement, tapes: set[str], gone: list[Span]) -> bool:
    match statement:
        case Delete(targets=(Name(id=name),)) if name in tapes:
            if statement.span is not None:
                gone.append(statement.span)
            return True
        case _:
            return False


def _asks(statement: Statement, tapes: set[str]) -> bool:
    match statement:
        case Assign(value=Call(function=Attribute(value=Name(id=name), attribute="gradient"))):
            return name in tapes
        case _:
            return False


def _independent(question: Statement, between: Iterable[Statement]) -> bool:
    """Whether the gradient can be taken before these statements: they set nothing that it reads,
    and read nothing that it sets."""
    asked, read = bound_names((question,)), _names(question)
    return not any(
        (bound_names((s,)) & read) or (_names(s) & asked) or _has_jump(s) for s in between
    )


def _names(statement: Statement) -> set[str]:
    return {n.id for n in walk(statement) if isinstance(n, Name)}


def _has_jump(statement: Statement) -> bool:
    from .jumps import has_jump

    return has_jump((statement,))
