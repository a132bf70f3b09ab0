"""Matrix products of all kinds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ....ir.dims import Dim
from ..broadcasting import matmul, sizes_agree
from ..einsums import einsum
from ..machine import Machine
from ..values import NONE, Place, Tensor, Value, const, integer, items_of
from .dtypes import promote
from .use import Semantics, Use, array, axes_of

JNP = "jax.numpy."
ONE = Dim.of(1)


def matrix_product(m: Machine, left: Value, right: Value, place: Place) -> Tensor:
    """`a @ b`: vectors are taken for a row on the left and a column on the right."""
    a, b = array(m, left), array(m, right)
    dtype, weak = promote((a, b))
    if a.dims is None or b.dims is None:
        return Tensor(None, dtype)
    if not a.dims or not b.dims:
        m.report("TJ4003", place, "a matrix product of a scalar")
        return Tensor(None, dtype)
    row, column = len(a.dims) == 1, len(b.dims) == 1
    wide = replace(a, dims=(ONE, *a.dims), origins=(None, *a.origins)) if row else a
    tall = replace(b, dims=(*b.dims, ONE), origins=(*b.origins, None)) if column else b
    found = matmul(m, wide, tall, False, False, place)
    if found is None or found.dims is None:
        return Tensor(None, dtype)
    dims = list(found.dims)
    if column:
        del dims[-1]
    if row:
        del dims[-1 if column else -2]
    return Tensor(tuple(dims), dtype, weak=weak)


def _matmul(use: Use) -> Value:
    a, b, *_ = use.bound.values()
    found = matrix_product(use.m, a, b, use.place)
    wanted = use.get("preferred_element_type")
    return found if wanted == NONE else replace(found, dtype=use.dtype("preferred_element_type"))


def _dot(use: Use) -> Value:
    """Scalars multiply; otherwise the last axis of the left meets the second last of the right."""
    a, b = use.tensor("a"), use.tensor("b")
    dtype, weak = promote((a, b))
    if a.dims is None or b.dims is None:
        return Tensor(None, dtype)
    if not a.dims or not b.dims:
        return Tensor(a.dims or b.dims, dtype, weak=weak)
    axis = -1 if len(b.dims) == 1 else -2
    if not sizes_agree(use.m, a, b, -1, axis, use.place, "`dot`"):
        return Tensor(None, dtype)
    rest = b.dims[:-1] if len(b.dims) == 1 else (*b.dims[:-2], b.dims[-1])
    return Tensor((*a.dims[:-1], *rest), dtype, weak=weak)


def _vdot(use: Use) -> Value:
    return Tensor((), promote((use.tensor("a"), use.tensor("b")))[0])


def _inner(use: Use) -> Value:
    a, b = use.tensor("a"), use.tensor("b")
    dtype, _ = promote((a, b))
    if not a.dims or not b.dims:
        return Tensor(None, dtype)
    if not sizes_agree(use.m, a, b, -1, -1, use.place, "`inner`"):
        return Tensor(None, dtype)
    return Tensor((*a.dims[:-1], *b.dims[:-1]), dtype)


def _outer(use: Use) -> Value:
    a, b = use.tensor("a"), use.tensor("b")
    dtype, _ = promote((a, b))
    if a.dims is None or b.dims is None:
        return Tensor(None, dtype)
    sizes = [ONE, ONE]
    for i, dims in enumerate((a.dims, b.dims)):
        for d in dims:
            sizes[i] = sizes[i] * d
    return Tensor(tuple(sizes), dtype)


def _matvec(use: Use) -> Value:
    a, b = use.tensor("x1"), use.tensor("x2")
    dtype, _ = promote((a, b))
    if not a.dims or not b.dims or len(a.dims) < 2:
        return Tensor(None, dtype)
    column = replace(b, dims=(*b.dims, ONE), origins=(*b.origins, None))
    found = matmul(use.m, a, column, False, False, use.place)
    return Tensor(None if found is None or found.dims is None else found.dims[:-1], dtype)


def _einsum(use: Use) -> Value:
    equation = const(use.get("subscripts"))
    tensors = [array(use.m, v) for v in use.rest]
    dtype, _ = promote(tensors)
    if use.get("preferred_element_type") != NONE:
        dtype = use.dtype("preferred_element_type")
    if not isinstance(equation, str):
        return Tensor(None, dtype)
    found = einsum(use.m, equation, tensors, use.place) or Tensor()
    return Tensor(found.dims, dtype)


def _tensordot(use: Use) -> Value:
    a, b = use.tensor("a"), use.tensor("b")
    dtype, _ = promote((a, b))
    if a.dims is None or b.dims is None:
        return Tensor(None, dtype)
    count, items = integer(use.get("axes")), items_of(use.get("axes"))
    if count is not None:
        left: tuple[int, ...] | None = tuple(range(len(a.dims) - count, len(a.dims)))
        right: tuple[int, ...] | None = tuple(range(count))
    elif items is not None and len(items) == 2:
        left, right = axes_of(items[0], len(a.dims)), axes_of(items[1], len(b.dims))
    else:
        return Tensor(None, dtype)
    if left is None or right is None or len(left) != len(right):
        return Tensor(None, dtype)
    for i, j in zip(left, right, strict=True):
        if not sizes_agree(use.m, a, b, i, j, use.place, "`tensordot`"):
            return Tensor(None, dtype)
    kept = [d for i, d in enumerate(a.dims) if i not in left]
    return Tensor((*kept, *(d for i, d in enumerate(b.dims) if i not in right)), dtype)


def _attention(use: Use) -> Value:
    """`jax.nn.dot_product_attention`: (B, T, N, H) and (B, S, K, H) to (B, T, N, H)."""
    query, key, value = use.tensor("query"), use.tensor("key"), use.tensor("value")
    dtype, _ = promote((query, key, value))
    if query.dims is None or key.dims is None or value.dims is None:
        return Tensor(None, dtype)
    if not sizes_agree(use.m, query, key, -1, -1, use.place, "attention"):
        return Tensor(None, dtype)
    return Tensor(query.dims, query.dtype)


def _inverse(use: Use) -> Value:
    x = use.tensor("a")
    return x


FAMILY: Mapping[str, Semantics] = {
    JNP + "matmul": _matmul,
    JNP + "dot": _dot,
    JNP + "vdot": _vdot,
    JNP + "inner": _inner,
    JNP + "outer": _outer,
    JNP + "matvec": _matvec,
    JNP + "einsum": _einsum,
    JNP + "tensordot": _tensordot,
    "jax.nn.dot_product_attention": _attention,
    JNP + "linalg.inv": _inverse,
    JNP + "linalg.cholesky": _inverse,
}
