"""Convolution layers."""

from __future__ import annotations

from proof_case import Case, case

IMAGE, LINE, VOLUME = (2, 9, 8, 4), (2, 9, 4), (2, 5, 6, 7, 2)
L = "keras.layers."

CONVOLUTION: list[Case] = [
    case(
        L + 'Conv2D(6, 3, activation="relu")',
        IMAGE,
        target='nnx.Conv(4, 6, (3, 3), padding="VALID", '
        "kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)",
        gradients=True,
    ),
    case(L + 'Conv2D(6, (3, 2), strides=2, padding="same", use_bias=False)', IMAGE, gradients=True),
    case(L + 'Conv2D(6, [3, 3], (2, 1), "same", activation="tanh")', IMAGE),
    case(L + "Conv2D(6, 3, dilation_rate=2)", IMAGE),
    case(L + 'Conv2D(6, 3, padding="same", dilation_rate=(2, 1), groups=2)', IMAGE, gradients=True),
    case(L + "Conv2D(6, kernel_size=1, strides=(1, 1))", IMAGE),
    case(L + 'Conv2D(filters=3, kernel_size=5, strides=[2, 2], padding="SAME")', IMAGE),
    case(
        L
        + 'Conv2D(3, 3, kernel_initializer="he_normal", bias_initializer="ones", dtype="float32")',
        IMAGE,
    ),
    case(L + "Conv1D(5, 3)", LINE, gradients=True),
    case(L + 'Conv1D(5, (3,), strides=2, padding="same", activation="relu")', LINE),
    case(L + 'Conv1D(5, 3, padding="causal", dilation_rate=2)', LINE, gradients=True),
    case(L + 'Conv1D(4, 2, strides=(2,), padding="causal", groups=2, use_bias=False)', LINE),
    case(L + "Conv3D(3, 2)", VOLUME, gradients=True),
    case(L + 'Conv3D(3, (2, 3, 1), strides=(1, 2, 2), padding="same", use_bias=False)', VOLUME),
    case(L + 'Conv2DTranspose(5, 3, strides=2, padding="same")', IMAGE, gradients=True),
    case(L + 'Conv2DTranspose(5, (4, 4), strides=(2, 2), padding="same", use_bias=False)', IMAGE),
    case(L + "Conv2DTranspose(5, 3, strides=2)", IMAGE),
    case(L + 'Conv2DTranspose(5, 2, strides=3, activation="relu")', IMAGE),
    case(L + 'Conv2DTranspose(5, 2, strides=3, padding="same")', IMAGE),
    case(L + 'Conv2DTranspose(5, (5, 4), padding="same")', IMAGE),
    case(L + 'Conv2DTranspose(5, (3, 2), strides=(1, 2), padding="valid")', IMAGE),
    case(L + 'Conv1DTranspose(5, 4, strides=2, padding="same")', LINE, gradients=True),
    case(L + "Conv1DTranspose(5, 3)", LINE),
    case(L + 'Conv3DTranspose(3, 3, strides=2, padding="same")', VOLUME, gradients=True),
    case(L + "Conv3DTranspose(3, (2, 3, 2), use_bias=False)", VOLUME),
    case(L + 'DepthwiseConv2D(3, padding="same")', IMAGE, gradients=True),
    case(
        L + "DepthwiseConv2D((3, 2), strides=2, depth_multiplier=2, use_bias=False)",
        IMAGE,
        gradients=True,
    ),
    case(L + 'DepthwiseConv2D(3, padding="same", dilation_rate=2, activation="relu")', IMAGE),
    case(L + "DepthwiseConv1D(3, depth_multiplier=2)", LINE, gradients=True),
    case(L + 'DepthwiseConv1D(3, strides=2, padding="same")', LINE),
    case(L + "SeparableConv2D(6, 3)", IMAGE, gradients=True),
    case(
        L
        + 'SeparableConv2D(6, 3, strides=2, padding="same", depth_multiplier=2, activation="relu")',
        IMAGE,
    ),
    case(L + "SeparableConv2D(6, (3, 3), use_bias=False)", IMAGE),
    case(L + 'SeparableConv1D(6, 3, padding="same", depth_multiplier=2)', LINE, gradients=True),
]
