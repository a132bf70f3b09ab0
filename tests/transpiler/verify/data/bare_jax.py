"""A right translation of bare_tf.py: nothing to train, no state."""

from flax import nnx


class Bare(nnx.Module):
    def __call__(self, x):
        return nnx.relu(x)
