"""Packages that run on TensorFlow."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_call_stops_the_code() -> None:
    file = check_compile(
        """
        import numpy as np
        import tensorflow_addons as tfa
        from tensorflow.keras.layers import Dense
        from tensorflow_probability import layers as tfpl


        def block(x, units):
            x = tfa.activations.sparsemax(Dense(units)(x))
            x = tfpl.DenseFlipout(units)(x)
            return x * np.float32(2.0)
        """,
        flavour="keras3",
        left=("TJ2018", "TJ2018"),
    )
    messages = [d.message for d in file.diagnostics if d.code == "TJ2018"]
    assert messages[0].startswith("`tensorflow_addons.activations.sparsemax` runs on TensorFlow")
    assert messages[1].startswith("`tensorflow_probability.layers.DenseFlipout` runs on")
    assert "import tensorflow" not in file.text


def test_a_name_of_the_same_spelling_is_not_the_package() -> None:
    check_compile(
        """
        import tensorflow as tf


        def scale(official, x):
            return official(tf.nn.relu(x))
        """,
        flavour="keras3",
    )
