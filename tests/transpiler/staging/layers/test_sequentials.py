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


def test_layers_added_in_a_loop_to_one_that_is_kept_are_reported() -> None:
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
                return self.net(x)
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
