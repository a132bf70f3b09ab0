"""`functools.partial` of layers and functions: calls get the arguments that it adds."""

from __future__ import annotations

from ....ir.nodes import Argument, Call, Expression, replace_node
from ..evaluation.expressions import composite, evaluate
from ..frame import Frame, Result
from ..values import Api, Closure, Defined, Partial


def partial(frame: Frame, node: Call) -> Result:
    """`partial(function, ...)`."""
    plain = composite(frame, node)
    match node.arguments:
        case (Argument(value=code, keyword=None, star=""), *given) if not any(
            a.star for a in given
        ):
            function = evaluate(frame, code).value
            if isinstance(function, (Api, Defined, Closure, Partial)):
                value = Partial(function, code, tuple(given))
                return Result(value, plain.dynamic, plain.static)
        case _:
            pass
    return plain


def merged_call(node: Call, function: Expression, given: tuple[Argument, ...]) -> Call:
    """The call with what `partial` adds: its positional arguments first; keywords of the call
    win."""
    named = {a.keyword for a in node.arguments}
    first = [a for a in given if a.keyword is None]
    last = [a for a in given if a.keyword is not None and a.keyword not in named]
    own = [a for a in node.arguments if a.keyword is None and a.star != "**"]
    rest = [a for a in node.arguments if a.keyword is not None or a.star == "**"]
    return replace_node(node, function=function, arguments=(*first, *own, *rest, *last))
