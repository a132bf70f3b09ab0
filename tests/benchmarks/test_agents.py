"""The benchmark of agents: its tasks give nothing away, and recorded answers of a real model are
judged as they were."""

import asyncio
import re
from pathlib import Path

import pytest
from tfjax.agents.cards import cards_for, related
from tfjax.agents.coder import ROUNDS, Effort
from tfjax.agents.facts import described, steps
from tfjax.agents.model.messages import Message, ModelError, Request, Response, Sample
from tfjax.agents.proving import Prover

from benchmarks.agents.__main__ import run_all, table
from benchmarks.agents.answers import Answers
from benchmarks.agents.tasks import GRADES, Task, read_tasks, truth
from tests.harness import builtin_rules

ROOT = Path(__file__).parents[2]
RECORDED = ROOT / "benchmarks" / "agents" / "answers.jsonl"
TASKS = read_tasks()


def named(*names: str) -> list[Task]:
    return [task for task in TASKS if task.name in names]


def test_tasks():
    assert len(TASKS) >= 60
    assert [sum(task.grade == grade for task in TASKS) for grade in GRADES] == [20, 20, 20]


@pytest.mark.parametrize("task", TASKS, ids=[task.name for task in TASKS])
def test_no_prompt_holds_the_translation_that_it_asks_for(task: Task):
    """The rules of the task's symbols are out of sight: no card shows what they make of a call."""
    known = [card for card in cards_for(task.region, builtin_rules()) if "=>" in card]
    symbols = {symbol.rpartition(".")[2] for symbol in task.region.symbols}
    for card in known:
        before, _, after = card.partition("=>")
        assert not any(f".{symbol}(" in before for symbol in symbols), card
        answer = truth(builtin_rules(), task).splitlines()[-1].removeprefix("    return ")
        assert after.strip() != answer, card


@pytest.mark.verify
@pytest.mark.xdist_group("agents")
def test_nor_does_what_tensorflow_says_of_it(tmp_path: Path):
    """Its documentation and code are TensorFlow's: no line of them is JAX."""

    async def work() -> dict[str, str]:
        prover, found = Prover(tmp_path), dict[str, str]()
        try:
            for task in TASKS:
                facts = await prover.facts(task.region, related(task.region))
                told = [*described(task.region, facts), steps(task.region, facts)]
                found[task.name] = "\n".join(told)
        finally:
            await prover.close()
        return found

    texts = asyncio.run(work())
    assert sum(bool(text.strip()) for text in texts.values()) > 55
    for name, text in texts.items():
        assert not re.search(r"\b(jnp|jax|lax|nnx|optax)\.", text), (name, text)
    assert "x_inv_norm = tf.rsqrt(tf.maximum(square_sum, epsilon))" in texts["l2_normalize"]
    assert "[b + c, c, 0]" in texts["cumsum_exclusive_reverse"]


class OneAnswer:
    name = "one"

    def __init__(self) -> None:
        self.asked = 0

    async def answer(self, request: Request) -> Response:
        self.asked += 1
        return Response(tuple(Sample(f"answer {n}") for n in range(request.n)), 10, 40, 1.0, "one")

    async def close(self) -> None:
        pass


def request(task: Task, n: int, seed: int = 0) -> Request:
    return Request((Message("user", f"TensorFlow:\n{task.region.source}"),), n, seed=seed)


def test_answers_are_found_by_task_and_round_not_by_prompt(tmp_path: Path):
    (task,) = named("rsqrt")
    path, model = tmp_path / "answers.jsonl", OneAnswer()
    first = asyncio.run(Answers(path, [task], "full", model).answer(request(task, 4)))
    later = Answers(path, [task], "full")
    again = asyncio.run(later.answer(request(task, 4)))
    assert again == first
    assert model.asked == 1
    fewer = asyncio.run(later.answer(request(task, 1)))
    assert [s.text for s in fewer.samples] == ["answer 0"]
    assert fewer.completion_tokens == 10
    assert later.has(task)
    # The second wave of two stands in the answer to one request for both.
    wave = asyncio.run(later.answer(request(task, 2, seed=2 * ROUNDS)))
    assert [s.text for s in wave.samples] == ["answer 2", "answer 3"]
    for other in (request(task, 4, seed=1), request(task, 8), request(task, 4, seed=ROUNDS)):
        with pytest.raises(ModelError, match="no answer"):
            asyncio.run(later.answer(other))
    assert not Answers(path, [task], "no cards").has(task)


def test_a_broken_file_of_answers(tmp_path: Path):
    (tmp_path / "answers.jsonl").write_text("{}\n")
    with pytest.raises(ModelError, match="holds no answers"):
        Answers(tmp_path / "answers.jsonl", TASKS, "full")


@pytest.mark.verify
@pytest.mark.xdist_group("agents")
def test_recorded_answers_of_a_real_model(tmp_path: Path):
    """Two that it got right and one that it did not, judged again and checked on fresh inputs."""
    tasks = named("rsqrt", "reduce_std", "trace")
    answers = Answers(RECORDED, tasks, "earlier prompts")
    effort = Effort(samples=8, repairs=1, review=False)
    rows = asyncio.run(run_all(tasks, answers, tmp_path, builtin_rules(), effort, False, 2))
    assert {row.name for row in rows if row.accepted} == {"rsqrt", "reduce_std"}
    assert not any(row.wrong for row in rows)
    assert "easy" in table(rows)
