"""Models that share a part of a graph."""

from __future__ import annotations

from tests.harness import check_compile, compile_texts


def test_the_model_that_ends_first_is_called_by_the_other() -> None:
    check_compile(
        """\
        from tensorflow.keras import Input, Model, layers


        def autoencoder(size, hidden):
            inputs = Input((size,))
            # What is kept of the input.
            code = layers.Dense(hidden)(inputs)
            out = layers.Dense(size)(code)
            encoder = Model(inputs, code)
            return encoder, Model(inputs, out)
        """,
        """\
        from flax import nnx


        class Encoder(nnx.Module):
            def __init__(self, size, hidden, *, rngs: nnx.Rngs):
                self.dense = nnx.Linear(
                    size, hidden, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                )
                self.out_features = hidden

            def __call__(self, inputs):
                # What is kept of the input.
                code = self.dense(inputs)
                return code


        class Model(nnx.Module):
            def __init__(self, size, encoder, *, rngs: nnx.Rngs):
                self.encoder = encoder
                self.dense = nnx.Linear(
                    self.encoder.out_features,
                    size,
                    kernel_init=nnx.initializers.glorot_uniform(),
                    rngs=rngs,
                )

            def __call__(self, inputs):
                code = self.encoder(inputs)
                out = self.dense(code)
                return out


        def autoencoder(size, hidden, *, rngs: nnx.Rngs):
            encoder = Encoder(size, hidden, rngs=rngs)
            model = Model(size, encoder, rngs=rngs)
            return encoder, model
        """,
    )


def test_a_model_of_which_an_output_is_an_output_of_another() -> None:
    check_compile(
        """\
        import tensorflow as tf
        from tensorflow.keras import layers


        def net(width=4):
            inputs = layers.Input((width,))
            h = layers.Dense(8, use_bias=False, kernel_initializer="zeros")(inputs)
            trunk = tf.keras.Model(inputs, h)
            other = layers.Input((width,))
            return tf.keras.Model([inputs, other], [h, trunk(other)])
        """,
        """\
        from flax import nnx


        class Trunk(nnx.Module):
            def __init__(self, width, *, rngs: nnx.Rngs):
                self.dense = nnx.Linear(
                    width, 8, use_bias=False, kernel_init=nnx.initializers.zeros, rngs=rngs
                )

            def __call__(self, inputs):
                h = self.dense(inputs)
                return h


        class Net(nnx.Module):
            def __init__(self, width=4, *, rngs: nnx.Rngs):
                self.trunk = Trunk(width, rngs=rngs)

            def __call__(self, inputs, other):
                h = self.trunk(inputs)
                return [h, self.trunk(other)]
        """,
    )


UNNAMED = """\
from tensorflow.keras import Input, Model, layers


def parts(size):
    inputs = Input((size,))
    code = [layers.Dense(4)(inputs), layers.Dense(5)(inputs)]
    return Model(inputs, code[0]), Model(inputs, code)
"""


def test_models_that_cannot_be_told_apart_are_reported() -> None:
    file = compile_texts({"m": UNNAMED}).files[0]
    assert [(d.code, d.span.start_line) for d in file.diagnostics if d.span] == [("TJ5007", 7)]
