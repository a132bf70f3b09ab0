"""Expressions over drawn tensors: what the analysis says of them, and what TensorFlow computes."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from tfjax.ir.dims import Dim
from tfjax.rules.language.ruleset import RuleSet
from tfjax.transpiler.analysis.calls import invoke
from tfjax.transpiler.analysis.conflicts import Log
from tfjax.transpiler.analysis.definitions import module_frame
from tfjax.transpiler.analysis.entry import deep_recursion, make_machine
from tfjax.transpiler.analysis.machine import NOWHERE, Machine
from tfjax.transpiler.analysis.source import lowered_sources
from tfjax.transpiler.analysis.structures import leaves
from tfjax.transpiler.analysis.values import (
    Arguments,
    Const,
    Fixed,
    Listing,
    Place,
    Size,
    Tensor,
    Value,
    items_of,
)
from tfjax.transpiler.files import SourceFile

HEAD = """\
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

def f({}):
    return {}
"""
RULES = RuleSet.load()
SIZES = st.sampled_from([1, 2, 2, 3, 4, 5, 7])


@dataclass(frozen=True)
class Array:
    """An argument. Sizes of `open` axes are symbols for the analysis."""

    shape: tuple[int, ...]
    dtype: str = "float32"
    open: tuple[bool, ...] = ()


@dataclass(frozen=True)
class Case:
    """`expression` is over `x0`, `x1`, ..., which are `arrays`."""

    expression: str
    arrays: tuple[Array, ...]

    def text(self) -> str:
        return HEAD.format(", ".join(f"x{i}" for i in range(len(self.arrays))), self.expression)


@dataclass(frozen=True)
class Claimed:
    """Of each tensor in a result: its sizes, None where nothing is claimed, and its dtype."""

    shapes: tuple[tuple[int | None, ...] | None, ...]
    dtypes: tuple[str | None, ...]
    conflicts: tuple[str, ...] = ()


class Draw:
    """What families draw from."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data
        self.arrays: list[Array] = []

    def __call__(self, strategy: st.SearchStrategy[Any]) -> Any:
        return self.data.draw(strategy)

    def of(self, *choices: Any) -> Any:
        return self(st.sampled_from(choices))

    def int(self, low: int, high: int) -> int:
        return self(st.integers(low, high))

    def flag(self) -> bool:
        return self(st.booleans())

    def size(self) -> int:
        return self(SIZES)

    def sizes(self, low: int, high: int) -> tuple[int, ...]:
        return tuple(self(st.lists(SIZES, min_size=low, max_size=high)))

    def array(self, shape: Sequence[int], dtype: str = "float32", known: Sequence[int] = ()) -> str:
        """The name of a new argument; the sizes of `known` axes are known."""
        shape = tuple(shape)
        opened = tuple(
            i not in known and i - len(shape) not in known and self.flag()
            for i in range(len(shape))
        )
        self.arrays.append(Array(shape, dtype, opened))
        return f"x{len(self.arrays) - 1}"

    def case(self, expression: str) -> Case:
        return Case(expression, tuple(self.arrays))


def claimed(case: Case) -> Claimed:
    """What is inferred with open sizes, the numbers put in."""
    source = SourceFile(Path("m.py"), Path("m.py"), case.text(), module="m")
    modules, _ = lowered_sources({"m": source}, "keras3")
    machine = make_machine(modules, RULES, "keras3")
    sizes: dict[Hashable, int] = {}
    with deep_recursion():
        frame = module_frame(machine, "m")
        assert frame is not None
        arguments = tuple(_tensor(machine, a, sizes) for a in case.arrays)
        machine.log = Log()
        place = Place("m", NOWHERE)
        found = invoke(machine, frame.variables["f"], Arguments(arguments), place)
        return _claims(machine, found, sizes)


def _tensor(machine: Machine, array: Array, sizes: dict[Hashable, int]) -> Tensor:
    dims: list[Dim] = []
    for size, is_open in zip(array.shape, array.open, strict=True):
        dim = machine.solver.fresh("N") if is_open else Dim.of(size)
        sizes.update((v.key, size) for v in dim.atoms())
        dims.append(dim)
    return Tensor(tuple(dims), array.dtype)


def _claims(machine: Machine, found: Value, sizes: Mapping[Hashable, int]) -> Claimed:
    shapes: list[tuple[int | None, ...] | None] = []
    dtypes: list[str | None] = []
    for leaf in _parts(found):
        if isinstance(leaf, (Const, Size)):
            # Sizes are followed as numbers.
            shapes.append(())
            dtypes.append(None)
            continue
        if isinstance(leaf, Fixed):
            shapes.append((len(leaf.items),))
            dtypes.append(None)
            continue
        dims = leaf.dims if isinstance(leaf, Tensor) else None
        shapes.append(None if dims is None else tuple(d.evaluate(sizes) for d in dims))
        dtypes.append(leaf.dtype if isinstance(leaf, Tensor) else None)
    conflicts = tuple(c.message for c in machine.log.conflicts.values())
    return Claimed(tuple(shapes), tuple(dtypes), conflicts)


def _parts(found: Value) -> Iterator[Value | None]:
    """The leaves, shapes among them as they are."""
    if isinstance(found, Fixed) and found.shape:
        yield found
    elif isinstance(found, (Fixed, Listing)) and (items := items_of(found)) is not None:
        for item in items:
            yield from _parts(item)
    else:
        yield from leaves(found)


def computed(case: Case) -> Claimed | None:
    """What TensorFlow computes, None where it refuses."""
    import tensorflow as tf

    scope: dict[str, Any] = {}
    exec(case.text(), scope)
    arguments = [tf.zeros(a.shape, getattr(tf, a.dtype)) for a in case.arrays]
    try:
        found = tf.nest.flatten(scope["f"](*arguments))
        return Claimed(
            tuple(tuple(t.shape) for t in found),
            tuple(tf.as_dtype(t.dtype).name for t in found),
        )
    # Whatever TensorFlow raises: these sizes do not go with the expression.
    except Exception:
        return None


def contradiction(case: Case) -> str | None:
    """What the analysis claims of the case and TensorFlow refutes."""
    wanted = computed(case)
    if wanted is None:
        return None
    found = claimed(case)
    empty = any(0 in shape for shape in wanted.shapes)
    told = f"{case}: inferred {found}, computed {wanted}"
    if found.conflicts:
        # Layers that leave nothing of an image are taken for mistakes.
        return None if empty else told
    if len(found.shapes) != len(wanted.shapes):
        # One value of which nothing is known may be several.
        return None if found.shapes == (None,) else told
    if any(a not in (None, b) for a, b in zip(found.dtypes, wanted.dtypes, strict=True)):
        return told
    for one, other in zip(found.shapes, wanted.shapes, strict=True):
        if one is not None and not _agree(one, other):
            return told
    return None


def _agree(claim: tuple[int | None, ...], shape: tuple[int | None, ...]) -> bool:
    """Sizes are taken to be at least 1: of an empty slice no positive size may be claimed."""
    return len(claim) == len(shape) and all(
        a is None or a == b or (b == 0 and a < 0) for a, b in zip(claim, shape, strict=True)
    )
