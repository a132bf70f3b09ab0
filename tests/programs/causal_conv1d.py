"""Causal, dilated 1D convolutions with a gated activation and skip outputs (WaveNet style)."""

from tensorflow.keras.layers import Activation, Add, Conv1D, Input, Multiply
from tensorflow.keras.models import Model


def wavenet_block(x, filters, dilation):
    tanh_out = Conv1D(filters, 2, dilation_rate=dilation, padding="causal", activation="tanh")(x)
    sigm_out = Conv1D(filters, 2, dilation_rate=dilation, padding="causal", activation="sigmoid")(x)
    merged = Multiply()([tanh_out, sigm_out])
    skip = Conv1D(filters, 1)(merged)
    return Add()([skip, x]), skip


def build_model(length=24, channels=2, filters=8, dilations=(1, 2, 4)):
    inp = Input(shape=(length, channels))
    x = Conv1D(filters, 3, padding="causal")(inp)
    skips = []
    for d in dilations:
        x, skip = wavenet_block(x, filters, d)
        skips.append(skip)
    out = Activation("relu")(Add()(skips))
    out = Conv1D(4, 1, activation="softmax")(out)
    return Model(inp, out)
