"""From end to end with a model that is one: `make test-model MODEL=FOLDER SERVER=PYTHON`, or with a
server that runs already, `make test-model ENDPOINT=URL`. Not part of other test runs."""

import asyncio
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tfjax.agents.model.http import HttpModel
from tfjax.agents.serve import ServeOptions, start, stop
from tfjax.transpiler.cli.main import run

ENDPOINT = os.environ.get("TFJAX_TEST_ENDPOINT", "")
MODEL = os.environ.get("TFJAX_TEST_MODEL", "")
pytestmark = [
    pytest.mark.verify,
    pytest.mark.xdist_group("agents"),
    pytest.mark.skipif(not (ENDPOINT or MODEL), reason="no model is named"),
]
SOURCE = """\
import tensorflow as tf


def scaled(x, y):
    return x * tf.math.log1p(tf.math.abs(y))
"""


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if ENDPOINT:
        yield ENDPOINT
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    python = os.environ.get("TFJAX_TEST_PYTHON") or sys.executable
    log = tmp_path_factory.mktemp("server") / "vllm.log"
    process = start(ServeOptions(Path(MODEL), port, python=python), log)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(process)


def test_the_server_keeps_to_schemas(endpoint: str):
    async def work() -> bool:
        model = HttpModel(endpoint)
        try:
            return await model.honours_schemas()
        finally:
            await model.close()

    assert asyncio.run(work())


def test_a_place_is_filled_and_verified(
    endpoint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.chdir(tmp_path)
    Path("model.py").write_text(SOURCE)
    Path("off.rules").write_text('refuse tf.math.log1p "switched off"\n')
    rules = ["--rules", "off.rules"]
    line = ["agents", "run", "model.py", "-o", "out", *rules, "--endpoint", endpoint, "--verify"]
    assert run([*line, "--folder", "run", "--record", "answers.jsonl"]) == 0
    text = (Path("out") / "model.py").read_text()
    assert "log1p(" in text
    assert "tf" not in text
    assert run(["agents", "log", "--folder", "run"]) == 0
    assert "1 of 1 places filled" in capsys.readouterr().out
    # Once more, without the model: from the recorded answers, and from the fills.
    again = ["agents", "run", "model.py", "-o", "again", *rules, "--replay", "answers.jsonl"]
    assert run([*again, "--folder", "replayed"]) == 0
    assert run(["model.py", "-o", "filled", *rules, "--fills", "run/fills.json"]) == 0
    assert {(Path(folder) / "model.py").read_text() for folder in ("again", "filled")} == {text}
