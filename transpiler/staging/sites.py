"""Places where the source builds a layer or a module of the project."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

from ...ir.dims import Dim
from ...ir.keys import same
from ...ir.nodes import (
    Argument,
    Call,
    Conditional,
    Constant,
    Expression,
    FormattedString,
    Name,
    Node,
    OpCall,
    Statement,
    replace_node,
    walk,
)
from ...ir.span import Span

if TYPE_CHECKING:
    from .chosen_layers.layer_tables import LayerTable
    from .frame import Result
    from .plans import Plan
    from .values import LayerFactory


@dataclass(slots=True, eq=False)
class Loop:
    """A static loop that builds layers: `sites` in order; `direct` while each iteration builds each
    site exactly once."""

    outer: Loop | None
    conditions: int = 0
    sites: list[Site] = field(default_factory=list["Site"])
    direct: bool = True
    inline: bool = False  # of a comprehension, which only one slice has
    index: str | None = None  # the variable that counts the iterations
    before: list[Statement] = field(default_factory=list["Statement"])  # built before the loop


@dataclass(slots=True, eq=False)
class LayerTarget:
    """A layer of the API: the call as seen from `__init__` and as seen from `__call__`."""

    static: OpCall
    dynamic: OpCall


@dataclass(slots=True, eq=False)
class PlanTarget:
    """A class of the project, or a function that becomes one. Arguments by parameter name, as
    written in each slice."""

    plan: Plan
    static: tuple[Argument, ...]
    dynamic: tuple[Argument, ...]
    function: Expression | None = None  # what is called, if not the plan by its name


@dataclass(slots=True, eq=False)
class ParameterTarget:
    """A module class that the caller passes in: built with the size of the input's last axis."""

    static: Expression
    arguments: tuple[Argument, ...] = ()


@dataclass(slots=True, eq=False)
class FactoryTarget:
    """A layer that a `LayerFactory` builds: its code in `__init__`."""

    factory: LayerFactory
    static: Expression


@dataclass(slots=True, eq=False)
class SequentialTarget:
    """`Sequential([...])` as a value: the layers in order. `held`: of a starred one, by its id, the
    layers that the list may hold; `named`: what holds a layer in the constructor."""

    sites: list[Site | Expression]
    named: dict[Site, Expression] = field(default_factory=dict["Site", Expression])
    held: dict[int, tuple[Site, ...]] = field(default_factory=dict[int, "tuple[Site, ...]"])


@dataclass(slots=True, eq=False)
class ChoiceTarget:
    """One of two modules, by a static test (code of `__init__`). `callee`: what holds the class
    that the test chose, where the code has a name for it."""

    test: Expression
    then: Site
    otherwise: Site
    callee: Expression | None = None

    def construct(self, then: Expression, otherwise: Expression) -> Expression:
        """The code that makes the module, of that of both."""
        if same(then, otherwise):
            return then
        if self.callee is not None and isinstance(then, Call) and isinstance(otherwise, Call):
            calls = [replace_node(c, function=self.callee) for c in (then, otherwise)]
            if same(*calls):
                return calls[0]
        return Conditional(self.test, then, otherwise)


@dataclass(slots=True, eq=False)
class ByNameTarget:
    """The layer that a string chooses from a table; `name` is code of `__init__`, `given` are the
    static arguments. `callee`: the variable that holds what the name stands for, if one does."""

    table: LayerTable
    name: Expression
    given: Mapping[str, Result]
    callee: Name | None = None


@dataclass(slots=True, eq=False)
class DistributedTarget:
    """`TimeDistributed(inner)`. `code` reads the layer inside; `stored`: where `__init__` keeps
    it, if it is not written inside the wrapper."""

    inner: Site
    code: Expression
    stored: Expression | None = None


@dataclass(slots=True, eq=False)
class ListedTarget:
    """Any of several layers of a list, in a function that builds a graph (see `listed_layers`)."""

    sites: tuple[Site, ...]


Target = (
    LayerTarget
    | PlanTarget
    | ParameterTarget
    | FactoryTarget
    | SequentialTarget
    | ChoiceTarget
    | ByNameTarget
    | DistributedTarget
    | ListedTarget
)


@dataclass(slots=True, eq=False)
class Site:
    """One creation. `sizes` are the input sizes by name once the first application has told
    them."""

    target: Target
    span: Span | None
    hint: str
    loop: Loop | None = None
    attribute: str | None = None
    sizes: dict[str, Dim] | None = None
    details: dict[str, Any] = field(default_factory=dict[str, Any])
    emitted: bool = False
    applications: int = 0
    stored: bool = (
        False  # reachable through a name the source chose (`self.conv`), not through one we choose
    )


def are_alike(sites: list[Site]) -> bool:
    """Whether the same code calls all of them: what belongs to the call of a layer of Keras (its
    activation, say) is that of the others, too."""
    first = sites[0].target
    for site in sites:
        match site.target, first:
            case (PlanTarget(), PlanTarget()) | (SequentialTarget(), SequentialTarget()):
                pass
            case LayerTarget(static=one), LayerTarget(static=other):
                if one.symbol != other.symbol or not same(
                    one.bound.get("activation"), other.bound.get("activation")
                ):
                    return False
            case _:
                return False
    return True


def settled_site(first: Site, second: Site) -> Site | None:
    """Of two sites of one call, one of them seen while a loop was tried out: the other."""
    match first.target, second.target:
        case PlanTarget(plan=one), PlanTarget(plan=other) if one is other:
            pass
        case LayerTarget(static=one), LayerTarget(static=other) if one.symbol == other.symbol:
            pass
        case _:
            return None
    if first.span is None or first.span != second.span:
        return None
    if first.details.get("tried"):
        return second
    return first if second.details.get("tried") else None


_WORDS = re.compile(r"[A-Za-z][A-Za-z0-9]*|[0-9]+")
_FORMATS = re.compile(r"%[-#0 +]*\d*(?:\.\d+)?[a-zA-Z]|\{[^{}]*\}")
_SHORT = {
    "BatchNormalization": "bn",
    "LayerNormalization": "layer_norm",
    "GroupNormalization": "group_norm",
    "Conv1D": "conv",
    "Conv2D": "conv",
    "Conv3D": "conv",
    "Conv2DTranspose": "conv_transpose",
    "Conv3DTranspose": "conv_transpose",
    "DepthwiseConv2D": "depthwise_conv",
    "SeparableConv2D": "separable_conv",
    "MultiHeadAttention": "attention",
}


MODULE_METHODS = frozenset(
    ("eval", "iter_children", "iter_modules", "perturb", "set_attributes", "sow", "train")
)
"""Public methods of nnx.Module, which an attribute of that name would hide."""


def snake_case(name: str) -> str:
    """`MultiHeadAttention` -> `multi_head_attention`."""
    name = re.sub(
        r"([a-z]|[0-9](?=[A-Z][a-z]))([A-Z])",
        r"\1_\2",
        re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name),
    )
    return re.sub(r"\W+", "_", name).strip("_").lower() or "module"


def camel_case(name: str) -> str:
    """`conv_block` -> `ConvBlock`; capitals inside words stay."""
    return "".join(word[:1].upper() + word[1:] for word in name.split("_") if word) or "Module"


def attribute_hint(symbol: str, name_argument: Expression | None) -> str:
    """A readable attribute name: the literal parts of the layer's `name=`, else its kind."""
    kind = symbol.rsplit(".", 1)[-1]
    fallback = _SHORT.get(kind, snake_case(kind))
    if name_argument is None:
        return fallback
    literal = " ".join(
        str(node.value)
        for node in walk(name_argument)
        if isinstance(node, Constant) and isinstance(node.value, str)
    )
    if not isinstance(name_argument, (Constant, FormattedString)) and not literal:
        return fallback
    words = _WORDS.findall(_FORMATS.sub(" ", literal))
    while words and words[0].isdigit():
        words = [*words[1:], words[0]]
        if all(w.isdigit() for w in words):
            break
    if not words or words[0].isdigit() or len("".join(words)) < 2:
        return fallback
    hint = snake_case("_".join(words))
    # `Dense(8, name="train")` and `name="in"`: no name for an attribute.
    return f"{hint}_{fallback}" if hint in MODULE_METHODS or iskeyword(hint) else hint


def contains_type(node: Node, kind: type[Node]) -> bool:
    return any(isinstance(n, kind) for n in walk(node))


def unique_name(hint: str, taken: Mapping[str, Any] | set[str]) -> str:
    """`hint`, or `hint_1`, `hint_2` ... whichever is free first."""
    if hint not in taken:
        return hint
    index = 1
    while f"{hint}_{index}" in taken:
        index += 1
    return f"{hint}_{index}"


def asked_name(taken: dict[str, str], what: str, size: str) -> str:
    """`<layer>_in_features`, or `<layer>_in_shape`: one parameter for each layer that asks."""
    kind = "in_shape" if size.endswith("_shape") else "in_features"
    for name, owner in taken.items():
        if owner == what and name.rstrip("_0123456789").endswith(kind):
            return name
    name = unique_name(f"{snake_case(what.rsplit('.', 1)[-1])}_{kind}", taken)
    taken[name] = what
    return name


def either_listed(first: Site, second: Site) -> Site | None:
    """One site for either of two layers of a list; None where the code applies layers otherwise."""
    if not all(s.details.get("functional") for s in (first, second)):
        return None
    both = (first, second)
    parts = [s.target.sites if isinstance(s.target, ListedTarget) else (s,) for s in both]
    if set(parts[1]) <= set(parts[0]):
        return first
    found = first.details.setdefault("either", {})
    if second not in found:
        sites = tuple(dict.fromkeys((*parts[0], *parts[1])))
        found[second] = Site(ListedTarget(sites), first.span, first.hint, first.loop)
        found[second].details["functional"] = True
    return found[second]
