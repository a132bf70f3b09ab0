"""Functions that apply layers without weights stay functions."""

from __future__ import annotations

from tests.harness import check_compile


def test_layers_without_state_leave_functions() -> None:
    check_compile(
        """
        from tensorflow.keras import layers


        def relu(x, name=None):
            return layers.ReLU(6.0, name=name)(x)


        def hard_swish(x):
            \"\"\"x times its gate.\"\"\"
            return layers.Multiply()([x, relu(x + 3.0, name="gate") * (1.0 / 6.0)])


        def block(x, n, activation):
            x = layers.Dense(n, kernel_initializer="zeros", use_bias=False)(x)
            x = activation(x)
            return layers.Dense(n, kernel_initializer="zeros", use_bias=False)(x)


        def net(x, small=True):
            if small:
                activation = relu
            else:
                activation = hard_swish
            x = block(x, 8, relu)
            x = activation(x)
            return block(x, 8, activation)
        """,
        """\
        from flax import nnx


        def relu(x):
            return nnx.relu6(x)


        def hard_swish(x):
            \"\"\"x times its gate.\"\"\"
            return x * (relu(x + 3.0) * (1.0 / 6.0))


        class Block(nnx.Module):
            def __init__(self, in_features, n, activation, *, rngs: nnx.Rngs):
                self.activation = activation
                self.dense = nnx.Linear(
                    in_features, n, use_bias=False, kernel_init=nnx.initializers.zeros, rngs=rngs
                )
                self.dense_1 = nnx.Linear(
                    n, n, use_bias=False, kernel_init=nnx.initializers.zeros, rngs=rngs
                )

            def __call__(self, x):
                x = self.dense(x)
                x = self.activation(x)
                return self.dense_1(x)


        class Net(nnx.Module):
            def __init__(self, in_features, small=True, *, rngs: nnx.Rngs):
                if small:
                    activation = relu
                else:
                    activation = hard_swish
                self.block = Block(in_features, 8, relu, rngs=rngs)
                self.block_1 = Block(8, 8, activation, rngs=rngs)
                self.activation = activation

            def __call__(self, x):
                x = self.block(x)
                x = self.activation(x)
                return self.block_1(x)
        """,
    )
