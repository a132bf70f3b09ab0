"""Functions and methods that make layers and return them: the layers are sized where they are used.

A builder takes the sizes of the inputs as its first arguments (`in_features`) and a generator as
its last. A call is complete once the layer it returned has been applied: `BuilderUse` collects the
sizes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from ....ir.dims import Dim
from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Call,
    Expression,
    FunctionDef,
    Name,
    Node,
    OpCall,
    Parameter,
    Reference,
    map_children,
    walk,
)
from ...shapes.shapes import Shape
from ..class_definitions.class_state import ClassState, current_state
from ..control_flow.statements import run_body
from ..frame import Frame, Result, join_all
from ..layers import applying
from ..nodes import BuilderCall, Pending
from ..plans import Definition, Plan, SizeParameter
from ..sites import ChoiceTarget, LayerTarget, PlanTarget, SequentialTarget, Site, unique_name
from ..values import Choice, Instance, Mapped, SelfReference, Sequence, Static, Tensor, Value
from ..values_at_rest import translate_parameters
from .body_names import assigned_names, names_read
from .function_output import RNGS
from .parameters import static_value
from .plain_functions import rebuilt_function

if TYPE_CHECKING:
    from ..program import Program


@dataclass(slots=True, eq=False)
class BuilderUse:
    """One call of a builder."""

    plan: Plan
    function: Expression
    arguments: tuple[Argument, ...]
    sizes: dict[str, Expression] = field(default_factory=dict[str, Expression])
    chain: tuple[str, Dim, Dim] | None = None  # called in a loop that carries a size


def holds_sites(value: Value) -> bool:
    match value:
        case Instance():
            return True
        case Sequence(items=items, item=item):
            parts = [*(items or ()), *([item] if item is not None else [])]
            return any(holds_sites(p) for p in parts)
        case Mapped(entries=entries):
            return any(holds_sites(v) for v in entries.values())
        case Choice(then=then, otherwise=otherwise):
            return holds_sites(then) or holds_sites(otherwise)
        case _:
            return False


# -------------------------------------------------------------------------------------------- ports


def open_ports(program: Program, frame: Frame, plan: Plan, returned: Value) -> None:
    """Each layer in the result gets a plan of its own: which sizes it asks of the caller, and what
    it makes of an input."""
    ports: dict[Site, Plan] = {}
    plan.details["ports"] = ports
    sites = list(dict.fromkeys(_sites(returned)))
    for site in sites:
        name = unique_name("in_features", {s.name for p in ports.values() for s in p.sizes})
        ports[site] = _port(program, frame, plan, site, name)
    plan.sizes = [s for port in ports.values() for s in port.sizes]


def _sites(value: Value) -> list[Site]:
    match value:
        case Instance(site=site):
            return [site]
        case Sequence(items=items, item=item):
            parts = [*(items or ()), *([item] if item is not None else [])]
            return [s for p in parts for s in _sites(p)]
        case Mapped(entries=entries):
            return [s for v in entries.values() for s in _sites(v)]
        case Choice(then=then, otherwise=otherwise):
            return [*_sites(then), *_sites(otherwise)]
        case _:
            return []


def _port(program: Program, frame: Frame, plan: Plan, site: Site, name: str) -> Plan:
    port = Plan(plan.definition, "builder", plan.name, finished=True)
    port.parameters = plan.parameters
    port.details["all_parameters"] = plan.parameters
    port.tensors = [Parameter("x")]
    if not _takes_one(program, site):
        port.result = Tensor()
        return port
    shape_name = name.replace("features", "shape")
    x = Name("x")
    value = Tensor(Shape(None, Dim.named(name), Name(shape_name)))
    program.facts.record(x, value)
    as_callable(site)
    modes, plan.modes = plan.modes, set()
    result = apply_unbound(frame, site, Result(value, x, Name(name)))
    port.modes, plan.modes = set(plan.modes), plan.modes | modes
    port.result = result.value
    reads = set(_names(Pending(site)))
    for wanted, axis in ((name, -1), (shape_name, None)):
        if wanted in reads:
            port.sizes.append(SizeParameter(wanted, "x", axis))
    return port


def _takes_one(program: Program, site: Site) -> bool:
    match site.target:
        case LayerTarget(static=op):
            record = program.bridge.record(op)
            inputs = [p for p in record.inputs if p.default is None] if record is not None else []
            return len(inputs) == 1 and inputs[0].type.kind != "list"
        case PlanTarget(plan=plan):
            return len([t for t in plan.tensors if t.default is None]) == 1
        case _:
            return True


def as_callable(site: Site) -> None:
    """A layer together with what Flax applies beside it (an activation) is one callable."""
    match site.target:
        case LayerTarget() | ChoiceTarget():
            inner = Site(site.target, site.span, site.hint, site.loop)
            inner.details |= site.details
            site.target = SequentialTarget([inner])
            site.details["single"] = True
        case _:
            pass


def apply_unbound(frame: Frame, site: Site, x: Result) -> Result:
    """A site applied where it is not stored yet, for its sizes."""
    site.stored = True
    reader = Pending(site)
    argument = Argument(x.dynamic)
    call = Call(reader, (argument,), span=site.span)
    return applying.apply_evaluated(
        frame, site, call, Result(Instance(site), reader, None), [(argument, x)]
    )


def _names(code: Node) -> list[str]:
    found: list[str] = []
    for node in walk(code):
        match node:
            case Name(id=name):
                found.append(name)
            case Pending(site=site) if isinstance(site.details.get("construct"), Expression):
                found += _names(site.details["construct"])
            case _:
                pass
    return found


# --------------------------------------------------------------------------------------------- uses


def use(
    frame: Frame,
    plan: Plan,
    function: Expression,
    node: Call,
    arguments: list[tuple[Argument, Result]],
) -> Result:
    """A call of a builder: its result with each layer in terms of this call."""
    from ..uses.call_arguments import bind, constructor_arguments

    bound, rest = bind(plan, arguments)
    static, dynamic = constructor_arguments(plan, bound, rest)
    made = BuilderUse(plan, function, static)
    ports = cast("dict[Site, Plan]", plan.details["ports"])
    copies: dict[Site, Site] = {}

    def copy(site: Site) -> Site:
        if site not in copies:
            target = PlanTarget(ports[site], static, dynamic)
            new = copies[site] = Site(target, node.span, site.hint, loop=frame.loop)
            new.stored = frame.kind != "split"
            new.details |= {"use": made, "bound": bound, "origin": site}
            if not new.stored:
                new.details["construct"] = code
                frame.sites.append(new)
        return copies[site]

    code = BuilderCall(made, span=node.span)
    value = _copied(plan.result, copy)
    if plan.needs_rngs:
        frame.program.uses_rngs(frame)
    return Result(value, code, code)


def _copied(value: Value, copy: Callable[[Site], Site]) -> Value:
    match value:
        case Instance(site=site):
            return Instance(copy(site))
        case Sequence(kind=kind, items=items, item=item, shadow=shadow):
            new = None if items is None else tuple(_copied(v, copy) for v in items)
            return Sequence(kind, new, None if item is None else _copied(item, copy), shadow)
        case Mapped(entries=entries):
            return Mapped({k: _copied(v, copy) for k, v in entries.items()})
        case Choice(test=test, then=then, otherwise=otherwise):
            return Choice(test, _copied(then, copy), _copied(otherwise, copy))
        case _:
            return value


def chain_use(site: Site, shadow: str, entry: Dim, last: Dim | None) -> None:
    """What a builder returned is a list of modules, each fed by the one before: the builder carries
    the size from one to the next, or the loop around it."""
    made, origin = site.details["use"], site.details["origin"]
    if site.loop is not None:
        made.chain = None if last is None else (shadow, entry, last)
        return
    port = cast("dict[Site, Plan]", made.plan.details["ports"])[origin]
    end = port.result.shape.size(-1) if isinstance(port.result, Tensor) else None
    for size in port.sizes:
        if size.axis is None or end is None:
            continue
        made.sizes[size.name] = entry.to_expression()
        if "chain" in origin.details:
            continue
        origin.details["chain"] = (shadow, Dim.named(size.name), end)
        fill_in(origin, size.name, Name(shadow))


def fill_in(site: Site, name: str, code: Expression) -> None:
    """Puts code in place of a variable in the constructor call of a module."""

    def visit(node: Node) -> Node:
        match node:
            case Name(id=found) if found == name:
                return code
            case Pending(site=inner):
                fill_in(inner, name, code)
                return node
            case _:
                return map_children(node, visit)

    construct = site.details.get("construct")
    if isinstance(construct, Expression):
        site.details["construct"] = visit(construct)


def call_code(program: Program, frame: Frame, made: BuilderUse) -> Expression:
    """The finished call: sizes, the arguments of the source, a generator."""
    sizes: list[Argument] = []
    for parameter in made.plan.sizes:
        code = made.sizes.get(parameter.name)
        if code is None and parameter.name in made.plan.details.get("free", ()):  # pyright: ignore
            code = Name(parameter.name)
        if code is None:
            code = program.unknown_size(frame, made.function, made.plan.name, parameter.name)
        sizes.append(Argument(code))
    rngs = (applying.RNGS,) if made.plan.needs_rngs else ()
    return Call(made.function, (*sizes, *made.arguments, *rngs))


# ------------------------------------------------------------------------------------------ methods


def method_plan(frame: Frame, method: FunctionDef) -> Plan | None:
    """What a method of the class under construction becomes if it makes layers, or if a class that
    extends this one makes them in it."""
    program, owner, state = frame.program, frame.plan, current_state(frame)
    if owner is None or state is None:
        return None
    found = state.builders.get(method.name)
    if found is not None:
        return found
    shared = _is_overridden(program, owner.definition, method.name)
    if not program.creates(method) and not shared and not makes_weights(method):
        return None
    definition = Definition(frame.module, method.name, method, owner.definition.name)
    plan = Plan(definition, "builder", method.name, needs_rngs=shared)
    plan.details["class_state"] = state
    state.builders[method.name] = plan
    is_static = any(isinstance(d, Name) and d.id == "staticmethod" for d in method.decorators)
    inner = Frame(program, frame.module, "init", plan)
    own = method.parameters
    if not is_static:
        inner.self_name = own[0].name
        inner.environment[own[0].name] = SelfReference()
        own = own[1:]
    for parameter in own:
        plan.parameters.append(parameter)
        inner.environment[parameter.name] = (
            Static(kind=dict) if parameter.kind == "kwargs" else static_value(parameter)
        )
    plan.details["signature"] = list(own)
    plan.details["frame"] = inner
    run_body(inner, method.body)
    plan.result = join_all(inner.returns) if inner.returns else Static()
    if shared and not holds_sites(plan.result):
        plan.result = Instance(Site(SequentialTarget([]), None, method.name))
        open_ports(program, inner, plan, plan.result)
        plan.details["ports"] = {s: _abstract(plan) for s in _sites(plan.result)}
    else:
        open_ports(program, inner, plan, plan.result)
    if shared:
        plan.sizes = [SizeParameter("in_features", "x", -1)]
    plan.finished = True
    return plan


def makes_weights(method: FunctionDef) -> bool:
    """Whether a method puts variables on the object."""
    for node in walk(method):
        match node:
            case Assign(targets=(Attribute(),), value=OpCall(symbol="tf.Variable")):
                return True
            case Call(function=Attribute(value=Name(id=owner), attribute=name)) if (
                name in ("add_weight", "add_variable") and owner == method.parameters[0].name
            ):
                return True
            case _:
                pass
    return False


def _abstract(plan: Plan) -> Plan:
    """Of a layer that only the classes below know: it takes a tensor and gives one."""
    port = Plan(plan.definition, "builder", plan.name, finished=True)
    port.tensors = [Parameter("x")]
    port.sizes = [SizeParameter("in_features", "x", -1)]
    port.result = Tensor()
    return port


def _is_overridden(program: Program, owner: Definition, name: str) -> bool:
    """Whether a class of the project that extends `owner` makes layers in its own `name`, or the
    class that it extends has one."""
    for definition in _heirs(program, owner):
        for member in definition.node.body:
            if isinstance(member, FunctionDef) and member.name == name and program.creates(member):
                return True
    return False


def _heirs(program: Program, owner: Definition) -> list[Definition]:
    """Classes of the project that extend a class, at any distance."""
    found: list[Definition] = []
    for module in program.modules:
        for definition in program.definitions(module):
            for base in getattr(definition.node, "bases", ()):
                match base.value:
                    case Reference(module=owner.module, name=owner.name):
                        found += [definition, *_heirs(program, definition)]
                    case _:
                        pass
    return found


def rebind(frame: Frame, attributes: dict[str, Value], methods: dict[str, FunctionDef]) -> None:
    """Layers that a builder of the parent class returned are those of this class' own builder."""
    for name, value in attributes.items():
        made = value.site.details.get("use") if isinstance(value, Instance) else None
        if not isinstance(made, BuilderUse) or not isinstance(value, Instance):
            continue
        method = methods.get(made.plan.name)
        if method is None or method is made.plan.definition.node:
            continue
        plan = method_plan(frame, method)
        if plan is None:
            continue
        call = Call(made.function, (), span=value.site.span)
        result = use(frame, plan, made.function, call, [])
        new = result.value
        if isinstance(new, Instance):
            new.site.details["bound"] = value.site.details["bound"]
            new.site.attribute = name
            new.site.details["use"] = BuilderUse(plan, made.function, made.arguments)
            attributes[name] = new


def finish_methods(program: Program, frame: Frame, state: ClassState) -> None:
    """The builders of a class as methods; sizes of the class that their code reads become
    parameters."""
    from ..class_definitions import layer_state
    from ..slices.live_code import live_statements

    for name, plan in state.builders.items():
        method, inner = plan.definition.node, plan.details["frame"]
        assert isinstance(method, FunctionDef)
        assert isinstance(inner, Frame)
        body = layer_state.filled(program, inner, plan, layer_state.with_chains(inner.body))
        body = live_statements(body, None)
        own = {p.name for p in method.parameters} | {s.name for s in plan.sizes}
        free = [n for n in sorted(names_read(body)) if n.endswith(("_features", "_shape"))]
        assigned = assigned_names(body)
        free = [n for n in free if n not in own | assigned]
        plan.details["free"] = free
        plan.sizes = [*plan.sizes, *(SizeParameter(n, "", -1) for n in free)]
        sizes = tuple(Parameter(s.name) for s in plan.sizes)
        given = method.parameters
        head = () if inner.self_name is None else given[:1]
        rest = given[len(head) :]
        last = tuple(p for p in rest if p.kind == "kwargs")
        middle = tuple(p for p in rest if p.kind != "kwargs")
        rngs = (RNGS,) if plan.needs_rngs else ()
        parameters = translate_parameters(program, inner, (*middle, *rngs, *last))
        state.translated[name] = rebuilt_function(
            program, inner, method, body, (*head, *sizes, *parameters)
        )
