"""Lambdas that build layers: every call builds its own."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_lambda_that_is_called_twice_builds_two_layers() -> None:
    before = """\
from tensorflow import keras
from tensorflow.keras.layers import Dense


def net():
    x = keras.Input((3,))
    f = lambda t: Dense(4, kernel_initializer="lecun_normal")(t)
    return keras.Model(x, f(f(x)))
"""
    after = """\
from flax import nnx


class NetF(nnx.Module):
    def __init__(self, in_features, *, rngs: nnx.Rngs):
        self.dense = nnx.Linear(in_features, 4, rngs=rngs)
        self.out_features = 4

    def __call__(self, t):
        return self.dense(t)


class Net(nnx.Module):
    def __init__(self, *, rngs: nnx.Rngs):
        self.net_f = NetF(3, rngs=rngs)
        self.net_f_1 = NetF(4, rngs=rngs)

    def __call__(self, x):
        return self.net_f_1(self.net_f(x))
"""
    check_compile(before, after)


def test_what_a_helper_returns_builds_layers_at_each_call() -> None:
    before = """\
from tensorflow import keras
from tensorflow.keras.layers import Dense


def block(units):
    return lambda t: Dense(units, kernel_initializer="lecun_normal")(t)


def net():
    x = inputs = keras.Input((3,))
    f = block(4)
    x = f(x)
    for _ in range(2):
        x = f(x)
    return keras.Model(inputs, x)
"""
    file = check_compile(before)
    start = file.text.index("class Net")
    assert (
        file.text[start:]
        == """\
class Net(nnx.Module):
    def __init__(self, *, rngs: nnx.Rngs):
        self.block = Block(3, 4, rngs=rngs)
        self.blocks = nnx.List([])
        for _ in range(2):
            self.blocks.append(Block(4, 4, rngs=rngs))

    def __call__(self, inputs):
        x = inputs
        x = self.block(x)
        for block in self.blocks:
            x = block(x)
        return x
"""
    )


def test_a_lambda_may_be_passed_to_a_function() -> None:
    before = """\
from tensorflow import keras
from tensorflow.keras.layers import Dense


def twice(f, x):
    return f(f(x))


def net():
    x = keras.Input((3,))
    return keras.Model(x, twice(lambda t: Dense(4)(t), x))
"""
    file = check_compile(before)
    assert "self.f_layer_1 = f(self.f_layer.out_features, rngs=rngs)" in file.text
    assert "self.twice = Twice(3, NetApply, rngs=rngs)" in file.text


def test_a_lambda_that_makes_a_layer_is_a_function() -> None:
    before = """\
from tensorflow import keras
from tensorflow.keras.layers import Dense


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        make = lambda units: Dense(units, kernel_initializer="lecun_normal")
        self.a = make(3)
        self.b = make(4)

    def call(self, x):
        return self.b(self.a(x))
"""
    after = """\
from flax import nnx


def net_make(in_features, units, *, rngs: nnx.Rngs):
    return nnx.Linear(in_features, units, rngs=rngs)


class Net(nnx.Module):
    def __init__(self, in_features, *, rngs: nnx.Rngs):
        self.a = net_make(in_features, 3, rngs=rngs)
        self.b = net_make(3, 4, rngs=rngs)

    def __call__(self, x):
        return self.b(self.a(x))
"""
    check_compile(before, after)


def test_one_of_several_is_refused() -> None:
    before = """\
from tensorflow import keras
from tensorflow.keras.layers import Dense


def one(x):
    return Dense(4)(x)


def net(index):
    x = keras.Input((3,))
    y = [one, lambda t: Dense(5)(t)][index](x)
    return keras.Model(x, [y, *[f(x) for f in (one, lambda t: Dense(5)(t))]])
"""
    check_compile(before, left=["TJ5002", "TJ5002"])
