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
    FunctionDef,
    List,
    Module,
    Name,
    Node,
    OpCall,
    Parameter,
    Statement,
    Symbol,
    Tuple,
    With,
    map_children,
    replace_node,
    walk,
)
from ...ir.span import Span
from .jumps import has_jump
from .liveness import assigned
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


def without_tapes(tree: Module) -> tuple[Module, list[Span]]:
    """The module with functions in place of the tapes that have this form, and the places of the
    statements that went."""
    places: list[Span] = []
    if not any(isinstance(n, OpCall) and n.symbol == TAPE for n in walk(tree)):
        return tree, places

    def visit(node: Node) -> Node:
        if isinstance(node, FunctionDef):
            names = {n.id for n in walk(node) if isinstance(n, Name)} | bound_names(node.body)
            body = _block(node.body, node, names, places)
            node = replace_node(node, body=body) if body is not node.body else node
        return map_children(node, visit)

    result = visit(tree)
    assert isinstance(result, Module)
    return result, places


def _block(body: Body, function: FunctionDef, names: set[str], places: list[Span]) -> Body:
    result: list[Statement] = []
    index, changed = 0, False
    while index < len(body):
        statement = body[index]
        if isinstance(statement, With):
            inner = _block(statement.body, function, names, places)
            if inner is not statement.body:
                statement, changed = replace_node(statement, body=inner), True
            following = body[index + 1] if index + 1 < len(body) else None
            tape = _tape(statement, following, function)
            if tape is not None:
                result += _converted(tape, body[index], function, names)
                places += [s.span for s in (tape.block, tape.asks) if s.span is not None]
                places += [w.span for w in tape.block.body if _is_watch(w) and w.span is not None]
                index, changed = index + 2, True
                continue
        result.append(statement)
        index += 1
    return tuple(result) if changed else body


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
    return _Tape(block, following, method, target, *found)


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
        case Attribute(value=Name(id=name), attribute=attribute) if attribute in _WEIGHTS:
            return (name,), True
        case List(elements=elements) | Tuple(elements=elements) if elements:
            names = [e.id for e in elements if isinstance(e, Name)]
            return (tuple(names), False) if len(names) == len(elements) else None
        case _:
            return None


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


def _converted(
    tape: _Tape, original: Statement, function: FunctionDef, names: set[str]
) -> list[Statement]:
    body = [s for s in tape.block.body if not _is_watch(s)]
    inside = {id(n) for n in walk(original)} | {id(n) for n in walk(tape.asks.value)}
    read = {n.id for n in walk(function) if isinstance(n, Name) and id(n) not in inside}
    kept = [n for n in assigned(body) if n in read]
    value: Expression = Name(tape.target)
    scalar = tape.method != "gradient" or _is_scalar(body, tape.target)
    if not scalar:
        value = call("jax.numpy.sum", value)
    first = scalar and tape.method == "gradient" and tape.target in kept
    extra = [n for n in kept if not (first and n == tape.target)]
    result = Tuple((value, packed([Name(n) for n in extra]))) if extra else value
    name = f"{tape.target}_fn"
    while name in names:
        name += "_"
    names.add(name)
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
    code = Call(taken, tuple(Argument(Name(s)) for s in tape.sources))
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


def _is_scalar(body: list[Statement], target: str) -> bool:
    """Whether a value is a sum or mean over everything; TensorFlow adds up what is not."""
    found = False
    for statement in body:
        match statement:
            case Assign(targets=(Name(id=name),), value=OpCall(symbol=symbol, bound=bound)) if (
                name == target
            ):
                found = symbol in _SUMS and "axis" not in bound
            case _ if target in assigned([statement]):
                found = False
            case _:
                pass
    return found
