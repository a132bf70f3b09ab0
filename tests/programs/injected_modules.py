"""Modules handed in by keyword arguments and kept in globals (the keras-applications style)."""

backend = None
layers = None
models = None


def get_submodules_from_kwargs(kwargs):
    return kwargs["backend"], kwargs["layers"], kwargs["models"]


def _conv_block(x, filters, name):
    bn_axis = 3 if backend.image_data_format() == "channels_last" else 1
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=name + "_conv")(x)
    x = layers.BatchNormalization(axis=bn_axis, epsilon=1.001e-5, name=name + "_bn")(x)
    return layers.Activation("relu", name=name + "_relu")(x)


def TinyNet(input_shape=None, classes=10, pooling="avg", **kwargs):
    global backend, layers, models
    backend, layers, models = get_submodules_from_kwargs(kwargs)

    img_input = layers.Input(shape=input_shape)
    x = _conv_block(img_input, 4, "block1")
    x = layers.MaxPooling2D(2, name="pool")(x)
    x = _conv_block(x, 8, "block2")
    if pooling == "avg":
        x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    elif pooling == "max":
        x = layers.GlobalMaxPooling2D(name="max_pool")(x)
    x = layers.Dense(classes, activation="softmax", name="probs")(x)
    return models.Model(img_input, x, name="tinynet")


def build_model(**kwargs):
    from tensorflow import keras

    return TinyNet(
        (12, 12, 3),
        classes=5,
        backend=keras.backend,
        layers=keras.layers,
        models=keras.models,
        **kwargs,
    )
