"""Stateful recurrence: windows one after the other give what the whole gives."""

from __future__ import annotations

import pytest

jnp = pytest.importorskip("jax.numpy")
nnx = pytest.importorskip("flax.nnx")


def test_windows_give_what_the_whole_gives() -> None:
    from tfjax.rules.helpers.recurrent import RNN, LSTMCell, reset_states

    cell = LSTMCell(3, 4, rngs=nnx.Rngs(0))
    whole = RNN(cell, return_sequences=True)
    parts = RNN(cell, return_sequences=True, stateful=True)
    x = jnp.arange(36.0).reshape(2, 6, 3) / 36
    wanted = whole(x)
    found = jnp.concatenate([parts(x[:, :2]), parts(x[:, 2:])], axis=1)
    assert jnp.allclose(found, wanted, atol=1e-6)
    assert not jnp.allclose(parts(x[:, :2]), wanted[:, :2], atol=1e-3)
    reset_states(parts)
    assert jnp.allclose(parts(x[:, :2]), wanted[:, :2], atol=1e-6)


def test_a_layer_without_memory_cannot_forget() -> None:
    from tfjax.rules.helpers.recurrent import RNN, GRUCell

    with pytest.raises(ValueError, match="not stateful"):
        RNN(GRUCell(3, 4, rngs=nnx.Rngs(0))).reset_states()
