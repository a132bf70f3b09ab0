"""Files that Keras and TensorFlow have written, through the weight map of a compiled program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from tfjax.transpiler.cli.main import run

pytestmark = pytest.mark.verify

MODEL = """\
import {keras}
from {keras} import layers


class Block(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.parts = [layers.Dense(units, activation="relu") for _ in range(2)]
        self.norm = layers.BatchNormalization()

    def call(self, x, training=False):
        for part in self.parts:
            x = part(x)
        return self.norm(x, training=training)


def build_model():
    inputs = {keras}.Input((8, 8, 3))
    x = layers.DepthwiseConv2D(3, depth_multiplier=2)(inputs)
    x = layers.Conv2D(4, 3)(x)
    x = layers.Reshape((4, 16))(x)
    x = layers.GRU(5)(x)
    x = Block(6)(x)
    return {keras}.Model(inputs, layers.Dense(2, name="head")(x))
"""
SAVE = """\
import sys
import numpy as np
import tensorflow as tf
import model
net = model.build_model()
rng = np.random.default_rng(0)
net.set_weights([rng.normal(size=w.shape).astype(w.dtype) for w in net.get_weights()])
net.compile("adam", "mse")
net.fit(np.ones((4, 8, 8, 3), "f4"), np.ones((4, 2), "f4"), verbose=0)
net.save("net.keras"); net.save("net.h5"); net.save_weights("net.weights.h5")
tf.train.Checkpoint(step=tf.Variable(3), net=net).write("plain/net")
net.save("saved", save_format="tf") if sys.argv[1] == "2" else net.export("saved")
np.savez("weights.npz", *net.get_weights())
state = net.optimizer.variables
np.savez("state.npz", *(np.asarray(v) for v in (state() if callable(state) else state)))
"""
LOAD = """\
import sys
import numpy as np
import model
wanted = np.load("weights.npz")
state = np.load("state.npz")
for name in sys.argv[1:]:
    net = model.build_model()
    net.compile("adam", "mse")
    net.optimizer.build(net.trainable_variables)
    net.load_weights(name)
    for got, key in zip(net.get_weights(), wanted.files, strict=True):
        assert got.tobytes() == wanted[key].tobytes(), (name, key)
    if name == "back.h5":
        continue
    own = net.optimizer.variables
    for got, key in zip(own() if callable(own) else own, state.files, strict=True):
        assert np.asarray(got).tobytes() == state[key].tobytes(), (name, key)
"""
SETTINGS = """\
[[tool.tfjax.verify]]
name = "net"
entry = "model:build_model"
inputs = { x = "float32[B, 8, 8, 3]" }
call = "model(x, training=False)"
keras = "%s"
"""


@pytest.mark.parametrize("version", ["2", "3"])
def test_every_format_of_keras(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    keras = "tf_keras" if version == "2" else "keras"
    Path("model.py").write_text(MODEL.replace("{keras}", keras))
    Path("pyproject.toml").write_text(SETTINGS % version)
    python(SAVE, version)
    assert run(["weights", "map", "model.py", "-o", "map.json"]) == 0
    outputs = []
    sources = ("net.keras", "net.h5", "net.weights.h5", "plain/net", "saved")
    for number, source in enumerate(sources):
        options = ["--no-optimizer"] if source == "plain/net" else []
        # The step beside the model in the checkpoint is no part of it.
        options += ["--partial"] if source == "plain/net" else []
        made = f"{number}.safetensors"
        assert run(["weights", "convert", source, "--map", "map.json", "-o", made, *options]) == 0
        outputs.append(load_file(made))
    first = outputs[0]
    parameters = [key for key in first if not key.startswith("optimizer/")]
    for found in outputs[1:]:
        assert all(found[key].tobytes() == first[key].tobytes() for key in parameters)
    # One training step has left traces in the state of the optimizer.
    assert first["optimizer/iteration"] == 1
    slots = [key for key in first if key.startswith("optimizer/velocity/")]
    assert slots and any(np.abs(first[key]).max() > 0 for key in slots)
    back = ["back.weights.h5", "back.keras", "back.h5"]
    for name in back:
        assert run(["weights", "convert", "0.safetensors", "--map", "map.json", "-o", name]) == 0
    python(LOAD, *back)


def test_orbax(tmp_path: Path) -> None:
    from tfjax.transpiler.weights.weight_map import write_map

    from .example import expected, values, weight_map, write_h5

    write_map(tmp_path / "map.json", [weight_map(tmp_path)])
    write_h5(tmp_path / "a.weights.h5", values())
    out = tmp_path / "params"
    options = ["--map", str(tmp_path / "map.json"), "-o", str(out), "--to", "orbax"]
    assert run(["weights", "convert", str(tmp_path / "a.weights.h5"), *options]) == 0
    text = (
        "import sys, numpy as np, orbax.checkpoint as ocp\n"
        "tree = ocp.PyTreeCheckpointer().restore(sys.argv[1])['model']\n"
        "np.savez(sys.argv[2], kernel=tree['a']['kernel'], table=tree['table'])\n"
    )
    python(text, str(out), str(tmp_path / "found.npz"))
    found, wanted = np.load(tmp_path / "found.npz"), expected(values())
    assert found["kernel"].tobytes() == wanted["a.kernel"].tobytes()
    assert found["table"].tolist() == wanted["table"].tolist()
    assert run(["weights", "convert", str(tmp_path / "a.weights.h5"), *options]) == 2


def python(text: str, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", text, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
