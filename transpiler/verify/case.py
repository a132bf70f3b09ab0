"""What a verification is asked: plain data, JSON in and out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from .codec import decode, encode
from .limits import Limits
from .modes import BASIC, Mode

Flavour = Literal["keras2", "keras3"]
InputTree = Any
"""A spec string, a number / bool / None (passed as it is), or a list or dict of these."""


@dataclass(frozen=True, slots=True)
class Side:
    """One program: how to import it, build a model and call it.

    paths    folders put first on `sys.path`
    module   imported as `m`
    build    Python expression giving `model`
    call     Python expression over `model` and the input names
    pre      code run before the import of `m`; setup: after it
    stubs    modules that are replaced by empty stand-ins
    alias    module name -> module that is imported in its place
    eval_mode  (target only) `model.eval()` is called after the build
    """

    module: str
    build: str
    call: str
    paths: tuple[str, ...] = ()
    pre: str = ""
    setup: str = ""
    stubs: tuple[str, ...] = ()
    alias: dict[str, str] = field(default_factory=dict[str, str])
    eval_mode: bool = False


@dataclass(frozen=True, slots=True)
class TrainSides:
    """Both programs called in training mode."""

    source: Side
    target: Side


@dataclass(frozen=True, slots=True)
class VerifyCase:
    """A source program, its translation, and the inputs on which the two are compared.

    sizes    values of named dims, `{"B": (2, 3)}`: run number i takes the i-th value of each
    x64      the JAX side keeps 64-bit types
    rename   source attribute -> target attribute, for custom layers whose attributes were renamed
    train       both programs in training mode, where there is one
    platform    where the JAX side runs: "cpu", "gpu" or "tpu"
    randomness  False: dropout masks keep everything and noise layers add nothing, on both sides
    wide        run beyond the first two choices of sizes, and edge values, too
    layers      keep what each layer of the source gives
    """

    name: str
    flavour: Flavour
    source: Side
    target: Side
    inputs: dict[str, InputTree]
    modes: tuple[Mode, ...] = BASIC
    sizes: dict[str, tuple[int, ...]] = field(default_factory=dict[str, tuple[int, ...]])
    limits: Limits = field(default_factory=Limits)
    x64: bool = False
    rename: dict[str, str] = field(default_factory=dict[str, str])
    randomness: bool = True
    platform: str = "cpu"
    train: TrainSides | None = None
    wide: bool = True
    layers: bool = False


@dataclass(frozen=True, slots=True)
class WeightMove:
    """`target` is made from one source weight (or several, joined by a first step) by `steps`.

    Names are attribute paths inside the layer, dotted (`cell.kernel`); the Keras name of the weight
    works too. Steps are the records of `steps.py`.
    """

    source: str | tuple[str, ...]
    target: str
    steps: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class WeightRule:
    """How the weights of one source layer class become those of one target class."""

    source: str
    target: str
    weights: tuple[WeightMove, ...]


WeightRules = Sequence[WeightRule]


def case_to_json(case: VerifyCase) -> str:
    return json.dumps(encode(case), indent=1)


def case_from_json(text: str) -> VerifyCase:
    return decode(VerifyCase, json.loads(text))


def rules_from_data(data: Any) -> tuple[WeightRule, ...]:
    """Weight rules from JSON data: a list of `{"source", "target", "weights": [...]}`."""
    return decode(tuple[WeightRule, ...], data)
