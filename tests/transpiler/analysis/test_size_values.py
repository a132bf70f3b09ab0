"""Tensors of sizes, Python numbers made of sizes, and what helpers of Keras make of them."""

from __future__ import annotations

import pytest
from tfjax.transpiler.analysis import analyse_text

HEAD = """\
import math
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import backend as K, layers

@tf.function(input_signature=[tf.TensorSpec([None, None, 8], tf.float32)])
def f(x):
    s = tf.shape(x)
    b, n, c = tf.unstack(s)
"""

VALUES = {
    "y = tf.reshape(x, tf.concat([s[:-1], [2, 4]], axis=0))": "f32[B, N, 2, 4]",
    "y = tf.reshape(x, tf.stack([b, n, 4, c // 4]))": "f32[B, N, 4, 2]",
    "y = tf.zeros(tf.concat([s[:2], [1]], 0))": "f32[B, N, 1]",
    "y = tf.zeros(tf.gather(s, [2, 0]))": "f32[8, B]",
    "y = tf.zeros(tf.slice(s, [1], [-1]))": "f32[N, 8]",
    "y = tf.zeros(s[::-1])": "f32[8, N, B]",
    "y = tf.zeros([tf.reduce_prod(s[1:])])": "f32[8*N]",
    "y = tf.zeros([tf.size(x)])": "f32[8*B*N]",
    "y = tf.zeros([tf.rank(x)])": "f32[3]",
    "y = tf.zeros([tf.maximum(b, n)])": "f32[max(B, N)]",
    "y = tf.zeros([tf.math.floordiv(n, 2), 1])": "f32[(N//2), 1]",
    "y = tf.zeros(tf.constant([b, 5]))": "f32[B, 5]",
    "y = K.reshape(x, K.concatenate([K.shape(x)[:-1], (2, 4)]))": "f32[B, N, 2, 4]",
    "y = keras.ops.zeros(keras.ops.shape(x)[:2])": "?[B, N]",
    "y = tf.fill(s, 1)": "i32[B, N, 8]",
    "y = tf.slice(x, [0, 1, 2], [-1, 3, -1])": "f32[B, 3, 6]",
    "y = tf.sequence_mask(tf.zeros([b], tf.int32), n)": "bool[B, N]",
    "y = tf.zeros([int(c * 0.5), int(n * 4.0)])": "f32[4, 4*N]",
    "y = tf.zeros([int(n * 0.25), int(n / 3)])": "f32[(N//4), (N//3)]",
    "y = tf.zeros([math.ceil(n / 2), math.floor(n / 2)])": "f32[ceil(N/2), (N//2)]",
    "y = tf.zeros([math.prod(x.shape[1:]), np.prod(x.shape[1:])])": "f32[8*N, 8*N]",
    "y = x * c ** -0.5": "f32[B, N, 8]",
    "y = x / math.sqrt(n)": "f32[B, N, 8]",
    "y = tf.einsum('...nc,cd->...nd', x, tf.zeros([8, 3]))": "f32[B, N, 3]",
    "y = tf.einsum('...c,...c->...', x, tf.zeros([5, 1, 1, 8]))": "f32[5, B, N]",
    "y = tf.einsum('bnc,cd', x, tf.zeros([8, 3]))": "f32[B, 3, N]",
    "y = keras.ops.matmul(x, tf.zeros([8]))": "f32[B, N]",
    "y = keras.ops.matmul(tf.zeros([5]), tf.zeros([2, 5, 4]))": "f32[2, 4]",
    "y = keras.activations.get('relu')(x)": "f32[B, N, 8]",
}


@pytest.mark.parametrize("line", VALUES)
def test_values(line: str) -> None:
    analysis = analyse_text(HEAD + f"    {line}\n")
    assert not analysis.failures and not analysis.conflicts
    seen = {name: texts for names in analysis.types.values() for name, texts in names.items()}
    assert seen["y"] == [VALUES[line]]


SLICES = {
    "tf.slice(tf.zeros([4, 5]), [0], [2])": "TJ4003",
    "tf.slice(tf.zeros([4, 5]), [0, 3], [2, 3])": "TJ4004",
    "keras.ops.matmul(tf.zeros([5]), tf.zeros([2, 6, 4]))": "TJ4002",
    "tf.einsum('...nc,cd->...nd', tf.zeros([2, 3, 4]), tf.zeros([5, 6]))": "TJ4002",
    "tf.einsum('...c,...c->...', tf.zeros([3, 8]), tf.zeros([4, 8]))": "TJ4002",
}


@pytest.mark.parametrize("line", SLICES)
def test_conflicts(line: str) -> None:
    analysis = analyse_text(f"import tensorflow as tf\nfrom tensorflow import keras\n{line}\n")
    assert [c.code for c in analysis.conflicts] == [SLICES[line]]


DECORATED = """
import tensorflow as tf
from tensorflow import keras

@keras.saving.register_keras_serializable()
class Token(keras.layers.Layer):
    def build(self, shape):
        self.token = self.add_weight(shape=(1, 1, shape[-1]), dtype="float32")

    def call(self, x):
        return tf.concat([tf.tile(self.token, [tf.shape(x)[0], 1, 1]), x], axis=1)

y = Token()(keras.Input((7, 5)))
"""


def test_registered_classes_without_an_init() -> None:
    analysis = analyse_text(DECORATED)
    seen = {name: texts for names in analysis.types.values() for name, texts in names.items()}
    assert seen["y"] == ["f32[B, 8, 5]"]


APPLICATION = """
from tensorflow import keras
from keras.src.applications import imagenet_utils

def net(include_top=True, weights=None, input_shape=None):
    input_shape = imagenet_utils.obtain_input_shape(
        input_shape, default_size=224, min_size=32, data_format="channels_last",
        require_flatten=include_top, weights=weights)
    x = keras.layers.Input(shape=input_shape)
    return x

a = net()
b = net(weights="imagenet")
c = net(include_top=False)
d = net(input_shape=(64, 48, 3))
"""


def test_sizes_of_images() -> None:
    analysis = analyse_text(APPLICATION)
    seen = {name: texts for names in analysis.types.values() for name, texts in names.items()}
    assert [seen[n][-1] for n in "abcd"] == [
        "f32[B, 224, 224, 3]",
        "f32[B, 224, 224, 3]",
        "f32[B, H, W, 3]",
        "f32[B, 64, 48, 3]",
    ]
