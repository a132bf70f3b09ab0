"""Arguments of a call, by the parameters of the definition that is called."""

from __future__ import annotations

from typing import cast

from ....ir.nodes import Argument, Parameter, replace_node
from ..frame import Result
from ..plans import Bound, Plan
from ..values import Api


def bind(
    plan: Plan, arguments: list[tuple[Argument, Result]]
) -> tuple[Bound, list[tuple[Argument, Result]]]:
    """Arguments by parameter name, as Python would bind them; what does not fit is left over."""
    source = cast("list[Parameter] | None", plan.details.get("signature"))
    parameters = source if source is not None else [*plan.tensors, *plan.parameters]
    positional = [p.name for p in parameters if p.kind in ("positional", "positional_only")]
    names = {p.name for p in parameters if p.kind not in ("varargs", "kwargs")}
    bound: Bound = {}
    rest: list[tuple[Argument, Result]] = []
    index = 0
    for argument, result in arguments:
        if argument.star:
            rest.append((argument, result))
        elif argument.keyword is not None:
            if argument.keyword in names:
                bound[argument.keyword] = (argument, result)
            else:
                rest.append((argument, result))
        elif index < len(positional):
            bound[positional[index]] = (argument, result)
            index += 1
        else:
            rest.append((argument, result))
    return bound, rest


def constructor_arguments(
    plan: Plan, bound: Bound, rest: list[tuple[Argument, Result]]
) -> tuple[tuple[Argument, ...], tuple[Argument, ...]]:
    """The static arguments in each slice: positionals stay positional while no gap opens before
    them."""
    static: list[Argument] = []
    dynamic: list[Argument] = []
    kept = [
        p for p in plan.parameters if p.kind in ("positional", "positional_only", "keyword_only")
    ]
    contiguous = True
    for parameter in kept:
        if parameter.name not in bound:
            contiguous = False
            continue
        argument, result = bound[parameter.name]
        keyword = argument.keyword or (
            None if contiguous and parameter.kind != "keyword_only" else parameter.name
        )
        if argument.keyword is not None:
            contiguous = False
        static.append(Argument(result.static or result.dynamic, keyword))
        dynamic.append(Argument(result.dynamic, keyword))
    for argument, result in rest:
        if argument.keyword in ("name", "dtype", "trainable", "training"):
            continue
        if argument.keyword is not None and isinstance(result.value, Api):
            continue  # a module of Keras, handed to where it is not needed any more
        if argument.star and not _takes_more(plan, bound):
            continue
        static.append(replace_node(argument, value=result.static or result.dynamic))
        dynamic.append(replace_node(argument, value=result.dynamic))
    static.sort(key=lambda a: a.keyword is not None or a.star == "**")
    dynamic.sort(key=lambda a: a.keyword is not None or a.star == "**")
    return tuple(static), tuple(dynamic)


def _takes_more(plan: Plan, bound: Bound) -> bool:
    """Whether a starred argument can bring something: a parameter is left for it."""
    kinds = ("varargs", "kwargs")
    return any(p.kind in kinds or p.name not in bound for p in plan.parameters)
