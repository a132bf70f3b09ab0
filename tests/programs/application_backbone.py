"""A model of `keras.applications` as a frozen backbone."""

from tensorflow import keras
from tensorflow.keras import layers
from tensorflow.keras.applications import MobileNet
from tensorflow.keras.applications.mobilenet import preprocess_input


class Classifier(keras.Model):
    def __init__(self, classes):
        super().__init__()
        self.backbone = MobileNet(
            include_top=False, weights=None, input_shape=(32, 32, 3), alpha=0.25, pooling="avg"
        )
        self.backbone.trainable = False
        self.dropout = layers.Dropout(0.2)
        self.head = layers.Dense(classes)

    def call(self, images, training=False):
        x = preprocess_input(images)
        x = self.backbone(x, training=False)
        x = self.dropout(x, training=training)
        return self.head(x)


def build_model(classes=3):
    return Classifier(classes)
