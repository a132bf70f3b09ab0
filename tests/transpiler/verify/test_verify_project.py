"""`--verify` from the command line, on programs that a test can hold."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from tfjax.transpiler.cli.main import run

NET = """\
from tensorflow import keras


def build(units=5):
    inputs = keras.Input((4,))
    return keras.Model(inputs, keras.layers.Dense(units)(inputs))
"""


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TFJAX_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "net.py").write_text(NET)
    return tmp_path


@pytest.mark.verify
def test_a_program_that_is_found(there: Path):
    arguments = ["net.py", "-o", "out", "--verify", "--report", "r.json", "--keras", "3"]
    assert run(arguments) == 0
    (entry,) = json.loads(Path("r.json").read_text())["verification"]
    assert (entry["name"], entry["verdict"]) == ("net:build", "pass")
    assert entry["parameters"]["source_mapped"] == 2


BLOCKED = "raise ImportError('blocked')\n"


@pytest.mark.verify
def test_what_is_recorded_proves_the_output_without_tensorflow(there: Path):
    assert run(["net.py", "-o", "out", "--keras", "3"]) == 0
    verify = ["verify", "net.py", "--keras", "3", "--against", "out", "--mode", "basic,trajectory"]
    outputs = ["--save-oracle", "frozen", "--layers", "--write-tests", "out", "--junit", "r.xml"]
    assert run([*verify, *outputs]) == 0
    assert '<testcase classname="net:build" name="trajectory" />' in Path("r.xml").read_text()

    (recorded,) = Path("frozen").glob("*/call/oracle.safetensors")
    tensors = load_file(recorded)
    layers = sorted(name for name in tensors if name.startswith("layer/"))
    assert layers[0].startswith("layer/0/")
    assert np.array_equal(tensors[layers[-1]], tensors["run0/draw0/out/out"])

    for name in ("tensorflow", "keras", "tf_keras"):
        Path("blocked", name).mkdir(parents=True)
        Path("blocked", name, "__init__.py").write_text(BLOCKED)
    environment = os.environ | {"PYTHONPATH": str(there / "blocked"), "JAX_PLATFORMS": "cpu"}
    again = "from tfjax.transpiler.cli.main import run; import sys; sys.exit(run(sys.argv[1:]))"
    prove = [sys.executable, "-c", again, "verify", "out", "--oracle", "frozen", "--mode", "basic"]
    assert subprocess.run(prove, env=environment, check=False).returncode == 0
    # Neither tfjax nor the directory of the tests: the file stands on its own.
    alone = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "out",
        "-p",
        "no:cacheprovider",
        "-c",
        "/dev/null",
    ]
    assert "tfjax" not in Path("out/test_equivalence.py").read_text().replace("tfjax-compile", "")
    assert subprocess.run(alone, env=environment, check=False).returncode == 0
    text = Path("out/net.py").read_text()
    assert "self.dense(" in text
    Path("out/net.py").write_text(text.replace("self.dense(", "-self.dense("))
    assert subprocess.run(alone, env=environment, check=False).returncode == 1
    assert subprocess.run(prove, env=environment, check=False).returncode == 1


@pytest.mark.verify
def test_a_source_that_does_not_run(there: Path, capsys: pytest.CaptureFixture[str]):
    (there / "pyproject.toml").write_text(
        '[[tool.tfjax.verify]]\nentry = "net:build"\nkwargs = { unit = 3 }\n'
        'inputs = { x = "float32[B, 4]" }\n'
    )
    assert run(["verify", "net.py", "--keras", "3"]) == 1
    assert "TJ7006" in capsys.readouterr().err


def test_layers_are_kept_in_a_frozen_oracle_only(capsys: pytest.CaptureFixture[str]):
    assert run(["verify", "net.py", "--layers"]) == 2
    assert "--save-oracle" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ('entry = "nte:build"', "TJ7011"),
        ('entry = "net:build"\ncall = "model(x"', "TJ7011"),
        ('entry = "other:build"', "TJ7009"),
    ],
)
def test_entries_that_cannot_be_used(
    there: Path, capsys: pytest.CaptureFixture[str], settings: str, code: str
):
    (there / "other.py").write_text("x = 1\n")
    (there / "pyproject.toml").write_text(f"[[tool.tfjax.verify]]\n{settings}\n")
    assert run(["verify", "net.py"]) == 1
    assert f"[{code}]" in capsys.readouterr().err
