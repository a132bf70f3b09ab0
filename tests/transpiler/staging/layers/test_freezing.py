"""Frozen layers: in Keras a frozen normalization computes as in inference, in training too."""

from __future__ import annotations

from tests.harness import check_compile

HEAD = """\
import tensorflow as tf
from tensorflow.keras import layers


def backbone():
    x = inputs = layers.Input((4,))
    x = layers.BatchNormalization()(x)
    x = layers.Dropout(0.5)(x)
    return tf.keras.Model(inputs, x)


"""


def test_normalizations_of_a_frozen_model_use_averages() -> None:
    file = check_compile(
        HEAD
        + """\
def net():
    base = backbone()
    base.trainable = False
    inputs = layers.Input((4,))
    return tf.keras.Model(inputs, base(inputs))
"""
    )
    frozen = "nnx.view(self.backbone, use_running_average=True, raise_if_not_found=False)(inputs)"
    assert frozen in file.text


def test_frozen_normalizations_use_averages() -> None:
    file = check_compile(
        HEAD
        + """\
class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.first = layers.BatchNormalization(trainable=False)
        self.second = layers.BatchNormalization()
        self.second.trainable = False
        self.third = layers.BatchNormalization()
        self.third.trainable = True

    def call(self, x, training=None):
        x = self.first(x, training=training)
        x = self.second(x, training=training)
        return self.third(x, training=training)
"""
    )
    assert "x = self.first(x, use_running_average=True)" in file.text
    assert "x = self.second(x, use_running_average=True)" in file.text
    assert "return self.third(x)" in file.text


def test_what_cannot_be_followed_is_told() -> None:
    file = check_compile(
        HEAD
        + """\
def net():
    base = backbone()
    for layer in base.layers[:1]:
        layer.trainable = False
    inputs = layers.Input((4,))
    return tf.keras.Model(inputs, base(inputs))
"""
    )
    told = [d.message for d in file.diagnostics if d.code == "TJ6020"]
    assert told == [
        "`base` is frozen in Keras; here all parameters are trained, and normalizations in it take "
        "the mode of the model"
    ]
