"""What is compared, by name: the modes of a verification."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, cast, get_args

Mode = Literal[
    "outputs",
    "gradients",
    "state",
    "train",
    "trajectory",
    "double",
    "worst",
    "transforms",
    "export",
    "nnx",
    "warnings",
]

SUMMARIES: Mapping[str, str] = MappingProxyType(
    {
        "outputs": "outputs in eval mode",
        "gradients": "gradients of every parameter and every float input",
        "state": "state updates of the call",
        "train": "outputs, gradients and state updates in training mode, randomness disabled",
        "trajectory": "losses and parameters over several training steps",
        "double": "outputs and gradients in double precision, where the source can",
        "worst": "outputs and gradients where a search finds the two sides to differ most",
        "transforms": "the same under jax.jit, jax.vmap and eagerly; forward and reverse agree",
        "export": "jax.export lowers it for cpu, cuda and tpu",
        "nnx": "the same in NNX graph mode and tree mode",
        "warnings": "no DeprecationWarning from the translated code",
    }
)
BASIC: tuple[Mode, ...] = ("outputs", "gradients", "state")
ALL: tuple[Mode, ...] = get_args(Mode)
TARGET_ONLY: tuple[Mode, ...] = ("worst", "transforms", "export", "nnx", "warnings")
"""Modes for which nothing more is recorded of the source."""
IN_TRAINING: tuple[Mode, ...] = ("train", "trajectory")


def parse_modes(text: str) -> tuple[Mode, ...]:
    """Modes from `outputs,train`; `all`, and `basic` for the first three. Raises ValueError."""
    found: dict[Mode, None] = {}
    for word in text.split(","):
        match word.strip():
            case "":
                pass
            case "all":
                found |= dict.fromkeys(ALL)
            case "basic":
                found |= dict.fromkeys(BASIC)
            case name if name in SUMMARIES:
                found[cast("Mode", name)] = None
            case name:
                raise ValueError(f"no mode `{name}`; modes: {', '.join(ALL)}, basic, all")
    if not found:
        raise ValueError("name at least one mode")
    # Everything else needs a weight map that is proved by the outputs.
    return tuple(m for m in ALL if m in found or m == "outputs")
