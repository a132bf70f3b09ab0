"""Attributes that exist under a test of the constructor."""

from __future__ import annotations

import pytest

from tests.harness import check_compile


@pytest.mark.parametrize(
    "question", ['hasattr(self, "project")', 'getattr(self, "project", None) is not None']
)
def test_the_call_asks_and_the_constructor_knows(question: str) -> None:
    text = check_compile(
        f"""
from tensorflow import keras


class Net(keras.Model):
    def __init__(self, width=8, depth=4):
        super().__init__()
        self.embed = keras.layers.Embedding(10, depth)
        if depth != width:
            self.project = keras.layers.Dense(width)
        self.head = keras.layers.Dense(3)

    def call(self, ids):
        x = self.embed(ids)
        if {question}:
            x = self.project(x)
        return self.head(x)
"""
    ).text
    assert f"if {question}:\n            x = self.project(x)" in text
    assert "self.head=nnx.Linear(width,3," in "".join(text.split())


def test_an_attribute_that_is_always_there_is_not_asked_for() -> None:
    text = check_compile(
        """
from tensorflow import keras


class Net(keras.Model):
    def __init__(self, width=8):
        super().__init__()
        self.project = keras.layers.Dense(width)

    def call(self, x):
        if hasattr(self, "project"):
            x = self.project(x)
        return x
"""
    ).text
    assert "hasattr" not in text


def test_keyword_arguments_that_nobody_passes_may_be_missing() -> None:
    text = check_compile(
        """
import tensorflow as tf
from tensorflow import keras


class Net(keras.Model):
    def prepare(self, x, **kwargs):
        mask = kwargs.get("mask")
        if mask is not None:
            x = x * tf.expand_dims(mask, -1)
        return x

    def call(self, x):
        return x
"""
    ).text
    assert "if mask is not None:" in text


def test_the_size_of_a_part_that_a_test_chooses() -> None:
    check_compile(
        """
import tensorflow as tf
from tensorflow import keras


class Merging(keras.layers.Layer):
    def __init__(self, dim, **kwargs):
        super().__init__(**kwargs)
        self.dense = keras.layers.Dense(2 * dim)

    def call(self, x):
        b, l, c = tf.unstack(tf.shape(x))
        x = tf.reshape(x, (-1, l // 2, 2 * c))
        return self.dense(x)


class Stage(keras.layers.Layer):
    def __init__(self, dim, depth, downsample, **kwargs):
        super().__init__(**kwargs)
        self.blocks = [keras.layers.Dense(dim) for _ in range(depth)]
        if downsample:
            self.downsample = Merging(dim)
        else:
            self.downsample = keras.layers.Activation("linear")

    def call(self, x):
        for block in self.blocks:
            x = block(x)
        return self.downsample(x)


class Stages(keras.Model):
    def __init__(self, dim, count):
        super().__init__()
        self.stages = [Stage(dim * 2**i, 2, downsample=i < count - 1) for i in range(count)]
        self.head = keras.layers.Dense(3)

    def call(self, x):
        for stage in self.stages:
            x = stage(x)
        return self.head(x)
""",
        """\
import jax.numpy as jnp
from flax import nnx


class Merging(nnx.Module):
    def __init__(self, in_features, dim, *, rngs: nnx.Rngs):
        self.dense = nnx.Linear(
            2 * in_features, 2 * dim, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, x):
        b, l, c = x.shape
        x = jnp.reshape(x, (-1, l // 2, 2 * c))
        return self.dense(x)


class Stage(nnx.Module):
    def __init__(self, in_features, dim, depth, downsample, *, rngs: nnx.Rngs):
        features = in_features
        self.blocks = nnx.List([])
        for _ in range(depth):
            self.blocks.append(
                nnx.Linear(features, dim, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)
            )
            features = dim
        if downsample:
            self.downsample = Merging(features, dim, rngs=rngs)
        else:
            self.downsample = lambda x: x

    def __call__(self, x):
        for block in self.blocks:
            x = block(x)
        return self.downsample(x)


class Stages(nnx.Module):
    def __init__(self, in_features, dim, count, *, rngs: nnx.Rngs):
        features = in_features
        self.stages = nnx.List([])
        for i in range(count):
            self.stages.append(Stage(features, dim * 2**i, 2, downsample=i < count - 1, rngs=rngs))
            features = 2 * (dim * 2**i) if i < count - 1 else dim * 2**i
        self.head = nnx.Linear(
            features, 3, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, x):
        for stage in self.stages:
            x = stage(x)
        return self.head(x)
""",
    )
