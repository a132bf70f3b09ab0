"""Runs: states, retries, budgets, and what is left after a kill at any moment."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tfjax.agents.coder import Coder, Effort
from tfjax.agents.commands.costs import cost_table
from tfjax.agents.model.budget import Budget, BudgetedModel
from tfjax.agents.model.messages import Model, ModelError, Request, Response
from tfjax.agents.orchestrator import Orchestrator, Policy
from tfjax.agents.plan import Plan, Step
from tfjax.agents.session import fills_of
from tfjax.agents.store import Store, StoredModel, StoreError
from tfjax.agents.tools import Tools

from tests.agents.support import ScriptedModel, TableProver, block, region
from tests.harness import builtin_rules

ROOT = Path(__file__).parents[2]
COUNT = 6


def make_store(path: Path, count: int = COUNT) -> Store:
    regions = [
        region(f"tf.raw_ops.Cross(a=x, b=y + {n})", key=f"region{n:02d}") for n in range(count)
    ]
    steps = [
        Step(f"s{n}", f"step {n}", ("m.py",), (f"region{n:02d}",), "do", (f"s{n - 1}",) * (n > 3))
        for n in range(count)
    ]
    store = Store(path)
    store.begin("identity", regions, Plan(tuple(steps)))
    return store


def script(count: int = COUNT) -> dict[str, list[str]]:
    """Regions of odd number are right at once, even ones after a repair, number 2 never."""
    right = "def region(x, y):\n    return jnp.cross(x, y + {})\n"
    wrong = "def region(x, y):\n    return jnp.dot(x, y + {})\n"
    repairs = {
        f"jnp.dot(x, y + {n})": [block((wrong if n == 2 else right).format(n))]
        for n in range(count)
    }
    first = {
        f"y + {n})": [block(wrong.format(n)), block(right.format(n)) if n % 2 else "no"]
        for n in range(count)
    }
    return repairs | first


def run(store: Store, model: Model, policy: Policy = Policy()) -> None:  # noqa: B008
    coder = Coder(
        StoredModel(model, store),
        TableProver(lambda code: "cross" in code),  # type: ignore[arg-type]
        [],
        builtin_rules(),
        Tools({}),
        Effort(samples=2, repairs=1),
    )
    asyncio.run(Orchestrator(coder, store, policy).run())


def test_a_run(tmp_path: Path):
    store = make_store(tmp_path / "run.sqlite")
    run(store, ScriptedModel(script()))
    states = store.states()
    assert {name for name, (state, _) in states.items() if state == "done"} == {
        "s0", "s1", "s3", "s4", "s5",
    }  # fmt: skip
    assert states["s2"][0] == "failed"
    assert "none of" in states["s2"][1]
    assert len(fills_of(store)) == COUNT - 1
    assert all(fill.by == "agent:scripted" for fill in fills_of(store))


def test_what_a_run_has_cost(tmp_path: Path):
    store = make_store(tmp_path / "run.sqlite", 3)
    run(store, ScriptedModel(script(3)))
    head, *rows = cost_table(store).splitlines()
    assert head.split() == ["place", "outcome", "tries", "tokens", "seconds"]
    # One is right after a repair, one at once, one never.
    assert [row.split() for row in rows[:3]] == [
        ["region00", "filled", "3", "290", "1.1"],
        ["region01", "filled", "2", "170", "0.6"],
        ["region02", "open", "2", "260", "1.0"],
    ]
    assert rows[3].startswith("2 of 3 places filled; 7 candidates")
    assert any(row.startswith("each filled place: ") for row in rows)


class Flaky(ScriptedModel):
    """Fails for a while, then answers."""

    def __init__(self, failures: int, fatal: bool = False) -> None:
        super().__init__(script())
        self.failures, self.fatal = failures, fatal

    async def answer(self, request: Request) -> Response:
        if self.failures:
            self.failures -= 1
            raise ModelError("overloaded", self.fatal)
        return await super().answer(request)


def test_a_step_is_tried_again(tmp_path: Path):
    store = make_store(tmp_path / "run.sqlite", 1)
    run(store, Flaky(1), Policy(retries=1))
    assert store.states()["s0"][0] == "done"
    assert ("retry", "s0", "overloaded") in store.events()


def test_a_step_fails_when_retries_are_used_up(tmp_path: Path):
    store = make_store(tmp_path / "run.sqlite", 1)
    run(store, Flaky(9), Policy(retries=2))
    assert store.states()["s0"] == ("failed", "overloaded")


def test_no_model_ends_the_run(tmp_path: Path):
    store = make_store(tmp_path / "run.sqlite", 3)
    run(store, Flaky(9, fatal=True), Policy(parallel=1))
    assert {state for state, _ in store.states().values()} == {"skipped"}
    assert fills_of(store) == ()


def test_a_budget_skips_the_rest_and_a_later_run_goes_on(tmp_path: Path):
    path = tmp_path / "run.sqlite"
    store = make_store(path)
    run(store, BudgetedModel(ScriptedModel(script()), Budget(requests=3)), Policy(parallel=1))
    states = [state for state, _ in store.states().values()]
    assert "skipped" in states
    assert "done" in states
    store.close()
    store = make_store(path)
    later = ScriptedModel(script())
    run(store, later)
    assert len(fills_of(store)) == COUNT - 1
    whole = make_store(tmp_path / "whole.sqlite")
    run(whole, ScriptedModel(script()))
    assert fills_of(whole) == fills_of(store)


def test_another_project_is_refused(tmp_path: Path):
    make_store(tmp_path / "run.sqlite").close()
    with pytest.raises(StoreError, match="other sources"):
        Store(tmp_path / "run.sqlite").begin("another", [], Plan(()))


@pytest.mark.parametrize("content", [b"not a database at all, but text of some length" * 9])
def test_a_file_that_is_no_store(tmp_path: Path, content: bytes):
    (tmp_path / "run.sqlite").write_bytes(content)
    with pytest.raises(StoreError, match=r"run\.sqlite"):
        Store(tmp_path / "run.sqlite")


DRIVER = """
import sys
from pathlib import Path
from tests.agents.support import ScriptedModel
from tests.agents.test_orchestrator import make_store, run, script
store = make_store(Path(sys.argv[1]))
print("begun", flush=True)
run(store, ScriptedModel(script(), delay=0.03))
"""


def start(path: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", DRIVER, str(path)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process


def contents(store: Store) -> str:
    attempts = [(a.region, a.round, a.number, a.code, a.verdict) for a in store.attempts()]
    return repr((store.states(), fills_of(store), attempts))


def test_kills_at_random_moments_lose_nothing(tmp_path: Path):
    """Killed 20 times on the way: the end is that of an undisturbed run, and no step is finished
    twice."""
    undisturbed = make_store(tmp_path / "whole.sqlite")
    run(undisturbed, ScriptedModel(script()))
    path, chance = tmp_path / "killed.sqlite", random.Random(7)
    kills = rounds = 0
    while kills < 20:
        rounds += 1
        # A new run each time one comes to its end, until there were 20 kills.
        process = start(path)
        try:
            process.wait(chance.uniform(0.0, 0.25))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
        else:
            _check_end(path, undisturbed)
            path = tmp_path / f"killed{rounds}.sqlite"
        assert process.stdout is not None
        process.stdout.close()
    deadline = time.monotonic() + 60
    process = start(path)
    process.wait(deadline - time.monotonic())
    assert process.stdout is not None
    process.stdout.close()
    _check_end(path, undisturbed)


def _check_end(path: Path, undisturbed: Store) -> None:
    store = Store(path)
    assert contents(store) == contents(undisturbed)
    done = [subject for kind, subject, _ in store.events() if kind == "done"]
    assert len(done) == len(set(done))
    answers = {json.dumps(a.to_json(), sort_keys=True) for a in store.answers()}
    assert answers <= {json.dumps(a.to_json(), sort_keys=True) for a in undisturbed.answers()}
    store.close()
