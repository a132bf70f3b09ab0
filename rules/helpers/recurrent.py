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


class StackedRNNCells(nnx.Module):
    """`keras.layers.StackedRNNCells`: each cell is fed by the one before; the states are a list
    with those of each cell."""

    def __init__(self, cells: Sequence[Any]) -> None:
        self.cells = nnx.List(cells)

    @property
    def state_size(self) -> list[Any]:
        return [_recurrent_sizes(cell) for cell in self.cells]

    def __call__(self, x: jax.Array, states: Sequence[Any]) -> tuple[jax.Array, list[Any]]:
        new = []
        for cell, state in zip(self.cells, states, strict=True):
            listed = isinstance(state, (list, tuple))
            x, state = _recurrent_call(cell, x, state if listed else [state])
            new.append(state[0] if isinstance(state, (list, tuple)) and not listed else state)
        return x, new


_RECURRENT_PAIRS = (LSTMCell, nnx.LSTMCell, nnx.OptimizedLSTMCell)
_RECURRENT_CELLS = (*_RECURRENT_PAIRS, GRUCell, SimpleRNNCell)


def _recurrent_sizes(cell: Any) -> Any:
    """The sizes of a cell's states, without the batch: a number, a shape, or a list of these."""
    if isinstance(cell, _RECURRENT_CELLS):
        two_states = isinstance(cell, _RECURRENT_PAIRS)
        return [cell.hidden_features] * 2 if two_states else cell.hidden_features
    return cell.state_size


def _recurrent_zeros(cell: Any, x: jax.Array) -> list[Any]:
    """The states of a cell before the first step; `x` is the input of a step."""
    if hasattr(cell, "get_initial_state"):
        states = cell.get_initial_state(batch_size=x.shape[0])
        return list(states) if isinstance(states, (list, tuple)) else [states]

    def zeros(size: Any) -> Any:
        if isinstance(size, list):
            return [zeros(s) for s in size]
        shape = size if isinstance(size, tuple) else (size,)
        return jnp.zeros((x.shape[0], *shape), x.dtype)

    sizes = _recurrent_sizes(cell)
    return [zeros(s) for s in sizes] if isinstance(sizes, list) else [zeros(sizes)]


def _recurrent_call(cell: Any, x: jax.Array, states: Any) -> tuple[jax.Array, Any]:
    """A step of a cell of any kind in Keras' order: (output, new states)."""
    if not isinstance(cell, _RECURRENT_CELLS):
        return cell(x, states)
    if hasattr(cell, "step"):
        return cell.step(x, states)
    h, c = states
    (c, h), _ = cell((c, h), x)
    return h, [h, c]


class RNN(nnx.Module):
    """`keras.layers.RNN` over axis 1: masks, initial and final states in the order of Keras ([h,
    c] for an LSTM). A cell of one's own is called as `cell(x, states)`, gives the output and the
    new states, and has a `state_size`.

    Masked steps keep the state and repeat the last output, or give zeros with
    `zero_output_for_mask`. `dropout` is that of the inputs, one mask for all steps.
    `time_major`: time is axis 0. `stateful`: a call goes on from the states that the call before
    ended with; these are zeros for `batch_size` sequences first, and after `reset_states`.
    """

    def __init__(
        self,
        cell: Any,
        *,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        zero_output_for_mask: bool = False,
        time_major: bool = False,
        dropout: float = 0.0,
        stateful: bool = False,
        batch_size: int = 1,
        rngs: nnx.Rngs | None = None,
    ) -> None:
        self.cell = cell
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.zero_output_for_mask = zero_output_for_mask
        self.time_major = time_major
        self.dropout = nnx.Dropout(dropout, broadcast_dims=(1,), rngs=rngs) if dropout else None
        zeros = jax.tree.leaves(_recurrent_zeros(cell, jnp.zeros((batch_size, 1))))
        self.states = nnx.List([nnx.Variable(state) for state in zeros]) if stateful else None

    def reset_states(self, states: Any = None) -> None:
        """Forgets what a stateful layer remembers, or puts `states` there."""
        if self.states is None:
            raise ValueError("the layer is not stateful")
        given = [None] * len(self.states) if states is None else jax.tree.leaves(states)
        for variable, state in zip(self.states, given, strict=True):
            variable.set_value(jnp.zeros_like(variable[...]) if state is None else state)

    reset_state = reset_states

    def _first_states(self, x: jax.Array) -> list[Any]:
        """What is remembered, or zeros; `x` is the input of a step."""
        zeros = _recurrent_zeros(self.cell, x)
        if self.states is None:
            return zeros
        leaves, structure = jax.tree.flatten(zeros)
        kept = [jnp.broadcast_to(v[...], z.shape) for v, z in zip(self.states, leaves, strict=True)]
        return jax.tree.unflatten(structure, kept)

    def __call__(
        self,
        x: jax.Array,
        initial_state: Any = None,
        mask: jax.Array | None = None,
        deterministic: bool | None = None,
    ) -> Any:
        if self.dropout is not None:
            x = self.dropout(x, deterministic=deterministic)
        if not self.time_major:
            x = jnp.swapaxes(x, 0, 1)
            mask = None if mask is None else jnp.swapaxes(mask, 0, 1)
        if initial_state is None:
            states = self._first_states(x[0])
        else:
            listed = isinstance(initial_state, (list, tuple))
            states = list(initial_state) if listed else [initial_state]
        if self.go_backwards:
            x = jnp.flip(x, 0)
            mask = None if mask is None else jnp.flip(mask, 0)

        def call(x: jax.Array, states: list[Any]) -> tuple[jax.Array, list[Any]]:
            y, new = _recurrent_call(self.cell, x, states)
            return y, list(new) if isinstance(new, (list, tuple)) else [new]

        def step(carry: Any, inputs: Any) -> Any:
            states, last = carry
            x, keep = inputs
            y, new = call(x, states)
            if keep is not None:

                def masked(a: jax.Array, b: jax.Array) -> jax.Array:
                    return jnp.where(keep.reshape(-1, *(1,) * (a.ndim - 1)), a, b)

                new = jax.tree.map(masked, new, states)
                y = masked(y, jnp.zeros_like(y) if self.zero_output_for_mask else last)
            return (new, y), y if self.return_sequences else None

        output, new = jax.eval_shape(call, x[0], states)
        first = jnp.zeros(output.shape, output.dtype)
        states = jax.tree.map(lambda s, n: s.astype(n.dtype), states, new)
        (states, last), sequence = lax.scan(step, (states, first), (x, mask))
        if self.states is not None:
            for variable, state in zip(self.states, jax.tree.leaves(states), strict=True):
                variable.set_value(lax.stop_gradient(state))
        y = last
        if self.return_sequences:
            y = sequence if self.time_major else jnp.swapaxes(sequence, 0, 1)
        return (y, *states) if self.return_state else y


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

    def reset_states(self) -> None:
        """Both directions forget what they remember."""
        self.forward.reset_states()
        self.backward.reset_states()

    reset_state = reset_states

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


def reset_states(model: Any) -> None:
    """`Model.reset_states()`: all stateful layers of a model forget; a layer or metric does."""
    if callable(own := getattr(model, "reset_states", None)):
        own()
        return
    for _, module in nnx.iter_modules(model):
        if isinstance(module, RNN) and module.states is not None:
            module.reset_states()


def time_distributed(layer: Callable[[jax.Array], Any], x: jax.Array) -> Any:
    """`keras.layers.TimeDistributed`: `layer` for each step of (batch, time, ...), all at once."""
    batch, time = x.shape[:2]
    y = layer(x.reshape(batch * time, *x.shape[2:]))
    return jax.tree.map(lambda a: a.reshape(batch, time, *a.shape[1:]), y)
