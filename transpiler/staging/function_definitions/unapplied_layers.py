"""Layers that a function returns before anything applies them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....ir.dims import Dim
from ....ir.nodes import Argument, Call, Expression, Name, Node, Parameter, walk
from ...shapes.shapes import Shape
from ..frame import Frame, Result
from ..layers import applying
from ..nodes import Pending
from ..plans import Plan, SizeParameter
from ..sites import ChoiceTarget, LayerTarget, PlanTarget, SequentialTarget, Site, unique_name
from ..values import Choice, Instance, Mapped, Sequence, Tensor, Value

if TYPE_CHECKING:
    from ..program import Program


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


def open_ports(program: Program, frame: Frame, plan: Plan, returned: Value) -> None:
    """Each layer in the result gets a plan of its own: which sizes it asks of the caller, and what
    it makes of an input."""
    ports: dict[Site, Plan] = {}
    plan.details["ports"] = ports
    sites = list(dict.fromkeys(sites_in(returned)))
    for site in sites:
        name = unique_name("in_features", {s.name for p in ports.values() for s in p.sizes})
        ports[site] = _port(program, frame, plan, site, name)
    plan.sizes = [s for port in ports.values() for s in port.sizes]


def sites_in(value: Value) -> list[Site]:
    match value:
        case Instance(site=site):
            return [site]
        case Sequence(items=items, item=item):
            parts = [*(items or ()), *([item] if item is not None else [])]
            return [s for p in parts for s in sites_in(p)]
        case Mapped(entries=entries):
            return [s for v in entries.values() for s in sites_in(v)]
        case Choice(then=then, otherwise=otherwise):
            return [*sites_in(then), *sites_in(otherwise)]
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
    reads = set(names_in(Pending(site)))
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


def names_in(code: Node) -> list[str]:
    found: list[str] = []
    for node in walk(code):
        match node:
            case Name(id=name):
                found.append(name)
            case Pending(site=site) if isinstance(site.details.get("construct"), Expression):
                found += names_in(site.details["construct"])
            case _:
                pass
    return found
