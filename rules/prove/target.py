"""The target side of a case: the emitted JAX code, run as an output tree would run it."""
# pyright: basic

from __future__ import annotations

import functools
import glob
import math
import operator
import os
import types
from functools import cache
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from jax import lax

from ..language.helpers import helper_module, helper_names
from .arrays import FLOATS
from .case import Case
from .receivers import RECEIVERS
from .source import Results, leaves, weight

Mode = Literal["eager", "jit", "fused"]


@cache
def namespace() -> dict[str, Any]:
    """What emitted code may mention; `compat` holds all helpers."""
    compat = types.ModuleType("tf_compat")
    exec(compile(helper_module(helper_names()), "tf_compat.py", "exec"), compat.__dict__)
    return {
        "jax": jax, "jnp": jnp, "lax": lax, "nnx": nnx, "optax": optax, "np": np, "math": math,
        "functools": functools, "operator": operator, "os": os, "glob": glob,
        "compat": compat, "tf_compat": compat,
    }  # fmt: skip


def on_device(case: Case, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    return {name: RECEIVERS[case.owner_of(name)][1](array) for name, array in arrays.items()}


def run_target(case: Case, text: str, gradients: bool, mode: Mode = "eager") -> Results:
    """Raises whatever the emitted code raises. Most of the time goes into compiling: `fused`
    compiles the whole code at once, and falls back to one operation after the other where its
    shapes depend on data."""
    run = evaluator(text, mutable=case.mutable)
    values = on_device(case, case.arrays)
    found = compiled(run, mode)(values)
    computed: dict[str, np.ndarray | None] = {}
    floats = {n: v for n, v in values.items() if str(case.arrays[n].dtype) in FLOATS}
    if gradients and floats and any(jnp.issubdtype(o.dtype, jnp.floating) for o in found):

        def total(some: dict[str, Any]) -> Any:
            return weighted(run(values | some))

        computed = {n: np.asarray(g) for n, g in compiled(jax.grad(total), "fused")(floats).items()}
    return Results([np.asarray(o) for o in found], computed)


def compiled(run: Any, mode: Mode) -> Any:
    """`run` under `jax.jit`; eagerly in mode "eager", and in mode "fused" if that fails."""

    jitted = jax.jit(run)

    def fused(*values: Any) -> Any:
        try:
            return jitted(*values)
        except Exception:
            return run(*values)

    return {"eager": run, "jit": jitted, "fused": fused}[mode]


def draws(case: Case, text: str, count: int) -> list[list[np.ndarray]]:
    """The results for as many seeds of `rngs`."""
    values = on_device(case, case.arrays)

    def once(seed: Any) -> list[Any]:
        return evaluator(text, jax.random.key(seed), case.mutable)(values)

    run = compiled(once, "fused")
    return [[np.asarray(o) for o in run(jnp.uint32(seed))] for seed in range(count)]


def evaluator(text: str, seed: Any = 0, mutable: tuple[str, ...] = ()) -> Any:
    """A function from inputs by name to the leaves of the result; then what the variables
    `mutable` hold afterwards."""
    *bindings, last = text.split("; ")
    code = compile(last, "<target>", "eval")
    before = compile("\n".join(bindings), "<target>", "exec")

    def run(values: dict[str, Any]) -> list[Any]:
        scope = {**namespace(), **values, "rngs": nnx.Rngs(seed)}
        exec(before, scope)
        found = leaves(eval(code, scope))
        if mutable:
            found = [o for o in found if not isinstance(o, nnx.Variable)]
            found += [scope[name][...] for name in mutable]
        return [jnp.asarray(o[...] if isinstance(o, nnx.Variable) else o) for o in found]

    return run


def weighted(outputs: list[Any]) -> Any:
    return sum(
        (
            jnp.sum(o.astype(jnp.float32) * weight(o.shape))
            for o in outputs
            if jnp.issubdtype(o.dtype, jnp.floating)
        ),
        start=jnp.float32(0),
    )


def abstract(case: Case, text: str) -> list[tuple[tuple[int, ...], str]] | None:
    """Shapes and dtypes by `jax.eval_shape`; None where they depend on data."""
    try:
        found = jax.eval_shape(evaluator(text, mutable=case.mutable), on_device(case, case.arrays))
    except (jax.errors.ConcretizationTypeError, jax.errors.NonConcreteBooleanIndexError):
        return None
    return [(tuple(o.shape), str(o.dtype)) for o in found]
