"""Functions that make arrays: of a constant, of random numbers, of Python values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ....ir.dims import Dim
from ..broadcasting import broadcast
from ..values import (
    NONE,
    UNKNOWN,
    Const,
    External,
    Fixed,
    Tensor,
    Value,
    const,
    dim_of,
    integer,
)
from .dtypes import inexact, promote
from .use import Semantics, Use, array, axis_of, filled, named_dtype, sizes_of

JNP, RANDOM, INIT = "jax.numpy.", "jax.random.", "jax.nn.initializers."
MADE = "jax.nn.initializers.<made>"


def of_sizes(
    use: Use, sizes: Sequence[Dim | None] | None, dtype: str | None, weak: bool = False
) -> Tensor:
    if sizes is None:
        return Tensor(None, dtype)
    dims = filled(use.m, sizes)
    return Tensor(dims, dtype, (use.place,) * len(dims), weak=weak)


def _zeros(use: Use) -> Value:
    return of_sizes(use, sizes_of(use.get("shape")), use.dtype("dtype", "float32"))


def _full(use: Use) -> Value:
    value = use.tensor("fill_value")
    given = use.get("dtype") != NONE
    dtype = use.dtype() if given else value.dtype
    return of_sizes(use, sizes_of(use.get("shape")), dtype, value.weak and not given)


def _like(use: Use) -> Value:
    x = array(use.m, next(iter(use.bound.values()), UNKNOWN))
    given = use.get("dtype") != NONE
    dtype = use.dtype() if given else x.dtype
    weak = x.weak and not given
    if use.get("shape") != NONE:
        return of_sizes(use, sizes_of(use.get("shape")), dtype, weak)
    return replace(x, dtype=dtype, weak=weak)


def _asarray(use: Use) -> Value:
    value = next(iter(use.bound.values()), UNKNOWN)
    found = array(use.m, value)
    if use.get("dtype") != NONE:
        return replace(found, dtype=use.dtype(), weak=False)
    return found


def _arange(use: Use) -> Value:
    start, stop, step = use.get("start"), use.get("stop"), use.get("step")
    values = [v for v in (start, stop, step) if v != NONE]
    kind, _ = promote([array(use.m, v) for v in values])
    dtype = use.dtype() if use.get("dtype") != NONE else kind
    if stop == NONE:
        start, stop = Const(0), start
    low, high = dim_of(start), dim_of(stop)
    stride = 1 if step == NONE else integer(step)
    if low is None or high is None or stride is None or stride == 0:
        return of_sizes(use, (_float_count(start, stop, step),), dtype)
    if low.constant is not None and high.constant is not None:
        return of_sizes(use, (Dim.of(len(range(low.constant, high.constant, stride))),), dtype)
    length = high - low if stride > 0 else low - high
    return of_sizes(use, (length.ceil_div(Dim.of(abs(stride))),), dtype)


def _float_count(start: Value, stop: Value, step: Value) -> Dim | None:
    import math

    numbers = [const(v) for v in (start, stop, Const(1) if step == NONE else step)]
    known = [n for n in numbers if isinstance(n, (int, float))]
    if len(known) < 3 or not known[2]:
        return None
    return Dim.of(max(0, math.ceil((known[1] - known[0]) / known[2])))


def _linspace(use: Use) -> Value:
    if const(use.get("retstep")) is not False:
        return UNKNOWN
    ends = [use.tensor("start"), use.tensor("stop")]
    kind, _ = promote(ends)
    dtype = use.dtype() if use.get("dtype") != NONE else inexact(kind)
    inner = broadcast(use.m, ends, use.place)
    count = dim_of(use.get("num"))
    if inner is None or inner.dims is None or integer(use.get("axis")) != 0:
        return Tensor(None, dtype)
    return of_sizes(use, (count, *inner.dims), dtype)


def _eye(use: Use) -> Value:
    rows = dim_of(use.get("N", use.get("n")))
    columns = rows if use.get("M") == NONE else dim_of(use.get("M"))
    return of_sizes(use, (rows, columns), use.dtype("dtype", "float32"))


def _one_hot(use: Use) -> Value:
    x, depth = use.tensor("x"), dim_of(use.get("num_classes"))
    dtype = use.dtype("dtype", "float32")
    if x.dims is None:
        return Tensor(None, dtype)
    at = axis_of(use.get("axis", Const(-1)), len(x.dims) + 1)
    if at is None:
        return Tensor(None, dtype)
    return of_sizes(use, (*x.dims[:at], depth, *x.dims[at:]), dtype)


def _meshgrid(use: Use) -> Value:
    arrays = [array(use.m, v) for v in use.rest]
    lengths = [x.dims[0] if x.rank == 1 and x.dims else None for x in arrays]
    if const(use.get("sparse")) is not False:
        return UNKNOWN
    if const(use.get("indexing")) == "xy" and len(lengths) > 1:
        lengths[0], lengths[1] = lengths[1], lengths[0]
    dims = filled(use.m, lengths)
    return Fixed(tuple(Tensor(dims, x.dtype) for x in arrays))


def _indices(use: Use) -> Value:
    sizes = sizes_of(use.get("dimensions"))
    return of_sizes(use, None if sizes is None else (Dim.of(len(sizes)), *sizes), "int32")


def _tri(use: Use) -> Value:
    rows = dim_of(use.get("N"))
    columns = rows if use.get("M") == NONE else dim_of(use.get("M"))
    return of_sizes(use, (rows, columns), use.dtype("dtype", "float32"))


# -- random numbers


def _random(default: str) -> Semantics:
    def semantics(use: Use) -> Value:
        return of_sizes(use, sizes_of(use.get("shape")), use.dtype("dtype", default))

    return semantics


def _bernoulli(use: Use) -> Value:
    if use.get("shape") == NONE:
        return Tensor(use.tensor("p").dims, "bool")
    return of_sizes(use, sizes_of(use.get("shape")), "bool")


def _by_parameters(names: tuple[str, ...], default: str) -> Semantics:
    """A shape that the parameters of the distribution give, unless it is given."""

    def semantics(use: Use) -> Value:
        dtype = use.dtype("dtype", default)
        if use.get("shape") != NONE:
            return of_sizes(use, sizes_of(use.get("shape")), dtype)
        found = broadcast(use.m, [use.tensor(n) for n in names], use.place)
        return replace(found or Tensor(), dtype=dtype, weak=False)

    return semantics


def _categorical(use: Use) -> Value:
    logits = use.tensor("logits")
    if use.get("shape") != NONE:
        return of_sizes(use, sizes_of(use.get("shape")), "int32")
    at = axis_of(use.get("axis"), logits.rank or 0)
    if logits.dims is None or at is None:
        return Tensor(None, "int32")
    return Tensor(tuple(d for i, d in enumerate(logits.dims) if i != at), "int32")


def _permutation(use: Use) -> Value:
    x = use.get("x")
    count = dim_of(x)
    if count is not None and not isinstance(x, Tensor):
        return of_sizes(use, (count,), "int32")
    return use.tensor("x")


# -- initializers


def _maker(use: Use) -> Value:
    """`glorot_uniform()` gives a function of key, shape and dtype."""
    return External(MADE)


def _initializer(use: Use) -> Value:
    return of_sizes(use, sizes_of(use.get("shape")), use.dtype("dtype", "float32"))


def initialised(use: Use) -> Value:
    """A call of what an initializer's maker gave."""
    given = [*use.rest]
    shape = given[1] if len(given) > 1 else use.more.get("shape", UNKNOWN)
    kind = given[2] if len(given) > 2 else use.more.get("dtype", NONE)
    dtype = "float32" if kind == NONE else named_dtype(kind)
    return of_sizes(use, sizes_of(shape), dtype)


def _under(prefix: str, words: str, semantics: Semantics) -> dict[str, Semantics]:
    return {prefix + word: semantics for word in words.split()}


MAKERS = (
    "glorot_uniform glorot_normal he_uniform he_normal lecun_uniform lecun_normal xavier_uniform "
    "xavier_normal kaiming_uniform kaiming_normal normal uniform truncated_normal orthogonal "
    "variance_scaling constant delta_orthogonal zeros_init ones_init"
)


def _result_type(use: Use) -> Value:
    """Of arrays, and of dtypes, which count as strong: but for those of Python, which are weak."""
    found: list[Tensor] = []
    for value in use.rest:
        kind = named_dtype(value)
        if kind is None:
            found.append(array(use.m, value))
            continue
        python = isinstance(value, External) and value.dotted.startswith("builtins.")
        found.append(Tensor((), kind, weak=python))
    dtype, _ = promote(found)
    return UNKNOWN if dtype is None else Const(dtype)


FAMILY: Mapping[str, Semantics] = {
    "jax.numpy.result_type": _result_type,
    **_under(JNP, "zeros ones empty", _zeros),
    JNP + "full": _full,
    **_under(JNP, "zeros_like ones_like full_like empty_like", _like),
    "jax.lax.full_like": _like,
    **_under(JNP, "asarray array", _asarray),
    JNP + "arange": _arange,
    JNP + "linspace": _linspace,
    **_under(JNP, "eye identity", _eye),
    JNP + "tri": _tri,
    "jax.nn.one_hot": _one_hot,
    JNP + "meshgrid": _meshgrid,
    JNP + "indices": _indices,
    **_under(
        RANDOM, "uniform normal laplace gumbel logistic cauchy exponential", _random("float32")
    ),
    RANDOM + "truncated_normal": _by_parameters(("lower", "upper"), "float32"),
    RANDOM + "randint": _random("int32"),
    RANDOM + "bernoulli": _bernoulli,
    RANDOM + "gamma": _by_parameters(("a",), "float32"),
    RANDOM + "beta": _by_parameters(("a", "b"), "float32"),
    RANDOM + "poisson": _by_parameters(("lam",), "int32"),
    RANDOM + "categorical": _categorical,
    RANDOM + "permutation": _permutation,
    **_under(INIT, MAKERS, _maker),
    **_under(INIT, "zeros ones", _initializer),
}
