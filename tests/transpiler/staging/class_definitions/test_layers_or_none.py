"""Attributes that are None until the constructor, or `build`, may put a layer there."""

from __future__ import annotations

import pytest

from tests.harness import check_compile

BEFORE = """
import tensorflow as tf


class Block(tf.keras.layers.Layer):
    def __init__(self, width, project=False, **kwargs):
        super().__init__(**kwargs)
        self.width = width
        self.project = project
        self.shortcut = None
        {init}

    {build}

    def call(self, x):
        {call}
        return x
"""
NO_BUILD = "rate = 0.5"
IN_BRANCH = "if project:\n            self.shortcut = tf.keras.layers.Dense(width)"
IN_BUILD = (
    "def build(self, shape):\n        if shape[-1] != self.width:\n"
    "            self.shortcut = tf.keras.layers.Dense(self.width)"
)
ASKS = "if self.shortcut is not None:\n            x = self.shortcut(x)"


@pytest.mark.parametrize(("init", "build"), [(IN_BRANCH, NO_BUILD), ("pass", IN_BUILD)])
def test_the_call_asks_whether_there_is_one(init: str, build: str) -> None:
    text = check_compile(BEFORE.format(init=init, build=build, call=ASKS)).text
    assert ASKS in text
    assert "self.shortcut = nnx.data(None)" in text


def test_the_flag_may_be_asked_instead() -> None:
    call = "if self.project:\n            x = self.shortcut(x)"
    text = check_compile(BEFORE.format(init=IN_BRANCH, build=NO_BUILD, call=call)).text
    assert call in text


def test_both_branches_may_make_one() -> None:
    init = f"{IN_BRANCH}\n        else:\n            self.shortcut = tf.keras.layers.Dense(8)"
    call = "x = self.shortcut(x)"
    text = check_compile(BEFORE.format(init=init, build=NO_BUILD, call=call)).text
    assert f"    def __call__(self, x):\n        {call}\n        return x\n" in text


def test_one_that_is_always_made_is_not_asked_for() -> None:
    init = "self.shortcut = tf.keras.layers.Dense(width)"
    text = check_compile(BEFORE.format(init=init, build=NO_BUILD, call=ASKS)).text
    assert "if self.shortcut is not None" not in text
