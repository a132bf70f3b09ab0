"""Noise modules in training: moments, gradients through them, use under `jax.jit`."""

import pytest

pytest.importorskip("flax", reason="the helpers are written for Flax")

import jax
import jax.numpy as jnp
from flax import nnx
from tfjax.rules.prove.target import namespace

X = jnp.ones((200, 300))


@pytest.mark.verify
@pytest.mark.parametrize(
    ("name", "mean", "deviation"), [("GaussianNoise", 1.0, 0.2), ("GaussianDropout", 1.0, 0.5)]
)
def test_moments(name: str, mean: float, deviation: float) -> None:
    layer = getattr(namespace()["compat"], name)(0.2, rngs=nnx.Rngs(0))
    y = layer(X)
    assert abs(float(y.mean()) - mean) < 0.01
    assert abs(float(y.std()) - deviation) < 0.01
    assert not jnp.array_equal(y, layer(X))


@pytest.mark.verify
def test_alpha_dropout_keeps_moments() -> None:
    x = jax.random.normal(jax.random.key(0), (400, 400))
    y = namespace()["compat"].AlphaDropout(0.3, rngs=nnx.Rngs(0))(x)
    assert abs(float(y.mean())) < 0.02
    assert abs(float(y.std()) - 1) < 0.02


@pytest.mark.verify
def test_recurrent_dropout_under_jit_and_grad() -> None:
    cell = nnx.OptimizedLSTMCell(3, 4, rngs=nnx.Rngs(0))
    layer = namespace()["compat"].RNN(cell, dropout=0.5, rngs=nnx.Rngs(1))
    graph, params, rest = nnx.split(layer, nnx.Param, ...)

    @jax.jit
    def loss(params: nnx.State) -> jax.Array:
        return nnx.merge(graph, params, rest, copy=True)(jnp.ones((2, 5, 3))).sum()

    gradients = jax.tree.leaves(jax.grad(loss)(params))
    assert all(bool(jnp.any(g != 0)) for g in gradients)
