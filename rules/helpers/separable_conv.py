"""Keras' separable convolutions."""

from collections.abc import Callable, Sequence

import jax
from flax import nnx

_SeparableInit = Callable[..., jax.Array]
_separable_kernel = nnx.initializers.glorot_uniform()


class SeparableConv(nnx.Module):
    """`keras.layers.SeparableConv1D` and `SeparableConv2D`: a depthwise, then a pointwise
    convolution.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        kernel_size: Sequence[int],
        *,
        strides: int | Sequence[int] = 1,
        padding: str = "VALID",
        kernel_dilation: int | Sequence[int] = 1,
        depth_multiplier: int = 1,
        use_bias: bool = True,
        depthwise_init: _SeparableInit = _separable_kernel,
        pointwise_init: _SeparableInit = _separable_kernel,
        bias_init: _SeparableInit = nnx.initializers.zeros,
        rngs: nnx.Rngs,
    ) -> None:
        features = in_features * depth_multiplier
        self.depthwise = nnx.Conv(
            in_features,
            features,
            kernel_size,
            strides=strides,
            padding=padding,
            kernel_dilation=kernel_dilation,
            feature_group_count=in_features,
            use_bias=False,
            kernel_init=depthwise_init,
            rngs=rngs,
        )
        self.pointwise = nnx.Conv(
            features,
            out_features,
            (1,) * len(kernel_size),
            use_bias=use_bias,
            kernel_init=pointwise_init,
            bias_init=bias_init,
            rngs=rngs,
        )

    def __call__(self, x: jax.Array) -> jax.Array:
        return self.pointwise(self.depthwise(x))
