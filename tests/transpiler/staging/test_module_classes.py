"""tf.Module: initializers that are objects, activations as parameters, metaclasses."""

from __future__ import annotations

from tests.harness import check_compile


def test_objects_that_initialize_and_metaclasses() -> None:
    check_compile(
        """\
import abc

import tensorflow as tf


class Base(tf.Module, metaclass=abc.ABCMeta):
    @abc.abstractmethod
    def __call__(self, inputs):
        \"\"\"Applies the module.\"\"\"


class Named(abc.ABCMeta):
    \"\"\"Gives every class a tag.\"\"\"

    def __new__(mcs, name, bases, members):
        return super().__new__(mcs, name, bases, {**members, "tag": name.lower()})


class Zeros:
    def __call__(self, shape, dtype):
        return tf.zeros(shape, dtype)


class Linear(Base, metaclass=Named):
    def __init__(self, output_size, init):
        super().__init__()
        self.output_size = output_size
        self.init = init

    def _initialize(self, inputs):
        self.input_size = inputs.shape[-1]
        self.w = tf.Variable(self.init([self.input_size, self.output_size], inputs.dtype))

    def __call__(self, inputs):
        self._initialize(inputs)
        return tf.matmul(inputs, self.w)


class MLP(Base):
    def __init__(self, sizes, activation=tf.nn.relu):
        super().__init__()
        self._activation = activation
        self._layers = []
        for size in sizes:
            self._layers.append(Linear(size, Zeros()))

    def __call__(self, inputs):
        for i, layer in enumerate(self._layers):
            inputs = layer(inputs)
            if i < len(self._layers) - 1:
                inputs = self._activation(inputs)
        return inputs
""",
        """\
import abc

import jax
import jax.numpy as jnp
from flax import nnx


class Base(nnx.Module, metaclass=abc.ABCMeta):
    @abc.abstractmethod
    def __call__(self, inputs):
        \"\"\"Applies the module.\"\"\"


class Named(abc.ABCMeta):
    \"\"\"Gives every class a tag.\"\"\"

    def __new__(mcs, name, bases, members):
        return super().__new__(mcs, name, bases, {**members, "tag": name.lower()})


class Zeros:
    def __call__(self, shape, dtype):
        return jnp.zeros(shape, dtype=dtype)


class Linear(Base):
    def __init__(self, in_features, output_size, init):
        super().__init__()
        self.output_size = output_size
        self.init = init
        self.input_size = in_features
        self.w = nnx.Param(jnp.asarray(self.init([self.input_size, self.output_size], jnp.float32)))

    def __call__(self, inputs):
        return jnp.matmul(inputs, self.w[...])


class MLP(Base):
    def __init__(self, in_features, sizes, activation=jax.nn.relu):
        super().__init__()
        self._activation = activation
        self._layers = nnx.List([])
        features = in_features
        for size in sizes:
            self._layers.append(Linear(features, size, Zeros()))
            features = size

    def __call__(self, inputs):
        for i, layer in enumerate(self._layers):
            inputs = layer(inputs)
            if i < len(self._layers) - 1:
                inputs = self._activation(inputs)
        return inputs
""",
    )
