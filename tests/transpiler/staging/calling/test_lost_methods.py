"""Methods that layers of Keras have and modules have not."""

from __future__ import annotations

from tests.harness import check_compile


def test_the_output_shape_of_a_layer_that_is_not_known_is_reported() -> None:
    file = check_compile(
        """
        from tensorflow import keras


        class Stack(keras.layers.Layer):
            def __init__(self):
                super().__init__()
                self.parts = []

            def add(self, layer, shape):
                self.parts.append(layer)
                return self.parts[-1].compute_output_shape(shape)

            def call(self, x):
                for part in self.parts:
                    x = part(x)
                return x
        """,
        left=["TJ2017"],
    )
    assert "compute_output_shape" in file.diagnostics[0].message


def test_attributes_that_only_show_keras_the_layers_of_a_list_go() -> None:
    check_compile(
        """
        from tensorflow import keras


        class Stack(keras.layers.Layer):
            def __init__(self, widths):
                super().__init__()
                self.parts = [keras.layers.Dense(width) for width in widths]

            def build(self, input_shape):
                self.scale = input_shape[-1]
                for part in self.parts:
                    self.__setattr__(part.name, part)

            def call(self, x):
                return x * self.scale
        """,
        """\
        from flax import nnx


        class Stack(nnx.Module):
            def __init__(self, in_features, dense_in_features, widths, *, rngs: nnx.Rngs):
                self.parts = nnx.List(
                    [
                        nnx.Linear(
                            dense_in_features,
                            width,
                            kernel_init=nnx.initializers.glorot_uniform(),
                            rngs=rngs,
                        )
                        for width in widths
                    ],
                )
                self.scale = in_features

            def __call__(self, x):
                return x * self.scale
        """,
    )
