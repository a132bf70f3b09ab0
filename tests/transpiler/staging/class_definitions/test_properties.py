"""Properties of layers."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_property_and_what_sets_it() -> None:
    check_compile(
        """
import keras


class Backbone(keras.Model):
    def __init__(self, width, **kwargs):
        super().__init__(**kwargs)
        self._table = keras.layers.Dense(width, use_bias=False)

    @property
    def table(self):
        return getattr(self, "_table", None)

    @table.setter
    def table(self, value):
        self._table = value

    def call(self, x):
        return self.table(x[0])
""",
        """\
from flax import nnx


class Backbone(nnx.Module):
    def __init__(self, dense_in_features, width, *, rngs: nnx.Rngs):
        self._table = nnx.Linear(
            dense_in_features,
            width,
            use_bias=False,
            kernel_init=nnx.initializers.glorot_uniform(),
            rngs=rngs,
        )

    @property
    def table(self):
        return self._table

    @table.setter
    def table(self, value):
        self._table = value

    def __call__(self, x):
        return self.table(x[0])
""",
    )
