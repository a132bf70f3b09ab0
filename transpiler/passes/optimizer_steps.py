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
from dataclasses import dataclass, field

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

OPTIMIZER = "flax.nnx.Optimizer"
_WEIGHTS = frozenset({"trainable_variables", "trainable_weights"})
_PREFIX = "keras.optimizers."


@dataclass(slots=True, eq=False)
class _Scope:
    """A module, a class (for the attributes of its objects) or a function, with what it binds."""

    node: Module | ClassDef | FunctionDef
    outer: _Scope | None
    parameters: tuple[str, ...] = ()
    stored: dict[str, list[Assign]] = field(default_factory=dict[str, list[Assign]])


@dataclass(frozen=True, slots=True)
class _Step:
    """`optimizer.apply_gradients(zip(gradients, model.trainable_variables))`."""

    call: Call
    optimizer: Expression
    model: Expression
    gradients: Expression


@dataclass(frozen=True, slots=True)
class _Use:
    """A step, or a call that passes an optimizer and its model on, and where it stands."""

    scope: _Scope
    optimizer: str
    model: str
    reads: int  # the id of the node that names the optimizer


@dataclass(slots=True)
class _Plan:
    """What is to be changed: nodes by id."""

    steps: list[tuple[_Use, _Step]] = field(default_factory=list[tuple[_Use, _Step]])
    reads: dict[tuple[int, str], set[int]] = field(default_factory=dict[tuple[int, str], set[int]])


def with_updates(tree: Module) -> tuple[Module, list[Parameter]]:
    """The module with updates in place of the steps of optimizers that have this form, and the
    parameters that are `nnx.Optimizer` objects now."""
    if not any(isinstance(n, Attribute) and n.attribute == "apply_gradients" for n in walk(tree)):
        return tree, []
    plan = _Plan()
    scopes: list[_Scope] = []
    _survey(tree, _scope(tree, None, scopes), plan, scopes)
    plan.steps = [(use, step) for use, step in plan.steps if _straight(use, step, plan)]
    uses = [use for use, _ in plan.steps]
    taken = _parameters(uses, plan)
    uses += [use for scope in scopes for use in _passed(scope, taken)]
    made: dict[int, tuple[Assign, Expression]] = {}
    settled: set[tuple[int, str]] = set(taken)
    for key in {k for use in uses if (k := _home(use.scope, use.optimizer)) is not None} - settled:
        owner = next(s for s in scopes if id(s) == key[0])
        own = [u for u in uses if _home(u.scope, u.optimizer) == key]
        made_by = _definition(owner, key[1], own, plan, scopes)
        if made_by is not None:
            settled.add(key)
            made[id(made_by[0])] = made_by
    done = {id(s.call): s for u, s in plan.steps if _home(u.scope, u.optimizer) in settled}
    modes = [
        mode
        for use, step in plan.steps
        if id(step.call) in done and (mode := _mode(use)) is not None
    ]
    given = [
        parameter
        for scope in scopes
        if isinstance(scope.node, FunctionDef)
        for parameter in scope.node.parameters
        if (id(scope), parameter.name) in taken
    ]
    return _rewritten(tree, done, made, modes), given


# ------------------------------------------------------------------------------------------ survey


def _scope(
    node: Module | ClassDef | FunctionDef, outer: _Scope | None, scopes: list[_Scope]
) -> _Scope:
    names = tuple(p.name for p in node.parameters) if isinstance(node, FunctionDef) else ()
    scope = _Scope(node, outer, names)
    scopes.append(scope)
    return scope


def _survey(node: Node, scope: _Scope, plan: _Plan, scopes: list[_Scope]) -> None:
    """Assignments, reads and steps, by scope."""
    for child in children(node):
        match child:
            case ClassDef() | FunctionDef():
                _survey(child, _scope(child, scope, scopes), plan, scopes)
                continue
            case Assign(targets=targets):
                for target in targets:
                    name = _key(target)
                    owner = _owner(scope, name)
                    if name is not None and owner is not None:
                        owner.stored.setdefault(name, []).append(child)
            case Call() if (step := _step(child)) is not None:
                optimizer, model = _key(step.optimizer), _key(step.model)
                if optimizer is not None and model is not None:
                    use = _Use(scope, optimizer, model, id(step.optimizer))
                    plan.steps.append((use, step))
            case _:
                pass
        name = _key(child) if isinstance(child, Expression) else None
        if name is not None:
            plan.reads.setdefault((id(scope), name), set()).add(id(child))
        _survey(child, scope, plan, scopes)


def _straight(use: _Use, step: _Step, plan: _Plan) -> bool:
    """Whether the gradients go from the tape to the optimizer as they are: what code does to a list
    of them it cannot do to the tree that they are in JAX."""
    name = _key(step.gradients)
    stored = use.scope.stored.get(name or "", [])
    match stored:
        case [Assign(targets=(target,), value=Call(function=Attribute(attribute="gradient")))]:
            reads = plan.reads.get((id(use.scope), name or ""), set())
            return reads == {id(target), id(step.gradients)}
        case _:
            return False


def _step(call: Call) -> _Step | None:
    match call:
        case Call(
            function=Attribute(value=optimizer, attribute="apply_gradients"),
            arguments=(Argument(value=pairs),),
        ):
            found = _pairs(pairs)
            return None if found is None else _Step(call, optimizer, *found)
        case _:
            return None


def _pairs(code: Expression) -> tuple[Expression, Expression] | None:
    """Model and gradients of `zip(gradients, model.trainable_variables)`."""
    match code:
        case Call(function=Name(id="zip"), arguments=(Argument(value=first), Argument(value=last))):
            pass
        case _:
            return None
    match first, last:
        case ((Name() | Reference()), Attribute(value=model, attribute=weights)):
            return (model, first) if weights in _WEIGHTS else None
        case _:
            return None


def _key(code: Node) -> str | None:
    """`name`, or `self.name`; a variable of the module goes by its name."""
    match code:
        case Name(id=name) | Reference(name=name):
            return name
        case Attribute(value=Name(id="self"), attribute=name):
            return f"self.{name}"
        case _:
            return None


def _owner(scope: _Scope, name: str | None) -> _Scope | None:
    """The scope that an assignment binds a name in: attributes are bound by the class."""
    if name is None or "." not in name:
        return scope
    while scope.outer is not None and not isinstance(scope.node, ClassDef):
        scope = scope.outer
    return scope if isinstance(scope.node, ClassDef) else None


def _home(scope: _Scope, name: str) -> tuple[int, str] | None:
    """The scope that binds a name, as it is seen from another one."""
    if "." in name:
        owner = _owner(scope, name)
        return (id(owner), name) if owner is not None and name in owner.stored else None
    current: _Scope | None = scope
    while current is not None:
        visible = current is scope or not isinstance(current.node, ClassDef)
        if visible and (name in current.parameters or name in current.stored):
            return id(current), name
        current = current.outer
    return None


# ------------------------------------------------------------------------------------------- plans


def _parameters(uses: list[_Use], plan: _Plan) -> dict[tuple[int, str], str]:
    """Parameters that are optimizers, with the parameter that is the model: nothing but steps uses
    them."""
    found: dict[tuple[int, str], str] = {}
    for use in uses:
        key = (id(use.scope), use.optimizer)
        if use.optimizer not in use.scope.parameters or use.optimizer in use.scope.stored:
            continue
        steps = {u.reads for u in uses if u.scope is use.scope and u.optimizer == use.optimizer}
        models = {u.model for u in uses if u.scope is use.scope and u.optimizer == use.optimizer}
        if plan.reads.get(key) == steps and len(models) == 1:
            found[key] = use.model
    return found


def _passed(scope: _Scope, taken: Mapping[tuple[int, str], str]) -> Iterator[_Use]:
    """Calls that pass an optimizer and its model to functions that take them."""
    functions: dict[str, tuple[_Scope, str, str]] = {}
    current: _Scope | None = scope
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
            first, second = _key(values[optimizer]), _key(values[model])
            if first is not None and second is not None:
                yield _Use(scope, first, second, id(values[optimizer]))


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
    owner: _Scope, name: str, uses: list[_Use], plan: _Plan, scopes: list[_Scope]
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
        not plan.reads.get((id(scope), name), set()) <= known
        for scope in scopes
        if _home(scope, name) == (id(owner), name)
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


def _mode(use: _Use) -> _Mode | None:
    """The mode that a function calls its model in; modules of Flax are in one or the other."""
    function = use.scope.node
    if not isinstance(function, FunctionDef) or use.model not in use.scope.parameters:
        return None
    calls = [
        (node, argument.value)
        for node in walk(function)
        if isinstance(node, Call) and _key(node.function) == use.model
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
    steps: Mapping[int, _Step],
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
        _key(t) is not None and _key(t) == _key(model) for t in statement.targets
    )
