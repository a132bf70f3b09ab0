"""`keras.layers.Dot` and `keras.backend.batch_dot`."""

import jax
import jax.numpy as jnp


def batch_dot(
    x: jax.Array, y: jax.Array, *, axes: int | tuple[int, int], normalize: bool = False
) -> jax.Array:
    """Contracts axis `axes[0]` of x with `axes[1]` of y for each element of the batch; two vectors
    give (batch, 1).
    """
    first, second = (axes, axes) if isinstance(axes, int) else axes
    first, second = first % x.ndim, second % y.ndim
    if normalize:
        x = x / jnp.sqrt(jnp.maximum(jnp.sum(jnp.square(x), first, keepdims=True), 1e-12))
        y = y / jnp.sqrt(jnp.maximum(jnp.sum(jnp.square(y), second, keepdims=True), 1e-12))
    product = jax.vmap(lambda a, b: jnp.tensordot(a, b, (first - 1, second - 1)))(x, y)
    return product[:, None] if product.ndim == 1 else product
