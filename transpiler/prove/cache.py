"""Results of earlier runs, by the rule with its helpers, what it is tried with, the versions of the
libraries and that of the ladder. A change of the compiler does not count: the part of the rules
that the tests prove runs without these results."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

from ...ir.nodes import Symbol, walk
from ...rules.language.cache import cache_folder
from ...rules.language.codec import dumps
from ...rules.language.errors import Place
from ...rules.language.helpers import helper_module, helper_names
from ...rules.language.records import Rule
from ...rules.prove.derive import derive
from ...rules.prove.domain import DomainError
from ...rules.prove.outcome import UnitResult
from .units import Unit

LIBRARIES = ("tensorflow", "tf_keras", "keras", "jax", "flax", "optax", "numpy", "hypothesis")
FIRST = 1
"""The ladder from which on results are kept. Raise it to forget all of them."""


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


def fingerprint(rule: Rule) -> str:
    """Of the text of a rule and of the helpers that it uses; where it stands does not matter."""
    state = hashlib.sha256(dumps(replace(rule, place=Place("", 0))))
    bodies = [choice.body for choice in (*rule.to, *rule.call)]
    paths = {n.path for body in bodies for n in walk(body) if isinstance(n, Symbol)}
    known = helper_names()
    used = sorted(p.removeprefix("tf_compat.") for p in paths if p.startswith("tf_compat."))
    state.update(helper_module([name for name in used if name in known]).encode())
    return state.hexdigest()[:12]


def unit_key(unit: Unit, cases: int) -> str:
    """The domain counts, too: a parameter may get another one by its type or name."""
    try:
        domain = repr(derive(unit.rule))
    except DomainError as error:
        domain = str(error)
    state = hashlib.sha256(json.dumps([FIRST, versions()], sort_keys=True).encode())
    for part in (unit.key, fingerprint(unit.rule), domain, str(cases), *unit.fixed):
        state.update(part.encode() + b"\n")
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
