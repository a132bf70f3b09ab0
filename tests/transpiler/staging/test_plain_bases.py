"""Classes that extend a Keras class whose objects are only called."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_schedule_is_any_callable() -> None:
    check_compile(
        """\
        import tensorflow as tf


        class WarmUp(tf.keras.optimizers.schedules.LearningRateSchedule):
            def __init__(self, size):
                super().__init__()
                self.size = size

            def __call__(self, step):
                return tf.math.rsqrt(tf.cast(step, tf.float32)) * self.size


        optimizer = tf.keras.optimizers.SGD(WarmUp(512))
        """,
        """\
        import jax.numpy as jnp
        import optax
        from jax import lax


        class WarmUp:
            def __init__(self, size):
                self.size = size

            def __call__(self, step):
                return lax.rsqrt(jnp.asarray(step, dtype=jnp.float32)) * self.size


        optimizer = optax.sgd(WarmUp(512))
        """,
    )


def test_a_loss_of_ones_own_is_reduced_by_its_base() -> None:
    check_compile(
        """\
        import tensorflow as tf


        class Scaled(tf.keras.losses.Loss):
            def __init__(self, scale, **kwargs):
                super().__init__(**kwargs)
                self.scale = scale

            def call(self, y_true, y_pred):
                return self.scale * tf.reduce_mean(tf.square(y_true - y_pred), axis=-1)
        """,
        """\
        import jax.numpy as jnp

        from tf_compat import Loss


        class Scaled(Loss):
            def __init__(self, scale, **kwargs):
                super().__init__(**kwargs)
                self.scale = scale

            def call(self, y_true, y_pred):
                return self.scale * jnp.mean(jnp.square(y_true - y_pred), axis=-1)
        """,
    )


def test_only_keras_reads_the_configuration() -> None:
    check_compile(
        """\
        import tensorflow as tf


        class Decay(tf.keras.regularizers.Regularizer):
            def __init__(self, rate, **kwargs):
                super().__init__(**kwargs)
                self.rate = rate

            def __call__(self, w):
                return self.rate * tf.reduce_sum(tf.square(w))

            def get_config(self):
                return {"rate": self.rate}


        def is_decay(regularizer):
            return isinstance(regularizer, tf.keras.regularizers.Regularizer)
        """,
        """\
        import collections.abc

        import jax.numpy as jnp


        class Decay:
            def __init__(self, rate, **kwargs):
                self.rate = rate

            def __call__(self, w):
                return self.rate * jnp.sum(jnp.square(w))


        def is_decay(regularizer):
            return isinstance(regularizer, collections.abc.Callable)
        """,
    )
