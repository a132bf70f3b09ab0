"""Sizes that a module keeps for its callers, and sizes as they were when a tensor was kept."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_module_keeps_the_sizes_of_a_tuple() -> None:
    check_compile(
        """
        from tensorflow.keras.layers import Dense


        def split(x, units, double=False):
            if double:
                units = 2 * units
            skip = Dense(units, kernel_initializer="lecun_normal")(x)
            return Dense(3, kernel_initializer="lecun_normal")(skip), skip


        def model(x):
            x, skip = split(x, 4, double=True)
            return Dense(2, kernel_initializer="lecun_normal")(skip)
        """,
        """\
        from flax import nnx


        class Split(nnx.Module):
            def __init__(self, in_features, units, double=False, *, rngs: nnx.Rngs):
                if double:
                    units = 2 * units
                self.dense = nnx.Linear(in_features, units, rngs=rngs)
                self.dense_1 = nnx.Linear(units, 3, rngs=rngs)
                self.out_features = (3, units)

            def __call__(self, x):
                skip = self.dense(x)
                return self.dense_1(skip), skip


        class Model(nnx.Module):
            def __init__(self, in_features, *, rngs: nnx.Rngs):
                self.split = Split(in_features, 4, double=True, rngs=rngs)
                self.dense = nnx.Linear(self.split.out_features[1], 2, rngs=rngs)

            def __call__(self, x):
                x, skip = self.split(x)
                return self.dense(skip)
        """,
        flavour="keras3",
    )


def test_a_kept_tensor_has_the_size_that_it_had() -> None:
    file = check_compile(
        """
        from tensorflow.keras.layers import Dense


        def model(x, units):
            x = Dense(units)(x)
            kept = [x]
            units = units * 2
            x = Dense(units)(x)
            return Dense(2)(kept[0]) + Dense(2)(x)
        """,
        None,
        flavour="keras3",
    )
    before, _, after = file.text.partition("units = units * 2")
    assert "kept_features = [units]" in before
    assert "kept_features[0], 2" in after
