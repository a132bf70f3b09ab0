"""Layers and functions that a string chooses."""

from __future__ import annotations

from tests.harness import check_compile, compile_texts


def test_a_layer_by_eval() -> None:
    check_compile(
        """
        from tensorflow.keras.layers import Dense, ELU, LeakyReLU, ReLU


        def block(x, units, activation="ReLU"):
            x = Dense(units)(x)
            return eval(activation)(name="act")(x)
        """,
        """\
        import functools

        from flax import nnx


        def layer_by_name(name):
            \"\"\"The layer called `name`.\"\"\"
            table = {
                "ELU": nnx.elu,
                "LeakyReLU": functools.partial(nnx.leaky_relu, negative_slope=0.3),
                "ReLU": nnx.relu,
            }
            return table[name]


        class Block(nnx.Module):
            def __init__(self, in_features, units, activation="ReLU", *, rngs: nnx.Rngs):
                self.dense = nnx.Linear(
                    in_features, units, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                )
                self.act = layer_by_name(activation)

            def __call__(self, x):
                x = self.dense(x)
                return self.act(x)
        """,
        flavour="keras3",
    )


def test_a_layer_with_weights_gets_the_size_of_its_input() -> None:
    file = check_compile(
        """
        from tensorflow.keras.layers import BatchNormalization, Dense, ReLU


        def block(x, units, norm):
            x = Dense(units)(x)
            norm_layer = eval(norm)
            x = norm_layer(name="norm")(x)
            return Dense(units)(x)
        """,
        flavour="keras3",
    )
    assert "self.norm_layer = layer_by_name(norm, units, rngs=rngs)" in file.text
    assert '"ReLU": lambda: nnx.relu,' in file.text
    assert "nnx.Linear(\n            units, units," in file.text


def test_a_layer_class_of_the_project() -> None:
    file = check_compile(
        """
        import tensorflow as tf
        from tensorflow.keras.layers import Dense, Layer, ReLU


        class Squared(Layer):
            def call(self, inputs):
                return tf.square(inputs)

            def compute_output_shape(self, input_shape):
                return input_shape


        def block(x, units, activation):
            return Dense(units)(eval(activation)()(x))
        """,
        flavour="keras3",
    )
    assert '"Squared": Squared}' in file.text


def test_a_member_of_a_module() -> None:
    file = check_compile(
        """
        from tensorflow.keras import layers


        def block(x, norm):
            x = layers.Dense(4)(x)
            return getattr(layers, norm)()(x)
        """,
        flavour="keras3",
    )
    assert '"LayerNormalization": lambda: nnx.LayerNorm(' in file.text
    assert "return self.norm_layer(x)" in file.text
    assert '"Add"' not in file.text and '"Dense"' not in file.text


def test_a_name_with_the_module_before_it() -> None:
    file = check_compile(
        """
        from tensorflow.keras import layers


        def block(x, kind):
            x = layers.Dense(4)(x)
            x = eval("layers." + kind)()(x)
            x = eval(f"layers.{kind}")()(x)
            return eval("layers.{}".format(kind))()(x)
        """,
        flavour="keras3",
    )
    assert file.text.count("= layer_by_name(kind, 4, rngs=rngs)") == 3


def test_a_known_name_is_that_layer() -> None:
    check_compile(
        """
        from tensorflow.keras import layers


        def block(x):
            x = layers.Dense(4)(x)
            return getattr(layers, "ReLU")()(x)
        """,
        """\
        from flax import nnx


        class Block(nnx.Module):
            def __init__(self, in_features, *, rngs: nnx.Rngs):
                self.dense = nnx.Linear(
                    in_features, 4, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                )

            def __call__(self, x):
                x = self.dense(x)
                return nnx.relu(x)
        """,
        flavour="keras3",
    )


def test_a_table_of_layers_holds_functions() -> None:
    file = check_compile(
        """
        from tensorflow.keras import layers

        POOLS = {"max": layers.MaxPooling2D, "avg": layers.AveragePooling2D}


        def block(x, pool="max"):
            x = layers.Conv2D(4, 3)(x)
            return POOLS[pool](pool_size=(2, 2))(x)
        """,
        flavour="keras3",
    )
    assert '"max": lambda x: nnx.max_pool(x, (2, 2), strides=(2, 2))' in file.text
    assert "= POOLS[pool]\n" in file.text


def test_a_table_of_layers_with_weights_holds_constructors() -> None:
    file = check_compile(
        """
        from tensorflow.keras import layers

        NORMS = {"batch": layers.BatchNormalization, "layer": layers.LayerNormalization}


        def block(x, norm):
            x = layers.Dense(4)(x)
            return NORMS[norm]()(x)
        """,
        flavour="keras3",
    )
    assert '"layer": lambda in_features, rngs: nnx.LayerNorm(' in file.text
    assert "NORMS[norm](4, rngs=rngs)" in file.text


def test_functions_of_tensors() -> None:
    file = check_compile(
        """
        from tensorflow.keras.layers import Dense, add, concatenate, multiply


        def gate(x, g, attention="add"):
            combine = eval(attention)
            a, b = Dense(4)(x), Dense(4)(g)
            return Dense(1)(combine([a, b], name="combined"))
        """,
        flavour="keras3",
    )
    assert '"add": lambda: a + b' in file.text
    assert '"multiply": lambda: a * b' in file.text
    assert "concatenate" not in file.text
    assert "[self.attention]()" in file.text


def test_nothing_known_is_reported() -> None:
    check_compile(
        """
        from tensorflow.keras import layers
        from tensorflow.keras.applications import VGG16


        def block(x, name):
            x = layers.Dense(4)(x)
            return eval(name)(include_top=False)(x)
        """,
        flavour="keras3",
        left=["TJ2005"],
    )


def test_eval_of_other_text_stays() -> None:
    text = 'SIZE = eval("2 ** 3")\n'
    file = compile_texts({"model": text}).files[0]
    assert file.text == text


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
