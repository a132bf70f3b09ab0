"""Shapes as TensorFlow gives them when it runs, against what is inferred for open sizes.

Each family draws an expression over `x` and sizes for it. The expression is followed with all sizes
open; with the numbers put in, the result must have the shape of what TensorFlow computes. Where
TensorFlow refuses the sizes, nothing is compared.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tfjax.rules.language.ruleset import RuleSet
from tfjax.transpiler.analysis.calls import invoke
from tfjax.transpiler.analysis.conflicts import Log
from tfjax.transpiler.analysis.definitions import module_frame
from tfjax.transpiler.analysis.entry import deep_recursion, make_machine
from tfjax.transpiler.analysis.machine import NOWHERE
from tfjax.transpiler.analysis.source import lowered_sources
from tfjax.transpiler.analysis.structures import leaves
from tfjax.transpiler.analysis.values import Arguments, Place, Tensor, Value
from tfjax.transpiler.files import SourceFile

pytestmark = pytest.mark.verify

HEAD = """\
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

def f(x):
    return {}
"""
Draw = Callable[[Any], Any]
bound = st.none() | st.integers(-9, 9)
small = st.integers(1, 3)
padding = st.sampled_from(["same", "valid"])


def _slice(draw: Draw) -> str:
    def part() -> str:
        a, b = draw(bound), draw(bound)
        c = draw(st.sampled_from([None, 1, 2, 3]))
        return ":".join("" if v is None else str(v) for v in (a, b, c))

    return f"x[{part()}, {part()}, ..., {draw(st.integers(0, 1))}:]"


def _symbolic_slice(draw: Draw) -> str:
    k = draw(st.integers(0, 2))
    return draw(
        st.sampled_from(
            [
                f"x[:, : tf.shape(x)[1] - {k}]",
                "x[:, tf.shape(x)[1] // 2 :]",
                f"x[:, {k} : tf.shape(x)[2]]",
                f"x[:, -{k + 1} :, tf.newaxis]",
                f"x[:, :-{k + 1}, 0]",
                f"tf.slice(x, [0, {k}, 0, 0], [-1, -1, tf.shape(x)[2], 1])",
            ]
        )
    )


def _conv(draw: Draw) -> str:
    k, p = (draw(small), draw(small)), draw(padding)
    s, d = draw(st.sampled_from([(1, 1), (2, 1), (3, 1), (1, 2), (1, 3)]))
    kind = draw(st.sampled_from(["Conv2D(4, ", "DepthwiseConv2D(", "SeparableConv2D(4, ", "nn"]))
    if kind == "nn":
        shape = f"tf.zeros([{k[0]}, {k[1]}, 3, 4])"
        return f"tf.nn.conv2d(x, {shape}, {s}, {p.upper()!r}, dilations={d})"
    return f"layers.{kind}{k}, strides={s}, padding={p!r}, dilation_rate={d})(x)"


def _conv_transpose(draw: Draw) -> str:
    k, p, s = (draw(small), draw(small)), draw(padding), draw(small)
    return f"layers.Conv2DTranspose(4, {k}, strides={s}, padding={p!r})(x)"


def _pool(draw: Draw) -> str:
    k, p, s = draw(small), draw(padding), draw(st.none() | small)
    kind = draw(st.sampled_from(["MaxPooling2D", "AveragePooling2D"]))
    return f"layers.{kind}({k}, strides={s}, padding={p!r})(x)"


def _sequence(draw: Draw) -> str:
    k, s, d = draw(small), *draw(st.sampled_from([(1, 1), (2, 1), (1, 2)]))
    p = draw(st.sampled_from(["same", "valid", "causal"]))
    return draw(
        st.sampled_from(
            [
                f"layers.Conv1D(4, {k}, strides={s}, padding={p!r}, dilation_rate={d})(x[..., 0])",
                f"layers.LSTM({k}, return_sequences={s == 1})(x[..., 0])",
                f"layers.GRU({k}, return_state=True)(x[..., 0])",
                f"layers.Bidirectional(layers.LSTM({k}, return_sequences=True))(x[..., 0])",
                f"layers.ZeroPadding1D(({k}, {s}))(x[..., 0])",
                f"layers.Cropping2D((({k - 1}, {s - 1}), (0, 1)))(x)",
                f"layers.UpSampling2D(({k}, {s}))(x)",
            ]
        )
    )


def _attention(draw: Draw) -> str:
    h, k = draw(small), draw(small)
    v = draw(st.none() | small)
    return draw(
        st.sampled_from(
            [
                f"layers.MultiHeadAttention({h}, {k}, value_dim={v})(x, x[:, :1])",
                "layers.Attention()([x[:, 0], x[:, 0, :1]])",
                f"layers.MultiHeadAttention({h}, {k}, output_shape={k})(x[:, 0], x[:, 0, 1:])",
            ]
        )
    )


def _arrange(draw: Draw) -> str:
    a, b, axis = draw(st.integers(0, 2)), draw(small), draw(st.integers(-4, 3))
    return draw(
        st.sampled_from(
            [
                f"tf.tile(x, [{b}, 1, {a + 1}, 2])",
                f"tf.pad(x, [[0, 0], [{a}, {b}], [{b}, 0], [0, {a}]])",
                f"tf.repeat(x, {b}, axis={axis})",
                f"tf.concat([x, x[:, :, :, :{b}]], axis={axis})",
                f"tf.stack([x, x], axis={axis})",
                f"tf.split(x, {b}, axis={axis})",
                f"tf.expand_dims(x, {axis})",
                f"tf.reduce_sum(x, axis=[{axis}], keepdims={a == 1})",
                "tf.reshape(x, [tf.shape(x)[0], -1])",
                "tf.reshape(x, [-1, tf.shape(x)[2], 3])",
                "tf.reshape(x, [-1, x.shape[1] * x.shape[2], 3])",
                "tf.transpose(x, [2, 0, 3, 1])",
                "layers.Flatten()(x)",
                "layers.Permute((3, 1, 2))(x)",
                f"tf.one_hot(tf.cast(x[..., 0], tf.int32), {b}, axis={max(axis, -1)})",
                f"tf.roll(x, {a}, axis={axis})",
                "tf.linalg.matrix_transpose(x)",
            ]
        )
    )


def _gather(draw: Draw) -> str:
    axis = draw(st.integers(-4, 3))
    indices = draw(st.sampled_from(["[0]", "0", "[[0, 0], [0, 0]]"]))
    return draw(
        st.sampled_from(
            [
                f"tf.gather(x, tf.constant({indices}), axis={axis})",
                "tf.gather(x, tf.zeros([tf.shape(x)[0], 2], tf.int32), axis=1, batch_dims=1)",
                "tf.gather_nd(x, tf.zeros([5, 2], tf.int32))",
                "tf.scatter_nd(tf.zeros([4, 1], tf.int32), tf.zeros([4, 3]), [7, 3])",
                "tf.boolean_mask(x, tf.ones([tf.shape(x)[0]], tf.bool))",
                "tf.where(x > 0, x, x[:, :1])",
            ]
        )
    )


def _product(draw: Draw) -> str:
    n = draw(small)
    return draw(
        st.sampled_from(
            [
                "tf.matmul(x, x, transpose_a=True)",
                "tf.matmul(x, x, transpose_b=True)",
                f"tf.matmul(x, tf.zeros([3, {n}]))",
                f"tf.einsum('...c,cd->...d', x, tf.zeros([3, {n}]))",
                "tf.einsum('bhwc,bijc->bhwij', x, x)",
                f"tf.einsum('b...c,cd->bd...', x, tf.zeros([3, {n}]))",
                f"tf.tensordot(x, tf.zeros([3, {n}]), axes=[[3], [0]])",
                "tf.linalg.band_part(x, 0, -1) + x[:, :1]",
                f"x * tf.zeros([{n}, 1, 1, 1, 1])",
            ]
        )
    )


FAMILIES: dict[str, Callable[[Draw], str]] = {
    "slice": _slice,
    "symbolic slice": _symbolic_slice,
    "conv": _conv,
    "transposed conv": _conv_transpose,
    "pool": _pool,
    "sequence": _sequence,
    "attention": _attention,
    "arrange": _arrange,
    "gather": _gather,
    "product": _product,
}
RULES = RuleSet.load()


def inferred(expression: str, shape: tuple[int, ...]) -> tuple[list[object], list[str]]:
    """The shapes of the result for these sizes, None for what is not claimed; the conflicts."""
    text = HEAD.format(expression)
    source = SourceFile(Path("m.py"), Path("m.py"), text, module="m")
    modules, _ = lowered_sources({"m": source}, "keras3")
    machine = make_machine(modules, RULES, "keras3")
    with deep_recursion():
        frame = module_frame(machine, "m")
        assert frame is not None
        dims = (*(machine.solver.fresh(c) for c in "BHW"), machine.solver.fresh("C"))
        sizes = {v.key: n for d, n in zip(dims, shape, strict=True) for v in d.atoms()}
        # The channels are known, as kernels must fit them.
        dims = (*dims[:3], _number(shape[3]))
        x = Tensor(dims, "float32")
        machine.log = Log()
        place = Place("m", NOWHERE)
        found = invoke(machine, frame.variables["f"], Arguments((x,)), place)
    return _shapes(found, sizes), [c.message for c in machine.log.conflicts.values()]


def _number(size: int) -> Any:
    from tfjax.ir.dims import Dim

    return Dim.of(size)


def _shapes(found: Value, sizes: dict[Any, int]) -> list[object]:
    shapes: list[object] = []
    for leaf in leaves(found):
        dims = leaf.dims if isinstance(leaf, Tensor) else None
        shapes.append(None if dims is None else [d.evaluate(sizes) for d in dims])
    return shapes


def real(expression: str, shape: tuple[int, ...]) -> list[list[int]] | None:
    """The shapes of what TensorFlow computes, None where it refuses."""
    import tensorflow as tf

    scope: dict[str, Any] = {}
    exec(HEAD.format(expression), scope)
    try:
        found = scope["f"](tf.zeros(shape))
    # Whatever TensorFlow raises: these sizes do not go with the expression.
    except Exception:
        return None
    return [list(t.shape) for t in tf.nest.flatten(found)]


@pytest.mark.parametrize("family", FAMILIES)
@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_shapes_are_those_of_tensorflow(family: str, data: st.DataObject) -> None:
    expression = FAMILIES[family](data.draw)
    shape = (*data.draw(st.tuples(small, st.integers(1, 9), st.integers(1, 9))), 3)
    wanted = real(expression, shape)
    if wanted is None:
        return
    found, conflicts = inferred(expression, shape)
    assert not conflicts, (expression, shape)
    if found == [None] or (len(found) == 1 and len(wanted) > 1):
        return
    assert len(found) == len(wanted), (expression, shape, found, wanted)
    for one, other in zip(found, wanted, strict=True):
        if not isinstance(one, list):
            continue
        assert len(one) == len(other), (expression, shape, one, other)
        agree = all(a is None or a == b for a, b in zip(one, other, strict=True))
        # An empty result of a slice is one that the analysis does not tell apart.
        assert agree or 0 in other, (expression, shape, one, other)
