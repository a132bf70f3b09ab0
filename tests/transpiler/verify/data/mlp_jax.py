import jax
from flax import nnx


class Mlp(nnx.Module):
    def __init__(self, *, rngs, epsilon=1e-3, approximate=False, last=nnx.softmax):
        self.hidden = nnx.Linear(8, 16, rngs=rngs)
        self.norm = nnx.LayerNorm(16, epsilon=epsilon, use_fast_variance=False, rngs=rngs)
        self.between = nnx.Linear(16, 16, rngs=rngs)
        self.again = nnx.Linear(16, 16, rngs=rngs)
        self.classify = nnx.Linear(16, 4, rngs=rngs)
        self.approximate = approximate
        self.last = last

    def __call__(self, x):
        x = self.norm(nnx.relu(self.hidden(x)))
        x = jax.nn.gelu(self.again(self.between(x)), approximate=self.approximate)
        return self.last(self.classify(x))


def mlp(*, rngs, **options):
    return Mlp(rngs=rngs, **options)
