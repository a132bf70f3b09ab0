"""What the configuration of a layer tells: `self.embed.input_dim`, `self.dense.units`."""

from __future__ import annotations

from collections.abc import Mapping

from ....ir.dims import from_expression
from ....ir.nodes import Attribute, Expression, Name, replace_node, walk
from ..frame import Result
from ..sites import LayerTarget, Site
from ..values import Static, integer

_CONVOLUTION = {"filters": "out_features", "kernel_size": "kernel_size", "strides": "strides"}
# Attributes of layers of Keras, as the modules of Flax that they become have them.
ATTRIBUTES: Mapping[str, Mapping[str, str]] = {
    "keras.layers.Embedding": {"input_dim": "num_embeddings", "output_dim": "features"},
    "keras.layers.Dense": {"units": "out_features", "use_bias": "use_bias"},
    "keras.layers.Conv1D": _CONVOLUTION,
    "keras.layers.Conv2D": _CONVOLUTION,
    "keras.layers.Conv3D": _CONVOLUTION,
    "keras.layers.LayerNormalization": {"epsilon": "epsilon"},
    "keras.layers.BatchNormalization": {"epsilon": "epsilon", "momentum": "momentum"},
    "keras.layers.Dropout": {"rate": "rate"},
}


# Stands before names that only the constructor of another module knows; no name of Python's has it.
MARK = "@"


def is_marked(code: Expression) -> bool:
    """Whether code mentions what only the constructor of another module knows."""
    return any(isinstance(n, Name) and n.id.startswith(MARK) for n in walk(code))


def read(node: Attribute, code: Expression, site: Site) -> Result | None:
    """The attribute of the module in place of that of the layer; None for one that it lacks."""
    if not isinstance(site.target, LayerTarget) or not isinstance(code, Attribute):
        return None
    op = site.target.static
    name = ATTRIBUTES.get(op.symbol, {}).get(node.attribute)
    if name is None:
        return None
    given = op.bound.get(node.attribute)
    if given is not None and is_marked(given):
        given = None
    size = from_expression(given) if given is not None else None
    value = integer(size) if size is not None else Static()
    return Result(value, replace_node(code, attribute=name), given)
