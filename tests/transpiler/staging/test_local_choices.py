"""Layers that a local variable chooses, flags of Sequential, and code for other types."""

from __future__ import annotations

from tests.harness import check_compile


def test_flags_choices_and_types() -> None:
    check_compile(
        """\
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers


class Two(keras.Model):
    def __init__(self, flag=False):
        super().__init__()
        self.head = keras.Sequential([layers.Dense(4), layers.Dropout(0.5), layers.Dense(3)])
        self.flag = flag

    def call(self, x, training=None):
        if isinstance(x, dict):
            x = x["image"]
        if isinstance(x, (list, tuple)):
            x = x[0]
        y = self.head(x, training=False)
        return y


def build(use_bn=True):
    inputs = keras.Input((8, 8, 3))
    norm = layers.BatchNormalization if use_bn else layers.LayerNormalization
    act = layers.ReLU() if use_bn else layers.Activation("tanh")
    pool = layers.MaxPooling2D(2) if use_bn else layers.AveragePooling2D(2)
    layer = layers.Conv2D(4, 3) if use_bn else layers.Conv2D(8, 1)
    x = layer(inputs)
    x = norm()(x)
    x = pool(act(x))
    return keras.Model(inputs, x)
""",
        """\
from flax import nnx


class Two(nnx.Module):
    def __init__(self, in_features, flag=False, *, rngs: nnx.Rngs):
        self.head = nnx.Sequential(
            nnx.Linear(in_features, 4, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs),
            nnx.Dropout(0.5, rngs=rngs),
            nnx.Linear(4, 3, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs),
        )
        self.flag = flag

    def __call__(self, x):
        if isinstance(x, dict):
            x = x["image"]
        y = nnx.view(self.head, deterministic=True)(x)
        return y


class Build(nnx.Module):
    def __init__(self, use_bn=True, *, rngs: nnx.Rngs):
        self.use_bn = use_bn
        self.conv = (
            nnx.Conv(
                3,
                4,
                (3, 3),
                padding="VALID",
                kernel_init=nnx.initializers.glorot_uniform(),
                rngs=rngs,
            )
            if use_bn
            else nnx.Conv(
                3,
                8,
                (1, 1),
                padding="VALID",
                kernel_init=nnx.initializers.glorot_uniform(),
                rngs=rngs,
            )
        )
        self.bn = (
            nnx.BatchNorm(4 if use_bn else 8, epsilon=0.001, use_fast_variance=False, rngs=rngs)
            if use_bn
            else nnx.LayerNorm(
                4 if use_bn else 8, epsilon=0.001, use_fast_variance=False, rngs=rngs
            )
        )

    def __call__(self, inputs):
        x = self.conv(inputs)
        x = self.bn(x)
        x = (
            nnx.max_pool(nnx.relu(x) if self.use_bn else nnx.tanh(x), (2, 2), strides=(2, 2))
            if self.use_bn
            else nnx.avg_pool(nnx.relu(x) if self.use_bn else nnx.tanh(x), (2, 2), strides=(2, 2))
        )
        return x
""",
    )
