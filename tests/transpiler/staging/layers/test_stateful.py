"""Recurrent layers that go on from their last states."""

from __future__ import annotations

from tests.harness import check_compile

HEAD = """\
from tensorflow.keras import Input, Model, layers


"""


def test_the_batch_is_the_declared_one() -> None:
    for given in ("batch_shape=(2, None, 3)", "shape=(None, 3), batch_size=2"):
        for flavour in ("2", "3"):
            out = check_compile(
                HEAD
                + f"""\
def build():
    x = Input({given})
    return Model(x, layers.GRU(4, stateful=True)(x))
""",
                flavour=flavour,
            ).text
            assert "RNN(GRUCell(3, 4, rngs=rngs), stateful=True, batch_size=2)" in out


def test_layers_and_models_start_again() -> None:
    out = check_compile(
        HEAD
        + """\
class Reader(Model):
    def __init__(self):
        super().__init__()
        self.rnn = layers.GRU(4, stateful=True)

    def call(self, x):
        return self.rnn(x)

    def start(self):
        self.rnn.reset_states()

    def start_all(self):
        self.reset_states()
"""
    ).text
    assert "    def start(self):\n        self.rnn.reset_states()\n" in out
    assert "    def start_all(self):\n        reset_states(self)\n" in out


def test_what_a_function_is_given_starts_again() -> None:
    out = check_compile(
        HEAD
        + """\
def build():
    x = Input((None, 3), batch_size=2)
    return Model(x, layers.GRU(4, stateful=True)(x))


def predict(model, batches):
    for x in batches:
        y = model(x)
        model.reset_states()
    return y
"""
    ).text
    assert "        reset_states(model)\n" in out
