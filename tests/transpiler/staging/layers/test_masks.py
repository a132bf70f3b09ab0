"""Masks that Keras carries along become values."""

from __future__ import annotations

from tests.harness import check_compile

HEAD = """\
import tensorflow as tf
from tensorflow.keras import layers

"""
EMBED = """
def net():
    a = layers.Input((7,), dtype="int32")
    b = layers.Input((7,), dtype="int32")
    x = layers.Embedding(8, 4, mask_zero=True)(a)
    y = layers.Embedding(8, 4, mask_zero=True)(b)
    z = {merge}
    return tf.keras.Model([a, b], layers.GRU(3)(z))
"""


def text(source: str, flavour: str = "2") -> str:
    return check_compile(HEAD + source, flavour=flavour).text


def test_merged_masks_differ_between_keras_2_and_3() -> None:
    source = EMBED.format(merge="layers.Add()([x, y])")
    assert "mask_2 = mask & mask_1" in text(source)
    assert "mask_2 = mask | mask_1" in text(source, "3")


def test_masks_of_steps_in_a_row_are_joined() -> None:
    source = EMBED.format(merge="layers.Concatenate(axis=1)([x, y])")
    assert "mask_2 = jnp.concatenate([mask, mask_1], axis=1)" in text(source)


def test_a_layer_that_ends_the_mask() -> None:
    source = EMBED.format(merge="layers.Conv1D(4, 2)(x)")
    assert "mask" not in text(source)


def test_a_layer_of_the_project_gets_the_mask_it_uses() -> None:
    out = text(
        """
class Pool(layers.Layer):
    def __init__(self):
        super().__init__()
        self.pool = layers.GlobalAveragePooling1D()

    def call(self, x):
        return self.pool(x)


class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.embedding = layers.Embedding(8, 4, mask_zero=True)
        self.pool = Pool()

    def call(self, ids):
        return self.pool(self.embedding(ids))
"""
    )
    assert "def __call__(self, x, mask=None):" in out
    assert (
        "return jnp.mean(x, axis=1) if mask is None else "
        "jnp.mean(x, axis=1, where=mask[..., None])" in out
    )
    assert "mask = ids != 0" in out
    assert "return self.pool(self.embedding(ids), mask=mask)" in out


def test_code_without_masks_has_none() -> None:
    out = text(
        """
class Pool(layers.Layer):
    def __init__(self):
        super().__init__()
        self.pool = layers.GlobalAveragePooling1D()

    def call(self, x):
        return self.pool(x)
"""
    )
    assert "mask" not in out


def test_compute_mask_is_called_where_it_makes_a_mask() -> None:
    out = text(
        """
class Ids(layers.Layer):
    def __init__(self):
        super().__init__()
        self.embedding = layers.Embedding(8, 4)

    def call(self, ids):
        return self.embedding(ids)

    def compute_mask(self, ids, mask=None):
        return tf.not_equal(ids, 0)


def net():
    ids = layers.Input((7,), dtype="int32")
    return tf.keras.Model(ids, layers.GRU(3)(Ids()(ids)))
"""
    )
    assert "mask = self.ids.compute_mask(ids)" in out
    assert "def compute_mask(self, ids, mask=None):\n        return jnp.not_equal(ids, 0)" in out


def test_attention_takes_the_masks_of_its_inputs() -> None:
    out = text(EMBED.format(merge="layers.Attention()([x, y])"))
    assert "attention([x, y], [mask, mask_1])" in out
    out = text(EMBED.format(merge="layers.AdditiveAttention()([x, y])"))
    assert "self.additive_attention([x, y], [mask, mask_1])" in out


def test_a_mask_made_inside_is_not_the_one_that_may_come_in() -> None:
    out = text(
        """
class Encoder(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.embed = layers.Embedding(20, 8, mask_zero=True)
        self.mha = layers.MultiHeadAttention(num_heads=2, key_dim=4)

    def call(self, ids):
        x = self.embed(ids)
        return self.mha(query=x, value=x, use_causal_mask=True)
"""
    )
    assert "def __call__(self, ids):\n        mask = ids != 0\n" in out


def test_a_function_of_a_lambda_layer_takes_the_mask() -> None:
    file = check_compile(
        """\
        import tensorflow as tf
        from tensorflow.keras import Input, Model, layers


        def build():
            ids = Input((6,), dtype="int32")
            x = layers.Embedding(10, 4, mask_zero=True)(ids)
            x = layers.Lambda(lambda t, mask=None: t * tf.cast(mask[..., None], t.dtype))(x)
            return Model(ids, layers.Lambda(lambda t: t + 1.0)(x))
        """,
        flavour="2",
    )
    assert "dtype=t.dtype))(x, mask=mask)" in file.text
    assert "mask = ids != 0" in file.text
