"""Optimizers of Keras that are given gradients become `nnx.Optimizer`, which knows its model.

    optimizer = Adam(1e-3)               optimizer = nnx.Optimizer(model, adam(1e-3), wrt=nnx.Param)
    optimizer.apply_gradients(           optimizer.update(model, grads)
        zip(grads, model.trainable_variables))

It runs on the source, before staging. An optimizer and its model are variables of one function, of
the module, or attributes that one constructor sets; an optimizer that is a parameter is taken to be
an `nnx.Optimizer`, and so is what calls in the module pass for it. Every other use of an optimizer
leaves it as it is, and is reported there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...ir.nodes import (
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
    Statement,
    Symbol,
    children,
    map_children,
    replace_node,
    walk,
)
from .optimizer_uses import Scope, Step, Survey, Use, home_of, is_straight, key_of, survey

OPTIMIZER = "flax.nnx.Optimizer"
_PREFIX = "keras.optimizers."


def with_updates(tree: Module) -> tuple[Module, list[Parameter]]:
    """The module with updates in place of the steps of optimizers that have this form, and the
    parameters that are `nnx.Optimizer` objects now."""
    if not any(isinstance(n, Attribute) and n.attribute == "apply_gradients" for n in walk(tree)):
        return tree, []
    found = survey(tree)
    scopes = found.scopes
    steps = [(use, step) for use, step in found.steps if is_straight(use, step, found)]
    uses = [use for use, _ in steps]
    taken = _parameters(uses, found)
    uses += [use for scope in scopes for use in _passed(scope, taken)]
    made: dict[int, tuple[Assign, Expression]] = {}
    settled: set[tuple[int, str]] = set(taken)
    for key in {
        k for use in uses if (k := home_of(use.scope, use.optimizer)) is not None
    } - settled:
        owner = next(s for s in scopes if id(s) == key[0])
        own = [u for u in uses if home_of(u.scope, u.optimizer) == key]
        made_by = _definition(owner, key[1], own, found)
        if made_by is not None:
            settled.add(key)
            made[id(made_by[0])] = made_by
    done = {id(s.call): s for u, s in steps if home_of(u.scope, u.optimizer) in settled}
    modes = [
        mode for use, step in steps if id(step.call) in done and (mode := _mode(use)) is not None
    ]
    given = [
        parameter
        for scope in scopes
        if isinstance(scope.node, FunctionDef)
        for parameter in scope.node.parameters
        if (id(scope), parameter.name) in taken
    ]
    return _rewritten(tree, done, made, modes), given


# ------------------------------------------------------------------------------------------- plans


def _parameters(uses: list[Use], found: Survey) -> dict[tuple[int, str], str]:
    """Parameters that are optimizers, with the parameter that is the model: nothing but steps uses
    them."""
    taken: dict[tuple[int, str], str] = {}
    for use in uses:
        key = (id(use.scope), use.optimizer)
        if use.optimizer not in use.scope.parameters or use.optimizer in use.scope.stored:
            continue
        steps = {u.reads for u in uses if u.scope is use.scope and u.optimizer == use.optimizer}
        models = {u.model for u in uses if u.scope is use.scope and u.optimizer == use.optimizer}
        if found.reads.get(key) == steps and len(models) == 1:
            taken[key] = use.model
    return taken


def _passed(scope: Scope, taken: Mapping[tuple[int, str], str]) -> Iterator[Use]:
    """Calls that pass an optimizer and its model to functions that take them."""
    functions: dict[str, tuple[Scope, str, str]] = {}
    current: Scope | None = scope
    while current is not None:
        for child in children(current.node):
            if isinstance(child, FunctionDef):
                names = tuple(p.name for p in child.parameters)
                for (_, optimizer), model in taken.items():
                    if optimizer in names and model in names:
                        functions.setdefault(child.name, (current, optimizer, model))
        current = current.outer
    for node in _own_nodes(scope.node):
        if not isinstance(node, Call) or (name := _called(node.function)) not in functions:
            continue
        _, optimizer, model = functions[name]
        values = {a.keyword: a.value for a in node.arguments if a.keyword is not None}
        target = next(
            c
            for c in children(functions[name][0].node)
            if isinstance(c, FunctionDef) and c.name == name
        )
        for parameter, argument in zip(target.parameters, node.arguments, strict=False):
            if argument.keyword is None:
                values[parameter.name] = argument.value
        if optimizer in values and model in values:
            first, second = key_of(values[optimizer]), key_of(values[model])
            if first is not None and second is not None:
                yield Use(scope, first, second, id(values[optimizer]))


def _called(code: Expression) -> str | None:
    """The name of a function, of the module or local."""
    match code:
        case Name(id=name) | Reference(name=name):
            return name
        case _:
            return None


def _own_nodes(node: Node) -> Iterator[Node]:
    """The nodes of a scope, those of functions and classes in it left out."""
    for child in children(node):
        if not isinstance(child, ClassDef | FunctionDef):
            yield child
            yield from _own_nodes(child)


def _definition(
    owner: Scope, name: str, uses: list[Use], found: Survey
) -> tuple[Assign, Expression] | None:
    """The statement that makes an optimizer, if all that happens to it is known, and its model."""
    stored = owner.stored.get(name, [])
    if len(stored) != 1 or name in owner.parameters or len({u.model for u in uses}) != 1:
        return None
    (made,) = stored
    if not isinstance(made.value, OpCall) or not made.value.symbol.startswith(_PREFIX):
        return None
    if len(made.targets) != 1:
        return None
    known = {u.reads for u in uses} | {id(made.targets[0])}
    if any(
        not found.reads.get((id(scope), name), set()) <= known
        for scope in found.scopes
        if home_of(scope, name) == (id(owner), name)
    ):
        return None
    model = uses[0].model
    if len(owner.stored.get(model, [])) > 1:
        return None
    return made, _code(model)


def _code(key: str) -> Expression:
    first, _, rest = key.partition(".")
    return Attribute(Name(first), rest) if rest else Name(first)


@dataclass(frozen=True, slots=True)
class _Mode:
    """A function that calls a model which it is given, always with the same `training`."""

    function: FunctionDef
    model: str
    training: bool
    calls: frozenset[int]


def _mode(use: Use) -> _Mode | None:
    """The mode that a function calls its model in; modules of Flax are in one or the other."""
    function = use.scope.node
    if not isinstance(function, FunctionDef) or use.model not in use.scope.parameters:
        return None
    calls = [
        (node, argument.value)
        for node in walk(function)
        if isinstance(node, Call) and key_of(node.function) == use.model
        for argument in node.arguments
        if argument.keyword == "training"
    ]
    values = {value.value for _, value in calls if isinstance(value, Constant)}
    if len(values) != 1 or len(calls) != sum(isinstance(v, Constant) for _, v in calls):
        return None
    return _Mode(function, use.model, values == {True}, frozenset(id(c) for c, _ in calls))


# ----------------------------------------------------------------------------------------- rewrite


def _rewritten(
    tree: Module,
    steps: Mapping[int, Step],
    made: Mapping[int, tuple[Assign, Expression]],
    modes: Sequence[_Mode],
) -> Module:
    functions = {id(mode.function): mode for mode in modes}
    without = frozenset(number for mode in modes for number in mode.calls)

    def visit(node: Node) -> Node:
        if isinstance(node, Call) and id(node) in without:
            kept = tuple(a for a in node.arguments if a.keyword != "training")
            return map_children(replace_node(node, arguments=kept), visit)
        if isinstance(node, FunctionDef) and (mode := functions.get(id(node))) is not None:
            setter = Attribute(Name(mode.model), "train" if mode.training else "eval")
            first = 1 if _has_docstring(node.body) else 0
            call = ExpressionStatement(Call(setter, ()))
            node = replace_node(node, body=(*node.body[:first], call, *node.body[first:]))
        if (step := steps.get(id(node))) is not None:
            update = Attribute(step.optimizer, "update", span=step.call.function.span)
            arguments = (Argument(step.model), Argument(step.gradients))
            return Call(update, arguments, span=step.call.span)
        if isinstance(node, Module | ClassDef | FunctionDef):
            body = _placed(node.body, made)
            node = node if body is node.body else replace_node(node, body=body)
        return map_children(node, visit)

    result = visit(tree)
    assert isinstance(result, Module)
    return result


def _has_docstring(body: Body) -> bool:
    match body[:1]:
        case (ExpressionStatement(value=Constant(value=str())),):
            return True
        case _:
            return False


def _placed(body: Body, made: Mapping[int, tuple[Assign, Expression]]) -> Body:
    """The body with each optimizer made where its model is there."""
    result: list[Statement] = list(body)
    for statement in body:
        if id(statement) not in made:
            continue
        old, model = made[id(statement)]
        options = (Argument(model), Argument(old.value), Argument(Symbol("flax.nnx.Param"), "wrt"))
        value = Call(Symbol(OPTIMIZER), options)
        at = result.index(statement)
        later = [i for i, s in enumerate(result) if i > at and _binds(s, model)]
        if not later:
            result[at] = replace_node(old, value=value)
            continue
        result.insert(later[0] + 1, Assign(old.targets, value))
        del result[at]
    return tuple(result) if result != list(body) else body


def _binds(statement: Statement, model: Expression) -> bool:
    return isinstance(statement, Assign) and any(
        key_of(t) is not None and key_of(t) == key_of(model) for t in statement.targets
    )
