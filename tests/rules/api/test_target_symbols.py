"""Signatures and defaults of JAX, Flax and Optax."""

from __future__ import annotations

import pytest
from tfjax.rules.api import TargetApi, versions

API = TargetApi.load()


@pytest.mark.parametrize(
    ("name", "signature"),
    [
        (
            "jax.numpy.sum",
            "(a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=None, "
            "promote_integers=True)",
        ),
        ("jax.numpy.add", "(x, y, /)"),
        ("jax.numpy.where", "(condition, x=None, y=None, /, *, size=None, fill_value=None)"),
        ("jax.numpy.float32", "(x)"),
        ("jax.nn.gelu", "(x, approximate=True)"),
        ("jax.nn.relu", "(x)"),
        ("flax.nnx.gelu", "(x, approximate=True)"),
        ("flax.nnx.Optimizer", "(model, tx, *, wrt, graph=None)"),
        ("optax.sgd", "(learning_rate, momentum=None, nesterov=False, accumulator_dtype=None)"),
    ],
)
def test_signatures(name: str, signature: str) -> None:
    assert str(API.signature(name)) == signature


@pytest.mark.parametrize(
    ("name", "parameter", "default"),
    [
        ("flax.nnx.BatchNorm", "epsilon", "1e-05"),
        ("flax.nnx.LayerNorm", "epsilon", "1e-06"),
        ("flax.nnx.Linear", "kernel_init", "jax.nn.initializers.lecun_normal()"),
        ("flax.nnx.Linear", "bias_init", "jax.nn.initializers.zeros"),
        ("flax.nnx.Linear", "param_dtype", "jax.numpy.float32"),
        (
            "flax.nnx.Embed",
            "embedding_init",
            "jax.nn.initializers.variance_scaling(scale=1.0, mode='fan_in', "
            "distribution='normal', out_axis=0)",
        ),
        ("flax.nnx.Linear", "rngs", None),
        ("flax.nnx.Linear", "no_such_parameter", None),
        ("flax.nnx.NoSuchLayer", "x", None),
        ("optax.adam", "eps", "1e-08"),
    ],
)
def test_defaults(name: str, parameter: str, default: str | None) -> None:
    assert API.default(name, parameter) == default


@pytest.mark.parametrize(
    "name",
    [
        "jax.image.resize",
        "jax.lax.conv_general_dilated",
        "jax.numpy.linalg.norm",
        "jax.random.normal",
        "jax.scipy.special.erf",
        "jax.tree.map",
        "flax.linen.Dense",
        "flax.nnx.List",
        "flax.nnx.initializers.he_normal",
        "flax.nnx.max_pool",
        "optax.adamw",
    ],
)
def test_has(name: str) -> None:
    assert API.has(name)


@pytest.mark.parametrize("name", ["jax.numpy.reduce_sum", "numpy.sum", "tf.reduce_sum", ""])
def test_has_not(name: str) -> None:
    assert not API.has(name)


def test_layers_are_modules() -> None:
    assert API.is_subclass("flax.nnx.Linear", "flax.nnx.Module")
    assert API.is_subclass("flax.linen.Dense", "flax.linen.Module")
    assert not API.is_subclass("flax.nnx.Param", "flax.nnx.Module")


def test_versions_are_recorded() -> None:
    assert set(versions()) == {"flax", "jax", "keras", "optax", "tensorflow", "tf_keras"}
