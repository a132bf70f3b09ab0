"""What functions are called with: seen calls, and guesses where none is seen."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from ....ir.dims import Dim, Variable
from ....ir.nodes import (
    Argument,
    Attribute,
    Call,
    FunctionDef,
    Name,
    Node,
    OpCall,
    Subscript,
    walk,
)
from ....rules.language.records import Rule
from ..machine import Machine
from ..text import type_text
from ..values import (
    UNKNOWN,
    Arguments,
    Fixed,
    Function,
    Instance,
    Listing,
    Mapped,
    Size,
    Tensor,
    Value,
    entries_of,
    items_of,
)
from .compare import is_lost

MOST_CONTEXTS = 3
RANKS = (4, 3, 2, 1, 5)


@dataclass(frozen=True, slots=True)
class Entry:
    """One way to call: arguments by parameter, and those that the object was made with. `guess`:
    no call is known, the ranks are tried."""

    given: Mapping[str, Value]
    made: Mapping[str, Value] | None = None
    guess: str = ""
    taken: tuple[str, ...] = ()


def frozen(value: Value) -> Value:
    """The value with its lists as they are now."""
    match value:
        case Fixed(items=items):
            return Fixed(tuple(frozen(v) for v in items), value.shape)
        case Listing():
            items = items_of(value)
            return Listing({"items": None if items is None else tuple(frozen(v) for v in items)})
        case Mapped():
            entries = entries_of(value)
            inner = None if entries is None else {k: frozen(v) for k, v in entries.items()}
            return Mapped({"items": inner})
        case _:
            return value


def named(function: Function, given: Arguments) -> dict[str, Value] | None:
    """Arguments by parameter, without `self` and defaults; None when they do not fit plainly."""
    parameters = list(function.node.parameters)
    if function.owner is not None:
        parameters = parameters[1:]
    if not given.complete:
        return None
    slots = [p.name for p in parameters if p.kind == "positional"]
    if len(given.positional) > len(slots):
        return None
    found = dict(zip(slots, given.positional, strict=False)) | dict(given.keywords)
    return {k: frozen(v) for k, v in found.items()}


@dataclass(slots=True)
class Recorder:
    """Listens to the analysis of the source."""

    machine: Machine
    made: dict[int, tuple[Instance, dict[str, Value]]] = field(
        default_factory=dict[int, tuple[Instance, dict[str, Value]]]
    )
    entries: dict[int, list[Entry]] = field(default_factory=dict[int, list[Entry]])
    seen: set[tuple[int, str]] = field(default_factory=set[tuple[int, str]])

    def __call__(self, called: Value, given: Arguments) -> None:
        from ..definitions import find_member

        if isinstance(called, Instance):
            init = find_member(called.cls, "__init__")
            if isinstance(init, Function):
                arguments = named(init.bind(called), given)
                if arguments is not None:
                    self.made[id(called)] = called, arguments
            elif not given.positional:
                self.made[id(called)] = called, dict(given.keywords)
            return
        if not isinstance(called, Function) or self.machine.muted or called.node.span is None:
            return
        arguments = named(called, given)
        if arguments is None or not called.node.parameters:
            return
        if not any(map(has_tensor, arguments.values())) and not all(
            map(is_known, arguments.values())
        ):
            return
        own: dict[str, Value] | None = None
        if called.owner is not None:
            known = self.made.get(id(called.owner))
            if known is None:
                return
            own = known[1]
        self._note(id(called.node), opened(self.machine, Entry(arguments, own)))

    def _note(self, node: int, entry: Entry) -> None:
        found = self.entries.setdefault(node, [])
        signature = (node, repr(_signature(entry.given)))
        if len(found) < MOST_CONTEXTS and signature not in self.seen:
            self.seen.add(signature)
            found.append(entry)


def opened(m: Machine, entry: Entry) -> Entry:
    """The entry with sizes that were lost on the way left open under a name of their own, and
    unknown dtypes taken to be float32."""
    table: dict[Hashable, Dim] = {}
    taken: list[str] = []

    def replaced(variable: Variable) -> Dim | None:
        if not is_lost(variable.expression):
            return None
        if variable.key not in table:
            table[variable.key] = m.solver.fresh(f"N{len(table) + 1}")
        return table[variable.key]

    def of(name: str, value: Value) -> Value:
        match value:
            case Tensor(dims=dims) if dims is not None:
                if value.dtype is None:
                    taken.append(f"`{name}` is float32")
                sizes = tuple(d.substitute(replaced) for d in dims)
                return replace(value, dims=sizes, dtype=value.dtype or "float32")
            case Fixed(items=items):
                return Fixed(tuple(of(name, v) for v in items), value.shape)
            case Listing():
                items = items_of(value)
                if items is None:
                    return value
                return Listing({"items": tuple(of(name, v) for v in items)})
            case _:
                return value

    given = {k: of(k, v) for k, v in entry.given.items()}
    return replace(entry, given=given, taken=tuple(dict.fromkeys(taken)))


def has_tensor(value: Value) -> bool:
    """Whether a tensor of known rank is in it."""
    if isinstance(value, Tensor):
        return value.dims is not None
    inner = items_of(value) or tuple((entries_of(value) or {}).values())
    return any(map(has_tensor, inner))


def is_known(value: Value) -> bool:
    """Whether something is known of the value."""
    match value:
        case Size(sure=sure):
            return sure
        case Tensor(dims=dims):
            return dims is not None
        case Fixed() | Listing():
            return all(map(is_known, items_of(value) or (UNKNOWN,)))
        case _:
            return value != UNKNOWN


def _signature(given: Mapping[str, Value]) -> list[object]:
    return [(k, v.rank if isinstance(v, Tensor) else type_text(v)) for k, v in given.items()]


def tensor_parameters(m: Machine, node: FunctionDef, hints: tuple[str, ...]) -> tuple[str, ...]:
    """Required parameters that are used as arrays."""
    required = [p.name for p in node.parameters if p.default is None and p.kind == "positional"]
    if hints:
        return tuple(n for n in required if n in hints)
    used = {name for s in node.body for name in _used_as_tensors(m, s)}
    return tuple(n for n in required if n in used)


def _used_as_tensors(m: Machine, node: Node) -> Iterator[str]:
    for inner in walk(node):
        match inner:
            case OpCall(symbol=symbol, bound=bound):
                rule = m.rules.for_symbol(symbol)
                if not isinstance(rule, Rule):
                    continue
                for name, value in bound.items():
                    parameter = rule.parameter(name)
                    if isinstance(value, Name) and parameter and parameter.type.is_tensor:
                        yield value.id
            case Call(function=OpCall(), arguments=(Argument(value=Name(id=name)), *_)):
                yield name
            case Call(
                function=Attribute(value=Name(id="self")),
                arguments=(Argument(value=Name(id=name)), *_),
            ):
                yield name
            case Attribute(value=Name(id=name), attribute="shape" | "get_shape" | "dtype"):
                yield name
            case Subscript(value=Name(id=name), index=index) if not isinstance(index, Name):
                yield name
            case _:
                pass


def guesses(
    m: Machine, names: tuple[str, ...], rest: Mapping[str, Value], made: Mapping[str, Value] | None
) -> Iterator[Entry]:
    """Arrays of one rank for all parameters that are arrays."""
    for rank in RANKS:
        for dtype in ("float32", "int32"):
            arrays = {n: _array(m, rank, dtype, n if len(names) > 1 else "") for n in names}
            shown = " and ".join(f"`{n}`" for n in names)
            text = f"{shown} of rank {rank}, {dtype}"
            yield Entry({**rest, **arrays}, made, text)


def _array(m: Machine, rank: int, dtype: str, name: str) -> Tensor:
    letters = {1: "N", 2: "BN", 3: "BLC", 4: "BHWC", 5: "BDHWC"}[rank]
    suffix = f"_{name}" if name else ""
    dims = tuple(m.solver.fresh(f"{c}{suffix if c != 'B' else ''}") for c in letters)
    return Tensor(dims, dtype)
