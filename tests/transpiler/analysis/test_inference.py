"""The types that are inferred: a program, and the types of its last values by name."""

from __future__ import annotations

import pytest
from tfjax.transpiler.analysis import analyse_text

PRELUDE = """\
import functools
import math
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers
"""


def types(text: str) -> dict[str, str]:
    """By name, the last type that it was seen with."""
    analysis = analyse_text(PRELUDE + text)
    assert not analysis.failures and not analysis.conflicts and not analysis.exhausted
    places = sorted(analysis.types.items(), key=lambda item: item[0].span.start_line)
    return {name: seen[-1] for _, names in places for name, seen in names.items()}


OPERATIONS = {
    "x = tf.zeros([2, 3])": "f32[2, 3]",
    "x = tf.zeros([2, 3], tf.int32)": "i32[2, 3]",
    "x = tf.constant([[1, 2], [3, 4]])": "i32[2, 2]",
    "x = tf.constant(1.5)": "f32[]",
    "x = tf.cast(tf.zeros([4]), tf.float16)": "f16[4]",
    "x = tf.zeros([2, 3]) + tf.ones([3])": "f32[2, 3]",
    "x = tf.zeros([2, 1, 3]) * tf.ones([5, 1])": "f32[2, 5, 3]",
    "x = tf.zeros([4]) > 0": "bool[4]",
    "x = tf.constant([1, 2]) / tf.constant([3, 4])": "f64[2]",
    "x = tf.matmul(tf.zeros([7, 2, 3]), tf.zeros([3, 4]))": "f32[7, 2, 4]",
    "x = tf.zeros([2, 3]) @ tf.zeros([3, 4])": "f32[2, 4]",
    "x = tf.einsum('bij,bjk->bik', tf.zeros([2, 3, 4]), tf.zeros([2, 4, 5]))": "f32[2, 3, 5]",
    "x = tf.tensordot(tf.zeros([2, 3, 4]), tf.zeros([4, 5]), axes=1)": "f32[2, 3, 5]",
    "x = tf.reduce_mean(tf.zeros([2, 3, 4]), axis=[1, 2])": "f32[2]",
    "x = tf.reduce_sum(tf.zeros([2, 3]), -1, keepdims=True)": "f32[2, 1]",
    "x = tf.concat([tf.zeros([2, 3]), tf.zeros([2, 5])], axis=-1)": "f32[2, 8]",
    "x = tf.stack([tf.zeros([2]), tf.zeros([2]), tf.zeros([2])], axis=1)": "f32[2, 3]",
    "a, x = tf.split(tf.zeros([4, 10]), [3, 7], axis=1)": "f32[4, 7]",
    "x = tf.reshape(tf.zeros([4, 10]), [8, -1])": "f32[8, 5]",
    "x = tf.transpose(tf.zeros([2, 3, 4]), [2, 0, 1])": "f32[4, 2, 3]",
    "x = tf.expand_dims(tf.zeros([2, 3]), 1)": "f32[2, 1, 3]",
    "x = tf.squeeze(tf.zeros([2, 1, 3]), axis=1)": "f32[2, 3]",
    "x = tf.tile(tf.zeros([2, 3]), [2, 3])": "f32[4, 9]",
    "x = tf.pad(tf.zeros([2, 3]), [[1, 0], [2, 2]])": "f32[3, 7]",
    "x = tf.one_hot(tf.zeros([5], tf.int32), 10)": "f32[5, 10]",
    "x = tf.gather(tf.zeros([9, 4]), tf.zeros([2, 3], tf.int32))": "f32[2, 3, 4]",
    "x = tf.gather(tf.zeros([9, 4]), [0, 2], axis=1)": "f32[9, 2]",
    "x = tf.gather(tf.zeros([9, 4]), 3)": "f32[4]",
    "x = tf.gather_nd(tf.zeros([9, 4, 3]), tf.zeros([5, 2], tf.int32))": "f32[5, 3]",
    "x = tf.gather_nd(tf.zeros([9, 4, 3]), tf.zeros([9, 1], tf.int32), batch_dims=1)": "f32[9, 3]",
    "x = tf.boolean_mask(tf.zeros([9, 4, 3]), tf.ones([9, 4], tf.bool))": "f32[?, 3]",
    "x = tf.math.top_k(tf.zeros([9, 4]), 2).indices": "i32[9, 2]",
    "values, x = tf.math.top_k(tf.zeros([9, 4]), k=3)": "i32[9, 3]",
    "x = tf.linalg.matrix_transpose(tf.zeros([9, 4, 3]))": "f32[9, 3, 4]",
    "x = tf.eye(3, batch_shape=[2])": "f32[2, 3, 3]",
    "x = tf.linspace(0.0, 1.0, 5)": "f32[5]",
    "x = tf.linalg.diag(tf.zeros([9, 4]))": "f32[9, 4, 4]",
    "x = tf.linalg.diag_part(tf.zeros([9, 4, 3]))": "f32[9, 3]",
    "x = tf.linalg.trace(tf.zeros([9, 4, 4]))": "f32[9]",
    "x = tf.where(tf.zeros([9, 4]) > 0)": "i64[?, 2]",
    "x = tf.unique(tf.zeros([9]))[0]": "f32[?]",
    "x = keras.ops.take(tf.zeros([9, 4]), tf.zeros([2], tf.int32), axis=1)": "f32[9, 2]",
    "x = keras.ops.moveaxis(tf.zeros([9, 4, 3]), 0, -1)": "f32[4, 3, 9]",
    "x = keras.ops.swapaxes(tf.zeros([9, 4, 3]), 0, -1)": "f32[3, 4, 9]",
    "x = tf.nn.conv2d_transpose(tf.zeros([1, 4, 4, 3]), tf.zeros([3, 3, 5, 3]), [1, 8, 8, 5], 2)": (
        "f32[1, 8, 8, 5]"
    ),
    "x = tf.range(10)": "i32[10]",
    "x = tf.zeros([5, 6])[1:-1, ::2]": "f32[3, 3]",
    "x = tf.zeros([5, 6])[..., tf.newaxis]": "f32[5, 6, 1]",
    "x = tf.zeros([5, 6, 7])[0, ..., -1]": "f32[6]",
    "x = tf.image.resize(tf.zeros([1, 8, 8, 3]), [16, 20])": "?[1, 16, 20, 3]",
    "x = tf.nn.conv2d(tf.zeros([1, 9, 9, 3]), tf.zeros([3, 3, 3, 8]), 2, 'SAME')": (
        "f32[1, 5, 5, 8]"
    ),
    "x = tf.ensure_shape(tf.zeros([2, 3]), [None, 3])": "f32[2, 3]",
    "x = tf.zeros(tf.shape(tf.zeros([2, 3])))": "f32[2, 3]",
    "x = tf.Variable(np.zeros((3, 4)))": "?[3, 4]",
}


@pytest.mark.parametrize("code", OPERATIONS)
def test_operations(code: str):
    assert types(code)["x"] == OPERATIONS[code]


LAYERS = {
    "layers.Dense(5)": "f32[B, 12, 12, 5]",
    "layers.Conv2D(8, 3)": "f32[B, 10, 10, 8]",
    "layers.Conv2D(8, 3, strides=2, padding='same')": "f32[B, 6, 6, 8]",
    "layers.Conv2D(8, 3, dilation_rate=2)": "f32[B, 8, 8, 8]",
    "layers.Conv2DTranspose(8, 3, strides=2, padding='same')": "f32[B, 24, 24, 8]",
    "layers.Conv2DTranspose(8, 3, strides=2)": "f32[B, 25, 25, 8]",
    "layers.DepthwiseConv2D(3, depth_multiplier=2)": "f32[B, 10, 10, 6]",
    "layers.SeparableConv2D(8, 3, padding='same')": "f32[B, 12, 12, 8]",
    "layers.MaxPooling2D(3)": "f32[B, 4, 4, 3]",
    "layers.AveragePooling2D((5, 2), padding='same')": "f32[B, 3, 6, 3]",
    "layers.GlobalAveragePooling2D()": "f32[B, 3]",
    "layers.GlobalMaxPooling2D(keepdims=True)": "f32[B, 1, 1, 3]",
    "layers.ZeroPadding2D(((1, 0), (2, 3)))": "f32[B, 13, 17, 3]",
    "layers.Cropping2D(2)": "f32[B, 8, 8, 3]",
    "layers.UpSampling2D((2, 3))": "f32[B, 24, 36, 3]",
    "layers.Flatten()": "f32[B, 432]",
    "layers.Reshape((-1, 3))": "f32[B, 144, 3]",
    "layers.Permute((3, 1, 2))": "f32[B, 3, 12, 12]",
    "layers.BatchNormalization()": "f32[B, 12, 12, 3]",
    "layers.Dropout(0.5)": "f32[B, 12, 12, 3]",
    "layers.TimeDistributed(layers.LSTM(7))": "f32[B, 12, 7]",
    "layers.Lambda(lambda t: tf.reduce_mean(t, [1, 2]))": "f32[B, 3]",
    "keras.Sequential([layers.Flatten(), layers.Dense(9)])": "f32[B, 9]",
}


@pytest.mark.parametrize("layer", LAYERS)
def test_layers_on_images(layer: str):
    assert types(f"i = keras.Input((12, 12, 3))\nx = {layer}(i)")["x"] == LAYERS[layer]


SEQUENCES = {
    "layers.LSTM(8)": "f32[B, 8]",
    "layers.GRU(8, return_sequences=True)": "f32[B, 10, 8]",
    "layers.Bidirectional(layers.LSTM(8))": "f32[B, 16]",
    "layers.Bidirectional(layers.LSTM(8), merge_mode='sum')": "f32[B, 8]",
    "layers.Conv1D(8, 3, padding='causal')": "f32[B, 10, 8]",
    "layers.GlobalMaxPooling1D()": "f32[B, 4]",
    "layers.TimeDistributed(layers.Dense(6))": "f32[B, 10, 6]",
}


@pytest.mark.parametrize("layer", SEQUENCES)
def test_layers_on_sequences(layer: str):
    assert types(f"i = keras.Input((10, 4))\nx = {layer}(i)")["x"] == SEQUENCES[layer]


PROGRAMS = {
    "sizes of inputs stay open": (
        "i = keras.Input((None, None, 3))\nx = layers.MaxPooling2D()(i)",
        "f32[B, (H//2), (W//2), 3]",
    ),
    "a loop over numbers": (
        "x = keras.Input((64, 64, 3))\nfor f in [8, 16, 32]:\n"
        "    x = layers.Conv2D(f, 3, strides=2, padding='same')(x)",
        "f32[B, 8, 8, 32]",
    ),
    "a loop of unknown length keeps what it does not change": (
        "def f(n):\n    x = tf.zeros([2, 3])\n    for i in range(n):\n"
        "        x = tf.concat([x, x], axis=0)\n    y = x\n    return y",
        "f32[?, 3]",
    ),
    "branches": (
        "def f(flag):\n    if flag:\n        x = tf.zeros([2, 3])\n    else:\n"
        "        x = tf.zeros([2, 4])\n    y = x\n    return y",
        "f32[2, ?]",
    ),
    "a branch that is decided": (
        "def f(pool=None):\n    x = keras.Input((8, 8, 3))\n    if pool is None:\n"
        "        x = layers.Flatten()(x)\n    y = x\n    return y",
        "f32[B, 192]",
    ),
    "lists that are popped": (
        "skips = []\nx = keras.Input((16, 16, 2))\nfor f in (4, 8):\n"
        "    x = layers.Conv2D(f, 3, padding='same')(x)\n    skips.append(x)\n"
        "    x = layers.MaxPooling2D()(x)\nwhile skips:\n    x = layers.UpSampling2D()(x)\n"
        "    x = layers.Concatenate()([x, skips.pop()])\ny = x",
        "f32[B, 16, 16, 20]",
    ),
    "subclassed models": (
        "class M(keras.Model):\n    def __init__(self, n):\n        super().__init__()\n"
        "        self.d = [layers.Dense(k) for k in range(1, n)]\n"
        "    def call(self, x, training=False):\n        for d in self.d:\n            x = d(x)\n"
        "        return x\ny = M(5)(tf.zeros([2, 9]), training=True)",
        "f32[2, 4]",
    ),
    "build() sees the shape": (
        "class L(layers.Layer):\n    def build(self, s):\n"
        "        self.w = self.add_weight(shape=(s[-1], 2 * s[-1]))\n"
        "    def call(self, x):\n        return x @ self.w\ny = L()(tf.zeros([3, 5]))",
        "f32[3, 10]",
    ),
    "a model called with other sizes": (
        "i = keras.Input((None, 3))\nm = keras.Model(i, layers.Conv1D(4, 3)(i))\n"
        "y = m(tf.zeros([2, 10, 3]))",
        "f32[2, 8, 4]",
    ),
    "partials and closures": (
        "conv = functools.partial(layers.Conv2D, kernel_size=3, padding='same')\n"
        "def block(f):\n    def apply(x):\n        return conv(f)(x)\n    return apply\n"
        "y = block(6)(keras.Input((4, 4, 1)))",
        "f32[B, 4, 4, 6]",
    ),
    "early return": (
        "def f(x, flat=True):\n    if flat:\n        return layers.Flatten()(x)\n    return x\n"
        "y = f(keras.Input((3, 3)))",
        "f32[B, 9]",
    ),
    "signatures": (
        "@tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float64)])\n"
        "def f(x):\n    y = tf.transpose(x)\n    return y",
        "f64[4, B]",
    ),
    "annotations": (
        "def f(x: Float[Tensor, 'b 3 n']):\n    y = tf.reduce_sum(x, 1)\n    return y",
        "?[b, n]",
    ),
    "defaults of lambdas are those of where they are made": (
        "fs = []\nfor k in (3, 5, 7):\n    fs.append(lambda x, k=k: tf.reshape(x, [-1, k]))\n"
        "y = fs[1](tf.zeros([105]))",
        "f32[21, 5]",
    ),
    "defaults of functions are computed once": (
        "n = 2\ndef f(k=n):\n    return tf.zeros([k])\nn = 9\ny = f()",
        "f32[2]",
    ),
    "defaults of methods see the class so far": (
        "class C:\n    n = 4\n    def f(self, k=n):\n        return tf.zeros([k])\n    n = 6\n"
        "y = C().f()",
        "f32[4]",
    ),
    "a list as a default is one list": (
        "def f(x, seen=[]):\n    seen.append(x)\n    return tf.stack(seen)\n"
        "f(tf.zeros([2]))\ny = f(tf.zeros([2]))",
        "f32[2, 2]",
    ),
    "asserted sizes": (
        "def f(x: Float[Tensor, 'b n'], w: Float[Tensor, 'n k']):\n"
        "    assert x.shape[1] == 7\n    y = tf.zeros([7]) + x\n    return y",
        "?[b, 7]",
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(name: str):
    code, wanted = PROGRAMS[name]
    assert types(code)["y" if "y =" in code else "x"] == wanted


def test_what_some_sizes_need_is_told_with_sizes_that_break_it():
    from tfjax.transpiler.analysis import assumption_text

    text = "i = keras.Input((None, 4))\nx = layers.UpSampling1D()(layers.MaxPooling1D()(i))\n"
    analysis = analyse_text(PRELUDE + text + "y = layers.Concatenate()([i, x])")
    (needed,) = analysis.assumptions
    assert assumption_text(needed) == "L = 2*(L//2) (not so for L = 1)"
    assert needed.place.span.start_line == 9


SILENT = {
    "undecided by us": "import os\nx = tf.zeros([2, 3])\nif os.environ['A'] == 'b':\n    x = x @ x",
    "expected to raise": "x = tf.zeros([2, 3])\nwith self.assertRaises(ValueError):\n    x @ x",
    "tried": "x = tf.zeros([2, 3])\ntry:\n    y = x @ x\nexcept ValueError:\n    y = x",
    "unknown code may change a list": "xs = [tf.zeros([2])]\nunknown(xs)\ny = xs[0] + tf.ones([3])",
    "attributes set later": (
        "class A(tf.Module):\n    def __init__(self):\n        self.w = tf.zeros([2, 3])\n"
        "    def load(self, w):\n        self.w = w\n"
        "    def __call__(self):\n        return self.w @ self.w"
    ),
    "recursion": (
        "def f(x, n):\n    return x if n == 0 else f(tf.transpose(x), n - 1)\nf(tf.zeros([2]), 9)"
    ),
    "generators": "def f():\n    yield tf.zeros([2])\nfor x in f():\n    x + tf.zeros([3])",
    "endless loops": "while True:\n    x = tf.zeros([2])\n    if x[0] > 1:\n        break",
}


@pytest.mark.parametrize("name", SILENT)
def test_silence_where_nothing_is_certain(name: str):
    analysis = analyse_text(PRELUDE + SILENT[name])
    assert not analysis.conflicts and not analysis.failures


def test_budget_bounds_the_time():
    loops = "".join(f"{'    ' * i}for i{i} in range(200):\n" for i in range(4))
    analysis = analyse_text(f"{PRELUDE}x = 0\n{loops}                x = x + i0 * i1 + i2 * i3\n")
    assert analysis.exhausted and not analysis.failures


def test_calls_of_one_form_are_followed_once():
    deep = "def f0(x):\n    return tf.nn.relu(tf.matmul(x, tf.transpose(x)))\n" + "".join(
        f"def f{i}(x):\n    return f{i - 1}(f{i - 1}(x))\n" for i in range(1, 18)
    )
    analysis = analyse_text(f"{PRELUDE}{deep}y = f17(tf.zeros([2, 3]))\n")
    assert not analysis.exhausted and not analysis.failures
    (found,) = [t["y"] for t in analysis.types.values() if "y" in t]
    assert found == ["f32[2, 2]"]


def test_what_may_not_run_stops_nothing():
    text = (
        "def fail(error):\n    raise error\n"
        "def f(sizes, x):\n    all(s > 1 for s in sizes) or fail(ValueError(sizes))\n"
        "    sizes and fail(ValueError(sizes))\n    y = tf.zeros([2, 3])\n    return y\n"
    )
    assert types(text)["y"] == "f32[2, 3]"


def test_a_slice_that_an_axis_may_be_too_short_for():
    found = types("x = tf.keras.Input([None, 4])\ny = x[:, -3:-1]")
    assert found["y"] == "f32[B, min(L - 1, 2), 4]"


OBJECTS = {
    "methods of a class that another extends": """
class Base:
    def width(self):
        return 3

class Sub(Base):
    def make(self):
        return tf.zeros([2, self.width()])

x = Sub().make()
""",
    "a layer that extends one of the program": """
class Base(layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.dense = layers.Dense(units)

    def call(self, x):
        return self.dense(x)

class Sub(Base):
    def __init__(self):
        super().__init__(3)

x = Sub()(tf.zeros([2, 7]))
""",
    "an attribute of one of two objects": """
class A:
    n = 3

class B:
    n = 3

x = tf.zeros([2, (A() if tf.random.normal([]) > 0 else B()).n])
""",
}


@pytest.mark.parametrize("name", OBJECTS)
def test_objects(name: str):
    assert types(OBJECTS[name])["x"] == "f32[2, 3]"


def test_objects_of_one_class_are_not_one_object():
    text = """
def f(flag):
    dense = layers.Dense(3) if flag else layers.Dense(4)
    sizes = [2, 3] if flag else [3, 2]
    return dense(tf.zeros([2, 7])), tf.zeros(sizes)

x, y = f(tf.random.normal([]) > 0)
"""
    found = types(text)
    assert (found["x"], found["y"]) == ("f32[2, ?]", "f32[...]")


def test_a_test_of_the_class_tells_objects_apart():
    text = """
class A:
    pass

class B:
    pass

x = tf.zeros([2 if isinstance(B(), A) else 5])
"""
    assert types(text)["x"] == "f32[5]"


OPEN = {
    # Bounds that may count from either end, ends that may lie behind the start.
    "x, y = tf.zeros([2, 3]), tf.zeros([9])\nz = x[:, -y.shape[0] :]": "f32[2, 3]",
    "z = keras.Input((None,))[:, :4]": "f32[B, min(4, N)]",
    "x = keras.Input((None,))\nz = x[:, : tf.shape(x)[1] - 1]": "f32[B, N - 1]",
    "x = keras.Input((None,))\nz = x[:, 1::2]": "f32[B, ceil((N - 1)/2)]",
    # Whether an axis goes depends on its size.
    "z = tf.squeeze(keras.Input((None, 1)))": "f32[...]",
    "z = tf.squeeze(tf.zeros([2, 1, 3]))": "f32[2, 3]",
    "z = layers.MultiHeadAttention(2, 4)(tf.zeros([2, 3, 8]), tf.zeros([2, 5, 8]))": "f32[2, 3, 8]",
    "z = keras.ops.add(tf.zeros([2]), tf.zeros([2], tf.int32))": "f32[2]",
    "z = keras.ops.add(tf.zeros([2]), tf.zeros([2], tf.float64))": "?[2]",
}


@pytest.mark.parametrize("code", OPEN)
def test_claims_that_hold_for_all_sizes(code: str):
    assert types(code)["z"] == OPEN[code]


def test_scores_of_attention_are_not_taken_for_its_result():
    call = "layers.MultiHeadAttention(2, 4)(x, x, return_attention_scores=True)"
    assert "z" not in types(f"x = tf.zeros([2, 3, 8])\nz = {call}\n")
