"""Calls of one of two things, chosen by a static test."""

from __future__ import annotations

from dataclasses import replace

from ....ir.keys import same
from ....ir.nodes import (
    Argument,
    Attribute,
    Call,
    Conditional,
    Constant,
    Expression,
    Name,
    Subscript,
)
from ...shapes.shapes import Shape
from ..frame import Frame, Result
from ..joined_values import join_all, join_values
from ..layers.applying import (
    Evaluated,
    apply_evaluated,
    apply_site,
    as_read,
    created,
    ensure_built,
    module_read,
)
from ..nodes import Pending
from ..sites import ChoiceTarget, Site
from ..values import UNKNOWN_TEST, Choice, Defined, Instance, Static, Tensor, TrainingFlag, Value
from .chosen_sizes import size_under
from .expressions import evaluate


def call_choice(
    frame: Frame, node: Call, test: Expression, then: Value, otherwise: Value
) -> Result:
    """A call of one of two things: both are followed, and the outcomes joined under the test."""
    from ..calling.calls import call_value

    def one(value: Value) -> Result:
        match value:
            case Instance():
                callee = Result(value, node.function, node.function)
            case _:
                evaluated = evaluate(frame, node.function)
                callee = Result(value, evaluated.dynamic, evaluated.static)
        return call_value(frame, node, callee)

    if frame.kind == "call" and isinstance(node.function, (Attribute, Name, Subscript)):
        return _call_stored_choice(frame, node, test, then, otherwise)
    alternatives = [v for v in (then, otherwise) if not isinstance(v, Static)]
    if len(alternatives) == 1:
        return one(alternatives[0])
    if isinstance(then, Instance) and isinstance(otherwise, Instance):
        site = Site(
            ChoiceTarget(test, then.site, otherwise.site),
            node.span,
            then.site.hint,
            loop=frame.loop,
        )
        return apply_site(frame, site, node, Result(Instance(site), node.function, None))
    values = then, otherwise
    first, second = one(then), one(otherwise)
    if isinstance(first.value, Instance) and isinstance(second.value, Instance):
        site = Site(
            ChoiceTarget(test, first.value.site, second.value.site, _named(frame, node, values)),
            node.span,
            first.value.site.hint,
            loop=frame.loop,
        )
        return created(frame, site, node)
    if same(first.dynamic, second.dynamic):
        return Result(join_values(first.value, second.value), first.dynamic, first.static)
    static: Expression | None = None
    if first.static is not None and second.static is not None:
        static = first.static
        if not same(first.static, second.static):
            static = Conditional(test, first.static, second.static)
    value = join_values(first.value, second.value)
    return Result(value, Conditional(as_read(frame, test), first.dynamic, second.dynamic), static)


def _named(frame: Frame, node: Call, values: tuple[Value, Value]) -> Expression | None:
    """The local variable of a constructor that holds one of two classes of the project."""
    local = frame.kind == "init" and isinstance(node.function, Name)
    return node.function if local and all(isinstance(v, Defined) for v in values) else None


def as_one(frame: Frame, node: Expression, result: Result) -> Result:
    """A conditional expression over two new modules as one module, as an element of a list is."""
    match result:
        case Result(
            value=Choice(test=test, then=Instance(site=then), otherwise=Instance(site=otherwise)),
            dynamic=Conditional(then=Pending(), otherwise=Pending()),
        ):
            site = Site(ChoiceTarget(test, then, otherwise), node.span, then.hint, loop=frame.loop)
            return created(frame, site, node)
        case _:
            return result


def _call_stored_choice(
    frame: Frame, node: Call, test: Expression, then: Value, otherwise: Value
) -> Result:
    """An attribute that holds one of two callables is called; both are followed for their sizes.
    None is not called."""
    from ..calling.calls import call_value
    from ..function_definitions.unapplied_layers import as_callable

    function = evaluate(frame, node.function).dynamic
    there = [v for v in (then, otherwise) if not isinstance(v, Static)]
    if len(there) == 1 and isinstance(there[0], Instance):
        there[0].site.stored = True
        return call_value(frame, node, Result(there[0], function, None))
    results = [(a, evaluate(frame, a.value)) for a in node.arguments]
    arguments = tuple(
        Argument(r.dynamic, a.keyword, a.star)
        for a, r in results
        if not isinstance(r.value, TrainingFlag)
    )
    values: list[Value] = []
    for one in there:
        if isinstance(one, Instance):
            one.site.stored = True
            one.site.details["callable"] = True
            if len(arguments) == 1:
                as_callable(one.site)
        memo, frame.memo = frame.memo, {}
        values.append(call_value(frame, node, Result(one, node.function, None)).value)
        frame.memo = memo
    value: Value = join_all(values)
    if len(values) == 2 and not same(test, UNKNOWN_TEST):
        value = size_under_test(value, values[0], values[1], test)
    value = Tensor() if isinstance(value, Static) else value
    size = value.shape.size(-1) if isinstance(value, Tensor) else None
    return Result(
        value, Call(function, arguments), size.to_expression() if size is not None else None
    )


def size_under_test(value: Value, a: Value, b: Value, test: Expression | None) -> Value:
    """A size that differs between two tensors is a conditional expression over a static test."""
    if not isinstance(value, Tensor) or not isinstance(a, Tensor) or not isinstance(b, Tensor):
        return value
    last_a, last_b = a.shape.size(-1), b.shape.size(-1)
    if value.shape.size(-1) is not None or test is None or last_a is None or last_b is None:
        return value
    size = size_under(test, last_a, last_b)
    shape = value.shape.with_last(size) if value.shape.dims else Shape(None, size)
    return replace(value, shape=shape)


def apply_choice(
    frame: Frame, site: Site, target: ChoiceTarget, node: Call, callee: Result, arguments: Evaluated
) -> Result:
    outcomes: list[Result] = []
    for alternative in (target.then, target.otherwise):
        alternative.stored = True
        reader = module_read(frame, site, callee.dynamic)
        outcomes.append(
            apply_evaluated(
                frame, alternative, node, Result(Instance(alternative), reader, None), arguments
            )
        )
    first, second = outcomes
    constructs = [s.details.get("construct") for s in (target.then, target.otherwise)]
    if any(c is not None for c in constructs):
        then, otherwise = (c if isinstance(c, Expression) else Constant(None) for c in constructs)
        ensure_built(frame, site, target.construct(then, otherwise))
    value = join_values(first.value, second.value)
    value = size_under_test(value, first.value, second.value, target.test)
    dynamic = first.dynamic
    if not same(first.dynamic, second.dynamic):
        dynamic = Conditional(as_read(frame, target.test), first.dynamic, second.dynamic)
    size = value.shape.size(-1) if isinstance(value, Tensor) else None
    return Result(value, dynamic, size.to_expression() if size is not None else None)
