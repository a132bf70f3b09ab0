"""The target library as the analysis asks for it: calls, layers, arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ....rules.api import TargetApi
from ..machine import Machine
from ..tensors import Cut
from ..values import UNKNOWN, Arguments, Const, External, Layer, Place, Tensor, Value
from . import (
    arrays,
    control,
    creation,
    elementwise,
    modules,
    products,
    rearranging,
    reductions,
    windows,
)
from .use import Semantics, Use, bound_use

FAMILIES = (elementwise, reductions, creation, rearranging, products, windows, control)
TABLE: Mapping[str, Semantics] = {k: v for family in FAMILIES for k, v in family.FAMILY.items()}
ROOTS = frozenset({"jax", "flax", "optax"})
MODULE_BASES = frozenset({"flax.nnx.Module", "flax.nnx.Pytree", "flax.nnx.Object"})


class JaxLibrary:
    """Knows JAX and Flax; what it does not know is unknown."""

    def knows(self, dotted: str) -> bool:
        return dotted.partition(".")[0] in ROOTS

    def is_base(self, value: Value) -> bool:
        """A class of the library that classes of the program may extend."""
        return isinstance(value, External) and value.dotted in MODULE_BASES

    def is_transparent(self, dotted: str) -> bool:
        """A decorator that changes no shape."""
        return dotted in control.TRANSPARENT

    def call(self, m: Machine, dotted: str, given: Arguments, place: Place) -> Value:
        name = canonical(dotted)
        if name == creation.MADE:
            use = Use(m, name, {}, given.positional, given.keywords, place)
            return creation.initialised(use)
        if name == control.MAPPED:
            use = Use(m, name, {}, given.positional, given.keywords, place)
            return control.mapped(use)
        if self.is_transparent(name):
            return given.positional[0] if len(given.positional) == 1 else UNKNOWN
        if name.startswith(modules.NNX):
            made = modules.make(m, name, given, place)
            if made is not None:
                return made
        kind = name.rpartition(".")[2]
        if name == f"jax.numpy.{kind}" and kind in SCALARS and given.positional:
            given = Arguments((given.positional[0], Const(kind.rstrip("_"))))
            name = "jax.numpy.asarray"
        semantics = TABLE.get(name)
        if semantics is None:
            return UNKNOWN
        use = bound_use(m, name, given, place)
        return UNKNOWN if use is None else semantics(use)

    def apply(self, m: Machine, layer: Layer, given: Arguments, place: Place) -> Value:
        return modules.apply(m, layer, given, place)

    def layer_attribute(self, m: Machine, layer: Layer, name: str) -> Value:
        return modules.attribute(m, layer, name)

    def layer_method(
        self, m: Machine, layer: Layer, name: str, given: Arguments, place: Place
    ) -> Value:
        if name == "attend":
            return modules.attend(m, layer, given, place)
        return UNKNOWN

    def attribute(self, m: Machine, x: Tensor, name: str) -> Value:
        return arrays.attribute(m, x, name)

    def method(self, m: Machine, x: Tensor, name: str, given: Arguments, place: Place) -> Value:
        def call(dotted: str, given: Arguments, place: Place) -> Value:
            return self.call(m, dotted, given, place)

        return arrays.method(m, x, name, given, place, call)

    def updated(self, x: Tensor, name: str) -> Value:
        return arrays.updated(x, name)

    def binary(self, m: Machine, symbol: str, left: Value, right: Value, place: Place) -> Value:
        return arrays.binary(m, symbol, left, right, place)

    def comparison(self, m: Machine, symbol: str, left: Value, right: Value, place: Place) -> Value:
        return arrays.comparison(m, symbol, left, right, place)

    def index(self, m: Machine, x: Tensor, parts: Sequence[Value | Cut], place: Place) -> Value:
        return arrays.index(m, x, parts, place)


SCALARS = frozenset(
    {
        *("float32", "float16", "bfloat16", "float64", "int8", "int16", "int32", "int64", "uint8"),
        *("uint16", "uint32", "uint64", "bool_", "complex64"),
    }
)


def canonical(dotted: str) -> str:
    """`flax.nnx.relu` is `jax.nn.relu`, and so on."""
    for prefix, home in (
        ("flax.nnx.initializers.", "jax.nn.initializers."),
        ("flax.nnx.", "jax.nn."),
        ("jax.numpy.linalg.", "jax.numpy."),
    ):
        if dotted.startswith(prefix):
            name = home + dotted.removeprefix(prefix)
            if dotted not in TABLE and name in TABLE:
                return name
    if dotted.startswith("flax.nnx.") and TargetApi.load().has(
        "jax.numpy." + dotted.removeprefix("flax.nnx.")
    ):
        return "jax.numpy." + dotted.removeprefix("flax.nnx.")
    return dotted
