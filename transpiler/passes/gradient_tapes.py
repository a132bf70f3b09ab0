"""`tf.GradientTape` blocks become functions whose gradient is taken.

    with tf.GradientTape() as tape:        def loss_fn(x):
        tape.watch(x)                          loss = f(x)
        loss = f(x)                            return loss
    g = tape.gradient(loss, x)             g = jax.grad(loss_fn)(x)

It runs on the source, before staging. Tapes in any other form stay, and are reported there.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...ir.names import bound_names
from ...ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Body,
    Call,
    Constant,
    Expression,
    ExpressionStatement,
    For,
    FunctionDef,
    If,
    List,
    Module,
    Name,
    Node,
    OpCall,
    Parameter,
    Reference,
    Statement,
    Symbol,
    Tuple,
    While,
    With,
    map_children,
    replace_node,
    walk,
)
from ...ir.span import Span
from .jumps import has_jump
from .liveness import assigned
from .optimizer_uses import key_of
from .scope import call, finished, packed

TAPE = "tf.GradientTape"
_OPTIONS = frozenset({"persistent", "watch_accessed_variables"})
_SUMS = frozenset({"tf.math.reduce_mean", "tf.math.reduce_sum", "tf.reduce_mean", "tf.reduce_sum"})
_WEIGHTS = frozenset({"trainable_variables", "trainable_weights"})
_METHODS = {"gradient": "grad", "jacobian": "jacrev"}


@dataclass(frozen=True, slots=True)
class _Tape:
    """A block and the statement after it that asks for the gradient. `target`: the variable that is
    differentiated; `sources`: by what; `model`: whether that is a model, by all of its weights."""

    block: With
    asks: Assign
    method: str
    target: str
    sources: tuple[str, ...]
    model: bool
    owner: Attribute | None = None  # `self.model`, by whose weights it is differentiated


def without_tapes(tree: Module) -> tuple[Module, list[Span]]:
    """The module with functions in place of the tapes that have this form, and the places of the
    statements that went."""
    places: list[Span] = []
    if not any(isinstance(n, OpCall) and n.symbol == TAPE for n in walk(tree)):
        return tree, places

    losses = frozenset(_scalar_losses(tree))

    def visit(node: Node) -> Node:
        if isinstance(node, FunctionDef):
            names = {n.id for n in walk(node) if isinstance(n, Name)} | bound_names(node.body)
            body = _block(node.body, _Place(node, names, losses, places))
            node = replace_node(node, body=body) if body is not node.body else node
        return map_children(node, visit)

    result = visit(tree)
    assert isinstance(result, Module)
    return result, places


@dataclass(frozen=True, slots=True)
class _Place:
    """The function that holds the tape: its names, the losses of the module that are numbers, and
    where the statements that go are noted."""

    function: FunctionDef
    names: set[str]
    losses: frozenset[str]
    gone: list[Span]


def _block(body: Body, place: _Place) -> Body:
    result: list[Statement] = []
    index, changed = 0, False
    while index < len(body):
        statement = body[index]
        if isinstance(statement, With):
            inner = _block(statement.body, place)
            if inner is not statement.body:
                statement, changed = replace_node(statement, body=inner), True
            following = body[index + 1] if index + 1 < len(body) else None
            tape = _tape(statement, following, place.function)
            if tape is not None:
                result += _converted(tape, body[index], place)
                watches = [s for s in tape.block.body if _is_watch(s)]
                spans = (s.span for s in (tape.block, tape.asks, *watches))
                place.gone.extend(span for span in spans if span is not None)
                index, changed = index + 2, True
                continue
        inside = _inside(statement, place)
        changed = changed or inside is not statement
        result.append(inside)
        index += 1
    return tuple(result) if changed else body


def _inside(statement: Statement, place: _Place) -> Statement:
    """A statement with what its blocks hold converted."""

    def new(body: Body) -> Body:
        return _block(body, place)

    match statement:
        case For(body=body, otherwise=otherwise) | While(body=body, otherwise=otherwise):
            inner, rest = new(body), new(otherwise)
            if inner is not body or rest is not otherwise:
                return replace_node(statement, body=inner, otherwise=rest)
        case If(then=then, otherwise=otherwise):
            inner, rest = new(then), new(otherwise)
            if inner is not then or rest is not otherwise:
                return replace_node(statement, then=inner, otherwise=rest)
        case _:
            pass
    return statement


def _tape(block: With, following: Statement | None, function: FunctionDef) -> _Tape | None:
    match block.items, following:
        case (item,), Assign(
            targets=(_,),
            value=Call(
                function=Attribute(value=Name(id=asked), attribute=method),
                arguments=(Argument(value=Name(id=target), keyword=None), sources),
            ),
        ) if method in _METHODS and sources.keyword in (None, "sources"):
            pass
        case _:
            return None
    context = item.context
    if not isinstance(context, OpCall) or context.symbol != TAPE or context.extra:
        return None
    name = item.target.id if isinstance(item.target, Name) else None
    if name != asked or not set(context.bound) <= _OPTIONS or has_jump(block.body):
        return None
    watches = sum(_is_watch(s) for s in block.body)
    mentions = sum(isinstance(n, Name) and n.id == name for n in walk(function))
    if mentions != watches + 2 or target not in assigned(block.body):
        return None
    found = _sources(sources.value)
    if found is None:
        return None
    if found[1] and (method != "gradient" or _feeds_optimizer(following, function)):
        return None
    if any(s in assigned(block.body) for s in found[0]):
        return None
    owner = _attribute_model(sources.value)
    if owner is not None and any(
        n.id == owner.attribute for n in walk(block) if isinstance(n, Name)
    ):
        return None
    return _Tape(block, following, method, target, *found, owner)


def _is_watch(statement: Statement) -> bool:
    match statement:
        case ExpressionStatement(value=Call(function=Attribute(value=Name(), attribute="watch"))):
            return True
        case _:
            return False


def _sources(code: Expression) -> tuple[tuple[str, ...], bool] | None:
    match code:
        case Name(id=name):
            return (name,), False
        case Attribute(value=Name(id=name) | Reference(name=name), attribute=attribute) if (
            attribute in _WEIGHTS
        ):
            return (name,), True
        case Attribute() if (owner := _attribute_model(code)) is not None:
            return (owner.attribute,), True
        case List(elements=elements) | Tuple(elements=elements) if elements:
            names = [e.id for e in elements if isinstance(e, Name)]
            return (tuple(names), False) if len(names) == len(elements) else None
        case _:
            return None


def _attribute_model(code: Expression) -> Attribute | None:
    """`self.model` of `self.model.trainable_variables`."""
    match code:
        case Attribute(value=Attribute(value=Name()) as owner, attribute=attribute):
            return owner if attribute in _WEIGHTS else None
        case _:
            return None


def _as_parameter(body: list[Statement], owner: Attribute) -> list[Statement]:
    """The body with a parameter of the same name in place of an attribute."""

    def visit(node: Node) -> Node:
        match node, owner:
            case (
                Attribute(value=Name(id=own), attribute=attribute),
                Attribute(value=Name(id=other)),
            ) if own == other and attribute == owner.attribute:
                return Name(attribute, span=node.span)
            case _:
                return map_children(node, visit)

    return [s for s in map(visit, body) if isinstance(s, Statement)]


def _feeds_optimizer(asks: Assign, function: FunctionDef) -> bool:
    """Gradients of weights that are zipped with them are for an optimizer of Keras."""
    names = {n.id for t in asks.targets for n in walk(t) if isinstance(n, Name)}
    return any(
        isinstance(n, Call)
        and isinstance(n.function, Name)
        and n.function.id == "zip"
        and any(isinstance(m, Name) and m.id in names for m in walk(n))
        for n in walk(function)
    )


def _converted(tape: _Tape, original: Statement, place: _Place) -> list[Statement]:
    body = [s for s in tape.block.body if not _is_watch(s)]
    if tape.owner is not None:
        body = _as_parameter(body, tape.owner)
    inside = {id(n) for n in walk(original)} | {id(n) for n in walk(tape.asks.value)}
    read = {n.id for n in walk(place.function) if isinstance(n, Name) and id(n) not in inside}
    kept = [n for n in assigned(body) if n in read]
    value: Expression = Name(tape.target)
    scalar = tape.method != "gradient" or _is_scalar(body, tape.target, place.losses)
    if not scalar:
        value = call("jax.numpy.sum", value)
    first = scalar and tape.method == "gradient" and tape.target in kept
    extra = [n for n in kept if not (first and n == tape.target)]
    result = Tuple((value, packed([Name(n) for n in extra]))) if extra else value
    name = f"{tape.target}_fn"
    while name in place.names:
        name += "_"
    place.names.add(name)
    made = FunctionDef(name, tuple(map(Parameter, tape.sources)), tuple(finished(body, result)))
    transform = f"{'flax.nnx' if tape.model else 'jax'}.{_METHODS[tape.method]}"
    transform = transform.replace(".grad", ".value_and_grad") if first else transform
    options: list[Argument] = []
    many = len(tape.sources) > 1
    if many:
        numbers = Tuple(tuple(Constant(i) for i in range(len(tape.sources))))
        options.append(Argument(numbers, "argnums"))
    if extra:
        options.append(Argument(Constant(True), "has_aux"))
    taken = Call(Symbol(transform), (Argument(Name(name)), *options))
    given = (tape.owner,) if tape.owner is not None else tuple(map(Name, tape.sources))
    code = Call(taken, tuple(map(Argument, given)))
    gradient = tape.asks.targets[0]
    target = gradient
    others = packed([Name(n) for n in extra]) if extra else None
    if first:
        values = Tuple((Name(tape.target), others)) if others is not None else Name(tape.target)
        target = Tuple((values, gradient))
    elif others is not None:
        target = Tuple((gradient, others))
    made.comments = tape.block.comments
    return [made, Assign((target,), code)]


def _scalar_losses(tree: Module) -> set[str]:
    """Variables that hold losses of Keras, which are means unless `reduction` says otherwise."""
    found: dict[str, bool] = {}
    for node in walk(tree):
        if isinstance(node, Assign):
            value = node.value
            mean = (
                isinstance(value, OpCall)
                and value.symbol.startswith("keras.losses.")
                and value.symbol.rpartition(".")[2][:1].isupper()
                and "reduction" not in value.bound
            )
            for name in filter(None, map(key_of, node.targets)):
                found[name] = found.get(name, True) and mean
    return {name for name, mean in found.items() if mean}


def _is_scalar(body: list[Statement], target: str, losses: frozenset[str]) -> bool:
    """Whether a value is a sum or mean over everything; TensorFlow adds up what is not."""
    found = False
    for statement in body:
        match statement:
            case Assign(targets=(Name(id=name),), value=OpCall(symbol=symbol, bound=bound)) if (
                name == target
            ):
                found = symbol in _SUMS and "axis" not in bound
            case Assign(targets=(Name(id=name),), value=Call(function=function)) if name == target:
                found = key_of(function) in losses
            case _ if target in assigned([statement]):
                found = False
            case _:
                pass
    return found
