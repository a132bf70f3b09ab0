"""Parts of models of the project: inputs, outputs, layers in between; what is frozen."""

from __future__ import annotations

from tests.harness import check_compile, compile_texts

HEAD = """\
import tensorflow as tf
from tensorflow.keras import layers


def backbone(size=8):
    x = inputs = layers.Input((size,))
    x = layers.Dense(16, name="first", kernel_initializer="lecun_normal")(x)
    x = layers.ReLU(name="relu")(x)
    x = layers.Dense(10, name="last", kernel_initializer="lecun_normal")(x)
    return tf.keras.Model(inputs, x)

"""


def test_layers_on_top_of_a_model() -> None:
    file = check_compile(
        HEAD
        + """
def net():
    base = backbone(4)
    x = layers.Dense(3, kernel_initializer="lecun_normal")(base.output)
    return tf.keras.Model(base.input, x)
"""
    )
    assert file.text.endswith(
        """\
class Net(nnx.Module):
    def __init__(self, *, rngs: nnx.Rngs):
        self.backbone = Backbone(4, rngs=rngs)
        self.dense = nnx.Linear(10, 3, rngs=rngs)

    def __call__(self, inputs):
        features = self.backbone(inputs)
        x = self.dense(features)
        return x
"""
    )


def test_a_layer_in_between_ends_a_copy_of_the_function() -> None:
    for view in ('get_layer("relu")', "layers[-2]"):
        file = check_compile(
            HEAD
            + f"""
def net():
    base = backbone()
    return tf.keras.Model(base.input, base.{view}.output)
"""
        )
        copy = file.text[file.text.index("class BackboneFeatures") :]
        assert "self.first" in copy and "self.last" not in copy
        assert copy.endswith("    base = BackboneFeatures(rngs=rngs)\n    return base\n")


def test_several_layers_are_given_in_a_list() -> None:
    file = check_compile(
        HEAD
        + """
def net():
    base = backbone()
    views = [base.get_layer("first").output, base.get_layer("relu").output]
    return tf.keras.Model(base.input, views)
"""
    )
    assert "return [first, x]" in file.text


def test_a_layer_that_cannot_be_found_is_reported() -> None:
    text = (
        HEAD
        + """
def net(name):
    base = backbone()
    return tf.keras.Model(base.input, layers.Dense(2)(base.get_layer(name).output))
"""
    )
    file = compile_texts({"model": text}).files[0]
    assert "TJ2017" in [d.code for d in file.diagnostics]


def test_frozen_layers_are_noted() -> None:
    file = check_compile(
        HEAD
        + """
def net():
    base = backbone()
    base.trainable = False
    for layer in base.layers[:-1]:
        layer.trainable = False
    return tf.keras.Model(base.input, layers.Dense(2)(base.output))
"""
    )
    assert [d.code for d in file.diagnostics] == ["TJ6020", "TJ6020"]
    assert "nnx.PathContains('base')" in file.diagnostics[0].hint
    assert "trainable" not in file.text
