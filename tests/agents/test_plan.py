"""Plans: dependencies first, each region once, whatever a model says of it."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest
from tfjax.agents.model.messages import Request, Response, Sample
from tfjax.agents.plan import Plan, PlanError, Step, check_plan, order
from tfjax.agents.planner import word_plan
from tfjax.agents.session import Found, Settings, look

from tests.agents.support import ScriptedModel
from tests.harness import source_file

HELPERS = """\
import tensorflow as tf


def leaf(x):
    return tf.raw_ops.Cross(a=x, b=x)
"""
MODEL = """\
import tensorflow as tf

from helpers import leaf


def top(x):
    a = tf.raw_ops.Diag(diagonal=x)
    b = tf.raw_ops.Diag(diagonal=a)
    return b + middle(x) + tf.strings.length("a")


def middle(x):
    return tf.raw_ops.Inv(x=leaf(x)) + tf.raw_ops.Inv(x=x)
"""


def found() -> Found:
    sources = [source_file("model", MODEL), source_file("helpers", HELPERS)]
    return look(sources, Settings(Path()))


def test_leaves_come_first():
    plan = found().plan()
    titles = [step.title for step in plan.steps]
    assert titles.index("tf.raw_ops.Cross in leaf") < titles.index("tf.raw_ops.Inv in middle")
    assert titles.index("tf.raw_ops.Inv in middle") < titles.index("tf.raw_ops.Diag in top")


def test_operands_in_lists_of_sizes_are_python_values():
    text = "import tensorflow as tf\n\n\ndef f(x, n):\n    return tf.raw_ops.Reshape({})\n"
    kinds = {
        "tensor=x, shape=[n, 2]": {"x": "unknown", "n": "static"},
        "tensor=[x, n], shape=[2]": {"x": "unknown", "n": "unknown"},
    }
    for arguments, expected in kinds.items():
        source = source_file("model", text.format(arguments))
        (one,) = look([source], Settings(Path())).regions
        assert {operand.name: operand.kind for operand in one.operands} == expected


def test_alike_places_of_a_definition_are_one_step():
    here = found()
    by_title = {step.title: step for step in here.plan().steps}
    assert len(by_title["tf.raw_ops.Diag in top"].regions) == 2


def test_places_that_agents_must_not_try_say_why():
    here = found()
    refusals = {region.body: region.refusal for region in here.regions}
    assert refusals['tf.strings.length(input="a")'] == ("strings have no counterpart on a device")
    assert any("`leaf`" in refusal for refusal in refusals.values())


def test_every_place_is_in_one_step():
    here = found()
    check_plan(here.plan(), [region.key for region in here.regions])


def step(name: str, *before: str, regions: tuple[str, ...] = ()) -> Step:
    return Step(name, name, ("m.py",), regions or (f"r{name}",), "do", before)


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ((step("a"), step("a")), "one id"),
        ((step("a"), step("b", regions=("ra",))), "in two steps"),
        ((step("a"),), "in no step"),
        ((step("a"), step("b"), step("c")), "no region rc"),
        ((step("a", "b"), step("b", "a")), "depends on itself"),
        ((step("a", "z"), step("b")), "not there"),
    ],
)
def test_a_bad_plan_is_refused(steps: tuple[Step, ...], words: str):
    with pytest.raises(PlanError, match=words):
        check_plan(Plan(steps), ["ra", "rb"])


def test_order_is_stable():
    steps = [step("a"), step("b", "c"), step("c"), step("d")]
    assert [one.id for one in order(steps)] == ["a", "c", "b", "d"]


def test_forms():
    plan = Plan((step("a"), step("b", "a")))
    assert Plan.from_json(json.loads(plan.text())) == plan
    assert "  a --> b\n" in plan.mermaid()
    assert "  a -> b;" in plan.dot()


class Wording(ScriptedModel):
    def __init__(self, text: str) -> None:
        super().__init__({})
        self.text = text

    async def answer(self, request: Request) -> Response:
        return Response((Sample(self.text),))


def test_a_model_words_the_plan_but_cannot_change_it():
    here = found()
    plan = here.plan()
    said = [{"step": s.id, "title": "T", "instruction": "I"} for s in reversed(plan.steps)]
    worded = asyncio.run(word_plan(plan, here.regions, Wording(json.dumps({"steps": said}))))
    assert {s.title for s in worded.steps} == {"T"}
    assert worded.worded_by == "scripted"
    kept = {s.id: (s.regions, s.depends_on, s.condition) for s in plan.steps}
    assert {s.id: (s.regions, s.depends_on, s.condition) for s in worded.steps} == kept
    check_plan(worded, [region.key for region in here.regions])


@pytest.mark.parametrize(
    "text", ["", "no", "[]", '{"steps": 1}', '{"steps": [{"step": "s99"}]}', '{"steps": [{}]}']
)
def test_a_useless_answer_leaves_the_plan(text: str):
    here = found()
    plan = here.plan()
    worded = asyncio.run(word_plan(plan, here.regions, Wording(text)))
    assert replace(worded, worded_by="rules") == plan
