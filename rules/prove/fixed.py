"""The fixed cases of `rules/prove/cases`: one a line, for what no domain reaches.

`cases/tf`: expressions over the arrays of `INPUTS`. `cases/keras`: a layer, or an expression over
`x0`, `x1` ..., then ` @ ` and the inputs: `[2, 5]`, `int<7[2, 5]`, `bool[2, 5]`, `simplex[2, 5]`,
`onehot[2, 5]`; then `; name=value` for call arguments. Both end in options after ` # `:

`no jit` (the shape of the result depends on data), `no grad` (TensorFlow has none, or a caveat says
how it differs), `no gives` (the shape rule assumes a batch), `facts` (the translation must know
dtypes), `merge` (the inputs are one list), `keras2`, `keras3`, `tolerance T (REASON)` (relative to
the largest value; never without a reason).
"""
# pyright: basic

from __future__ import annotations

import ast
import re
from functools import cache
from typing import Any

import numpy as np

from .case import Case

OPTION = re.compile(r", (?![^(]*\))")
"""What parts options: a comma that is not inside of a reason."""
INPUT = re.compile(r"(?:(int)<(\d+)|(bool|simplex|onehot))?\[([\d, ]*)\]")


def read_case(line: str, keras: str) -> Case:
    """Raises ValueError for a line that cannot be read."""
    text, _, options = line.partition("  # ")
    body, at, inputs = text.partition(" @ ")
    if at:
        case = _over_inputs(body, inputs)
    else:
        names = [n.id for n in ast.walk(ast.parse(body, mode="eval")) if isinstance(n, ast.Name)]
        known = arrays()
        case = Case(body, {n: known[n] for n in dict.fromkeys(names) if n in known}, style="fixed")
    case.keras = keras
    if not any(np.isnan(a).any() for a in case.arrays.values() if a.dtype.kind == "f"):
        case.style = "general"
    for option in filter(None, OPTION.split(options)):
        match option.split():
            case ["no", "jit"]:
                case.jit = False
            case ["no", "grad"]:
                case.grad = False
            case ["no", "gives"]:
                case.gives = False
            case ["facts"]:
                case.facts = True
            case ["merge"]:
                case.merge = True
            case ["keras2" | "keras3"]:
                pass
            case ["tolerance", number, *reason] if reason:
                case.tolerance = float(number)
            case _:
                raise ValueError(f"unknown option {option!r} in {line!r}")
    return case


def _over_inputs(body: str, inputs: str) -> Case:
    specs, *given = inputs.split("; ")
    rng = np.random.default_rng(0)
    found = {f"x{i}": _array(m, rng) for i, m in enumerate(INPUT.finditer(specs))}
    call = dict(item.split("=", 1) for item in given)
    case = Case(body, found, call=call)
    mentioned = {n.id for n in ast.walk(ast.parse(body)) if isinstance(n, ast.Name)}
    if not mentioned & found.keys():
        in_call = " ".join(call.values())
        case.inputs = tuple(name for name in found if name not in in_call)
    return case


def _array(match: re.Match[str], rng: np.random.Generator) -> np.ndarray:
    integer, below, word, sizes = match.groups()
    shape = tuple(int(n) for n in sizes.split(",") if n.strip())
    if integer:
        return rng.integers(0, int(below), shape).astype("int32")
    match word:
        case "bool":
            array = rng.random(shape) < 0.6
            array[..., 0] = True
            return array
        case "simplex":
            array = rng.uniform(0.1, 1.0, shape)
            return (array / array.sum(-1, keepdims=True)).astype("float32")
        case "onehot":
            return np.eye(shape[-1], dtype="float32")[rng.integers(0, shape[-1], shape[:-1])]
        case _:
            return rng.normal(size=shape).astype("float32")


@cache
def arrays() -> dict[str, np.ndarray]:
    """The arrays that expressions mention, by name."""
    rng = np.random.default_rng(0)

    def normal(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float32)

    matrix = normal(2, 4, 4)
    special = [np.nan, np.inf, -np.inf, -0.0, 0.0, 1.5, -2.5, 0.5]
    found: dict[str, Any] = {
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
    return found
