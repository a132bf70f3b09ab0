"""Loops and branches as functions, against TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tfjax.rules.helpers import loops
from tfjax.rules.helpers.tensor_array import TensorArray, with_buffers

pytestmark = pytest.mark.verify
X = np.arange(12, dtype="float32").reshape(4, 3) - 5.0


def same(one: Any, other: Any) -> None:
    np.testing.assert_allclose(np.asarray(one), np.asarray(other), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("index", [-2, 0, 1, 2, 7])
def test_switch_case(index: int):
    import jax
    import tensorflow as tf

    branches: dict[int, Callable[[], Any]] = {1: lambda: -X, 0: lambda: X}
    for default in (None, lambda: 3 * X):
        wanted = tf.switch_case(tf.constant(index), branches, default)
        found = jax.jit(lambda i, d=default: loops.switch_case(i, branches, d))(index)
        same(found, wanted)


@pytest.mark.parametrize("value", [0.0, 2.0, 5.0])
def test_case(value: float):
    import jax
    import tensorflow as tf

    def pairs(v: Any) -> list[tuple[Any, Callable[[], Any]]]:
        return [(v > 4.0, lambda: 2 * X), (v > 1.0, lambda: X)]

    wanted = tf.case(pairs(tf.constant(value)), lambda: -X)
    same(jax.jit(lambda v: loops.case(pairs(v), lambda: -X))(value), wanted)


@pytest.mark.parametrize("reverse", [False, True])
def test_folds_and_scans_without_a_start(reverse: bool):
    import tensorflow as tf

    def step(a: Any, b: Any) -> Any:
        return 0.5 * a + b

    fold = tf.foldr if reverse else tf.foldl
    same(loops.fold_first(step, X, reverse=reverse), fold(step, X))
    same(loops.scan_first(step, X, reverse=reverse), tf.scan(step, X, reverse=reverse))


@pytest.mark.parametrize("limit", [None, 2, 9])
def test_while_loop(limit: int | None):
    import jax
    import jax.numpy as jnp
    import tensorflow as tf

    def body(i: Any, x: Any) -> Any:
        return [i + 1, x * 1.5]

    def cond(i: Any, x: Any) -> Any:
        return i < 5

    wanted = tf.while_loop(cond, body, [tf.constant(0), tf.constant(X)], maximum_iterations=limit)
    found = jax.jit(lambda x: loops.while_loop(cond, body, [jnp.array(0), x], limit))(X)
    same(found[0], wanted[0])
    same(found[1], wanted[1])
    if limit is not None:

        def loss(x: jax.Array) -> jax.Array:
            return loops.while_loop(cond, body, [jnp.array(0), x], limit)[1].sum()

        same(jax.grad(loss)(X), np.full_like(X, 1.5 ** min(limit, 5)))


def test_an_array_gets_its_buffer_from_the_loop():
    import jax
    import jax.numpy as jnp
    from jax import lax

    def step(i: Any, state: Any) -> Any:
        x, array = state
        return x * 2.0, array.write(2 - i, x)

    @jax.jit
    def run(x: jax.Array) -> jax.Array:
        start = with_buffers(step, 0, (x, TensorArray(jnp.float32, 3)))
        return lax.fori_loop(0, 3, step, start)[1].stack()

    same(run(X[0]), np.stack([4 * X[0], 2 * X[0], X[0]]))


def test_arrays():
    import jax.numpy as jnp
    import tensorflow as tf

    def use(array: Any) -> list[Any]:
        array = array.unstack(X)
        return [array.gather([2, 0]), array.concat(), array.read(1), array.size()]

    source = tf.TensorArray(tf.float32, size=4, clear_after_read=False)
    for found, wanted in zip(use(TensorArray(jnp.float32, 4)), use(source), strict=True):
        same(found, wanted)
    grown = TensorArray(jnp.float32)
    for index in range(3):
        grown = grown.write(index, X[index])
    same(grown.stack(), X[:3])
