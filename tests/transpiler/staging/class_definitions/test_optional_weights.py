"""Variables that a configuration leaves out: what tests for them, and what takes them."""

from __future__ import annotations

from tests.harness import check_compile

SOURCE = """\
        import tensorflow as tf


        class Affine(tf.keras.layers.Layer):
            def __init__(self, use_bias=True):
                super().__init__()
                self.use_bias = use_bias

            def build(self, input_shape):
                if self.use_bias:
                    self.bias = self.add_weight(shape=[input_shape[-1]], initializer="zeros")
                else:
                    self.bias = None

            def call(self, x):
                {body}
        """
TARGET = """\
        {imports}


        class Affine(nnx.Module):
            def __init__(self, in_features, use_bias=True, *, rngs: nnx.Rngs):
                self.use_bias = use_bias
                if self.use_bias:
                    self.bias = nnx.Param(nnx.initializers.zeros(rngs.params(), [in_features]))
                else:
                    self.bias = nnx.data(None)

            def __call__(self, x):
                {body}
        """
NNX = "from flax import nnx"


def _check(body: str, expected: str, imports: str = NNX) -> None:
    lines = body.replace("\n", "\n" + 16 * " "), expected.replace("\n", "\n" + 16 * " ")
    imports = imports.replace("\n", "\n" + 8 * " ")
    check_compile(
        SOURCE.replace("{body}", lines[0]),
        TARGET.replace("{body}", lines[1]).replace("{imports}", imports),
    )


def test_a_test_for_none_stays() -> None:
    _check(
        "if self.bias is not None:\n    x += self.bias\nreturn x",
        "if self.bias is not None:\n    x += self.bias[...]\nreturn x",
    )
    _check(
        "return x if self.bias is None else x + self.bias",
        "return x if self.bias is None else x + self.bias[...]",
    )


def test_an_operand_is_there() -> None:
    _check(
        "if self.use_bias:\n    x = tf.nn.bias_add(x, self.bias)\nreturn x",
        "if self.use_bias:\n    x = x + self.bias[...]\nreturn x",
    )


def test_an_operation_that_takes_none_is_written_both_ways() -> None:
    _check(
        "return tf.nn.batch_normalization(x, 0.5, 2.0, self.bias, None, 0.1)",
        """\
return (
    (x - 0.5) * lax.rsqrt(2.1)
    if self.bias is None
    else (x - 0.5) * lax.rsqrt(2.1) + self.bias[...]
)""",
        NNX + "\nfrom jax import lax",
    )


def test_several_attributes_get_none_each() -> None:
    check_compile(
        """\
        import tensorflow as tf


        class Scale(tf.keras.layers.Layer):
            def __init__(self, center):
                super().__init__()
                self.center = center

            def build(self, input_shape):
                self.beta = self.gamma = None
                if self.center:
                    self.beta = self.add_weight(shape=[input_shape[-1]], initializer="zeros")

            def call(self, x):
                if self.beta is not None:
                    x = x + self.beta
                return x if self.gamma is None else x * self.gamma
        """,
        """\
        from flax import nnx


        class Scale(nnx.Module):
            def __init__(self, in_features, center, *, rngs: nnx.Rngs):
                self.center = center
                self.gamma = None
                self.beta = nnx.data(None)
                if self.center:
                    self.beta = nnx.Param(nnx.initializers.zeros(rngs.params(), [in_features]))

            def __call__(self, x):
                if self.beta is not None:
                    x = x + self.beta[...]
                return x
        """,
    )


def test_a_test_that_says_it_is_missing_says_not_that_it_is_there() -> None:
    check_compile(
        """\
        import tensorflow as tf


        def shifted(x, bias):
            return x if bias is None else x + bias


        class Affine(tf.keras.layers.Layer):
            def __init__(self, use_bias=True):
                super().__init__()
                self.use_bias = use_bias

            def build(self, input_shape):
                if self.use_bias:
                    self.bias = self.add_weight(shape=[input_shape[-1]], initializer="zeros")
                else:
                    self.bias = None

            def call(self, x):
                if self.bias is None:
                    return shifted(x, self.bias)
                if not (self.bias is None):
                    return shifted(2.0 * x, self.bias)
                return x
        """,
        """\
        from flax import nnx


        def shifted(x, bias):
            return x if bias is None else x + bias


        class Affine(nnx.Module):
            def __init__(self, in_features, use_bias=True, *, rngs: nnx.Rngs):
                self.use_bias = use_bias
                if self.use_bias:
                    self.bias = nnx.Param(nnx.initializers.zeros(rngs.params(), [in_features]))
                else:
                    self.bias = nnx.data(None)

            def __call__(self, x):
                if self.bias is None:
                    return shifted(x, None if self.bias is None else self.bias[...])
                if not (self.bias is None):
                    return shifted(2.0 * x, self.bias[...])
                return x
        """,
    )
