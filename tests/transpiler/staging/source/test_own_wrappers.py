"""Classes that extend `Wrapper` keep the layer that they are given."""

from __future__ import annotations

from tests.harness import check_compile


def test_the_layer_is_an_attribute() -> None:
    check_compile(
        """\
        import tensorflow as tf


        class Scaled(tf.keras.layers.Wrapper):
            def __init__(self, layer, scale=2.0, **kwargs):
                super().__init__(layer, **kwargs)
                self.scale = scale

            def call(self, x, training=None):
                return self.layer(x, training=training) * self.scale


        class Plain(tf.keras.layers.Wrapper):
            def call(self, x):
                return self.layer(x)
        """,
        """\
        from flax import nnx


        class Scaled(nnx.Module):
            def __init__(self, layer, scale=2.0):
                self.layer = layer
                self.scale = scale

            def __call__(self, x):
                return self.layer(x) * self.scale


        class Plain(nnx.Module):
            def __init__(self, layer):
                self.layer = layer

            def __call__(self, x):
                return self.layer(x)
        """,
    )
