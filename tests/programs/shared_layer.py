"""One layer applied to two tensors: siamese towers that share weights."""

import tensorflow as tf
from tensorflow.keras import backend as K
from tensorflow.keras.layers import Dense, Input, Lambda
from tensorflow.keras.models import Model, Sequential


def euclidean_distance(vects):
    x, y = vects
    sum_square = K.sum(K.square(x - y), axis=1, keepdims=True)
    return K.sqrt(K.maximum(sum_square, K.epsilon()))


def build_model(dim=12):
    base = Sequential([Dense(16, activation="relu", input_shape=(dim,)), Dense(8)])
    left, right = Input(shape=(dim,)), Input(shape=(dim,))
    gate = Dense(8, activation="sigmoid")
    a, b = base(left), base(right)
    a, b = a * gate(a), tf.multiply(b, gate(b))
    distance = Lambda(euclidean_distance, output_shape=(1,))([a, b])
    return Model([left, right], distance)
