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
