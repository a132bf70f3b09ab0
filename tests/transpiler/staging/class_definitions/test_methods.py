"""Methods of classes: translated once, for all of their calls."""

from __future__ import annotations

from tests.harness import check_compile


def test_calls_pass_other_values() -> None:
    check_compile(
        """
import tensorflow as tf
from tensorflow.keras import layers


class Att(layers.Layer):
    def __init__(self, units, kind="a", **kw):
        super().__init__(**kw)
        self.units = units
        self.kind = kind

    def build(self, input_shape):
        if self.kind == "a":
            self._build_a(input_shape)
        else:
            self._build_b(input_shape)
        super().build(input_shape)

    def _build_a(self, input_shape):
        dim = int(input_shape[-1])
        self.w = self.add_weight(shape=(dim, self.units), name="w", initializer="uniform")
        self.b = self.add_weight(shape=(self.units,), name="b", initializer="zeros")

    def _build_b(self, input_shape):
        dim = int(input_shape[-1])
        self.w = self.add_weight(shape=(dim, dim), name="w", initializer="uniform")

    def call(self, x):
        return tf.matmul(x, self.w)


class Twice(layers.Layer):
    def __init__(self, **kw):
        super().__init__(**kw)
        self.c1 = layers.Dense(3)
        self.c2 = layers.Dense(5)

    def scaled(self, x, factor, axis=None):
        if factor == 1:
            return x
        if axis is None:
            return x * factor
        return tf.reduce_sum(x, axis, keepdims=True) * factor

    def _apply(self, layer, x):
        return tf.nn.relu(layer(x))

    def pooled(self, x):
        return tf.reduce_mean(x, list(range(1, x.shape.rank)))

    def call(self, x):
        x = self.scaled(x, 1)
        x = self.scaled(x, 2.0)
        y = self._apply(self.c1, x)
        y = self._apply(self.c2, y)
        mean = self.pooled(x) + self.pooled(tf.reshape(x, (-1, 2, 2, 1)))
        return y * tf.reshape(mean, (-1, 1))


def model():
    i = tf.keras.Input((4,))
    return tf.keras.Model(i, layers.Dense(2)(Twice()(Att(4)(i))))
""",
        """\
import jax
import jax.numpy as jnp
from flax import nnx

from tf_compat import uniform_initializer


class Att(nnx.Module):
    def __init__(self, in_shape, units, kind="a", *, rngs: nnx.Rngs):
        self.units = units
        self.kind = kind
        if self.kind == "a":
            self._build_a((None, *in_shape), rngs=rngs)
        else:
            self._build_b((None, *in_shape), rngs=rngs)

    def _build_a(self, input_shape, *, rngs: nnx.Rngs):
        dim = int(input_shape[-1])
        self.w = nnx.Param(uniform_initializer(-0.05, 0.05)(rngs.params(), (dim, self.units)))
        self.b = nnx.Param(nnx.initializers.zeros(rngs.params(), (self.units,)))

    def _build_b(self, input_shape, *, rngs: nnx.Rngs):
        dim = int(input_shape[-1])
        self.w = nnx.Param(uniform_initializer(-0.05, 0.05)(rngs.params(), (dim, dim)))

    def __call__(self, x):
        return jnp.matmul(x, self.w[...])


class Twice(nnx.Module):
    def __init__(self, in_features, *, rngs: nnx.Rngs):
        self.c1 = nnx.Linear(
            in_features, 3, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )
        self.c2 = nnx.Linear(3, 5, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)

    def scaled(self, x, factor, axis=None):
        if factor == 1:
            return x
        if axis is None:
            return x * factor
        return jnp.sum(x, axis=axis, keepdims=True) * factor

    def _apply(self, layer, x):
        return jax.nn.relu(layer(x))

    def pooled(self, x):
        return jnp.mean(x, axis=list(range(1, x.ndim)))

    def __call__(self, x):
        x = self.scaled(x, 1)
        x = self.scaled(x, 2.0)
        y = self._apply(self.c1, x)
        y = self._apply(self.c2, y)
        mean = self.pooled(x) + self.pooled(jnp.reshape(x, (-1, 2, 2, 1)))
        return y * jnp.reshape(mean, (-1, 1))


class Model(nnx.Module):
    def __init__(self, *, rngs: nnx.Rngs):
        self.att = Att((4,), 4, rngs=rngs)
        self.twice = Twice(4, rngs=rngs)
        self.dense = nnx.Linear(5, 2, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)

    def __call__(self, i):
        return self.dense(self.twice(self.att(i)))
""",
    )


def test_size_that_a_constructor_computes() -> None:
    check_compile(
        """
import tensorflow as tf
from tensorflow.keras import layers


class Att(layers.Layer):
    def __init__(self, units, **kw):
        super().__init__(**kw)
        hidden = units * 2
        if units > 3:
            hidden = 7
        self.a = layers.Dense(hidden)

    def call(self, x):
        return self.a(x)


def model():
    i = tf.keras.Input((4,))
    return tf.keras.Model(i, layers.Dense(2)(Att(4)(i)))
""",
        """\
from flax import nnx


class Att(nnx.Module):
    def __init__(self, in_features, units, *, rngs: nnx.Rngs):
        hidden = units * 2
        if units > 3:
            hidden = 7
        self.a = nnx.Linear(
            in_features, hidden, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )
        self.out_features = hidden

    def __call__(self, x):
        return self.a(x)


class Model(nnx.Module):
    def __init__(self, *, rngs: nnx.Rngs):
        self.att = Att(4, 4, rngs=rngs)
        self.dense = nnx.Linear(
            self.att.out_features, 2, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, i):
        return self.dense(self.att(i))
""",
    )


def test_a_layer_whose_size_a_method_is_given() -> None:
    check_compile(
        """\
        import tensorflow as tf


        class Table(tf.keras.layers.Layer):
            def __init__(self, size, **kwargs):
                super().__init__(**kwargs)
                self.table = tf.keras.layers.Embedding(10, size, embeddings_initializer="zeros")

            def resized(self, count):
                new = tf.keras.layers.Embedding(count, 4)
                new(tf.constant([[0]]))
                return new

            def call(self, ids):
                return self.table(ids)
        """,
        """\
        import jax.numpy as jnp
        from flax import nnx


        class Table(nnx.Module):
            def __init__(self, size, *, rngs: nnx.Rngs):
                self.table = nnx.Embed(10, size, embedding_init=nnx.initializers.zeros, rngs=rngs)

            def resized(self, count):
                # TJ5020: `input_dim` of `keras.layers.Embedding` is only known when data flows
                # original: tf.keras.layers.Embedding(count, 4)
                raise NotImplementedError(
                    "TJ5020: `input_dim` of `keras.layers.Embedding` is only known when da..."
                )
                new = ...
                new(jnp.array([[0]]))
                return new

            def __call__(self, ids):
                return self.table(ids)
        """,
        left=["TJ5020"],
    )
