# A small feed-forward classifier for tabular data.
# Features go in as float32, class probabilities come out.

import tensorflow as tf
from tensorflow.keras import layers, regularizers
from tensorflow.keras.models import Sequential

NUM_FEATURES = 20
NUM_CLASSES = 5


def build_model(hidden=(64, 32), dropout=0.2, l2=1e-4):
    # the stem is fixed, the rest is configurable
    model = Sequential(
        [
            layers.InputLayer(input_shape=(NUM_FEATURES,)),
            layers.Dense(128, activation="relu", name="stem"),
            layers.BatchNormalization(),
        ],
        name="tabular_mlp",
    )
    for i, units in enumerate(hidden):
        model.add(
            layers.Dense(
                units,
                kernel_initializer="he_normal",
                kernel_regularizer=regularizers.l2(l2),
                name=f"hidden_{i}",
            )
        )
        model.add(layers.LeakyReLU())  # keras default slope: 0.3
        model.add(layers.Dropout(dropout))
    model.add(layers.Dense(NUM_CLASSES, activation=tf.nn.softmax, name="probs"))
    return model
