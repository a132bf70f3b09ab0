"""Layers and activations that callers pass, which the code asks for before it applies them."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_layer_that_every_caller_passes_is_there() -> None:
    check_compile(
        """\
from tensorflow import keras
from tensorflow.keras import layers


def up(x, filters, activation):
    x = layers.Dense(filters)(x)
    if activation:
        x = activation(x)
    return x


def down(x, filters, activation):
    x = layers.Dense(filters)(x)
    if activation:
        x = activation(x)
    return x


def network():
    inputs = keras.Input((4,))
    x = up(inputs, 8, activation=layers.Activation("relu"))
    for step in range(3):
        if step < 2:
            x = down(x, 6, activation=layers.ReLU())
        else:
            x = down(x, 3, activation=layers.LeakyReLU(0.2))
    return keras.Model(inputs, layers.Dense(2)(x))
""",
        """\
from flax import nnx


class Up(nnx.Module):
    def __init__(self, in_features, filters, *, rngs: nnx.Rngs):
        self.dense = nnx.Linear(
            in_features, filters, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, x):
        x = self.dense(x)
        x = nnx.relu(x)
        return x


class Down(nnx.Module):
    def __init__(self, in_features, filters, activation, *, rngs: nnx.Rngs):
        self.activation = activation
        self.dense = nnx.Linear(
            in_features, filters, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, x):
        x = self.dense(x)
        if self.activation:
            x = self.activation(x)
        return x


class Network(nnx.Module):
    def __init__(self, *, rngs: nnx.Rngs):
        self.up = Up(4, 8, rngs=rngs)
        x_features = 8
        self.downs = nnx.List([])
        for step in range(3):
            if step < 2:
                self.downs.append(Down(x_features, 6, activation=nnx.relu, rngs=rngs))
                x_features = 6
            else:
                self.downs.append(
                    Down(
                        x_features,
                        3,
                        activation=lambda x: nnx.leaky_relu(x, negative_slope=0.2),
                        rngs=rngs,
                    ),
                )
                x_features = 3
        self.dense = nnx.Linear(
            x_features, 2, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, inputs):
        x = self.up(inputs)
        downs = iter(self.downs)
        for step in range(3):
            if step < 2:
                x = next(downs)(x)
            else:
                x = next(downs)(x)
        return self.dense(x)
""",
    )


def test_tensors_that_a_returned_function_unpacks() -> None:
    check_compile(
        """\
from tensorflow import keras
from tensorflow.keras import layers


def gate(units):
    def apply(inputs):
        x, scale = inputs
        return layers.Multiply()([layers.Activation("relu")(x), scale])

    return apply


def network():
    a = keras.Input((4,))
    b = keras.Input((4,))
    return keras.Model([a, b], gate(4)([a, b]))
""",
        """\
from flax import nnx


class Gate(nnx.Module):
    def __init__(self, units):
        pass

    def __call__(self, inputs):
        x, scale = inputs
        return nnx.relu(x) * scale


class Network(nnx.Module):
    def __init__(self):
        self.gate = Gate(4)

    def __call__(self, a, b):
        return self.gate([a, b])
""",
    )


def test_sizes_of_tensors_that_a_returned_function_unpacks() -> None:
    check_compile(
        """\
from tensorflow import keras
from tensorflow.keras import layers


def residual(width):
    def apply(inputs):
        x, t = inputs
        if x.shape[-1] == width:
            skip = x
        else:
            skip = layers.Dense(width)(x)
        x = layers.Dense(width)(x)
        return layers.Add()([x, layers.Dense(width)(t), skip])

    return apply


def network(widths=(8, 16)):
    image = keras.Input((3,))
    time = keras.Input((4,))
    x = image
    for width in widths:
        x = residual(width)([x, time])
    return keras.Model([image, time], x)
""",
        """\
from flax import nnx


class Residual(nnx.Module):
    def __init__(self, x_features, t_features, width, *, rngs: nnx.Rngs):
        self.width = width
        if x_features != width:
            self.dense = nnx.Linear(
                x_features, width, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
            )
        self.dense_1 = nnx.Linear(
            x_features, width, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )
        self.dense_2 = nnx.Linear(
            t_features, width, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, inputs):
        x, t = inputs
        if x.shape[-1] == self.width:
            skip = x
        else:
            skip = self.dense(x)
        x = self.dense_1(x)
        return x + self.dense_2(t) + skip


class Network(nnx.Module):
    def __init__(self, widths=(8, 16), *, rngs: nnx.Rngs):
        x_features = 3
        self.residuals = nnx.List([])
        for width in widths:
            self.residuals.append(Residual(x_features, 4, width, rngs=rngs))
            x_features = width

    def __call__(self, image, time):
        x = image
        for residual in self.residuals:
            x = residual([x, time])
        return x
""",
    )
