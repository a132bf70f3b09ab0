"""Dtype policies: what layers compute in, and a note where that is not known."""

from __future__ import annotations

import textwrap

import pytest
from tfjax.transpiler.analysis import Analysis, analyse_text, diagnostics_of


def followed(text: str) -> Analysis:
    return analyse_text(textwrap.dedent(text))


def types(analysis: Analysis) -> dict[str, str]:
    return {name: texts[0] for found in analysis.types.values() for name, texts in found.items()}


@pytest.mark.parametrize(
    ("policy", "dtype"),
    [
        ('"mixed_float16"', "f16"),
        ('"mixed_bfloat16"', "bf16"),
        ('"float32"', "f32"),
        ('tf.keras.mixed_precision.Policy("mixed_float16")', "f16"),
    ],
)
def test_layers_compute_in_the_policy_of_the_program(policy: str, dtype: str) -> None:
    found = types(
        followed(
            f"""
            import tensorflow as tf
            tf.keras.mixed_precision.set_global_policy({policy})
            i = tf.keras.Input((8, 8, 3))
            a = tf.keras.layers.Conv2D(4, 3)(i)
            b = tf.keras.layers.Dense(4, dtype="float32")(a)
            c = tf.keras.layers.Dense(4, dtype="mixed_bfloat16")(a)
            """
        )
    )
    assert found["i"] == "f32[B, 8, 8, 3]"
    assert found["a"] == f"{dtype}[B, 6, 6, 4]"
    assert found["b"] == "f32[B, 6, 6, 4]"
    assert found["c"] == "bf16[B, 6, 6, 4]"


def test_a_policy_that_is_not_known_is_noted() -> None:
    analysis = followed(
        """
        import keras

        def build(name):
            keras.mixed_precision.set_global_policy(name)
            i = keras.Input((8, 8, 3))
            a = keras.layers.Conv2D(4, 3)(i)
            return a
        """
    )
    assert types(analysis)["a"] == "?[B, 6, 6, 4]"
    found = diagnostics_of(analysis.conflicts, {"module": "m.py"})
    assert [(d.code, d.severity) for d in found] == [("TJ4011", "note")]


LAYER = """
    import tensorflow as tf
    from tensorflow import keras
    from tensorflow.keras import layers

    keras.mixed_precision.set_global_policy("{policy}")

    class Scale(layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.inner = layers.Dense(4)

        def build(self, shape):
            self.w = self.add_weight(shape=(shape[-1],), name="w")

        def call(self, x):
            weighted = x * self.w
            computed = tf.cast(x, self.compute_dtype)
            stored = tf.cast(x, self.variable_dtype)
            told = tf.cast(x, self.dtype_policy.compute_dtype)
            inner = self.inner(x)
            return x

    y = Scale({given})(tf.zeros([2, 3], tf.{dtype}))
    """


@pytest.mark.parametrize(
    ("policy", "given", "dtype", "computes", "stores", "inner"),
    [
        ("mixed_float16", "", "float32", "f16", "f32", "f16"),
        ("mixed_bfloat16", "", "float64", "bf16", "f32", "bf16"),
        ("mixed_float16", 'dtype="float32"', "float16", "f32", "f32", "f16"),
        ("float32", 'dtype="mixed_float16"', "float32", "f16", "f32", "f32"),
        ("float32", "", "float64", "f32", "f32", "f32"),
        ("float64", "", "float32", "f64", "f64", "f64"),
        ("float32", "", "int32", "f32", "f32", "?"),
    ],
)
def test_layers_of_the_program_cast_what_they_get(
    policy: str, given: str, dtype: str, computes: str, stores: str, inner: str
) -> None:
    text = LAYER.format(policy=policy, given=given, dtype=dtype)
    text = text.replace("x * self.w", "tf.cast(x, self.w.dtype) * self.w")
    found = types(followed(text))
    shape = "[2, 3]"
    assert found["weighted"] == found["computed"] == found["told"] == computes + shape
    assert found["stored"] == stores + shape
    assert found["y"] == ("i32" if dtype == "int32" else computes) + shape
    assert found["inner"].startswith(f"{inner}[")


def test_layers_and_policies_tell_their_dtypes() -> None:
    found = types(
        followed(
            """
            import tensorflow as tf
            from tensorflow import keras
            layer = keras.layers.Dense(3, dtype=keras.mixed_precision.Policy("mixed_float16"))
            a = tf.zeros([1], layer.compute_dtype)
            b = tf.zeros([1], layer.dtype)
            c = tf.zeros([1], keras.mixed_precision.Policy("mixed_bfloat16").compute_dtype)
            d = tf.zeros([1], keras.mixed_precision.global_policy().variable_dtype)
            e = keras.layers.Dense(3, dtype="float64")(tf.zeros([1, 2]))
            """
        )
    )
    assert [found[n] for n in "abcd"] == ["f16[1]", "f32[1]", "bf16[1]", "f32[1]"]
    assert found["e"] == "f64[1, 3]"
