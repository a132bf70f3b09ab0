"""How large a difference rounding alone explains.

For every output and gradient leaf the oracle measures `change`: the largest absolute change of the
leaf in TensorFlow itself when each parameter and each float input moves by up to one unit in the
last place (relative noise of eps, three seeds). That is the problem's condition at this very point:

    kappa = change / (eps * scale)        scale = largest absolute value of the leaf

Rounding of the weights enters at every layer, as rounding of the arithmetic does, so `change`
already grows with depth. Operations without weights round too, and the two frameworks sum in other
orders: a random walk over the `depth` layer calls of one forward pass, hence the square root.

    tolerance = factor * eps * max(kappa, 1) * scale = factor * max(change, eps * scale)
    factor    = SAFETY * sqrt(max(depth, SHALLOW)) * (1 + SMALL / size)

The last term is for leaves of few values, which sample the noise badly. Measured with right
translations and with Keras' own JAX backend (ResNet50, EfficientNetV2B0), the error is 0.5 to 3
times `change` at every depth from 6 to 273, so the factor (8 to 33 there) leaves some room and
no more: a wrong epsilon moves results by hundreds to thousands of times `change`.

A gradient that is zero in exact arithmetic (the key bias of an attention layer) is pure rounding of
terms as large as its neighbours': for gradients, `scale` is at least GRADIENT_FLOOR times the
largest gradient of the model.
"""

from __future__ import annotations

import math

SAFETY = 2.0
SHALLOW = 16
SMALL = 4.0
GRADIENT_FLOOR = 1.0 / 16.0
DOUBLE_SLACK = 1000.0
"""In double precision the change is not measured but scaled from that in single precision."""


def tolerance(change: float, eps: float, scale: float, depth: int, size: int) -> float:
    """The largest absolute difference that counts as rounding in a leaf of `size` values."""
    factor = SAFETY * math.sqrt(max(depth, SHALLOW)) * (1.0 + SMALL / max(size, 1))
    return factor * max(change, eps * scale)


def gradient_tolerance(
    change: float, eps: float, scale: float, largest: float, depth: int, size: int
) -> float:
    """As `tolerance`, with `largest` the largest absolute gradient of the model."""
    return tolerance(change, eps, max(scale, GRADIENT_FLOOR * largest), depth, size)
