"""Classes whose base a flag chooses."""

from __future__ import annotations

from tests.harness import check_compile


def test_the_layer_is_translated() -> None:
    before = """\
import os

from tensorflow.keras.layers import Dense, Layer

debug = int(os.environ.get("DEBUG", 0))


class Net(object if debug else Layer):
    def __init__(self):
        super().__init__()
        self.dense = Dense(4, kernel_initializer="lecun_normal")

    def call(self, x):
        if debug:
            self.build(x.shape)
        return self.dense(x) if not debug else x
"""
    after = """\
import os

from flax import nnx

debug = int(os.environ.get("DEBUG", 0))


class Net(nnx.Module):
    def __init__(self, in_features, *, rngs: nnx.Rngs):
        self.dense = nnx.Linear(in_features, 4, rngs=rngs)

    def __call__(self, x):
        return self.dense(x)
"""
    file = check_compile(before, after)
    assert [d.message for d in file.diagnostics if d.code == "TJ6019"] == [
        "`Net` is translated as it is where `debug` is False"
    ]
