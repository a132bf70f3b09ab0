"""Proves operation rules: one source expression, run by TensorFlow and, translated, by JAX.

Compared: dtype (64-bit types count as their 32-bit ones), shape, values with NaN and infinities in
place, the gradients of all float inputs, and what `gives` says. Each expression is translated
twice, without facts and with the shapes and dtypes of its inputs known; both results run under
`jax.jit` unless the case says that they cannot.
"""

from __future__ import annotations

import ast
import functools
import importlib
import math
import operator
import re
import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from jax import lax
from tfjax.ir.dims import Dim
from tfjax.ir.nodes import (
    Expression,
    List,
    Name,
    Node,
    OpCall,
    Slice,
    Subscript,
    Symbol,
    map_children,
)
from tfjax.ir.nodes import Tuple as TupleNode
from tfjax.rules.language import RuleSet
from tfjax.rules.language.facts import NoFacts, literal
from tfjax.rules.language.helpers import helper_module, helper_names
from tfjax.transpiler.rewrite import shape_rule, snippets
from tfjax.transpiler.staging import shape_rules
from tfjax.transpiler.staging.shapes import Shape


def _inputs() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)

    def normal(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float32)

    matrix = normal(2, 4, 4)
    special = [np.nan, np.inf, -np.inf, -0.0, 0.0, 1.5, -2.5, 0.5]
    return {
        "x": normal(3, 4),
        "y": normal(3, 4),
        "x3": normal(2, 3, 4),
        "y3": normal(2, 4, 5),
        "x4": normal(2, 3, 4, 5),
        "v": normal(4),
        "u": normal(4),
        "w": normal(4, 5),
        "t": np.float32(0.7),
        "pos": np.abs(normal(3, 4)) + 0.1,
        "pos2": np.abs(normal(3, 4)) + 0.1,
        "unit": rng.uniform(-0.9, 0.9, (3, 4)).astype(np.float32),
        "big": np.abs(normal(3, 4)) + 1.1,
        "s": np.array(special, np.float32),
        "s2": np.array([1.0, np.nan, 2.0, 0.0, -0.0, 0.0, 3.0, -1.0], np.float32),
        "e": np.zeros((0, 3), np.float32),
        "h": normal(3, 4).astype(np.float16),
        "z": (normal(2, 3) + 1j * normal(2, 3)).astype(np.complex64),
        "zr": np.fft.rfft(normal(3, 8)).astype(np.complex64),
        "z3": np.fft.rfft(normal(2, 3, 8)).astype(np.complex64),
        "i": rng.integers(-5, 6, (3, 4)).astype(np.int32),
        "j": rng.integers(1, 6, (3, 4)).astype(np.int32),
        "i8": rng.integers(0, 5, (3, 4)).astype(np.int8),
        "u8": rng.integers(0, 255, (2, 5, 6, 3)).astype(np.uint8),
        "b": rng.integers(0, 2, (3, 4)).astype(bool),
        "c": rng.integers(0, 2, (3, 4)).astype(bool),
        "b3": np.array([True, False, True]),
        "img": rng.uniform(size=(2, 5, 6, 3)).astype(np.float32),
        "img2": rng.uniform(size=(2, 16, 16, 3)).astype(np.float32),
        "img3": rng.uniform(size=(2, 16, 16, 3)).astype(np.float32),
        "seq": normal(2, 8, 3),
        "vol": normal(1, 4, 5, 4, 2),
        "d4": normal(2, 4, 4, 8),
        "k1": normal(3, 3, 4),
        "k2": normal(3, 3, 3, 4),
        "k3": normal(2, 2, 2, 2, 3),
        "kd": normal(3, 3, 3, 2),
        "kp": normal(1, 1, 6, 4),
        "kt": normal(3, 3, 4, 3),
        "k1t": normal(3, 4, 3),
        "k3t": normal(2, 2, 2, 3, 2),
        "m": (matrix @ matrix.swapaxes(1, 2) + 3 * np.eye(4)).astype(np.float32),
        "r": normal(2, 4, 3),
        "q": normal(2, 5, 3),
        "low": np.tril(matrix + 3 * np.eye(4)).astype(np.float32),
        "idx": np.array([2, 0], np.int32),
        "idx2": np.array([[0, 2], [1, 1], [2, 0]], np.int32),
        "bidx": np.array([[0, 2], [1, 1]], np.int32),
        "up": normal(3),
        "up2": normal(2, 4),
        "row": np.array([[1], [0]], np.int32),
        "ids": np.array([0, 0, 2], np.int32),
        "neg": np.array([1, -1, 1], np.int32),
        "lens": np.array([1, 3, 0], np.int32),
        "lab": np.array([1, 0, 3], np.int32),
        "prob": rng.dirichlet(np.ones(4), 3).astype(np.float32),
        "hot": np.eye(4, dtype=np.float32)[[1, 0, 3]],
        "boxes": np.array([[0.1, 0.2, 0.7, 0.9], [0.0, 0.0, 1.0, 1.0]], np.float32),
        "bi": np.array([1, 0], np.int32),
        "nms": np.array([[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, 2, 1, 3]], np.float32),
        "score": np.array([0.6, 0.9, 0.3], np.float32),
        "sig": normal(2, 40),
        "perm": np.array([2, 0, 1], np.int32),
        "p": np.bool_(True),
        "n": np.int32(2),
        "sorted": np.sort(normal(8)),
    }


INPUTS = _inputs()
"""The arrays that expressions mention, by name."""


class InputFacts(NoFacts):
    """Knows the shape and dtype of the inputs, and that sizes are Python integers."""

    def python_type(self, e: Expression, /) -> type | None:
        match e:
            case OpCall(symbol="tf.shape" | "keras.ops.shape"):
                return tuple
            case Subscript(value=value, index=index) if self.python_type(value) is tuple:
                return tuple if isinstance(index, Slice) else int
            case _:
                return super().python_type(e)

    def shape(self, e: Expression, /) -> tuple[object, ...] | None:
        return INPUTS[e.id].shape if isinstance(e, Name) and e.id in INPUTS else None

    def dtype(self, e: Expression, /) -> str | None:
        return str(INPUTS[e.id].dtype) if isinstance(e, Name) and e.id in INPUTS else None


@dataclass(slots=True)
class Case:
    """An expression and how to compare it; the options are explained in `op_cases`."""

    text: str
    jit: bool = True
    grad: bool = True
    blind: bool = True
    gives: bool = True
    tolerance: float = 2e-5
    keras: str = "keras3"


@dataclass(slots=True)
class Report:
    proved: set[str] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)
    runs: int = 0


@functools.cache
def rules() -> RuleSet:
    return RuleSet.load()


def target_namespace() -> dict[str, Any]:
    compat = types.ModuleType("tf_compat")
    exec(compile(helper_module(helper_names()), "tf_compat.py", "exec"), compat.__dict__)
    return {
        "jax": jax, "jnp": jnp, "lax": lax, "nnx": nnx, "optax": optax, "np": np, "math": math,
        "functools": functools, "operator": operator, "compat": compat,
    }  # fmt: skip


def names_of(text: str) -> list[str]:
    """The inputs that an expression mentions, in order."""
    found = [n.id for n in ast.walk(ast.parse(text, mode="eval")) if isinstance(n, ast.Name)]
    return [name for name in dict.fromkeys(found) if name in INPUTS]


def symbols_of(text: str) -> set[str]:
    """The canonical API functions that an expression calls."""
    found: set[str] = set()

    def visit(node: Node) -> Node:
        if isinstance(node, OpCall):
            found.add(node.symbol)
        return map_children(node, visit)

    visit(snippets.parse_source(text, rules()))
    return found


def translated(case: Case, facts: NoFacts) -> str:
    """The target text. Raises ValueError for a refusal."""
    result = snippets.translate(case.text, rules().for_flavour(case.keras), facts)
    if re.match(r"TJ\d{4}: |Dropped: |Kept: ", result):
        raise ValueError(result)
    return result


def run_source(case: Case) -> tuple[list[np.ndarray], list[np.ndarray | None]]:
    """Outputs, and the gradients of a fixed weighting of them."""
    import tensorflow as tf

    keras = tf.keras if case.keras == "keras3" else importlib.import_module("tf_keras")
    names = names_of(case.text)
    tensors = {name: tf.constant(INPUTS[name]) for name in names}
    floats = [name for name in names if INPUTS[name].dtype in (np.float32, np.float16)]
    with tf.GradientTape() as tape:
        for name in floats:
            tape.watch(tensors[name])
        outputs = flat(eval(case.text, {"tf": tf, "keras": keras, **tensors}))
        outputs = [tf.convert_to_tensor(o) for o in outputs]
        total = sum(
            tf.reduce_sum(o * weight(o.shape, o.dtype.as_numpy_dtype))
            for o in outputs
            if o.dtype in (tf.float32, tf.float16)
        )
    gradients: list[np.ndarray | None] = []
    if case.grad and not isinstance(total, int):
        found = tape.gradient(total, [tensors[name] for name in floats])
        gradients = [None if g is None else tf.convert_to_tensor(g).numpy() for g in found]
    return [o.numpy() for o in outputs], gradients


def run_target(case: Case, text: str) -> tuple[list[np.ndarray], list[np.ndarray]]:
    names = names_of(case.text)
    code = compile(text, "<target>", "eval")
    space = target_namespace()

    def outputs(values: dict[str, Any]) -> list[Any]:
        local = {**space, **values, "rngs": nnx.Rngs(0)}
        return [jnp.asarray(o) for o in flat(eval(code, local))]

    values = {name: jnp.asarray(INPUTS[name]) for name in names}
    floats = {n: v for n, v in values.items() if v.dtype in (jnp.float32, jnp.float16)}

    def total(some: dict[str, Any]) -> Any:
        return sum(
            jnp.sum(o * weight(o.shape, o.dtype))
            for o in outputs(values | some)
            if jnp.issubdtype(o.dtype, jnp.floating)
        )

    found = (jax.jit(outputs) if case.jit else outputs)(values)
    gradients: list[np.ndarray] = []
    if case.grad and any(jnp.issubdtype(o.dtype, jnp.floating) for o in found) and floats:
        gradient = jax.grad(lambda some: jnp.asarray(total(some), jnp.float32))
        computed = (jax.jit(gradient) if case.jit else gradient)(floats)
        gradients = [np.asarray(computed[name]) for name in floats]
    return [np.asarray(o) for o in found], gradients


def flat(value: Any) -> list[Any]:
    """The leaves of nested results; a tuple of sizes is one vector."""
    if isinstance(value, tuple) and value and all(type(item) is int for item in value):
        return [np.array(value, np.int32)]
    if isinstance(value, (list, tuple)):
        return [leaf for item in value for leaf in flat(item)]
    return [value]


def weight(shape: Iterable[int], dtype: Any) -> np.ndarray:
    size = math.prod(shape)
    return np.cos(np.arange(size)).reshape(tuple(shape)).astype(dtype)


NARROW = {"int64": "int32", "float64": "float32", "uint64": "uint32", "complex128": "complex64"}


def difference(source: np.ndarray, target: np.ndarray, tolerance: float) -> str | None:
    """What differs, None if nothing."""
    expected = NARROW.get(str(source.dtype), str(source.dtype))
    if str(target.dtype) != expected:
        return f"dtype {target.dtype}, not {source.dtype}"
    if source.shape != target.shape:
        return f"shape {target.shape}, not {source.shape}"
    if not np.issubdtype(source.dtype, np.inexact):
        if np.array_equal(source, target):
            return None
        return f"{target.tolist()}, not {source.tolist()}"
    if source.dtype == np.float16:
        tolerance = max(tolerance, 4e-3)
    source, target = source.astype(np.complex128), target.astype(np.complex128)
    finite = np.isfinite(source)
    if not np.array_equal(finite, np.isfinite(target)):
        return f"{target.tolist()}, not {source.tolist()}"
    for part in (np.real, np.imag):
        a, b = part(source)[~finite], part(target)[~finite]
        if not np.array_equal(a, b, equal_nan=True):
            return f"{target.tolist()}, not {source.tolist()}"
    scale = max(1.0, float(np.max(np.abs(source[finite]), initial=0.0)))
    worst = float(np.max(np.abs(source[finite] - target[finite]), initial=0.0))
    return None if worst <= tolerance * scale else f"off by {worst:.3g} at scale {scale:.3g}"


def check(case: Case) -> Iterator[str]:
    """What is wrong with the translation of a case."""
    try:
        outputs, gradients = run_source(case)
    except Exception as error:
        yield f"{case.text}: TensorFlow: {type(error).__name__}: {str(error)[:200]}"
        return
    if case.gives:
        yield from stated(case, outputs)
    texts: list[str] = []
    for facts in (NoFacts(), InputFacts()) if case.blind else (InputFacts(),):
        try:
            texts.append(translated(case, facts))
        except ValueError as error:
            yield f"{case.text}: {error}"
            return
    for text in dict.fromkeys(texts):
        try:
            found, found_gradients = run_target(case, text)
        except Exception as error:
            yield f"{case.text} => {text}: JAX: {type(error).__name__}: {str(error)[:300]}"
            continue
        if len(found) != len(outputs):
            yield f"{case.text} => {text}: {len(found)} results, not {len(outputs)}"
            continue
        for a, b in zip(outputs, found, strict=True):
            wrong = difference(a, b, case.tolerance)
            if wrong:
                yield f"{case.text} => {text}: {wrong}"
        for name, a, b in zip(names_of(case.text), gradients, found_gradients, strict=False):
            a = np.zeros_like(b) if a is None else a
            wrong = difference(a, b, case.tolerance * 5)
            if wrong:
                yield f"{case.text} => {text}: gradient ({name}...): {wrong}"


def stated(case: Case, outputs: list[np.ndarray]) -> Iterator[str]:
    """Where the rule's `gives` contradicts the result. What it leaves open is not counted."""
    known = rules().for_flavour(case.keras)
    op = snippets.parse_source(case.text, known)
    if not isinstance(op, OpCall):
        return
    bound = shape_rule(op, known, InputFacts())
    if bound is None or bound.function in ("unknown", "same_as"):
        return

    def value(e: Expression) -> Any:
        if isinstance(e, Name) and e.id in INPUTS:
            return Shape(tuple(map(Dim.of, INPUTS[e.id].shape)))
        if isinstance(e, (List, TupleNode)):
            return [value(element) for element in e.elements]
        found = literal(e)
        return None if found is None else found.value

    arguments = [value(a) for a in bound.arguments]
    keywords = {name: value(e) for name, e in bound.keywords.items()}
    try:
        result = shape_rules.FUNCTIONS[bound.function](*arguments, **keywords)
    except Exception as error:
        yield f"{case.text}: gives: {type(error).__name__}: {error}"
        return
    shapes = [result] if isinstance(result, Shape) else list(result)
    if len(shapes) != len(outputs):
        if any(isinstance(s, Shape) and s.dims is not None for s in shapes):
            yield f"{case.text}: gives {len(shapes)} shapes, not {len(outputs)}"
        return
    for shape, output in zip(shapes, outputs, strict=True):
        if not isinstance(shape, Shape) or shape.dims is None:
            continue
        dims = [None if d is None else d.constant for d in shape.dims]
        fits = len(dims) == output.ndim and all(
            d is None or d == n for d, n in zip(dims, output.shape, strict=True)
        )
        if not fits:
            yield f"{case.text}: gives {dims}, is {output.shape}"
    dtype = bound.dtype if isinstance(bound.dtype, str) else None
    if isinstance(bound.dtype, Name) and bound.dtype.id in INPUTS:
        dtype = str(INPUTS[bound.dtype.id].dtype)
    if isinstance(bound.dtype, Symbol):
        dtype = bound.dtype.path.rpartition(".")[2].rstrip("_")
    if dtype not in (None, "unknown") and outputs and dtype != str(outputs[0].dtype):
        yield f"{case.text}: gives {dtype}, is {outputs[0].dtype}"


def prove(cases: Iterable[Case]) -> Report:
    report = Report()
    for case in cases:
        report.runs += 1
        failures = list(check(case))
        report.failures += failures
        if not failures:
            report.proved |= symbols_of(case.text)
    return report
