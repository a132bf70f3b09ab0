"""Lists of layers in functions that build graphs: `stages.append(Conv2D(8, 3))`, applied later.

What a layer is applied to tells its sizes. So in `__init__` the list holds functions that build the
layers (`lambda features: nnx.Conv(features, 8, ...)`), which are called where the source
applies the layers; the list of the sizes that they give runs beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....ir.dims import Dim
from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Call,
    Comprehension,
    Constant,
    Expression,
    ExpressionStatement,
    Lambda,
    List,
    Name,
    Parameter,
    Subscript,
    replace_node,
    walk,
)
from ...shapes.shapes import Shape, Size
from ..chosen_layers.layer_tables import INPUT
from ..evaluation.expressions import evaluate
from ..frame import Frame, Result
from ..nodes import Optional, Pending
from ..sites import ListedTarget, PlanTarget, SequentialTarget, Site
from ..uses.substitution import Terms, substitute_size
from ..values import Instance, Sequence, Tensor, Value

if TYPE_CHECKING:
    from .applying import Evaluated

SIZE = "features"


def is_listed(site: Site) -> bool:
    return isinstance(site.target, ListedTarget) or bool(site.details.get("listed"))


def run_append(frame: Frame, statement: ExpressionStatement) -> bool:
    """`stages.append(layer)` of a layer that has not been applied: where it is applied is seen
    later."""
    match statement.value:
        case Call(function=Attribute(value=Name(id=name), attribute="append"), arguments=(given,)):
            value = frame.environment.get(name)
            added, code = evaluate(frame, given.value).value, evaluate(frame, given.value).static
        case _:
            return False
    if frame.kind != "split" or frame.self_name is not None or not isinstance(value, Sequence):
        return False
    if not isinstance(added, Instance) or added.site.emitted or added.site.applications:
        return False
    if code is None:
        return False
    site = added.site
    if not is_listed(site):
        _defer(frame, site)
    _emit_append(frame, name, code)
    size = _given_size(site)
    if size is not None:
        _emit_append(frame, f"{name}_features", size.to_expression())
    return True


def _emit_append(frame: Frame, name: str, added: Expression) -> None:
    call = Call(Attribute(Name(name), "append"), (Argument(added),))
    frame.emit_init(Optional(ExpressionStatement(call), (name,)))


def of_comprehension(frame: Frame, value: Value) -> None:
    """`[Dense(n) for n in sizes]`."""
    if frame.kind != "split" or frame.self_name is not None or not isinstance(value, Instance):
        return
    if not (value.site.emitted or value.site.applications or is_listed(value.site)):
        _defer(frame, value.site)


def _defer(frame: Frame, site: Site) -> None:
    """The function that builds a layer, in place of the layer."""
    result = _tried(frame, site)
    site.applications, site.stored = 0, False
    construct = site.details.get("construct")
    if isinstance(construct, Expression):
        # A lambda sees the variables of a loop as they are at its end.
        names = {n.id for n in _names(construct)}
        bound = sorted(names & (frame.loop_targets | frame.assigned_in_loop) - {SIZE})
        parameters = (Parameter(SIZE), *(Parameter(n, default=Name(n)) for n in bound))
        site.details["construct"] = Lambda(parameters, construct)
    site.details["listed"] = True
    site.details["gives"] = result.value


def _tried(frame: Frame, site: Site) -> Result:
    """What a layer makes of a tensor whose last size is a parameter."""
    from ..function_definitions.unapplied_layers import apply_unbound, as_callable

    probe = Tensor(Shape(None, Dim.named(SIZE)), "float32")
    frame.program.facts.record(INPUT, probe)
    as_callable(site)
    return apply_unbound(frame.trial(), site, Result(probe, INPUT, Name(SIZE)))


def emit_sizes(frame: Frame, name: str, value: Value, code: Expression) -> None:
    """`stages_features = [8, 16]` beside `stages = [Dense(8), Dense(16)]`, if it is read."""
    if frame.kind != "split" or frame.self_name is not None or not isinstance(value, Sequence):
        return
    match value, code:
        case Sequence(items=tuple() as items), List() if items and are_functional(value):
            sites = [v.site for v in items if isinstance(v, Instance)]
            gives = [_given_size(s, _tried(frame, _copied(s)).value) for s in sites]
            if any(size is None for size in gives):
                return
            sizes: Expression = List(tuple(s.to_expression() for s in gives if s is not None))
        case Sequence(items=None, item=Instance(site=site)), Comprehension() if is_listed(site):
            size = _given_size(site)
            if size is None:
                return
            sizes = replace_node(code, element=size.to_expression())
        case _:
            return
    shadow = f"{name}_features"
    frame.emit_init(Optional(Assign((Name(shadow),), sizes), (shadow,)))


def _copied(site: Site) -> Site:
    target = site.target
    if isinstance(target, SequentialTarget):
        target = SequentialTarget([_copied(s) if isinstance(s, Site) else s for s in target.sites])
    copy = Site(target, site.span, site.hint, site.loop)
    copy.details |= {k: v for k, v in site.details.items() if k not in ("construct", "listed")}
    return copy


def _names(code: Expression) -> list[Name]:
    found: list[Name] = []
    for node in walk(code):
        if isinstance(node, Name):
            found.append(node)
        elif isinstance(node, Pending):
            inner = node.site.details.get("construct")
            found += _names(inner) if isinstance(inner, Expression) else []
    return found


def _given_size(site: Site, value: object = None) -> Size:
    """The size that a layer gives, whatever it is applied to."""
    value = value or site.details.get("gives")
    size = value.shape.size(-1) if isinstance(value, Tensor) else None
    if size is None or any(n.id == SIZE for n in _names(size.to_expression())):
        return None
    return size


# -------------------------------------------------------------------------------------- application


def are_functional(value: Sequence) -> bool:
    """Whether these are layers of a display, not applied yet: each may be called by its index."""
    sites = [v.site for v in value.items or () if isinstance(v, Instance)]
    return 0 < len(sites) == len(value.items or ()) and all(
        s.details.get("functional") and not is_listed(s) and not s.emitted for s in sites
    )


def apply_listed(
    frame: Frame, site: Site, node: Call, callee: Result, arguments: Evaluated
) -> Result:
    """A layer out of such a list is applied: here it is built."""
    from ..uses.applied_plans import without_training
    from . import applying

    arguments, _ = without_training(arguments)
    target = site.target
    sites = target.sites if isinstance(target, ListedTarget) else (site,)
    for one in sites:
        if not is_listed(one) and not one.emitted:
            _defer(frame, one)
    code = evaluate(frame, node.function).static
    given = arguments[0][1] if len(arguments) == 1 else None
    if code is None or given is None or given.static is None or not _once(frame, sites, node):
        return _refused(frame, node)
    name = _list_name(node.function).removesuffix("s") or site.hint
    _free(frame, applying.plural(name))
    built = Site(site.target, node.span, name, loop=frame.loop)
    applying.ensure_built(frame, built, Call(code, (Argument(given.static),)))
    value = _value(frame, sites, node.function, given)
    size = value.shape.size(-1)
    module = applying.module_read(frame, built, callee.dynamic)
    call = Call(module, (Argument(given.dynamic),), span=node.span)
    return Result(value, call, None if size is None else size.to_expression())


def _free(frame: Frame, name: str) -> None:
    """Lets an attribute have the name of the list, which `__call__` does not read."""
    if isinstance(frame.environment.get(name), Sequence):
        frame.variables.discard(name)


def _once(frame: Frame, sites: tuple[Site, ...], node: Call) -> bool:
    """Whether the source applies the layers in this place only."""
    if frame.loop is not None and frame.loop.inline:
        return False
    if any(isinstance(s.target, PlanTarget) and len(s.target.plan.tensors) > 1 for s in sites):
        return False
    if any(s.emitted or s.details.get("applied_by", node.span) != node.span for s in sites):
        return False
    for site in sites if not frame.is_trial() else ():
        site.details["applied_by"] = node.span
    return True


def _refused(frame: Frame, node: Call) -> Result:
    code = frame.program.unhandled(
        frame,
        node,
        "TJ5002",
        "a layer out of a list is applied in a way that its list is not followed to",
        "apply each layer of the list once, to one tensor, or use a class",
        node.span,
    )
    return Result(Tensor(), code, None)


def _list_name(code: Expression) -> str:
    match code:
        case Subscript(value=Name(id=name)) | Name(id=name):
            return name
        case _:
            return "layer"


def _value(frame: Frame, sites: tuple[Site, ...], code: Expression, given: Result) -> Tensor:
    values = [v for s in sites if isinstance(v := s.details.get("gives"), Tensor)]
    lasts = {v.shape.size(-1) for v in values}
    ranks = {v.shape.rank for v in values}
    size = _size(frame, lasts.pop(), given) if len(lasts) == 1 else None
    if size is None and all(_given_size(s) is not None for s in sites):
        size = _listed_size(frame, code)
    rank = ranks.pop() if len(ranks) == 1 else None
    if rank is None and isinstance(given.value, Tensor) and None in ranks | {rank}:
        return Tensor(Shape(None, size))
    return Tensor(Shape(None, size) if rank is None else Shape((*(None,) * (rank - 1), size)))


def _size(frame: Frame, size: Size, given: Result) -> Size:
    """The size that layers give in terms of the place that applies them."""
    if size is None or not isinstance(given.value, Tensor):
        return None
    names = {n.id for n in _names(size.to_expression())}
    if names & (frame.loop_targets | frame.assigned_in_loop):
        return None
    terms = {name: Dim.named(name) for name in names} | {SIZE: given.value.shape.size(-1)}
    return substitute_size(size, Terms(terms, {}))


def _listed_size(frame: Frame, code: Expression) -> Size:
    """The entry of the list of sizes."""
    match code:
        case Subscript(value=Name(id=name), index=Constant() | Name() as index):
            static = evaluate(frame, index).static
            if static is None or not isinstance(frame.environment.get(name), Sequence):
                return None
            return Dim.variable(Subscript(Name(f"{name}_features"), static))
        case _:
            return None
