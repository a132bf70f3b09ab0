"""Keras' recurrent cells, and the layers that run a cell over time."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx
from jax import lax

_RecurrentInit = Callable[..., jax.Array]
_recurrent_kernel = nnx.initializers.glorot_uniform()
_recurrent_orthogonal = nnx.initializers.orthogonal()


def unit_forget_bias(
    key: jax.Array, shape: tuple[int, ...], dtype: Any = jnp.float32, **_: Any
) -> jax.Array:
    """An initializer: ones for the forget gate (the second of four), zeros for the others."""
    units = shape[-1] // 4
    return jnp.zeros(shape, dtype).at[..., units : 2 * units].set(1)


class LSTMCell(nnx.Module):
    """`keras.layers.LSTMCell`: gates i, f, g, o; the carry is (c, h)."""

    def __init__(
        self,
        in_features: int,
        hidden_features: int,
        *,
        gate_fn: Callable[[jax.Array], jax.Array] = nnx.sigmoid,
        activation_fn: Callable[[jax.Array], jax.Array] = nnx.tanh,
        use_bias: bool = True,
        kernel_init: _RecurrentInit = _recurrent_kernel,
        recurrent_kernel_init: _RecurrentInit = _recurrent_orthogonal,
        bias_init: _RecurrentInit = unit_forget_bias,
        rngs: nnx.Rngs,
    ) -> None:
        units = hidden_features
        self.hidden_features = hidden_features
        self.gate_fn = gate_fn
        self.activation_fn = activation_fn
        self.kernel = nnx.Param(kernel_init(rngs.params(), (in_features, 4 * units)))
        self.recurrent_kernel = nnx.Param(recurrent_kernel_init(rngs.params(), (units, 4 * units)))
        self.bias = nnx.Param(bias_init(rngs.params(), (4 * units,))) if use_bias else None

    def __call__(
        self, carry: tuple[jax.Array, jax.Array], x: jax.Array
    ) -> tuple[tuple[jax.Array, jax.Array], jax.Array]:
        c, h = carry
        z = x @ self.kernel[...] + h @ self.recurrent_kernel[...]
        if self.bias is not None:
            z = z + self.bias[...]
        i, f, g, o = jnp.split(z, 4, axis=-1)
        c = self.gate_fn(f) * c + self.gate_fn(i) * self.activation_fn(g)
        h = self.gate_fn(o) * self.activation_fn(c)
        return (c, h), h

    def step(self, x: jax.Array, states: Sequence[jax.Array]) -> tuple[jax.Array, list[jax.Array]]:
        """The call of the Keras cell: states [h, c], result (h, [h, c])."""
        h, c = states
        (c, h), _ = self((c, h), x)
        return h, [h, c]


class GRUCell(nnx.Module):
    """`keras.layers.GRUCell`: gates z, r, h. With `reset_after` the bias has a recurrent half, (2,
    3 * units).
    """

    def __init__(
        self,
        in_features: int,
        hidden_features: int,
        *,
        gate_fn: Callable[[jax.Array], jax.Array] = nnx.sigmoid,
        activation_fn: Callable[[jax.Array], jax.Array] = nnx.tanh,
        use_bias: bool = True,
        reset_after: bool = True,
        kernel_init: _RecurrentInit = _recurrent_kernel,
        recurrent_kernel_init: _RecurrentInit = _recurrent_orthogonal,
        bias_init: _RecurrentInit = nnx.initializers.zeros,
        rngs: nnx.Rngs,
    ) -> None:
        units = hidden_features
        self.hidden_features = hidden_features
        self.gate_fn = gate_fn
        self.activation_fn = activation_fn
        self.reset_after = reset_after
        self.kernel = nnx.Param(kernel_init(rngs.params(), (in_features, 3 * units)))
        self.recurrent_kernel = nnx.Param(recurrent_kernel_init(rngs.params(), (units, 3 * units)))
        shape = (2, 3 * units) if reset_after else (3 * units,)
        self.bias = nnx.Param(bias_init(rngs.params(), shape)) if use_bias else None

    def __call__(self, h: jax.Array, x: jax.Array) -> tuple[jax.Array, jax.Array]:
        units = self.hidden_features
        kernel, recurrent = self.kernel[...], self.recurrent_kernel[...]
        inputs = x @ kernel
        if self.bias is not None:
            inputs = inputs + (self.bias[0] if self.reset_after else self.bias[...])
        xz, xr, xh = jnp.split(inputs, 3, axis=-1)
        if self.reset_after:
            inner = h @ recurrent
            if self.bias is not None:
                inner = inner + self.bias[1]
            hz, hr, hh = jnp.split(inner, 3, axis=-1)
            z, r = self.gate_fn(xz + hz), self.gate_fn(xr + hr)
            candidate = self.activation_fn(xh + r * hh)
        else:
            hz, hr = jnp.split(h @ recurrent[:, : 2 * units], 2, axis=-1)
            z, r = self.gate_fn(xz + hz), self.gate_fn(xr + hr)
            candidate = self.activation_fn(xh + (r * h) @ recurrent[:, 2 * units :])
        h = z * h + (1 - z) * candidate
        return h, h

    def step(self, x: jax.Array, states: Any) -> tuple[jax.Array, Any]:
        """The call of the Keras cell: result (h, [h]), or (h, h) for a state that is no list."""
        return _recurrent_step(self, x, states)


class SimpleRNNCell(nnx.Module):
    """`keras.layers.SimpleRNNCell`: activation(x W + h U + b)."""

    def __init__(
        self,
        in_features: int,
        hidden_features: int,
        *,
        activation_fn: Callable[[jax.Array], jax.Array] = nnx.tanh,
        use_bias: bool = True,
        kernel_init: _RecurrentInit = _recurrent_kernel,
        recurrent_kernel_init: _RecurrentInit = _recurrent_orthogonal,
        bias_init: _RecurrentInit = nnx.initializers.zeros,
        rngs: nnx.Rngs,
    ) -> None:
        units = hidden_features
        self.hidden_features = hidden_features
        self.activation_fn = activation_fn
        self.kernel = nnx.Param(kernel_init(rngs.params(), (in_features, units)))
        self.recurrent_kernel = nnx.Param(recurrent_kernel_init(rngs.params(), (units, units)))
        self.bias = nnx.Param(bias_init(rngs.params(), (units,))) if use_bias else None

    def __call__(self, h: jax.Array, x: jax.Array) -> tuple[jax.Array, jax.Array]:
        z = x @ self.kernel[...] + h @ self.recurrent_kernel[...]
        if self.bias is not None:
            z = z + self.bias[...]
        h = self.activation_fn(z)
        return h, h

    def step(self, x: jax.Array, states: Any) -> tuple[jax.Array, Any]:
        """The call of the Keras cell: result (h, [h]), or (h, h) for a state that is no list."""
        return _recurrent_step(self, x, states)


def _recurrent_step(cell: Any, x: jax.Array, states: Any) -> tuple[jax.Array, Any]:
    listed = isinstance(states, (list, tuple))
    h, _ = cell(states[0] if listed else states, x)
    return h, [h] if listed else h


class RNN(nnx.Module):
    """`keras.layers.RNN` over axis 1: masks, initial and final states in the order of Keras ([h,
    c] for an LSTM).

    Masked steps keep the state and repeat the last output, or give zeros with
    `zero_output_for_mask`. `dropout` is
    that of the inputs, one mask for all steps.
    """

    def __init__(
        self,
        cell: Any,
        *,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        zero_output_for_mask: bool = False,
        dropout: float = 0.0,
        rngs: nnx.Rngs | None = None,
    ) -> None:
        self.cell = cell
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.zero_output_for_mask = zero_output_for_mask
        self.dropout = nnx.Dropout(dropout, broadcast_dims=(1,), rngs=rngs) if dropout else None

    def __call__(
        self,
        x: jax.Array,
        initial_state: Any = None,
        mask: jax.Array | None = None,
        deterministic: bool | None = None,
    ) -> Any:
        two_states = isinstance(self.cell, (LSTMCell, nnx.LSTMCell, nnx.OptimizedLSTMCell))
        if self.dropout is not None:
            x = self.dropout(x, deterministic=deterministic)
        zeros = jnp.zeros((x.shape[0], self.cell.hidden_features), x.dtype)
        if initial_state is None:
            carry: Any = (zeros, zeros) if two_states else zeros
        elif two_states:
            carry = (initial_state[1], initial_state[0])
        else:
            listed = isinstance(initial_state, (list, tuple))
            carry = initial_state[0] if listed else initial_state
        if self.go_backwards:
            x = jnp.flip(x, 1)
            mask = None if mask is None else jnp.flip(mask, 1)

        def step(state: Any, inputs: Any) -> Any:
            carry, last = state
            x, keep = inputs
            new, y = self.cell(carry, x)
            if keep is not None:
                keep = keep[:, None]
                new = jax.tree.map(lambda a, b: jnp.where(keep, a, b), new, carry)
                y = jnp.where(keep, y, 0 if self.zero_output_for_mask else last)
            return (new, y), y if self.return_sequences else None

        by_time = (jnp.swapaxes(x, 0, 1), None if mask is None else jnp.swapaxes(mask, 0, 1))
        (carry, last), sequence = lax.scan(step, (carry, zeros), by_time)
        y = jnp.swapaxes(sequence, 0, 1) if self.return_sequences else last
        if not self.return_state:
            return y
        return (y, carry[1], carry[0]) if two_states else (y, carry)


class Bidirectional(nnx.Module):
    """`keras.layers.Bidirectional`: `backward` reads from the end; its outputs are put back in
    order, and those of masked steps are 0.
    """

    def __init__(self, forward: RNN, backward: RNN, *, merge_mode: str | None = "concat") -> None:
        if backward.go_backwards == forward.go_backwards:
            backward.go_backwards = not forward.go_backwards
        if forward.return_sequences:
            forward.zero_output_for_mask = backward.zero_output_for_mask = True
        self.forward = forward
        self.backward = backward
        self.merge_mode = merge_mode

    def __call__(
        self,
        x: jax.Array,
        initial_state: Any = None,
        mask: jax.Array | None = None,
        deterministic: bool | None = None,
    ) -> Any:
        half = 0 if initial_state is None else len(initial_state) // 2
        first = None if initial_state is None else initial_state[:half]
        second = None if initial_state is None else initial_state[half:]
        y = self.forward(x, first, mask, deterministic)
        z = self.backward(x, second, mask, deterministic)
        states: list[jax.Array] = []
        if self.forward.return_state:
            y, states = y[0], [*y[1:], *z[1:]]
            z = z[0]
        if self.forward.return_sequences:
            z = jnp.flip(z, 1)
        match self.merge_mode:
            case "concat":
                merged = [jnp.concatenate([y, z], axis=-1)]
            case "sum":
                merged = [y + z]
            case "ave":
                merged = [(y + z) / 2]
            case "mul":
                merged = [y * z]
            case _:
                merged = [y, z]
        results = (*merged, *states)
        return results[0] if len(results) == 1 else results
