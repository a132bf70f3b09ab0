"""Attributes of modules take the `name=` of the call that made them."""

from __future__ import annotations

from tests.harness import check_compile


def test_own_layers_and_blocks_are_called_as_their_name_says() -> None:
    check_compile(
        """\
        from tensorflow import keras


        class Half(keras.layers.Layer):
            def call(self, x):
                return 0.5 * x


        def block(x, units, name):
            return keras.layers.Dense(units, kernel_initializer="lecun_normal", name=name)(x)


        def net():
            inputs = keras.Input((4,))
            x = block(inputs, 3, name="stem")
            outputs = Half(name="halved")(x)
            return keras.Model(inputs, outputs)
        """,
        """\
        from flax import nnx


        class Half(nnx.Module):
            def __call__(self, x):
                return 0.5 * x


        class Block(nnx.Module):
            def __init__(self, in_features, units, *, rngs: nnx.Rngs):
                self.dense = nnx.Linear(in_features, units, rngs=rngs)

            def __call__(self, x):
                return self.dense(x)


        class Net(nnx.Module):
            def __init__(self, *, rngs: nnx.Rngs):
                self.stem = Block(4, 3, rngs=rngs)
                self.halved = Half()

            def __call__(self, inputs):
                x = self.stem(inputs)
                outputs = self.halved(x)
                return outputs
        """,
    )


def test_no_method_of_a_module_is_hidden() -> None:
    check_compile(
        """\
        from tensorflow import keras


        def net():
            inputs = keras.Input((4,))
            outputs = keras.layers.Dense(3, kernel_initializer="lecun_normal", name="train")(inputs)
            return keras.Model(inputs, outputs)
        """,
        """\
        from flax import nnx


        class Net(nnx.Module):
            def __init__(self, *, rngs: nnx.Rngs):
                self.train_dense = nnx.Linear(4, 3, rngs=rngs)

            def __call__(self, inputs):
                outputs = self.train_dense(inputs)
                return outputs
        """,
    )
