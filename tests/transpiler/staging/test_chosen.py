"""Functions that choose an activation."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_function_that_chooses_an_activation() -> None:
    check_compile(
        """
        from tensorflow.keras import initializers, layers


        def activation_layer(kind):
            if kind == "ELU":
                return layers.ELU()
            return layers.LeakyReLU(0.2)


        def net(x, kind):
            act = activation_layer(kind)
            init = initializers.HeUniform(seed=1)
            x = act(layers.Dense(8, kernel_initializer=init)(x))
            return layers.Dense(8, kernel_initializer=init)(x)
        """,
        """\
        from flax import nnx


        def activation_layer(kind):
            if kind == "ELU":
                return nnx.elu
            return lambda x: nnx.leaky_relu(x, negative_slope=0.2)


        class Net(nnx.Module):
            def __init__(self, in_features, kind, *, rngs: nnx.Rngs):
                self.act = activation_layer(kind)
                init = nnx.initializers.he_uniform()
                self.dense = nnx.Linear(in_features, 8, kernel_init=init, rngs=rngs)
                self.dense_1 = nnx.Linear(8, 8, kernel_init=init, rngs=rngs)

            def __call__(self, x):
                x = self.act(self.dense(x))
                return self.dense_1(x)
        """,
    )
