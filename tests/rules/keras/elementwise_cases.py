"""Activations as layers, arguments and functions; dropout and noise."""

from __future__ import annotations

from proof_case import Case, case

ROW, LINE, IMAGE, VOLUME = (4, 6), (2, 5, 6), (2, 4, 3, 6), (2, 3, 4, 2, 3)
L = "keras.layers."
K3 = ("keras3",)
SHARED = [
    "relu",
    "gelu",
    "linear",
    "sigmoid",
    "tanh",
    "softmax",
    "softplus",
    "softsign",
    "swish",
    "elu",
    "selu",
]
SHARED += ["exponential", "mish", "hard_sigmoid"]
NEW = [
    "silu",
    "log_softmax",
    "celu",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "relu6",
    "log_sigmoid",
]
NEW += ["squareplus", "tanh_shrink", "soft_shrink", "hard_shrink"]

ACTIVATION: list[Case] = [
    case(L + 'Activation("relu")', LINE, target="nnx.relu(x0)", gradients=True),
    case(L + "ReLU()", LINE, target="nnx.relu(x0)"),
    case(L + "ReLU(6.0)", LINE, target="nnx.relu6(x0)"),
    case(L + "ReLU(max_value=6)", LINE),
    case(L + "ReLU(max_value=1.5)", LINE),
    case(L + "ReLU(negative_slope=0.2)", LINE),
    case(L + "ReLU(2.0, 0.1)", LINE),
    case(L + "LeakyReLU()", LINE, target="nnx.leaky_relu(x0, negative_slope=0.3)"),
    case(L + "LeakyReLU(0.1)", LINE),
    case(L + "LeakyReLU(alpha=0.2)", LINE, flavours=("keras2",)),
    case(L + "LeakyReLU(negative_slope=0.2)", LINE, flavours=K3, gradients=True),
    case(L + "PReLU()", ROW, gradients=True),
    case(
        L + "PReLU(shared_axes=[1, 2])",
        IMAGE,
        target="compat.PReLU((1, 1, 6), nnx.initializers.zeros, rngs=rngs)",
        gradients=True,
    ),
    case(L + "PReLU(shared_axes=(1, 2))", IMAGE),
    case(L + "PReLU()", IMAGE),
    case(L + "PReLU(alpha_initializer='ones', shared_axes=[1])", LINE),
    case(L + "PReLU(shared_axes=[1, 2, 3])", VOLUME),
    case(L + "ELU()", LINE),
    case(L + "ELU(0.5)", LINE, gradients=True),
    case(L + "Softmax()", LINE, target="nnx.softmax(x0)"),
    case(L + "Softmax(axis=1)", LINE, gradients=True),
    case(L + "Softmax(axis=[1, 2])", LINE, flavours=("keras2",)),
    case(L + "Softmax()", LINE, ("bool", LINE), call={"mask": "x1"}),
    case(L + "ThresholdedReLU(0.5)", LINE, flavours=("keras2",)),
    case(L + "Identity()", LINE, target="x0"),
    case(L + "Lambda(lambda x: x * 2 + 1)", LINE, target="x0 * 2 + 1"),
]

ACTIVATIONS: list[Case] = [
    *[case(L + f'Activation("{name}")', LINE, gradients=True) for name in SHARED],
    *[case(L + f'Activation("{name}")', LINE, gradients=True, flavours=K3) for name in NEW],
    *[
        case(L + f'Dense(6, activation="{name}")', LINE)
        for name in ("relu", "gelu", "softmax", "hard_sigmoid")
    ],
    *[case(L + f"Activation(keras.activations.{name})", LINE) for name in SHARED],
    *[case(L + f"Activation(keras.activations.{name})", LINE, flavours=K3) for name in NEW],
    case(L + "Activation(lambda x: keras.activations.relu(x, max_value=1.0))", LINE),
    case(L + "Activation(lambda x: keras.activations.gelu(x, approximate=True))", LINE),
    case(L + "Activation(lambda x: keras.activations.softmax(x, axis=1))", LINE),
    case(L + "Activation(lambda x: keras.activations.elu(x, alpha=0.3))", LINE),
]

REGULARIZATION: list[Case] = [
    case(L + "Dropout(0.3)", LINE),
    case(
        L + "Dropout(0.3, noise_shape=(None, 1, 6))",
        LINE,
        target="nnx.Dropout(0.3, broadcast_dims=(1,), rngs=rngs)",
    ),
    case(
        L + "SpatialDropout1D(0.3)", LINE, target="nnx.Dropout(0.3, broadcast_dims=(1,), rngs=rngs)"
    ),
    case(L + "SpatialDropout2D(0.3)", IMAGE),
    case(L + "SpatialDropout3D(0.3)", VOLUME),
    case(L + "GaussianNoise(0.1)", LINE),
    case(L + "GaussianDropout(0.1)", LINE),
    case(L + "AlphaDropout(0.1)", LINE),
    case(L + "ActivityRegularization(l2=0.1)", LINE),
    case(L + "Masking()", LINE),
    case(L + "Masking(mask_value=1.0)", LINE),
]
