"""Random programs agree with TensorFlow: outputs and gradients.

More of them, or others, with `-m verify`: `TFJAX_RANDOM_PROGRAMS=200 TFJAX_RANDOM_SEED=7`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.transpiler.test_random_models import models

COUNT = int(os.environ.get("TFJAX_RANDOM_PROGRAMS", "4"))
SEED = int(os.environ.get("TFJAX_RANDOM_SEED", "0"))


def drawn(count: int, seed: int) -> list[str]:
    """The sources of `count` programs, the same for the same seed."""
    texts: dict[str, None] = {}

    @settings(
        max_examples=2 * count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.seed(seed)
    @given(models())
    def collect(text: str) -> None:
        texts.setdefault(text)

    collect()
    # The first ones that are drawn are the simplest.
    return list(texts)[-count:]


def entry(name: str, text: str) -> str:
    channels = re.search(r"keras\.Input\(\(8, 8, (\d+)\)\)", text)
    assert channels is not None
    inputs = f'{{ x = "float32[B, 8, 8, {channels[1]}]" }}'
    return f"""\
[[tool.tfjax.verify]]
name = "{name}"
entry = "{name}:build"
inputs = {inputs}
call = "model(x, training=False)"
keras = "2"
"""


@pytest.mark.verify
def test_random_programs_agree(tmp_path: Path) -> None:
    programs = {f"program_{i}": text for i, text in enumerate(drawn(COUNT, SEED))}
    source = tmp_path / "source"
    source.mkdir()
    for name, text in programs.items():
        (source / f"{name}.py").write_text(text, "utf-8")
    settings_text = "[tool.tfjax]\nkeras = '2'\n" + "".join(
        entry(n, t) for n, t in programs.items()
    )
    (source / "pyproject.toml").write_text(settings_text, "utf-8")
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "tfjax.transpiler.cli.main", str(source), "--verify"]
    command += ["-o", str(tmp_path / "out"), "--report", str(report)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert report.is_file(), done.stderr
    found = {e["name"]: e for e in json.loads(report.read_text("utf-8"))["verification"]}
    wrong = {
        name: (found[name]["message"], text)
        for name, text in programs.items()
        if found[name]["verdict"] != "pass"
    }
    assert len(found) == len(programs)
    assert not wrong, "\n".join(f"{message}\n{text}" for message, text in wrong.values())
