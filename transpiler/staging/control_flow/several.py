"""Loops of `call` over modules that the constructor makes one by one.

    self.stages = [Narrow(8), Wide(16)]      for stage in self.stages:
                                                 x = stage(x)

The loop stays one. Its body is followed once for each module, in order, so that each gets the sizes
that it meets; the code is that of all of them.
"""

from __future__ import annotations

from ....ir.keys import same
from ....ir.names import bound_names
from ....ir.nodes import (
    Argument,
    Attribute,
    Break,
    Call,
    Continue,
    Expression,
    For,
    Name,
    Node,
    Subscript,
    walk,
)
from ..evaluation.expressions import constant_value, evaluate
from ..frame import Frame, Result
from ..joined_values import join_all
from ..layers.applying import apply_evaluated
from ..sites import Site, are_alike
from ..values import Instance, Known, Sequence, Several, Static, Tensor, Value

LONGEST = 64


def iterations(frame: Frame, iterable: Expression, body: Node) -> list[Value] | None:
    """What each iteration sees, where that is modules known one by one."""
    if frame.kind != "call":
        return None
    found = _elements(frame, iterable)
    if found is None:
        found = _over_indices(frame, iterable, body)
    elif not any(_is_module(part) for value in found for part in _parts(value)):
        return None
    return found if found is not None and 1 <= len(found) <= LONGEST else None


def _elements(frame: Frame, code: Expression) -> list[Value] | None:
    match code:
        case Call(function=Name(id="enumerate"), arguments=(Argument(value=inner),)):
            found = _elements(frame, inner)
            if found is None:
                return None
            return [Sequence("tuple", (constant_value(i), v)) for i, v in enumerate(found)]
        case Call(function=Name(id="zip"), arguments=arguments) if all(
            not a.star and a.keyword is None for a in arguments
        ):
            columns = [_elements(frame, a.value) for a in arguments]
            known = [c for c in columns if c is not None]
            if not known:
                return None
            count = min(len(c) for c in known)
            rows: list[Value] = []
            for i in range(count):
                parts = [
                    c[i] if c is not None else _any_element(frame, a.value)
                    for c, a in zip(columns, arguments, strict=True)
                ]
                rows.append(Sequence("tuple", tuple(parts)))
            return rows
        case Call(function=Name(id="reversed"), arguments=(Argument(value=inner),)):
            found = _elements(frame, inner)
            return None if found is None else found[::-1]
        case Name() | Attribute() | Subscript():
            value = evaluate(frame, code).value
            if isinstance(value, Sequence) and value.items is not None and not value.optional:
                return list(value.items)
            return None
        case _:
            return None


def _any_element(frame: Frame, code: Expression) -> Value:
    from .loop_targets import element_value

    return element_value(frame, code, evaluate(frame, code))


def _over_indices(frame: Frame, iterable: Expression, body: Node) -> list[Value] | None:
    """`for i in range(n)` where the body takes modules out of a list by the index."""
    match iterable:
        case Call(function=Name(id="range"), arguments=(Argument(value=stop),)):
            count = evaluate(frame, stop).value
        case _:
            return None
    lists = [
        found
        for node in walk(body)
        if isinstance(node, Subscript)
        and isinstance(node.value, Attribute)
        and isinstance(node.index, Name)
        and (found := _elements(frame, node.value)) is not None
        and any(_is_module(v) for v in found)
    ]
    if not all(is_alike(found) for found in lists):
        return None
    match count:
        case Static(constant=Known(int(number))) if lists and number <= min(map(len, lists)):
            for value in (v for found in lists for v in found):
                _keep(value)
            numbers: list[Value] = []
            numbers += [constant_value(i) for i in range(number)]
            return numbers
        case _:
            return None


def is_alike(values: list[Value]) -> bool:
    """Whether one body can call all the modules: what belongs to the call of a layer of Keras (its
    activation, say) is that of the others, too."""
    columns: dict[tuple[int, ...], list[Site]] = {}
    for value in values:
        for path, site in _places(value):
            columns.setdefault(path, []).append(site)
    return all(are_alike(sites) for sites in columns.values())


def _places(value: Value, path: tuple[int, ...] = ()) -> list[tuple[tuple[int, ...], Site]]:
    match value:
        case Instance(site=site):
            return [(path, site)]
        case Sequence(kind="tuple", items=items) if items is not None:
            return [p for i, v in enumerate(items) for p in _places(v, (*path, i))]
        case Sequence(items=items) if items is not None:
            return [p for v in items for p in _places(v, (*path, -1))]
        case _:
            return []


def follow(
    frame: Frame, values: list[Value], target: Expression, body: tuple[Node, ...]
) -> dict[str, Value] | None:
    """Runs the body once for each module, without leaving code, and returns the variables after
    the last; None where iterations may end early."""
    from .loop_targets import bind_target
    from .statements import run_body

    if any(isinstance(n, Break | Continue) for s in body for n in walk(s)):
        return None
    trial = frame.trial()
    trial.settles = True
    for value in values:
        _keep(value)
        bind_target(trial, target, value)
        trial.terminated = False
        run_body(trial, body)  # pyright: ignore
    return trial.environment


def _keep(value: Value) -> None:
    """The list holds the modules: it is how the code reaches them."""
    for _, site in _places(value):
        site.stored = True


def followed_elements(
    frame: Frame, values: list[Value], target: Expression, element: Expression
) -> Sequence:
    """The values of a comprehension, one by one."""
    from .loop_targets import bind_target

    trial = frame.trial()
    trial.settles = True
    found: list[Value] = []
    for value in values:
        _keep(value)
        bind_target(trial, target, value)
        trial.memo = {}
        found.append(evaluate(trial, element).value)
    return Sequence("list", tuple(found))


def after_loop(frame: Frame, statement: For, ends: dict[str, Value]) -> None:
    """Tensors have the sizes that the last module gives them."""
    for name in bound_names(statement.body):
        end = ends.get(name)
        if isinstance(end, Tensor | Sequence) and name in frame.environment:
            frame.environment[name] = end


def call_several(frame: Frame, node: Call, value: Several, callee: Result) -> Result:
    """A call of one of several modules; which one is not known here."""
    arguments = [(a, evaluate(frame, a.value)) for a in node.arguments]
    results: list[Result] = []
    for site in value.sites:
        own = Result(Instance(site), callee.dynamic, None)
        results.append(apply_evaluated(frame, site, node, own, list(arguments)))
    first = results[0]
    if any(not same(r.dynamic, first.dynamic) for r in results[1:]):
        frame.program.note(
            frame,
            "TJ5002",
            "the layers of this list are not alike, and which one is called here is not known",
            node.span,
            "call each of them by a constant index, or loop over the list without break",
        )
    joined = join_all([r.value for r in results])
    size = joined.shape.size(-1) if isinstance(joined, Tensor) else None
    return Result(joined, first.dynamic, size.to_expression() if size is not None else None)


def _is_module(value: Value) -> bool:
    return isinstance(value, Instance) and not value.optional


def _parts(value: Value) -> list[Value]:
    if isinstance(value, Sequence):
        return [part for item in value.items or () for part in _parts(item)]
    return [value]
