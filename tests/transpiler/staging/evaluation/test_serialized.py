"""Objects of Keras written as dicts."""

from __future__ import annotations

from tests.harness import check_compile


def test_serialized_initializers_are_built() -> None:
    check_compile(
        """
        from tensorflow.keras import layers

        INIT = {"class_name": "VarianceScaling", "config": {"scale": 2.0, "mode": "fan_out"}}
        ACT = "relu"

        def net(x, n):
            x = layers.Dense(n, kernel_initializer=INIT, activation=ACT)(x)
            return layers.Dense(n, kernel_initializer={"class_name": "HeNormal"})(x)
        """,
        """\
        from flax import nnx

        from tf_compat import get_activation

        INIT = nnx.initializers.variance_scaling(2.0, "fan_out", "truncated_normal")
        ACT = "relu"


        class Net(nnx.Module):
            def __init__(self, in_features, n, *, rngs: nnx.Rngs):
                self.dense = nnx.Linear(in_features, n, kernel_init=INIT, rngs=rngs)
                self.dense_1 = nnx.Linear(n, n, kernel_init=nnx.initializers.he_normal(), rngs=rngs)

            def __call__(self, x):
                x = get_activation(ACT)(self.dense(x))
                return self.dense_1(x)
        """,
    )
