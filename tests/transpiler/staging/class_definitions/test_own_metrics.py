"""Metrics of the project's own extend the object that the rules have for their base."""

import jax.numpy as jnp
from flax import nnx
from tfjax.rules.helpers.metric import Metric

from tests.harness import check_compile


def test_a_metric_keeps_what_it_counts_in_state() -> None:
    check_compile(
        """\
        import tensorflow as tf


        class Perplexity(tf.keras.metrics.Metric):
            def __init__(self, base, name="perplexity", **kwargs):
                super().__init__(name=name, **kwargs)
                self.base = base
                self.total = self.add_weight(name="total", initializer="zeros")
                self.count = self.add_weight(name="count", initializer="zeros")

            def update_state(self, y_true, y_pred, sample_weight=None):
                self.total.assign_add(tf.reduce_sum(tf.abs(y_true - y_pred)))
                self.count.assign_add(tf.cast(tf.size(y_true), tf.float32))

            def result(self):
                return self.base ** (self.total / self.count)

            def reset_states(self):
                self.total.assign(0.0)
                self.count.assign(0.0)


        def measure(y, p):
            metric = Perplexity(2.0)
            metric.update_state(y, p)
            return metric.result()
        """,
        """\
        import jax.numpy as jnp
        from flax import nnx

        from tf_compat import Metric


        class Perplexity(Metric):
            def __init__(self, base):
                self.base = base
                self.total = nnx.Variable(jnp.zeros(()))
                self.count = nnx.Variable(jnp.zeros(()))

            def update_state(self, y_true, y_pred, sample_weight=None):
                self.total.set_value(self.total[...] + jnp.sum(jnp.abs(y_true - y_pred)))
                self.count.set_value(self.count[...] + float(y_true.size))

            def result(self):
                return self.base ** (self.total[...] / self.count[...])

            def reset_state(self):
                self.total.set_value(jnp.asarray(0.0, dtype=self.total.dtype))
                self.count.set_value(jnp.asarray(0.0, dtype=self.count.dtype))


        def measure(y, p):
            metric = Perplexity(2.0)
            metric.update_state(y, p)
            return metric.result()
        """,
    )


def test_metrics_of_keras_can_be_extended() -> None:
    check_compile(
        """\
        import tensorflow as tf


        def squares(y, p):
            return tf.reduce_mean(tf.square(y - p), -1)


        class Squares(tf.keras.metrics.MeanMetricWrapper):
            def __init__(self, name="squares", dtype=None):
                super().__init__(squares, name, dtype=dtype)


        class Scaled(tf.keras.metrics.Mean):
            def __init__(self, scale, **kwargs):
                super().__init__(**kwargs)
                self.scale = scale

            def update_state(self, values, sample_weight=None):
                return super().update_state(values * self.scale, sample_weight)
        """,
        """\
        import jax.numpy as jnp

        from tf_compat import Mean, MeanOf


        def squares(y, p):
            return jnp.mean(jnp.square(y - p), axis=-1)


        class Squares(MeanOf):
            def __init__(self):
                super().__init__(squares)


        class Scaled(Mean):
            def __init__(self, scale):
                super().__init__()
                self.scale = scale

            def update_state(self, values, sample_weight=None):
                return super().update_state(values * self.scale, sample_weight)
        """,
    )


class Count(Metric):
    def __init__(self) -> None:
        self.count = nnx.Variable(jnp.ones(()))

    def update_state(self, values: object) -> None:
        self.count[...] += 1

    def result(self) -> object:
        return self.count[...]


def test_the_base_resets_to_zero_and_can_be_called() -> None:
    metric = Count()
    assert metric(None) == 2
    metric.reset_state()
    assert metric.result() == 0
