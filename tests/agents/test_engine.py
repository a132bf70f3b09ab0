"""vLLM's engine in this process, by a package of its name that only writes down what it hears."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest
from tfjax.agents.commands.options import load_model
from tfjax.agents.model.engine import EngineModel
from tfjax.agents.model.messages import Message, ModelError, Request, Response
from tfjax.transpiler.cli.main import run

FAKE = """
from types import SimpleNamespace

SEEN = []


class SamplingParams:
    def __init__(self, **given):
        self.given = given


class LLM:
    def __init__(self, **given):
        if "broken" in given["model"]:
            raise ValueError("no such architecture")
        SEEN.append(given)

    def chat(self, conversations, settings, use_tqdm):
        given = settings.given
        if given["max_tokens"] > 4096:
            raise ValueError("too long")
        SEEN.append((conversations, given))
        outputs = [
            SimpleNamespace(
                text=f"answer {n}", finish_reason="length" if n else "stop",
                cumulative_logprob=-0.5 * n, token_ids=[1, 2, 3],
            )
            for n in range(given["n"])
        ]
        return [SimpleNamespace(outputs=outputs, prompt_token_ids=[0] * 7)]
"""
PARAMS = """
class StructuredOutputsParams:
    def __init__(self, json):
        self.json = json
"""
QUESTION = Request(
    (Message("system", "be short"), Message("user", "hello")), 2, 0.7, 50, 3, ("\n",)
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a model, with the fake vLLM in reach."""
    package = tmp_path / "site" / "vllm"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(FAKE)
    (package / "sampling_params.py").write_text(PARAMS)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    for name in ("vllm", "vllm.sampling_params"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    model = tmp_path / "small-coder"
    model.mkdir()
    (model / "config.json").write_text("{}")
    return model


def ask(model: EngineModel, *requests: Request) -> list[Response]:
    async def work() -> list[Response]:
        try:
            return [await model.answer(one) for one in requests]
        finally:
            await model.close()

    return asyncio.run(work())


def seen() -> list[Any]:
    return sys.modules["vllm"].SEEN


def test_an_answer(folder: Path):
    model = EngineModel(str(folder))
    assert "vllm" not in sys.modules
    first, _ = ask(model, QUESTION, QUESTION)
    assert [s.text for s in first.samples] == ["answer 0", "answer 1"]
    assert [s.finished for s in first.samples] == [True, False]
    assert [s.logprob for s in first.samples] == [0.0, -0.5]
    assert (first.prompt_tokens, first.completion_tokens) == (7, 6)
    assert first.model == "small-coder"
    loaded, (conversations, settings), _ = seen()
    assert loaded["model"] == str(folder)
    assert loaded["enable_prefix_caching"] is True
    assert conversations == [
        [{"role": "system", "content": "be short"}, {"role": "user", "content": "hello"}]
    ]
    assert (settings["n"], settings["temperature"], settings["max_tokens"]) == (2, 0.7, 50)
    assert (settings["seed"], settings["stop"]) == (3, ["\n"])


def test_a_schema(folder: Path):
    schema = {"type": "object", "properties": {"keep": {"type": "boolean"}}}
    ask(EngineModel(str(folder)), Request(QUESTION.messages, schema=schema))
    _, (_, settings) = seen()
    assert settings["structured_outputs"].json == schema
    assert not any(name.startswith("guided") for name in settings)


def test_an_engine_that_fails(folder: Path):
    with pytest.raises(ModelError, match="vLLM fails: ValueError: too long") as caught:
        ask(EngineModel(str(folder)), Request(QUESTION.messages, max_tokens=9999))
    assert not caught.value.fatal
    broken = folder.rename(folder.with_name("broken"))
    with pytest.raises(ModelError, match=r"cannot load .*no such architecture") as caught:
        ask(EngineModel(str(broken)), QUESTION)
    assert caught.value.fatal


def test_a_folder_without_a_model(folder: Path):
    with pytest.raises(ModelError, match="no folder of a model") as caught:
        EngineModel(str(folder / "nowhere"))
    assert "config.json" in caught.value.hint


def test_the_option(folder: Path):
    assert load_model(None, None, str(folder), None, None).name == "small-coder"


def test_without_vllm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """Said before anything is compiled or written, with a code and what to do."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    source = tmp_path / "m.py"
    source.write_text("import tensorflow as tf\n\n\ndef f(x):\n    return tf.raw_ops.Inv(x=x)\n")
    out = tmp_path / "out"
    line = ["agents", "run", str(source), "-o", str(out), "--engine", str(tmp_path)]
    assert run([*line, "--folder", str(tmp_path / "run")]) == 2
    said = capsys.readouterr().err
    assert "TJ8001 model-unavailable: vLLM is not installed here" in said
    assert "--endpoint" in said
    assert not out.exists()
    assert not (tmp_path / "run").exists()
    assert run(["--explain", "TJ8001"]) == 0
    assert "--engine" in capsys.readouterr().out
