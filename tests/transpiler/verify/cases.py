"""Cases over the hand-made pairs in data/."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tfjax.transpiler.verify import Side, VerifyCase

DATA = str(Path(__file__).parent / "data")


def pair(
    stem: str,
    flavour: Any,
    build: str,
    target_build: str,
    call: str,
    target_call: str,
    inputs: dict[str, Any],
    **options: Any,
) -> VerifyCase:
    return VerifyCase(
        f"{stem}-{flavour}",
        flavour,
        Side(f"{stem}_tf", build, call, paths=(DATA,)),
        Side(f"{stem}_jax", target_build, target_call, paths=(DATA,), eval_mode=True),
        inputs,
        **options,
    )


def mlp(flavour: Any = "keras2", wrong: str = "", **options: Any) -> VerifyCase:
    build = f"m.mlp(rngs=nnx.Rngs(0), {wrong})"
    inputs = {"x": "float32[B, 8]"}
    call = "model(x, training=False)"
    return pair("mlp", flavour, "m.mlp()", build, call, "model(x)", inputs, **options)


def cnn(flavour: Any = "keras3", wrong: str = "") -> VerifyCase:
    build = f"m.cnn(rngs=nnx.Rngs(0), {wrong})"
    call = "model(x, training=False)"
    inputs = {"x": "f32[2,12,12,3]"}
    return pair("cnn", flavour, "m.cnn()", build, call, "model(x)", inputs)


def encoder(flavour: Any = "keras2", training: bool = True, wrong: str = "") -> VerifyCase:
    call = f"model(tokens, mask, training={training})"
    build = f"m.Encoder(rngs=nnx.Rngs(0), {wrong})"
    inputs = {"tokens": "i32[B,6]<20", "mask": "bool[B,6]"}
    return pair("custom", flavour, "m.Encoder()", build, call, call, inputs)


def volume(flavour: Any = "keras2") -> VerifyCase:
    """Half of what is pooled is zero, and equal."""
    build, inputs = "m.Volume(rngs=nnx.Rngs(0))", {"x": "f32[2,7,8,9,2]"}
    return pair("volume", flavour, "m.Volume()", build, "model(x)", "model(x)", inputs)
