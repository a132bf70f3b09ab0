"""Calls of one form: what is copied is what following them again gives."""

from __future__ import annotations

import pytest
from tfjax.transpiler.analysis import analyse_text
from tfjax.transpiler.analysis import entry as entry_module
from tfjax.transpiler.analysis.machine import Machine
from tfjax.transpiler.analysis.summaries import Summaries
from tfjax.transpiler.analysis.tracked import Tracked, joined

PRELUDE = """\
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers
"""

BLOCK = """\
def block(x, filters, stride=1, rate=0.0, name=None):
    name = name or "block"
    y = layers.Conv2D(filters, 3, strides=stride, padding="same", name=name + "_conv")(x)
    if rate > 0:
        y = layers.Dropout(rate, name=f"{name}_drop")(y)
    if stride == 1 and x.shape[-1] == filters:
        y = layers.Add(name=name + "_add")([x, y])
    return y
"""

PROGRAMS = {
    "layers in a chain": (
        BLOCK
        + "def model():\n    i = keras.Input((None, None, 8))\n    x = i\n"
        + "    for n in range(6):\n        x = block(x, 8, rate=n / 10, name=f'b{n}')\n"
        + "    y = block(x, 16, 2)\n    z = block(y, 16)\n    return z\n"
    ),
    "sizes of other names": (
        "def half(x):\n    h = tf.shape(x)[1] // 2\n    y = x[:, :h]\n    return y + y[:, :1]\n"
        "a = half(keras.Input((None, 4)))\nb = half(keras.Input((None, 4)))\nc = half(a)\n"
    ),
    "what a call learns": (
        "def pair(x, y):\n    z = tf.matmul(x, y)\n    return z\n"
        "def f(x, y, v):\n"
        "    assert len(x.shape) == 2 and len(y.shape) == 2 and len(v.shape) == 2\n"
        "    a = pair(x, y)\n    b = pair(a, v)\n    c = pair(x, y)\n    return a + c\n"
    ),
    "closures": (
        "def make(units):\n    def apply(x):\n"
        "        h = layers.Dense(units)(x)\n        return layers.Dense(2 * units)(h)\n"
        "    return apply\n"
        "x = keras.Input((3,))\na = make(4)(x)\nb = make(4)(x)\nc = make(5)(a)\n"
    ),
    "objects": (
        "class Block(layers.Layer):\n    def __init__(self, units, **kwargs):\n"
        "        super().__init__(**kwargs)\n        self.parts = []\n"
        "        for i in range(3):\n            self.parts.append(layers.Dense(units + i))\n"
        "    def call(self, x):\n        for part in self.parts:\n            x = part(x)\n"
        "        return x\n"
        "x = keras.Input((3,))\na = Block(4, name='a')(x)\nb = Block(4, name='b')(x)\n"
        "c = Block(4)(tf.zeros([2, 3]))\nd = Block(7)(a)\n"
    ),
    "lists that are changed": (
        "def push(xs, x):\n    xs.append(tf.stack([x, x]))\n    return len(xs)\n"
        "def f():\n    xs = []\n    a = push(xs, tf.zeros([2]))\n    b = push(xs, tf.zeros([2]))\n"
        "    c = tf.concat(xs, 0)\n    ys = []\n    d = push(ys, tf.zeros([2]))\n    return c\n"
    ),
    "variables of modules": (
        "size = 3\ndef f(x):\n    y = tf.zeros([size, 2])\n    return tf.concat([x, y], 0)\n"
        "a = f(tf.zeros([1, 2]))\nsize = 5\nb = f(tf.zeros([1, 2]))\n"
    ),
    "texts that matter": (
        "def f(x, mode):\n    z = tf.identity(x)\n"
        "    if mode == 'up':\n        z = tf.concat([x, x], 0)\n    return z\n"
        "x = tf.zeros([2])\na = f(x, 'up')\nb = f(x, 'down')\nc = f(x, 'up')\n"
    ),
    "what raises": (
        "def f(x):\n    n = tf.identity(x).shape[0]\n    if n > 2:\n        raise ValueError(n)\n"
        "    return x\n"
        "def g(x):\n    y = f(x)\n    z = f(x)\n    return y\n"
        "a = g(tf.zeros([2]))\n"
    ),
    "mistakes": (
        "def f(x, w):\n    y = tf.nn.relu(x)\n    return tf.matmul(y, w)\n"
        "a = f(tf.zeros([2, 3]), tf.zeros([3, 4]))\nb = f(tf.zeros([2, 3]), tf.zeros([4, 4]))\n"
        "c = f(tf.zeros([2, 3]), tf.zeros([4, 4]))\n"
    ),
}

FOLLOWED = {"variables of modules", "mistakes"}
"""Programs in which nothing may be copied: a module changes between the calls, a call reports."""


@pytest.mark.parametrize("name", PROGRAMS)
def test_copies_are_what_following_gives(name: str, monkeypatch: pytest.MonkeyPatch):
    text = PRELUDE + PROGRAMS[name]
    made: list[Summaries] = []

    def noted(machine: Machine) -> Summaries:
        made.append(Summaries(machine))
        return made[-1]

    monkeypatch.setattr(entry_module, "Summaries", noted)
    copied = analyse_text(text)
    monkeypatch.setattr(entry_module, "Summaries", lambda machine: None)  # pyright: ignore
    followed = analyse_text(text)
    assert not copied.failures and not followed.failures
    assert copied.types == followed.types
    assert copied.conflicts == followed.conflicts
    texts = [[(a.place, a.text) for a in found.assumptions] for found in (copied, followed)]
    assert texts[0] == texts[1]
    assert (sum(s.hits for s in made) > 0) == (name not in FOLLOWED)


def test_texts_note_who_looks():
    clock = [1]
    first, last = Tracked("a", clock), Tracked("b", clock)
    both = joined([first, last], clock)
    assert (first.seen, last.seen, both.sign) == (-1, -1, 1)
    clock[0] = 2
    assert both.value == "ab"
    assert (first.seen, last.seen) == (2, 2)


def test_numbers_show_their_sign_alone():
    rate = Tracked(0.5, [3])
    assert rate.sign == 1 and rate.seen == -1
    assert rate.value == 0.5 and rate.seen == 3
