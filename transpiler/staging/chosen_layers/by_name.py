"""Layer classes and functions chosen by a string.

`eval(activation)`, `getattr(layers, norm)`, `TABLE[kind]`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....ir.nodes import (
    Argument,
    Attribute,
    Call,
    ClassDef,
    Constant,
    Dict,
    Expression,
    Lambda,
    Name,
    OpCall,
    Reference,
    Subscript,
    Unhandled,
    walk,
)
from ...shapes.shapes import UNKNOWN
from ..evaluation.expressions import composite, evaluate
from ..frame import Frame, Result
from ..joined_values import join_all, sequence_item
from ..layers import applying
from ..nodes import ModuleRead, Pending
from ..plans import Definition
from ..sites import ByNameTarget, Site, attribute_hint
from ..uses.plan_inputs import size_argument
from ..values import Api, ByName, Defined, Sequence, Tensor, Unknown, Value, is_dynamic
from .layer_tables import SHAPE, SIZE, LayerTable, LayerTables
from .passed_classes import build_alike, common_plan
from .passed_values import source_parameters

if TYPE_CHECKING:
    from ..program import Program
from .lookups import value_code


def tables(program: Program) -> LayerTables:
    if program.layer_tables is None:
        program.layer_tables = LayerTables(program)
    return program.layer_tables


def call_by_name(frame: Frame, node: Call, chosen: ByName) -> Result:
    """With static arguments a layer is built, with tensors a function is called."""
    arguments = [(a, evaluate(frame, a.value)) for a in node.arguments]
    if any(is_dynamic(r.value) for _, r in arguments):
        return _call_functions(frame, node, chosen, [r for _, r in arguments])
    # Of what a string may mean, everything in sight, most has nothing to do with this call.
    alike = None
    if chosen.explicit:
        alike = common_plan(frame.program, tuple(chosen.candidates.values()))
    if alike is not None:
        callee = evaluate(frame, node.function)
        if callee.static is not None:
            return build_alike(frame, node, alike, callee, arguments)
    arguments = _named(frame, chosen, arguments)
    given: dict[str, Result] = {}
    name: Expression | None = None
    for argument, result in arguments:
        if argument.keyword == "name":
            name = argument.value
        elif argument.keyword is None or argument.star:
            return _unknown(frame, node, "positional arguments of a layer chosen by name")
        else:
            given[argument.keyword] = result
    table = tables(frame.program).table(frame.module, chosen, given)
    if not table.entries or (chosen.explicit and len(table.entries) < len(chosen.candidates)):
        return _unknown(frame, node, "no layer is known that it can mean and its input can size")
    hint = attribute_hint(_hint_symbol(chosen), name)
    callee = node.function if isinstance(node.function, Name) and frame.kind == "init" else None
    target = ByNameTarget(table, chosen.name, given, callee)
    site = Site(target, node.span, hint, loop=frame.loop)
    return applying.created(frame, site, node)


def _named(
    frame: Frame, chosen: ByName, arguments: list[tuple[Argument, Result]]
) -> list[tuple[Argument, Result]]:
    """Positional arguments by name, where all that can be meant have the same names for them."""
    count = sum(a.keyword is None and not a.star for a, _ in arguments)
    if count == 0:
        return arguments
    found = {tuple(_parameters(frame.program, v)[:count]) for v in chosen.candidates.values()}
    names = next(iter(found)) if len(found) == 1 else ()
    if len(names) < count or any(a.star for a, _ in arguments):
        return arguments
    result: list[tuple[Argument, Result]] = []
    for index, (argument, value) in enumerate(arguments):
        keyword = argument.keyword or names[index]
        result.append((Argument(argument.value, keyword), value))
    return result


def _parameters(program: Program, value: Value) -> list[str]:
    match value:
        case Api(symbol=symbol):
            signature = program.api.signature(symbol)
            return [p.name for p in signature.positional] if signature is not None else []
        case Defined(definition=definition):
            # From the source: what a string may mean includes the definition at hand.
            return [p.name for p in source_parameters(definition.node) if p.kind == "positional"]
        case _:
            return []


def _hint_symbol(chosen: ByName) -> str:
    match chosen.name:
        case Name(id=name) | Attribute(attribute=name):
            return name
        case _:
            return "layer"


def _unknown(frame: Frame, node: Call, why: str) -> Result:
    message = f"what is called is chosen by a string: {why}"
    hint = "name the layer in the code"
    code = frame.program.unhandled(frame, node, "TJ2005", message, hint, node.span)
    dynamic = any(is_dynamic(evaluate(frame, a.value).value) for a in node.arguments)
    return Result(Tensor() if dynamic else Unknown(), code, None)


def _call_functions(frame: Frame, node: Call, chosen: ByName, arguments: list[Result]) -> Result:
    """`chosen(tensors)`: a dict of the calls that may be meant, each under its name."""
    first = _first_tensor(arguments)
    outcomes: dict[str, Result] = {}
    for name, candidate in chosen.candidates.items():
        outcome = _tried(frame, node, candidate)
        if outcome is not None:
            outcomes[name] = outcome
    alike = {n: r for n, r in outcomes.items() if first is not None and keeps_shape(r.value, first)}
    if not chosen.explicit and alike:
        outcomes = alike
    if not outcomes:
        return _unknown(frame, node, "no rule covers a function that can be meant here")
    value = join_all(r.value for r in outcomes.values())
    if len(outcomes) == len(chosen.candidates) and all(not a.keyword for a in node.arguments):
        # The table has functions of the same tensors.
        plain = composite(frame, node, value)
        if chosen.explicit and frame.kind != "split":
            return _sized(value, plain.dynamic)
    calls = tuple(Lambda((), r.dynamic) for r in outcomes.values())
    choices = Dict(tuple(Constant(n) for n in outcomes), calls)
    return _sized(value, Call(Subscript(choices, chosen.read), ()))


def _sized(value: Value, code: Expression) -> Result:
    size = value.shape.size(-1) if isinstance(value, Tensor) else None
    return Result(value, code, None if size is None else size.to_expression())


def _tried(frame: Frame, node: Call, candidate: Value) -> Result | None:
    """The call with one candidate as its callee; None if that cannot be meant."""
    from ..calling.calls import call_value

    program = frame.program
    match candidate:
        case Api(symbol=symbol):
            if program.is_layer(symbol) or program.rules.for_symbol(symbol) is None:
                return None
        case Defined(definition=Definition(node=body)):
            if isinstance(body, ClassDef) or program.creates(body):
                return None
        case _:
            pass
    trial = frame.trial()
    trial.memo = dict(frame.memo)
    code = value_code(candidate)
    result = call_value(
        trial, Call(code, node.arguments, span=node.span), Result(candidate, code, code)
    )
    if trial.sites or not isinstance(result.value, Tensor):
        return None
    if any(isinstance(n, (Unhandled, Pending, ModuleRead, OpCall)) for n in walk(result.dynamic)):
        return None
    return result


def _first_tensor(arguments: list[Result]) -> Tensor | None:
    for result in arguments:
        match result.value:
            case Tensor() as value:
                return value
            case Sequence() as value:
                item = value.items[0] if value.items else sequence_item(value)
                if isinstance(item, Tensor):
                    return item
            case _:
                pass
    return None


def keeps_shape(value: Value, given: Tensor) -> bool:
    return (
        isinstance(value, Tensor)
        and value.shape.size(-1) == given.shape.size(-1)
        and value.shape.rank == given.shape.rank
        and value.shape != UNKNOWN
    )


def apply_by_name(
    frame: Frame,
    site: Site,
    target: ByNameTarget,
    node: Call,
    callee: Result,
    arguments: applying.Evaluated,
) -> Result:
    """The chosen layer is applied; one that is built from its input's size gets it."""
    table, program = target.table, frame.program
    given = arguments[0][1] if arguments else None
    applying.ensure_built(frame, site, construct(frame, target, _sizes(frame, table, node, given)))
    module = applying.module_read(frame, site, callee.dynamic)
    kept = [Argument(r.dynamic, a.keyword, a.star) for a, r in arguments if a.keyword != "training"]
    value: Value = given.value if given is not None else Tensor()
    if not table.keeps_shape and given is not None:
        value = tables(program).result(table, target.given, given)
    return _sized(value, Call(module, tuple(kept)))


def _sizes(
    frame: Frame, table: LayerTable, node: Expression, given: Result | None
) -> list[Expression]:
    """The sizes of the input that the layers of the table are built from."""
    told = {
        SIZE: given.static if given is not None else None,
        SHAPE: size_argument(given, None) if given is not None else None,
    }
    codes = [(name, told[name]) for name in table.sizes]
    return [
        frame.program.unknown_size(frame, node, table.name, name) if code is None else code
        for name, code in codes
    ]


def construct(frame: Frame, target: ByNameTarget, sizes: list[Expression]) -> Expression:
    """The call that builds the layer: `layer_by_name(name, ...)`, or `TABLE[name](...)`."""
    table, program = target.table, frame.program
    arguments: list[Argument] = [] if table.is_dict else [Argument(target.name)]
    arguments += [Argument(code) for code in sizes]
    for name in table.parameters:
        arguments.append(Argument(_static(target.given[name]), name))
    if table.needs_rngs:
        arguments.append(applying.RNGS)
        program.uses_rngs(frame)
    if table.modes:
        program.has_modes(frame, table.modes)
    function: Expression = Name(table.name)
    if table.is_dict:
        function = Subscript(_dict_reference(table), target.name)
        if target.callee is not None and not table.extra:
            function = target.callee
        if table.of_functions:
            return function
    return Call(function, tuple(arguments))


def _dict_reference(table: LayerTable) -> Expression:
    assert table.origin is not None
    return Name(table.name) if table.extra else Reference(*table.origin)


def _static(result: Result) -> Expression:
    return result.static if result.static is not None else result.dynamic


def unapplied(frame: Frame, target: ByNameTarget) -> Expression:
    """The constructor call where the input's size is not told."""
    return construct(frame, target, _sizes(frame, target.table, target.name, None))
