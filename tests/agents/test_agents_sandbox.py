"""The prover for real: TensorFlow's values decide, and what runs wild is contained."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from tfjax.agents.contract import Operand, Region
from tfjax.agents.proving import Limits, Prover
from tfjax.agents.validators.verdict import Verdict

from tests.agents.support import region

pytestmark = [pytest.mark.verify, pytest.mark.xdist_group("agents")]
T = TypeVar("T")
QUICK = Limits(record_seconds=120.0, trial_seconds=15.0)


def with_prover(folder: Path, work: Callable[[Prover], Awaitable[T]]) -> T:
    async def all_of_it() -> T:
        prover = Prover(folder, QUICK)
        try:
            return await work(prover)
        finally:
            await prover.close()

    return asyncio.run(all_of_it())


SQUARE = region("tf.math.squared_difference(x=x, y=y)", key="square")
SOFTMAX = region("tf.nn.softmax(logits=x)", ("x",), key="softmax")
TYPED = region("tf.gather(params=x, indices=y, axis=1)", key="gather").__class__.from_json(
    region("tf.gather(params=x, indices=y, axis=1)", key="gather").to_json()
    | {
        "operands": [
            {"name": "x", "spelling": "x", "kind": "tensor", "dtype": "float32", "shape": ["b", 7]},
            {"name": "y", "spelling": "y", "kind": "tensor", "dtype": "int32", "shape": ["n"]},
        ]
    }
)
REPEATED = Region.from_json(
    region("tf.tile(input=x, multiples=[n, 1])", key="tile").to_json()
    | {
        "operands": [
            {"name": "x", "spelling": "x", "kind": "tensor", "dtype": "float32", "shape": ["b", 3]},
            {"name": "n", "spelling": "n", "kind": "static", "dtype": None, "shape": None},
        ]
    }
)
CASES = [
    (REPEATED, "return jnp.tile(x, (n, 1))", "accepted", ""),
    # Right for n = 1 only.
    (REPEATED, "return x", "shape", "TensorFlow gives"),
    (SQUARE, "return jnp.square(x - y)", "accepted", ""),
    (SQUARE, "return jnp.square(x + y)", "values", "TensorFlow gives"),
    (SQUARE, "return jnp.square(x - y).astype(jnp.float16)", "dtype", "float16"),
    (SQUARE, "return jnp.square(x - y)[None]", "shape", "shape"),
    (SQUARE, "return jnp.square(lax.stop_gradient(x) - y)", "gradient", "gradient for `x`"),
    (SQUARE, "if x.sum() > 0:\n        return jnp.square(x - y)\n    return jnp.square(y - x)",
     "jit", "Tracer"),
    (SQUARE, "return jnp.square(x - y).reshape(3, 4)", "runs", "reshape"),
    (SOFTMAX, "return jax.nn.softmax(x)", "accepted", ""),
    (SOFTMAX, "return jnp.exp(x) / jnp.sum(jnp.exp(x), -1, keepdims=True)", "values", ""),
    (TYPED, "return jnp.take(x, y, axis=1)", "accepted", ""),
]  # fmt: skip
WILD = {
    "while True:\n        x = x + 1\n    return x": ("timeout", "15 s"),
    "return jnp.zeros((1000000, 1000000)) + x.sum()": ("runs", "memory"),
    "def again(v):\n        return again(v)\n    return again(x)": ("runs", "RecursionError"),
}


def judge_all(folder: Path) -> list[Verdict]:
    async def work(prover: Prover) -> list[Verdict]:
        found: list[Verdict] = []
        for one, body, _, _ in CASES:
            assert await prover.prepare(one) == ""
            names = ", ".join(o.name for o in one.operands)
            found.append(await prover.judge(one, f"def region({names}):\n    {body}\n"))
        for body in WILD:
            code = f"def region(x, y):\n    {body}\n"
            found.append(await prover.judge(SQUARE, code))
        # The sandbox is there again afterwards.
        code = "def region(x, y):\n    return (x - y) ** 2\n"
        found.append(await prover.judge(SQUARE, code))
        return found

    return with_prover(folder, work)


def test_verdicts(tmp_path: Path):
    verdicts = judge_all(tmp_path)
    for (_, body, stage, words), verdict in zip(CASES, verdicts, strict=False):
        assert verdict.stage == stage, (body, verdict)
        assert words in verdict.message
    for (body, (stage, words)), verdict in zip(WILD.items(), verdicts[len(CASES) :], strict=False):
        assert not verdict.accepted
        assert verdict.stage in (stage, "crash"), (body, verdict)
        assert words in verdict.message or verdict.stage == "crash"
    assert verdicts[-1].accepted
    assert verdicts[2].gradients > 0


UNDECIDABLE = [
    (region("tf.random.normal(shape=[3])", (), key="random"), "random"),
    (region("tf.strings.length(input=x)", ("x",), key="strings"), "takes none"),
    (Region.from_json(region("tf.no_such(x)", ("x",), key="none").to_json()), "takes none"),
]


def test_what_cannot_be_decided_is_not_tried(tmp_path: Path):
    async def work(prover: Prover) -> list[str]:
        return [await prover.prepare(one) for one, _ in UNDECIDABLE]

    for (_, words), said in zip(UNDECIDABLE, with_prover(tmp_path, work), strict=True):
        assert words in said


def test_operands_know_their_types():
    assert TYPED.operands[0] == Operand("x", "x", "tensor", "float32", ("b", 7))
    assert TYPED.operands[0].shown() == "x: float32[b, 7]"
