"""Initializers, regularizers and constraints as names, objects, functions and dicts."""

import math

import tensorflow as tf
from tensorflow.keras import constraints, initializers, layers, regularizers

CONV_INIT = {
    "class_name": "VarianceScaling",
    "config": {"scale": 2.0, "mode": "fan_out", "distribution": "truncated_normal"},
}


def bias_init(shape, dtype=None, **kwargs):
    return tf.fill(shape, tf.cast(-math.log(99.0), dtype))


def build_model(decay=1e-4):
    return tf.keras.Sequential(
        [
            layers.Conv2D(
                4,
                3,
                kernel_initializer=CONV_INIT,
                kernel_regularizer=regularizers.l2(decay),
                input_shape=(8, 8, 3),
            ),
            layers.BatchNormalization(
                gamma_initializer="zeros", beta_regularizer=tf.keras.regularizers.L1(decay)
            ),
            layers.Flatten(),
            layers.Dense(
                8,
                kernel_initializer=initializers.Orthogonal(gain=math.sqrt(2)),
                kernel_constraint=constraints.MaxNorm(2.0),
                activity_regularizer="l1_l2",
            ),
            layers.Dense(
                4,
                kernel_initializer=tf.keras.initializers.TruncatedNormal(stddev=0.02, seed=7),
                bias_initializer=bias_init,
                kernel_constraint="non_neg",
            ),
            layers.Dense(2, "relu", False, "lecun_uniform"),
        ]
    )
