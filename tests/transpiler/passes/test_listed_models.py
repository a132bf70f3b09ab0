"""Lists of layers that a function makes a `Sequential` of."""

from __future__ import annotations

from tests.harness import check_compile

CHAIN = """
from tensorflow import keras
from tensorflow.keras import layers


def chain(width, norm=False):
    steps = [layers.Dense(width, activation="relu", input_shape=(8,))]
    if norm:
        steps.append(layers.LayerNormalization())
    steps.append(layers.Dense(1))
    {rest}return keras.Sequential(steps, name="chain")
"""


def test_a_list_that_a_test_fills() -> None:
    file = check_compile(CHAIN.format(rest=""))
    assert (
        "    def __call__(self, x):\n"
        "        x = nnx.relu(self.dense(x))\n"
        "        if self.norm:\n"
        "            x = self.layer_norm(x)\n"
        "        x = self.dense_1(x)\n"
        "        return x\n" in file.text
    )


def test_a_list_that_is_read_otherwise_stays_one() -> None:
    file = check_compile(
        """
        from tensorflow import keras
        from tensorflow.keras import layers


        def widths(count):
            sizes = [1]
            for n in range(count):
                sizes.append(n)
            return sizes
        """
    )
    assert "sizes.append(n)" in file.text


def test_a_list_of_layers_that_only_a_run_knows_is_reported() -> None:
    check_compile(
        """
        from tensorflow.keras import Sequential


        def real(model, name=None):
            parts = []
            for layer in model.layers:
                if layer.trainable:
                    parts.append(layer.get_real())
                print(len(parts))
            return Sequential(parts, name=name)
        """,
        left=["TJ5002"],
    )
