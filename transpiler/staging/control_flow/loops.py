"""Loops and comprehensions. A static loop that builds layers appears in both slices; sizes that
change from one iteration to the next are carried by variables of `__init__`."""
# pyright: basic

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from ....ir.dims import Dim
from ....ir.keys import same
from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Body,
    Call,
    Comprehension,
    Expression,
    For,
    Generator,
    List,
    Name,
    Pass,
    Starred,
    Statement,
    Subscript,
    Symbol,
    Tuple,
    While,
    replace_node,
    walk,
)
from ...shapes.shapes import Shape, said
from ..class_definitions.class_state import current_state
from ..evaluation.expressions import evaluate
from ..frame import Frame, Result, add_shadow, join_shapes, join_values, sequence_item, shadow_name
from ..layers import listed_layers
from ..nodes import LoopCode
from ..sites import Loop, Site
from ..values import (
    Choice,
    Instance,
    Mapped,
    Sequence,
    ShapeOf,
    Static,
    Tensor,
    Unknown,
    Value,
    Weight,
    is_dynamic,
)
from . import several
from .in_turn import in_turn
from .indexed import beside_modules, counter
from .on_data import marked_iterable, marked_test
from .unrolled import report_unlike, unrolled

N = TypeVar("N", Comprehension, Generator)


def for_loop(frame: Frame, statement: For) -> None:
    frame.program.enter(frame, statement)
    if in_turn(frame, statement):
        return
    ends: dict[str, Value] | None = None
    found = several.iterations(frame, statement.iterable, statement)
    if found is not None and several.is_alike(found):
        ends = several.follow(frame, found, statement.target, statement.body)
    bodies = unrolled(frame, statement) if ends is None else None
    if bodies is not None:
        from .statements import run_body

        for body in bodies:
            run_body(frame, body)
        return
    iterable = evaluate(frame, statement.iterable)
    report_unlike(frame, iterable.value, statement.iterable)
    element = element_value(frame, statement.iterable, iterable)
    element = beside_modules(frame, statement.iterable, element)
    iterable = marked_iterable(frame, statement.iterable, iterable)
    run_loop(frame, statement, iterable, element, statement.body)
    if ends is not None:
        several.after_loop(frame, statement, ends)


def while_loop(frame: Frame, statement: While) -> None:
    frame.program.enter(frame, statement)
    entry = dict(frame.environment)
    widen(frame, statement.body, lambda: None)
    test = marked_test(frame, statement.test, evaluate(frame, statement.test))
    init, body, loop = loop_body(frame, statement.body, lambda: None)
    if frame.kind != "split":
        unchanged = test.dynamic is statement.test and _identical(body, statement.body)
        frame.emit(
            statement
            if unchanged
            else replace_node(statement, test=test.dynamic, body=tuple(body) or (Pass(),))
        )
        return
    loop.direct = False
    if frame.loop is None:
        _emit_lists(frame, loop)
    frame.emit(LoopCode(replace_node(statement, test=test.dynamic, body=tuple(body)), loop))
    if init:
        frame.emit_init(While(test.static or test.dynamic, tuple(init), ()))
    _ = entry


def element_value(frame: Frame, code: Expression, iterable: Result) -> Value:
    """What one iteration sees, for the iterables that model code uses."""
    match code:
        case Call(function=Name(id="enumerate"), arguments=(first, *_)):
            inner = evaluate(frame, first.value)
            return Sequence("tuple", (Static(kind=int), element_value(frame, first.value, inner)))
        case Call(function=Name(id="zip"), arguments=arguments) if not any(
            a.star for a in arguments
        ):
            parts = [element_value(frame, a.value, evaluate(frame, a.value)) for a in arguments]
            return Sequence("tuple", tuple(parts))
        case Call(
            function=Name(id="reversed" | "list" | "tuple" | "sorted"), arguments=(first, *_)
        ):
            return element_value(frame, first.value, evaluate(frame, first.value))
        case Call(function=Name(id="range")):
            return Static(kind=int)
        case _:
            pass
    match iterable.value:
        case Sequence() as sequence:
            item = sequence_item(sequence)
            if isinstance(item, Static):
                return Static(None, item.kind)
            return item or Unknown()
        case Tensor(shape=shape, dtype=dtype) | Weight(shape=shape, dtype=dtype):
            return Tensor(Shape(shape.dims[1:]) if shape.dims else Shape(), dtype)
        case ShapeOf():
            return Static(kind=int)
        case Mapped():
            return Static()
        case _:
            return Static()


def run_loop(frame: Frame, statement: For, iterable: Result, element: Value, body: Body) -> None:
    target = statement.target

    def bind() -> None:
        bind_target(frame, target, element)

    before = dict(frame.environment)
    around, frame.chains = frame.chains, {}
    widen(frame, body, bind)
    carried = {n: v for n, v in frame.environment.items() if before.get(n) != v}
    outer, frame.applied = frame.applied, []
    init, code, loop = loop_body(frame, body, bind, counter(target, statement.iterable))
    ends = {name: frame.chain_ends.get(name) for name in frame.chains}
    settled = _record_chains(frame, element)
    frame.applied = [*outer, *frame.applied]
    for name in carried:
        frame.environment[name] = carried[name]
    for name, end in settled.items():
        value = frame.environment.get(name)
        if isinstance(value, Tensor):
            frame.environment[name] = replace(value, shape=value.shape.with_last(end))
    _note_ends(frame, ends)
    frame.chains = around
    if frame.kind != "split":
        unchanged = iterable.dynamic is statement.iterable and _identical(code, statement.body)
        if unchanged and not statement.otherwise:
            frame.emit(statement)
        else:
            frame.emit(
                replace_node(statement, iterable=iterable.dynamic, body=tuple(code) or (Pass(),))
            )
        return
    emit_loop(frame, statement, iterable, init, code, loop, element)


def _record_chains(frame: Frame, element: Value) -> dict[str, Dim]:
    """Tells the modules of a list that each is fed by the one before: which variable carries the
    size, from where. Returns the sizes after the loop that need no such variable."""
    settled: dict[str, Dim] = {}
    chains, frame.chains = frame.chains, {}
    for name, (shadow, entry) in chains.items():
        end = frame.chain_ends.pop(name, None)
        several = [p for p in _parts(element) if isinstance(p, Choice)]
        if several and end is not None:
            for part in several:
                if _feed_in_turn(list(_sites(part)), shadow, entry, end):
                    settled[name] = end
            continue
        # The modules that the loop runs over, and those that it finds by index.
        sites = [v.site for v in _parts(element) if isinstance(v, Instance)]
        sites += [s for s in frame.applied if s.loop is not None and _mentions(s, shadow)]
        for site in dict.fromkeys(sites):
            if "use" in site.details:
                from ..function_definitions.builders import chain_use

                chain_use(site, shadow, entry, end)
            elif end is not None:
                site.details["chain"] = (shadow, entry, end)
    return settled


def _sites(element: Value) -> Iterator[Site]:
    match element:
        case Choice(then=then, otherwise=otherwise):
            yield from _sites(then)
            yield from _sites(otherwise)
        case Instance(site=site):
            yield site
        case _:
            pass


def _feed_in_turn(sites: list[Site], shadow: str, entry: Dim, end: Dim) -> bool:
    """The lists of a sum of lists: the first module takes what enters, those after it what each of
    them gives. False where the first list is made in a loop, which may be empty."""
    from ..function_definitions.builders import fill_in

    for index, site in enumerate(sites):
        construct = site.details.get("construct")
        if not isinstance(construct, Expression):
            continue
        if index == 0 and site.loop is not None:
            site.details["chain"] = (shadow, entry, end)
            continue
        size = (end if index else entry).to_expression()
        fill_in(site, shadow, size)
    return bool(sites) and sites[0].loop is None


def _note_ends(frame: Frame, ends: Mapping[str, Dim | None]) -> None:
    """What leaves a list of modules, as those see it that do not know the variable of the loop: the
    size that each module gives, where that is one for all."""
    state = current_state(frame)
    for name, end in ends.items():
        if state is None or end is None:
            continue
        value = frame.environment.get(name)
        size = value.shape.size(-1) if isinstance(value, Tensor) else None
        code = end.to_expression()
        names = {n.id for n in walk(code) if isinstance(n, Name)}
        in_list = any(isinstance(n, Subscript) for n in walk(code))
        if size is not None and names <= {state.self_name, *state.parameters} and not in_list:
            state.chain_ends[size] = end


def _mentions(site: Site, name: str) -> bool:
    construct = site.details.get("construct")
    return isinstance(construct, Expression) and any(
        isinstance(n, Name) and n.id == name for n in walk(construct)
    )


def _parts(element: Value) -> list[Value]:
    """What one iteration sees, with tuples taken apart."""
    if isinstance(element, Sequence):
        return [part for item in element.items or () for part in _parts(item)]
    return [element]


def _identical(code: list[Statement], body: Body) -> bool:
    return len(code) == len(body) and all(a is b for a, b in zip(code, body, strict=True))


def emit_loop(
    frame: Frame,
    statement: For,
    iterable: Result,
    init: list[Statement],
    code: list[Statement],
    loop: Loop,
    element: Value,
) -> None:
    """Both halves of a static loop; `__call__`'s half is joined with the modules it runs through
    when all is known."""
    if frame.loop is None:
        _emit_lists(frame, loop)
    if init:
        static = iterable.static
        if static is None:
            frame.program.report_unavailable(frame, statement, statement.iterable)
        else:
            frame.emit_init(For(shadow_target(statement.target, element), static, tuple(init), ()))
    if code:
        frame.emit(
            LoopCode(replace_node(statement, iterable=iterable.dynamic, body=tuple(code)), loop)
        )


def _emit_lists(frame: Frame, loop: Loop) -> None:
    """The lists that the loop fills with modules."""
    for site in loop.sites:
        module_list = Call(Symbol("flax.nnx.List"), (Argument(List(())),))
        frame.emit_init(Assign((Attribute(Name("self"), site.attribute or ""),), module_list))


def shadow_target(target: Expression, element: Value) -> Expression:
    """The loop variables in `__init__`: a tensor's place is taken by its features."""
    match target:
        case Name(id=name) if is_dynamic(element):
            return Name(f"{name}_features")
        case Tuple(elements=elements) | List(elements=elements):
            parts = [_component(element, i, len(elements)) for i, _ in enumerate(elements)]
            new = tuple(shadow_target(e, v) for e, v in zip(elements, parts, strict=True))
            if all(a is b for a, b in zip(new, elements, strict=True)):
                return target
            return replace_node(target, elements=new, span=None)
        case _:
            return target


def bind_target(frame: Frame, target: Expression, value: Value) -> None:
    match target:
        case Name(id=name):
            frame.loop_targets.add(name)
            match value:
                case Tensor(shape=shape, dtype=dtype) if (
                    frame.kind == "split" and shape.size(-1) is None
                ):
                    size = Dim.named(f"{name}_features")
                    value = Tensor(shape.with_last(size), dtype)
                case Static(constant=None, kind=kind, size=None) if kind in (None, int):
                    value = Static(None, kind, Dim.named(name))
                case ShapeOf(shape=shape) if frame.kind == "init" and shape == Shape():
                    # Of a list of shapes, the list of their last sizes is there.
                    value = ShapeOf(Shape(None, Dim.named(name)))
                case _:
                    pass
            frame.assign(name, value)
        case Tuple(elements=elements) | List(elements=elements):
            for i, element in enumerate(elements):
                bind_target(frame, element, _component(value, i, len(elements)))
        case Starred(value=inner):
            bind_target(frame, inner, Sequence("list", None, Unknown()))
        case _:
            pass


def _component(value: Value, index: int, count: int) -> Value:
    match value:
        case Sequence(items=items) if items is not None and len(items) == count:
            return items[index]
        case Sequence(item=item) if item is not None:
            return item
        case Tensor():
            return Tensor()
        case _:
            return Static()


# ----------------------------------------------------------------------------------------- the body


def widen(frame: Frame, body: Body, bind: object) -> None:
    """Runs the body on trial until its variables are stable; sizes that change get a variable, set
    before the loop."""
    assert callable(bind)
    for _ in range(4):
        entry = dict(frame.environment)
        trial = frame.trial()
        trial.environment = dict(entry)
        trial.loop = Loop(frame.loop, frame.conditions)
        _run_trial(trial, body, bind)
        changed = False
        for name, value in entry.items():
            after = trial.environment.get(name, value)
            if after == value:
                continue
            new = _widened(frame, name, value, after)
            if new != value:
                frame.environment[name] = new
                changed = True
        if not changed:
            return


def _run_trial(trial: Frame, body: Body, bind: object) -> None:
    from .statements import run_body

    assert callable(bind)
    # `bind` closes over the real frame: give it the trial's variables for a moment.
    owner = trial.parent
    assert owner is not None
    saved, owner.environment = owner.environment, trial.environment
    saved_init, owner.init = owner.init, []
    bind()
    owner.environment, owner.init = saved, saved_init
    trial.terminated = False
    run_body(trial, body)


def _widened(frame: Frame, name: str, before: Value, after: Value) -> Value:
    match before, after:
        case Tensor(), Tensor():
            return _widened_tensor(frame, name, before, after)
        case Sequence(), Sequence():
            joined = join_values(before, after)
            assert isinstance(joined, Sequence)
            shadow = before.shadow or after.shadow
            item = sequence_item(joined)
            if isinstance(item, Tensor) and isinstance(before.items, tuple) and not before.items:
                item = _loop_item(item, before, after)
            return Sequence(joined.kind, None, item, shadow)
        case Static(), Static():
            joined = join_values(before, after)
            if isinstance(joined, Static) and frame.kind == "split":
                return Static(
                    joined.constant,
                    joined.kind,
                    Dim.named(name) if joined.kind in (None, int) else None,
                )
            return joined
        case _:
            return join_values(before, after)


def _loop_item(item: Tensor, before: Sequence, after: Sequence) -> Tensor:
    """An element appended in a loop has whatever size that iteration had: only numbers hold for all
    of them."""
    last = item.shape.size(-1)
    if last is not None and last.constant is None:
        return Tensor(item.shape.with_last(None), item.dtype)
    return item


def _widened_tensor(frame: Frame, name: str, before: Tensor, after: Tensor) -> Tensor:
    old, new = before.shape, after.shape
    mask = before.mask if same(before.mask, after.mask) else None
    if old.dims is None and new.dims is not None and frame.kind == "split":
        # The rank shows only inside the loop; it holds before it as well.
        old = old.at_rank(len(new.dims))
    if old.dims is None or new.dims is None or len(old.dims) != len(new.dims):
        last_old, last_new = old.size(-1), new.size(-1)
        lead = join_shapes(old, new).lead
        if last_old == last_new:
            return replace(before, shape=Shape(None, last_old, None, lead), mask=mask)
        if frame.kind == "split" and last_old is not None and last_new is not None:
            shadow = shadow_name(name, -1, 0)
            frame.rebase(shadow, name)
            frame.shadow(shadow, last_old.to_expression())
            return replace(before, shape=Shape(None, Dim.named(shadow), None, lead), mask=mask)
        chained = _chained(frame, name, last_old, last_new)
        return replace(before, shape=Shape(None, chained, None, lead), mask=mask)
    dims = list(old.dims)
    for axis, (a, b) in enumerate(zip(old.dims, new.dims, strict=True)):
        if a == b:
            continue
        a, b = said(a), said(b)
        dims[axis] = _chained(frame, name, a, b) if axis == len(dims) - 1 else None
        shadow = shadow_name(name, axis, len(dims))
        if frame.kind == "split" and a is not None and b is not None:
            frame.rebase(shadow, name)
            if a != Dim.named(shadow):
                frame.shadow(shadow, a.to_expression())
            dims[axis] = Dim.named(shadow)
    return replace(before, shape=Shape(tuple(dims)), mask=mask)


def _chained(frame: Frame, name: str, before: Dim | None, after: Dim | None) -> Dim | None:
    """In a method, the size that a list of modules hands on is a variable of the loop that builds
    the list."""
    if frame.kind != "call" or before is None or after is None:
        return None
    shadow = "features"
    frame.chains.setdefault(name, (shadow, before))
    return Dim.named(shadow)


def loop_body(
    frame: Frame, body: Body, bind: object, index: str | None = None
) -> tuple[list[Statement], list[Statement], Loop]:
    """Runs the body for real: (code in `__init__`, code at call time, the loop's modules)."""
    from .statements import run_body

    assert callable(bind)
    entry = dict(frame.environment)
    loop = Loop(frame.loop, frame.conditions, index=index)
    outer = frame.init, frame.body, frame.loop, frame.terminated
    frame.init, frame.body, frame.loop, frame.terminated = [], [], loop, False
    frame.depth += 1
    bind()
    run_body(frame, body)
    frame.depth -= 1
    if frame.kind == "split":
        for name, value in entry.items():
            _carry(frame, name, value, frame.environment.get(name))
    init, code = frame.init, frame.body
    frame.init, frame.body, frame.loop, frame.terminated = outer
    for name, value in entry.items():
        after = frame.environment.get(name)
        if isinstance(value, Tensor) and isinstance(after, Tensor):
            if name in frame.chains and after.shape.size(-1) is not None:
                frame.chain_ends[name] = after.shape.size(-1)
            frame.environment[name] = value
    if loop.sites and frame.loop is not None:
        frame.loop.sites.extend(loop.sites)
        frame.loop.direct = False
    return init, code, loop


def _carry(frame: Frame, name: str, entry: Value, after: Value | None) -> None:
    """At the end of an iteration, the size variables of a tensor take its new sizes."""
    if not isinstance(entry, Tensor) or not isinstance(after, Tensor):
        return
    if entry.shape.dims is None:
        shadow = shadow_name(name, -1, 0)
        if entry.shape.last == Dim.named(shadow):
            add_shadow(frame.init, shadow, after.shape.size(-1))
        return
    rank = len(entry.shape.dims)
    for axis, size in enumerate(entry.shape.dims):
        shadow = shadow_name(name, axis, rank)
        if size == Dim.named(shadow):
            add_shadow(frame.init, shadow, after.shape.size(axis))


# ----------------------------------------------------------------------------------- comprehensions


def comprehension(frame: Frame, node: Comprehension) -> Result:
    """One loop per clause; layers built inside belong to a list. Each part is evaluated once."""
    from ..evaluation import choices

    outer, saved = frame.environment, frame.loop
    frame.environment = dict(outer)
    alone = node.generators[0] if len(node.generators) == 1 and node.kind == "list" else None
    every = alone is not None and not alone.conditions
    index = counter(alone.target, alone.iterable) if every and alone is not None else None
    frame.loop = Loop(saved, frame.conditions, inline=True, index=index)
    found: dict[int, Result] = {}

    def part(code: Expression) -> Result:
        found[id(code)] = result = evaluate(frame, code)
        return result

    for generator in node.generators:
        iterable = part(generator.iterable)
        bind_target(frame, generator.target, element_value(frame, generator.iterable, iterable))
        for condition in generator.conditions:
            part(condition)
    inner = found[id(node.element)] = choices.as_one(frame, node.element, part(node.element))
    if node.value is not None:
        part(node.value)
    frame.loop = saved
    frame.environment = outer
    listed_layers.of_comprehension(frame, inner.value)
    dynamic = _rebuilt_comprehension(node, lambda code: found[id(code)].dynamic)
    static: Expression | None = None
    if all(r.static is r.dynamic for r in found.values()):
        static = dynamic
    elif all(r.static is not None for r in found.values()):
        static = _rebuilt_comprehension(node, lambda code: found[id(code)].static or code)
    value: Value = Static()
    items = None
    if every and alone is not None:
        items = several.iterations(frame, alone.iterable, node.element)
    if items is not None and alone is not None and several.is_alike(items):
        value = several.followed_elements(frame, items, alone.target, node.element)
    elif node.kind in ("list", "generator", "set"):
        if is_dynamic(inner.value) or isinstance(inner.value, Instance):
            value = Sequence("list", None, inner.value)
        elif node.kind == "list" and isinstance(inner.value, Static):
            value = Sequence("list", None, Static(None, inner.value.kind))
    elif any(is_dynamic(r.value) for r in found.values()):
        value = Unknown()
    return Result(value, dynamic, static)


def _rebuilt_comprehension(
    node: Comprehension, pick: Callable[[Expression], Expression]
) -> Comprehension:
    generators = tuple(
        _replaced(g, iterable=pick(g.iterable), conditions=tuple(pick(c) for c in g.conditions))
        for g in node.generators
    )
    value = pick(node.value) if node.value is not None else None
    return _replaced(node, element=pick(node.element), value=value, generators=generators)


def _replaced(node: N, **changes: object) -> N:
    """The same object when nothing differs."""
    same = all(
        len(new) == len(old) and all(a is b for a, b in zip(new, old, strict=True))
        if isinstance(new, tuple)
        else new is old
        for new, old in ((changes[name], getattr(node, name)) for name in changes)
    )
    return node if same else replace_node(node, **changes)
