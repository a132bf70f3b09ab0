"""Lists of tensors that a loop over modules fills."""

from __future__ import annotations

from tests.harness import check_compile


def test_results_of_all_branches_put_together() -> None:
    check_compile(
        """\
import keras
from keras import layers, ops

class Pyramid(layers.Layer):
    def __init__(self, channels, rates):
        super().__init__()
        self.branches = []
        for rate in rates:
            self.branches.append(layers.Conv2D(channels, 3, dilation_rate=rate, padding="same"))

        self.branches.append(layers.Conv2D(channels, 1))
        self.projection = layers.Conv2D(channels, 1)

    def call(self, x):
        found = []
        for branch in self.branches:
            found.append(branch(x))
        return self.projection(ops.concatenate(found, axis=-1))
""",
        """\
        import jax.numpy as jnp
        from flax import nnx


        class Pyramid(nnx.Module):
            def __init__(self, in_features, channels, rates, *, rngs: nnx.Rngs):
                self.branches = nnx.List([])
                for rate in rates:
                    self.branches.append(
                        nnx.Conv(
                            in_features,
                            channels,
                            (3, 3),
                            kernel_dilation=rate,
                            kernel_init=nnx.initializers.glorot_uniform(),
                            rngs=rngs,
                        ),
                    )

                self.branches.append(
                    nnx.Conv(
                        in_features,
                        channels,
                        (1, 1),
                        padding="VALID",
                        kernel_init=nnx.initializers.glorot_uniform(),
                        rngs=rngs,
                    ),
                )
                self.projection = nnx.Conv(
                    len(self.branches) * channels,
                    channels,
                    (1, 1),
                    padding="VALID",
                    kernel_init=nnx.initializers.glorot_uniform(),
                    rngs=rngs,
                )

            def __call__(self, x):
                found = []
                for branch in self.branches:
                    found.append(branch(x))
                return self.projection(jnp.concatenate(found, axis=-1))
        """,
    )


def test_a_list_that_is_filled_later_has_no_length_yet() -> None:
    check_compile(
        """\
import keras
from keras import layers, ops


class Pyramid(layers.Layer):
    def __init__(self, channels, rates):
        super().__init__()
        self.projection = layers.Conv2D(channels, 1)
        self.branches = []
        for rate in rates:
            self.branches.append(layers.Conv2D(channels, 3, dilation_rate=rate, padding="same"))

    def call(self, x):
        found = []
        for branch in self.branches:
            found.append(branch(x))
        return self.projection(ops.concatenate(found, axis=-1))
""",
        """\
import jax.numpy as jnp
from flax import nnx


class Pyramid(nnx.Module):
    def __init__(self, in_features, branches_in_features, channels, rates, *, rngs: nnx.Rngs):
        self.projection = nnx.Conv(
            branches_in_features,
            channels,
            (1, 1),
            padding="VALID",
            kernel_init=nnx.initializers.glorot_uniform(),
            rngs=rngs,
        )
        self.branches = nnx.List([])
        for rate in rates:
            self.branches.append(
                nnx.Conv(
                    in_features,
                    channels,
                    (3, 3),
                    kernel_dilation=rate,
                    kernel_init=nnx.initializers.glorot_uniform(),
                    rngs=rngs,
                ),
            )

    def __call__(self, x):
        found = []
        for branch in self.branches:
            found.append(branch(x))
        return self.projection(jnp.concatenate(found, axis=-1))
""",
    )
