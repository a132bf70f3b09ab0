"""Sequentials whose layers depend on the configuration."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_layer_that_is_added_under_a_test() -> None:
    check_compile(
        """\
        from tensorflow import keras


        class Tower(keras.layers.Layer):
            def __init__(self, channels, wide=False, **kwargs):
                super().__init__(**kwargs)
                net = keras.Sequential([keras.layers.Dense(channels)])
                if wide:
                    net.add(keras.layers.Dense(32))
                net.add(keras.layers.ReLU())
                self.net = net

            def call(self, x):
                return self.net(x)
        """,
        """\
from flax import nnx


class Tower(nnx.Module):
    def __init__(self, in_features, channels, wide=False, *, rngs: nnx.Rngs):
        net = nnx.Sequential(
            nnx.Linear(
                in_features, channels, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
            ),
            nnx.Linear(channels, 32, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)
            if wide
            else lambda x: x,
            nnx.relu,
        )
        self.net = net

    def __call__(self, x):
        return self.net(x)
""",
    )


def test_a_list_of_layers_is_starred() -> None:
    check_compile(
        """\
        from tensorflow import keras


        class Tower(keras.layers.Layer):
            def __init__(self, layers):
                super().__init__()
                self.net = keras.Sequential(layers + [keras.layers.ReLU()])

            def call(self, x):
                return self.net(x)
        """,
        """\
        from flax import nnx


        class Tower(nnx.Module):
            def __init__(self, layers):
                self.net = nnx.Sequential(*layers, nnx.relu)

            def __call__(self, x):
                return self.net(x)
        """,
    )


def test_layers_added_in_a_loop_to_one_that_is_read_are_reported() -> None:
    check_compile(
        """
        from tensorflow import keras


        class Tower(keras.layers.Layer):
            def __init__(self, widths):
                super().__init__()
                self.net = keras.Sequential()
                for width in widths:
                    self.net.add(keras.layers.Dense(width))

            def call(self, x):
                return self.net(x) + self.net.layers[0](x)
        """,
        left=["TJ5002"],
    )


def test_sequentials_in_a_list_are_called_alike() -> None:
    check_compile(
        """\
        from tensorflow import keras
        from tensorflow.keras import layers


        class Pyramid(layers.Layer):
            def __init__(self, n, rates):
                super().__init__()
                self.branches = []
                self.branches.append(keras.Sequential([layers.Conv2D(n, 1), layers.ReLU()]))
                for rate in rates:
                    self.branches.append(
                        keras.Sequential([layers.Conv2D(n, 3, dilation_rate=rate), layers.ReLU()])
                    )

            def call(self, inputs, training=None):
                found = []
                for branch in self.branches:
                    found.append(branch(inputs, training=training))
                return found
        """,
        """\
        from flax import nnx


        class Pyramid(nnx.Module):
            def __init__(self, in_features, n, rates, *, rngs: nnx.Rngs):
                self.branches = nnx.List([])
                self.branches.append(
                    nnx.Sequential(
                        nnx.Conv(
                            in_features,
                            n,
                            (1, 1),
                            padding="VALID",
                            kernel_init=nnx.initializers.glorot_uniform(),
                            rngs=rngs,
                        ),
                        nnx.relu,
                    ),
                )
                for rate in rates:
                    self.branches.append(
                        nnx.Sequential(
                            nnx.Conv(
                                in_features,
                                n,
                                (3, 3),
                                padding="VALID",
                                kernel_dilation=rate,
                                kernel_init=nnx.initializers.glorot_uniform(),
                                rngs=rngs,
                            ),
                            nnx.relu,
                        ),
                    )

            def __call__(self, inputs):
                found = []
                for branch in self.branches:
                    found.append(branch(inputs))
                return found
        """,
    )


def test_layers_before_that_may_be_left_out() -> None:
    check_compile(
        """\
import keras
from keras import layers


class Branches(layers.Layer):
    def __init__(self, channels, rates, depthwise=False):
        super().__init__()
        self.branches = []
        for rate in rates:
            leading = []
            if depthwise:
                leading.append(layers.DepthwiseConv2D(3, padding="same", dilation_rate=rate))
            body = keras.Sequential(leading + [layers.Conv2D(channels, 1), layers.ReLU()])
            self.branches.append(body)

    def call(self, x):
        return sum(branch(x) for branch in self.branches)
""",
        """\
        from flax import nnx


        class Branches(nnx.Module):
            def __init__(self, in_features, channels, rates, depthwise=False, *, rngs: nnx.Rngs):
                self.branches = nnx.List([])
                for rate in rates:
                    leading = []
                    if depthwise:
                        leading.append(
                            nnx.Conv(
                                in_features,
                                in_features,
                                (3, 3),
                                kernel_dilation=rate,
                                feature_group_count=in_features,
                                kernel_init=nnx.initializers.glorot_uniform(),
                                rngs=rngs,
                            ),
                        )
                    body = nnx.Sequential(
                        *leading,
                        nnx.Conv(
                            in_features,
                            channels,
                            (1, 1),
                            padding="VALID",
                            kernel_init=nnx.initializers.glorot_uniform(),
                            rngs=rngs,
                        ),
                        nnx.relu,
                    )
                    self.branches.append(body)

            def __call__(self, x):
                return sum(branch(x) for branch in self.branches)
        """,
    )


def test_layers_before_that_change_the_size_leave_it_open() -> None:
    check_compile(
        """\
        import keras
        from keras import layers


        class Wider(layers.Layer):
            def __init__(self, channels, widen=False):
                super().__init__()
                leading = []
                if widen:
                    leading.append(layers.Conv2D(2 * channels, 1))
                self.body = keras.Sequential(leading + [layers.Conv2D(channels, 1)])

            def call(self, x):
                return self.body(x)
        """,
        """\
from flax import nnx


class Wider(nnx.Module):
    def __init__(self, in_features, conv2d_in_features, channels, widen=False, *, rngs: nnx.Rngs):
        leading = []
        if widen:
            leading.append(
                nnx.Conv(
                    in_features,
                    2 * channels,
                    (1, 1),
                    padding="VALID",
                    kernel_init=nnx.initializers.glorot_uniform(),
                    rngs=rngs,
                ),
            )
        self.body = nnx.Sequential(
            *leading,
            nnx.Conv(
                conv2d_in_features,
                channels,
                (1, 1),
                padding="VALID",
                kernel_init=nnx.initializers.glorot_uniform(),
                rngs=rngs,
            ),
        )

    def __call__(self, x):
        return self.body(x)
""",
    )


def test_a_layer_that_a_variable_holds_is_shared() -> None:
    check_compile(
        """\
        import keras
        from keras import layers


        class Branches(layers.Layer):
            def __init__(self, channels):
                super().__init__()
                conv = layers.Conv2D(channels, 1, activation="relu")
                self.one = keras.Sequential([conv, layers.LayerNormalization()])
                self.conv = conv

            def call(self, x):
                return self.one(x) + self.conv(x)
        """,
        """\
        from flax import nnx


        class Branches(nnx.Module):
            def __init__(self, in_features, channels, *, rngs: nnx.Rngs):
                conv = nnx.Conv(
                    in_features,
                    channels,
                    (1, 1),
                    padding="VALID",
                    kernel_init=nnx.initializers.glorot_uniform(),
                    rngs=rngs,
                )
                self.one = nnx.Sequential(
                    conv,
                    nnx.relu,
                    nnx.LayerNorm(channels, epsilon=0.001, use_fast_variance=False, rngs=rngs),
                )
                self.conv = conv

            def __call__(self, x):
                return self.one(x) + nnx.relu(self.conv(x))
        """,
    )


def test_a_layer_that_an_attribute_holds_is_shared() -> None:
    check_compile(
        """\
        import keras
        from keras import layers


        class Branches(layers.Layer):
            def __init__(self, channels):
                super().__init__()
                self.conv = layers.Conv2D(channels, 1, activation="relu")
                self.one = keras.Sequential([self.conv, layers.LayerNormalization()])

            def call(self, x):
                return self.one(x) + self.conv(x)
        """,
        """\
        from flax import nnx


        class Branches(nnx.Module):
            def __init__(self, in_features, channels, *, rngs: nnx.Rngs):
                self.conv = nnx.Conv(
                    in_features,
                    channels,
                    (1, 1),
                    padding="VALID",
                    kernel_init=nnx.initializers.glorot_uniform(),
                    rngs=rngs,
                )
                self.one = nnx.Sequential(
                    self.conv,
                    nnx.relu,
                    nnx.LayerNorm(channels, epsilon=0.001, use_fast_variance=False, rngs=rngs),
                )

            def __call__(self, x):
                return self.one(x) + nnx.relu(self.conv(x))
        """,
    )


def test_a_layer_added_to_either_of_two() -> None:
    check_compile(
        """\
        import keras
        from keras import layers


        class Pool(layers.Layer):
            def __init__(self, channels, size=None):
                super().__init__()
                if size is None:
                    body = keras.Sequential([layers.GlobalAveragePooling2D(keepdims=True)])
                else:
                    body = keras.Sequential([layers.MaxPooling2D(size)])
                body.add(layers.Conv2D(channels, 1))
                self.body = body

            def call(self, x):
                return self.body(x)
        """,
        """\
        import jax.numpy as jnp
        from flax import nnx


        class Pool(nnx.Module):
            def __init__(self, in_features, channels, size=None, *, rngs: nnx.Rngs):
                if size is None:
                    body = nnx.Sequential(
                        lambda x: jnp.mean(x, axis=(1, 2), keepdims=True),
                        nnx.Conv(
                            in_features,
                            channels,
                            (1, 1),
                            padding="VALID",
                            kernel_init=nnx.initializers.glorot_uniform(),
                            rngs=rngs,
                        ),
                    )
                else:
                    body = nnx.Sequential(
                        lambda x: nnx.max_pool(
                            x,
                            (size,) * 2 if isinstance(size, int) else tuple(size),
                            strides=(size,) * 2 if isinstance(size, int) else tuple(size),
                        ),
                        nnx.Conv(
                            in_features,
                            channels,
                            (1, 1),
                            padding="VALID",
                            kernel_init=nnx.initializers.glorot_uniform(),
                            rngs=rngs,
                        ),
                    )
                self.body = body

            def __call__(self, x):
                return self.body(x)
        """,
    )
