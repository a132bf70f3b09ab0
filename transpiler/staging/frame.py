"""The state of one function while it is staged: what its variables are, and the code produced so
far."""
# pyright: basic

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from ...ir.dims import Dim
from ...ir.keys import key, same
from ...ir.nodes import Assign, Expression, FunctionDef, Name, Statement
from ..shapes.shapes import UNKNOWN, Shape
from .evaluation.flags import settled
from .nodes import Optional
from .sites import Loop, Site, are_alike, either_listed, settled_site
from .uses.exports import sizes_code
from .values import (
    ByName,
    Flagged,
    GraphModel,
    Instance,
    Known,
    Mapped,
    Partial,
    Sequence,
    Several,
    ShapeOf,
    Static,
    Tensor,
    Unknown,
    Value,
    Weight,
    is_dynamic,
    may_be_none,
)

if TYPE_CHECKING:
    from .plans import Plan
    from .program import Program

Kind = Literal["split", "plain", "init", "call"]


@dataclass(frozen=True, slots=True)
class Result:
    """An evaluated expression: what is known of it, its code at call time, and its code in
    `__init__`.

    For a tensor the `__init__` code is the size of its last axis; for a list of tensors, the list
    of those sizes. None: nothing in `__init__` can stand for it.
    """

    value: Value
    dynamic: Expression
    static: Expression | None


@dataclass(slots=True, eq=False)
class Frame:
    """`kind`: "split" makes both slices; "init" and "call" are methods of a class; "plain" keeps
    one body."""

    program: Program
    module: str
    kind: Kind
    plan: Plan | None = None
    environment: dict[str, Value] = field(default_factory=dict[str, Value])
    init: list[Statement] = field(default_factory=list[Statement])
    body: list[Statement] = field(default_factory=list[Statement])
    sites: list[Site] = field(default_factory=list[Site])
    taken: set[str] = field(default_factory=set[str])
    variables: set[str] = field(default_factory=set[str])
    call_only: set[str] = field(default_factory=set[str])
    masks: set[str] = field(default_factory=set[str])
    returns: list[Value] = field(default_factory=list[Value])
    return_tests: dict[int, Expression] = field(default_factory=dict[int, "Expression"])
    inputs: dict[str, Tensor] = field(default_factory=dict[str, Tensor])
    static_targets: dict[str, int] = field(default_factory=dict[str, int])
    loop_targets: set[str] = field(default_factory=set[str])
    loop: Loop | None = None
    conditions: int = 0
    tests: list[Expression] = field(default_factory=list[Expression])
    depth: int = 0
    probing: bool = False
    settles: bool = False  # a method evaluated again: sizes that layers meet there are final
    terminated: bool = False
    blocked: bool = False  # a value is missing that later code of this block needs
    self_name: str | None = None
    method: FunctionDef | None = None
    pending_inputs: list[Expression] = field(default_factory=list[Expression])
    parent: Frame | None = None
    clock: int = 0
    assigned_at: dict[str, int] = field(default_factory=dict[str, int])
    assigned_in_loop: set[str] = field(default_factory=set[str])
    memo: dict[int, tuple[Expression, Result]] = field(
        default_factory=dict[int, "tuple[Expression, Result]"]
    )
    applied: list[Site] = field(default_factory=list[Site])
    chains: dict[str, tuple[str, Dim]] = field(default_factory=dict[str, tuple[str, Dim]])
    chain_ends: dict[str, Dim | None] = field(default_factory=dict[str, Dim | None])

    def trial(self) -> Frame:
        """A frame to run a loop body on without leaving traces."""
        return Frame(
            self.program,
            self.module,
            self.kind,
            self.plan,
            dict(self.environment),
            taken=set(self.taken),
            variables=set(self.variables),
            call_only=set(self.call_only),
            masks=set(self.masks),
            inputs=dict(self.inputs),
            conditions=self.conditions,
            tests=list(self.tests),
            depth=self.depth + 1,
            probing=True,
            self_name=self.self_name,
            method=self.method,
            parent=self,
            clock=self.clock,
        )

    def is_trial(self) -> bool:
        """Whether this run leaves no traces: a loop body tried out, or a method evaluated again."""
        current: Frame | None = self
        while current is not None:
            if current.probing:
                return True
            current = current.parent
        return False

    def loop_depth_is_static(self) -> bool:
        """Whether this point runs exactly once: outside loops and branches."""
        return self.depth == 0

    # -- code

    def emit(self, statement: Statement) -> None:
        """Adds call-time code (the only code, outside split frames)."""
        self.body.append(statement)

    def emit_init(self, statement: Statement) -> None:
        self.init.append(statement)

    def shadow(self, name: str, expression: Expression | None) -> None:
        """`name = expression` in `__init__`, if anything there comes to need it."""
        if self.kind == "split" and expression is not None and not same(expression, Name(name)):
            statement = Assign((Name(name),), expression)
            self.init.append(Optional(statement, (name,)))

    def unique_attribute(self, hint: str) -> str:
        hint = f"{hint}_layer" if hint in self.variables else hint
        name, index = hint, 1
        while name in self.taken:
            name, index = f"{hint}_{index}", index + 1
        self.taken.add(name)
        return name

    # -- variables

    def assign(self, name: str, value: Value) -> None:
        """Binds a variable; sizes of other tensors that mention its old value move to a shadow
        variable first."""
        self.rebase(name, name)
        self.environment[name] = value
        if not is_dynamic(value) and not isinstance(value, (Instance, Partial)):
            self.variables.add(name)

    def rebase(self, variable: str, name: str) -> None:
        """A variable of `__init__` is about to change: sizes that mention it, but for those of
        `name`, are kept elsewhere."""
        if self.kind != "split":
            return
        mentioned = key(Name(variable))
        for other, value in list(self.environment.items()):
            if other == name:
                continue
            if isinstance(value, Tensor):
                self.environment[other] = self._moved(
                    other, value, lambda d: _mentions(d, mentioned)
                )
            elif isinstance(value, (Sequence, Mapped)) and is_dynamic(value):
                self.environment[other] = self._kept(other, value, mentioned)

    def _kept(self, name: str, value: Sequence | Mapped, mentioned: object) -> Value:
        """Tensors in a list or dict: sizes that mention a variable which changes are read from the
        list of their sizes."""
        forgotten = forget_sizes(value, lambda d: _mentions(d, mentioned))
        if forgotten is value:
            return value
        if value.shadow is None:
            code = sizes_code(value)
            if code is None:
                return forgotten
            shadow = Name(f"{name}_features")
            self.shadow(shadow.id, code)
            return replace(forgotten, shadow=shadow)
        return forgotten

    def _moved(self, name: str, value: Tensor, wanted: object) -> Tensor:
        assert callable(wanted)
        shape = value.shape
        if shape.dims is None:
            if shape.last is not None and wanted(shape.last):
                self.shadow(shadow_name(name, -1, 0), shape.last.to_expression())
                last = Dim.named(shadow_name(name, -1, 0))
                return replace(value, shape=Shape(None, last, shape.base, shape.lead))
            return value
        dims = list(shape.dims)
        for axis, size in enumerate(dims):
            if size is not None and wanted(size) and size.is_hidden:
                dims[axis] = None
            elif size is not None and wanted(size):
                shadow = shadow_name(name, axis, len(dims))
                self.shadow(shadow, size.to_expression())
                dims[axis] = Dim.named(shadow)
        return replace(value, shape=Shape(tuple(dims)))


def forget_sizes(value: Value, wanted: Callable[[Dim], bool]) -> Value:
    """The same tensors without the last sizes that `wanted` picks; the same object if there are
    none."""
    match value:
        case Tensor(shape=shape):
            last = shape.size(-1)
            picked = last is not None and not last.is_hidden and wanted(last)
            return replace(value, shape=shape.with_last(None)) if picked else value
        case Sequence(items=items, item=item):
            new = None if items is None else tuple(forget_sizes(v, wanted) for v in items)
            one = None if item is None else forget_sizes(item, wanted)
            same_items = all(a is b for a, b in zip(new or (), items or (), strict=True))
            return value if same_items and one is item else replace(value, items=new, item=one)
        case Mapped(entries=entries):
            found = {k: forget_sizes(v, wanted) for k, v in entries.items()}
            same_entries = all(found[k] is v for k, v in entries.items())
            return value if same_entries else replace(value, entries=found)
        case _:
            return value


def _mentions(size: Dim, variable: object) -> bool:
    return any(_contains(atom.key, variable) for atom in size.atoms())


def _contains(structure: object, part: object) -> bool:
    if structure == part:
        return True
    return isinstance(structure, tuple) and any(_contains(item, part) for item in structure)  # pyright: ignore


def shadow_name(variable: str, axis: int, rank: int) -> str:
    """The `__init__` variable for one size of a tensor variable: its features, or
    `<x>_size<axis>`."""
    if axis in (-1, rank - 1):
        return f"{variable}_features"
    return f"{variable}_size{axis}"


# -------------------------------------------------------------------------------------------- joins


def join_values(left: Value, right: Value) -> Value:
    """What is known when either may be the case; sizes that differ become unknown (see
    `join_tensor` for shadows)."""
    if left == right:
        return left
    if isinstance(left, Flagged) or isinstance(right, Flagged):
        return join_values(settled(left), settled(right))
    match left, right:
        case Tensor(), Tensor():
            dtype = left.dtype if left.dtype == right.dtype else None
            mask = left.mask if same(left.mask, right.mask) else None
            optional, assumed = left.optional or right.optional, left.assumed or right.assumed
            return Tensor(join_shapes(left.shape, right.shape), dtype, mask, optional, assumed)
        case Weight(), Weight():
            dtype = left.dtype if left.dtype == right.dtype else None
            optional = left.optional or right.optional
            return Weight(join_shapes(left.shape, right.shape), dtype, optional)
        case Static(), Static():
            constant = left.constant if left.constant == right.constant else None
            return Static(constant, left.kind if left.kind is right.kind else None)
        case Sequence(kind=kind), Sequence():
            items = sequence_item(left), sequence_item(right)
            optional = left.optional or right.optional
            if (
                left.items is not None
                and right.items is not None
                and len(left.items) == len(right.items)
            ):
                joined = tuple(
                    join_values(a, b) for a, b in zip(left.items, right.items, strict=True)
                )
                return Sequence(kind, joined, None, left.shadow or right.shadow, optional)
            known = [i for i in items if i is not None]
            item = known[0] if len(known) == 1 else join_items(*known) if known else None
            return Sequence(kind, None, item, left.shadow or right.shadow, optional)
        case Mapped(), Mapped():
            entries = {**left.entries, **right.entries}
            for k in left.entries.keys() & right.entries.keys():
                entries[k] = join_values(left.entries[k], right.entries[k])
            return Mapped(entries, left.shadow or right.shadow)
        case GraphModel(), GraphModel() if same(left.expression, right.expression):
            return left
        case ByName(), ByName() if (
            same(left.name, right.name) and left.candidates.keys() == right.candidates.keys()
        ):
            return left
        case Instance(site=first), Instance(site=second) if (
            one := settled_site(first, second)
        ) is not None:
            return Instance(one, left.optional or right.optional)
        case ((Instance() | Several()), (Instance() | Several())) if (
            together := _together(left, right)
        ) is not None:
            return together
        case ShapeOf(), ShapeOf():
            return ShapeOf(join_shapes(left.shape, right.shape))
        case (Unknown(), Tensor() as other) | (Tensor() as other, Unknown()):
            # An optional input that is replaced where it is missing: what replaces it tells its
            # shape. Or one that is changed where it is there, and is None still where not.
            return replace(other, optional=True)
        case (Static(constant=Known(None)), other) | (other, Static(constant=Known(None))):
            match other:
                case Tensor() | Sequence() if is_dynamic(other):
                    return replace(other, optional=True)
                case Instance() | Weight():
                    return replace(other, optional=True)
                case _ if is_dynamic(other) or isinstance(other, GraphModel):
                    return other
                case _:
                    return Static()
        case _:
            if is_dynamic(left) or is_dynamic(right):
                return Tensor(optional=any(_perhaps_none(v) for v in (left, right)))
            return Unknown()


def _perhaps_none(value: Value) -> bool:
    """Whether a value is None at times, or nothing says that it is not."""
    unknown = isinstance(value, Static) and value.constant is None and value.kind is None
    return unknown or may_be_none(value)


def _together(left: Instance | Several, right: Instance | Several) -> Several | None:
    """One of several modules: of the project, or layers of one kind."""
    sites: list[Site] = []
    for value in (left, right):
        if isinstance(value, Instance) and value.optional:
            return None
        sites += [value.site] if isinstance(value, Instance) else value.sites
    sites = list(dict.fromkeys(sites))
    return Several(tuple(sites)) if are_alike(sites) else None


def join_shapes(left: Shape, right: Shape) -> Shape:
    if left == right:
        return left
    if left.dims is not None and right.dims is not None and len(left.dims) == len(right.dims):
        return Shape(
            tuple(a if a == b else None for a, b in zip(left.dims, right.dims, strict=True))
        )
    last = left.size(-1)
    lead, other = left.base or left.lead, right.base or right.lead
    return Shape(
        None,
        last if last == right.size(-1) else None,
        left.base if same(left.base, right.base) else None,
        lead if same(lead, other) else None,
    )


def sequence_item(value: Sequence) -> Value | None:
    """One value that stands for every element."""
    if value.item is not None or not value.items:
        return value.item
    item = value.items[0]
    for other in value.items[1:]:
        item = join_items(item, other)
    return item


def join_items(left: Value, right: Value) -> Value:
    """What is known of either of two elements of a list."""
    match left, right:
        case Instance(site=first), Instance(site=second):
            either = either_listed(first, second)
            if either is not None:
                return Instance(either, left.optional or right.optional)
        case _:
            pass
    return join_values(left, right)


def join_all(values: Iterable[Value]) -> Value:
    result: Value | None = None
    for value in values:
        result = value if result is None else join_values(result, value)
    return result if result is not None else Unknown()


def with_shadows(name: str, joined: Value, sources: list[tuple[Value, list[Statement]]]) -> Value:
    """Gives the unknown sizes of a joined tensor a shadow variable, assigned at the end of each
    branch's `__init__` code.

    `sources` are the value and the statement list of each branch.
    """
    if not isinstance(joined, Tensor) or not all(isinstance(v, Tensor) for v, _ in sources):
        return joined
    shapes = [v.shape for v, _ in sources if isinstance(v, Tensor)]
    if joined.shape.dims is None:
        lasts = [s.size(-1) for s in shapes]
        if joined.shape.last is not None or any(d is None for d in lasts):
            return joined
        shadow = shadow_name(name, -1, 0)
        for (_, statements), last in zip(sources, lasts, strict=True):
            add_shadow(statements, shadow, last)
        return replace(joined, shape=Shape(None, Dim.named(shadow)))
    rank = len(joined.shape.dims)
    dims = list(joined.shape.dims)
    for axis, size in enumerate(dims):
        found = [s.size(axis) for s in shapes]
        if size is None and all(d is not None for d in found):
            shadow = shadow_name(name, axis, rank)
            for (_, statements), d in zip(sources, found, strict=True):
                add_shadow(statements, shadow, d)
            dims[axis] = Dim.named(shadow)
    return replace(joined, shape=Shape(tuple(dims)))


def add_shadow(statements: list[Statement], name: str, size: Dim | None) -> None:
    if size is not None and size != Dim.named(name):
        statements.append(Optional(Assign((Name(name),), size.to_expression()), (name,)))


def tensor_like(value: Value) -> Tensor:
    return value if isinstance(value, Tensor) else Tensor(UNKNOWN)
