"""Oracle results under a content hash, so that a second verification needs no TensorFlow."""

from __future__ import annotations

import contextlib
import hashlib
import json
import platform
import shutil
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any

from .case import VerifyCase
from .codec import encode
from .modes import TARGET_ONLY

_PACKAGES = ("tensorflow", "tf_keras", "keras", "numpy")
_OWN_FILES = (
    "oracle_*.py trajectory.py draws.py fingerprint.py places.py source_env.py sampling.py "
    "specs.py trees.py structure.py"
)


def oracle_key(case: VerifyCase) -> str:
    """Hash of all that decides the oracle's result but the source files, which `lookup` checks."""
    parts: dict[str, Any] = {
        "source": encode(case.source),
        "flavour": case.flavour,
        "inputs": encode(case.inputs),
        "sizes": encode(case.sizes),
        "modes": sorted(m for m in case.modes if m not in TARGET_ONLY),
        "randomness": case.randomness,
        "wide": case.wide,
        "layers": case.layers,
        "versions": library_versions(),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "verifier": _own_hash(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def library_versions() -> dict[str, str]:
    """The versions of what the oracle runs on; empty where it is not installed."""
    return {name: _version(name) for name in _PACKAGES}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _own_hash() -> str:
    here = Path(__file__).parent
    files = sorted(f for pattern in _OWN_FILES.split() for f in here.glob(pattern))
    return hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()


def lookup(cache: Path, key: str) -> Path | None:
    """The folder of a stored result whose source files are unchanged."""
    folder = cache / key
    try:
        result = json.loads((folder / "result.json").read_text())
        files: list[list[str]] = result["files"]
    except (OSError, ValueError, KeyError):
        return None
    for path, digest in files:
        try:
            if hashlib.sha256(Path(path).read_bytes()).hexdigest() != digest:
                return None
        except OSError:
            return None
    return folder if (folder / "oracle.safetensors").is_file() else None


def store(cache: Path, key: str, result_folder: Path) -> Path:
    """Copy a result in, whole or not at all; a newer one replaces an older one."""
    cache.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=".part-", dir=cache))
    for name in ("result.json", "oracle.safetensors"):
        shutil.copyfile(result_folder / name, part / name)
    folder = cache / key
    if folder.exists():
        shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):  # another process stored the same result meanwhile
        part.rename(folder)
    shutil.rmtree(part, ignore_errors=True)
    return folder
