"""`get_config` and `from_config`: dropped under a note, or kept as plain methods."""

from __future__ import annotations

import json

import pytest

from tests.harness import check_compile

LAYER = """\
import tensorflow as tf
from tensorflow import keras


class Block(keras.layers.Layer):
    def __init__(self, units, activation="relu", **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.activation = keras.activations.get(activation)
        self.dense = keras.layers.Dense(units)

    def call(self, x):
        return self.activation(self.dense(x))

    def get_config(self):
        config = super().get_config()
        config.update({
            "units": self.units,
            "activation": keras.activations.serialize(self.activation),
        })
        return config

    @classmethod
    def from_config(cls, config):
        return cls(**config)
"""

KEPT = """\
from flax import nnx

from tf_compat import get_activation


class Block(nnx.Module):
    def __init__(self, in_features, units, activation="relu", *, rngs: nnx.Rngs):
        self.in_features = in_features
        self.units = units
        self.activation = get_activation(activation)
        self.dense = nnx.Linear(
            in_features, units, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, x):
        return self.activation(self.dense(x))

    def get_config(self):
        config = {
            "in_features": self.in_features,
            "units": self.units,
            "activation": self.activation,
        }
        return config

    @classmethod
    def from_config(cls, config, *, rngs: nnx.Rngs):
        return cls(**config, rngs=rngs)
"""


def test_kept_as_plain_methods() -> None:
    check_compile(LAYER, KEPT, config_methods="keep")


def test_dropped_under_notes() -> None:
    file = check_compile(
        LAYER,
        KEPT[: KEPT.index("\n    def get_config")].replace(
            "        self.in_features = in_features\n", ""
        ),
    )
    dropped = [e for e in file.ledger if e.kind == "dropped" and e.note == "Keras configuration"]
    assert [e.by for e in dropped] == ["get_config", "from_config"]
    assert [d.code for d in file.diagnostics if "is dropped" in d.message] == ["TJ6002", "TJ6002"]


def test_a_kept_configuration_builds_the_layer_again() -> None:
    nnx = pytest.importorskip("flax.nnx")
    text = check_compile(LAYER, config_methods="keep").text
    text = text.replace("from tf_compat import get_activation", "")
    namespace = {
        "get_activation": lambda name: getattr(nnx, name) if isinstance(name, str) else name
    }
    exec(compile(text, "model.py", "exec"), namespace)
    block = namespace["Block"](3, 4, "tanh", rngs=nnx.Rngs(0))
    config = block.get_config()
    assert config == {"in_features": 3, "units": 4, "activation": nnx.tanh}
    again = type(block).from_config(config, rngs=nnx.Rngs(0))
    assert json.dumps(nnx.state(again), default=str) == json.dumps(nnx.state(block), default=str)


CALLS = """

def copied(block):
    return Block.from_config(block.get_config())


def made():
    return Block.from_config({"units": 3})
"""


def test_calls_pass_generators() -> None:
    after = (
        KEPT
        + """

def copied(block, *, rngs: nnx.Rngs):
    return Block.from_config(block.get_config(), rngs=rngs)


def made(in_features, *, rngs: nnx.Rngs):
    return Block(in_features, units=3, rngs=rngs)
"""
    )
    check_compile(LAYER + CALLS, after, config_methods="keep")


def test_calls_of_dropped_methods_are_reported() -> None:
    file = check_compile(LAYER + CALLS, left=["TJ2017"])
    assert "return Block(in_features, units=3, rngs=rngs)" in file.text


def test_a_class_of_the_project_above() -> None:
    before = """\
        import keras


        class Parent(keras.layers.Layer):
            def __init__(self, units, **kwargs):
                super().__init__(**kwargs)
                self.units = units
                self.dense = keras.layers.Dense(units)

            def call(self, x):
                return self.dense(x)

            def get_config(self):
                return {**super().get_config(), "units": self.units}


        class Child(Parent):
            def __init__(self, units, scale=2.0, **kwargs):
                super().__init__(units, **kwargs)
                self.scale = scale

            def call(self, x):
                return super().call(x) * self.scale

            def get_config(self):
                base_config = super().get_config()
                config = {"scale": self.scale}
                return dict(list(base_config.items()) + list(config.items()))
        """
    after = """\
        from flax import nnx


        class Parent(nnx.Module):
            def __init__(self, in_features, units, *, rngs: nnx.Rngs):
                self.in_features = in_features
                self.units = units
                self.dense = nnx.Linear(
                    in_features, units, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                )

            def __call__(self, x):
                return self.dense(x)

            def get_config(self):
                return {"in_features": self.in_features, "units": self.units}


        class Child(Parent):
            def __init__(self, in_features, units, scale=2.0, *, rngs: nnx.Rngs):
                super().__init__(in_features, units, rngs=rngs)
                self.scale = scale

            def __call__(self, x):
                return super().__call__(x) * self.scale

            def get_config(self):
                base_config = super().get_config()
                config = {"scale": self.scale}
                return dict(list(base_config.items()) + list(config.items()))
        """
    check_compile(before, after, config_methods="keep")


def test_a_class_that_only_a_run_tells() -> None:
    more = """

def copied(block):
    return block.__class__.from_config(block.config)
"""
    check_compile(LAYER + more, left=["TJ2017"], config_methods="keep")
