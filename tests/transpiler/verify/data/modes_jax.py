"""Translations of mlp_tf.py that are right as they are called, and wrong in one mode each."""

import os
import warnings

import jax
import jax.numpy as jnp
from flax import nnx
from mlp_jax import Mlp


class Counting(Mlp):
    """Another result at each call that Python sees: tracing sees the first one only."""

    calls = 0

    def __call__(self, x):
        Counting.calls += not isinstance(x, jax.core.Tracer)
        return super().__call__(x) + 0.1 * Counting.calls


class Shared(Mlp):
    """One module under two names: a graph, and no tree."""

    def __init__(self, *, rngs):
        super().__init__(rngs=rngs)
        self.alias = self.hidden


class Deprecated(Mlp):
    def __call__(self, x):
        warnings.warn("old", DeprecationWarning, stacklevel=1)
        return super().__call__(x)


class Gated(Mlp):
    """Without a gradient where the first inputs add up to more than nothing: in the second draw."""

    def __call__(self, x):
        y = super().__call__(x)
        return jnp.where(x[:, 0].sum() > 0, jax.lax.stop_gradient(y), y)


class Exiting(Mlp):
    """Ends its process where Python runs it eagerly."""

    def __call__(self, x):
        if not isinstance(x, jax.core.Tracer):
            os._exit(3)
        return super().__call__(x)


class Untrained(Mlp):
    """A bias that no optimizer of parameters moves."""

    def __init__(self, *, rngs):
        super().__init__(rngs=rngs)
        self.hidden.bias = nnx.BatchStat(self.hidden.bias[...])


def untrained(*, rngs: nnx.Rngs):
    return Untrained(rngs=rngs)


def exiting(*, rngs: nnx.Rngs):
    return Exiting(rngs=rngs)


def counting(*, rngs: nnx.Rngs):
    return Counting(rngs=rngs)


def shared(*, rngs: nnx.Rngs):
    return Shared(rngs=rngs)


def deprecated(*, rngs: nnx.Rngs):
    return Deprecated(rngs=rngs)


def gated(*, rngs: nnx.Rngs):
    return Gated(rngs=rngs)
