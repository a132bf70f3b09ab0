"""A model that is none: the rules' own translations, and wrong variants of them.

With it the benchmark measures the prover: right code must be accepted, wrong code refused.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from tfjax.agents.model.messages import ModelError, Request, Response, Sample
from tfjax.agents.validators.static import check_static
from tfjax.rules.language.ruleset import RuleSet

from .tasks import Task, truth

SWAPS = (
    ("jnp.sum", "jnp.mean"), ("jnp.mean", "jnp.sum"), ("jnp.std", "jnp.var"),
    ("jnp.var", "jnp.std"), ("jnp.maximum", "jnp.minimum"), ("jnp.prod", "jnp.sum"),
    ("jnp.square", "jnp.abs"), ("axis=-1", "axis=0"), ("axis=1", "axis=0"),
    ("keepdims=True", "keepdims=False"), ('"SAME"', '"VALID"'),
    ("antialias=False", "antialias=True"),
    ("count_include_pad=False", "count_include_pad=True"), (", reverse=True", ""),
    ("lax.rsqrt", "jnp.sqrt"), ("jnp.log1p", "jnp.log"), (".add(", ".set("), (".max(", ".min("),
    ('"nearest"', '"bilinear"'), ('"bilinear"', '"cubic"'), ('"reflect"', '"symmetric"'),
    ('side="right"', 'side="left"'), ("jnp.abs", "jnp.square"), ("1e-12", "1e-3"),
    ("jax.nn.elu", "jax.nn.celu"), ("jax.nn.selu", "jax.nn.elu"), ("0.2989", "0.3333"),
    ("jax.nn.softplus", "jax.nn.relu"), ("(2, 2)", "(1, 1)"), ("jnp.tile", "jnp.repeat"),
    ("log_softmax", "softmax"), ("jax.nn.relu(-x)", "-jax.nn.relu(x)"), ("x < ", "x <= "),
    ("jnp.arange(6) <", "jnp.arange(6) <="), ("jnp.sign", "jnp.tanh"), ("jnp.flip", "jnp.roll"),
    (", 2, axis", ", -2, axis"), ("(y, x)", "(x, y)"), ("(x, y)", "(y, x)"), ("-1.0)", "0.0)"),
)  # fmt: skip


def wrong_variants(code: str) -> Iterator[str]:
    """One change each. Some change nothing (a maximum is symmetric): the trial tells."""
    for old, new in SWAPS:
        for match in re.finditer(re.escape(old), code):
            yield code[: match.start()] + new + code[match.end() :]


class TruthModel:
    """Answers a task with its wrong variants, then the truth."""

    name = "rules"

    def __init__(self, tasks: list[Task], rules: RuleSet) -> None:
        self._answers: Mapping[str, list[str]] = {
            task.region.body: _answers(task, rules) for task in tasks
        }

    async def answer(self, request: Request) -> Response:
        text = request.messages[-1].content
        bodies = [body for body in self._answers if f"return {body}\n" in text]
        if request.schema is not None or not bodies:
            raise ModelError("nothing is known", fatal=True)
        samples = self._answers[max(bodies, key=len)]
        return Response(tuple(Sample(f"```python\n{code}```") for code in samples), model=self.name)

    async def close(self) -> None:
        pass


def _answers(task: Task, rules: RuleSet) -> list[str]:
    right = truth(rules, task)
    found: dict[str, str] = {}
    for code in (*wrong_variants(right), right):
        found.setdefault(ast.dump(ast.parse(code)), code)
    return list(found.values())


def expressible(task: Task, rules: RuleSet) -> bool:
    """Whether the rules' translation is one that a candidate may give: without helpers."""
    return check_static(truth(rules, task), task.region) is None
