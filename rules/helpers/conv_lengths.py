"""Sizes after a convolution, as `keras.utils.conv_utils` computes them."""


def conv_output_length(
    input_length: int | None, filter_size: int, padding: str, stride: int, dilation: int = 1
) -> int | None:
    """The length after a convolution; None stays None."""
    if input_length is None:
        return None
    window = filter_size + (filter_size - 1) * (dilation - 1)
    if padding == "valid":
        input_length += 1 - window
    elif padding == "full":
        input_length += window - 1
    return (input_length + stride - 1) // stride


def deconv_output_length(
    input_length: int | None,
    filter_size: int,
    padding: str,
    output_padding: int | None = None,
    stride: int = 0,
    dilation: int = 1,
) -> int | None:
    """The length after a transposed convolution; None stays None."""
    if input_length is None:
        return None
    window = filter_size + (filter_size - 1) * (dilation - 1)
    if output_padding is None:
        excess = {"valid": max(window - stride, 0), "full": -(stride + window - 2)}
        return input_length * stride + excess.get(padding, 0)
    padded = {"same": window // 2, "valid": 0, "full": window - 1}[padding]
    return (input_length - 1) * stride + window - 2 * padded + output_padding
