"""Activations, initializers and dtypes: from a name, an object or a variable to a target
expression.
"""

from __future__ import annotations

from ...ir.nodes import (
    Argument,
    Attribute,
    Call,
    Conditional,
    Constant,
    Expression,
    Lambda,
    Name,
    OpCall,
    Parameter,
    Reference,
    Symbol,
)
from ...rules.language.facts import literal
from ...rules.language.namespaces import TARGETS
from ...rules.language.records import Kind, Rule, Status, Value
from .application import Application, apply_lambda, copy_tree
from .arguments import bind, defaults
from .model import RefusalError, Refused

KINDS: dict[str, Kind] = {"Activation": "activation", "Init": "initializer"}
GETTERS = {"Activation": "get_activation", "Init": "get_initializer"}
LOOKUPS = {"keras.activations.get": "identifier", "keras.initializers.get": "identifier"}
WIDE = ("float64", "int64", "uint64", "complex128")
DTYPES = frozenset(
    [
        "bool",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "float16",
        "bfloat16",
        "float32",
        "float64",
        "complex64",
        "complex128",
    ]
)


def is_target(path: str) -> bool:
    """Whether a symbol belongs to the target side."""
    return any(path == module or path.startswith(module + ".") for module in TARGETS.values())


def resolve(context: Application, kind: str, e: Expression) -> Expression:
    """The target expression for an argument of type Activation, Init, DType or Layer. Raises
    RefusalError.
    """
    match kind:
        case "DType":
            return _dtype(context, e)
        case "Layer":
            from .layers import nested_constructor

            return nested_constructor(context, e)
        case _:
            return _callable(context, kind, e)


def _callable(context: Application, kind: str, e: Expression) -> Expression:
    found = literal(e) or (
        context.facts.constant(e) if not isinstance(e, (Symbol, OpCall)) else None
    )
    if found is not None and (found.value is None or isinstance(found.value, str)):
        return _by_name(context, kind, found.value)
    match e:
        case Symbol(path=path):
            return e if is_target(path) else function_value(context, path)
        case OpCall(symbol=symbol, bound=bound) if symbol in LOOKUPS and LOOKUPS[symbol] in bound:
            return _callable(context, kind, bound[LOOKUPS[symbol]])
        case OpCall():
            return _object_call(context, kind, e)
        case Conditional(test=test, then=then, otherwise=otherwise):
            both = (_callable(context, kind, then), _callable(context, kind, otherwise))
            return Conditional(test, *both)
        case Lambda():
            return e
        case Reference() if context.facts.python_type(e) is not str:
            return e
        case Name() | Attribute() | Call() if context.facts.python_type(e) is object:
            # Neither a name nor None: made by another rule.
            return e
        case Call(function=Symbol(path=path)) if is_target(path):
            return e
        case _:
            getter = Symbol(f"tf_compat.{GETTERS[kind]}")
            return Call(getter, (Argument(e),))


def _by_name(context: Application, kind: str, text: str | None) -> Expression:
    if text is None:
        if kind == "Init":
            # What `add_weight` of Keras takes where it gets none.
            return _by_name(context, kind, "glorot_uniform")
        return Lambda((Parameter("x"),), Name("x"))
    record = context.rules.named(KINDS[kind], text)
    if not isinstance(record, Rule):
        if isinstance(record, Status):
            raise RefusalError(Refused("TJ2010", record.reason, record.hint, rule=text))
        raise context.refuse("TJ2015", f"no {KINDS[kind]} is known by the name '{text}'")
    if kind == "Init":
        return _instance(context, record)
    return as_function(context, record)


def _instance(context: Application, record: Rule) -> Expression:
    """An initializer class or function used without a call: built with its defaults."""
    inner = child(context, record, {})
    return body_of(inner)


def child(context: Application, record: Rule, given: dict[str, Expression]) -> Application:
    """An application of another record, whose notes join those of `context`."""
    return Application(
        record,
        context.rules,
        context.facts,
        given,
        defaults(record, given),
        trail=context.trail,
        objects=resolve,
    )


def body_of(inner: Application) -> Expression:
    """The chosen `to` of an application. Raises RefusalError."""
    check_requirements(inner)
    body = inner.choose(inner.rule.to)
    if body is None:
        raise inner.refuse("TJ3002", f"no alternative for `{inner.rule.symbol}` applies")
    return inner.build(body)


def check_requirements(inner: Application) -> None:
    """`when` and `unless`, then notes. Raises RefusalError."""
    for requirement in inner.rule.requirements:
        found = inner.known(requirement.test)
        holds = found is not None and bool(found.value)
        if holds == (requirement.kind == "unless"):
            refused = Refused(
                requirement.code, requirement.message, requirement.hint, rule=inner.rule.name
            )
            raise RefusalError(refused)
    for note in inner.rule.notes:
        found = None if note.guard is None else inner.known(note.guard)
        if found is None or found.value:
            inner.trail.add(note.code, note.message)


def _object_call(context: Application, kind: str, e: OpCall) -> Expression:
    """A call that makes an activation or initializer: a stateless layer, or an object."""
    record = context.rules.for_symbol(e.symbol)
    if isinstance(record, Status):
        raise RefusalError(Refused("TJ2010", record.reason, record.hint, rule=e.symbol))
    if record is None:
        raise context.refuse("TJ2001", f"no rule translates `{e.symbol}`")
    if record.kind == "layer":
        from .layers import layer_function

        return layer_function(context, e, record)
    given, _ = bind(record, e, context.facts, context.trail)
    return body_of(child(context, record, given))


def function_value(context: Application, path: str) -> Expression:
    """The function that a source symbol stands for where it is not called. Raises RefusalError."""
    value = context.rules.for_value(path)
    if isinstance(value, Value):
        return copy_tree(value.body)
    record = context.rules.for_symbol(path)
    if isinstance(record, Rule):
        if record.kind == "initializer":
            return _instance(context, record)
        if record.kind != "layer":
            return as_function(context, record)
        empty = OpCall(path, {}, (), Symbol(path))
        return _object_call(context, "Activation", empty)
    status = value or record
    if status is not None:
        raise RefusalError(Refused("TJ2010", status.reason, status.hint, rule=path))
    raise context.refuse("TJ2011", f"no rule says what `{path}` is as a value")


def as_function(context: Application, record: Rule) -> Expression:
    """A rule as a function of its required parameters: the bare target, a partial, or a lambda."""
    required = [p.name for p in record.parameters if p.default is None]
    inner = child(context, record, {name: Name(name) for name in required})
    body = body_of(inner)
    names = [Name(name) for name in required]
    if isinstance(body, Call) and isinstance(body.function, Symbol):
        head, rest = body.arguments[: len(names)], body.arguments[len(names) :]
        in_order = len(head) == len(names) and all(
            a.keyword is None and a.star == "" and isinstance(a.value, Name) and a.value.id == n.id
            for a, n in zip(head, names, strict=True)
        )
        if in_order and not rest:
            return body.function
        if in_order and all(a.keyword and literal(a.value) for a in rest):
            partial = Symbol("functools.partial")
            return Call(partial, (Argument(body.function), *rest))
    return Lambda(tuple(Parameter(name) for name in required), body)


def apply_activation(context: Application, e: Expression, x: Expression) -> Expression:
    """Activation argument `e` applied to `x`; `x` itself where there is none."""
    source = literal(e) or context.facts.constant(e)
    record = None
    if source is not None and source.value is None:
        return x
    if source is not None and isinstance(source.value, str):
        record = context.rules.named("activation", source.value)
    elif isinstance(e, Symbol):
        record = context.rules.for_symbol(e.path)
    if isinstance(record, Rule) and record.kind != "layer":
        first = record.parameters[0].name
        return body_of(child(context, record, {first: x}))
    function = _callable(context, "Activation", e)
    if isinstance(function, Lambda) and len(function.parameters) == 1:
        return apply_lambda(function, x)
    return Call(function, (Argument(x),))


def _dtype(context: Application, e: Expression) -> Expression:
    found = literal(e)
    match e:
        case Constant(value=None):
            return e
        case Symbol(path=path) if not is_target(path):
            value = context.rules.for_value(path)
            if not isinstance(value, Value):
                raise context.refuse("TJ3004", f"no JAX dtype is known for `{path}`")
            e = copy_tree(value.body)
        case _ if found is not None and isinstance(found.value, str):
            name = "int64" if found.value == "int" else found.value
            if name not in DTYPES:
                raise context.refuse("TJ3004", f"no JAX dtype is known for '{name}'")
            e = Symbol("jax.numpy.bool_" if name == "bool" else f"jax.numpy.{name}")
        case _:
            if context.facts.rank(e) is not None or context.facts.dtype(e) is not None:
                return Attribute(e, "dtype")
    if isinstance(e, Symbol) and e.path.rpartition(".")[2] in WIDE:
        name = e.path.rpartition(".")[2]
        narrow = name.replace("64", "32").replace("128", "64")
        context.trail.add(
            "TJ6001",
            f"{name} is {narrow} unless 64-bit types are enabled",
        )
    return e
