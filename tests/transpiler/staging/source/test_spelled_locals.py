"""`**locals()` is spelled out."""

from __future__ import annotations

from tests.harness import check_compile


def test_all_variables_of_a_function_are_passed_by_name() -> None:
    check_compile(
        """\
        from tensorflow import keras
        from tensorflow.keras import layers


        def Net(width=8, depth=2, classes=10, model_name="net", kwargs=None):
            inputs = layers.Input((16,))
            x = inputs
            for _ in range(depth):
                x = layers.Dense(width, activation="relu")(x)
            return keras.Model(inputs, layers.Dense(classes)(x), name=model_name)


        def Small(width=4, classes=10, **kwargs):
            return Net(**locals(), **kwargs, model_name="small")


        def Deep(width=4, classes=10, **kwargs):
            depth = 6
            return Net(**locals(), model_name="deep", **kwargs)
        """,
        """\
from flax import nnx


class Net(nnx.Module):
    def __init__(self, width=8, depth=2, classes=10, kwargs=None, *, rngs: nnx.Rngs):
        x_features = 16
        self.denses = nnx.List([])
        for _ in range(depth):
            self.denses.append(
                nnx.Linear(
                    x_features, width, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                ),
            )
            x_features = width
        self.dense = nnx.Linear(
            x_features, classes, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, inputs):
        x = inputs
        for dense in self.denses:
            x = nnx.relu(dense(x))
        return self.dense(x)


def Small(width=4, classes=10, *, rngs: nnx.Rngs, **kwargs):
    return Net(width=width, classes=classes, kwargs=kwargs, **kwargs, rngs=rngs)


def Deep(width=4, classes=10, *, rngs: nnx.Rngs, **kwargs):
    depth = 6
    return Net(width=width, depth=depth, classes=classes, kwargs=kwargs, rngs=rngs)
""",
    )
