"""A dict of inputs, a dict of outputs; functional."""

import tensorflow as tf
from tensorflow.keras import Input, Model, layers


def build_model(vocab=30, dim=8):
    inputs = {
        "user": Input(shape=(), dtype=tf.int32, name="user"),
        "item": Input(shape=(), dtype=tf.int32, name="item"),
        "context": Input(shape=(4,), name="context"),
    }
    embedded = {
        key: layers.Embedding(vocab, dim, name=f"{key}_embedding")(inputs[key])
        for key in ("user", "item")
    }
    match = layers.Dot(axes=-1, normalize=False)([embedded["user"], embedded["item"]])
    x = layers.Concatenate()([match, inputs["context"]])
    outputs = {"match": match, "click": layers.Dense(1, activation="sigmoid")(x)}
    return Model(inputs, outputs)
