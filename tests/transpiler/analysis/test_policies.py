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
