"""Sizes that only a module of the object knows."""

from __future__ import annotations

from tests.harness import check_compile

HEAD = """
from tensorflow import keras
from tensorflow.keras import layers


def hidden(units):
    model = keras.Sequential()
    for n in units:
        model.add(layers.Dense(n))
        model.add(layers.LayerNormalization())
    return model


class Head(layers.Layer):
    def __init__(self, units):
        super().__init__()
{made}

    def call(self, x):
        return self.out(self.hidden(x))
"""
IN_ORDER = """
        self.hidden = hidden(units)
        self.out = layers.Dense(2)
"""
SWAPPED = """
        self.out = layers.Dense(2)
        self.hidden = hidden(units)
"""
TANGLED = """
        self.out = layers.Dense(2)
        units = [2 * n for n in units]
        self.hidden = hidden(units)
"""
WANTED = """\
    def __init__(self, in_features, units, *, rngs: nnx.Rngs):
        self.hidden = Hidden(in_features, units, rngs=rngs)
        self.out = nnx.Linear(
            self.hidden.out_features, 2, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )
"""


def test_a_layer_after_a_model_of_open_size_asks_the_model() -> None:
    assert WANTED in check_compile(HEAD.format(made=IN_ORDER)).text


def test_the_model_is_made_first() -> None:
    assert WANTED in check_compile(HEAD.format(made=SWAPPED)).text


def test_a_model_that_cannot_be_made_first_is_reported() -> None:
    check_compile(HEAD.format(made=TANGLED), left=["TJ4001"])


def test_a_parent_and_a_member_are_asked_for_what_they_hold() -> None:
    file = check_compile(
        HEAD.format(made=IN_ORDER)
        + """

class Base(layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.hidden = hidden(units)

    def call(self, x):
        return self.hidden(x)


class Heir(Base):
    def __init__(self, units):
        super().__init__(units)
        self.out = layers.Dense(2)

    def call(self, x):
        return self.out(super().call(x))


class Outer(layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.base = Base(units)
        self.out = layers.Dense(2)

    def call(self, x):
        return self.out(self.base(x))
"""
    )
    assert file.text.count("self.hidden.out_features, 2,") == 2
    assert "self.base.hidden.out_features," in file.text
