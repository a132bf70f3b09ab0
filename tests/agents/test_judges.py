"""Judges: what the ledger says, and what a model says with evidence that exists."""

import asyncio
import json

from tfjax.agents.checklist import Item, checklist
from tfjax.agents.judges import agreement, judge_content, judge_style, score
from tfjax.agents.model.messages import Request, Response, Sample
from tfjax.transpiler.frontend import lower_text

from tests.harness import compile_texts

SOURCE = """\
import tensorflow as tf
from tensorflow import keras


def loss(y_true, y_pred):
    a = tf.reduce_sum(y_true)
    return a + tf.raw_ops.Inv(x=y_pred)


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(3)
"""


def items() -> list[Item]:
    (file,) = (f for f in compile_texts({"model": SOURCE}).files)
    return checklist({"model": lower_text(SOURCE, name="model")}, {"model": file.ledger})


def test_the_checklist():
    found = {item.text: (item.kind, item.met) for item in items()}
    assert found["what `reduce_sum` does in `loss`"] == ("call", True)
    assert found["what `Inv` does in `loss`"] == ("call", False)
    assert found["what `Dense` does in `Net.__init__`"] == ("layer", True)
    assert found["a function or method `loss`"] == ("definition", False)
    assert found["a class `Net`"] == ("definition", True)


class Judge:
    name = "judge"

    def __init__(self, answer: object) -> None:
        self.text = json.dumps(answer) if not isinstance(answer, str) else answer
        self.seen: list[str] = []

    async def answer(self, request: Request) -> Response:
        self.seen.append(request.messages[-1].content)
        return Response((Sample(self.text),))

    async def close(self) -> None:
        pass


CHECK = [
    Item(1, "call", "a sum", True, "m.py", 1),
    Item(2, "call", "a product", False, "m.py", 2),
    Item(3, "call", "a mean", True, "m.py", 3),
]
TARGET = "def f(x):\n    return jnp.sum(x)\n"


def test_evidence_must_exist():
    judge = Judge(
        {
            "items": [
                {"number": 1, "met": True, "evidence": "return jnp.sum(x)"},
                {"number": 2, "met": True, "evidence": "return jnp.prod(x)"},
                {"number": 9, "met": True, "evidence": "return jnp.sum(x)"},
            ]
        }
    )
    said = asyncio.run(judge_content(CHECK, TARGET, judge))
    assert [(j.met, j.proved) for j in said] == [(True, True), (True, False), (False, False)]
    assert score(said, CHECK) == 1 / 3
    assert agreement(said, CHECK) == 2 / 3


def test_the_judge_is_blind():
    judge = Judge({"items": []})
    asyncio.run(judge_content(items(), TARGET, judge))
    assert all("tensorflow" not in text and "tf." not in text for text in judge.seen)


def test_no_answer_is_no_score():
    said = asyncio.run(judge_content(CHECK, TARGET, Judge("what?")))
    assert score(said, CHECK) == 0.0


def test_style():
    findings = [
        {"line": "return jnp.sum(x)", "advice": "name the axis"},
        {"line": "not there", "advice": "?"},
    ]
    points, advice = asyncio.run(
        judge_style(TARGET, "", Judge({"score": 99, "findings": findings}))
    )
    assert points == 10
    assert [one.advice for one in advice] == ["name the axis"]
