"""The oracle's inputs: made from specs, with noise, and stored for the other side."""
# pyright: basic

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from .case import VerifyCase
from .oracle_run import SourceError
from .sampling import sample, ulp_noise
from .specs import parse_spec
from .trees import map_tree, skeleton


def make_inputs(
    case: VerifyCase, scope: dict[str, Any], sizes: dict[str, int], draw: int
) -> dict[str, Any]:
    """Tensors for every spec, from a seed that `draw` changes; expressions are evaluated."""

    def leaf(path: str, text: Any) -> Any:
        if not isinstance(text, str):
            return text
        spec = parse_spec(text)
        if spec is None:
            return eval(text, scope | sizes)
        return tf.constant(sample(spec, path, sizes, draw))

    return {name: map_tree(tree, leaf, name) for name, tree in case.inputs.items()}


def with_noise(inputs: dict[str, Any], seed: int) -> dict[str, Any]:
    """The inputs with one-ulp noise on float tensors."""

    def leaf(_: str, value: Any) -> Any:
        if not isinstance(value, tf.Tensor) or not value.dtype.is_floating:
            return value
        return tf.constant(ulp_noise(value.numpy(), seed))

    return {name: map_tree(value, leaf, name) for name, value in inputs.items()}


def watched(case: VerifyCase, inputs: dict[str, Any]) -> dict[str, Any]:
    """The tensors by which gradients are taken: those sampled as floats."""
    sampled = set(sampled_floats(case))
    found: dict[str, Any] = {}

    def leaf(path: str, value: Any) -> None:
        if path in sampled:
            found[path] = value

    for name, tree in inputs.items():
        map_tree(tree, leaf, name)
    return found


def sampled_floats(case: VerifyCase) -> list[str]:
    """Paths of the inputs that a spec fills with random floats."""
    paths: list[str] = []

    def leaf(path: str, text: Any) -> None:
        spec = parse_spec(text) if isinstance(text, str) else None
        if spec is not None and spec.is_sampled_float:
            paths.append(path)

    for name, tree in case.inputs.items():
        map_tree(tree, leaf, name)
    return paths


def store_inputs(inputs: dict[str, Any], key: str, tensors: dict[str, Any]) -> dict[str, Any]:
    """Arrays go into `tensors`; what is returned says how to rebuild the nesting."""

    def key_of(path: str, value: Any) -> str | None:
        if value is None or isinstance(value, (bool, int, float, str)):
            return None
        if isinstance(value, (tf.SparseTensor, tf.RaggedTensor)):
            raise SourceError("case", f"input {path} is a {type(value).__name__}")
        array = np.asarray(value)
        if array.dtype.kind in "OSU":
            raise SourceError("case", f"input {path} is not numeric")
        tensors[f"{key}/in/{path}"] = array
        return path

    return {name: skeleton(tree, key_of, name) for name, tree in inputs.items()}
