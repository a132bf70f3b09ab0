"""Models and lists of layers that a class fills in loops."""

from __future__ import annotations

from tests.harness import check_compile

HEAD = """
from tensorflow import keras
from tensorflow.keras import layers


"""
DENSE = "kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs"
NET = f"""\
class MlpNet(nnx.Module):
    def __init__(self, in_features, units, rate, *, rngs: nnx.Rngs):
        x_features = in_features
        self.denses = nnx.List([])
        self.dropouts = nnx.List([])
        for n in units:
            self.denses.append(
                nnx.Linear(x_features, n, {DENSE})
            )
            self.dropouts.append(nnx.Dropout(rate, rngs=rngs))
            x_features = n
        self.dense = nnx.Linear(
            x_features, 1, {DENSE}
        )

    def __call__(self, x):
        for dense, dropout in zip(self.denses, self.dropouts):
            x = nnx.relu(dense(x))
            x = dropout(x)
        x = self.dense(x)
        return x


class Mlp(nnx.Module):
    def __init__(self, in_features, units, rate=0.1, *, rngs: nnx.Rngs):
        self.net = MlpNet(in_features, units, rate, rngs=rngs)

    def __call__(self, x):
"""


def mlp(*fill: str, call: str = "return self.net(x, training=training)") -> str:
    lines = [" " * 8 + line for line in fill]
    call = "\n".join(" " * 8 + line for line in call.splitlines())
    return (
        HEAD
        + "class Mlp(layers.Layer):\n"
        + "    def __init__(self, units, rate=0.1, **kwargs):\n"
        + "        super().__init__(**kwargs)\n"
        + "\n".join(lines)
        + f"\n\n    def call(self, x, training=False):\n{call}\n"
    )


def test_a_sequential_that_is_added_to() -> None:
    file = check_compile(
        mlp(
            'self.net = keras.Sequential(name="net")',
            "for n in units:",
            '    self.net.add(layers.Dense(n, activation="relu", name=f"{self.name}_{n}"))',
            "    self.net.add(layers.Dropout(rate))",
            "self.net.add(layers.Dense(1))",
        )
    )
    assert NET + "        return self.net(x)\n" in file.text


def test_a_list_that_becomes_a_sequential() -> None:
    file = check_compile(
        mlp(
            "hidden = []",
            "for n in units:",
            '    hidden.append(layers.Dense(n, activation="relu"))',
            "    hidden.append(layers.Dropout(rate))",
            "hidden += [layers.Dense(1)]",
            "self.net = keras.Sequential(hidden)",
        )
    )
    assert NET + "        return self.net(x)\n" in file.text


def test_a_list_that_is_applied_in_a_loop() -> None:
    file = check_compile(
        mlp(
            "self.net = []",
            "for n in units:",
            '    self.net.append(layers.Dense(n, activation="relu"))',
            "    self.net.append(layers.Dropout(rate))",
            "self.net.append(layers.Dense(1))",
            call="for layer in self.net:\n    x = layer(x, training=training)\nreturn x",
        )
    )
    assert NET + "        x = self.net(x)\n        return x\n" in file.text


def test_layers_under_a_test_and_values_of_the_object() -> None:
    file = check_compile(
        mlp(
            "self.units = units",
            "self.net = keras.Sequential()",
            "for n in self.units:",
            "    self.net.add(layers.Dense(n))",
            "    if rate > 0:",
            "        self.net.add(layers.Dropout(rate))",
        )
    )
    assert "self.net = MlpNet(in_features, self.units, rate, rngs=rngs)" in file.text
    assert "            if self.rate > 0:\n                x = next(dropouts)(x)\n" in file.text


def test_a_list_of_layers_that_one_expression_makes_stays_one() -> None:
    file = check_compile(
        mlp(
            'self.net = [layers.Dense(n, activation="relu") for n in units]',
            call="for layer in self.net:\n    x = layer(x)\nreturn x",
        )
    )
    assert "        for layer in self.net:\n            x = nnx.relu(layer(x))\n" in file.text


def test_a_list_of_which_a_part_is_read_stays_one() -> None:
    file = check_compile(
        mlp(
            "self.net = []",
            "for n in units:",
            "    self.net.append(layers.Dropout(n))",
            "    self.net.append(layers.Dropout(rate))",
            call="for layer in self.net:\n    x = layer(x)\nreturn self.net[0](x)",
        )
    )
    assert "class MlpNet" not in file.text


def test_a_size_that_changes_between_stays_where_it_is() -> None:
    file = check_compile(
        mlp(
            "self.net = keras.Sequential()",
            "for n in units:",
            "    self.net.add(layers.Dropout(rate))",
            "rate = rate / 2",
            "for n in units:",
            "    self.net.add(layers.Dropout(rate))",
        ),
        left=["TJ5002", "TJ5002"],
    )
    assert "class MlpNet" not in file.text
