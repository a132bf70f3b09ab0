"""Random programs of layers, branches, loops and helpers compile."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.harness import check_compile

HEAD = """\
from tensorflow import keras
from tensorflow.keras import layers


def conv_block(x, filters, activation="relu", normalise=True):
    x = layers.Conv2D(filters, 3, padding="same", use_bias=not normalise)(x)
    if normalise:
        x = layers.BatchNormalization()(x)
    return layers.Activation(activation)(x)


class Mixer(layers.Layer):
    def __init__(self, units, depth=2):
        super().__init__()
        self.inner = [layers.Dense(units, activation="tanh") for _ in range(depth)]

    def build(self, input_shape):
        self.scale = self.add_weight(name="scale", shape=(input_shape[-1],), initializer="ones")
        self.out = layers.Dense(input_shape[-1])

    def call(self, x):
        y = x * self.scale
        for layer in self.inner:
            y = layer(y)
        return x + self.out(y)


"""
ACTIVATIONS = st.sampled_from(["relu", "tanh", "sigmoid", "elu", "softplus", None])
WIDTHS = st.integers(1, 5)
IMAGE = (
    "conv",
    "strided",
    "separable",
    "pool",
    "average",
    "block",
    "residual",
    "branches",
    "loop",
    "choice",
    "mixer",
    "shared",
)
FLAT = ("dense", "norm", "skip", "wide", "stack", "gate", "mixer")


@st.composite
def models(draw: DrawFn) -> str:
    """A module with a function `build` that makes a functional model of images."""
    lines = [f"x = inputs = keras.Input((8, 8, {draw(st.integers(1, 3))}))"]
    pools = 0
    for kind in draw(st.lists(st.sampled_from(IMAGE), min_size=1, max_size=5)):
        pools += kind in ("strided", "pool", "average")
        if pools < 3 or kind not in ("strided", "pool", "average"):
            lines += image_step(draw, kind)
    lines.append(
        draw(st.sampled_from(["x = layers.Flatten()(x)", "x = layers.GlobalMaxPooling2D()(x)"]))
    )
    for kind in draw(st.lists(st.sampled_from(FLAT), max_size=3)):
        lines += flat_step(draw, kind)
    lines.append(f"return keras.Model(inputs, layers.Dense({draw(WIDTHS)})(x))")
    deep = draw(st.booleans())
    body = "".join(f"    {line}\n" for line in lines)
    return f"{HEAD}def build(deep={deep}, width={draw(WIDTHS)}):\n{body}"


def image_step(draw: DrawFn, kind: str) -> list[str]:
    """Lines that change `x`, an image."""
    filters, activation = draw(WIDTHS), draw(ACTIVATIONS)
    match kind:
        case "conv":
            size = draw(st.sampled_from(["1", "3", "(3, 1)"]))
            rest = f"padding='same', activation={activation!r}"
            return [f"x = layers.Conv2D({filters}, {size}, {rest})(x)"]
        case "strided":
            return [f"x = layers.Conv2D({filters}, 3, strides=2, padding='same')(x)"]
        case "separable":
            return [f"x = layers.SeparableConv2D({filters}, 3, padding='same')(x)"]
        case "pool":
            return ["x = layers.MaxPooling2D(2)(x)"]
        case "average":
            return ["x = layers.AveragePooling2D(2, padding='same')(x)"]
        case "block":
            return [f"x = conv_block(x, {filters}, normalise={draw(st.booleans())})"]
        case "residual":
            return [
                f"x = conv_block(x, {filters})",
                f"y = conv_block(x, {filters}, {activation!r})",
                f"x = layers.{draw(st.sampled_from(['Add', 'Multiply', 'Maximum']))}()([x, y])",
            ]
        case "branches":
            return [
                f"y = layers.Conv2D({filters}, 1)(x)",
                "z = layers.MaxPooling2D(3, strides=1, padding='same')(x)",
                "x = layers.Concatenate()([x, y, z])",
            ]
        case "loop":
            sizes = tuple(draw(st.lists(WIDTHS, min_size=1, max_size=3)))
            return [f"for filters in {sizes}:", "    x = conv_block(x, filters)"]
        case "shared":
            # Flax has one kernel where Keras has one layer, in each round of the loop.
            return [
                f"x = layers.Conv2D({filters}, 1)(x)",
                f"shared = layers.Conv2D({filters}, 3, padding='same', activation={activation!r})",
                f"for _ in range({draw(st.integers(1, 3))}):",
                "    x = shared(x)",
            ]
        case "choice":
            return [
                "if deep:",
                f"    x = layers.Conv2D({filters}, 3, padding='same')(x)",
                "else:",
                "    x = layers.Dense(width)(x)",
            ]
        case _:
            return [f"x = Mixer({filters})(x)"]


def flat_step(draw: DrawFn, kind: str) -> list[str]:
    """Lines that change `x`, a batch of vectors."""
    width, activation = draw(WIDTHS), draw(ACTIVATIONS)
    match kind:
        case "dense":
            return [f"x = layers.Dense({width}, activation={activation!r})(x)"]
        case "norm":
            return ["x = layers.LayerNormalization()(x)"]
        case "skip":
            return [
                f"x = layers.Dense({width})(x)",
                f"x = x + layers.Dense({width}, activation={activation!r})(x)",
            ]
        case "wide":
            return [f"x = layers.Concatenate()([x, layers.Dense({width})(x)])"]
        case "stack":
            return ["for i in range(2):", f"    x = layers.Dense({width} + i)(x)"]
        case "gate":
            return ["x = x * layers.Dense(1, activation='sigmoid')(x)"]
        case _:
            return [f"x = Mixer(width, depth={draw(st.integers(1, 2))})(x)"]


QUIET = {"derandomize": True, "database": None, "deadline": None}


@settings(max_examples=15, suppress_health_check=list(HealthCheck), **QUIET)
@given(models())
def test_random_models_compile(text: str) -> None:
    check_compile(text, module="net", flavour="2")
