"""A model that answers by script and a prover that judges by table: no network, no frameworks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from tfjax.agents.contract import Operand, Region
from tfjax.agents.facts import Facts
from tfjax.agents.model.messages import ModelError, Request, Response, Sample
from tfjax.agents.validators.static import check_static
from tfjax.agents.validators.verdict import Verdict


def region(
    body: str = "tf.raw_ops.Cross(a=x, b=y)",
    names: Sequence[str] = ("x", "y"),
    key: str = "aaaaaaaaaaaa",
    **fields: object,
) -> Region:
    symbol = body.partition("(")[0]
    given: dict[str, object] = {
        "key": key,
        "module": "model",
        "path": "model.py",
        "line": 4,
        "scope": ("f",),
        "code": "TJ2010",
        "message": f"`{symbol}`: not translated",
        "keras": "keras3",
        "operands": tuple(Operand(name, name) for name in names),
        "body": body,
        "symbols": (symbol,),
        "snippet": f"def f():\n    return {body}",
    }
    return Region(**(given | fields))  # type: ignore[arg-type]


def block(code: str) -> str:
    """An answer as models write it."""
    return f"Here it is:\n```python\n{code}```\nI hope this helps."


class ScriptedModel:
    """`script` maps a text that one of the last two messages holds to the samples; the first that
    fits is taken. `requests` is what was asked."""

    name = "scripted"

    def __init__(self, script: Mapping[str, Sequence[str]], delay: float = 0.0) -> None:
        self.script, self.delay = script, delay
        self.requests: list[Request] = []

    async def answer(self, request: Request) -> Response:
        self.requests.append(request)
        await asyncio.sleep(self.delay)
        if request.schema is not None:
            return Response((Sample('{"keep": true, "reason": "fine"}'),), 20, 10, 0.1, self.name)
        text = "\n".join(message.content for message in request.messages[-2:])
        for mark, samples in self.script.items():
            if mark in text:
                found = tuple(Sample(one) for one in samples[: request.n])
                return Response(found, 100, 20 * len(found), 0.5, self.name)
        raise ModelError("the script has no such scene", fatal=True)

    async def close(self) -> None:
        pass


class TableProver:
    """The static checks, then a predicate instead of the sandbox."""

    def __init__(self, right: Callable[[str], bool]) -> None:
        self.right = right
        self.judged: list[str] = []

    async def prepare(self, region: Region) -> str:
        return ""

    async def facts(self, region: Region, names: Sequence[str]) -> Facts:
        return Facts({symbol: "Says what it does." for symbol in region.symbols}, example="1 -> 2")

    async def judge(self, region: Region, code: str) -> Verdict:
        self.judged.append(code)
        refused = check_static(code, region)
        if refused is not None:
            return refused
        if self.right(code):
            return Verdict(True, "accepted", cases=12, gradients=3)
        return Verdict(False, "values", "values: 1.0, TensorFlow gives 2.0 at [0]")

    async def close(self) -> None:
        pass
