"""Sizes that change from one iteration to the next: variables of `__init__` carry them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ....ir.dims import Dim
from ....ir.keys import same
from ....ir.nodes import Body
from ...shapes.shapes import Shape, said
from ..frame import Frame, shadow_name
from ..joined_values import join_shapes, join_values, sequence_item
from ..shadows import at_once
from ..sites import Loop
from ..values import Sequence, Static, Tensor, Value


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
            # A variable before it may have moved its sizes.
            value = frame.environment.get(name, value)
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
    if old.dims is None and new.dims is not None and frame.kind in ("split", "call"):
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
        if axis == len(dims) - 1:
            dims[axis] = _chained(frame, name, a, b)
        else:
            dims[axis] = _entering(frame, name, axis) if frame.kind == "call" else None
        shadow = shadow_name(name, axis, len(dims))
        if frame.kind == "split" and a is not None and b is not None:
            frame.rebase(shadow, name)
            if a != Dim.named(shadow):
                frame.shadow(shadow, a.to_expression())
            dims[axis] = Dim.named(shadow)
    return replace(before, shape=Shape(tuple(dims)), mask=mask)


@dataclass(frozen=True, slots=True)
class Entering:
    """The size of one axis of a variable as an iteration begins, in a loop of this depth."""

    name: str
    axis: int
    depth: int


def _entering(frame: Frame, name: str, axis: int) -> Dim:
    """No code says this size, but it is one number as long as the iteration lasts."""
    return Dim.hidden(Entering(name, axis, frame.depth))


def after_loop(frame: Frame, value: Value) -> Value:
    """The same tensor once the loop has ended: its sizes are no longer those of an iteration."""
    if not isinstance(value, Tensor) or value.shape.dims is None:
        return value
    dims = value.shape.dims
    kept = tuple(None if d is not None and _enters(frame, d) else d for d in dims)
    return value if kept == dims else replace(value, shape=Shape(kept))


def _enters(frame: Frame, size: Dim) -> bool:
    keys = [atom.key for atom in size.atoms()]
    return any(isinstance(k, Entering) and k.depth == frame.depth for k in keys)


def _chained(frame: Frame, name: str, before: Dim | None, after: Dim | None) -> Dim | None:
    """In a method, the size that a list of modules hands on is a variable of the loop that builds
    the list."""
    if frame.kind != "call" or before is None or after is None:
        return None
    shadow = "features"
    frame.chains.setdefault(name, (shadow, before))
    return Dim.named(shadow)


def carry(frame: Frame, entry: Mapping[str, Value]) -> None:
    """At the end of an iteration, the size variables of tensors take their new sizes, all at
    once: `x, p = cell(x, p)`."""
    taken: dict[str, Dim] = {}
    for name, value in entry.items():
        taken |= dict(_new_sizes(name, value, frame.environment.get(name)))
    frame.init += at_once(taken)


def _new_sizes(name: str, entry: Value, after: Value | None) -> Iterator[tuple[str, Dim]]:
    if not isinstance(entry, Tensor) or not isinstance(after, Tensor):
        return
    rank = 0 if entry.shape.dims is None else len(entry.shape.dims)
    for axis in range(rank) if rank else (-1,):
        shadow, size = shadow_name(name, axis, rank), after.shape.size(axis)
        if entry.shape.size(axis) == Dim.named(shadow) and size not in (None, Dim.named(shadow)):
            yield shadow, size
