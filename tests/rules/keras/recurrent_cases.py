"""Recurrent layers and their wrappers."""

from __future__ import annotations

from proof_case import Case, case

LINE, MASK = (2, 5, 6), ("bool", (2, 5))
L = "keras.layers."
STATE, STATES = {"initial_state": "x1"}, {"initial_state": "[x1, x2]"}

RECURRENT: list[Case] = [
    case(L + "LSTM(4)", LINE, gradients=True),
    case(L + "LSTM(4, return_sequences=True)", LINE, gradients=True),
    case(L + "LSTM(4, return_sequences=True, return_state=True)", LINE, gradients=True),
    case(L + "LSTM(4, return_state=True, unit_forget_bias=False)", LINE),
    case(L + "LSTM(4, use_bias=False)", LINE, gradients=True),
    case(L + "LSTM(4, go_backwards=True, return_sequences=True, dropout=0.2)", LINE),
    case(L + "LSTM(4, activation='relu', recurrent_activation='hard_sigmoid')", LINE),
    case(L + "GRU(4)", LINE, gradients=True),
    case(L + "GRU(4, return_sequences=True, reset_after=False)", LINE, gradients=True),
    case(L + "GRU(4, return_state=True, use_bias=False)", LINE),
    case(L + "GRU(4, reset_after=False, use_bias=False, go_backwards=True)", LINE),
    case(
        L + "GRU(4, recurrent_activation='hard_sigmoid', dropout=0.1, return_sequences=True)", LINE
    ),
    case(L + "SimpleRNN(4)", LINE, gradients=True),
    case(L + "SimpleRNN(4, activation='relu', use_bias=False, return_sequences=True)", LINE),
    case(L + "SimpleRNN(4, return_state=True)", LINE),
    case(L + "RNN(keras.layers.GRUCell(4), return_sequences=True)", LINE),
    case(L + "RNN(keras.layers.LSTMCell(4), return_state=True)", LINE, gradients=True),
    case(L + "RNN(keras.layers.SimpleRNNCell(4))", LINE),
    case(L + "Bidirectional(keras.layers.LSTM(4))", LINE, gradients=True),
    case(L + "Bidirectional(keras.layers.LSTM(4, return_sequences=True))", LINE),
    case(
        L + "Bidirectional(keras.layers.GRU(4, return_sequences=True), merge_mode='sum')",
        LINE,
        gradients=True,
    ),
    case(L + "Bidirectional(keras.layers.GRU(4, return_sequences=True, return_state=True))", LINE),
    case(L + "Bidirectional(keras.layers.SimpleRNN(4), merge_mode='ave')", LINE),
    case(L + "Bidirectional(keras.layers.LSTM(4), merge_mode='mul')", LINE),
    case(L + "GRU(4)", LINE, (2, 4), call=STATE),
    case(L + "LSTM(4)", LINE, (2, 4), (2, 4), call=STATES),
    case(L + "GRU(4, return_sequences=True)", LINE, MASK, call={"mask": "x1"}),
    case(L + "LSTM(4)", LINE, MASK, call={"mask": "x1"}),
    case(
        L + "Bidirectional(keras.layers.LSTM(4, return_sequences=True))",
        LINE,
        MASK,
        call={"mask": "x1"},
    ),
]
