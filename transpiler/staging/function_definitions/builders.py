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
from ....ir.nodes import Argument, Call, Expression, Name, Node, map_children
from ..frame import Frame, Result
from ..layers import applying
from ..nodes import BuilderCall, Pending
from ..plans import Plan
from ..sites import PlanTarget, Site
from ..values import Choice, Instance, Mapped, Sequence, Tensor, Value

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
    value = copied(plan.result, copy)
    if plan.needs_rngs:
        frame.program.uses_rngs(frame)
    return Result(value, code, code)


def copied(value: Value, copy: Callable[[Site], Site]) -> Value:
    match value:
        case Instance(site=site):
            return Instance(copy(site))
        case Sequence(kind=kind, items=items, item=item, shadow=shadow):
            new = None if items is None else tuple(copied(v, copy) for v in items)
            return Sequence(kind, new, None if item is None else copied(item, copy), shadow)
        case Mapped(entries=entries):
            return Mapped({k: copied(v, copy) for k, v in entries.items()})
        case Choice(test=test, then=then, otherwise=otherwise):
            return Choice(test, copied(then, copy), copied(otherwise, copy))
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
