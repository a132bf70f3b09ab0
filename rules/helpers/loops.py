"""Control flow of TensorFlow that lax expresses in other terms."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from .tensor_array import with_buffers


def while_loop(
    cond: Callable[..., jax.Array],
    body: Callable[..., Any],
    loop_vars: Sequence[Any],
    maximum_iterations: Any = None,
) -> tuple[Any, ...]:
    """tf.while_loop. With a number for `maximum_iterations` it has a gradient."""

    def going_on(state: tuple[Any, ...]) -> jax.Array:
        return cond(*state)

    def step(state: tuple[Any, ...]) -> tuple[Any, ...]:
        new = body(*state)
        return tuple(new) if isinstance(new, (tuple, list)) else (new,)

    start = with_buffers(step, tuple(loop_vars))
    if maximum_iterations is None:
        return lax.while_loop(going_on, step, start)
    if isinstance(maximum_iterations, int):

        def maybe_step(_: Any, state: tuple[Any, ...]) -> tuple[Any, ...]:
            return lax.cond(going_on(state), step, lambda state: state, state)

        return lax.fori_loop(0, maximum_iterations, maybe_step, start)
    counted = lax.while_loop(
        lambda state: jnp.logical_and(state[0] < maximum_iterations, going_on(state[1])),
        lambda state: (state[0] + 1, step(state[1])),
        (0, start),
    )
    return counted[1]


def case(
    pred_fn_pairs: Any,
    default: Callable[[], Any] | None = None,
) -> Any:
    """tf.case: the function of the first predicate that holds, else the default (or the last)."""
    pairs = list(pred_fn_pairs.items() if isinstance(pred_fn_pairs, Mapping) else pred_fn_pairs)
    if default is None:
        default = pairs.pop()[1]

    def from_pair(index: int) -> Any:
        if index == len(pairs):
            return default()
        predicate, function = pairs[index]
        return lax.cond(predicate, function, lambda: from_pair(index + 1))

    return from_pair(0)


def switch_case(
    branch_index: Any, branch_fns: Any, default: Callable[[], Any] | None = None
) -> Any:
    """tf.switch_case: an index that has no branch takes the default, or the last branch."""
    pairs = branch_fns.items() if isinstance(branch_fns, Mapping) else branch_fns
    if not isinstance(branch_fns, Mapping) and callable(branch_fns[0]):
        pairs = enumerate(branch_fns)
    functions = [function for _, function in sorted(pairs, key=lambda pair: pair[0])]
    count = len(functions)
    known = jnp.logical_and(branch_index >= 0, branch_index < count)
    return lax.switch(jnp.where(known, branch_index, count), [*functions, default or functions[-1]])


def scan_first(fn: Callable[[Any, Any], Any], elems: Any, *, reverse: bool = False) -> Any:
    """tf.scan without an initializer: the first element starts, and is the first result."""
    if reverse:
        elems = jax.tree.map(lambda x: jnp.flip(x, 0), elems)
    first = jax.tree.map(lambda x: x[0], elems)
    rest = jax.tree.map(lambda x: x[1:], elems)
    _, results = lax.scan(lambda carry, x: (fn(carry, x),) * 2, first, rest)
    joined = jax.tree.map(lambda a, b: jnp.concatenate([a[None], b]), first, results)
    return jax.tree.map(lambda x: jnp.flip(x, 0), joined) if reverse else joined


def fold_first(fn: Callable[[Any, Any], Any], elems: Any, *, reverse: bool = False) -> Any:
    """tf.foldl (reverse: tf.foldr) without an initializer: the first element starts."""
    first = jax.tree.map(lambda x: x[-1] if reverse else x[0], elems)
    rest = jax.tree.map(lambda x: x[:-1] if reverse else x[1:], elems)
    return lax.scan(lambda carry, x: (fn(carry, x), None), first, rest, reverse=reverse)[0]
