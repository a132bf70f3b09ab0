"""What the analysis says of JAX and Flax, against what `jax.eval_shape` says, at several sizes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from flax import nnx
from jax import lax
from tfjax.ir.dims import Dim
from tfjax.rules.language.ruleset import RuleSet
from tfjax.transpiler.analysis.entry import make_machine
from tfjax.transpiler.analysis.machine import NOWHERE, Machine
from tfjax.transpiler.analysis.proof.targets import loaded, target_machine
from tfjax.transpiler.analysis.values import (
    Arguments,
    Const,
    Fixed,
    Listing,
    Place,
    Tensor,
    Value,
    dim_of,
    items_of,
)
from tfjax.transpiler.frontend import ProjectTable, lower, parse_module

HEAD = "import jax\nimport jax.numpy as jnp\nfrom flax import nnx\nfrom jax import lax\n"
SIZES = (
    {"B": 2, "H": 9, "W": 12, "C": 4, "N": 5},
    {"B": 3, "H": 10, "W": 15, "C": 8, "N": 7},
)
INPUTS: Mapping[str, tuple[str, str]] = {
    "x": ("float32", "B H W C"),
    "i": ("int32", "B H W C"),
    "b": ("bool", "B H W C"),
    "h": ("bfloat16", "B H W C"),
    "u": ("uint8", "B H"),
    "s": ("float32", "B N C"),
    "t": ("float32", "B N C"),
    "v": ("float32", "C"),
    "m": ("float32", "C N"),
    "k": ("int32", "B N"),
    "p": ("float32", "B 6"),
    "z": ("float32", ""),
}

UNARY = """exp log sqrt sin tanh abs negative square floor ceil round sign isnan isfinite reciprocal
logical_not cbrt log1p expm1 zeros_like ones_like ravel copy nan_to_num rint fabs flip tril
cumsum argsort sort real"""
PAIRS = "add subtract multiply divide maximum minimum power floor_divide mod arctan2 equal less"
REDUCTIONS = "sum prod mean max min any all argmax argmin var std count_nonzero median nansum ptp"
ACTIVATIONS = """relu relu6 sigmoid softplus silu elu selu gelu leaky_relu hard_sigmoid hard_tanh
soft_sign log_sigmoid softmax log_softmax mish hard_silu celu glu swish"""

EXPRESSIONS = [
    *(
        f"jnp.{n}({a})"
        for n in UNARY.split()
        for a in ("x", "i", "h")
        if not (n == "tril" and a != "x")
    ),
    *(f"jnp.{n}(x, x)" for n in PAIRS.split()),
    *(f"jnp.{n}(x, v)" for n in PAIRS.split()),
    *(f"jnp.{n}(i, 2)" for n in PAIRS.split()),
    *(f"jnp.{n}({a})" for n in REDUCTIONS.split() for a in ("x", "i", "h")),
    *(f"jnp.{n}(x, axis=1, keepdims=True)" for n in REDUCTIONS.split() if n != "nansum"),
    *(f"jnp.{n}(x, axis=-1)" for n in REDUCTIONS.split()),
    *(f"jax.nn.{n}({a})" for n in ACTIVATIONS.split() for a in ("x", "h")),
    *(f"nnx.{n}(x)" for n in ("relu", "softmax", "tanh", "gelu", "silu", "log_softmax")),
    # promotion and weak types
    "x + 1",
    "i + 1",
    "i + 1.0",
    "i / 2",
    "b + 1",
    "h * 2.0",
    "h + x",
    "h * i",
    "i // 2",
    "x ** 2",
    "i ** 2",
    "-x",
    "x > 0",
    "x == i",
    "~b",
    "b & b",
    "(i * 2.0) * h",
    "u + 1",
    "u * k[0, 0]",
    "jnp.sum(u)",
    "jnp.sum(u, axis=1)",
    "jnp.sum(b)",
    "jnp.sum(h, dtype=jnp.float32)",
    "jnp.mean(i)",
    "jnp.asarray(2.0)",
    "jnp.asarray(2.0) * h",
    "jnp.array([1.0, 2.0])",
    "jnp.array([[1, 2], [3, 4]])",
    "jnp.full((2, 3), 1.0)",
    "jnp.full((2,), 1)",
    "x.astype(jnp.int32)",
    "x.astype(int)",
    "x.astype(bool)",
    "jnp.arange(5)",
    "jnp.arange(2, 11, 3)",
    "jnp.arange(5.0)",
    "jnp.arange(x.shape[1])",
    "jnp.zeros((2, 3))",
    "jnp.zeros(4, int)",
    "jnp.ones(x.shape)",
    "jnp.zeros((x.shape[0], 4), x.dtype)",
    "jnp.linspace(0, 1, 5)",
    "jnp.eye(3)",
    "jnp.eye(3, 4)",
    "jnp.where(b, x, 0)",
    "jnp.where(b, 1.0, 2.0)",
    "jnp.where(x > 0, i, 0.5)",
    "jnp.clip(i, 0, 3)",
    "jnp.clip(x, 0.0, 1.0)",
    "jnp.full_like(i, 2)",
    "jnp.zeros_like(x, dtype=jnp.int32)",
    "jnp.sqrt(2.0)",
    "jnp.exp(3)",
    "jnp.float32(3)",
    "jnp.bitwise_and(i, 3)",
    "lax.rsqrt(x)",
    "lax.stop_gradient(i)",
    "lax.erf(x)",
    # rearranging
    "x.reshape(x.shape[0], -1)",
    "jnp.reshape(x, (-1, x.shape[-1]))",
    "x.reshape((x.shape[0], -1, 2))",
    "jnp.reshape(x, x.shape[:2] + (-1,))",
    "x.reshape(-1)",
    "x.transpose(0, 3, 1, 2)",
    "x.reshape(x.shape[0], x.shape[1], x.shape[2], 2, -1)",
    "jnp.transpose(x)",
    "jnp.transpose(x, (0, 2, 1, 3))",
    "x.T",
    "jnp.moveaxis(x, -1, 1)",
    "jnp.moveaxis(x, (1, 2), (2, 3))",
    "jnp.swapaxes(x, 1, -1)",
    "jnp.expand_dims(x, 1)",
    "jnp.expand_dims(x, (0, -1))",
    "jnp.squeeze(jnp.expand_dims(x, 2), 2)",
    "jnp.squeeze(x[:, :1], axis=1)",
    "x[:, None]",
    "x[..., 0]",
    "x[:, 1:]",
    "x[:, :-2]",
    "x[:, ::2]",
    "x[0]",
    "x[:, -1]",
    "x[..., ::-1]",
    "x[:, 1:4, 2:]",
    "x[:, :3]",
    "jnp.concatenate([x, x], axis=-1)",
    "jnp.concatenate([x, i], axis=1)",
    "jnp.concatenate([s, t], 1)",
    "jnp.stack([s, t], axis=1)",
    "jnp.stack([s, t], axis=-1)",
    "jnp.stack([s, t])",
    "jnp.split(x, 2, axis=-1)",
    "jnp.split(x, [1, 3], axis=-1)[1]",
    "jnp.split(x, 2, axis=-1)[0]",
    "jnp.tile(v, (2, 3))",
    "jnp.tile(x, (1, 2, 1, 1))",
    "jnp.repeat(x, 2, axis=1)",
    "jnp.repeat(v, 3)",
    "jnp.pad(x, ((0, 0), (1, 2), (3, 0), (0, 0)))",
    "jnp.pad(v, 2)",
    "jnp.pad(m, ((1, 1), (0, 2)))",
    "jnp.broadcast_to(v, x.shape)",
    "jnp.broadcast_to(z, (2, 3))",
    "jnp.take(m, k, axis=1)",
    "jnp.take(x, k, axis=0)",
    "jnp.take_along_axis(s, k[:, :, None], axis=1)",
    "m[k]",
    "m[:, k]",
    "x[:, k[0]]",
    "s[k, 0]",
    "x.at[:, 0].set(1.0)",
    "x.at[..., 1:].add(2.0)",
    "jnp.roll(x, 1, axis=1)",
    "jnp.diagonal(s, axis1=1, axis2=2)",
    "jnp.diag(v)",
    "jnp.trace(m)",
    "jnp.unstack(p, axis=1)",
    "jnp.cumsum(x, axis=1)",
    "jnp.cumsum(b, axis=1)",
    "jnp.flip(x, axis=(1, 2))",
    "jax.image.resize(x, (x.shape[0], 20, 30, x.shape[3]), 'bilinear')",
    "jax.nn.one_hot(k, 6)",
    "jax.nn.one_hot(k, 6, axis=1)",
    "jax.nn.one_hot(k, 6, dtype=jnp.bool_)",
    "lax.top_k(p, 2)",
    "jnp.argsort(p)",
    "jnp.diff(p, axis=1)",
    "jnp.meshgrid(v, p[0], indexing='ij')",
    "jnp.meshgrid(v, p[0])",
    "jnp.tri(4)",
    "jnp.triu(m)",
    "lax.dynamic_slice(p, (0, 1), (1, 3))",
    "jnp.ravel(x)",
    "x.flatten()",
    "x.sum(axis=1)",
    "x.mean((1, 2))",
    "x.max()",
    "jnp.quantile(p, 0.5, axis=1)",
    "jax.nn.logsumexp(x, axis=-1)",
    "jnp.linalg.norm(x, axis=-1, keepdims=True)",
    "jnp.linalg.norm(p)",
    "jnp.average(p, axis=0)",
    # products
    "s @ m",
    "x @ m",
    "s @ jnp.swapaxes(t, 1, 2)",
    "v @ m",
    "s @ v",
    "jnp.matmul(x, m)",
    "jnp.dot(x, m)",
    "jnp.dot(v, v)",
    "jnp.dot(s, v)",
    "jnp.einsum('bnc,cm->bnm', s, m)",
    "jnp.einsum('bnc,bmc->bnm', s, t)",
    "jnp.einsum('...c,cn->...n', x, m)",
    "jnp.einsum('ij,jk', m.T, m)",
    "jnp.einsum('bhwc->b', x)",
    "jnp.tensordot(x, m, axes=1)",
    "jnp.tensordot(s, t, axes=[[1, 2], [1, 2]])",
    "jnp.outer(v, p)",
    "jnp.inner(v, v)",
    "jnp.vdot(v, v)",
    "jnp.matvec(s, v)",
    "jax.nn.dot_product_attention(x, x, x)",
    # windows
    "nnx.max_pool(x, (2, 2), strides=(2, 2))",
    "nnx.avg_pool(x, (3, 3), strides=(2, 2), padding='SAME')",
    "nnx.max_pool(x, (2, 3))",
    "nnx.avg_pool(x, (2, 2), padding=((1, 1), (0, 1)))",
    "nnx.max_pool(i, (2, 2))",
    "nnx.avg_pool(s, (2,), strides=(2,))",
    "nnx.avg_pool(i, (2, 2))",
    "lax.reduce_window(x, 0.0, lax.add, (1, 3, 3, 1), (1, 2, 2, 1), 'VALID')",
    *(
        "lax.conv_general_dilated(x, jnp.ones((3, 2, x.shape[-1], 6)), "
        f"{rest}, dimension_numbers=('NHWC', 'HWIO', 'NHWC'))"
        for rest in (
            "(1, 1), 'SAME'",
            "(2, 3), 'VALID'",
            "(2, 2), 'SAME'",
            "(1, 1), ((1, 1), (2, 0))",
            "(1, 1), 'VALID', rhs_dilation=(2, 1)",
            "(1, 1), ((1, 1), (1, 1)), lhs_dilation=(2, 2)",
        )
    ),
    # layers
    "nnx.Linear(x.shape[-1], 7, rngs=nnx.Rngs(0))(x)",
    "nnx.Linear(x.shape[-1], 7, rngs=nnx.Rngs(0))(h)",
    "nnx.Linear(x.shape[-1], 7, dtype=jnp.bfloat16, rngs=nnx.Rngs(0))(x)",
    *(
        f"nnx.Conv(x.shape[-1], 6, {rest}, rngs=nnx.Rngs(0))(x)"
        for rest in (
            "(3, 3)",
            "(3, 2), strides=2",
            "(3, 3), strides=(2, 3), padding='VALID'",
            "(3, 3), kernel_dilation=2",
            "(3, 3), padding=((1, 2), (0, 0))",
            "(5, 3), strides=(2, 2), padding='SAME'",
            "(3, 3), padding=1",
            "(3, 3), padding='VALID', kernel_dilation=(2, 1)",
        )
    ),
    "nnx.Conv(x.shape[-1], 8, (3, 3), feature_group_count=4, rngs=nnx.Rngs(0))(x)",
    "nnx.Conv(s.shape[-1], 6, (3,), padding='CAUSAL', rngs=nnx.Rngs(0))(s)",
    "nnx.Conv(s.shape[-1], 6, (3,), strides=2, padding='CAUSAL', rngs=nnx.Rngs(0))(s)",
    "nnx.Conv(s.shape[-1], 6, 3, rngs=nnx.Rngs(0))(s)",
    *(
        f"nnx.ConvTranspose(x.shape[-1], 6, {rest}, transpose_kernel=True, rngs=nnx.Rngs(0))(x)"
        for rest in (
            "(3, 3)",
            "(3, 3), strides=(2, 2)",
            "(5, 2), strides=(2, 3), padding='VALID'",
            "(2, 2), strides=(3, 3), padding='VALID'",
            "(4, 4), strides=2",
        )
    ),
    "nnx.BatchNorm(x.shape[-1], use_running_average=True, rngs=nnx.Rngs(0))(x)",
    "nnx.BatchNorm(x.shape[1], axis=1, use_running_average=True, rngs=nnx.Rngs(0))(x)",
    "nnx.BatchNorm(x.shape[-1], use_running_average=True, rngs=nnx.Rngs(0))(h)",
    "nnx.LayerNorm(x.shape[-1], rngs=nnx.Rngs(0))(x)",
    "nnx.RMSNorm(x.shape[-1], rngs=nnx.Rngs(0))(h)",
    "nnx.GroupNorm(x.shape[-1], num_groups=2, rngs=nnx.Rngs(0))(x)",
    "nnx.Embed(11, 6, rngs=nnx.Rngs(0))(k)",
    "nnx.Embed(11, 6, dtype=jnp.bfloat16, rngs=nnx.Rngs(0))(k)",
    "nnx.Dropout(0.5, deterministic=True, rngs=nnx.Rngs(0))(h)",
    "nnx.MultiHeadAttention(2, s.shape[-1], rngs=nnx.Rngs(0), decode=False)(s)",
    "nnx.MultiHeadAttention(2, s.shape[-1], qkv_features=6, out_features=10, rngs=nnx.Rngs(0), "
    "decode=False)(s, t)",
    "nnx.LinearGeneral(s.shape[-1], (2, 3), rngs=nnx.Rngs(0))(s)",
    "nnx.Sequential(nnx.Linear(x.shape[-1], 5, rngs=nnx.Rngs(0)), nnx.relu)(x)",
    "nnx.initializers.glorot_uniform()(jax.random.key(0), (3, 4))",
    "nnx.initializers.zeros(jax.random.key(0), (3, 4), jnp.bfloat16)",
    "nnx.Param(jnp.zeros((2, 3)))[...]",
    "nnx.Linear(3, 4, rngs=nnx.Rngs(0)).kernel[...]",
    "nnx.Embed(5, 4, rngs=nnx.Rngs(0)).embedding[...]",
    "nnx.Embed(5, x.shape[-1], rngs=nnx.Rngs(0)).attend(x)",
    # random numbers
    "jax.random.normal(jax.random.key(0), x.shape)",
    "jax.random.uniform(jax.random.key(0), (2, 3), jnp.bfloat16)",
    "jax.random.bernoulli(jax.random.key(0), 0.5, x.shape)",
    "jax.random.randint(jax.random.key(0), (3,), 0, 9)",
    "jax.random.categorical(jax.random.key(0), p)",
    "jax.random.bernoulli(jax.random.key(0), p)",
    "jax.random.truncated_normal(jax.random.key(0), -2.0, 2.0, (3, 2))",
    "jax.random.permutation(jax.random.key(0), p)",
    # control
    "lax.scan(lambda c, e: (c + e, c * 2), jnp.zeros(4), jnp.ones((6, 4)))",
    "lax.scan(lambda c, e: (c + e, (c, e)), s[:, 0], jnp.swapaxes(s, 0, 1))",
    "lax.cond(z > 0, lambda a: a + 1, lambda a: a * 2.0, x)",
    "lax.map(lambda a: a.sum(), s)",
    "lax.fori_loop(0, 3, lambda n, a: a * 2.0, x)",
    "jax.vmap(lambda a, c: jnp.take(a, c, axis=0))(s, k)",
    "jax.tree.map(lambda a: a + 1, (x, [i, s]))",
    "jax.jit(lambda a: a * 2)(x)",
    "jax.vmap(jnp.sum)(s)",
]


@cache
def source() -> Machine:
    return make_machine({}, RuleSet.load(), "keras3")


@cache
def machine() -> tuple[Machine, dict[str, str]]:
    """One module with a function for each expression."""
    names = ", ".join(INPUTS)
    functions = {e: f"f{n}" for n, e in enumerate(dict.fromkeys(EXPRESSIONS))}
    text = HEAD + "".join(f"def {f}({names}):\n    return {e}\n" for e, f in functions.items())
    parsed = parse_module(text, name="t")
    module = lower(parsed, ProjectTable.build({"t": parsed}), "keras3").module
    target = target_machine(source(), {"t": module})
    loaded(target, "t")
    return target, functions


def inferred(expression: str) -> tuple[Value, dict[str, Dim]]:
    m, functions = machine()
    dims = {name: m.solver.fresh(name) for name in SIZES[0]}
    given = tuple(
        Tensor(tuple(Dim.of(int(w)) if w.isdigit() else dims[w] for w in shape.split()), dtype)
        for dtype, shape in INPUTS.values()
    )
    m.log.conflicts.clear()
    m.steps = 10**6
    function = m.frames["t"].variables[functions[expression]]
    value = m.invoke(function, Arguments(given), Place("t", NOWHERE))
    assert not m.log.conflicts, m.log.conflicts
    return value, dims


def concrete(value: Value, numbers: Mapping[Any, int]) -> Any:
    match value:
        case Tensor(dims=dims):
            shape = None if dims is None else tuple(d.evaluate(numbers) for d in dims)
            return shape, value.dtype, value.weak
        case Fixed() | Listing():
            return [concrete(v, numbers) for v in items_of(value) or ()]
        case Const(number):
            return number
        case _:
            dim = dim_of(value)
            return None if dim is None else dim.evaluate(numbers)


def actual(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [actual(v) for v in value]
    if isinstance(value, int):
        return value
    return tuple(value.shape), value.dtype.name, bool(getattr(value, "weak_type", False))


@pytest.mark.parametrize("expression", dict.fromkeys(EXPRESSIONS))
def test_as_jax_has_it(expression: str) -> None:
    found, dims = inferred(expression)
    names = {
        "jax": jax,
        "jnp": jnp,
        "nnx": nnx,
        "lax": lax,
    }
    for sizes in SIZES:
        structs = {
            name: jax.ShapeDtypeStruct(
                tuple(int(w) if w.isdigit() else sizes[w] for w in shape.split()), dtype
            )
            for name, (dtype, shape) in INPUTS.items()
        }

        def run(**arrays: Any) -> Any:
            return eval(expression, {**names, **arrays})

        numbers = {v.key: sizes[n] for n, d in dims.items() for v in d.atoms()}
        assert concrete(found, numbers) == actual(jax.eval_shape(run, **structs)), sizes
