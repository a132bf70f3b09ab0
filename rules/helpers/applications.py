"""What models in the style of `keras.applications` share: checks of their arguments, padding that
fits a strided window."""

import warnings


def obtain_input_shape(
    input_shape: tuple[int | None, ...] | None,
    default_size: int,
    min_size: int,
    require_flatten: bool,
    weights: str | None = None,
) -> tuple[int | None, ...]:
    """`imagenet_utils.obtain_input_shape` for channels-last images: (height, width, channels),
    checked or by default.

    Raises ValueError for a shape that does not fit the model.
    """
    pretrained = weights == "imagenet"
    channels = 3
    if not pretrained and input_shape and len(input_shape) == 3:
        channels = input_shape[-1]
        if channels not in (1, 3):
            warnings.warn(f"expected 1 or 3 input channels, got {channels}", stacklevel=2)
    default = (default_size, default_size, channels)
    if pretrained and require_flatten:
        if input_shape is not None and tuple(input_shape) != default:
            raise ValueError(
                f"a pretrained classifier needs input_shape={default}, got {input_shape}"
            )
        return default
    if not input_shape:
        input_shape = default if require_flatten else (None, None, 3)
    elif len(input_shape) != 3:
        raise ValueError("input_shape must have three entries: height, width, channels")
    elif pretrained and input_shape[-1] != 3:
        raise ValueError(f"pretrained weights need 3 input channels, got input_shape={input_shape}")
    elif any(size is not None and size < min_size for size in input_shape[:2]):
        raise ValueError(
            f"images must be at least {min_size} x {min_size}, got input_shape={input_shape}"
        )
    if require_flatten and None in input_shape:
        raise ValueError(f"a model with a classifier needs a fixed input_shape, got {input_shape}")
    return input_shape


def validate_activation(classifier_activation: object, weights: str | None) -> None:
    """`imagenet_utils.validate_activation`: pretrained classifiers end in softmax or in logits.
    Raises ValueError."""
    if weights is not None and classifier_activation not in (None, "linear", "softmax"):
        raise ValueError(
            "pretrained weights need classifier_activation None or 'softmax', "
            f"got {classifier_activation}"
        )


def correct_pad(
    shape: tuple[int, ...], kernel_size: int | tuple[int, int]
) -> tuple[tuple[int, int], ...]:
    """`imagenet_utils.correct_pad`: the padding of height and width before a strided "valid"
    window. `shape`: (B, H, W, C)."""
    sizes = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    return tuple((k // 2 - (1 - n % 2), k // 2) for n, k in zip(shape[1:3], sizes, strict=True))
