"""Moving variances of Keras 2 without Bessel's correction, which their translation does not have.

For 4-D inputs Keras 2 stores n / (n - 1) of the variance that it computes with, n the number of
values of a channel; Keras 3 and Flax store that variance. The rule of the layer says so of each
translation (TJ6010). What is compared is the rest of the update.
"""
# pyright: basic

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SWITCH = "_bessels_correction_test_only"
"""With False Keras takes the correction out again; each layer sets its own to True."""


@dataclass
class Uncorrected:
    """`met`: whether a layer has asked, and would have stored another variance."""

    met: bool = False

    @property
    def notes(self) -> list[str]:
        text = "the moving variances of Keras 2 are compared without the factor n / (n - 1), TJ6010"
        return [text] if self.met else []


def leave_out_correction(keras_modules: tuple[Any, ...]) -> Uncorrected:
    """Called before the source is imported."""
    found = Uncorrected()

    def switch(layer: Any) -> bool:
        found.met = True
        return False

    for keras in keras_modules:
        for cls in keras.layers.BatchNormalization.__mro__:
            if cls.__name__ == "BatchNormalizationBase":  # of Keras 2 alone
                setattr(cls, SWITCH, property(switch, lambda layer, value: None))
    return found
