"""`functools.partial` of layer classes and functions."""

from __future__ import annotations

from tests.harness import check_compile


def test_calls_get_the_arguments_that_partial_adds() -> None:
    check_compile(
        """
        import functools
        from functools import partial

        from tensorflow.keras.layers import Conv2D, Dense, Flatten


        def net(x, filters, classes):
            conv = partial(Conv2D, kernel_size=3, padding="same", kernel_initializer="lecun_normal")
            strided = functools.partial(conv, strides=2)
            x = conv(filters)(x)
            x = strided(filters * 2, kernel_size=5)(x)
            return Dense(classes, kernel_initializer="lecun_normal")(x)
        """,
        """\
        from flax import nnx


        class Net(nnx.Module):
            def __init__(self, in_features, filters, classes, *, rngs: nnx.Rngs):
                self.conv = nnx.Conv(in_features, filters, (3, 3), rngs=rngs)
                self.conv_1 = nnx.Conv(filters, filters * 2, (5, 5), strides=2, rngs=rngs)
                self.dense = nnx.Linear(2 * filters, classes, rngs=rngs)

            def __call__(self, x):
                x = self.conv(x)
                x = self.conv_1(x)
                return self.dense(x)
        """,
        flavour="keras3",
    )
