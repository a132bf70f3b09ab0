"""What is claimed of the output, against the output as JAX runs it: no claim is contradicted."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jax
import pytest
from flax import nnx
from tfjax.rules.language.ruleset import RuleSet
from tfjax.transpiler.analysis.proof import Claim
from tfjax.transpiler.analysis.proof.claims import ArrayType
from tfjax.transpiler.files import SourceFile
from tfjax.transpiler.project import Options, compile_project

ROOT = Path(__file__).parents[4]
PROGRAMS = sorted([*(ROOT / "examples").glob("*.py"), *(ROOT / "tests" / "programs").glob("*.py")])
SIZES = (2, 3)


def models(claims: tuple[Claim, ...]) -> Iterator[Claim]:
    """Claims on models whose inputs are known, and proved."""
    for claim in claims:
        is_class = "." not in claim.target
        if is_class and claim.verdict == "proved" and claim.gives is not None and 0 in claim.types:
            yield claim


def struct(kind: ArrayType, size: int) -> jax.ShapeDtypeStruct:
    sizes = tuple(int(s) if s.isdigit() else size for s in kind.sizes)
    return jax.ShapeDtypeStruct(sizes, kind.dtype)


def required(target: Any) -> bool:
    """Whether the constructor wants more than random numbers: sizes that only a caller knows."""
    parameters = [*inspect.signature(target.__init__).parameters.values()][1:]
    plain = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    return any(p.default is p.empty and p.name != "rngs" for p in plain)


def run(module: Any, claim: Claim, size: int) -> Any:
    inputs = [struct(claim.types[i], size) for i in range(len(claim.types))]

    def call(*arrays: Any) -> Any:
        made = getattr(module, claim.target)(rngs=nnx.Rngs(0))
        made.eval()
        return made(*arrays)

    return jax.eval_shape(call, *inputs)


def checked(path: Path, folder: Path) -> int:
    """How many claims of the program were compared."""
    source = SourceFile(path, Path(path.name), path.read_text("utf-8"), module=path.stem)
    project = compile_project([source], Options(prove_shapes=True), RuleSet.load())
    file = project.files[0]
    found = list(models(file.claims or ()))
    assert not [c for c in file.claims or () if c.verdict == "refuted"]
    if not found:
        return 0
    folder.mkdir()
    (folder / f"out_{path.stem}.py").write_text(file.text, "utf-8")
    for name, text in project.extra.items():
        (folder / name).write_text(text, "utf-8")
    sys.path.insert(0, str(folder))
    try:
        module = importlib.import_module(f"out_{path.stem}")
        made = [c for c in found if not required(getattr(module, c.target))]
        for claim in made:
            for size in SIZES:
                outcome = run(module, claim, size)
                assert claim.gives is not None
                wanted = struct(claim.gives, size)
                assert (outcome.shape, outcome.dtype) == (wanted.shape, wanted.dtype), claim
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop("tf_compat", None)
    return len(made)


def test_no_claim_is_contradicted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    counts = [checked(path, tmp_path / path.stem) for path in PROGRAMS]
    assert sum(counts) >= 8
