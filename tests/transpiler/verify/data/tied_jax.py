"""A right translation of tied_tf.py."""

from flax import nnx


class Branch(nnx.Module):
    def __init__(self, dense):
        self.dense = dense

    def __call__(self, x):
        return 2.0 * self.dense(x)


class Tied(nnx.Module):
    def __init__(self, *, rngs):
        self.shared = nnx.Linear(4, 4, rngs=rngs)
        self.left = Branch(self.shared)
        self.right = Branch(self.shared)

    def __call__(self, x):
        return self.left(x) + self.right(self.shared(x))
