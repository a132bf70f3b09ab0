"""Training steps with optimizers of Keras."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness import check_compile, compile_texts

HEAD = """
import tensorflow as tf
from tensorflow.keras import Input, Sequential, layers, losses, optimizers


def make_model():
    return Sequential([Input((4,)), layers.Dense(8, "tanh", kernel_initializer="ones")])

"""
PASSED = (
    HEAD
    + """
@tf.function
def train_step(model, optimizer, x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model(x, training=True) - y))
    grads = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables))
    return loss


def train(x, y, steps=3):
    optimizer = optimizers.SGD(0.1, momentum=0.9)
    model = make_model()
    for _ in range(steps):
        loss = train_step(model, optimizer, x, y)
    return loss
"""
)
HELD = (
    HEAD
    + """
class Trainer:
    def __init__(self, rate=0.01):
        self.model = make_model()
        self.optimizer = optimizers.Adam(rate)
        self.loss = losses.MeanSquaredError()

    def step(self, x, y):
        with tf.GradientTape() as tape:
            loss = self.loss(y, self.model(x))
        grads = tape.gradient(loss, self.model.trainable_variables)
        self.optimizer.apply_gradients(zip(grads, self.model.trainable_variables))
        return loss


def train(x, y):
    trainer = Trainer()
    for _ in range(3):
        loss = trainer.step(x, y)
    return loss
"""
)


def after(text: str) -> str:
    """What follows the model."""
    return text.partition("        return x\n\n\n")[2]


def test_an_optimizer_that_is_passed() -> None:
    file = check_compile(PASSED)
    assert [d.line for d in file.diagnostics if d.code == "TJ6021"] == [11]
    assert after(file.text) == (
        "def train_step(model, optimizer, x, y):\n"
        "    model.train()\n\n"
        "    def loss_fn(model):\n"
        "        return jnp.mean(jnp.square(model(x) - y))\n\n"
        "    loss, grads = nnx.value_and_grad(loss_fn)(model)\n"
        "    optimizer.update(model, grads)\n"
        "    return loss\n\n\n"
        "def train(x, y, steps=3):\n"
        "    model = Model(rngs=nnx.Rngs(0))\n"
        "    optimizer = nnx.Optimizer(model, optax.sgd(0.1, momentum=0.9), wrt=nnx.Param)\n"
        "    for _ in range(steps):\n"
        "        loss = train_step(model, optimizer, x, y)\n"
        "    return loss\n"
    )


def test_an_optimizer_that_an_object_holds() -> None:
    file = check_compile(HELD)
    assert "self.optimizer = nnx.Optimizer(self.model, adam(rate), wrt=nnx.Param)" in file.text
    assert (
        "        def loss_fn(model):\n"
        "            return self.loss(y, model(x))\n\n"
        "        loss, grads = nnx.value_and_grad(loss_fn)(self.model)\n"
        "        self.optimizer.update(self.model, grads)\n"
        "        return loss\n"
    ) in file.text


@pytest.mark.parametrize(
    "line",
    [
        "grads = [tf.clip_by_norm(g, 1.0) for g in grads]",
        "print(optimizer.learning_rate)",
        "model = make_model()",
    ],
)
def test_other_uses_are_reported(line: str) -> None:
    text = (
        HEAD
        + f"""
def train(x, y):
    model = make_model()
    optimizer = optimizers.SGD(0.1)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model(x) - y))
    grads = tape.gradient(loss, model.trainable_variables)
    {line}
    optimizer.apply_gradients(zip(grads, model.trainable_variables))
"""
    )
    codes = [d.code for d in compile_texts({"model": text}).files[0].diagnostics]
    assert "TJ2010" in codes


RUN = """
import sys; sys.path.insert(0, {folder!r})
import numpy as np
import model
x = np.linspace(-1, 1, 24, dtype=np.float32).reshape(6, 4)
y = np.linspace(0, 1, 48, dtype=np.float32).reshape(6, 8)
print(float(model.train({wrap}(x), {wrap}(y))))
"""


@pytest.mark.verify
@pytest.mark.parametrize("text", [PASSED, HELD], ids=["passed", "held"])
def test_three_steps_give_the_same_loss(text: str, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    project = compile_texts({"model": text})
    for folder, written in ((source, text), (target, project.files[0].text)):
        folder.mkdir()
        (folder / "model.py").write_text(written)
    for name, helper in project.extra.items():
        (target / name).write_text(helper)

    def loss(folder: Path, wrap: str) -> float:
        code = RUN.format(folder=str(folder), wrap=wrap)
        env = {**os.environ, "TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
        done = subprocess.run(
            [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return float(done.stdout.splitlines()[-1])

    expected = loss(source, "model.tf.constant")
    assert abs(loss(target, "model.jnp.asarray") - expected) < 1e-5 * abs(expected)
