import jax.numpy as jnp
from flax import nnx


class Scale(nnx.Module):
    def __init__(self, features, *, rngs):
        self.gain = nnx.Param(jnp.ones(features))
        self.shift = nnx.Param(jnp.zeros(features))
        self.seen = nnx.BatchStat(jnp.zeros(()))

    def __call__(self, x, training=False):
        if training:
            self.seen[...] += 1.0
        return x * self.gain + self.shift


class Encoder(nnx.Module):
    def __init__(self, size=12, depth=2, *, momentum=0.99, rngs):
        self.embed = nnx.Embed(20, size, rngs=rngs)
        self.scales = nnx.List([Scale(size, rngs=rngs) for _ in range(depth)])
        self.attention = nnx.MultiHeadAttention(3, size, rngs=rngs, decode=False)
        self.norm = nnx.BatchNorm(
            size, epsilon=1e-3, momentum=momentum, use_fast_variance=False, rngs=rngs
        )

    def __call__(self, tokens, mask, training=False):
        x = self.embed(tokens)
        for scale in self.scales:
            x = scale(x, training=training)
        x = self.attention(x, mask=mask[:, None, None, :])
        lengths = jnp.sum(mask.astype(jnp.int32), axis=1)
        return self.norm(x, use_running_average=not training), lengths
