"""Clients: retries, schemas, budgets, recordings; against a real server on this machine."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

httpx = pytest.importorskip("httpx", reason="the client of the agents extra")

from tfjax.agents.model.budget import Budget, BudgetedModel, Spent  # noqa: E402
from tfjax.agents.model.http import HttpModel, Patience  # noqa: E402
from tfjax.agents.model.messages import Message, ModelError, Request, Response  # noqa: E402
from tfjax.agents.model.replay import RecordingModel, ReplayModel  # noqa: E402

from tests.agents.support import ScriptedModel  # noqa: E402

QUICK = Patience(tries=4, seconds=5.0, pause=0.001, most=0.01)
QUESTION = Request((Message("system", "rules"), Message("user", "hello")), n=2, seed=7)


class Server:
    """`plan` holds a status for each request to come; then it answers. `bodies` is what was
    posted, `ignores_schema` makes it answer freely."""

    def __init__(self) -> None:
        self.plan: list[int] = []
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.ignores_schema = False
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._send(200, {"data": [{"id": "coder"}]})

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = json.loads(self.rfile.read(length))
                outer.bodies.append(body)
                outer.headers.append(dict(self.headers))
                if outer.plan and (status := outer.plan.pop(0)) != 200:
                    return self._send(status, {"error": "busy"})
                text = "a pear"
                if "response_format" in body and not outer.ignores_schema:
                    text = '{"word": "quince"}'
                tokens = [{"token": "a", "logprob": -0.5}, {"token": "b", "logprob": -0.25}]
                choice = {
                    "message": {"content": text},
                    "finish_reason": "stop",
                    "logprobs": {"content": tokens},
                }
                usage = {"prompt_tokens": 11, "completion_tokens": 4}
                return self._send(200, {"choices": [choice] * body["n"], "usage": usage})

            def _send(self, status: int, data: object) -> None:
                text = json.dumps(data).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                pass

        self.http = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.http.server_port}"


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    thread = threading.Thread(target=found.http.serve_forever, daemon=True)
    thread.start()
    yield found
    found.http.shutdown()
    found.http.server_close()


def ask(model: HttpModel, request: Request = QUESTION) -> Response:
    async def work() -> Response:
        try:
            return await model.answer(request)
        finally:
            await model.close()

    return asyncio.run(work())


def test_an_answer(server: Server):
    response = ask(HttpModel(server.address, patience=QUICK))
    assert [s.text for s in response.samples] == ["a pear", "a pear"]
    assert response.samples[0].logprob == pytest.approx(-0.75)
    assert (response.prompt_tokens, response.completion_tokens) == (11, 4)
    body = server.bodies[0]
    assert (body["model"], body["n"], body["seed"]) == ("coder", 2, 7)
    assert [m["role"] for m in body["messages"]] == ["system", "user"]


def test_a_busy_server_is_asked_again(server: Server):
    server.plan = [503, 429, 200]
    assert ask(HttpModel(server.address, "coder", QUICK)).samples
    assert len(server.bodies) == 3


def test_patience_ends(server: Server):
    server.plan = [503] * 10
    with pytest.raises(ModelError, match="4 tries") as caught:
        ask(HttpModel(server.address, "coder", QUICK))
    assert not caught.value.fatal
    assert len(server.bodies) == 4


def test_a_refusal_is_final(server: Server):
    server.plan = [404]
    with pytest.raises(ModelError, match="status 404") as caught:
        ask(HttpModel(server.address, "coder", QUICK))
    assert caught.value.fatal
    assert len(server.bodies) == 1


def test_no_server():
    with pytest.raises(ModelError, match="tries"):
        ask(HttpModel("http://127.0.0.1:9", "coder", QUICK))


@pytest.mark.parametrize("ignores", [False, True])
def test_whether_schemas_are_honoured_is_tried(server: Server, ignores: bool):
    server.ignores_schema = ignores

    async def work() -> bool:
        model = HttpModel(server.address, "coder", QUICK)
        try:
            return await model.honours_schemas()
        finally:
            await model.close()

    assert asyncio.run(work()) is not ignores
    schema = server.bodies[0]["response_format"]
    assert schema["type"] == "json_schema"
    assert not any(name.startswith("guided") for name in server.bodies[0])


def test_a_key_goes_into_the_header_only(server: Server):
    ask(HttpModel(server.address, "coder", QUICK, key="s3cret"))
    assert server.headers[0]["Authorization"] == "Bearer s3cret"
    assert "s3cret" not in json.dumps(server.bodies)


def test_budgets():
    model = BudgetedModel(ScriptedModel({"hello": ["a", "b"]}), Budget(tokens=200, requests=5))

    async def work() -> int:
        for number in range(9):
            try:
                await model.answer(QUESTION)
            except Spent as error:
                assert "200 tokens" in str(error)
                return number
        return -1

    assert asyncio.run(work()) == 2  # 140 tokens each: the second passes the limit


def test_recordings(tmp_path: Path):
    path = tmp_path / "answers.jsonl"
    scripted = ScriptedModel({"hello": ["a", "b"]})

    async def work() -> None:
        first = await RecordingModel(scripted, path).answer(QUESTION)
        again = await RecordingModel(scripted, path).answer(QUESTION)
        replayed = await ReplayModel(path).answer(QUESTION)
        assert first == again == replayed
        with pytest.raises(ModelError) as caught:
            await ReplayModel(path).answer(Request((Message("user", "other"),)))
        assert caught.value.fatal

    asyncio.run(work())
    assert len(scripted.requests) == 1


def test_recordings_outlive_the_words_of_prompts(tmp_path: Path):
    def asked(words: str, code: str, n: int = 2, seed: int = 0) -> Request:
        text = f"{words}\n\nTensorFlow:\n```python\n{code}\n```\n"
        return Request((Message("system", words), Message("user", text)), n, seed=seed)

    path = tmp_path / "answers.jsonl"
    scripted = ScriptedModel({"": ["a", "b", "c"]})
    old, new = asked("Translate.", "def region(x): ..."), asked("Rewrite it.", "def region(x): ...")

    async def work() -> None:
        await RecordingModel(scripted, path).answer(old)
        replayed = ReplayModel(path)
        assert [s.text for s in (await replayed.answer(new)).samples] == ["a", "b"]
        fewer = await replayed.answer(asked("Rewrite it.", "def region(x): ...", 1))
        assert [s.text for s in fewer.samples] == ["a"]
        for other in (
            asked("Rewrite it.", "def region(y): ..."),
            asked("Rewrite it.", "def region(x): ...", 3),
            asked("Rewrite it.", "def region(x): ...", seed=1),
        ):
            with pytest.raises(ModelError, match="no answer"):
                await replayed.answer(other)
        # A model that is there is asked again.
        await RecordingModel(scripted, path).answer(new)

    asyncio.run(work())
    assert len(scripted.requests) == 2


@pytest.mark.parametrize("content", [b"\xff\xfe", b"{", b'{"key": 1}\n', b"[]\n"])
def test_bad_recordings(tmp_path: Path, content: bytes):
    path = tmp_path / "answers.jsonl"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="no recordings"):
        ReplayModel(path)
