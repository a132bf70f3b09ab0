"""Classes of layers that callers pass as arguments: `block(8)` where `block` is a parameter; and
functions that build and apply layers: `block(x, 8)`.

What a parameter may be is looked up in the project: its default, and what calls pass. Classes that
take the same sizes are built alike, whichever it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ....ir.keys import key
from ....ir.names import target_names
from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    AugmentedAssign,
    Call,
    ClassDef,
    Conditional,
    Constant,
    Expression,
    For,
    FunctionDef,
    Generator,
    Name,
    Node,
    OpCall,
    Parameter,
    Reference,
    Symbol,
    walk,
)
from ....rules.language.records import Rule
from ..evaluation.expressions import evaluate
from ..frame import Frame, Result
from ..layers import applying
from ..plans import Definition, Plan
from ..sites import LayerTarget, PlanTarget, Site
from ..uses import exporting
from ..values import (
    Api,
    Defined,
    Elementwise,
    Instance,
    Known,
    Passed,
    Static,
    Unknown,
    Value,
    is_dynamic,
)

if TYPE_CHECKING:
    from ..program import Program

Found = dict[object, Value]


def parameter_value(program: Program, definition: Definition, parameter: Parameter) -> Value | None:
    """What is known of a parameter that is called, if callers pass classes of layers, or if its
    default is an activation."""
    if parameter.kind in ("varargs", "kwargs") or not _is_called(definition, parameter.name):
        return None
    if parameter.default is not None and _is_activation(program, parameter.default):
        return Elementwise()
    found = _passed(program, definition, parameter.name, set())
    none = found.pop(None, None) is not None
    layer = _one_layer(parameter, list(found.values()), none) or _one_model(
        parameter, list(found.values())
    )
    if layer is not None:
        return layer
    if found and all(_keeps_shape(program, v) for v in found.values()):
        return Elementwise()
    for makes in (_makes_layer, _is_graph_function):
        passed = [v for v in found.values() if makes(program, v)]
        if passed and len(passed) == len(found):
            return Passed(tuple(passed))
    return None


def _one_layer(parameter: Parameter, found: list[Value], optional: bool) -> Instance | None:
    """The layer of Keras that callers have made and pass, where that is one kind; `optional`: some
    pass None."""
    from ..uses import outside

    targets = [v.site.target for v in found if isinstance(v, Instance)]
    ops = [t.static for t in targets if isinstance(t, LayerTarget)]
    if not ops or len(ops) < len(found) or len({op.symbol for op in ops}) > 1:
        return None
    site = outside.passed_layer(ops[0], parameter.name)
    return Instance(site, optional=optional)


def _keeps_shape(program: Program, value: Value) -> bool:
    """Whether this is an activation, or a layer that is no more than one."""
    match value:
        case Api(symbol=symbol):
            return _is_activation(program, Symbol(symbol))
        case Instance(site=Site(target=LayerTarget(static=op))):
            return program.bridge.is_elementwise(op)
        case _:
            return False


def _one_model(parameter: Parameter, found: list[Value]) -> Instance | None:
    """The model that one function of the project makes, where callers pass no other."""
    targets = [v.site.target for v in found if isinstance(v, Instance)]
    plans = [t.plan for t in targets if isinstance(t, PlanTarget)]
    if not plans or len(plans) < len(found) or any(p is not plans[0] for p in plans):
        return None
    made: dict[str, object] = {"construct": Constant(None), "sized": True}
    details: dict[str, object] = {"passed": True, "bound": {}, **made}
    target = PlanTarget(plans[0], (), ())
    return Instance(Site(target, None, parameter.name, details=details, stored=True))


def _is_called(definition: Definition, name: str) -> bool:
    """Whether code calls the parameter, or an attribute that holds it."""
    node = definition.node
    attributes = {name, f"_{name}"} if isinstance(node, ClassDef) else set[str]()
    if isinstance(node, ClassDef):
        attributes |= set(_holders(node, name))
    for inner in walk(node):
        match inner:
            case Call(function=Name(id=called)) if called == name:
                return True
            case Call(function=Attribute(value=Name(), attribute=called)) if called in attributes:
                return True
            case _:
                pass
    return False


def _holders(node: ClassDef, name: str) -> Iterator[str]:
    """The attributes that are given the parameter."""
    for inner in walk(node):
        match inner:
            case Assign(targets=(Attribute(attribute=attribute),), value=Name(id=given)) if (
                given == name
            ):
                yield attribute
            case _:
                pass


def _is_activation(program: Program, code: Expression) -> bool:
    """Whether this is a function of one tensor that gives a tensor of the same shape."""
    record = program.rules.for_symbol(code.path) if isinstance(code, Symbol) else None
    if not isinstance(record, Rule) or record.kind == "layer" or record.gives is None:
        return False
    required = [p for p in record.parameters if p.default is None]
    return len(required) == 1 and record.gives.function == "same"


def _makes_layer(program: Program, value: Value) -> bool:
    match value:
        case Api(symbol=symbol):
            return program.is_layer(symbol)
        case Defined(definition=definition):
            node = definition.node
            return isinstance(node, ClassDef) and program.is_module_class(node, definition.module)
        case _:
            return False


def _is_graph_function(program: Program, value: Value) -> bool:
    """Whether this is a function that builds layers and applies them to tensors."""
    if not isinstance(value, Defined) or not isinstance(value.definition.node, FunctionDef):
        return False
    plan = program.plan(value.definition)
    return plan.kind == "class" and bool(plan.tensors)


# ----------------------------------------------------------------------------------------- callers


def source_parameters(node: FunctionDef | ClassDef) -> tuple[Parameter, ...]:
    """The parameters of a function, or of the constructor of a class."""
    if isinstance(node, FunctionDef):
        return node.parameters
    for member in node.body:
        if isinstance(member, FunctionDef) and member.name == "__init__":
            return member.parameters[1:]
    return ()


def _passed(
    program: Program, definition: Definition, name: str, seen: set[tuple[str, str, str]]
) -> Found:
    """All that a parameter may be, by what it is; what is not known counts, too."""
    asked = (definition.module, definition.name, name)
    if asked in seen:
        return {}
    seen.add(asked)
    parameters = source_parameters(definition.node)
    names = [p.name for p in parameters if p.kind in ("positional", "positional_only")]
    found: Found = {}
    for parameter in parameters:
        if parameter.name == name and parameter.default is not None:
            found |= _meant(program, definition, parameter.default, seen)
    for caller, call in _calls(program, definition):
        for index, argument in enumerate(call.arguments):
            given = argument.keyword or (names[index] if index < len(names) else None)
            if given == name and not argument.star:
                found |= _meant(program, caller, argument.value, seen)
    return found


def _calls(program: Program, definition: Definition) -> Iterator[tuple[Definition | None, Call]]:
    """The calls of a definition in the project, with the definition that they stand in."""
    for module, given in program.modules.items():
        for statement in given.tree.body:
            caller = None
            if isinstance(statement, (FunctionDef, ClassDef)):
                caller = program.definition(module, statement.name)
            for node in walk(statement):
                match node:
                    case Call(function=Reference(module=owner, name=name)) if (
                        owner == definition.module and name == definition.name
                    ):
                        yield caller, node
                    case _:
                        pass


def _meant(
    program: Program,
    caller: Definition | None,
    code: Expression,
    seen: set[tuple[str, str, str]],
) -> Found:
    match code:
        case Constant(value=None):
            return {None: Static(Known(None))}
        case Symbol(path=path):
            return {path: Api(path)}
        case Reference(module=module, name=name):
            definition = program.definition(module, name)
            if definition is not None:
                return {(module, name): Defined(definition)}
            return {key(code): Unknown()}
        case Conditional(then=then, otherwise=otherwise):
            first = _meant(program, caller, then, seen)
            return first | _meant(program, caller, otherwise, seen)
        case Call(function=Reference(module=module, name=name)):
            definition = program.definition(module, name)
            made = None if definition is None else _model(program, definition)
            return {key(code): Unknown()} if made is None else {(module, name): made}
        case OpCall() if program.is_layer(code.symbol):
            return {code.symbol: _made(code)}
        case Attribute(value=Name(id="self"), attribute=name) if caller is not None:
            made = [
                inner.value
                for inner in _constructor(caller.node)
                if isinstance(inner, Assign) and _is_own(inner.targets, name)
            ]
            if len(made) == 1 and isinstance(made[0], OpCall):
                return _meant(program, caller, made[0], seen)
            return {key(code): Unknown()}
        case Name(id=name) if caller is not None:
            values = list(_assigned(caller.node, name))
            found: Found = {}
            if any(p.name == name for p in source_parameters(caller.node)):
                found |= _passed(program, caller, name, seen)
            elif not values:
                return {key(code): Unknown()}
            for value in values:
                unknown = isinstance(value, Name) and value.id == name
                found |= {key(code): Unknown()} if unknown else _meant(program, caller, value, seen)
            return found
        case _:
            return {key(code): Unknown()}


def _assigned(node: FunctionDef | ClassDef, name: str) -> Iterator[Expression]:
    """What is assigned to a local variable; the variable itself where no expression says it."""
    for inner in walk(node):
        match inner:
            case Assign(targets=(Name(id=target),), value=value):
                if target == name:
                    yield value
            case Assign(targets=targets) if any(name in target_names(t) for t in targets):
                yield Name(name)
            case For(target=target) | AugmentedAssign(target=target) | Generator(target=target):
                if name in target_names(target):
                    yield Name(name)
            case _:
                pass


def _model(program: Program, definition: Definition) -> Instance | None:
    """What a function makes that builds a graph of its own."""
    node = definition.node
    if not isinstance(node, FunctionDef) or not program.scan.creates(node):
        return None
    plan = program.plan(definition)
    given = {p.name for p in node.parameters}
    if plan.kind != "class" or any(t.name in given for t in plan.tensors):
        return None
    return Instance(Site(PlanTarget(plan, (), ()), None, ""))


def _made(op: OpCall) -> Instance:
    return Instance(Site(LayerTarget(op, op), op.span, ""))


def _constructor(node: FunctionDef | ClassDef) -> Iterator[Node]:
    for member in node.body:
        if isinstance(member, FunctionDef) and member.name == "__init__":
            yield from walk(member)


def _is_own(targets: tuple[Expression, ...], name: str) -> bool:
    match targets:
        case (Attribute(value=Name(id="self"), attribute=attribute),):
            return attribute == name
        case _:
            return False


# ------------------------------------------------------------------------------------------- calls


def call_passed(frame: Frame, node: Call, passed: Passed, callee: Result) -> Result | None:
    """A layer of whichever class the caller has passed; None where it is no layer that is built."""
    from ..calling.calls import call_value

    arguments = [(a, evaluate(frame, a.value)) for a in node.arguments]
    if any(is_dynamic(r.value) for _, r in arguments):
        return _apply_passed(frame, node, passed, callee, arguments)
    if len(passed.candidates) == 1 and isinstance(passed.candidates[0], Api):
        # Nothing else is ever passed.
        symbol = Symbol(passed.candidates[0].symbol)
        return call_value(frame, node, Result(passed.candidates[0], symbol, symbol))
    plan = common_plan(frame.program, passed.candidates)
    if plan is None:
        return _unlike(frame, node)
    return build_alike(frame, node, plan, callee, arguments)


def _apply_passed(
    frame: Frame,
    node: Call,
    passed: Passed,
    callee: Result,
    arguments: list[tuple[Argument, Result]],
) -> Result | None:
    """A graph function that the caller has passed: it is a class now, built and applied here."""
    from ..uses.definitions import call_graph_function

    if not all(_is_graph_function(frame.program, v) for v in passed.candidates):
        return None
    plan = common_plan(frame.program, passed.candidates)
    if plan is None or plan.kind != "class":
        return _unlike(frame, node)
    return call_graph_function(frame, plan, node, callee, arguments, passed=True)


def build_alike(
    frame: Frame,
    node: Call,
    plan: Plan,
    callee: Result,
    arguments: list[tuple[Argument, Result]],
) -> Result:
    """A layer of one of several classes that are built alike: `callee` is the class."""
    from ..uses.call_arguments import bind, constructor_arguments

    bound, rest = bind(plan, arguments)
    static, dynamic = constructor_arguments(plan, bound, rest)
    function = callee.static or callee.dynamic
    hint = node.function.id if isinstance(node.function, Name) else "block"
    hint = hint.removesuffix("_cls").removesuffix("_class").strip("_") or "block"
    target = PlanTarget(plan, static, dynamic, function)
    site = Site(target, node.span, hint, loop=frame.loop)
    site.details["bound"] = bound
    return applying.created(frame, site, node)


def common_plan(program: Program, candidates: tuple[Value, ...]) -> Plan | None:
    """The plan of classes whose constructors take the same sizes; None if they differ."""
    defined = [v.definition for v in candidates if isinstance(v, Defined)]
    if not defined or len(defined) < len(candidates):
        return None
    plans = [program.plan(definition) for definition in defined]
    first, *others = plans
    for plan in others:
        if [s.name for s in plan.sizes] != [s.name for s in first.sizes]:
            return None
        if plan.needs_rngs != first.needs_rngs:
            return None
        if [t.name for t in plan.tensors] != [t.name for t in first.tensors]:
            return None
    if not others:
        return first
    names = {p.name for p in first.parameters}.intersection(
        *({p.name for p in plan.parameters} for plan in others)
    )
    return replace(
        first,
        parameters=[p for p in first.parameters if p.name in names],
        dropped=set[str]().union(*(p.dropped for p in plans)) - names,
        modes=set[str]().union(*(p.modes for p in plans)),
        result=exporting.joined(plans),
        details={**first.details, exporting.ALTERNATIVES: plans},
    )


def _unlike(frame: Frame, node: Call) -> Result:
    code = frame.program.unhandled(
        frame,
        node,
        "TJ2005",
        "the classes that callers pass here are built in different ways",
        "give their constructors the same arguments, or build the layer where the class is known",
        node.span,
    )
    return Result(Unknown(), code, code)
