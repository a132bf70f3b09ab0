"""Layers whose state `adapt` computes: their weights are read when it is done, not when they are
assigned, so the proofs of the other layers cannot set them."""

import numpy as np
import pytest


@pytest.mark.verify
@pytest.mark.parametrize("invert", [False, True])
def test_normalization_has_the_adapted_mean_and_variance(invert: bool) -> None:
    import tf_keras
    from tfjax.rules.helpers.normalization import Normalization

    data = np.random.default_rng(0).normal(3.0, 2.0, (16, 5)).astype("float32")
    layer = tf_keras.layers.Normalization(invert=invert)
    layer.adapt(data)
    module = Normalization(5, invert=invert)
    mean, variance, _ = layer.get_weights()
    module.mean[...], module.variance[...] = mean, variance
    np.testing.assert_allclose(module(data), layer(data), rtol=1e-5, atol=1e-6)
