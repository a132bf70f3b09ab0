"""Calls: of classes, of objects, of the API; of functions in `functions`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ...rules.language.records import Rule
from . import layers, models, native_tensors, natives, policies, records, size_vectors, tensors
from .arrays import numpy_call, product_of
from .containers import method as python_method
from .definitions import PLAIN_BASES, decorators, find_member, harmless, is_keras, known_decorator
from .functions import call_function, forget
from .machine import Machine
from .numbers import real, whole
from .pythonic import builtin, lineage
from .results import Site, result
from .structures import rebuilt, same
from .trail import Changes
from .values import (
    NONE,
    UNKNOWN,
    Api,
    Arguments,
    ClassValue,
    Const,
    Either,
    External,
    Fixed,
    Function,
    Graph,
    Instance,
    Layer,
    Listing,
    Mapped,
    Method,
    Partial,
    Place,
    Real,
    RecordType,
    Spec,
    Stack,
    Super,
    Tensor,
    Value,
    const,
    items_of,
)

NARROW = frozenset(
    {
        *("float32", "float16", "bfloat16", "bool", "int8", "int16", "int32", "uint8", "uint16"),
        "int64",
    }
)
"""Dtypes that become float32 where they meet it, in Keras' own operations."""


def invoke(m: Machine, called: Value, given: Arguments, place: Place) -> Value:
    match called:
        case Function():
            return call_function(m, called, given, place)
        case ClassValue():
            return instantiate(m, called, given, place)
        case Instance():
            return call_instance(m, called, given, place)
        case RecordType():
            return records.make_tuple(called, given)
        case Layer(symbol) if m.library is not None and m.library.knows(symbol):
            return m.library.apply(m, called, given, place)
        case Layer() | Graph() | Stack():
            return layers.apply(m, called, given, place)
        case Api(symbol):
            return call_symbol(m, symbol, given, place)
        case Method(owner, name):
            return call_method(m, owner, name, given, place)
        case Either(options):
            return _either(m, options, given, place)
        case Partial(function, bound):
            positional = (*bound.positional, *given.positional)
            keywords = {**bound.keywords, **given.keywords}
            complete = bound.complete and given.complete
            return invoke(m, function, Arguments(positional, keywords, complete), place)
        case External(dotted) if m.library is not None and m.library.knows(dotted):
            return m.library.call(m, dotted, given, place)
        case External(dotted):
            root, _, name = dotted.partition(".")
            if root == "builtins" and name in ("map", "filter"):
                return _map(m, name, given, place)
            if root == "builtins":
                return builtin(m, name, given, place)
            if root == "numpy":
                return numpy_call(m, name, given, place)
            if root == "math":
                return _math(name, given)
            if dotted in records.MAKERS:
                return records.declared(dotted, given)
            if root == "dataclasses" and name in records.FUNCTIONS:
                return records.function(m, name, given, place)
            if dotted == "functools.partial" and given.positional:
                rest = Arguments(given.positional[1:], given.keywords, given.complete)
                return Partial(given.positional[0], rest)
            if dotted in ("copy.deepcopy", "copy.copy") and len(given.positional) == 1:
                return rebuilt(given.positional[0], same)
            forget(m, given)
            return UNKNOWN
        case _:
            forget(m, given)
            return UNKNOWN


def _either(m: Machine, options: tuple[Value, ...], given: Arguments, place: Place) -> Value:
    """What any of the options may give. Which of them runs is not known: nothing is reported."""
    found: list[Value] = []
    branches: list[Changes] = []
    for option in options:
        mark = m.trail.mark()
        with m.mute():
            found.append(invoke(m, option, given, place))
        branches.append(m.trail.undo(mark))
    m.trail.merge(branches, m.join_cells)
    value = found[0]
    for other in found[1:]:
        value = m.join(value, other)
    return value


def _math(name: str, given: Arguments) -> Value:
    import math

    values = [const(v) for v in given.positional]
    function = getattr(math, name, None)
    if len(given.positional) == 1 and values == [...]:
        known = real(given.positional[0])
        if known is not None and name in ("ceil", "floor"):
            return whole(known, name == "ceil")
        if known is not None and name in ("sqrt", "log", "exp", "pow"):
            return Real()
    if ... in values or function is None or given.keywords:
        return product_of(given.positional[0]) if name == "prod" and given.positional else UNKNOWN
    try:
        return Const(function(*values))
    except (TypeError, ValueError, OverflowError):
        return UNKNOWN


def _map(m: Machine, name: str, given: Arguments, place: Place) -> Value:
    from .pythonic import iterate

    if name != "map" or len(given.positional) != 2:
        return UNKNOWN
    items = iterate(m, given.positional[1])
    if items is None:
        return UNKNOWN
    return Fixed(tuple(invoke(m, given.positional[0], Arguments((v,)), place) for v in items))


def instantiate(m: Machine, cls: ClassValue, given: Arguments, place: Place) -> Value:
    kind = records.tuple_type(cls)
    if kind is not None:
        own = find_member(cls, "__new__")
        return UNKNOWN if own is not None else records.make_tuple(kind, given)
    if not all(_known_base(m, b) for b in _bases(cls)):
        # A base that is not known may do anything.
        forget(m, given)
        return UNKNOWN
    found = find_member(cls, "__init__")
    instance = Instance(cls, {}, given)
    if found is None and records.is_dataclass(m, cls):
        return instance if records.fill(m, instance, given, place) else UNKNOWN
    if found is None and not all(map(harmless, cls.node.decorators)):
        forget(m, given)
        return UNKNOWN
    if isinstance(found, Function):
        invoke(m, found.bind(instance), given, place)
    elif is_keras(cls):
        models.base_init(m, instance, given, place)
    return instance


def _known_base(m: Machine, base: Value) -> bool:
    if m.library is not None and m.library.is_base(base):
        return True
    return isinstance(base, (Api, ClassValue)) or base in PLAIN_BASES


def _bases(cls: ClassValue) -> list[Value]:
    return [b for c in lineage(cls) for b in c.bases]


def call_instance(m: Machine, instance: Instance, given: Arguments, place: Place) -> Value:
    own = find_member(instance.cls, "__call__")
    if isinstance(own, Function):
        return invoke(m, own.bind(instance), given, place)
    graph = instance.attributes.get("__graph__") or instance.attributes.get("__stack__")
    called = find_member(instance.cls, "call")
    if not isinstance(called, Function):
        if isinstance(graph, (Graph, Stack)):
            return layers.apply(m, graph, given, place)
        forget(m, given)
        return UNKNOWN
    if is_keras(instance.cls):
        given = policies.cast(m, instance, given)
    if is_keras(instance.cls) and "__built__" not in instance.attributes:
        m.write(instance.attributes, "__built__", Const(True))
        build = find_member(instance.cls, "build")
        if isinstance(build, Function):
            _build(m, build.bind(instance), given, place)
    keywords = dict(given.keywords)
    names = {p.name for p in called.node.parameters}
    if "kwargs" not in {p.kind for p in called.node.parameters}:
        # Keras takes these for the layer itself.
        keywords = {
            k: v for k, v in keywords.items() if k in names or k not in ("training", "mask")
        }
    if any(not known_decorator(d) for d in decorators(called)):
        return UNKNOWN
    return invoke(
        m, called.bind(instance), Arguments(given.positional, keywords, given.complete), place
    )


def _build(m: Machine, build: Function, given: Arguments, place: Place) -> None:
    from .flow import Raised

    first = (
        given.positional[0] if given.positional else next(iter(given.keywords.values()), UNKNOWN)
    )
    required = [p for p in build.node.parameters if p.default is None and p.kind == "positional"]
    shapes: list[Value] = [layers.shape_value(first)]
    if len(required) > 2:
        shapes = [layers.shape_value(v) for v in (*given.positional, *given.keywords.values())]
        shapes = (shapes + [UNKNOWN] * len(required))[: len(required) - 1]
    with contextlib.suppress(Raised):
        invoke(m, build, Arguments(tuple(shapes)), place)


def call_method(m: Machine, owner: Value, name: str, given: Arguments, place: Place) -> Value:
    match owner:
        case Tensor() if name.startswith("at.") and m.library is not None:
            return m.library.updated(owner, name.removeprefix("at."))
        case Tensor() if m.library is not None:
            return m.library.method(m, owner, name, given, place)
        case Tensor():
            return tensors.method(m, owner, name, given.positional, place)
        case Layer(symbol) if m.library is not None and m.library.knows(symbol):
            return m.library.layer_method(m, owner, name, given, place)
        case Fixed(of=RecordType() as kind):
            found = records.tuple_method(owner, kind, name, given)
            return python_method(m, owner, name, given) if found is None else found
        case RecordType() | ClassValue():
            return records.made_of(m, owner, given) if name == "_make" else UNKNOWN
        case Listing() | Mapped() | Fixed() | Const():
            return python_method(m, owner, name, given)
        case Layer() | Graph() | Stack():
            return layers.method(m, owner, name, given, place)
        case Instance():
            return _instance_method(m, owner, name, given, place)
        case Super(_, Instance() as instance):
            if name == "__init__":
                models.base_init(m, instance, given, place)
                return NONE
            if name in ("build", "__setattr__"):
                return NONE
            return _instance_method(m, instance, name, given, place)
        case Function() if name == "get_concrete_function":
            return _concrete(m, owner, given, place)
        case Api():
            # `tf.function(...)` given later, `.experimental_...`
            return given.positional[0] if len(given.positional) == 1 else UNKNOWN
        case _:
            forget(m, given)
            return UNKNOWN


def _concrete(m: Machine, function: Function, given: Arguments, place: Place) -> Value:
    """`f.get_concrete_function(spec)` follows f for such a tensor."""

    def meant(value: Value) -> Value:
        return value.tensor if isinstance(value, Spec) else value

    positional = tuple(rebuilt(v, meant) for v in given.positional)
    keywords = {k: rebuilt(v, meant) for k, v in given.keywords.items()}
    invoke(m, function, Arguments(positional, keywords, given.complete), place)
    return function


def _instance_method(
    m: Machine, owner: Instance, name: str, given: Arguments, place: Place
) -> Value:
    """A method that a Keras base class gives."""
    if name in ("add_weight", "add_variable"):
        dtype = policies.weight_dtype(m, owner, given.keywords.get("dtype", NONE))
        return natives.add_weight(m, given, place, dtype)
    if name == "call" or name == "__call__":
        graph = owner.attributes.get("__graph__") or owner.attributes.get("__stack__")
        if isinstance(graph, (Graph, Stack)):
            return layers.apply(m, graph, given, place)
        return UNKNOWN
    stack = owner.attributes.get("__stack__")
    if name == "add" and isinstance(stack, Stack):
        return layers.method(m, stack, name, given, place)
    if name == "build" and Api("keras.Model") in _bases(owner.cls) and given.positional:
        x = models.input_tensor(m, given.positional[0], None, place)
        if x.dims is not None:
            call_instance(m, owner, Arguments((x,)), place)
        return NONE
    return UNKNOWN


def call_symbol(m: Machine, symbol: str, given: Arguments, place: Place) -> Value:
    """A call of an API function that was a value: parameters by position are those of the rule."""
    record = m.rules.for_symbol(symbol)
    if not isinstance(record, Rule) or not given.complete:
        forget(m, given)
        return UNKNOWN
    names = [p.name for p in record.parameters]
    if record.symbol != symbol or len(given.positional) > len(names):
        return UNKNOWN
    bound = dict(zip(names, given.positional, strict=False)) | dict(given.keywords)
    return call_api(m, symbol, bound, Arguments(), place)


def call_api(
    m: Machine, symbol: str, bound: Mapping[str, Value], extra: Arguments, place: Place
) -> Value:
    """A call of an API function or class, its arguments bound by name."""
    native = natives.NATIVE.get(symbol)
    if native is not None:
        return native(m, natives.Request(symbol, bound, extra, place))
    record = m.rules.for_symbol(symbol)
    if (isinstance(record, Rule) and record.kind == "layer") or _is_layer(symbol):
        arguments = {**bound, **extra.keywords}
        if not extra.complete:
            arguments["**"] = UNKNOWN
        return Layer(symbol, arguments, place)
    values = (*bound.values(), *extra.positional, *extra.keywords.values())
    forget_all = Arguments(values)
    if not isinstance(record, Rule) or not extra.complete:
        if not isinstance(record, Rule):
            forget(m, forget_all)
        return UNKNOWN
    arguments = dict(bound)
    if extra.positional:
        free = [p.name for p in record.parameters if p.type.kind == "list" and p.name not in bound]
        if not free:
            return UNKNOWN
        arguments[free[0]] = Fixed(extra.positional)
    arguments |= extra.keywords
    binding = m.headings.bind(record, symbol, arguments)
    if binding is None:
        return UNKNOWN
    sizes = size_vectors.result(record.symbol, binding)
    if sizes is not None:
        return sizes
    if record.gives is None or record.kind in ("initializer", "regularizer", "constraint"):
        return UNKNOWN
    native_tensors.precheck(m, record, binding, place)
    merges = symbol.startswith("keras.layers.")
    site = Site(place, None, merges, vectors=symbol.startswith("keras.ops."))
    found = result(m, record, binding, site)
    return _from_keras(symbol, found, binding.values())


def _from_keras(symbol: str, found: Value, given: Iterable[Value]) -> Value:
    """In Keras' own operations shapes are tuples, and dtypes follow rules of promotion."""
    if not symbol.startswith(("keras.ops.", "keras.backend.")):
        return found
    if symbol == "keras.ops.shape":
        return Fixed(found.items) if isinstance(found, Fixed) else UNKNOWN
    if not isinstance(found, Tensor):
        return found
    tensors = [v for a in given for v in (a, *(items_of(a) or ())) if isinstance(v, Tensor)]
    if found.dtype == "bool":
        certain = all(t.dtype != "bool" for t in tensors)
    else:
        certain = found.dtype == "float32" and all(t.dtype in NARROW for t in tensors)
    return found if certain else replace(found, dtype=None)


def _is_layer(symbol: str) -> bool:
    """Layers that no rule knows are layers all the same: what they give is not known."""
    owner, _, name = symbol.rpartition(".")
    return owner in ("keras.layers", "keras.layers.experimental") and name[:1].isupper()
