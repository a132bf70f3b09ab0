"""Results of earlier runs, by all they depend on: the rule, the helpers, the fixed cases, the code
of compiler and ladder, and the versions of the libraries."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import tempfile
from functools import cache
from pathlib import Path

from ...rules.language.cache import cache_folder
from ...rules.language.codec import dumps
from ...rules.prove.outcome import UnitResult
from .units import Unit

LIBRARIES = ("tensorflow", "tf_keras", "keras", "jax", "flax", "optax", "numpy", "hypothesis")
ROOT = Path(__file__).parents[2]
PARTS = ("rules/prove", "rules/language", "rules/helpers", "transpiler/prove", "transpiler/rewrite")


@cache
def versions() -> dict[str, str]:
    """The libraries that a proof holds for; those not installed are left out."""
    found: dict[str, str] = {}
    for name in LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


@cache
def _base() -> bytes:
    state = hashlib.sha256(json.dumps(versions(), sort_keys=True).encode())
    for part in PARTS:
        for path in sorted((ROOT / part).rglob("*.py")):
            state.update(path.name.encode() + path.read_bytes())
    state.update((ROOT / "transpiler" / "shapes" / "shape_rules.py").read_bytes())
    return state.digest()


def unit_key(unit: Unit, cases: int) -> str:
    """Where the rule stands in its file does not matter."""
    from dataclasses import replace

    from ...rules.language.errors import Place

    rule = replace(unit.rule, place=Place("", 0))
    state = hashlib.sha256(_base())
    for part in (unit.key, str(cases), *unit.fixed):
        state.update(part.encode() + b"\n")
    state.update(dumps(rule))
    return state.hexdigest()[:32]


def read_result(key: str) -> UnitResult | None:
    """None when there is none, or when it cannot be read."""
    folder = _folder()
    if folder is None:
        return None
    try:
        data = json.loads((folder / f"{key}.json").read_text("utf-8"))
        return UnitResult.from_json(data)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_result(key: str, result: UnitResult) -> None:
    """Best effort: a cache that cannot be written only costs time."""
    folder = _folder()
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(result.to_json(), file)
        os.replace(name, folder / f"{key}.json")
    except OSError:
        return


def _folder() -> Path | None:
    base = cache_folder()
    return None if base is None else base / "proofs"
