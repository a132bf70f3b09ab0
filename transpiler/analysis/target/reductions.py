"""Functions that take axes away: sums, means, extremes, norms; and sorting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ....ir.dims import Dim
from ..text import shape_text
from ..values import NONE, Fixed, Tensor, Value, const, dim_of
from .dtypes import category, inexact
from .use import Semantics, Use, array, axes_of, out_of_range

JNP = "jax.numpy."


def reduced(use: Use, x: Tensor, dtype: str | None, axis: Value | None = None) -> Tensor:
    """`x` without the axes of `axis`, or with 1 in their place."""
    keepdims = use.flag("keepdims")
    if x.dims is None or keepdims is None:
        return Tensor(None, dtype)
    given = use.get("axis") if axis is None else axis
    axes = axes_of(given, len(x.dims))
    if axes is None:
        if out_of_range(given, len(x.dims)):
            return use.report(
                "TJ4004", f"`{use.name}` over an axis that {shape_text(x.dims)} does not have"
            )
        return Tensor(None, dtype)
    kept = [
        (Dim.of(1) if i in axes else d, x.origin(i))
        for i, d in enumerate(x.dims)
        if keepdims or i not in axes
    ]
    return Tensor(tuple(d for d, _ in kept), dtype, tuple(o for _, o in kept))


def _input(use: Use) -> Tensor:
    return array(use.m, next(iter(use.bound.values()), NONE))


def _same(use: Use) -> Value:
    x = _input(use)
    return replace(reduced(use, x, x.dtype), weak=x.weak)


def _total(use: Use) -> Value:
    """Sums and products: bool becomes int32, small unsigned integers 32 bits."""
    x = _input(use)
    dtype = use.dtype("dtype", None)
    if use.get("dtype") == NONE:
        dtype = x.dtype
        widens = const(use.get("promote_integers")) is not False
        if dtype is not None and category(dtype) <= 1 and (widens or dtype == "bool"):
            dtype = "uint32" if dtype.startswith("u") else "int32"
    return replace(reduced(use, x, dtype), weak=x.weak)


def _mean(use: Use) -> Value:
    x = _input(use)
    dtype = inexact(x.dtype) if use.get("dtype") == NONE else use.dtype()
    return reduced(use, x, dtype)


def _real_mean(use: Use) -> Value:
    x = _input(use)
    dtype = inexact(x.dtype) if use.get("dtype") == NONE else use.dtype()
    return reduced(use, x, "float32" if dtype == "complex64" else dtype)


def _bool(use: Use) -> Value:
    return reduced(use, _input(use), "bool")


def _index(use: Use) -> Value:
    return reduced(use, _input(use), "int32")


def _average(use: Use) -> Value:
    x = _input(use)
    if const(use.get("returned")) is not False:
        return Tensor()
    return reduced(use, x, inexact(x.dtype))


def _norm(use: Use) -> Value:
    x = _input(use)
    dtype = inexact(x.dtype)
    return reduced(use, x, "float32" if dtype == "complex64" else dtype)


def _logsumexp(use: Use) -> Value:
    x = _input(use)
    if const(use.get("return_sign")) is not False:
        return Tensor()
    return reduced(use, x, inexact(x.dtype))


def _quantile(use: Use) -> Value:
    x = _input(use)
    found = reduced(use, x, inexact(x.dtype))
    q = use.tensor("q")
    if found.dims is None or q.dims is None:
        return Tensor(None, found.dtype)
    return Tensor((*q.dims, *found.dims), found.dtype)


def _cumulative(use: Use) -> Value:
    """Along an axis; flat without one."""
    x = _input(use)
    dtype = x.dtype if use.get("dtype") == NONE else use.dtype()
    dtype = "int32" if dtype == "bool" else dtype
    if x.dims is None:
        return Tensor(None, dtype)
    if use.get("axis") != NONE:
        return replace(x, dtype=dtype)
    total = Dim.of(1)
    for d in x.dims:
        total = total * d
    return Tensor((total,), dtype)


def _sorted(use: Use) -> Value:
    return _input(use)


def _argsort(use: Use) -> Value:
    return replace(_input(use), dtype="int32", weak=False)


def _top_k(use: Use) -> Value:
    x, k = _input(use), dim_of(use.get("k"))
    if not x.dims or k is None:
        return Fixed((Tensor(None, x.dtype), Tensor(None, "int32")))
    dims = (*x.dims[:-1], k)
    return Fixed((Tensor(dims, x.dtype), Tensor(dims, "int32")))


def _diff(use: Use) -> Value:
    x = _input(use)
    axes = axes_of(use.get("axis"), x.rank or 0)
    n = dim_of(use.get("n"))
    if x.dims is None or axes is None or len(axes) != 1 or n is None:
        return Tensor()
    if use.get("prepend") != NONE or use.get("append") != NONE:
        return Tensor(None, x.dtype)
    dims = tuple(d - n if i == axes[0] else d for i, d in enumerate(x.dims))
    return Tensor(dims, x.dtype)


def _under(prefix: str, words: str, semantics: Semantics) -> dict[str, Semantics]:
    return {prefix + word: semantics for word in words.split()}


FAMILY: Mapping[str, Semantics] = {
    **_under(JNP, "max min amax amin nanmax nanmin ptp", _same),
    **_under(JNP, "sum prod nansum nanprod", _total),
    **_under(JNP, "mean nanmean median nanmedian", _mean),
    **_under(JNP, "var std nanvar nanstd", _real_mean),
    **_under(JNP, "any all", _bool),
    **_under(JNP, "argmax argmin nanargmax nanargmin count_nonzero", _index),
    JNP + "average": _average,
    JNP + "linalg.norm": _norm,
    JNP + "linalg.vector_norm": _norm,
    "jax.nn.logsumexp": _logsumexp,
    "jax.scipy.special.logsumexp": _logsumexp,
    **_under(JNP, "quantile percentile nanquantile nanpercentile", _quantile),
    **_under(JNP, "cumsum cumprod nancumsum nancumprod", _cumulative),
    JNP + "sort": _sorted,
    JNP + "argsort": _argsort,
    "jax.lax.top_k": _top_k,
    JNP + "diff": _diff,
}
