"""Inputs that may be a tensor or a dict of tensors."""

from __future__ import annotations

from tests.harness import check_compile


def test_the_question_for_a_dict_stays() -> None:
    before = """\
from tensorflow.keras import layers


class Head(layers.Layer):
    def __init__(self, level):
        super().__init__()
        self.level = level
        self.dense = layers.Dense(3, kernel_initializer="lecun_normal")

    def call(self, inputs):
        x = inputs[self.level] if isinstance(inputs, dict) else inputs
        return self.dense(x)


class Net(layers.Layer):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(5, kernel_initializer="lecun_normal")
        self.head = Head("a")

    def call(self, x):
        return self.head({"a": self.dense(x)})
"""
    after = """\
from flax import nnx


class Head(nnx.Module):
    def __init__(self, in_features, level, *, rngs: nnx.Rngs):
        self.level = level
        self.dense = nnx.Linear(in_features, 3, rngs=rngs)

    def __call__(self, inputs):
        x = inputs[self.level] if isinstance(inputs, dict) else inputs
        return self.dense(x)


class Net(nnx.Module):
    def __init__(self, in_features, *, rngs: nnx.Rngs):
        self.dense = nnx.Linear(in_features, 5, rngs=rngs)
        self.head = Head(5, "a", rngs=rngs)

    def __call__(self, x):
        return self.head({"a": self.dense(x)})
"""
    check_compile(before, after)


def test_code_that_raises_for_all_but_a_dict_takes_one() -> None:
    before = """\
from tensorflow.keras import layers


class Net(layers.Layer):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(3, kernel_initializer="lecun_normal")

    def call(self, inputs):
        if isinstance(inputs, dict):
            ids = inputs["ids"]
            mask = inputs["mask"]
        else:
            raise ValueError(inputs)
        return self.dense(ids) * mask
"""
    after = """\
from flax import nnx


class Net(nnx.Module):
    def __init__(self, ids_features, *, rngs: nnx.Rngs):
        self.dense = nnx.Linear(ids_features, 3, rngs=rngs)

    def __call__(self, inputs):
        ids = inputs["ids"]
        mask = inputs["mask"]
        return self.dense(ids) * mask
"""
    file = check_compile(before, after)
    assert "TJ6019" not in [d.code for d in file.diagnostics]


def test_forms_that_are_left_out_are_told() -> None:
    before = """\
from tensorflow.keras import layers


class Net(layers.Layer):
    def call(self, inputs):
        if isinstance(inputs, (list, tuple)):
            x, y = inputs
        else:
            x, y = inputs, 1.0
        return x * y
"""
    file = check_compile(before)
    assert [d.message for d in file.diagnostics if d.code == "TJ6019"] == [
        "`inputs` is taken to be a tuple: code for other types was left out"
    ]


def test_the_comment_above_an_else_stays_with_its_code() -> None:
    before = """\
from tensorflow.keras import layers


class Net(layers.Layer):
    def call(self, x):
        if isinstance(x, (list, tuple)):
            # the first of many
            y = x[0]
        # one alone counts twice
        else:
            y = x * 2
        return y
"""
    after = """\
from flax import nnx


class Net(nnx.Module):
    def __call__(self, x):
        # one alone counts twice
        y = x * 2
        return y
"""
    check_compile(before, after)
