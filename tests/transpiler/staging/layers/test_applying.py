"""Layers that are applied."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_layer_applied_to_a_layer_is_reported() -> None:
    check_compile(
        """
        from tensorflow.keras import layers


        def squeeze(units):
            def apply(x):
                return layers.Dense(units)(x)

            return apply


        def net(x, units):
            y = squeeze(units)
            y = layers.Dense(units)(y)
            return layers.Dense(units)(y) + squeeze(units)(x)
        """,
        """\
        from flax import nnx


        class Squeeze(nnx.Module):
            def __init__(self, in_features, units, *, rngs: nnx.Rngs):
                self.dense = nnx.Linear(
                    in_features, units, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                )

            def __call__(self, x):
                return self.dense(x)


        class Net(nnx.Module):
            def __init__(self, in_features, units, *, rngs: nnx.Rngs):
                self.dense = nnx.Linear(
                    units, units, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                )
                self.squeeze = Squeeze(in_features, units, rngs=rngs)

            def __call__(self, x):
                # TJ3003: `keras.layers.Dense` is applied to a layer or function instead of a tensor
                # original: layers.Dense(units)(y)
                raise NotImplementedError(
                    "TJ3003: `keras.layers.Dense` is applied to a layer or function instea..."
                )
                y = ...
                return self.dense(y) + self.squeeze(x)
        """,
        left=["TJ3003"],
    )
