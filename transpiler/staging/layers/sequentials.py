"""`Sequential`: its layers are applied one after the other; as an attribute it is one module."""

from __future__ import annotations

from ....ir.nodes import (
    Argument,
    Attribute,
    Binary,
    Call,
    Constant,
    Expression,
    List,
    Name,
    Node,
    OpCall,
    Starred,
    Symbol,
    map_children,
    walk,
)
from ...shapes.shapes import UNKNOWN, Shape
from ..drivers import runs_in_mode
from ..evaluation.expressions import evaluate
from ..frame import Frame, Result
from ..joined_values import join_shapes
from ..nodes import ModuleRead, Pending
from ..sites import ChoiceTarget, LayerTarget, PlanTarget, SequentialTarget, Site
from ..uses import applied_plans
from ..values import Instance, Sequence, Static, Tensor
from .applying import Evaluated, apply_evaluated, as_read, created, ensure_built, module_read


def sequential(frame: Frame, node: OpCall) -> Result:
    """`Sequential([...])`: its layers are built where it is; applied one after the other."""
    given = node.bound.get("layers")
    if given is None:
        site = Site(SequentialTarget([]), node.span, "layers", loop=frame.loop)
        return created(frame, site, node)
    if isinstance(given, List):
        target = SequentialTarget([])
        _list_part(frame, target, given)
        return created(frame, Site(target, node.span, "layers", loop=frame.loop), node)
    result = evaluate(frame, given)
    if isinstance(result.value, Sequence) and result.value.items is not None:
        sites = [v.site if isinstance(v, Instance) else None for v in result.value.items]
        if all(s is not None for s in sites):
            site = Site(
                SequentialTarget([s for s in sites if s is not None]),
                node.span,
                "layers",
                loop=frame.loop,
            )
            return created(frame, site, node)
    target = SequentialTarget([])
    for part in _added_lists(given):
        _list_part(frame, target, part)
    return created(frame, Site(target, node.span, "layers", loop=frame.loop), node)


def _added_lists(code: Expression) -> list[Expression]:
    """The lists that a sum of lists is made of."""
    match code:
        case Binary(left=left, operator="+", right=right):
            return [*_added_lists(left), *_added_lists(right)]
        case _:
            return [code]


def _list_part(frame: Frame, target: SequentialTarget, part: Expression) -> None:
    """`[Conv2D(8, 3), ReLU()]`: its layers, one by one; a list that a variable holds stays one."""
    if isinstance(part, List):
        for element in part.elements:
            site = element_site(frame, element)
            target.sites.append(site)
            held = isinstance(element, (Name, Attribute)) and frame.kind == "init"
            if held and isinstance(site, Site):
                target.named[site] = element
        return
    result = evaluate(frame, part)
    layers = Starred(result.static or result.dynamic)
    target.sites.append(layers)
    if isinstance(result.value, Sequence):
        values = result.value.items or ((result.value.item,) if result.value.item else ())
        target.held[id(layers)] = tuple(v.site for v in values if isinstance(v, Instance))


def element_site(frame: Frame, element: Expression) -> Site | Expression:
    """One element of a Sequential: a site, a shape (from `Input`), or a callable."""
    result = evaluate(frame, element)
    match result.value:
        case Instance(
            site=Site(target=LayerTarget(static=OpCall(symbol="keras.layers.InputLayer"))) as site
        ):
            site.details["input"] = declared_input(frame, site)
            return site
        case Instance(site=site):
            return site
        case Tensor(shape=shape):
            if frame.pending_inputs:
                frame.pending_inputs.clear()
            site = Site(SequentialTarget([]), element.span, "input")
            site.details["input"] = result.value
            _ = shape
            return site
        case _:
            return result.static or result.dynamic


def added(frame: Frame, node: Call, site: Site) -> Result:
    """`model.add(layer)`: under a test the layer is one of two, the other of which does nothing."""
    from ..function_definitions.unapplied_layers import as_callable

    target = site.target
    assert isinstance(target, SequentialTarget)
    element = element_site(frame, node.arguments[0].value)
    nothing = Result(Static(), Constant(None), None)
    tests = frame.conditions - site.details.get("conditions", frame.conditions)
    if not tests and frame.loop is site.loop:
        target.sites.append(element)
        return nothing
    if tests == 1 and frame.loop is site.loop and frame.tests and isinstance(element, Site):
        identity = OpCall("keras.layers.Identity", {}, (), node.function)
        other = Site(LayerTarget(identity, identity), node.span, element.hint, loop=frame.loop)
        choice = Site(ChoiceTarget(frame.tests[-1], element, other), node.span, element.hint)
        for one in (element, other):
            one.stored = one.details["callable"] = True
            as_callable(one)
        target.sites.append(choice)
        return nothing
    code = frame.program.unhandled(
        frame,
        node,
        "TJ5002",
        "layers are added to a Sequential in some cases only, or in a loop",
        "collect the layers in a list, and make the Sequential of it",
        node.span,
    )
    return Result(Static(), code, code)


def added_to_either(frame: Frame, node: Call, sites: tuple[Site, Site]) -> Result | None:
    """`model.add(layer)` after a test that chose the model: each gets such a layer."""
    made = frame.conditions + 1
    if any(s.loop is not frame.loop or s.details.get("conditions") != made for s in sites):
        return None
    targets = [s.target for s in sites if isinstance(s.target, SequentialTarget)]
    if len(targets) < len(sites):
        return None
    for target in targets:
        frame.memo = {}
        target.sites.append(element_site(frame, node.arguments[0].value))
    return Result(Static(), Constant(None), None)


def declared_input(frame: Frame, site: Site) -> Tensor | None:
    """The input that a layer of a Sequential declares: an `Input`, `input_shape=`, `input_dim=`,
    `batch_input_shape=`."""
    from ..calling.graph_calls import declared_shape

    declared = site.details.get("input")
    if isinstance(declared, Tensor):
        return declared
    match site.target:
        case SequentialTarget(sites=[first, *_]) if isinstance(first, Site):
            return declared_input(frame, first)
        case LayerTarget(static=op):
            pass
        case _:
            return None
    given = {a.keyword: a.value for a in op.extra if a.keyword} | op.bound
    shapes = [("input_shape", True), ("batch_input_shape", False)]
    if op.symbol == "keras.layers.InputLayer":
        shapes += [("shape", True), ("batch_shape", False)]
    for name, batch in shapes:
        if name in given:
            result = evaluate(frame, given[name])
            return Tensor(declared_shape(result.value, result.static, batch=batch), "float32")
    if op.symbol == "keras.layers.InputLayer":
        return Tensor(UNKNOWN, "float32")
    if "input_dim" in given and not op.symbol.endswith("Embedding"):
        size = evaluate(frame, given["input_dim"])
        found = size.value.size if isinstance(size.value, Static) else None
        return Tensor(Shape((None, found)), "float32")
    return None


def apply_sequential(
    frame: Frame,
    site: Site,
    target: SequentialTarget,
    node: Call,
    callee: Result,
    arguments: Evaluated,
) -> Result:
    if frame.kind == "split" and not site.stored:
        current = arguments[0][1]
        flags = [(a, r) for a, r in arguments if a.keyword == "training"]
        for element in target.sites:
            if isinstance(element, Starred):
                return unlisted(frame, node)
            current = apply_element(frame, element, node, current, flags=flags)
            frame.program.facts.record(current.dynamic, current.value)
        return current
    # In a class the Sequential is one attribute: built as nnx.Sequential, its elements sized in a
    # chain.
    arguments, mode = applied_plans.without_training(arguments)
    current = arguments[0][1]
    start = declared_input(frame, site)
    if start is not None and isinstance(current.value, Tensor):
        current = Result(start, current.dynamic, None)
    elements: list[Expression] = []
    modes = frame.plan.modes if frame.plan is not None else set[str]()
    if frame.plan is not None:
        frame.plan.modes = set()
    for element in target.sites:
        if isinstance(element, Site) and "input" in element.details:
            continue
        if isinstance(element, Starred):
            elements.append(element)
            current = _through(frame, target.held.get(id(element), ()), node, current)
            continue
        marker = Result(current.value, Name("x"), current.static)
        frame.program.facts.record(marker.dynamic, current.value)
        step = apply_element(frame, element, node, marker, chained=True)
        elements.extend(with_named(e, target) for e in _as_callables(step.dynamic))
        current = step
    arguments_of = (
        Argument(e.value, star="*") if isinstance(e, Starred) else Argument(e) for e in elements
    )
    construct: Expression = Call(Symbol("flax.nnx.Sequential"), tuple(arguments_of))
    if site.details.get("single") and len(elements) == 1:
        construct = elements[0]
    ensure_built(frame, site, construct)
    own_modes = frame.plan.modes if frame.plan is not None else set[str]()
    if frame.plan is not None:
        frame.plan.modes = modes | own_modes
    module = module_read(frame, site, callee.dynamic)
    if mode is not None and own_modes and not runs_in_mode(frame, mode):
        module = applied_plans.in_mode(module, mode, own_modes, surely=True)
    given = tuple(
        a if a.value is r.dynamic else Argument(r.dynamic, a.keyword) for a, r in arguments
    )
    dynamic = Call(module, given)
    return Result(current.value, dynamic, current.static)


def with_named(code: Expression, target: SequentialTarget) -> Expression:
    """The layer that a variable holds is that one, not another like it."""

    def visit(node: Node) -> Node:
        if isinstance(node, Pending) and node.site in target.named:
            return target.named[node.site]
        return map_children(node, visit)

    result = visit(code)
    assert isinstance(result, Expression)
    return result


def _through(frame: Frame, sites: tuple[Site, ...], node: Call, current: Result) -> Result:
    """What layers make of a value, which may all be there or not: its last size, where they keep
    it."""
    before = current.value
    for site in sites:
        marker = Result(current.value, Name("x"), current.static)
        frame.program.facts.record(marker.dynamic, current.value)
        current = apply_element(frame, site, node, marker, chained=True)
    after, nothing = current.value, Result(Tensor(), Name("x"), None)
    if not sites or not isinstance(before, Tensor) or not isinstance(after, Tensor):
        return nothing
    last, shape = before.shape.size(-1), join_shapes(before.shape, after.shape)
    if last is None or shape.size(-1) != last:
        return nothing
    return Result(Tensor(shape), Name("x"), last.to_expression())


def unlisted(frame: Frame, node: Call) -> Result:
    """A graph is built of layers that are known one by one."""
    code = frame.program.unhandled(
        frame,
        node,
        "TJ5002",
        "the layers of this Sequential are not known one by one",
        "list them, or apply them in a loop",
        node.span,
    )
    return Result(Tensor(), code, None)


def apply_element(
    frame: Frame,
    element: Site | Expression,
    node: Call,
    current: Result,
    *,
    chained: bool = False,
    flags: Evaluated | None = None,
) -> Result:
    """The next layer of a Sequential, applied to the current value; `flags`: the training flag, for
    layers that take it."""
    argument = (Argument(current.dynamic), current)
    if isinstance(element, Site):
        if "input" in element.details:
            return current
        if chained:
            element.stored = True
            reader: Expression = Pending(element)
        else:
            reader = ModuleRead(element)
        return apply_evaluated(
            frame,
            element,
            Call(reader, (argument[0],), span=node.span),
            Result(Instance(element), reader, None),
            [argument, *(flags if flags and _has_mode(frame, element) else [])],
        )
    return Result(Tensor(), Call(as_read(frame, element), (argument[0],)), None)


def _has_mode(frame: Frame, site: Site) -> bool:
    """Whether a layer takes the training flag."""
    match site.target:
        case LayerTarget(static=op):
            record = frame.program.bridge.record(op)
            return record is not None and record.mode is not None
        case PlanTarget(plan=plan):
            return bool(plan.modes)
        case SequentialTarget(sites=sites):
            return any(_has_mode(frame, s) for s in sites if isinstance(s, Site))
        case _:
            return False


def _as_callables(code: Expression) -> list[Expression]:
    """Code over x as the functions it composes: `relu(module(x))` is the module, then relu."""
    from ....ir.nodes import Lambda, Parameter

    modules = [n for n in walk(code) if isinstance(n, Call) and isinstance(n.function, Pending)]
    inner = modules[0] if modules else None
    if inner is not None and inner is not code:
        outer = _replaced(code, inner, Name("x"))
        return [*_as_callables(inner), *_as_callables(outer)]
    match code:
        case Call(
            function=function, arguments=(Argument(value=Name(id="x"), keyword=None, star=""),)
        ):
            if not _mentions_name(function, "x"):
                return [function]
        case _:
            pass
    return [Lambda((Parameter("x"),), code)]


def _replaced(code: Expression, old: Expression, new: Expression) -> Expression:
    def visit(node: Node) -> Node:
        return new if node is old else map_children(node, visit)

    result = visit(code)
    assert isinstance(result, Expression)
    return result


def _mentions_name(code: Expression, name: str) -> bool:
    return any(isinstance(n, Name) and n.id == name for n in walk(code))
