"""tf.TensorArray: a list of tensors of one shape that loops of lax can carry."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp


@jax.tree_util.register_pytree_node_class
class TensorArray:
    """Every method that changes the array returns a new one. The buffer is made by the first write,
    unless the shape of the elements is given."""

    def __init__(
        self, dtype: Any, size: int = 0, element_shape: Sequence[int | None] | None = None
    ) -> None:
        self.dtype = dtype
        self.length = size
        self.buffer: Any = None
        if element_shape is not None and None not in element_shape and size:
            self.buffer = jnp.zeros((size, *element_shape), dtype)

    def _with(self, buffer: Any) -> "TensorArray":
        new = TensorArray(self.dtype, len(buffer))
        new.buffer = buffer
        return new

    def write(self, index: Any, value: Any, name: str | None = None) -> "TensorArray":
        value = jnp.asarray(value, self.dtype)
        buffer = self.buffer
        if buffer is None:
            buffer = jnp.zeros((self.length, *value.shape), self.dtype)
        if isinstance(index, int) and index >= len(buffer):
            rest = jnp.zeros((index + 1 - len(buffer), *value.shape), self.dtype)
            buffer = jnp.concatenate([buffer, rest])
        return self._with(buffer.at[index].set(value))

    def read(self, index: Any, name: str | None = None) -> jax.Array:
        return self.buffer[index]

    def stack(self, name: str | None = None) -> jax.Array:
        return self.buffer

    def gather(self, indices: Any, name: str | None = None) -> jax.Array:
        return self.buffer[jnp.asarray(indices)]

    def concat(self, name: str | None = None) -> jax.Array:
        return self.buffer.reshape(-1, *self.buffer.shape[2:])

    def unstack(self, value: Any, name: str | None = None) -> "TensorArray":
        return self._with(jnp.asarray(value, self.dtype))

    def scatter(self, indices: Any, value: Any, name: str | None = None) -> "TensorArray":
        value = jnp.asarray(value, self.dtype)
        buffer = self.buffer
        if buffer is None:
            buffer = jnp.zeros((self.length or len(value), *value.shape[1:]), self.dtype)
        return self._with(buffer.at[jnp.asarray(indices)].set(value))

    def size(self, name: str | None = None) -> int:
        return self.length

    def identity(self) -> "TensorArray":
        return self

    def mark_used(self) -> None:
        pass

    def close(self, name: str | None = None) -> None:
        pass

    def tree_flatten(self) -> tuple[tuple[Any], tuple[Any, int]]:
        return (self.buffer,), (self.dtype, self.length)

    @classmethod
    def tree_unflatten(cls, aux: tuple[Any, int], children: tuple[Any]) -> "TensorArray":
        new = cls(*aux)
        (new.buffer,) = children
        return new


def with_buffers(step: Callable[..., Any], *arguments: Any) -> Any:
    """The last argument, its arrays with the buffers that one round of a loop would give them."""
    state = arguments[-1]

    def is_array(value: Any) -> bool:
        return isinstance(value, TensorArray)

    if not any(is_array(v) and v.buffer is None for v in jax.tree.leaves(state, is_leaf=is_array)):
        return state
    after = jax.eval_shape(lambda state: step(*arguments[:-1], state), state)

    def filled(before: Any, later: Any) -> Any:
        if not is_array(before) or before.buffer is not None or later.buffer is None:
            return before
        return before.unstack(jnp.zeros(later.buffer.shape, later.buffer.dtype))

    return jax.tree.map(filled, state, after, is_leaf=is_array)
