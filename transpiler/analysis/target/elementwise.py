"""Functions that work element by element, on one array or on several that are broadcast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..broadcasting import broadcast
from ..machine import Machine
from ..values import NONE, Const, Fixed, Place, Tensor, Value, const, dim_of, size
from .dtypes import inexact, promote
from .use import Semantics, Use, array, axes_of

JNP, NN, LAX = "jax.numpy.", "jax.nn.", "jax.lax."


def operands(m: Machine, values: Sequence[Value]) -> list[Tensor]:
    return [array(m, v) for v in values]


def elementwise(
    m: Machine, values: Sequence[Value], place: Place, result: str | None = ""
) -> Tensor:
    """The broadcast of the operands; `result` "": their promoted dtype, "float": at least a
    float."""
    tensors = operands(m, values)
    dtype, weak = promote(tensors)
    if result == "float":
        dtype = inexact(dtype)
    elif result != "":
        dtype, weak = result, False
    found = broadcast(m, tensors, place) or Tensor()
    return Tensor(found.dims, dtype, found.origins, found.last, weak=weak)


def _first(use: Use) -> Value:
    return next(iter(use.bound.values()), use.rest[0] if use.rest else NONE)


def _same(use: Use) -> Value:
    return array(use.m, _first(use))


def _float(use: Use) -> Value:
    x = array(use.m, _first(use))
    return replace(x, dtype=inexact(x.dtype))


def _bool(use: Use) -> Value:
    return replace(array(use.m, _first(use)), dtype="bool", weak=False)


def _real(use: Use) -> Value:
    x = array(use.m, _first(use))
    return replace(x, dtype="float32" if x.dtype == "complex64" else x.dtype)


def _pair(result: str | None) -> Semantics:
    def semantics(use: Use) -> Value:
        values = [*use.bound.values()][:2]
        return elementwise(use.m, values, use.place, result)

    return semantics


def _where(use: Use) -> Value:
    if use.get("x") == NONE:
        return Tensor()
    chosen = elementwise(use.m, (use.get("x"), use.get("y")), use.place)
    found = broadcast(use.m, (use.tensor("condition"), chosen), use.place) or Tensor()
    return replace(found, dtype=chosen.dtype, weak=chosen.weak)


def _clip(use: Use) -> Value:
    names = ("arr", "min", "max") if "arr" in use.bound else tuple(use.bound)[:3]
    given = [v for n in names if (v := use.get(n)) != NONE]
    found = elementwise(use.m, given, use.place)
    return found


def _lax_clamp(use: Use) -> Value:
    return use.tensor("x")


def _softmax(use: Use) -> Value:
    x = array(use.m, _first(use))
    if x.rank is not None and (axes_of(use.get("axis", Const(-1)), x.rank)) is None:
        number = const(use.get("axis", Const(-1)))
        if isinstance(number, int):
            return use.report("TJ4004", f"axis {number} of a tensor with {x.rank} axes")
    return replace(x, dtype=inexact(x.dtype))


def _glu(use: Use) -> Value:
    x = use.tensor("x")
    axes = axes_of(use.get("axis", Const(-1)), x.rank or 0)
    if x.dims is None or not axes:
        return Tensor()
    dims = list(x.dims)
    half = dim_of(size(dims[axes[0]]))
    assert half is not None
    dims[axes[0]] = half // half.of(2)
    return Tensor(tuple(dims), inexact(x.dtype))


def _select_like(use: Use) -> Value:
    """`leaky_relu(x, slope)` and the like: the shape of x."""
    x = array(use.m, _first(use))
    return replace(x, dtype=inexact(x.dtype))


def _astype(use: Use) -> Value:
    x = use.tensor("x")
    return replace(x, dtype=use.dtype(), weak=False)


def _lax_convert(use: Use) -> Value:
    return replace(use.tensor("operand"), dtype=use.dtype("new_dtype"), weak=False)


def _broadcast_arrays(use: Use) -> Value:
    found = broadcast(use.m, operands(use.m, use.rest), use.place) or Tensor()
    kinds = operands(use.m, use.rest)
    return Fixed(tuple(replace(found, dtype=k.dtype, weak=k.weak) for k in kinds))


def _frexp(use: Use) -> Value:
    x = array(use.m, _first(use))
    return Fixed((replace(x, dtype=inexact(x.dtype)), replace(x, dtype="int32", weak=False)))


def _under(prefix: str, words: str, semantics: Semantics) -> dict[str, Semantics]:
    return {prefix + word: semantics for word in words.split()}


FAMILY: Mapping[str, Semantics] = {
    **_under(
        JNP,
        "exp exp2 expm1 log log2 log10 log1p sqrt cbrt sin cos tan sinh cosh tanh arcsin arccos "
        "arctan arcsinh arccosh arctanh sinc deg2rad rad2deg degrees radians i0 nan_to_num "
        "asin acos atan asinh acosh atanh",
        _float,
    ),
    JNP + "nan_to_num": _same,
    **_under(
        JNP,
        "negative positive square sign floor ceil trunc round conj conjugate copy bitwise_not "
        "invert tril triu flipud fliplr",
        _same,
    ),
    JNP + "reciprocal": _float,
    JNP + "rint": _float,
    **_under(JNP, "abs absolute fabs real imag", _real),
    JNP + "fabs": _float,
    **_under(
        JNP,
        "isnan isinf isfinite isneginf isposinf logical_not signbit iscomplex isreal",
        _bool,
    ),
    **_under(
        JNP,
        "add subtract multiply maximum minimum power pow mod remainder fmod floor_divide fmax fmin "
        "bitwise_and bitwise_or bitwise_xor left_shift right_shift gcd lcm",
        _pair(""),
    ),
    **_under(
        JNP,
        "divide true_divide arctan2 atan2 hypot logaddexp logaddexp2 nextafter copysign "
        "float_power heaviside",
        _pair("float"),
    ),
    **_under(
        JNP,
        "equal not_equal less less_equal greater greater_equal logical_and logical_or "
        "logical_xor isclose",
        _pair("bool"),
    ),
    JNP + "where": _where,
    JNP + "clip": _clip,
    LAX + "clamp": _lax_clamp,
    JNP + "astype": _astype,
    LAX + "convert_element_type": _lax_convert,
    JNP + "broadcast_arrays": _broadcast_arrays,
    JNP + "frexp": _frexp,
    **_under(NN, "relu", _same),
    **_under(
        NN,
        "relu6 sigmoid softplus sparse_plus sparse_sigmoid soft_sign silu swish log_sigmoid "
        "leaky_relu hard_sigmoid hard_silu hard_swish hard_tanh elu celu selu gelu mish "
        "squareplus identity tanh",
        _select_like,
    ),
    NN + "identity": _same,
    # Clips with integer bounds, which leaves integers as they are.
    NN + "relu6": _same,
    NN + "hard_tanh": _same,
    NN + "glu": _glu,
    **_under(NN, "softmax log_softmax standardize", _softmax),
    **_under(
        LAX,
        "rsqrt sqrt exp log log1p expm1 tanh sin cos logistic erf erfc erf_inv lgamma digamma abs "
        "neg sign floor ceil round square cumsum cumprod cummax cummin cumlogsumexp "
        "stop_gradient integer_pow optimization_barrier rev",
        _same,
    ),
    **_under(LAX, "add sub mul div max min pow rem", _pair("")),
    **_under(LAX, "is_finite", _bool),
    **_under(LAX, "eq ne lt le gt ge", _pair("bool")),
    **_under(
        "jax.scipy.special.",
        "erf erfc erfinv gammaln digamma expit logit log_ndtr ndtr ndtri xlogy xlog1py entr i0e "
        "i1e i0 i1",
        _select_like,
    ),
    **_under("jax.scipy.special.", "xlogy xlog1py", _pair("float")),
}
