"""Functions that choose among layers: `norm_layer_factory(name)` returns a class, a partial
application or a lambda that builds the layer.

All that such a function returns is brought to one form, a function of the input's last size and a
generator, as far as any of its layers needs them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from ....ir.dims import Dim
from ....ir.nodes import (
    Argument,
    Call,
    Constant,
    Expression,
    If,
    Lambda,
    Name,
    OpCall,
    Parameter,
    Return,
    Statement,
    replace_node,
)
from ...shapes.shapes import Shape
from ..evaluation.expressions import evaluate, known
from ..frame import Frame, Result
from ..sites import FactoryTarget, Site, attribute_hint
from ..values import Api, Closure, Defined, LayerFactory, Mapped, Tensor, Value
from .layer_tables import INPUT, SIZE, Entry, mentions

if TYPE_CHECKING:
    from ..layers.applying import Evaluated

IGNORED = frozenset({"name", "dtype", "trainable", "autocast"})
RNGS = "rngs"


@dataclass(slots=True, eq=False)
class _Choice:
    """One `return`: the layer it stands for."""

    statement: Return
    entry: Entry
    keeps_shape: bool


def returns_factory(frame: Frame, value: Value) -> bool:
    """`return` of something that builds a layer, in a function that takes no tensors."""
    if frame.kind != "split" or frame.plan is None or frame.plan.tensors or frame.inputs:
        return False
    if frame.self_name is not None or not isinstance(value, (Api, Defined, Closure)):
        return False
    found = _entry(frame, value)
    if found is None:
        return False
    entry, keeps = found
    statement = Return(entry.code)
    choices = cast("list[_Choice]", frame.plan.details.setdefault("choices", []))
    choices.append(_Choice(statement, entry, keeps))
    frame.emit_init(statement)
    frame.returns.append(value)
    return True


def _entry(frame: Frame, value: Value) -> tuple[Entry, bool] | None:
    from .by_name import tables

    program = frame.program
    probe = Tensor(Shape(None, Dim.named(SIZE)), "float32")
    program.facts.record(INPUT, probe)
    given = Result(probe, INPUT, Name(SIZE))
    maker, bound = value, dict[str, Expression]()
    if isinstance(value, Closure):
        applied = _body_of(frame, value)
        if applied is None:
            return None
        maker, bound = applied
    match maker:
        case Api(symbol=symbol) if program.is_layer(symbol):
            trial = frame.trial()
            made = tables(program).layer(trial, symbol, bound, given)
            return None if made is None else (made[0], _same_shape(made[1], probe))
        case Defined(definition=definition):
            entry = tables(program).layer_class(definition, bound)
            if entry is None:
                return None
            result = program.plan(definition).result
            return entry, _same_shape(result, probe)
        case _:
            return None


def _same_shape(value: Value, probe: Tensor) -> bool:
    return isinstance(value, Tensor) and value.shape.size(-1) == probe.shape.size(-1)


def _body_of(frame: Frame, closure: Closure) -> tuple[Value, dict[str, Expression]] | None:
    """`lambda **kwargs: Layer(a=1, **kwargs)`: the layer, and its arguments."""
    node = closure.definition
    if not isinstance(node, Lambda) or any(p.kind != "kwargs" for p in node.parameters):
        return None
    own = {p.name for p in node.parameters}
    maker: Value
    match node.body:
        case OpCall(symbol=symbol, bound=bound, extra=extra):
            maker = Api(symbol)
            arguments = [*(Argument(v, k) for k, v in bound.items()), *extra]
        case Call(function=function, arguments=given):
            maker = evaluate(frame, function).value
            arguments = list(given)
        case _:
            return None
    found: dict[str, Expression] = {}
    positional: list[Argument] = []
    for argument in arguments:
        if argument.star == "**":
            if isinstance(argument.value, Name) and argument.value.id in own:
                continue
            entries = evaluate(frame, argument.value).value
            if not isinstance(entries, Mapped):
                return None
            for key, item in entries.entries.items():
                constant = known(item)
                if constant is None or not isinstance(key, str):
                    return None
                found[key] = Constant(constant.value)
        elif argument.keyword is None or argument.star:
            positional.append(argument)
        elif argument.keyword not in IGNORED:
            result = evaluate(frame, argument.value)
            found[argument.keyword] = result.static or result.dynamic
    if positional:
        return None
    return maker, found


def close(frame: Frame) -> LayerFactory | None:
    """All that the function returns builds layers: every `return` takes the same arguments."""
    plan = frame.plan
    if plan is None:
        return None
    choices = cast("list[_Choice]", plan.details.get("choices", []))
    if not choices or len(choices) != len(frame.returns):
        return None
    codes = [c.entry.code for c in choices]
    wanted = tuple(n for n in (SIZE, RNGS) if any(mentions(code, n) for code in codes))
    parameters = tuple(Parameter(n) for n in wanted)
    final = {
        id(c.statement): replace_node(c.statement, value=Lambda(parameters, c.entry.code))
        for c in choices
    }
    frame.init = _replaced(frame.init, final)
    modes = frozenset[str]().union(*(c.entry.modes for c in choices))
    hint = plan.definition.name.removesuffix("_factory").removeprefix("get_")
    return LayerFactory(wanted, all(c.keeps_shape for c in choices), modes, hint)


def _replaced(body: list[Statement], final: dict[int, Return]) -> list[Statement]:
    result: list[Statement] = []
    for statement in body:
        match statement:
            case Return():
                result.append(final.get(id(statement), statement))
            case If(then=then, otherwise=otherwise):
                new = _replaced(list(then), final), _replaced(list(otherwise), final)
                result.append(replace_node(statement, then=tuple(new[0]), otherwise=tuple(new[1])))
            case _:
                result.append(statement)
    return result


# --------------------------------------------------------------------------------------------- uses


def call_factory(frame: Frame, node: Call, factory: LayerFactory, callee: Result) -> Result:
    """`norm_layer(name="norm")`: a layer, sized when it is applied."""
    from ..layers import applying

    others = [a for a in node.arguments if a.keyword not in IGNORED]
    name = next((a.value for a in node.arguments if a.keyword == "name"), None)
    if others:
        message = "a layer that a function chose takes arguments that its alternatives may lack"
        hint = "pass the arguments to the function that chooses"
        code = frame.program.unhandled(frame, node, "TJ2005", message, hint, node.span)
        return Result(Tensor(), code, None)
    static = callee.static if callee.static is not None else callee.dynamic
    hint = attribute_hint(factory.hint, name)
    site = Site(FactoryTarget(factory, static), node.span, hint, loop=frame.loop)
    return applying.created(frame, site, node)


def apply_factory(
    frame: Frame,
    site: Site,
    target: FactoryTarget,
    node: Call,
    callee: Result,
    arguments: Evaluated,
) -> Result:
    from ..layers import applying

    given = arguments[0][1]
    size = given.static
    if size is None and SIZE in target.factory.parameters:
        size = frame.program.unknown_size(frame, node, target.factory.hint, SIZE)
    applying.ensure_built(frame, site, _construct(frame, target, size))
    module = applying.module_read(frame, site, callee.dynamic)
    value = given.value if target.factory.keeps_shape else Tensor()
    return Result(
        value,
        Call(module, (Argument(given.dynamic),)),
        given.static if target.factory.keeps_shape else None,
    )


def unapplied(frame: Frame, site: Site, target: FactoryTarget) -> Expression:
    size: Expression | None = None
    if SIZE in target.factory.parameters:
        where = Constant(None, span=site.span)
        size = frame.program.unknown_size(frame, where, target.factory.hint, SIZE)
    return _construct(frame, target, size)


def _construct(frame: Frame, target: FactoryTarget, size: Expression | None) -> Expression:
    wanted = target.factory.parameters
    arguments: list[Argument] = []
    if SIZE in wanted:
        arguments.append(Argument(size if size is not None else Constant(None)))
    if RNGS in wanted:
        arguments.append(Argument(Name(RNGS), RNGS))
        frame.program.uses_rngs(frame)
    if target.factory.modes:
        frame.program.has_modes(frame, set(target.factory.modes))
    return Call(target.static, tuple(arguments))
