"""Families of operations on arrays for the drawn tests, one function a family."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.transpiler.analysis.drawn import Draw

Family = Callable[[Draw], str]
FLOATS = ("float32", "float32", "float16", "float64")
TYPES = ("float32", "float32", "int32", "int64", "float16", "bool")


def _thin(draw: Draw, shape: Sequence[int]) -> tuple[int, ...]:
    """A shape that broadcasts to this one."""
    cut = draw.int(0, len(shape))
    return tuple(draw.of(n, n, 1) for n in shape[cut:])


def broadcast(draw: Draw) -> str:
    whole = draw.sizes(0, 4)
    dtype = draw.of("float32", "int32", "float16")
    a, b = draw.array(_thin(draw, whole), dtype), draw.array(_thin(draw, whole), dtype)
    c = draw.array(_thin(draw, whole), dtype)
    return draw.of(
        f"{a} + {b}",
        f"{a} * {b} - {c}",
        f"{a} > {b}",
        f"{a} / tf.maximum({b}, 1)",
        f"{a} // ({b} + 1)",
        f"-{a} * 2 + {b}",
        f"tf.where({a} > {b}, {c}, {b})",
        f"tf.broadcast_to({a}, {list(whole)})",
        f"tf.clip_by_value({a}, {b}, {b})",
        f"tf.add_n([{a} + {b}, {b} + {a}])",
        f"tf.math.squared_difference({a}, {b})",
        f"tf.equal({a}, {b})",
        f"tf.logical_and({a} > 0, {b} > 0)",
        f"tf.broadcast_to({a}, tf.shape({a} + {b}))",
        f"tf.cast({a}, tf.float32) ** 2.0",
        f"tf.zeros_like({a}) + {b}",
    )


def matmul(draw: Draw) -> str:
    m, k, n = draw.size(), draw.size(), draw.size()
    batch = draw.sizes(0, 2)
    ta, tb = draw.flag(), draw.flag()
    dtype = draw.of(*FLOATS)
    a = draw.array((*_thin(draw, batch), *((k, m) if ta else (m, k))), dtype)
    b = draw.array((*_thin(draw, batch), *((n, k) if tb else (k, n))), dtype)
    v = draw.array((k,), dtype)
    rows = f"{a}" if not ta else f"tf.linalg.matrix_transpose({a})"
    columns = f"{b}" if not tb else f"tf.linalg.matrix_transpose({b})"
    return draw.of(
        f"tf.matmul({a}, {b}, transpose_a={ta}, transpose_b={tb})",
        f"tf.linalg.matmul({a}, {b}, adjoint_a={ta}, transpose_b={tb})",
        f"{rows} @ {columns}",
        f"tf.linalg.matvec({a}, {v}, transpose_a={ta})",
        f"keras.ops.matmul({rows}, {columns})",
        f"keras.ops.matmul({rows}, {v})",
        f"keras.ops.matmul({v}, {columns})",
        f"tf.tensordot({rows}, {v}, 1)",
        f"tf.tensordot({rows}, {columns}, axes=[[-1], [-2]])",
        f"tf.tensordot({a}, {b}, axes=0)",
        f"keras.ops.dot({rows}, {v})",
        f"tf.linalg.einsum('...ij,...jk->...ik', {rows}, {columns})",
        f"tf.reduce_sum({rows} * {v}, -1)",
    )


def einsum(draw: Draw) -> str:
    letters = "abcde"
    sizes = {c: draw.size() for c in letters}
    dots = draw.sizes(1, 2) if draw.int(0, 3) == 0 else ()
    operands = []
    terms: list[str] = []
    for _ in range(draw.int(1, 3)):
        term = "".join(dict.fromkeys(draw.of(*letters) for _ in range(draw.int(1, 3))))
        shape = [sizes[c] for c in term]
        if dots:
            at = draw.int(0, len(term))
            shape[at:at] = _thin(draw, dots)
            term = f"{term[:at]}...{term[at:]}"
        terms.append(term)
        operands.append(draw.array(shape))
    used = list(dict.fromkeys(c for t in terms for c in t if c != "."))
    result = "".join(c for c in used if draw.flag())
    arrow = "" if draw.int(0, 3) == 0 and not dots else f"->{'...' if dots else ''}{result}"
    space = draw.of("", " ")
    equation = f",{space}".join(terms) + arrow
    return f"tf.einsum({equation!r}, {', '.join(operands)})"


def gather(draw: Draw) -> str:
    shape = draw.sizes(1, 4)
    axis = draw.int(-len(shape), len(shape) - 1)
    batch = draw.int(0, axis % len(shape))
    x = draw.array(shape, draw.of("float32", "int32"))
    ids = draw.array((*shape[:batch], *draw.sizes(0, 2)), draw.of("int32", "int64"))
    depth = draw.int(1, len(shape))
    places = draw.array((*draw.sizes(0, 2), depth), "int32", known=(-1,))
    mask = draw.array(shape[: draw.int(1, len(shape))], "bool")
    rows, updates = "tf.zeros([4, 1], tf.int32)", draw.array((4, *shape[1:]))
    return draw.of(
        f"tf.gather({x}, {ids}, axis={axis}, batch_dims={batch})",
        f"tf.gather({x}, {ids}, batch_dims={batch})",
        f"tf.gather({x}, 0, axis={axis})",
        f"tf.gather_nd({x}, {places})",
        f"tf.boolean_mask({x}, {mask})",
        f"tf.nn.embedding_lookup({x}, {ids})",
        f"keras.ops.take({x}, {ids}, axis={axis})",
        f"keras.ops.take({x}, {ids})",
        f"keras.ops.take_along_axis({x}, tf.zeros({list(shape)}, tf.int32), axis={axis})",
        f"tf.where({mask})",
        f"tf.one_hot({ids}, {depth}, axis={draw.of(-1, 0)})",
        f"tf.one_hot({ids}, {depth}, on_value=True, off_value=False, dtype=tf.bool)",
        f"tf.tensor_scatter_nd_add(tf.cast({x}, tf.float32), {rows}, {updates})",
        f"tf.scatter_nd({rows}, {updates}, {[9, *shape[1:]]})",
        f"layers.Embedding(5, {depth})({ids})",
        f"tf.argsort({x}, axis={axis})",
        f"tf.math.top_k({x}, k=1)",
    )


def joining(draw: Draw) -> str:
    shape = draw.sizes(1, 4)
    axis = draw.int(-len(shape), len(shape) - 1)
    dtype = draw.of("float32", "int32")

    def like() -> str:
        other = list(shape)
        other[axis] = draw.size()
        return draw.array(other, dtype)

    x, y, z = draw.array(shape, dtype), like(), like()
    n = shape[axis]
    parts = draw.of([n], [1, n - 1], [n - 1, 1], [-1, 1], [0, -1])
    at = draw.int(-len(shape) - 1, len(shape))
    return draw.of(
        f"tf.concat([{x}, {y}, {z}], {axis})",
        f"tf.concat([{x}, {y}], axis=tf.rank({x}) - 1)",
        f"layers.Concatenate(axis={axis})([{x}, {y}])",
        f"keras.ops.concatenate([{x}, {y}], axis={axis})",
        f"tf.stack([{x}, {x}, {x}], axis={at})",
        f"tf.stack({x}, axis={axis})",
        f"tf.split({x}, {draw.of(1, n)}, axis={axis})",
        f"tf.split({x}, {parts}, axis={axis})",
        f"tf.split({x}, num_or_size_splits={parts}, axis={axis})[0]",
        f"tf.unstack({x}, num={n}, axis={axis})",
        f"keras.ops.split({x}, [{n // 2}], axis={axis})",
        f"keras.ops.split({x}, 1, axis={axis})",
        f"tf.concat([{x}] * 2, {axis})",
        f"tf.add_n([{x}, {x}])",
        f"layers.Add()([{x}, {x}])",
    )


def _index(draw: Draw, size: int) -> str:
    bound = range(-size - 2, size + 3)
    step = draw.of("", "", "", "1", "2", "3", "-1", "-2")
    lower, upper = (draw.of("", *map(str, bound)) for _ in range(2))
    return draw.of(
        f"{lower}:{upper}:{step}", f"{lower}:{upper}", ":", str(draw.int(-size, size - 1))
    )


def slices(draw: Draw) -> str:
    shape = draw.sizes(1, 4)
    x = draw.array(shape)
    parts = [_index(draw, n) for n in shape[: draw.int(0, len(shape))]]
    if draw.flag():
        parts.insert(draw.int(0, len(parts)), draw.of("tf.newaxis", "None"))
    if draw.flag():
        parts.append("...")
        if len(parts) <= len(shape) and draw.flag():
            parts.append(draw.of(":", "-1", ":1", "0", "-2:", ":-1"))
    return f"{x}[{', '.join(parts) or '...'}]"


def computed_slices(draw: Draw) -> str:
    shape = draw.sizes(2, 3)
    x = draw.array(shape)
    n, k = shape[1], draw.int(0, 3)
    begin = [draw.int(0, s - 1) for s in shape]
    size = [draw.of(-1, s - b) for s, b in zip(shape, begin, strict=True)]
    return draw.of(
        f"{x}[:, : tf.shape({x})[1] - {k}]",
        f"{x}[:, {x}.shape[1] // 2 :]",
        f"{x}[:, tf.shape({x})[1] // 2 : -{k + 1}]",
        f"{x}[:, {k} : {x}.shape[1] - {k}]",
        f"{x}[: {x}.shape[1]]",
        f"{x}[:, -{x}.shape[0] :]",
        f"{x}[:, slice({k}, None)]",
        f"{x}[:, -{k} :]",
        f"{x}[:, :{-k or None}]",
        f"tf.slice({x}, {begin}, {size})",
        f"tf.strided_slice({x}, {begin}, {list(shape)}, {[1] * len(shape)})",
        f"{x}[:, {min(k, n - 1)}::2][:, ::-1]",
        f"{x}[:, :-1] + {x}[:, 1:]",
        f"{x}[..., {x}.shape[-1] - 1]",
        f"{x}[:, ::{x}.shape[0]]",
        f"tf.reverse({x}, [-1])[:, :{k + 1}]",
        f"tf.gather({x}, tf.range({k}, {n}), axis=1)",
        f"tf.gather({x}, tf.range({x}.shape[1]), axis=1)",
    )


def reshape(draw: Draw) -> str:
    shape = draw.sizes(1, 4)
    x = draw.array(shape, draw.of("float32", "int32"))
    total = math.prod(shape)
    factors = [n for n in range(1, total + 1) if total % n == 0]
    first = draw.of(*factors)
    second = draw.of(*(n for n in factors if (total // first) % n == 0))
    target = [first, second, total // first // second]
    target.insert(draw.int(0, 3), 1)
    unknown = list(target)
    unknown[draw.int(0, 3)] = -1
    r = len(shape)
    return draw.of(
        f"tf.reshape({x}, {target})",
        f"tf.reshape({x}, {unknown})",
        f"tf.reshape({x}, [-1])",
        f"tf.reshape({x}, [tf.shape({x})[0], -1])",
        f"tf.reshape({x}, (-1, {x}.shape[-1]))",
        f"tf.reshape({x}, tf.concat([tf.shape({x})[:-1], [1, -1]], 0))",
        f"tf.reshape({x}, [{x}.shape[-1], -1, {x}.shape[0]])",
        f"tf.reshape({x}, {x}.shape.as_list() + [1])",
        f"tf.reshape({x}, [-1, *{x}.shape[1:]])",
        f"layers.Reshape({draw.of((-1,), (-1, 1), (1, -1), tuple(shape[1:]) or (1,))})({x})",
        f"layers.Flatten()({x})",
        f"keras.ops.reshape({x}, {unknown})",
        f"tf.squeeze(tf.expand_dims({x}, {draw.int(-r - 1, r)}))",
        f"tf.squeeze(tf.expand_dims({x}, {r}), axis=[{draw.of(-1, r)}])",
        f"tf.transpose({x})",
        f"tf.transpose({x}, {draw(_permutations(r))})",
        f"keras.ops.transpose({x}, {draw(_permutations(r))})",
        f"keras.ops.moveaxis({x}, 0, -1)",
        f"keras.ops.swapaxes({x}, 0, -1)",
        f"tf.fill(tf.shape({x}), 1.0)",
        f"tf.ones_like({x}, dtype=tf.float32)",
        f"tf.expand_dims({x}, {draw.int(-r - 1, r)})",
    )


def _permutations(rank: int) -> SearchStrategy[Any]:

    return st.permutations(range(rank))


def arrange(draw: Draw) -> str:
    shape = draw.sizes(1, 4)
    r = len(shape)
    x = draw.array(shape)
    axis = draw.int(-r, r - 1)
    some = [draw.int(0, 3) for _ in shape]
    pads = [[draw.int(0, 2), draw.int(0, 2)] for _ in shape]
    mirrored = [[draw.int(0, n - 1), draw.int(0, n - 1)] for n in shape]
    n = draw.int(1, 3)
    return draw.of(
        f"tf.tile({x}, {[max(s, 1) for s in some]})",
        f"tf.tile({x}, {some})",
        f"tf.tile({x}[tf.newaxis], [{n}] + [1] * {r})",
        f"tf.pad({x}, {pads})",
        f"tf.pad({x}, tf.constant({pads}), constant_values=1.0)",
        f"tf.pad({x}, {mirrored}, mode='REFLECT')",
        f"tf.pad({x}, {mirrored}, 'SYMMETRIC')",
        f"tf.repeat({x}, {n}, axis={axis})",
        f"tf.repeat({x}, {n})",
        f"keras.ops.repeat({x}, {n}, axis={axis})",
        f"keras.ops.tile({x}, {n})",
        f"keras.ops.pad({x}, {pads})",
        f"tf.roll({x}, {n}, {axis})",
        f"tf.reverse({x}, [{axis}])",
        f"tf.cumsum({x}, {axis}, exclusive=True)",
        f"tf.sort({x}, axis={axis})",
        f"tf.linalg.diag({x})",
        f"tf.linalg.diag_part({x} @ tf.linalg.matrix_transpose({x}))",
        f"tf.linalg.trace({x} @ tf.linalg.matrix_transpose({x}))",
        f"tf.meshgrid(tf.range({n}), tf.range({n + 1}))",
        f"tf.meshgrid({x}[..., 0], tf.range({n}), indexing='ij')" if r == 2 else f"tf.rank({x})",
        f"tf.range({n}, {n + 5}, 2)",
        f"tf.range(tf.shape({x})[0])",
        f"tf.linspace(0.0, 1.0, {n})",
        f"tf.eye({n}, batch_shape=[{n}])",
        f"tf.eye({x}.shape[0])",
        f"tf.sequence_mask(tf.constant([1, 2]), {n})",
        f"tf.size({x})",
        f"tf.shape({x})",
        f"tf.linalg.band_part(tf.ones([{n}, {n}]), -1, 0)",
        f"layers.RepeatVector({n})({x})" if r == 2 else f"tf.identity({x})",
        f"layers.Permute({tuple(range(r - 1, 0, -1))})({x})" if r > 1 else f"tf.identity({x})",
    )


def reduce(draw: Draw) -> str:
    shape = draw.sizes(1, 4)
    r = len(shape)
    dtype = draw.of("float32", "float16", "int32")
    x = draw.array(shape, dtype)
    keep = draw.flag()
    axes = sorted({draw.int(0, r - 1) for _ in range(draw.int(1, r))})
    axis = draw.of(None, axes[0], axes[0] - r, list(axes), [a - r for a in axes], tuple(axes))
    one = draw.int(-r, r - 1)
    name = draw.of("sum", "mean", "max", "min", "prod")
    return draw.of(
        f"tf.reduce_{name}({x}, axis={axis}, keepdims={keep})",
        f"tf.reduce_{name}({x}, {axis})",
        f"tf.reduce_any({x} > 0, axis={axis}, keepdims={keep})",
        f"keras.ops.{name}({x}, axis={axis}, keepdims={keep})",
        f"tf.argmax({x}, axis={one})",
        f"tf.argmax({x}, {one}, output_type=tf.int32)",
        f"keras.ops.argmax({x}, axis={one})",
        f"tf.math.count_nonzero({x}, axis={axis}, keepdims={keep})",
        f"tf.nn.moments(tf.cast({x}, tf.float32), axes={axes}, keepdims={keep})",
        f"tf.norm(tf.cast({x}, tf.float32), axis={one}, keepdims={keep})",
        f"tf.math.reduce_std(tf.cast({x}, tf.float32), axis={axis})",
        f"tf.reduce_logsumexp(tf.cast({x}, tf.float32), axis={axis}, keepdims={keep})",
        f"tf.nn.softmax(tf.cast({x}, tf.float32), axis={one})",
        f"tf.nn.l2_normalize(tf.cast({x}, tf.float32), axis={one})",
        f"keras.ops.mean({x}, axis={axis})",
        f"tf.math.cumulative_logsumexp(tf.cast({x}, tf.float32), axis={one})",
    )


FAMILIES: Mapping[str, Family] = {
    f.__name__: f
    for f in (
        *(broadcast, matmul, einsum, gather, joining, slices, computed_slices),
        *(reshape, arrange, reduce),
    )
}
