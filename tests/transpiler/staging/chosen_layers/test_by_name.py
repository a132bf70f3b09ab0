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
