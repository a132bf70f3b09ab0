"""How large a difference rounding alone explains.

For every output and gradient leaf the oracle measures `change`: the largest absolute change of the
leaf in TensorFlow itself when each parameter and each float input moves by up to one unit in the
last place (relative noise of eps, two seeds). That is the problem's condition at this very point:

    kappa = change / (eps * scale)        scale = largest absolute value of the leaf

Rounding of the weights enters at every layer, as rounding of the arithmetic does, so `change` grows
with depth by itself. Operations without weights round too, and the two frameworks sum in other
orders: a random walk over the `depth` layer calls of one forward pass, hence the square root.

    tolerance = SAFETY * sqrt(depth) * eps * max(kappa, 1) * scale
              = SAFETY * sqrt(depth) * max(change, eps * scale)

A gradient that is zero in exact arithmetic (the key bias of an attention layer) is pure rounding of
terms as large as its neighbours': for gradients, `scale` is at least GRADIENT_FLOOR times the
largest gradient of the model.
"""

from __future__ import annotations

import math

SAFETY = 4.0
GRADIENT_FLOOR = 1.0 / 16.0


def tolerance(change: float, eps: float, scale: float, depth: int) -> float:
    """The largest absolute difference that counts as rounding; 0.0 for exact dtypes (eps 0)."""
    return SAFETY * math.sqrt(max(depth, 1)) * max(change, eps * scale) if eps else 0.0


def gradient_tolerance(
    change: float, eps: float, scale: float, largest: float, depth: int
) -> float:
    """As `tolerance`, with `largest` the largest absolute gradient of the model."""
    return tolerance(change, eps, max(scale, GRADIENT_FLOOR * largest), depth)
