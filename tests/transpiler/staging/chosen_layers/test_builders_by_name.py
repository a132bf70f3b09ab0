"""Functions and classes that build layers, chosen by a name or from a table."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_variable_holds_a_builder_that_a_dict_names() -> None:
    check_compile(
        """\
        import copy

        from tensorflow import keras
        from tensorflow.keras import layers


        def wide(filters=8, expand=1):
            def apply(x):
                return layers.Conv2D(filters * expand, 3, padding="same")(x)

            return apply


        def narrow(filters=8, expand=1):
            def apply(x):
                return layers.Conv2D(filters, 1)(x)

            return apply


        STAGES = [{"kind": 0, "filters": 4, "repeats": 2}, {"kind": 1, "filters": 6, "repeats": 1}]


        def net(stages=STAGES):
            stages = copy.deepcopy(stages)
            inputs = keras.Input((16, 16, 3))
            x = inputs
            for args in stages:
                block = {0: wide, 1: narrow}[args.pop("kind")]
                repeats = args.pop("repeats")
                for j in range(repeats):
                    x = block(**args)(x)
            return keras.Model(inputs, x)
        """,
        """\
        import copy

        from flax import nnx


        class Wide(nnx.Module):
            def __init__(self, in_features, filters=8, expand=1, *, rngs: nnx.Rngs):
                self.conv = nnx.Conv(
                    in_features,
                    filters * expand,
                    (3, 3),
                    kernel_init=nnx.initializers.glorot_uniform(),
                    rngs=rngs,
                )
                self.out_features = expand * filters

            def __call__(self, x):
                return self.conv(x)


        class Narrow(nnx.Module):
            def __init__(self, in_features, filters=8, expand=1, *, rngs: nnx.Rngs):
                self.conv = nnx.Conv(
                    in_features,
                    filters,
                    (1, 1),
                    padding="VALID",
                    kernel_init=nnx.initializers.glorot_uniform(),
                    rngs=rngs,
                )
                self.out_features = filters

            def __call__(self, x):
                return self.conv(x)


        STAGES = [{"kind": 0, "filters": 4, "repeats": 2}, {"kind": 1, "filters": 6, "repeats": 1}]


        class Net(nnx.Module):
            def __init__(self, stages=STAGES, *, rngs: nnx.Rngs):
                stages = copy.deepcopy(stages)
                x_features = 3
                self.blocks = nnx.List([])
                for args in stages:
                    block = {0: Wide, 1: Narrow}[args.pop("kind")]
                    repeats = args.pop("repeats")
                    for j in range(repeats):
                        self.blocks.append(block(x_features, **args, rngs=rngs))
                        x_features = self.blocks[-1].out_features

            def __call__(self, inputs):
                x = inputs
                for block in self.blocks:
                    x = block(x)
                return x
        """,
    )


def test_what_a_string_may_mean_is_not_planned_on_the_way() -> None:
    check_compile(
        """\
        from tensorflow import keras
        from tensorflow.keras import layers
        from tensorflow.keras.layers import ReLU, ELU


        def stack(x, channel, activation="ReLU", name="stack"):
            activation_func = eval(activation)
            x = layers.Conv2D(channel, 3, padding="same", use_bias=False, name=name)(x)
            return activation_func(name="{}_activation".format(name))(x)


        def residual(x, skip, channel, activation="ReLU", name="residual"):
            x = stack(x, channel, activation=activation, name=name)
            return layers.add([skip, x])


        def net():
            inputs = keras.Input((16, 16, 3))
            x = stack(inputs, 4)
            return keras.Model(inputs, residual(x, x, 4))
        """,
        """\
        from flax import nnx


        def layer_by_name(name):
            \"\"\"The layer called `name`.\"\"\"
            table = {"ReLU": nnx.relu, "ELU": nnx.elu}
            return table[name]


        class Stack(nnx.Module):
            def __init__(self, in_features, channel, activation="ReLU", *, rngs: nnx.Rngs):
                self.conv = nnx.Conv(
                    in_features,
                    channel,
                    (3, 3),
                    use_bias=False,
                    kernel_init=nnx.initializers.glorot_uniform(),
                    rngs=rngs,
                )
                self.activation_layer = layer_by_name(activation)

            def __call__(self, x):
                x = self.conv(x)
                return self.activation_layer(x)


        class Residual(nnx.Module):
            def __init__(self, x_features, channel, activation="ReLU", *, rngs: nnx.Rngs):
                self.stack = Stack(x_features, channel, activation=activation, rngs=rngs)

            def __call__(self, x, skip):
                x = self.stack(x)
                return skip + x


        class Net(nnx.Module):
            def __init__(self, *, rngs: nnx.Rngs):
                self.stack = Stack(3, 4, rngs=rngs)
                self.residual = Residual(4, 4, rngs=rngs)

            def __call__(self, inputs):
                x = self.stack(inputs)
                return self.residual(x, x)
        """,
    )


def test_a_table_of_classes_that_need_more_than_the_last_size() -> None:
    check_compile(
        """\
        import tensorflow as tf


        class Tokens(tf.keras.layers.Layer):
            def __init__(self, width: int):
                super().__init__()
                self.mix = tf.keras.layers.Dense(5)
                self.dense = tf.keras.layers.Dense(width)

            def call(self, x):
                return self.dense(tf.transpose(self.mix(tf.transpose(x, (0, 2, 1))), (0, 2, 1)))


        class Channels(tf.keras.layers.Layer):
            def __init__(self, width: int):
                super().__init__()
                self.dense = tf.keras.layers.Dense(width)

            def call(self, x):
                return self.dense(x)


        MIXERS = {"tokens": Tokens, "channels": Channels}


        class Net(tf.keras.Model):
            def __init__(self, kind: str, width: int = 4):
                super().__init__()
                mixer = MIXERS[kind]
                self.mix = mixer(width=width)
                self.head = tf.keras.layers.Dense(3)

            def call(self, x):
                return self.head(self.mix(x))
        """,
        """\
import jax.numpy as jnp
from flax import nnx


class Tokens(nnx.Module):
    def __init__(self, in_features, in_shape, width: int, *, rngs: nnx.Rngs):
        self.mix = nnx.Linear(
            in_shape[0], 5, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )
        self.dense = nnx.Linear(
            in_features, width, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, x):
        return self.dense(jnp.transpose(self.mix(jnp.transpose(x, (0, 2, 1))), (0, 2, 1)))


class Channels(nnx.Module):
    def __init__(self, in_features, width: int, *, rngs: nnx.Rngs):
        self.dense = nnx.Linear(
            in_features, width, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, x):
        return self.dense(x)


MIXERS = {
    "tokens": lambda in_features, in_shape, width, rngs: Tokens(
        in_features, in_shape, width=width, rngs=rngs
    ),
    "channels": lambda in_features, in_shape, width, rngs: Channels(
        in_features, width=width, rngs=rngs
    ),
}


class Net(nnx.Module):
    def __init__(self, in_features, in_shape, kind: str, width: int = 4, *, rngs: nnx.Rngs):
        mixer = MIXERS[kind]
        self.mix = mixer(in_features, in_shape, width=width, rngs=rngs)
        self.head = nnx.Linear(width, 3, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)

    def __call__(self, x):
        return self.head(self.mix(x))
""",
    )
