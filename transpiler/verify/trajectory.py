"""Training steps that both sides take: SGD with momentum on a fixed regression loss.

    loss     = 1/2 sum over float outputs of mean((output - cotangent)^2)
    velocity = MOMENTUM * velocity - rate * gradient;   parameter += velocity

The loss is bounded below and uses every output. The rate is chosen by the source's first gradient,
such that the first step moves the parameters by RELATIVE_STEP of their norm. An optimizer that
divides by the size of gradients (Adam) would make whole steps of gradients that are rounding only.
"""

from __future__ import annotations

STEPS = 5
MOMENTUM = 0.9
RELATIVE_STEP = 0.01
