"""Initializers that a name chooses when the model is built."""

from __future__ import annotations

import math

import jax
import numpy as np
import pytest
from tfjax.rules.helpers.get_initializer import get_initializer


@pytest.mark.parametrize(
    ("name", "limit"), [("glorot_uniform", 3.0), ("he_uniform", 6.0), ("lecun_uniform", 3.0)]
)
def test_a_vector_has_its_size_for_both_fans(name: str, limit: float) -> None:
    initializer = get_initializer(name)
    values = np.asarray(initializer(jax.random.key(0), (4000,)))
    bound = math.sqrt(limit / 4000)
    assert 0.99 * bound < np.abs(values).max() <= bound


def test_none_is_what_keras_takes_then() -> None:
    key, shape = jax.random.key(0), (5, 3)
    given, default = get_initializer(None), get_initializer("glorot_uniform")
    np.testing.assert_array_equal(given(key, shape), default(key, shape))
