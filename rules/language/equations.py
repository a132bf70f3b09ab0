"""Equations of `EinsumDense`, as a linear map over the last axes."""

from __future__ import annotations

from dataclasses import dataclass

from .context import Arguments, Context, Table
from .facts import Known

EQUATIONS = Table()


@dataclass(frozen=True, slots=True)
class LinearMap:
    """`contracted` axes of the input go, `new` ones come, both at the end; `order` puts the axes of
    the kernel in that order."""

    contracted: str
    new: str
    order: tuple[int, ...]


def linear_map(equation: str) -> LinearMap | None:
    """The map that an equation says; None where axes other than the last ones change."""
    left, arrow, output = equation.replace(" ", "").partition("->")
    given, comma, kernel = left.partition(",")
    if not arrow or not comma or "," in kernel or "." in kernel:
        return None
    contracted = "".join(c for c in given if c in kernel and c not in output)
    new = "".join(c for c in output if c in kernel and c not in given)
    wanted = contracted + new
    distinct = len(set(kernel)) == len(kernel) and sorted(wanted) == sorted(kernel)
    kept = given.removesuffix(contracted), output.removesuffix(new)
    at_end = given.endswith(contracted) and output.endswith(new) and kept[0] == kept[1]
    if not (contracted and new and distinct and at_end):
        return None
    return LinearMap(contracted, new, tuple(kernel.index(c) for c in wanted))


def _found(context: Context, arguments: Arguments) -> LinearMap | None:
    value = context.known(arguments[0])
    return linear_map(value.value) if value is not None and isinstance(value.value, str) else None


def _form(context: Context, arguments: Arguments) -> Known | None:
    if context.known(arguments[0]) is None:
        return None
    found = _found(context, arguments)
    return Known("" if found is None else f"{len(found.contracted)}->{len(found.new)}")


def _order(context: Context, arguments: Arguments) -> Known | None:
    found = _found(context, arguments)
    return None if found is None else Known(found.order)


def _covers(context: Context, arguments: Arguments) -> Known | None:
    found, axes = _found(context, arguments), context.known(arguments[1])
    if found is None or axes is None:
        return None
    given = axes.value
    all_new = isinstance(given, str) and sorted(given) == sorted(found.new)
    return Known(given is None or all_new)


EQUATIONS.define(
    "einsum_form",
    (1, 1),
    'how many of the last axes an equation takes and gives: "1->2"; "" for others',
    _form,
)
EQUATIONS.define(
    "einsum_order",
    (1, 1),
    "the axes of the kernel: those that are taken, then the new ones",
    _order,
)
EQUATIONS.define(
    "einsum_bias",
    (2, 2),
    "`einsum_bias(equation, axes)`: whether the bias has all the new axes, or there is none",
    _covers,
)
