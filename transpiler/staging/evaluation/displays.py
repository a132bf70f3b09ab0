"""Displays, comprehensions and lambdas."""

from __future__ import annotations

from typing import Any

from ....ir.nodes import (
    Comprehension,
    Constant,
    Dict,
    Expression,
    Lambda,
    List,
    Starred,
    Tuple,
    replace_node,
)
from ..frame import Frame, Result
from ..joined_values import join_values, sequence_item
from ..values import Closure, Mapped, Sequence, Static, Tensor, Value, integer, is_dynamic
from .expressions import composite, evaluate
from .serialized import deserialized
from .shape_values import shape_sizes


def evaluate_display(frame: Frame, node: Tuple | List) -> Result:
    from .choices import as_one

    results = [
        evaluate(frame, e.value) if isinstance(e, Starred) else as_one(frame, e, evaluate(frame, e))
        for e in node.elements
    ]
    kind = "tuple" if isinstance(node, Tuple) else "list"
    items: list[Value] | None = []
    for element, result in zip(node.elements, results, strict=True):
        if not isinstance(element, Starred):
            if items is not None:
                items.append(result.value)
        elif (
            isinstance(result.value, Sequence)
            and result.value.items is not None
            and items is not None
        ):
            items.extend(result.value.items)
        elif items is not None and (sizes := shape_sizes(result.value)) is not None:
            items.extend(integer(size) for size in sizes)
        else:
            items = None
    if items is not None:
        value = Sequence(kind, tuple(items))
    else:
        parts = [
            sequence_item(r.value) if isinstance(r.value, Sequence) else r.value for r in results
        ]
        joined = [p for p in parts if p is not None]
        item = joined[0] if joined else None
        for part in joined[1:]:
            item = join_values(item, part) if item is not None else part
        after = max(i for i, e in enumerate(node.elements) if isinstance(e, Starred)) + 1
        value = Sequence(kind, None, item, tail=tuple(r.value for r in results[after:]))

    def rebuild(codes: list[Expression]) -> Expression:
        new = tuple(
            (e if c is e.value else replace_node(e, value=c)) if isinstance(e, Starred) else c
            for e, c in zip(node.elements, codes, strict=True)
        )
        if all(a is b for a, b in zip(new, node.elements, strict=True)):
            return node
        return replace_node(node, elements=new)

    dynamic = rebuild([r.dynamic for r in results])
    statics = [r.static for r in results]
    static: Expression | None = None
    if all(r.static is r.dynamic for r in results):
        static = dynamic
    elif all(s is not None for s in statics):
        static = rebuild([s for s in statics if s is not None])
    if value.items is None and is_dynamic(value):
        value = Sequence(kind, None, value.item, static, tail=value.tail)
    return Result(value, dynamic, static)


def evaluate_dict(frame: Frame, node: Dict) -> Result:
    built = deserialized(node, frame.program.rules)
    if built is not None:
        return evaluate(frame, built)
    entries: dict[Any, Value] = {}
    is_known = True
    result = composite(frame, node)
    facts = frame.program.facts
    assert isinstance(result.dynamic, Dict)
    for k, v in zip(result.dynamic.keys, result.dynamic.values, strict=True):
        constant = k.value if isinstance(k, Constant) else None
        if constant is None:
            is_known = False
            break
        entries[constant] = facts.value(v) or Static()
    if not is_known:
        return result
    value = Mapped(entries)
    if frame.kind == "split" and is_dynamic(value):
        # The sizes of its tensors.
        statics = [evaluate(frame, v).static for v in node.values]
        sizes = tuple(s for s in statics if s is not None)
        static = Dict(result.dynamic.keys, sizes) if len(sizes) == len(statics) else None
        return Result(value, result.dynamic, static)
    return Result(value, result.dynamic, result.static)


def evaluate_comprehension(frame: Frame, node: Comprehension) -> Result:
    from ..control_flow import comprehensions

    return comprehensions.comprehension(frame, node)


def evaluate_lambda(frame: Frame, node: Lambda) -> Result:
    """The body is translated in place; its parameters may be tensors, or None."""
    outer = dict(frame.environment)
    for parameter in node.parameters:
        frame.environment[parameter.name] = Tensor(optional=True, assumed=True)
    kind = frame.kind
    body = evaluate(frame, node.body)
    frame.environment = outer
    frame.kind = kind
    dynamic = node if body.dynamic is node.body else replace_node(node, body=body.dynamic)
    static = None if body.static is None and is_dynamic(body.value) else node
    return Result(Closure(node, outer), dynamic, static if not is_dynamic(body.value) else dynamic)
