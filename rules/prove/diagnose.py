"""The likely cause of a difference, found by experiments on the counterexample."""
# pyright: basic

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from .case import Case
from .compare import Difference, compare
from .source import run_source
from .target import run_target

Retry = Callable[[Case], bool]
"""Whether another case of the same rule agrees."""


def causes(
    case: Case, code: str, found: Difference, a: np.ndarray, b: np.ndarray, retry: Retry
) -> Iterator[str]:
    """What explains that JAX gives `b` where TensorFlow gives `a`."""
    yield from arguments_to_blame(case, retry)
    match found.kind:
        case "dtype":
            yield from _dtype(a, b)
        case "shape":
            yield from _shape(a, b)
        case "finite":
            yield from _finite(case, a, b, found)
        case _:
            yield from _values(case, code, a, b, found)


def arguments_to_blame(case: Case, retry: Retry) -> Iterator[str]:
    """Optional arguments without which the case agrees, and axes that only fail when negative."""
    call = ast.parse(case.text, mode="eval").body
    if not isinstance(call, ast.Call):
        return
    for given in call.keywords:
        text = ast.unparse(given)
        if given.arg is None or not isinstance(given.value, ast.Constant | ast.UnaryOp | ast.List):
            continue
        if given.arg in case.optional:
            rest = [k for k in call.keywords if k is not given]
            fewer = ast.unparse(ast.Call(call.func, call.args, rest))
            if retry(replace(case, text=fewer)):
                yield f"only with {text}: this argument is lost or misread"
                return
        if isinstance(given.value, ast.UnaryOp) and "axis" in given.arg:
            yield from _negative_axis(case, call, given, retry)


def _negative_axis(case: Case, call: ast.Call, given: ast.keyword, retry: Retry) -> Iterator[str]:
    axis = ast.literal_eval(given.value)
    for array in list(case.arrays.values())[:1]:
        for count in (array.ndim, array.ndim + 1):
            value = ast.Constant(axis + count)
            keywords = [ast.keyword(k.arg, value) if k is given else k for k in call.keywords]
            text = ast.unparse(ast.Call(call.func, call.args, keywords))
            if axis + count >= 0 and retry(replace(case, text=text)):
                yield f"only with a negative axis ({ast.unparse(given)})"
                return


def static_causes(found: Difference, a: np.ndarray, b: np.ndarray) -> Iterator[str]:
    """What the two results alone tell."""
    if found.kind == "dtype":
        yield from _dtype(a, b)
    elif found.kind == "shape":
        yield from _shape(a, b)
    elif found.kind == "values" and a.size:
        yield from _affine(a.astype(np.complex128), b.astype(np.complex128))
        yield from _border(found)


def _dtype(a: np.ndarray, b: np.ndarray) -> Iterator[str]:
    if a.dtype.kind in "iu" and b.dtype.kind in "iu" and a.dtype.itemsize < b.dtype.itemsize:
        yield "JAX widens small integers: pass promote_integers=False or cast back"
    elif a.dtype.kind in "iub" and b.dtype.kind == "f":
        yield "JAX promotes integers to floats: refuse them with `where`, or divide as integers"
    elif a.dtype.kind == "f" and b.dtype.kind in "iub":
        yield "the result is not made a float"
    elif "int" in str(a.dtype) and "int" in str(b.dtype):
        yield "another integer type: cast with .astype(...)"
    else:
        yield f"the result stays {b.dtype}: cast it to {a.dtype}"


def _shape(a: np.ndarray, b: np.ndarray) -> Iterator[str]:
    if a.ndim == b.ndim and sorted(a.shape) == sorted(b.shape):
        yield "the axes are permuted: a transpose is missing, or one too many"
    elif a.ndim == b.ndim:
        axes = [i for i, (m, n) in enumerate(zip(a.shape, b.shape, strict=True)) if m != n]
        yield f"the size of axis {axes[0]} differs: padding, stride, or another axis"
    elif a.size == b.size and sorted(n for n in a.shape if n != 1) == sorted(
        n for n in b.shape if n != 1
    ):
        yield "axes of size 1 are kept or dropped: keepdims, squeeze, expand_dims"
    else:
        yield "another number of axes: an axis argument or its default is wrong"


def _finite(case: Case, a: np.ndarray, b: np.ndarray, found: Difference) -> Iterator[str]:
    where = found.where if found.where is not None else np.ones(a.shape, bool)
    wide = np.complex128 if a.dtype.kind == "c" else np.float64
    left, right = a.astype(wide)[where], b.astype(wide)[where]
    if np.isnan(left).all() and not np.isnan(right).any():
        yield "NaN is lost: JAX gives a number where TensorFlow gives NaN"
    elif np.isnan(right).all() and not np.isnan(left).any():
        yield "JAX gives NaN where TensorFlow gives a number: a division by zero, an invalid input"
    elif np.isinf(left).all() or np.isinf(right).all():
        yield "infinities differ: an overflow, a division by zero, or an empty reduction"
    if any(array.size == 0 for array in case.arrays.values()):
        yield "an input is empty"


def _values(
    case: Case, code: str, a: np.ndarray, b: np.ndarray, found: Difference
) -> Iterator[str]:
    if a.dtype.kind == "b" and b.dtype.kind == "b" and (a != b).all():
        yield "the condition is inverted"
    wide = np.complex128 if a.dtype.kind == "c" else np.float64
    left, right = a.astype(wide), b.astype(wide)
    if found.message.startswith("gradient") and not left.any():
        yield "gradients flow where TensorFlow stops them"
    if a.size and not found.message.startswith("gradient"):
        yield from _affine(left, right)
        yield from rearranged(left, right)
        yield from _border(found)
    yield from _experiments(case, code, a, b)
    scale = np.abs(left[np.isfinite(left)]).max(initial=0)
    if a.dtype.kind == "f" and scale and np.nanmax(np.abs(left - right)) < 0.02 * scale:
        yield "close but not equal: an approximation, another method, or a constant"


def _affine(left: np.ndarray, right: np.ndarray) -> Iterator[str]:
    finite = np.isfinite(left) & np.isfinite(right)
    x, y = left[finite], right[finite]
    if x.size < 2 or np.ptp(np.abs(x)) == 0:
        return
    if np.allclose(x, -y, rtol=1e-4):
        yield "the sign is the other way round"
        return
    big = np.abs(x) > 1e-6
    if big.sum() > 1:
        ratios = np.real(y[big] / x[big])
        if np.ptp(ratios) <= 1e-4 * abs(ratios[0]) and abs(ratios[0] - 1) > 1e-4:
            yield f"a factor of {ratios[0]:.6g}"
    steps = np.real(y - x)
    if np.ptp(steps) <= 1e-5 * max(1.0, abs(steps[0])) and abs(steps[0]) > 1e-5:
        yield f"an offset of {steps[0]:.6g}"
    if np.allclose(x * y, 1.0, rtol=1e-4):
        yield "the reciprocal: the operands of a division are swapped"


def rearranged(left: np.ndarray, right: np.ndarray) -> Iterator[str]:
    if left.size < 2 or not np.isfinite(left).all() or not np.isfinite(right).all():
        return
    for axes in itertools.permutations(range(left.ndim)):
        if list(axes) == sorted(axes):
            continue
        turned = np.transpose(right, axes)
        if turned.shape == left.shape and np.allclose(turned, left, rtol=1e-4):
            yield f"the axes are permuted by {axes}: a transpose is missing, or one too many"
            return
    for axis in range(left.ndim):
        if np.allclose(np.flip(right, axis), left, rtol=1e-4):
            yield f"axis {axis} runs backwards: the order of the sort, or of time"
            return
        for shift in range(1, left.shape[axis]):
            if np.allclose(np.roll(right, shift, axis), left, rtol=1e-4):
                yield f"axis {axis} is rolled by {shift}: the order of blocks or of gates"
                return
    if np.allclose(np.sort(left, axis=None), np.sort(right, axis=None), rtol=1e-4):
        yield "the same values in another order: the axis, the layout, or the order of parts"


def _border(found: Difference) -> Iterator[str]:
    where = found.where
    if where is None or where.ndim < 3 or not where.any() or where.all():
        return
    inner = where[(slice(None), *(slice(1, -1),) * (where.ndim - 2), slice(None))]
    if inner.size and not inner.any():
        yield "only the border differs: the padding, or what it counts"


def _experiments(case: Case, code: str, a: np.ndarray, b: np.ndarray) -> Iterator[str]:
    if case.is_layer or case.owner:
        return
    names = [n for n in case.arrays if case.arrays[n].size]
    for first, second in itertools.combinations(names, 2):
        one, two = case.arrays[first], case.arrays[second]
        if one.dtype == two.dtype and one.shape == two.shape and not np.array_equal(one, two):
            swapped = replace(case, arrays=case.arrays | {first: two, second: one})
            if _gives(swapped, code, a):
                yield f"the arguments {first} and {second} are swapped"
                return
    gap = _largest_gap(a, b)
    if a.dtype.kind in "iu" and b.dtype.kind in "iu" and gap == 1:
        yield "integers differ by one: the rounding of a division, or of negative operands"
    floats = [case.arrays[n] for n in names if case.arrays[n].dtype.kind == "f"]
    if floats and gap >= 0.99 and all(map(_of_halves, floats)):
        yield "halves or ties: the mode of rounding, or which of two equal values is taken"
    spread = {n: _spread(x) for n, x in case.arrays.items()}
    if any(_has_ties(case.arrays[n]) for n in names) and _agrees(
        replace(case, arrays=spread), code
    ):
        yield "only with equal values among the inputs: which of the ties is taken"
    positive = {n: np.abs(x) for n, x in case.arrays.items() if x.dtype.kind in "if"}
    if any((case.arrays[n] < 0).any() for n in positive) and _agrees(
        replace(case, arrays=case.arrays | positive), code
    ):
        yield "only with negative inputs: the rounding, the slope, or the domain"
    large = {n: (x * 1000).astype(x.dtype) for n, x in case.arrays.items() if x.dtype.kind == "f"}
    if large and _agrees(replace(case, arrays=case.arrays | large), code):
        yield "only with small inputs: an epsilon, an offset, or a clip"


def _gives(case: Case, code: str, wanted: np.ndarray) -> bool:
    try:
        found = run_target(case, code, False).outputs
    except Exception:
        return False
    return any(compare(wanted, one, None, 4.0) is None for one in found)


def _agrees(case: Case, code: str) -> bool:
    try:
        expected = run_source(case, case.arrays, False).outputs
        found = run_target(case, code, False).outputs
    except Exception:
        return False
    return len(expected) == len(found) and all(
        compare(x, y, None, 4.0) is None for x, y in zip(expected, found, strict=True)
    )


def _largest_gap(a: np.ndarray, b: np.ndarray) -> float:
    if a.dtype.kind == "c" or b.dtype.kind == "c":
        return 0.0
    with np.errstate(invalid="ignore"):
        return float(np.abs(np.nan_to_num(a.astype(float) - b.astype(float))).max(initial=0))


def _of_halves(a: np.ndarray) -> bool:
    twice = a.astype(float) * 2
    return np.array_equal(twice, np.round(twice), equal_nan=True)


def _has_ties(a: np.ndarray) -> bool:
    return a.dtype.kind == "f" and a.size > 1 and np.unique(a.astype(np.complex128)).size < a.size


def _spread(a: np.ndarray) -> np.ndarray:
    if a.dtype.kind != "f":
        return a
    return (a + np.linspace(0.001, 0.009, a.size).reshape(a.shape)).astype(a.dtype)


def causes_of_error(case: Case, error: Exception, retry: Retry) -> Iterator[str]:
    """What explains that the emitted code raises."""
    yield from arguments_to_blame(case, retry)
    text = str(error)
    if any(array.size == 0 for array in case.arrays.values()):
        yield "an input is empty: JAX has no identity for this reduction (pass initial=)"
    if isinstance(error, TypeError) and "axis" in text:
        yield "an axis argument: its type or its default"
    elif "shape" in text or "dimension" in text:
        yield "shapes do not fit: an axis, a layout, or a missing transpose"
    elif isinstance(error, AttributeError):
        yield "a method of arrays is used on something that is none"
