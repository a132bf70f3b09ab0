"""Calls that are no layers: losses, functional merges, activations, regularizers."""

from __future__ import annotations

from proof_case import Case, case

LINE, ROW, CLASSES = (2, 5, 6), (4, 6), ("int", (4,), 6)
PROBABILITIES, ONE_HOT = ("simplex", (4, 6)), ("onehot", (4, 6))
F, K = "keras.losses.", "keras.layers."
K2, K3 = ("keras2",), ("keras3",)
PLAIN = {
    "mean_squared_error": "MeanSquaredError",
    "mean_absolute_error": "MeanAbsoluteError",
    "mean_absolute_percentage_error": "MeanAbsolutePercentageError",
    "mean_squared_logarithmic_error": "MeanSquaredLogarithmicError",
    "huber": "Huber",
    "log_cosh": "LogCosh",
    "cosine_similarity": "CosineSimilarity",
}
POSITIVE = {"kl_divergence": "KLDivergence", "poisson": "Poisson"}

LOSSES: list[Case] = [
    *[case(f"{F}{name}(x0, x1)", LINE, LINE, gradients=True) for name in PLAIN],
    *[case(f"{F}{name}()(x0, x1)", LINE, LINE) for name in PLAIN.values()],
    *[case(f"{F}{name}(reduction='sum')(x0, x1)", LINE, LINE) for name in PLAIN.values()],
    *[case(f"{F}{name}(x0, x1)", PROBABILITIES, PROBABILITIES) for name in POSITIVE],
    *[case(f"{F}{name}()(x0, x1)", PROBABILITIES, PROBABILITIES) for name in POSITIVE.values()],
    case(
        F + "MeanSquaredError(reduction=keras.losses.Reduction.NONE)(x0, x1)",
        LINE,
        LINE,
        flavours=K2,
    ),
    case(F + "MeanSquaredError(reduction='none')(x0, x1)", LINE, LINE),
    case(F + "Huber(delta=0.5)(x0, x1)", LINE, LINE),
    case(F + "binary_crossentropy(x0, x1)", ONE_HOT, PROBABILITIES, gradients=True),
    case(F + "binary_crossentropy(x0, x1, from_logits=True)", ONE_HOT, ROW, gradients=True),
    case(F + "BinaryCrossentropy()(x0, x1)", ONE_HOT, PROBABILITIES),
    case(F + "BinaryCrossentropy(from_logits=True)(x0, x1)", ONE_HOT, ROW),
    case(F + "BinaryCrossentropy(from_logits=True, label_smoothing=0.1)(x0, x1)", ONE_HOT, ROW),
    case(F + "BinaryCrossentropy(from_logits=True, reduction='none')(x0, x1)", ONE_HOT, ROW),
    case(F + "categorical_crossentropy(x0, x1)", ONE_HOT, PROBABILITIES, gradients=True),
    case(F + "categorical_crossentropy(x0, x1, from_logits=True)", ONE_HOT, ROW, gradients=True),
    case(F + "CategoricalCrossentropy()(x0, x1)", ONE_HOT, PROBABILITIES),
    case(
        F + "CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)(x0, x1)", ONE_HOT, ROW
    ),
    case(F + "CategoricalCrossentropy(True, reduction='sum')(x0, x1)", ONE_HOT, ROW),
    case(F + "sparse_categorical_crossentropy(x0, x1)", CLASSES, PROBABILITIES, gradients=True),
    case(
        F + "sparse_categorical_crossentropy(x0, x1, from_logits=True)",
        CLASSES,
        ROW,
        gradients=True,
    ),
    case(F + "SparseCategoricalCrossentropy(from_logits=True)(x0, x1)", CLASSES, ROW),
    case(
        F + "SparseCategoricalCrossentropy(from_logits=True, reduction='none')(x0, x1)",
        CLASSES,
        ROW,
    ),
    case(F + "SparseCategoricalCrossentropy()(x0, x1)", CLASSES, PROBABILITIES),
]

FUNCTIONS: list[Case] = [
    case(K + "add([x0, x1])", LINE, LINE, target="x0 + x1"),
    case(K + "add([x0, x1, x0, x1])", LINE, LINE),
    case(K + "multiply([x0, x1])", LINE, LINE),
    case(K + "subtract([x0, x1])", LINE, LINE),
    case(K + "average([x0, x1])", LINE, LINE),
    case(K + "maximum([x0, x1])", LINE, LINE),
    case(K + "minimum([x0, x1])", LINE, LINE),
    case(
        K + "concatenate([x0, x1], axis=1)",
        LINE,
        (2, 3, 6),
        target="jnp.concatenate([x0, x1], axis=1)",
    ),
    case(K + "dot([x0, x1], axes=2)", LINE, (2, 3, 6)),
    case("keras.regularizers.L2(0.1)(x0)", LINE, gradients=True),
    case("keras.regularizers.L1(0.1)(x0)", LINE),
    case("keras.regularizers.L1L2(0.1, 0.2)(x0)", LINE),
    case("keras.regularizers.l1_l2(0.1, 0.2)(x0)", LINE),
    case("keras.constraints.NonNeg()(x0)", LINE),
    case("keras.constraints.UnitNorm(axis=0)(x0)", ROW),
    case("keras.activations.relu(x0, max_value=6.0)", LINE),
    case("keras.activations.get('gelu')(x0)", LINE),
    case("keras.activations.get(keras.activations.get('tanh'))(x0)", LINE),
    case("keras.activations.leaky_relu(x0)", LINE, flavours=K3),
    case("keras.activations.glu(x0)", LINE, flavours=K3),
]
