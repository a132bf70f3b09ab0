"""The committed data is what the generator writes, and the reader needs no framework."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from tfjax.rules.api import versions
from tfjax.rules.api.reader import DATA


def _installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


@pytest.mark.verify
def test_committed_data_is_up_to_date(tmp_path: Path) -> None:
    recorded = dict(versions())
    if {package: _installed(package) for package in recorded} != recorded:
        pytest.skip("the data describes other versions than the installed ones")
    command = [sys.executable, "-m", "tfjax.rules.api.generate", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    committed = {path.relative_to(DATA): _own(path) for path in DATA.rglob("*.tsv")}
    generated = {path.relative_to(tmp_path): _own(path) for path in tmp_path.rglob("*.tsv")}
    assert sorted(generated) == sorted(committed)
    assert [path for path in committed if committed[path] != generated[path]] == []


def _own(table: Path) -> list[str]:
    """The rows of a table but those that absl, scikit-learn or unittest define: their versions are
    not recorded."""
    foreign = ("tf.compat.v1.flags.", "keras.wrappers.", "tf.test.TestCase.")
    lines = table.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith(foreign)]


def test_reader_imports_no_framework() -> None:
    program = """
import sys
from tfjax.rules.api import SourceApi, TargetApi
api = SourceApi.load()
assert api.signature(api.canonical("tf.keras.layers.Dense"), "keras2") is not None
assert TargetApi.load().default("flax.nnx.BatchNorm", "epsilon") == "1e-05"
roots = {name.partition(".")[0] for name in sys.modules}
print(sorted(roots & {"tensorflow", "keras", "tf_keras", "jax", "flax", "optax", "numpy"}))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"
