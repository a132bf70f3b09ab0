"""Variables that both slices assign."""

from __future__ import annotations

from tests.harness import check_compile


def test_call_changes_an_argument_again_from_what_was_passed() -> None:
    check_compile(
        """\
        from tensorflow import keras
        from tensorflow.keras import layers


        def conv(inputs, filters, padding="VALID"):
            padding = padding.lower()
            if padding == "same":
                inputs = layers.ZeroPadding2D(1)(inputs)
                padding = "valid"
            return layers.Conv2D(filters, 3, padding=padding, use_bias=False)(inputs)


        def net():
            inputs = keras.Input((16, 16, 3))
            return keras.Model(inputs, conv(inputs, 4, "SAME"))
        """,
        """\
        import jax.numpy as jnp
        from flax import nnx


        class Conv(nnx.Module):
            def __init__(self, in_features, filters, padding="VALID", *, rngs: nnx.Rngs):
                self.padding = padding
                padding = padding.lower()
                if padding == "same":
                    padding = "valid"
                self.conv = nnx.Conv(
                    in_features,
                    filters,
                    (3, 3),
                    padding=padding.upper(),
                    use_bias=False,
                    kernel_init=nnx.initializers.glorot_uniform(),
                    rngs=rngs,
                )

            def __call__(self, inputs):
                padding = self.padding
                padding = padding.lower()
                if padding == "same":
                    inputs = jnp.pad(inputs, ((0, 0), (1, 1), (1, 1), (0, 0)))
                return self.conv(inputs)


        class Net(nnx.Module):
            def __init__(self, *, rngs: nnx.Rngs):
                self.conv = Conv(3, 4, "SAME", rngs=rngs)

            def __call__(self, inputs):
                return self.conv(inputs)
        """,
    )
