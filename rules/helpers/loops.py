"""Loops of tf.while_loop and tf.scan that lax expresses in other terms."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax


def while_loop(
    cond: Callable[..., jax.Array],
    body: Callable[..., Any],
    loop_vars: Sequence[Any],
    maximum_iterations: int | None = None,
) -> tuple[Any, ...]:
    """tf.while_loop with at most `maximum_iterations` rounds."""
    limit = jnp.iinfo(jnp.int32).max if maximum_iterations is None else maximum_iterations

    def goes_on(state: tuple[jax.Array, tuple[Any, ...]]) -> jax.Array:
        return jnp.logical_and(state[0] < limit, cond(*state[1]))

    def step(
        state: tuple[jax.Array, tuple[Any, ...]],
    ) -> tuple[jax.Array, tuple[Any, ...]]:
        return state[0] + 1, tuple(body(*state[1]))

    return lax.while_loop(goes_on, step, (jnp.int32(0), tuple(loop_vars)))[1]


def scan_first(fn: Callable[[Any, Any], Any], elems: Any, *, reverse: bool = False) -> Any:
    """tf.scan without an initializer: the first element starts, and is the first result."""
    if reverse:
        elems = jax.tree.map(lambda x: jnp.flip(x, 0), elems)
    first = jax.tree.map(lambda x: x[0], elems)
    rest = jax.tree.map(lambda x: x[1:], elems)
    _, results = lax.scan(lambda carry, x: (fn(carry, x),) * 2, first, rest)
    joined = jax.tree.map(lambda a, b: jnp.concatenate([a[None], b]), first, results)
    return jax.tree.map(lambda x: jnp.flip(x, 0), joined) if reverse else joined
