from tensorflow import keras


def bare():
    return keras.Sequential([keras.layers.Input((4,)), keras.layers.ReLU()])
