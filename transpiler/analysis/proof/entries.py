"""What functions are called with: seen calls, and guesses where none is seen."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
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
from ..definitions import find_member
from ..machine import Machine
from ..solver import is_free_number
from ..structures import is_tensorless, leaves, rebuilt, same
from ..text import dim_text, type_text
from ..values import (
    UNKNOWN,
    Arguments,
    Fixed,
    Function,
    Instance,
    Listing,
    Size,
    Tensor,
    Value,
    items_of,
)
from .compare import is_lost

MOST_CONTEXTS = 3
MOST_NOTED = 12
RUN = "the sizes that a run was observed to have"
RANKS = (4, 3, 2, 1, 5)


@dataclass(frozen=True, slots=True)
class Entry:
    """One way to call: arguments by parameter, and those that the object was made with. `guess`:
    no call is known, the ranks are tried."""

    given: Mapping[str, Value]
    made: Mapping[str, Value] | None = None
    guess: str = ""
    taken: tuple[str, ...] = ()
    # Some sizes were lost on the way to the call.
    lost: bool = False
    # A call of the program, with arguments that are known, or a signature.
    called: bool = False


def frozen(value: Value) -> Value:
    """The value with its lists as they are now."""
    return rebuilt(value, same)


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


def made_with(owner: Value) -> dict[str, Value] | None:
    """The arguments by name that an object was made with."""
    if not isinstance(owner, Instance) or owner.given is None:
        return None
    init = find_member(owner.cls, "__init__")
    if isinstance(init, Function):
        return named(init.bind(owner), owner.given)
    return None if owner.given.positional else dict(owner.given.keywords)


@dataclass(slots=True)
class Recorder:
    """Listens to the analysis of the source. `tensorless`: the entries, and the nodes of functions
    that were followed on their own, whose result has no tensor in it, by identity."""

    machine: Machine
    entries: dict[int, list[Entry]] = field(default_factory=dict[int, list[Entry]])
    tensorless: set[int] = field(default_factory=set[int])
    seen: set[tuple[int, str]] = field(default_factory=set[tuple[int, str]])

    def called(self, function: Value, given: Arguments) -> Entry | None:
        called = function
        if not isinstance(called, Function) or self.machine.muted or called.node.span is None:
            return None
        arguments = named(called, given)
        if arguments is None or not called.node.parameters:
            return None
        if not any(map(has_tensor, arguments.values())) and not all(
            map(is_known, arguments.values())
        ):
            return None
        own: dict[str, Value] | None = None
        if called.owner is not None:
            own = made_with(called.owner)
            if own is None:
                return None
        taken = (RUN,) if self.machine.observing else ()
        entry = Entry(arguments, own, taken=taken)
        return self._note(id(called.node), entry)

    def gave(self, note: object, found: Value) -> None:
        if note is not None and is_tensorless(found):
            self.tensorless.add(id(note))

    def alone(self, function: Value, found: Value) -> None:
        if isinstance(function, Function) and is_tensorless(found):
            self.tensorless.add(id(function.node))

    def _note(self, node: int, entry: Entry) -> Entry | None:
        found = self.entries.setdefault(node, [])
        if len(found) >= MOST_NOTED:
            return None
        entry = opened(self.machine, entry)
        signature = (node, repr(_signature(entry.given)))
        if signature in self.seen:
            return None
        self.seen.add(signature)
        found.append(entry)
        return entry

    def chosen(self, node: int) -> list[Entry] | None:
        """A few calls of a function: those with arguments that are known, if there are any. Others
        come from functions of which the analysis knows no call. None if there are none; those that
        give no tensor are left out."""
        found = self.entries.get(node)
        if not found:
            return None
        known = [e for e in found if not is_open(e)]
        chosen = [e for e in (known or found)[:MOST_CONTEXTS] if id(e) not in self.tensorless]
        return [replace(e, called=True) for e in chosen] if known else chosen


def is_open(entry: Entry) -> bool:
    """Whether an argument is left to whoever calls."""
    values = (*entry.given.values(), *(entry.made or {}).values())
    return entry.lost or not all(map(is_known, values)) or any(map(_is_chosen, values))


def _is_chosen(value: Value) -> bool:
    """Whether a size depends on a number that a caller chooses."""
    dims = [d for v in leaves(value) if isinstance(v, Tensor) for d in v.dims or ()]
    return any(is_free_number(v) for d in dims for v in d.atoms())


def opened(m: Machine, entry: Entry) -> Entry:
    """The entry with sizes that were lost on the way left open under a name of their own, and
    unknown dtypes taken to be float32."""
    table: dict[Hashable, Dim] = {}
    taken: list[str] = []

    def renamed(variable: Variable) -> Dim | None:
        if not is_lost(variable.expression):
            return None
        if variable.key not in table:
            table[variable.key] = m.solver.fresh(f"N{len(table) + 1}")
        return table[variable.key]

    def of(name: str) -> Callable[[Value], Value]:
        def leaf(value: Value) -> Value:
            if not isinstance(value, Tensor) or value.dims is None:
                return value
            if value.dtype is None:
                taken.append(f"`{name}` is float32")
            sizes = tuple(d.substitute(renamed) for d in value.dims)
            return replace(value, dims=sizes, dtype=value.dtype or "float32")

        return leaf

    given = {k: rebuilt(v, of(k)) for k, v in entry.given.items()}
    lost = len(table) > 0
    return replace(entry, given=given, taken=(*entry.taken, *dict.fromkeys(taken)), lost=lost)


def pinned(entry: Entry, pins: Mapping[Hashable, int]) -> Entry:
    """The entry with some sizes as numbers, which its guess then says."""
    names: dict[str, int] = {}

    def number(variable: Variable) -> Dim | None:
        known = pins.get(variable.key)
        if known is None:
            return None
        names[dim_text(Dim.atom(variable))] = known
        return Dim.of(known)

    def leaf(value: Value) -> Value:
        if not isinstance(value, Tensor) or value.dims is None:
            return value
        return replace(value, dims=tuple(d.substitute(number) for d in value.dims))

    given = {k: rebuilt(v, leaf) for k, v in entry.given.items()}
    shown = "".join(f", {name} = {n}" for name, n in names.items())
    return replace(entry, given=given, guess=entry.guess + shown)


def has_tensor(value: Value) -> bool:
    """Whether a tensor of known rank is in it."""
    return any(isinstance(v, Tensor) and v.dims is not None for v in leaves(value))


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
    m: Machine,
    names: tuple[str, ...],
    rest: Mapping[str, Value],
    made: Mapping[str, Value] | None,
    ranks: Mapping[str, int],
) -> Iterator[Entry]:
    """Arrays for these parameters: of the ranks that the code asks for, and of one rank for all
    others: of floats first."""
    names = tuple(dict.fromkeys((*names, *ranks)))
    tried = RANKS if any(n not in ranks for n in names) else RANKS[:1]
    for dtype in ("float32", "int32"):
        for other in tried:
            chosen = {n: ranks.get(n, other) for n in names}
            arrays = {
                n: _array(m, rank, dtype, n if len(names) > 1 else "") for n, rank in chosen.items()
            }
            yield Entry({**rest, **arrays}, made, f"{_ranks_text(chosen)}, {dtype}")


def _ranks_text(ranks: Mapping[str, int]) -> str:
    together: dict[int, list[str]] = {}
    for name, rank in ranks.items():
        together.setdefault(rank, []).append(f"`{name}`")
    parts = (f"{' and '.join(names)} of rank {rank}" for rank, names in together.items())
    return " and ".join(parts)


def _array(m: Machine, rank: int, dtype: str, name: str) -> Tensor:
    letters = {1: "N", 2: "BN", 3: "BLC", 4: "BHWC", 5: "BDHWC"}.get(rank, "N" * rank)
    suffix = f"_{name}" if name else ""
    dims = tuple(m.solver.fresh(f"{c}{suffix if c != 'B' else ''}") for c in letters)
    return Tensor(dims, dtype)
