"""Values to try for arguments that nothing tells: by annotation, by the words of the name, else in
turn. A first choice and further ones; what works is found by running, see `probe_worker`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

WIDTH = 8
VARIANTS = 7
"""How many choices of values are tried together."""
_WIDTHS = (8, 4, 16, 2, 1, 32, 64)
_SHAPES = ((8,), (8, 8), (32, 32, 3), (8, 8, 8), (None, 8), (64, 64, 3), (8,))
_LISTS = ((8, 8), (4, 4, 4), (8,), (8, 8, 8, 8), (2, 2), (16, 8), (8, 8))
_UNKNOWN: tuple[Any, ...] = (8, (8, 8), 0.5, None, "relu", 2, True)
_WORDS: tuple[tuple[str, tuple[Any, ...]], ...] = (
    (r"(\w+_)?(filters|units|channels|width|nodes|neurons|hidden_size|dim_\w+)", _WIDTHS),
    (r"kernel_size|kernel|ksize|window|pool_size", (3, 2, (3, 3), 1)),
    (r"strides?|dilation(_rate)?", (1, (1, 1), 2)),
    (r"(\w+_)?(heads?|groups?)", (2, 4, 1)),
    (r"axis|dim", (-1, 1)),
    (r"(num_|n_)?(layers?|blocks?|stages?|repeats?|steps?|repetitions?)|depth", (2, 1, (1, 1))),
    (r"(\w+_)?(rate|dropout|drop|prob|probability)", (0.1, 0.0)),
    (r"(\w+_)?eps(ilon)?", (1e-3,)),
    (r"momentum|decay", (0.9,)),
    (r"(\w+_)?(alpha|beta|gamma|temperature|factor|weight|coefficient|slope|scale)", (0.5, 1, 2)),
    (r"(\w+_)?(activation|act|nonlinearity)(_fn)?", ("relu", None)),
    (r"padding", ("same", "valid")),
    (r"data_format", ("channels_last",)),
    (r"name|prefix|scope|base_name|block_name|stage_name", ("part",)),
    (r"(\w+_)?initializer", ("glorot_uniform", "zeros")),
    (r"(\w+_)?regularizer|(\w+_)?constraint", (None,)),
    (r"dtype", ("float32",)),
    (r"(use|is|with|has|return|include|apply|learn)_\w+|training|trainable|bias", (False, True)),
    (r"(\w+_)?shape", _SHAPES),
    (r"(\w+_)?(sizes|units_list|widths|dims|filters_list|channels_list)", _LISTS),
    (r"(num_|n_)?(classes|labels|outputs?|tokens)|(\w+_)?vocab(ulary)?(_size)?", (16, 8, 1)),
    (r"max_?(len|length|position\w*|seq\w*)|seq_?len(gth)?|sequence_length|maxlen", (8, 16, 64)),
)
_BY_TYPE: Mapping[str, tuple[Any, ...]] = {
    "int": _WIDTHS,
    "float": (0.5, 0.1, 1.0),
    "bool": (False, True),
    "str": ("relu", "same", "part", "channels_last", "mean"),
}
_TENSOR_TYPES = re.compile(r"Tensor\b|ndarray|Array\b|TensorLike")
_INTEGERS = re.compile(r"(\w+_)?(ids?|tokens?|ind(ex|ices)|words|lengths?|labels?)(_\w+)?")
_MASKS = re.compile(r"(\w+_)?masks?")
_SWITCHES = ("training", "is_training", "train")


def arguments(parameters: Mapping[str, inspect.Parameter], variant: int) -> dict[str, Any]:
    """Values for the parameters without a default; `variant` counts through the choices."""
    return {name: _choice(p, variant) for name, p in parameters.items() if is_required(p)}


def is_required(parameter: inspect.Parameter) -> bool:
    named = parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    return named and parameter.default is parameter.empty


def _choice(parameter: inspect.Parameter, variant: int) -> Any:
    choices = _choices(parameter)
    return choices[min(variant, len(choices) - 1)] if len(choices) < 4 else choices[
        variant % len(choices)
    ]  # fmt: skip


def _choices(parameter: inspect.Parameter) -> tuple[Any, ...]:
    kind = annotation_text(parameter)
    plain = re.sub(r"Optional\[(.*)\]|(.*) \| None", r"\1\2", kind).removeprefix("typing.")
    for pattern, values in _WORDS:
        if re.fullmatch(pattern, parameter.name.lower()):
            fitting = [v for v in values if plain not in _BY_TYPE or _is_a(v, plain)]
            if fitting:
                return tuple(fitting)
    if plain in _BY_TYPE:
        return _BY_TYPE[plain]
    if re.match(r"(list|tuple|sequence|iterable)\b", plain.lower()):
        return tuple(tuple(float(v) for v in c) for c in _LISTS) if "float" in plain else _LISTS
    return _UNKNOWN if plain or parameter.name.islower() else _WIDTHS


def _is_a(value: Any, kind: str) -> bool:
    return type(value).__name__ == kind or (kind == "float" and type(value) is int)


def annotation_text(parameter: inspect.Parameter) -> str:
    found = parameter.annotation
    if found is parameter.empty:
        return ""
    return found if isinstance(found, str) else getattr(found, "__name__", str(found))


def is_switch(name: str) -> bool:
    """Whether an argument says that the call is one of training."""
    return name in _SWITCHES


def takes_tensor(parameter: inspect.Parameter) -> bool | None:
    """Whether an argument of a function is a tensor; None where nothing tells."""
    kind = annotation_text(parameter)
    if kind:
        return bool(_TENSOR_TYPES.search(kind))
    name = parameter.name.lower()
    if re.fullmatch(r"x\d?|y|inputs?|(\w+_)?tensors?|y_true|y_pred|logits|\w*(query|key|value)s?|"
                    r"q|k|v|features?|images?|embeddings?|h|hidden(_states?)?", name):  # fmt: skip
        return True
    if any(re.fullmatch(pattern, name) for pattern, _ in _WORDS):
        return False
    return True if _INTEGERS.fullmatch(name) or _MASKS.fullmatch(name) else None


_SPECS: Mapping[str, tuple[str, ...]] = {
    "vector": ("float32[B, 8]",),
    "sequence": ("float32[B, T, 8]", "float32[B, T, 4]", "float32[B, T, 1]"),
    "image": ("float32[B, H, W, 8]", "float32[B, 32, 32, 3]", "float32[B, 64, 64, 3]"),
    "tokens": ("int32[B, T]<8", "int32[B, T]<2"),
    "volume": ("float32[B, D, H, W, 4]",),
    "scalars": ("float32[B]", "int32[B]<8", "float32[B, 4]", "float32[B, 1]", "float32[B, 16]"),
}
_LAYERS = (
    (r"Conv3D|Pool(ing)?3D|conv3d", "volume"),
    (r"Conv2D|Pool(ing)?2D|conv2d|Upsampling2D|UpSampling2D|ZeroPadding2D|pool2d", "image"),
    (r"\bresize|max_pool\b|avg_pool\b|depth_to_space|space_to_depth|extract_patches", "image"),
    (r"Embedding\b|embedding_lookup", "tokens"),
    (r"axis=[\[(]1, 2[\])]", "image"),
    (r"Conv1D|LSTM|GRU|RNN|Attention|attention|Pool(ing)?1D|Bidirectional", "sequence"),
)


def forms(names: tuple[str, ...], text: str) -> Iterator[dict[str, str]]:
    """Specs for the tensors of a call, the likely ones first: by the words of the names, and by the
    operations that `text`, the source, names. Alike for all, then two kinds mixed."""
    kinds = [kind for pattern, kind in _LAYERS if re.search(pattern, text)]
    order = [*kinds, *(kind for kind in _SPECS if kind not in kinds)]
    shared = [spec for kind in order for spec in _SPECS[kind][:1]]
    shared += [spec for kind in order for spec in _SPECS[kind][1:]]
    for spec in shared:
        yield {name: _named(name, spec) for name in names}
    if len(names) > 1:
        for first in shared[:6]:
            for second in shared[:6]:
                if first != second:
                    rest = {name: _named(name, second) for name in names[1:]}
                    yield {names[0]: _named(names[0], first)} | rest


def _named(name: str, spec: str) -> str:
    """The spec for an argument whose name says that it holds integers or a mask."""
    dims = spec[spec.index("[") + 1 : spec.index("]")].split(", ")
    if _MASKS.fullmatch(name.lower()):
        return f"bool[{', '.join(dims[:2] if len(dims) > 1 else dims)}]"
    if _INTEGERS.fullmatch(name.lower()) and not spec.startswith("int"):
        return f"int32[{', '.join(dims[: max(1, len(dims) - 1)])}]<8"
    return spec


def variations(dim: str) -> tuple[int, ...]:
    """Sizes of a free dim, the one that is tried first in front: even, odd, one, prime."""
    return (2, 3, 1, 7) if dim == "B" else (8, 7, 1, 13)
