"""Initializers of the project's own take a key, as those of JAX do."""

from tests.harness import check_compile


def test_a_class_takes_the_key() -> None:
    check_compile(
        """\
        import tensorflow as tf


        class Fanout(tf.keras.initializers.Initializer):
            def __init__(self, scale=1.0):
                super().__init__()
                self.scale = scale

            def __call__(self, shape, dtype=None, **kwargs):
                \"\"\"Normal, by the outputs.\"\"\"
                return tf.random.normal(shape, stddev=self.scale / shape[-1])

            def get_config(self):
                return {"scale": self.scale}


        class Head(tf.keras.layers.Layer):
            def __init__(self, units):
                super().__init__()
                self.dense = tf.keras.layers.Dense(units, kernel_initializer=Fanout(2.0))

            def call(self, x):
                return self.dense(x)
        """,
        """\
        import jax
        from flax import nnx


        class Fanout:
            def __init__(self, scale=1.0):
                self.scale = scale

            def __call__(self, key, shape, dtype=None, **kwargs):
                \"\"\"Normal, by the outputs.\"\"\"
                rngs = nnx.Rngs(key)
                return self.scale / shape[-1] * jax.random.normal(rngs(), shape)


        class Head(nnx.Module):
            def __init__(self, in_features, units, *, rngs: nnx.Rngs):
                self.dense = nnx.Linear(in_features, units, kernel_init=Fanout(2.0), rngs=rngs)

            def __call__(self, x):
                return self.dense(x)
        """,
    )


def test_a_function_that_is_passed_takes_the_key() -> None:
    check_compile(
        """\
        import tensorflow as tf


        def small(shape, dtype=None):
            return 0.01 * tf.random.normal(shape)


        def eye(shape, dtype=None):
            return tf.eye(shape[0])


        class Mix(tf.keras.layers.Layer):
            def build(self, input_shape):
                self.w = self.add_weight(name="w", shape=(3, 3), initializer=small)
                self.e = self.add_weight(name="e", shape=(3, 3), initializer=eye)
                self.start = small((3,))

            def call(self, x):
                return x @ self.w @ self.e + self.start
        """,
        """\
        import jax
        import jax.numpy as jnp
        from flax import nnx


        def small(key, shape, dtype=None):
            rngs = nnx.Rngs(key)
            return 0.01 * jax.random.normal(rngs(), shape)


        def eye(key, shape, dtype=None):
            return jnp.eye(shape[0])


        class Mix(nnx.Module):
            def __init__(self, *, rngs: nnx.Rngs):
                self.w = nnx.Param(small(rngs.params(), (3, 3)))
                self.e = nnx.Param(eye(rngs.params(), (3, 3)))
                self.start = small(rngs.params(), (3,))

            def __call__(self, x):
                return x @ self.w[...] @ self.e[...] + self.start
        """,
    )


def test_a_function_that_is_returned_takes_the_key() -> None:
    check_compile(
        """\
        import tensorflow as tf


        def scaled(scale):
            def init(shape, dtype=None):
                return scale * tf.random.uniform(shape)

            return init
        """,
        """\
        import jax
        from flax import nnx


        def scaled(scale):
            def init(key, shape, dtype=None):
                rngs = nnx.Rngs(key)
                return scale * jax.random.uniform(rngs(), shape)

            return init
        """,
    )


def test_a_function_that_nobody_passes_stays() -> None:
    check_compile(
        """\
        import tensorflow as tf


        def blank(shape, dtype=None):
            return tf.zeros(shape)
        """,
        """\
        import jax.numpy as jnp


        def blank(shape, dtype=None):
            return jnp.zeros(shape)
        """,
    )
