from tensorflow import keras


def mlp():
    return keras.Sequential(
        [
            keras.layers.Input((8,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.LayerNormalization(),
            keras.layers.Dense(16),
            keras.layers.Dense(16, activation="gelu"),
            keras.layers.Dense(4, activation="softmax"),
        ]
    )
