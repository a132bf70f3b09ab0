"""Facts that programs state of their arguments: one program for each way to state them."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from tfjax.rules.language.ruleset import RuleSet
from tfjax.transpiler import pipeline
from tfjax.transpiler.analysis import Analysis, analyse_text, assumption_text
from tfjax.transpiler.analysis.proof.compilation import prove_compilation
from tfjax.transpiler.files import SourceFile

PRELUDE = """\
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers
"""


def analysed(text: str) -> Analysis:
    analysis = analyse_text(PRELUDE + textwrap.dedent(text))
    assert not analysis.failures and not analysis.exhausted
    return analysis


def result(text: str) -> str:
    """The last type of `y`."""
    found = analysed(text)
    assert not found.conflicts
    places = sorted(found.types.items(), key=lambda item: item[0].span.start_line)
    return [seen[-1] for _, names in places for name, seen in names.items() if name == "y"][-1]


STATED = {
    "keras.Input": ("y = tf.transpose(keras.Input((4, 5)), [1, 2, 0])", "f32[4, 5, B]"),
    "input_shape": (
        "m = keras.Sequential([layers.Dense(4, input_shape=(7,))])\ny = m.output",
        "f32[B, 4]",
    ),
    "batch_input_shape": (
        "m = keras.Sequential([layers.LSTM(4, batch_input_shape=(2, 5, 3))])\ny = m.output",
        "f32[2, 4]",
    ),
    "input_signature": (
        "@tf.function(input_signature=[tf.TensorSpec([None, 7], tf.int32)])\n"
        "def f(x):\n    y = tf.transpose(x)\n    return y",
        "i32[7, B]",
    ),
    "get_concrete_function": (
        "@tf.function\ndef f(x):\n    y = tf.transpose(x)\n    return y\n"
        "f.get_concrete_function(tf.TensorSpec([None, 7], tf.float32))",
        "f32[7, B]",
    ),
    "a TensorSpec as an annotation": (
        "def f(x: tf.TensorSpec([None, 3], tf.float16)):\n    y = tf.transpose(x)\n    return y",
        "f16[3, B]",
    ),
    "jaxtyping": (
        "def f(x: Float32[tf.Tensor, 'b 3 n']):\n    y = tf.reduce_sum(x, 1)\n    return y",
        "f32[b, n]",
    ),
    "jaxtyping in quotes": (
        "def f(x: \"Int32[tf.Tensor, '_ n']\"):\n    y = tf.transpose(x)\n    return y",
        "i32[n, N]",
    ),
    "a type comment of a variable": (
        "x = load()  # type: Float32[Tensor, '2 3']\ny = tf.transpose(x)",
        "f32[3, 2]",
    ),
    "a type comment as types are printed": (
        "x = load()  # type: i32[B, 3]\ny = tf.transpose(x)",
        "i32[3, B]",
    ),
    "a type comment of a function": (
        "def f(x, w):\n    # type: (f32[B, 3], f32[3, K]) -> f32[B, K]\n"
        "    y = x @ w\n    return y",
        "f32[B, K]",
    ),
    "a type comment of a method": (
        "class L(layers.Layer):\n    def call(self, x):  # type: (f32[B, 3]) -> f32[3, B]\n"
        "        y = tf.transpose(x)\n        return y",
        "f32[3, B]",
    ),
    "type comments of parameters": (
        "def f(x,  # type: f32[B, 3]\n      n,  # type: int\n      ):\n"
        "    y = tf.transpose(x)\n    return y",
        "f32[3, B]",
    ),
    "assert of a shape": (
        "def f(x):\n    assert x.shape == (2, 3)\n    y = tf.transpose(x)\n    return y",
        "?[3, 2]",
    ),
    "assert of a list of sizes": (
        "def f(x):\n    assert x.get_shape().as_list() == [None, 3]\n"
        "    y = tf.transpose(x)\n    return y",
        "?[3, B]",
    ),
    "assert of a rank": (
        "def f(x):\n    assert len(x.shape) == 3\n    y = tf.reduce_sum(x, 1)\n    return y",
        "?[B, C]",
    ),
    "assert of ndim": (
        "def f(x):\n    assert x.ndim == 2 and x.shape[1] == 5\n"
        "    y = tf.zeros([5]) + x\n    return y",
        "?[B, 5]",
    ),
    "assert of the last size": (
        "def f(x):\n    assert x.shape[-1] == 5\n    y = layers.Dense(3)(x)\n    return y, x\n"
        "def g(x: Float32[tf.Tensor, '... c']):\n    y = tf.nn.relu(x)\n    return y",
        "f32[..., c]",
    ),
    "a test": (
        "def f(x):\n    if len(x.shape) != 3:\n        raise ValueError(x)\n"
        "    y = tf.reduce_sum(x, 1)\n    return y",
        "?[B, C]",
    ),
    "sizes that are unpacked": (
        "def f(x):\n    b, n, c = x.shape\n    y = tf.reshape(x, [b * n, c])\n    return y",
        "?[B*L, C]",
    ),
    "assert_rank": (
        "def f(x):\n    tf.debugging.assert_rank(x, 3)\n    y = tf.reduce_sum(x, 1)\n    return y",
        "?[B, C]",
    ),
    "assert_shapes": (
        "def f(x, w):\n    tf.debugging.assert_shapes([(x, ('N', 4)), (w, (4, 'K'))])\n"
        "    y = tf.matmul(x, w)\n    return y",
        "?[N, K]",
    ),
    "assert_shapes with a dict": (
        "def f(x):\n    tf.debugging.assert_shapes({x: ('N', 4)})\n"
        "    y = tf.transpose(x)\n    return y",
        "?[4, N]",
    ),
    "assert_equal of sizes": (
        "def f(x: Float32[tf.Tensor, 'b n']):\n    tf.debugging.assert_equal(tf.shape(x)[1], 7)\n"
        "    y = tf.zeros([7]) + x\n    return y",
        "f32[b, 7]",
    ),
    "set_shape": (
        "def f(x):\n    x.set_shape([None, 5])\n    y = tf.transpose(x)\n    return y",
        "?[5, B]",
    ),
    "ensure_shape": (
        "def f(x):\n    y = tf.transpose(tf.ensure_shape(x, [None, 5]))\n    return y",
        "?[5, B]",
    ),
    "assert_has_rank": (
        "def f(x):\n    x.shape.assert_has_rank(2)\n    y = tf.transpose(x)\n    return y",
        "?[N, B]",
    ),
    "targets of reshape": (
        "def f(x):\n    y = tf.reshape(x, [-1, 28, 28, 1])[..., 0]\n    return y",
        "?[?, 28, 28]",
    ),
}


@pytest.mark.parametrize("way", STATED)
def test_what_is_stated_is_taken(way: str) -> None:
    code, wanted = STATED[way]
    assert result(code) == wanted


BOUNDS = {
    "x.shape[1] > 10": True,
    "x.shape[1] >= 6": True,
    "x.shape[1] < 5 and x.shape[1] > 1": True,
    "tf.shape(x)[1] <= 4 and 1 < tf.shape(x)[1]": True,
    "x.shape[1] >= 5": False,
    "x.shape[1] <= 5": False,
    "x.shape[1] < 10": False,
}


@pytest.mark.parametrize("test", BOUNDS)
def test_inequalities_bound_sizes(test: str) -> None:
    code = f"""
        def f(x: Float32[tf.Tensor, 'b n']):
            assert {test}
            return x + tf.zeros([5])
        """
    found = analysed(code).conflicts
    assert [c.code for c in found] == (["TJ4002"] if BOUNDS[test] else [])


def test_what_breaks_a_need_is_within_the_bounds() -> None:
    code = """
        i = keras.Input((None, 4))
        {}
        x = layers.UpSampling1D()(layers.MaxPooling1D()(i))
        y = layers.Concatenate()([i, x])
        """
    (plain,) = analysed(code.format("")).assumptions
    assert assumption_text(plain) == "L = 2*(L//2) (not so for L = 1)"
    (bound,) = analysed(code.format("assert i.shape[1] >= 2")).assumptions
    assert assumption_text(bound) == "L = 2*(L//2) (not so for L = 3)"


def test_a_bound_of_a_branch_ends_with_it() -> None:
    code = """
        def f(x: Float32[tf.Tensor, 'b n']):
            if x.shape[1] > 10:
                x = tf.nn.relu(x)
            return x + tf.zeros([5])
        """
    assert not analysed(code).conflicts


def test_a_rank_that_only_one_branch_knows_ends_with_it() -> None:
    code = """
        def f(x):
            if len(x.shape) == 3:
                x = tf.reduce_sum(x, 1)
            y = tf.zeros([2]) + x
            return y
        """
    assert not analysed(code).conflicts


@pytest.mark.parametrize(
    "check",
    [
        "assert x.shape == (None, 4)",
        "tf.debugging.assert_rank(x, 2)",
        "tf.debugging.assert_shapes([(x, ('N', 4))])",
        "x.set_shape([None, 4])",
        "n, c = x.shape",
        "n, c = x.shape; assert c >= 2",
    ],
)
def test_translations_of_what_is_stated_are_never_refuted(check: str) -> None:
    text = (
        f"import tensorflow as tf\n\n\ndef f(x):\n    {check}\n    return tf.transpose(x) * 2.0\n"
    )
    source = SourceFile(Path("m.py"), Path("m.py"), text, module="m")
    claims = prove_compilation(pipeline.run({"m": source}, RuleSet.load())).claims
    assert [c.verdict for c in claims] != ["refuted"]


def test_type_comments_hold_in_translations_as_well() -> None:
    text = (
        "import tensorflow as tf\n\n\n"
        "def f(x, w):  # type: (f32[B, 3], f32[3, K]) -> f32[B, K]\n"
        "    return tf.matmul(x, w)\n\n\n"
        "def g(p):\n    v = p  # type: f32[4, 5]\n    return tf.transpose(v)\n"
    )
    source = SourceFile(Path("m.py"), Path("m.py"), text, module="m")
    claims = prove_compilation(pipeline.run({"m": source}, RuleSet.load())).claims
    assert {c.name: c.verdict for c in claims} == {"f": "proved", "g": "proved"}
