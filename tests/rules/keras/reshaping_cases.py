"""Layers that move, pad, crop and resize."""

from __future__ import annotations

from proof_case import Case, case

ROW, LINE, IMAGE, VOLUME = (4, 6), (2, 5, 6), (2, 6, 5, 3), (2, 3, 4, 5, 2)
L = "keras.layers."

RESHAPING: list[Case] = [
    case(L + "Flatten()", IMAGE),
    case(L + "Flatten()", LINE),
    case(L + "Reshape((3, 10))", LINE, target="x0.reshape(x0.shape[0], 3, 10)"),
    case(L + "Reshape((-1, 3))", LINE),
    case(L + "Reshape([2, -1])", ROW),
    case(L + "Reshape((30,))", LINE),
    case(L + "Permute((2, 1))", LINE, target="x0.transpose(0, 2, 1)", gradients=True),
    case(L + "Permute([3, 1, 2])", IMAGE),
    case(L + "RepeatVector(4)", ROW, gradients=True),
    case(L + "ZeroPadding1D()", LINE, target="jnp.pad(x0, ((0, 0), (1, 1), (0, 0)))"),
    case(L + "ZeroPadding1D((2, 0))", LINE),
    case(L + "ZeroPadding2D()", IMAGE),
    case(L + "ZeroPadding2D(3)", IMAGE),
    case(L + "ZeroPadding2D((1, 2))", IMAGE),
    case(
        L + "ZeroPadding2D(((0, 1), (2, 3)))",
        IMAGE,
        target="jnp.pad(x0, ((0, 0), (0, 1), (2, 3), (0, 0)))",
        gradients=True,
    ),
    case(L + "ZeroPadding2D(padding=[[1, 0], [0, 1]])", IMAGE),
    case(L + "ZeroPadding3D(2)", VOLUME),
    case(L + "ZeroPadding3D(((0, 1), (2, 3), (1, 1)))", VOLUME),
    case(L + "ZeroPadding3D((1, 2, 3))", VOLUME),
    case(L + "Cropping1D(1)", LINE, target="x0[:, 1:-1]"),
    case(L + "Cropping1D((2, 0))", LINE),
    case(L + "Cropping2D(1)", IMAGE, target="x0[:, 1:-1, 1:-1]"),
    case(L + "Cropping2D(((1, 0), (0, 2)))", IMAGE),
    case(L + "Cropping2D((2, 1))", IMAGE, gradients=True),
    case(L + "Cropping3D(1)", VOLUME),
    case(L + "Cropping3D(((1, 0), (0, 2), (1, 1)))", VOLUME),
    case(L + "UpSampling1D(3)", LINE, target="x0.repeat(3, axis=1)"),
    case(
        L + "UpSampling2D()", IMAGE, target="x0.repeat(2, axis=1).repeat(2, axis=2)", gradients=True
    ),
    case(L + "UpSampling2D((3, 2))", IMAGE),
    case(L + 'UpSampling2D(2, interpolation="bilinear")', IMAGE, gradients=True),
    case(L + 'UpSampling2D(size=(4, 3), interpolation="bilinear")', IMAGE),
    case(L + "UpSampling3D()", VOLUME),
    case(L + "UpSampling3D((1, 2, 3))", VOLUME),
    case(L + "Rescaling(0.5)", LINE, target="x0 * 0.5"),
    case(L + "Rescaling(1.0 / 255, offset=-1.0)", ("int", IMAGE, 255)),
    case(L + "Rescaling([0.5, 1.0, 2.0], offset=[0.0, 1.0, 2.0])", IMAGE),
    case(L + "Resizing(8, 9)", IMAGE, gradients=True),
    case(L + "Resizing(4, 3)", IMAGE),
    case(L + 'Resizing(3, 10, interpolation="nearest")', IMAGE),
    case(L + "CenterCrop(3, 3)", IMAGE),
    case(L + "CenterCrop(4, 2)", IMAGE),
]
