"""Models whose constructor builds a graph."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_variable_that_only_a_branch_sets() -> None:
    check_compile(
        """\
        import math

        import keras
        from keras import layers


        class Backbone(keras.Model):
            def __init__(self, maps=False, size=16, channels=8):
                inputs = keras.Input((32, 32, 3))
                x = layers.Conv2D(channels, size, strides=size)(inputs)
                endpoints = {}
                if maps:
                    level = round(math.log2(size))
                    endpoints[str(level)] = x
                endpoints["pooled"] = layers.GlobalAveragePooling2D()(x)
                super().__init__(inputs=inputs, outputs=endpoints)
        """,
        """\
        import math

        import jax.numpy as jnp
        from flax import nnx


        class Backbone(nnx.Module):
            def __init__(self, maps=False, size=16, channels=8, *, rngs: nnx.Rngs):
                self.maps = maps
                level = None
                self.conv = nnx.Conv(
                    3,
                    channels,
                    (size, size),
                    strides=size,
                    padding="VALID",
                    kernel_init=nnx.initializers.glorot_uniform(),
                    rngs=rngs,
                )
                if maps:
                    level = round(math.log2(size))
                self.level = level

            def __call__(self, inputs):
                x = self.conv(inputs)
                endpoints = {}
                if self.maps:
                    endpoints[str(self.level)] = x
                endpoints["pooled"] = jnp.mean(x, axis=(1, 2))
                return endpoints
        """,
    )
