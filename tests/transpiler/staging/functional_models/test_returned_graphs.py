"""Functions that return the inputs of a graph beside its output."""

from __future__ import annotations

from tests.harness import check_compile


def test_several_inputs_for_several_callers() -> None:
    check_compile(
        """\
        from tensorflow.keras import Input, Model, layers


        def features(size, second):
            first = Input((size,))
            other = Input((second,))
            x = layers.Concatenate()([first, other])
            return [first, other], x


        def classifier(size, classes):
            if classes > 2:
                inputs, x = features(size, 3)
            else:
                inputs, x = features(size, 4)
            return Model(inputs, layers.Dense(classes)(x))


        def regressor(size):
            inputs, x = features(size, 5)
            return Model(inputs, layers.Dense(1)(x))
        """,
        """\
        import jax.numpy as jnp
        from flax import nnx


        class Features(nnx.Module):
            def __call__(self, first, other):
                x = jnp.concatenate([first, other], axis=-1)
                return x


        class Classifier(nnx.Module):
            def __init__(self, size, classes, *, rngs: nnx.Rngs):
                self.classes = classes
                if classes > 2:
                    self.features = Features()
                    x_features = size + 3
                else:
                    self.features = Features()
                    x_features = size + 4
                self.dense = nnx.Linear(
                    x_features, classes, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                )

            def __call__(self, first, other):
                if self.classes > 2:
                    features = self.features(first, other)
                    x = features
                else:
                    features = self.features(first, other)
                    x = features
                return self.dense(x)


        class Regressor(nnx.Module):
            def __init__(self, size, *, rngs: nnx.Rngs):
                self.features = Features()
                self.dense = nnx.Linear(
                    size + 5, 1, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                )

            def __call__(self, first, other):
                x = self.features(first, other)
                return self.dense(x)
        """,
    )
