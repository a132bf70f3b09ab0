"""Judges that are models: one for content, blind to the source, and one for style.

Their scores are reported and decide nothing. Evidence is checked: a quoted line that is not in the
output does not count.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from .checklist import Item
from .model.messages import Message, Model, Request
from .prompts import prompt

AT_ONCE = 12
"""Items in one request: small models lose count of more."""
CONTENT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "number": {"type": "integer"},
                    "met": {"type": "boolean"},
                    "evidence": {"type": "string", "maxLength": 160},
                },
                "required": ["number", "met", "evidence"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["items"],
    "additionalProperties": False,
}
STYLE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "score": {"type": "integer", "minimum": 0, "maximum": 10},
        "findings": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {
                    "line": {"type": "string", "maxLength": 160},
                    "advice": {"type": "string", "maxLength": 160},
                },
                "required": ["line", "advice"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["score", "findings"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """A judge's word on one item. `proved`: the evidence stands in the output."""

    number: int
    met: bool
    evidence: str
    proved: bool


@dataclass(frozen=True, slots=True)
class Advice:
    """A line of the output and what to do about it."""

    line: str
    advice: str


def score(judgements: Sequence[Judgement], items: Sequence[Item]) -> float:
    """Items met, with evidence that exists, of all items; 1.0 for an empty list."""
    if not items:
        return 1.0
    return sum(j.met and j.proved for j in judgements) / len(items)


def agreement(judgements: Sequence[Judgement], items: Sequence[Item]) -> float:
    """The share of items on which the model and the ledger say the same."""
    if not items:
        return 1.0
    said = {j.number: j.met and j.proved for j in judgements}
    return sum(said.get(item.number, False) == item.met for item in items) / len(items)


async def judge_content(items: Sequence[Item], target: str, model: Model) -> list[Judgement]:
    """The blind judge: checklist and output only. An item that it does not mention is not met.

    Raises ModelError.
    """
    found: dict[int, Judgement] = {}
    lines = {" ".join(line.split()) for line in target.splitlines() if line.strip()}
    for start in range(0, len(items), AT_ONCE):
        part = items[start : start + AT_ONCE]
        listed = "\n".join(f"{item.number}. {item.text}" for item in part)
        text = prompt("judge_content", checklist=listed, target=target)
        answer = await _ask(model, text, CONTENT, 80 * len(part) + 50)
        wanted = {item.number for item in part}
        for one in answer.get("items", ()):
            number, evidence = int(one["number"]), str(one["evidence"])
            if number in wanted:
                quoted = " ".join(evidence.split()).strip("`")
                proved = bool(quoted) and any(quoted in line for line in lines)
                found[number] = Judgement(number, bool(one["met"]), evidence, proved)
    return [found.get(i.number, Judgement(i.number, False, "", False)) for i in items]


async def judge_style(target: str, playbook: str, model: Model) -> tuple[int, list[Advice]]:
    """A score from 0 to 10 and advice on lines that exist. Raises ModelError."""
    text = prompt("judge_style", playbook=playbook, target=target)
    answer = await _ask(model, text, STYLE, 500)
    lines = {" ".join(line.split()) for line in target.splitlines()}
    advice = [
        Advice(str(one["line"]), str(one["advice"]))
        for one in answer.get("findings", ())
        if " ".join(str(one["line"]).split()) in lines
    ]
    return max(0, min(10, int(answer.get("score", 0)))), advice


async def _ask(model: Model, text: str, schema: dict[str, Any], limit: int) -> dict[str, Any]:
    """The answer as JSON; empty where it is none."""
    request = Request((Message("user", text),), temperature=0.0, max_tokens=limit, schema=schema)
    response = await model.answer(request)
    try:
        found = json.loads(response.samples[0].text)
    except (ValueError, IndexError):
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}
