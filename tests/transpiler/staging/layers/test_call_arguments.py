"""Arguments of a layer's call count for the shape of its result."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_table_read_backwards_gives_the_vocabulary() -> None:
    check_compile(
        """\
        import keras


        class Head(keras.Model):
            def __init__(self):
                super().__init__()
                self.table = keras.layers.ReversibleEmbedding(
                    7, 4, embeddings_initializer="ones"
                )
                self.dense = keras.layers.Dense(3, kernel_initializer="lecun_normal")

            def call(self, x):
                h = self.table(x)
                return self.dense(self.table(h, reverse=True))
        """,
        """\
        from flax import nnx


        class Head(nnx.Module):
            def __init__(self, *, rngs: nnx.Rngs):
                self.table = nnx.Embed(7, 4, embedding_init=nnx.initializers.ones, rngs=rngs)
                self.dense = nnx.Linear(7, 3, rngs=rngs)

            def __call__(self, x):
                h = self.table(x)
                return self.dense(self.table.attend(h))
        """,
    )


def test_the_training_flag_by_position() -> None:
    check_compile(
        """\
        import tensorflow as tf
        from tensorflow import keras


        class Out(keras.layers.Layer):
            def __init__(self, dim, **kwargs):
                super().__init__(**kwargs)
                self.dense = keras.layers.Dense(dim)
                self.norm = keras.layers.BatchNormalization()
                self.dropout = keras.layers.Dropout(0.1)

            def call(self, x, training=False):
                x = self.norm(self.dense(x), training)
                y = self.dropout(x, False)
                return y + self.dropout(x, training)
        """,
        """\
        from flax import nnx


        class Out(nnx.Module):
            def __init__(self, in_features, dim, *, rngs: nnx.Rngs):
                self.dense = nnx.Linear(
                    in_features, dim, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                )
                self.norm = nnx.BatchNorm(dim, epsilon=0.001, use_fast_variance=False, rngs=rngs)
                self.dropout = nnx.Dropout(0.1, rngs=rngs)

            def __call__(self, x):
                x = self.norm(self.dense(x))
                y = self.dropout(x, deterministic=True)
                return y + self.dropout(x)
        """,
    )
