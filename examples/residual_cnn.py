"""Small pre-activation ResNet for 32x32 images, after He et al. 2016 (identity mappings).

The stages come from a configuration table, so that the same code gives nets of different depths::

    model = resnet(input_shape=(32, 32, 3), num_classes=10)
"""

import tensorflow.keras.backend as K
from tensorflow.keras import Model
from tensorflow.keras import layers as L

# (filters, blocks, stride of the first block)
STAGES = [
    (16, 2, 1),
    (32, 2, 2),
    (64, 1, 2),
]

BN_AXIS = 3 if K.image_data_format() == "channels_last" else 1


def bn_relu(x, name=None):
    """Batch normalisation, then ReLU."""
    bn_name = None if name is None else name + "_bn"
    x = L.BatchNormalization(axis=BN_AXIS, momentum=0.9, epsilon=1e-5, name=bn_name)(x)
    return L.Activation("relu")(x)


def conv(x, filters, kernel_size=3, strides=1, name=None):
    return L.Conv2D(
        filters,
        kernel_size,
        strides=strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )(x)


def residual_block(x, filters, stride=1, name=""):
    """Two 3x3 convolutions and a shortcut.

    The shortcut is a 1x1 convolution where the shape changes, otherwise it is the input itself.
    """
    y = bn_relu(x, name=name + "_pre")
    if stride != 1 or K.int_shape(x)[BN_AXIS] != filters:
        shortcut = conv(y, filters, kernel_size=1, strides=stride, name=name + "_proj")
    else:
        shortcut = x
    y = conv(y, filters, strides=stride, name=name + "_conv1")
    y = bn_relu(y, name=name + "_mid")
    y = conv(y, filters, name=name + "_conv2")
    return L.Add(name=name + "_add")([y, shortcut])


def resnet(input_shape=(32, 32, 3), num_classes=10, stages=None):
    inputs = L.Input(shape=input_shape)
    x = conv(inputs, 16, name="stem")

    for s, (filters, blocks, stride) in enumerate(stages or STAGES, start=1):
        for b in range(blocks):
            # only the first block of a stage changes the resolution
            x = residual_block(x, filters, stride if b == 0 else 1, name=f"stage{s}_block{b + 1}")

    x = bn_relu(x, name="head")
    x = L.GlobalAveragePooling2D()(x)
    outputs = L.Dense(num_classes, activation="softmax", name="predictions")(x)
    return Model(inputs, outputs, name="resnet_small")
