"""Real-estate model: a photo, a table row and a postcode in; a price and a set of tags out."""

from tensorflow import keras
from tensorflow.keras.layers import (
    Concatenate,
    Conv2D,
    Dense,
    Embedding,
    Flatten,
    GlobalMaxPooling2D,
    Input,
    MaxPooling2D,
)


def image_tower(image, filters=(8, 16)):
    """Convolution + pooling for each entry of `filters`; ends in one vector for each image."""
    x = image
    for f in filters:
        x = Conv2D(f, 3, padding="same", activation="relu")(x)
        x = MaxPooling2D()(x)
    return GlobalMaxPooling2D()(x)


def table_tower(row):
    x = Dense(32, activation="relu")(row)
    return Dense(16, activation="relu")(x)


def build_model(image_size=32, num_columns=12, num_postcodes=50, num_tags=6):
    image = Input(shape=(image_size, image_size, 3), name="image")
    row = Input(shape=(num_columns,), name="row")
    postcode = Input(shape=(1,), dtype="int32", name="postcode")

    area = Flatten()(Embedding(num_postcodes, 8, name="area")(postcode))
    features = Concatenate()([image_tower(image), table_tower(row), area])

    shared = Dense(32, activation="elu", name="shared")(features)
    price = Dense(1, name="price")(shared)
    # the tags also see the price estimate
    tags = Dense(num_tags, activation="sigmoid", name="tags")(
        keras.layers.concatenate([shared, price])
    )

    return keras.Model(inputs=[image, row, postcode], outputs=[price, tags], name="real_estate")
