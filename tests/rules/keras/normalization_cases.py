"""Normalization layers."""

from __future__ import annotations

from proof_case import Case, case

ROW, LINE, IMAGE = (4, 6), (2, 5, 6), (2, 4, 3, 6)
L = "keras.layers."
VALUES = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]

NORMALIZATION: list[Case] = [
    case(
        L + "BatchNormalization()",
        IMAGE,
        target="nnx.BatchNorm(6, epsilon=0.001, use_fast_variance=False, rngs=rngs)",
        gradients=True,
    ),
    case(L + "BatchNormalization(axis=3, momentum=0.9, epsilon=1e-5)", IMAGE),
    case(L + "BatchNormalization(-1, center=False)", ROW),
    case(L + "BatchNormalization(scale=False, name='bn')", LINE),
    case(L + "BatchNormalization(axis=1)", LINE),
    case(L + "BatchNormalization(axis=[3])", IMAGE, flavours=("keras2",)),
    case(L + "BatchNormalization(gamma_initializer='zeros', beta_initializer='ones')", ROW),
    case(
        L + "LayerNormalization()",
        LINE,
        target="nnx.LayerNorm(6, epsilon=0.001, use_fast_variance=False, rngs=rngs)",
        gradients=True,
    ),
    case(L + "LayerNormalization(epsilon=1e-6)", IMAGE, gradients=True, tolerance=2e-5),
    case(L + "LayerNormalization(axis=-1, center=False)", ROW),
    case(L + "LayerNormalization(axis=[-1], scale=False)", LINE),
    case(L + "LayerNormalization(axis=2)", LINE),
    case(L + "LayerNormalization(axis=1)", LINE),
    case(L + "GroupNormalization(3)", IMAGE, gradients=True),
    case(L + "GroupNormalization(groups=2, epsilon=1e-5)", LINE),
    case(L + "GroupNormalization(groups=-1, scale=False)", IMAGE),
    case(L + "GroupNormalization(groups=1, axis=3, center=False)", IMAGE),
    case(L + "experimental.SyncBatchNormalization()", IMAGE, flavours=("keras2",)),
    case(L + "UnitNormalization()", LINE, gradients=True),
    case(L + "UnitNormalization(axis=1)", LINE),
    case(L + "RMSNormalization()", LINE, flavours=("keras3",), gradients=True),
    case(L + "Normalization(mean=1.5, variance=2.0)", LINE),
    case(L + f"Normalization(mean={VALUES}, variance={VALUES})", LINE),
    case(L + "Normalization(mean=1.5, variance=2.0, invert=True)", LINE),
]
