"""Functions that choose which layer to build."""

from __future__ import annotations

from tests.harness import check_compile


def test_classes_and_lambdas_become_functions_of_the_input_size() -> None:
    check_compile(
        """
        import tensorflow as tf

        layers = tf.keras.layers


        def norm_layer_factory(name: str):
            if name == "":
                return lambda **kwargs: layers.Activation("linear", **kwargs)
            elif name == "batch_norm":
                bn_class = layers.BatchNormalization
                bn_args = {"momentum": 0.9, "epsilon": 1e-5}
                return lambda **kwargs: bn_class(**bn_args, **kwargs)
            return layers.LayerNormalization


        class Block(layers.Layer):
            def __init__(self, units, norm, **kwargs):
                super().__init__(**kwargs)
                norm_layer = norm_layer_factory(norm)
                self.before = norm_layer(name="before")
                self.fc = layers.Dense(units)
                self.after = norm_layer(name="after")

            def call(self, x, training=False):
                x = self.before(x, training=training)
                return self.after(self.fc(x), training=training)
        """,
        """\
        from flax import nnx


        def norm_layer_factory(name: str):
            if name == "":
                return lambda in_features, rngs: lambda x: x
            elif name == "batch_norm":
                return lambda in_features, rngs: nnx.BatchNorm(
                    in_features, momentum=0.9, use_fast_variance=False, rngs=rngs
                )
            return lambda in_features, rngs: nnx.LayerNorm(
                in_features, epsilon=0.001, use_fast_variance=False, rngs=rngs
            )


        class Block(nnx.Module):
            def __init__(self, in_features, units, norm, *, rngs: nnx.Rngs):
                norm_layer = norm_layer_factory(norm)
                self.before = norm_layer(in_features, rngs=rngs)
                self.fc = nnx.Linear(
                    in_features, units, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                )
                self.after = norm_layer(units, rngs=rngs)

            def __call__(self, x):
                x = self.before(x)
                return self.after(self.fc(x))
        """,
    )
