"""The key under which the result of a case is kept: everything that can change it."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from .case import Case
from .compile import COMMAND_VARIABLE

REPOSITORY = Path(__file__).parents[2]
_FOLDERS = ("ir", "rules", "transpiler", "benchmarks/cases")
_PACKAGES = ("tensorflow", "tf_keras", "keras", "jax", "flax", "libcst", "ruff", "transformers")


def compiler_digest(root: Path = REPOSITORY) -> str:
    """SHA-256 of the compiler's files (code, rules, signature data) and the library versions."""
    digest = hashlib.sha256(sys.version.encode())
    for package in _PACKAGES:
        digest.update(f"{package}=={_version(package)}\n".encode())
    for path in _files(root):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def result_key(case: Case, compiler: str, verify: bool) -> str:
    command = os.environ.get(COMMAND_VARIABLE, "")
    data = json.dumps([asdict(case), compiler, command, verify], sort_keys=True)
    return hashlib.sha256(data.encode()).hexdigest()


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "none"


def _files(root: Path) -> Iterator[Path]:
    for folder in _FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path
