"""Tables of the layers that a name may stand for.

One function for each module that looks layers up by name, or the source's own dict with
constructors in place of classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ....ir.dims import Dim
from ....ir.keys import key
from ....ir.nodes import (
    Argument,
    Assign,
    Call,
    ClassDef,
    Constant,
    Dict,
    Expression,
    ExpressionStatement,
    FunctionDef,
    Lambda,
    Name,
    OpCall,
    Parameter,
    Reference,
    Return,
    Statement,
    Subscript,
    Symbol,
    walk,
)
from ...rewrite.model import Refused
from ...shapes.shapes import Shape
from ..evaluation.expressions import known
from ..frame import Frame, Result
from ..joined_values import join_all
from ..plans import Definition
from ..sites import LayerTarget, PlanTarget, Site, unique_name
from ..values import Api, ByName, Defined, Static, Tensor, Value

if TYPE_CHECKING:
    from ..program import Program

SIZE, SHAPE = "in_features", "in_shape"
INPUT = Name("x")


@dataclass(frozen=True, slots=True)
class Entry:
    """One layer: code that builds it from `in_features`, `in_shape` and `rngs`; without state, the
    function."""

    code: Expression
    stateful: bool
    modes: frozenset[str] = frozenset()
    candidate: Value = field(default_factory=Static)


@dataclass(slots=True, eq=False)
class LayerTable:
    """`origin` is the dict of the source that the table replaces; `extra`: a variant of it for
    other arguments.

    `parameters` are the static arguments that callers pass on.
    """

    module: str
    name: str
    entries: dict[Any, Entry]
    parameters: tuple[str, ...]
    given: Mapping[str, Expression]
    keeps_shape: bool
    origin: tuple[str, str] | None = None
    extra: bool = False

    @property
    def is_dict(self) -> bool:
        return self.origin is not None

    @property
    def of_functions(self) -> bool:
        """Whether the entries are the layers themselves: functions that nothing configures."""
        return not self.parameters and not any(e.stateful for e in self.entries.values())

    @property
    def sizes(self) -> list[str]:
        """What of the input's sizes the layers are built from."""
        return [name for name in (SIZE, SHAPE) if self._mentions(name)]

    @property
    def needs_rngs(self) -> bool:
        return self._mentions("rngs")

    @property
    def modes(self) -> set[str]:
        return set[str]().union(*(e.modes for e in self.entries.values()))

    def _mentions(self, name: str) -> bool:
        return any(mentions(e.code, name) for e in self.entries.values())


class LayerTables:
    """The tables of one compilation, by what they choose among."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._tables: dict[object, LayerTable] = {}

    def table(self, module: str, chosen: ByName, given: Mapping[str, Result]) -> LayerTable:
        """The table for a call of `chosen` with these static arguments."""
        bound: dict[str, Expression] = {}
        parameters: list[str] = []
        for name, result in given.items():
            constant = known(result.value)
            code = result.static if result.static is not None else result.dynamic
            if constant is None:
                parameters.append(name)
                code = Name(name)
                self._program.facts.record(code, result.value)
            bound[name] = code
        origin = chosen.origin if chosen.origin is not None and chosen.origin[0] == module else None
        arguments = tuple(sorted((n, key(c)) for n, c in bound.items()))
        identity = (module, chosen.origin, tuple(map(str, chosen.candidates)), arguments)
        found = self._tables.get(identity)
        if found is None:
            others = [t for t in self._tables.values() if t.module == module]
            extra = any(t.origin == origin for t in others) if origin is not None else False
            wanted = origin[1] if origin is not None else "layer_by_name"
            taken = {t.name for t in others} | {d.name for d in self._program.definitions(module)}
            name = wanted if origin is not None and not extra else unique_name(wanted, taken)
            found = LayerTable(
                module,
                name,
                self._entries(module, chosen, bound),
                tuple(parameters),
                bound,
                not chosen.explicit,
                origin,
                extra,
            )
            self._tables[identity] = found
        return found

    def of(self, module: str) -> list[LayerTable]:
        return [t for t in self._tables.values() if t.module == module]

    def result(self, table: LayerTable, arguments: Mapping[str, Result], given: Result) -> Value:
        """What any of the layers, made with these static arguments, makes of an input."""
        frame = Frame(self._program, table.module, "split", probing=True)
        values: list[Value] = []
        for entry in table.entries.values():
            match entry.candidate:
                case Api(symbol=symbol):
                    made = self.layer(frame, symbol, table.given, given)
                    values.append(made[1] if made is not None else Tensor())
                case Defined(definition=definition):
                    values.append(self._class_result(table, definition, arguments, given))
                case _:
                    values.append(Tensor())
        return join_all(values)

    def _class_result(
        self,
        table: LayerTable,
        definition: Definition,
        arguments: Mapping[str, Result],
        given: Result,
    ) -> Value:
        from ..uses.applied_plans import default_result, plan_result

        plan = self._program.plan(definition)
        frame = Frame(self._program, table.module, "plain", probing=True)
        target = PlanTarget(plan, (), ())
        site = Site(target, None, "layer")
        bound = {n: (Argument(r.static or r.dynamic, n), r) for n, r in arguments.items()}
        site.details["bound"] = bound
        inputs = {plan.tensors[0].name: given}
        return plan_result(frame, site, target, {}, inputs, default_result(plan))

    # -- entries

    def _entries(
        self, module: str, chosen: ByName, bound: Mapping[str, Expression]
    ) -> dict[Any, Entry]:
        frame = Frame(self._program, module, "split", probing=True)
        probe = Tensor(Shape(None, Dim.named(SIZE)), "float32")
        self._program.facts.record(INPUT, probe)
        given = Result(probe, INPUT, Name(SIZE))
        entries: dict[Any, Entry] = {}
        for name, candidate in chosen.candidates.items():
            match candidate:
                case Api(symbol=symbol) if self._program.is_layer(symbol):
                    made = self.layer(frame, symbol, bound, given)
                    if made is not None and (chosen.explicit or made[1] == probe):
                        entries[name] = made[0]
                case Defined(definition=definition):
                    entry = self.layer_class(definition, bound)
                    if entry is not None and (chosen.explicit or self._keeps(definition)):
                        entries[name] = entry
                case _:
                    pass
        return entries

    def layer(
        self, frame: Frame, symbol: str, bound: Mapping[str, Expression], given: Result
    ) -> tuple[Entry, Value] | None:
        """A layer of the API, if it takes these arguments and its input's last size is enough."""
        program = self._program
        named, extra = program.bind(symbol, tuple(Argument(c, n) for n, c in bound.items()))
        op = OpCall(symbol, named, extra, Symbol(symbol))
        record = program.bridge.record(op)
        required = [p for p in record.inputs if p.default is None] if record is not None else []
        if record is None or extra or len(required) != 1 or required[0].type.kind == "list":
            return None
        asked: list[str] = []

        def unknown(size: str) -> Expression:
            asked.append(size)
            return Constant(None)

        target = LayerTarget(op, op)
        site = Site(target, None, "layer")
        try:
            applied = program.bridge.apply(frame, site, target, [given], {}, unknown)
        except KeyError:
            # A layer whose input is no single tensor.
            return None
        if isinstance(applied, Refused) or asked:
            return None
        modes = frozenset[str]() if record.mode is None else frozenset({record.mode})
        if applied.construct is None:
            return Entry(as_callable(applied.code(None)), False, modes, Api(symbol)), applied.value
        marker = Name("module")
        match applied.code(marker):
            case Call(function=Name(id="module"), arguments=(Argument(Name(id="x"), None),)):
                return Entry(applied.construct, True, modes, Api(symbol)), applied.value
            case _:
                return None

    def layer_class(self, definition: Definition, bound: Mapping[str, Expression]) -> Entry | None:
        """A layer class of the project."""
        program = self._program
        node = definition.node
        if not isinstance(node, ClassDef) or not program.is_module_class(node, definition.module):
            return None
        plan = program.plan(definition)
        names = {p.name for p in plan.parameters}
        own = [p for p in plan.parameters if p.kind not in ("varargs", "kwargs")]
        required = {p.name for p in own if p.default is None}
        if required - bound.keys() or bound.keys() - names or not plan.tensors:
            return None
        first = plan.tensors[0].name
        told = [s for s in plan.sizes if s.tensor == first and not s.path and s.axis in (-1, None)]
        if any(s not in told and not s.optional for s in plan.sizes):
            return None
        sizes = tuple(
            Argument(Name(SHAPE if s.axis is None else SIZE), s.name if s.optional else None)
            for s in told
        )
        static = tuple(Argument(c, n) for n, c in bound.items())
        rngs = (Argument(Name("rngs"), "rngs"),) if plan.needs_rngs else ()
        code = Call(Reference(definition.module, definition.name), (*sizes, *static, *rngs))
        return Entry(code, True, frozenset(plan.modes), Defined(definition))

    def _keeps(self, definition: Definition) -> bool:
        """Whether a class says so in `compute_output_shape`, or its result shows it."""
        node = definition.node
        for method in node.body:
            match method:
                case FunctionDef(name="compute_output_shape", parameters=(_, shape, *_)):
                    returns = [s.value for s in method.body if isinstance(s, Return)]
                    return any(isinstance(r, Name) and r.id == shape.name for r in returns)
                case _:
                    pass
        result = self._program.plan(definition).result
        return isinstance(result, Tensor) and result.shape.size(-1) == Dim.named(SIZE)


def mentions(code: Expression, name: str) -> bool:
    return any(isinstance(n, Name) and n.id == name for n in walk(code))


def as_callable(code: Expression) -> Expression:
    """Code over `x` as a function: `relu(x)` is `relu`, `f(x, a=1)` a partial application."""
    match code:
        case Name(id="x"):
            return Lambda((Parameter("x"),), code)
        case Call(function=function, arguments=(Argument(Name(id="x"), None, ""), *rest)):
            if any(mentions(part, "x") for part in (function, *(a.value for a in rest))):
                return Lambda((Parameter("x"),), code)
            if not rest:
                return function
            if all(a.keyword for a in rest):
                return Call(Symbol("functools.partial"), (Argument(function), *rest))
        case _:
            pass
    return Lambda((Parameter("x"),), code)


# --------------------------------------------------------------------------------------- statements


def table_statement(table: LayerTable) -> Statement:
    """The definition of a table."""
    if table.is_dict:
        parameters = (
            *(Parameter(n) for n in table.sizes),
            *(Parameter(n) for n in table.parameters),
            *((Parameter("rngs"),) if table.needs_rngs else ()),
        )
        return Assign((Name(table.name),), _display(table, parameters))
    parameters = [Parameter(n) for n in ("name", *table.sizes, *table.parameters)]
    if table.needs_rngs:
        annotation = Symbol("flax.nnx.Rngs")
        parameters.append(Parameter("rngs", annotation=annotation, kind="keyword_only"))
    text = "The layer called `name`."
    if SIZE in table.sizes:
        text = f"The layer called `name`, for inputs with `{SIZE}` features."
    chosen: Expression = Subscript(Name("table"), Name("name"))
    return FunctionDef(
        table.name,
        tuple(parameters),
        (
            ExpressionStatement(Constant(text)),
            Assign((Name("table"),), _display(table, ())),
            Return(chosen if table.of_functions else Call(chosen, ())),
        ),
    )


def _display(table: LayerTable, parameters: tuple[Parameter, ...]) -> Dict:
    codes = (e.code for e in table.entries.values())
    values = codes if table.of_functions else (_constructor(parameters, code) for code in codes)
    return Dict(tuple(Constant(n) for n in table.entries), tuple(values))


def _constructor(parameters: tuple[Parameter, ...], code: Expression) -> Expression:
    match code:
        case Call(function=Reference() as function, arguments=()) if not parameters:
            return function
        case _:
            return Lambda(parameters, code)


def with_tables(program: Program, module: str, body: list[Statement]) -> list[Statement]:
    """The body with the tables it uses: dicts where they were, functions before their first use."""
    made = program.layer_tables.of(module) if program.layer_tables is not None else []
    replaced = {t.name: t for t in made if t.is_dict and not t.extra}
    pending = [t for t in made if not t.is_dict or t.extra]
    result: list[Statement] = []
    for statement in body:
        for table in list(pending):
            if any(isinstance(n, Name) and n.id == table.name for n in walk(statement)):
                pending.remove(table)
                result.append(table_statement(table))
        result.append(_with_dict(statement, replaced))
    return result


def _with_dict(statement: Statement, replaced: Mapping[str, LayerTable]) -> Statement:
    from ....ir.nodes import replace_node

    match statement:
        case Assign(targets=(Name(id=name) | Reference(name=name),)) if name in replaced:
            display = table_statement(replaced[name])
            assert isinstance(display, Assign)
            return replace_node(statement, value=display.value)
        case _:
            return statement
