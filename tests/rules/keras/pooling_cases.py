"""Pooling layers."""

from __future__ import annotations

from proof_case import Case, case

IMAGE, LINE, VOLUME = (2, 9, 8, 3), (2, 9, 3), (2, 5, 6, 7, 2)
INPUTS = {1: LINE, 2: IMAGE, 3: VOLUME}
L = "keras.layers."

POOLING: list[Case] = [
    case(L + "MaxPool2D()", IMAGE, target="nnx.max_pool(x0, (2, 2), strides=(2, 2))"),
    case(
        L + 'AvgPool2D(3, strides=1, padding="same")',
        IMAGE,
        target='nnx.avg_pool(x0, (3, 3), strides=(1, 1), padding="SAME", count_include_pad=False)',
        gradients=True,
    ),
    case(L + "GlobalAvgPool2D()", IMAGE, target="jnp.mean(x0, axis=(1, 2))", gradients=True),
    *[
        case(L + f"{kind}Pooling{n}D({arguments})", INPUTS[n], gradients=True)
        for n in (1, 2, 3)
        for kind in ("Max", "Average")
        for arguments in ("2", 'pool_size=3, strides=2, padding="same"', '2, 1, "valid"', "3, None")
    ],
    *[
        case(L + f"Global{kind}Pooling{n}D({arguments})", INPUTS[n])
        for n in (1, 2, 3)
        for kind in ("Max", "Average")
        for arguments in ("", "keepdims=True")
        if not (n == 1 and kind == "Average" and arguments)
    ],
    case(L + "GlobalAveragePooling1D(keepdims=True)", LINE, flavours=("keras3",)),
    case(L + "MaxPooling2D((3, 2), strides=(2, 1))", IMAGE),
    case(L + 'AveragePooling2D((3, 2), strides=(2, 3), padding="same")', IMAGE),
    case(
        L + "GlobalAveragePooling1D()", LINE, ("bool", (2, 9)), call={"mask": "x1"}, gradients=True
    ),
]
