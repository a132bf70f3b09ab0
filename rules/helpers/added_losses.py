"""Losses that layers add while they run, as Keras lists them in `model.losses`."""

import jax
from flax import nnx


def losses(model: nnx.Module) -> list[jax.Array]:
    """The values that the last call of `model` left in its variables of type nnx.Intermediate."""
    return jax.tree.leaves(nnx.state(model, nnx.Intermediate))
