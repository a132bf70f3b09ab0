"""Layers that define `__call__` beside `call`."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_call_that_hands_everything_on_goes() -> None:
    before = """\
from tensorflow.keras.layers import Dense, Layer


class Net(Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = Dense(4, kernel_initializer="lecun_normal")

    def __call__(self, inputs, training=None, **kwargs):
        return super().__call__(inputs, training=training, **kwargs)

    def call(self, inputs, training=None):
        return self.dense(inputs)
"""
    after = """\
from flax import nnx


class Net(nnx.Module):
    def __init__(self, in_features, *, rngs: nnx.Rngs):
        self.dense = nnx.Linear(in_features, 4, rngs=rngs)

    def __call__(self, inputs):
        return self.dense(inputs)
"""
    check_compile(before, after)


def test_a_call_of_its_own_runs_the_other() -> None:
    before = """\
from tensorflow.keras.layers import Dense, Dropout, Layer


class Net(Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = Dense(4, kernel_initializer="lecun_normal")
        self.drop = Dropout(0.5)

    def __call__(self, inputs, scale=2.0, **kwargs):
        return super().__call__(inputs * scale, **kwargs)

    def call(self, inputs, training=None):
        return self.drop(self.dense(inputs), training=training)


class Wide(Net):
    def call(self, inputs, training=None):
        return super().call(inputs, training=training) + 1.0
"""
    after = """\
from flax import nnx


class Net(nnx.Module):
    def __init__(self, in_features, *, rngs: nnx.Rngs):
        self.dense = nnx.Linear(in_features, 4, rngs=rngs)
        self.drop = nnx.Dropout(0.5, rngs=rngs)

    def __call__(self, inputs, scale=2.0):
        return self._call(inputs * scale)

    def _call(self, inputs):
        return self.drop(self.dense(inputs))


class Wide(Net):
    def _call(self, inputs):
        return super()._call(inputs) + 1.0
"""
    check_compile(before, after)


def test_a_call_that_gathers_its_inputs() -> None:
    before = """\
from tensorflow.keras.layers import Dense, Layer


class Net(Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = Dense(4, kernel_initializer="lecun_normal")

    def __call__(self, inputs, state=None):
        if state is None:
            return super().__call__(inputs)
        return super().__call__([inputs, state])

    def call(self, inputs):
        if isinstance(inputs, list):
            return self.dense(inputs[0]) + inputs[1]
        return self.dense(inputs)
"""
    after = """\
from flax import nnx


class Net(nnx.Module):
    def __init__(self, in_features, *, rngs: nnx.Rngs):
        self.dense = nnx.Linear(in_features, 4, rngs=rngs)

    def __call__(self, inputs, state=None):
        if state is None:
            return self._call(inputs)
        return self._call([inputs, state])

    def _call(self, inputs):
        if isinstance(inputs, list):
            return self.dense(inputs[0]) + inputs[1]
        return self.dense(inputs)
"""
    check_compile(before, after)


def test_build_for_another_input_is_reported() -> None:
    before = """\
from tensorflow.keras.layers import Dense, Layer


class Net(Layer):
    def build(self, shape):
        self.dense = Dense(shape[-1])

    def __call__(self, inputs, state):
        return super().__call__([inputs, state])

    def call(self, inputs):
        return self.dense(inputs[0]) + inputs[1]
"""
    check_compile(before, left=["TJ5006"])
