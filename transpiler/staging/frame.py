"""The state of one function while it is staged: what its variables are, and the code produced so
far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from ...ir.dims import Dim
from ...ir.keys import key, same
from ...ir.nodes import Assign, Expression, FunctionDef, Name, Statement
from ..shapes.shapes import Shape
from .nodes import Optional
from .sites import Loop, Site
from .uses.exports import sizes_code
from .values import Instance, Mapped, Partial, Sequence, Tensor, Value, is_dynamic

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
    unpacked: dict[str, Value] = field(default_factory=dict[str, Value])  # `x, y = inputs`
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
    object_name: str | None = None  # in a method of an ordinary class, and the models it holds
    models: dict[str, Site] = field(default_factory=dict[str, Site])
    method: FunctionDef | None = None
    following: FunctionDef | None = None  # the local function whose call is evaluated
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

    @property
    def follows_numbers(self) -> bool:
        """Whether a function is followed for the numbers that it computes at one call."""
        return self.following is not None and self.kind == "plain"

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

    def _moved(self, name: str, value: Tensor, wanted: Callable[[Dim], bool]) -> Tensor:
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
