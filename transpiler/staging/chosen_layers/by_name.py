"""Layer classes and functions chosen by a string.

`eval(activation)`, `getattr(layers, norm)`, `TABLE[kind]`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....ir.nodes import (
    Argument,
    Attribute,
    Binary,
    Call,
    ClassDef,
    Constant,
    Dict,
    Expression,
    FormattedString,
    FunctionDef,
    Lambda,
    Name,
    OpCall,
    Reference,
    Subscript,
    Symbol,
    Unhandled,
    walk,
)
from ...shapes.shapes import UNKNOWN
from ..evaluation.expressions import composite, evaluate, known
from ..frame import Frame, Result, join_all, sequence_item
from ..layers import applying
from ..nodes import ModuleRead, Pending
from ..plans import Definition
from ..sites import ByNameTarget, Site, attribute_hint
from ..values import (
    Api,
    ByName,
    Defined,
    Mapped,
    Sequence,
    Static,
    Tensor,
    Unknown,
    Value,
    is_dynamic,
)
from .layer_tables import LayerTable, LayerTables
from .passed_classes import build_alike, common_plan, source_parameters
from .registries import registered
from .visible_names import api_module, members, visible_values

if TYPE_CHECKING:
    from ..program import Program

_CALLABLE = (Api, Defined)


def tables(program: Program) -> LayerTables:
    if program.layer_tables is None:
        program.layer_tables = LayerTables(program)
    return program.layer_tables


# ------------------------------------------------------------------------------------------- values


def lookup_call(frame: Frame, node: Call) -> Result | None:
    """`eval(name)` and `getattr(module, name)`: a static string chooses among known objects."""
    match node:
        case Call(
            function=Name(id="eval"), arguments=(Argument(value=text, star="", keyword=None),)
        ):
            return _eval(frame, node, text)
        case Call(
            function=Name(id="getattr"),
            arguments=(
                Argument(value=Symbol(path=path)),
                Argument(value=name, star="", keyword=None),
            ),
        ):
            return _chosen(frame, node, name, "", path)
        case _:
            return None


def _eval(frame: Frame, node: Call, text: Expression) -> Result | None:
    prefix, name = split_text(text)
    owner, _, start = prefix.rpartition(".")
    path = api_module(frame.program, frame.module, owner) if owner else None
    if name is None or start or (owner and path is None):
        return None
    return _chosen(frame, node, name, owner, path)


def _chosen(
    frame: Frame, node: Call, name: Expression, owner: str, path: str | None
) -> Result | None:
    program = frame.program
    result = evaluate(frame, name)
    if is_dynamic(result.value) or result.static is None:
        return None
    constant = known(result.value)
    if path is None:
        candidates = visible_values(program, frame.module)
    elif constant is not None and isinstance(constant.value, str):
        candidates: dict[str, Value] = {constant.value: Api(f"{path}.{constant.value}")}
    else:
        candidates = members(program, path)
    code = composite(frame, node, Static())
    wanted = constant.value if constant is not None else None
    if isinstance(wanted, str) and wanted in candidates:
        value = candidates[wanted]
        return Result(value, value_code(value), value_code(value))
    if not candidates:
        return None
    program.translated(frame, node.span, "by-name")
    value = ByName(result.static, result.dynamic, candidates)
    return Result(value, code.dynamic, code.static)


def value_code(value: Value) -> Expression:
    match value:
        case Api(symbol=symbol):
            return Symbol(symbol)
        case Defined(definition=definition):
            return Reference(definition.module, definition.name)
        case _:
            return Constant(None)


def split_text(text: Expression) -> tuple[str, Expression | None]:
    """Prefix and expression: `"layers." + x`, `f"layers.{x}"`, `"layers.{}".format(x)`, or `x`."""
    match text:
        case FormattedString(parts=(Constant(value=str() as prefix), name), formats=(_, "")):
            return prefix, name
        case FormattedString(parts=(name,), formats=("",)):
            return "", name
        case Binary(operator="+", left=Constant(value=str() as prefix), right=name):
            return prefix, name
        case Call(
            function=Attribute(value=Constant(value=str() as pattern), attribute="format"),
            arguments=(Argument(value=name, keyword=None, star=""),),
        ) if pattern.endswith("{}") and pattern.count("{") == 1:
            return pattern[:-2], name
        case Call() | Binary() | FormattedString():
            return "", None
        case _:
            return "", text


def _is_function(program: Program, value: Value) -> bool:
    match value:
        case Api(symbol=symbol):
            return not program.is_layer(symbol) and program.rules.for_symbol(symbol) is not None
        case Defined(definition=definition):
            return isinstance(definition.node, FunctionDef) and not program.creates(definition.node)
        case _:
            return False


def table_entry(frame: Frame, node: Subscript, table: Value, index: Result) -> ByName | None:
    """`TABLE[kind]` of a dict of layer classes or functions, when the key is not known."""
    if not isinstance(table, Mapped) or is_dynamic(index.value):
        return None
    if index.static is None:
        # In a call only functions can be chosen.
        entries, program = table.entries, frame.program
        if not entries or not all(_is_function(program, v) for v in entries.values()):
            return None
        return ByName(index.dynamic, index.dynamic, entries, None, explicit=True)
    if not table.entries and isinstance(node.value, Reference):
        table = registered(frame.program, node.value.module, node.value.name)
        if table.entries and all(isinstance(v, Defined) for v in table.entries.values()):
            return ByName(index.static, index.dynamic, table.entries, None, explicit=True)
    if not table.entries:
        return None
    if not all(isinstance(v, _CALLABLE) for v in table.entries.values()):
        return None
    origin = (node.value.module, node.value.name) if isinstance(node.value, Reference) else None
    return ByName(index.static, index.dynamic, table.entries, origin, explicit=True)


# -------------------------------------------------------------------------------------------- calls


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
    site = Site(ByNameTarget(table, chosen.name, given), node.span, hint, loop=frame.loop)
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


# -------------------------------------------------------------------------------------- application


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
    size: Expression | None = None
    if table.needs_size:
        size = given.static if given is not None else None
        if size is None:
            size = program.unknown_size(frame, node, table.name, "in_features")
    applying.ensure_built(frame, site, construct(frame, target, size))
    module = applying.module_read(frame, site, callee.dynamic)
    kept = [Argument(r.dynamic, a.keyword, a.star) for a, r in arguments if a.keyword != "training"]
    value: Value = given.value if given is not None else Tensor()
    if not table.keeps_shape and given is not None:
        value = tables(program).result(table, given)
    return _sized(value, Call(module, tuple(kept)))


def construct(frame: Frame, target: ByNameTarget, size: Expression | None) -> Expression:
    """The call that builds the layer: `layer_by_name(name, ...)`, or `TABLE[name](...)`."""
    table, program = target.table, frame.program
    arguments: list[Argument] = [] if table.is_dict else [Argument(target.name)]
    if table.needs_size:
        arguments.append(Argument(size if size is not None else Constant(None)))
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
    size = None
    if target.table.needs_size:
        size = frame.program.unknown_size(frame, target.name, target.table.name, "in_features")
    return construct(frame, target, size)
