"""Inputs for regions: what is tried, and that every style holds what it is named for."""

import numpy as np
import pytest
from tfjax.agents.contract import Operand
from tfjax.agents.sandbox.inputs import Spec, array, combinations, variants


@pytest.mark.parametrize("seed", range(5))
def test_styles_hold_their_values(seed: int):
    spec = Spec("float32", (2, 3))
    special, odd = array(spec, "special", seed), array(spec, "nan", seed)
    assert np.isposinf(special).any()
    assert np.isneginf(special).any()
    assert (np.signbit(special) & (special == 0)).any()
    assert not np.isnan(special).any()
    assert np.isnan(odd).any()
    assert np.isfinite(array(spec, "general", seed)).all()
    assert np.array_equal(special, array(spec, "special", seed))


@pytest.mark.parametrize("shape", [(), (0,), (1,), (3, 0)])
def test_small_arrays(shape: tuple[int, ...]):
    assert array(Spec("float32", shape), "special", 0).shape == shape


def test_equal_shapes_are_tried_first():
    operands = (Operand("x", "x"), Operand("y", "y"))
    first = next(combinations(operands, 10))
    assert first == (Spec("float32", (3, 4)), Spec("float32", (3, 4)))


def test_known_types_are_kept():
    operands = (
        Operand("x", "x", "tensor", "float32", ("b", 7)),
        Operand("i", "i", "tensor", "int32", ("b",)),
    )
    found = list(combinations(operands, 10))
    assert found[0] == (Spec("float32", (2, 7)), Spec("int32", (2,), index=True))
    assert all(s.shape[0] == 2 for specs in found for s in specs)


def test_sizes_vary():
    specs = (Spec("float32", (3, 4)), Spec(static=2))
    assert [s[0].shape for s in variants(specs)] == [(4, 5), (1, 1)]
