"""Translations are proved, and wrong ones refuted: each mutant is one plausible slip."""

from __future__ import annotations

import functools
import textwrap
from pathlib import Path

import pytest
from tfjax.rules.language.ruleset import RuleSet
from tfjax.transpiler import pipeline
from tfjax.transpiler.analysis.proof import Claim, Proof
from tfjax.transpiler.analysis.proof.compilation import prove_compilation
from tfjax.transpiler.files import SourceFile

PROGRAMS = {
    "images": """
        import tensorflow as tf
        from tensorflow.keras import layers as L

        @tf.function(input_signature=[tf.TensorSpec([None, None, None, 8], tf.float32)])
        def gate(x, ratio=4):
            c = x.shape[-1]
            s = tf.reduce_mean(x, axis=[1, 2], keepdims=True)
            return x * tf.sigmoid(s) + tf.cast(c, tf.float32)

        def net(classes=10):
            i = L.Input((None, None, 3))
            a = L.Conv2D(8, 3, strides=2, padding="same")(i)
            b = L.Conv2D(16, 3, padding="valid")(a)
            c = L.MaxPooling2D(2)(b)
            d = L.Concatenate()([c, c])
            e = L.BatchNormalization()(d)
            f = L.Conv2DTranspose(4, 3, strides=2, padding="same")(e)
            g = L.GlobalAveragePooling2D()(f)
            return tf.keras.Model(i, [L.Dense(classes)(g), f])
        """,
    "tokens": """
        import tensorflow as tf
        from tensorflow.keras import layers as L

        class Attend(L.Layer):
            def __init__(self, heads, size, **kwargs):
                super().__init__(**kwargs)
                self.heads = heads
                self.size = size
                self.q = L.Dense(heads * size)
                self.k = L.Dense(heads * size)
                self.out = L.Dense(heads * size)

            def split(self, x):
                b, n = tf.shape(x)[0], tf.shape(x)[1]
                x = tf.reshape(x, [b, n, self.heads, self.size])
                return tf.transpose(x, [0, 2, 1, 3])

            def call(self, x):
                q, k = self.split(self.q(x)), self.split(self.k(x))
                w = tf.nn.softmax(tf.matmul(q, k, transpose_b=True))
                y = tf.transpose(tf.matmul(w, k), [0, 2, 1, 3])
                b, n = tf.shape(x)[0], tf.shape(x)[1]
                return self.out(tf.reshape(y, [b, n, self.heads * self.size]))

        def encoder(length=12):
            i = L.Input((length,), dtype="int32")
            x = L.Embedding(100, 32)(i)
            x = Attend(4, 8)(x)
            x = L.LayerNormalization()(x)
            return tf.keras.Model(i, x)
        """,
    "arrays": """
        import tensorflow as tf

        @tf.function(input_signature=[tf.TensorSpec([None, None, 7], tf.float32),
                                      tf.TensorSpec([None, None], tf.int32)])
        def features(x, ids):
            total = tf.reduce_sum(x, axis=1, keepdims=True)
            mean = x - tf.reduce_mean(x, axis=-1, keepdims=True)
            best = tf.argmax(x, axis=-1, output_type=tf.int32)
            stacked = tf.stack([x, mean], axis=1)
            joined = tf.concat([x, mean], axis=-1)
            padded = tf.pad(x, [[0, 0], [1, 2], [0, 0]])
            hot = tf.one_hot(ids, 5)
            moved = tf.transpose(x, [0, 2, 1])
            product = tf.einsum("bnc,bmc->bnm", x, x)
            parts = tf.split(joined, 2, axis=-1)
            last = x[:, 1:]
            counts = tf.cast(ids, tf.float32)
            return (total, mean, best, stacked, joined, padded, hot, moved, product, parts[0],
                    last, counts, tf.expand_dims(ids, 1), tf.tile(x, [1, 2, 1]), tf.maximum(ids, 0))
        """,
    "records": """
        import collections
        from dataclasses import dataclass
        from typing import NamedTuple
        import tensorflow as tf

        Stats = collections.namedtuple("Stats", ["mean", "peak"])

        class Out(NamedTuple):
            whole: tf.Tensor
            half: tf.Tensor

        @dataclass
        class Box:
            low: tf.Tensor
            scale: int = 2

        @tf.function(input_signature=[tf.TensorSpec([None, None, 8], tf.float32)])
        def stats(x):
            return Stats(tf.reduce_mean(x, -1), peak=tf.reduce_max(x, [1, 2]))

        @tf.function(input_signature=[tf.TensorSpec([None, None, 8], tf.float32)])
        def halves(x):
            s = stats(x)
            return Out(half=x[:, :, :4], whole=x * s.mean[:, :, tf.newaxis])

        @tf.function(input_signature=[tf.TensorSpec([None, None, 8], tf.float32)])
        def box(x):
            return Box(tf.reduce_min(halves(x).half, 1))

        def spread(box):
            return tf.tile(box.low, [1, box.scale])

        spread(Box(tf.zeros([2, 3]), 4))
        """,
}
CLAIMS = {
    "images": {"gate", "net"},
    "tokens": {"Attend.split", "Attend.call", "encoder"},
    "arrays": {"features"},
    "records": {"stats", "halves", "box", "spread"},
}

# Program, what the output has, what the mutant has instead.
MUTANTS = [
    ("images", "keepdims=True", "keepdims=False"),
    ("images", "strides=2,", "strides=1,"),
    ("images", 'padding="VALID"', 'padding="SAME"'),
    ("images", "(2, 2), strides=(2, 2))", "(2, 2))"),
    ("images", "(2, 2), strides=(2, 2))", "(3, 3), strides=(2, 2))"),
    ("images", "jnp.concatenate([c, c], axis=-1)", "jnp.concatenate([c, c], axis=1)"),
    ("images", "jnp.concatenate([c, c], axis=-1)", "c"),
    ("images", "nnx.BatchNorm(32", "nnx.BatchNorm(16"),
    ("images", "strides=(2, 2),", "strides=(1, 1),"),
    ("images", "jnp.mean(f, axis=(1, 2))", "jnp.mean(f, axis=(0, 1))"),
    ("images", "jnp.mean(f, axis=(1, 2))", "jnp.mean(f, axis=1)"),
    ("images", "4, classes, kernel", "4, classes + 1, kernel"),
    ("images", "3, 8, (3, 3)", "3, 9, (3, 3)"),
    ("images", "3, 8, (3, 3)", "3, 8, (3,)"),
    ("tokens", "matmul(w, k)", "matmul(k, w)"),
    ("tokens", "return jnp.transpose(x, [0, 2, 1, 3])", "return x"),
    ("tokens", "jnp.transpose(x, [0, 2, 1, 3])", "x"),
    ("tokens", "jnp.swapaxes(k, -1, -2)", "k"),
    ("tokens", "self.heads, self.size]", "self.size, self.heads]"),
    ("tokens", "100, 32, emb", "100, 31, emb"),
    ("tokens", "nnx.LayerNorm(32", "nnx.LayerNorm(8"),
    ("tokens", "heads * size", "heads + size"),
    ("arrays", "axis=1, keepdims=True", "axis=1"),
    ("arrays", "axis=-1, keepdims=True", "axis=-1"),
    ("arrays", "axis=1, keepdims=True", "axis=2, keepdims=True"),
    ("arrays", "mean = x - ", "mean = "),
    ("arrays", "jnp.stack([x, mean], axis=1)", "jnp.stack([x, mean], axis=0)"),
    ("arrays", "jnp.concatenate([x, mean], axis=-1)", "jnp.concatenate([x, mean], axis=1)"),
    ("arrays", "[1, 2]", "[1, 1]"),
    ("arrays", "one_hot(ids, 5", "one_hot(ids, 6"),
    ("arrays", "[0, 2, 1]", "[0, 1, 2]"),
    ("arrays", "bnc,bmc->bnm", "bnc,bmc->nbm"),
    ("arrays", "bnc,bmc->bnm", "bnc,bnk->bck"),
    ("arrays", "x[:, 1:]", "x[:, :1]"),
    ("arrays", "x[:, 1:]", "x[1:]"),
    ("arrays", "ids, dtype=jnp.float32", "ids, dtype=jnp.int32"),
    ("arrays", "jnp.expand_dims(ids, 1)", "jnp.expand_dims(ids, -1)"),
    ("arrays", "[1, 2, 1]", "[2, 1, 1]"),
    ("arrays", "jnp.maximum(ids, 0)", "jnp.maximum(ids, 0.0)"),
    ("arrays", "jnp.argmax(x, axis=-1)", "jnp.argmax(x, axis=1)"),
    ("records", "half=x[:, :, :4], whole=", "whole=x[:, :, :4], half="),
    ("records", "x, axis=-1)", "x, axis=1)"),
    ("records", "Box(jnp.min(halves(x).half, axis=1))", "Box(jnp.min(halves(x).whole, axis=1))"),
]


@functools.cache
def compiled(program: str) -> pipeline.Compilation:
    text = textwrap.dedent(PROGRAMS[program])
    source = SourceFile(Path("m.py"), Path("m.py"), text, module="m")
    return pipeline.run({"m": source}, RuleSet.load())


def proved(program: str, old: str = "", new: str = "") -> Proof:
    compilation = compiled(program)
    text = compilation.emitted["m"].text
    assert old in text, text
    return prove_compilation(compilation, {"m": text.replace(old, new)} if old else None)


@pytest.mark.parametrize("program", PROGRAMS)
def test_translations_are_proved(program: str) -> None:
    claims = {c.name: c for c in proved(program).claims}
    assert {n: (c.verdict, c.reason) for n, c in claims.items()} == {
        n: ("proved", "") for n in CLAIMS[program]
    }


@pytest.mark.parametrize(("program", "old", "new"), MUTANTS)
def test_mutants_are_refuted(program: str, old: str, new: str) -> None:
    verdicts = [c.verdict for c in proved(program, old, new).claims]
    assert "refuted" in verdicts


def test_a_refuted_claim_names_sizes_that_break_it() -> None:
    claims = proved("arrays", "bnc,bmc->bnm", "bnc,bnk->bck").claims
    found = next(c for c in claims if c.verdict == "refuted")
    assert "result[8]" in found.reason
    mutant = proved("arrays", "x[:, 1:]", "x[:, :1]").claims
    assert next(c.example for c in mutant if c.verdict == "refuted")


def test_int64_is_equal_up_to_x64() -> None:
    found = _claims(
        """
        import tensorflow as tf

        @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32)])
        def best(x):
            return tf.argmax(x, axis=1)
        """
    )
    assert [(c.verdict, c.dtype) for c in found] == [("proved", "x64")]


def test_what_is_not_known_is_said() -> None:
    found = _claims(
        """
        import tensorflow as tf

        def norm(x, eps):
            return tf.linalg.logdet(tf.reduce_sum(x, axis=eps))
        """
    )
    assert [c.verdict for c in found] == ["unknown"]
    assert found[0].reason


GAPS = """
    import tensorflow as tf
    from tensorflow import keras

    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32)])
    def table(x):
        y = tf.concat([x, x], axis=1)
        if y.shape[-1] == 6:
            model = keras.models.load_model("a")
            print(model)
        return y
    """


def test_what_is_not_translated_is_read_past_and_said() -> None:
    (claim,) = _claims(GAPS)
    assert claim.verdict == "proved"
    assert any("not translated changes no shape" in a for a in claim.assumptions)


def test_a_return_that_is_not_translated_proves_nothing() -> None:
    text = GAPS.replace("model = keras", "return keras").replace("print(model)", "pass")
    assert [c.verdict for c in _claims(text)] != ["proved"]


def test_calls_with_known_arguments_count_before_open_ones() -> None:
    found = _claims(
        """
        import tensorflow as tf
        from tensorflow import keras

        def block(x, filters, depth):
            for _ in range(depth):
                x = keras.layers.Conv2D(filters, 3, padding="same")(x)
            return x

        def net(filters, depth):
            i = keras.Input((None, None, 3))
            return keras.Model(i, block(i, filters, depth))

        model = net(8, 2)
        """
    )
    assert {c.name: c.verdict for c in found} == {n: "proved" for n in ("block", "net", "model")}


def test_lambdas_of_a_loop_keep_what_they_were_made_with() -> None:
    found = _claims(
        """
        import tensorflow as tf

        def columns(x):
            cuts = []
            for k in (1, 2, 3):
                cuts.append(lambda t, k=k: t[:, :k])
            return [cut(x) for cut in cuts]

        y = columns(tf.zeros([4, 8]))
        """
    )
    assert [c.verdict for c in found] == ["proved"]


ASKED = {
    "a convolution": ("layers.Conv2D(4, 3)(x)", 4),
    "a normalized convolution": ("layers.Conv1D(4, 3)(layers.LayerNormalization()(x))", 3),
    "sizes that are unpacked": ("tf.reshape(x, [-1, unpacked(x)])", 3),
}


@pytest.mark.parametrize("what", ASKED)
def test_ranks_that_the_code_asks_for_are_taken_where_nothing_calls_it(what: str) -> None:
    code, rank = ASKED[what]
    found = _claims(
        f"""
        import tensorflow as tf
        from tensorflow.keras import layers

        def unpacked(x):
            b, n, c = x.shape
            return n * c

        def apart(x):
            return {code}
        """
    )
    claim = next(c for c in found if c.name == "apart")
    assert (claim.verdict, claim.called) == ("proved", False)
    assert claim.assumptions[0] == f"taken: `x` of rank {rank}, float32"


def test_arguments_of_unequal_rank_are_told_apart() -> None:
    (claim,) = _claims(
        """
        import tensorflow as tf

        def pooled(image, mask):
            b, h, w, c = image.shape
            n, m = mask.shape
            flat = tf.reshape(image, [b, h * w, c])
            return tf.reduce_mean(flat, axis=1), tf.transpose(mask)
        """
    )
    assert (claim.verdict, claim.called) == ("proved", False)
    assert "`image` of rank 4 and `mask` of rank 2" in claim.assumptions[0]


def test_what_the_program_calls_is_told_from_what_it_does_not() -> None:
    found = _claims(
        """
        import tensorflow as tf

        def used(x):
            return tf.transpose(x)

        def unused(x, axis):
            return tf.linalg.logdet(tf.reduce_sum(x, axis=axis))

        y = used(tf.zeros([2, 3]))
        """
    )
    assert {c.name: (c.verdict, c.called) for c in found} == {
        "used": ("proved", True),
        "unused": ("unknown", False),
    }


def test_sizes_that_make_both_sides_equal_are_stated() -> None:
    found = _claims(
        """
        import tensorflow as tf

        def pixels(x):
            return tf.keras.applications.densenet.preprocess_input(x)
        """
    )
    assert [c.verdict for c in found] == ["proved"]
    assert "C = 3" in found[0].assumptions[0]


def _claims(text: str) -> tuple[Claim, ...]:
    source = SourceFile(Path("m.py"), Path("m.py"), textwrap.dedent(text), module="m")
    return prove_compilation(pipeline.run({"m": source}, RuleSet.load())).claims
