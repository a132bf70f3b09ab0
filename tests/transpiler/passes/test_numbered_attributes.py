"""Attributes whose names code puts together."""

from __future__ import annotations

import pytest

from tests.harness import check_compile

NET = """
from tensorflow.keras import layers, Model


class Net(Model):
    def __init__(self, count, width):
        super().__init__()
        self.count = count
        for i in range(count):
            {store}

    def call(self, x):
        x = self.dense_0(x)
        for i in range(1, self.count):
            x = {read}(x)
        return x
"""
LAYER = 'layers.Dense(width, activation="relu")'


@pytest.mark.parametrize(
    ("store", "read"),
    [
        (f'setattr(self, f"dense_{{i}}", {LAYER})', 'getattr(self, f"dense_{i}")'),
        (f'vars(self)["dense_" + str(i)] = {LAYER}', 'vars(self)["dense_" + str(i)]'),
        (f'self.__dict__["dense_%d" % i] = {LAYER}', 'getattr(self, "dense_%d" % i)'),
    ],
)
def test_attributes_that_a_loop_numbers_are_a_list(store: str, read: str) -> None:
    file = check_compile(NET.format(store=store, read=read))
    assert (
        "        self.denses = nnx.List([])\n"
        "        features = in_features\n"
        "        for i in range(count):\n"
        "            self.denses.append(\n"
        "                nnx.Linear(\n"
        "                    features, width, "
        "kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs\n"
        "                ),\n"
        "            )\n"
        "            features = width\n"
        "\n"
        "    def __call__(self, x):\n"
        "        x = nnx.relu(self.denses[0](x))\n"
        "        for i in range(1, self.count):\n"
        "            x = nnx.relu(self.denses[i](x))\n"
        "        return x\n" in file.text
    )


def test_numbers_from_one() -> None:
    file = check_compile(
        """
        from tensorflow.keras import layers, Model


        class Net(Model):
            def __init__(self, count):
                super().__init__()
                self.count = count
                for i in range(count):
                    setattr(self, f"norm{i + 1}", layers.BatchNormalization())

            def call(self, x):
                x = self.norm1(x)
                for i in range(2, self.count + 1):
                    x = getattr(self, f"norm{i}")(x)
                return x
        """
    )
    assert "        x = self.norms[0](x)\n" in file.text
    assert "            x = self.norms[i - 1](x)\n" in file.text


def test_a_name_that_is_a_literal() -> None:
    file = check_compile(
        """
        from tensorflow.keras import layers, Model


        class Net(Model):
            def __init__(self):
                super().__init__()
                setattr(self, "head", layers.Dense(3, activation="relu"))

            def call(self, x):
                return getattr(self, "head")(x)
        """
    )
    assert "return nnx.relu(self.head(x))" in file.text


@pytest.mark.parametrize("store", ["setattr(self, name, {})", 'vars(self)["x" + name] = {}'])
def test_other_names_are_reported(store: str) -> None:
    check_compile(
        f"""
        from tensorflow.keras import layers, Model


        class Net(Model):
            def __init__(self, names):
                super().__init__()
                self.names = names
                for name in names:
                    {store.format("layers.Dense(3, activation='relu')")}

            def call(self, x):
                for name in self.names:
                    x = getattr(self, name)(x)
                return x
        """,
        left=["TJ5002"],
    )


def test_objects_that_are_no_layers_stay() -> None:
    text = """\
import tensorflow as tf


class Config:
    def __init__(self, **values):
        for name, value in values.items():
            self.__dict__[name] = value
        self.__dict__["first"] = None

    def __setattr__(self, name, value):
        raise AttributeError(name)


def double(x):
    return tf.math.add(x, x)
"""
    file = check_compile(text)
    assert "            self.__dict__[name] = value\n" in file.text
    assert '        self.__dict__["first"] = None\n' in file.text
