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
