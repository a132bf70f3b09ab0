"""The coder: several samples, then repairs one after the other, until the prover accepts.

It proposes; whether a proposal is right is never its own decision.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..rules.language.ruleset import RuleSet
from .candidate import read_code, read_tool_call, shape_of, tidy
from .cards import IDIOMS, cards_for, related
from .contract import Region
from .facts import Facts, steps
from .mend import mend
from .model.messages import Message, Model, Request, Response
from .playbooks import Playbook, always, fitting
from .prompts import prompt
from .proving import Prover
from .tools import Tools
from .validators.verdict import Verdict

# How far a refused candidate came: repairs start from the one that came furthest.
PROGRESS = (
    *("parse", "form", "purity", "residue", "names", "style", "import", "crash", "timeout"),
    *("runs", "shape", "dtype", "values", "jit", "gradient", "held back"),
)
# Each round of repairs is sampled warmer than the one before: it is to say other things.
WARMER, HOTTEST = 0.15, 1.2
ROUNDS = 64
"""Seeds of one wave's rounds, before those of the next."""
# The end of a block of code: what models say after it is not read.
STOP = ("\n```\n",)
STEPS = "With TensorFlow's own code in the place of the call, to be translated line by line:\n"
TRIED = 4
"""Refused candidates that a repair is shown."""
BLANKS = re.compile(r"\n{3,}")
REVIEW: dict[str, Any] = {
    "type": "object",
    "properties": {
        "keep": {"type": "boolean"},
        "reason": {"type": "string", "maxLength": 200},
    },
    "required": ["keep", "reason"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Effort:
    """`samples` at first, asked for in waves of `wave` until one is right; `repairs` rounds after
    that, `lookups` facts at most. The switches turn parts of the prompt off, for measuring what
    they are worth."""

    samples: int = 8
    wave: int = 4
    repairs: int = 2
    lookups: int = 2
    temperature: float = 0.8
    max_tokens: int = 300
    seed: int = 0
    review: bool = True
    with_cards: bool = True
    with_playbooks: bool = True


@dataclass(frozen=True, slots=True)
class Attempt:
    """One candidate of a region: round 0 are the samples, later rounds repairs."""

    region: str
    round: int
    number: int
    code: str
    verdict: Verdict
    request: str


@dataclass(slots=True)
class Outcome:
    """`code` is what was accepted, None with a `reason` where nothing was."""

    region: Region
    code: str | None = None
    verdict: Verdict | None = None
    reason: str = ""
    attempts: list[Attempt] = field(default_factory=list[Attempt])
    review: str = ""


@dataclass(slots=True)
class Coder:
    """`noted` is told each attempt as soon as its verdict is there."""

    model: Model
    prover: Prover
    playbooks: Sequence[Playbook]
    rules: RuleSet
    tools: Tools
    effort: Effort = field(default_factory=Effort)
    noted: Callable[[Attempt], Awaitable[None]] | None = None

    async def fill(self, region: Region) -> Outcome:
        """Raises ModelError and Spent; whatever else goes wrong is a reason."""
        outcome = Outcome(region)
        outcome.reason = region.refusal or await self.prover.prepare(region)
        if outcome.reason:
            return outcome
        shown = await self._facts(region)
        messages = self._question(region, shown)
        for number in range(self.effort.repairs + 1):
            for first, count in self._waves(number):
                found = await self._wave(outcome, messages, number, first, count)
                if found:
                    await self._choose(outcome, found)
                    return outcome
            best = _furthest([a for a in outcome.attempts if a.code])
            if best is None:
                continue
            messages = self._question(region, shown, self._repair(outcome.attempts, best))
        outcome.reason = self._reason(outcome)
        return outcome

    def _waves(self, number: int) -> Iterator[tuple[int, int]]:
        """The requests of a round: the number of the first sample, and how many."""
        wave = self.effort.wave
        samples = self.effort.samples if number == 0 else max(1, self.effort.samples // 2)
        for first in range(0, samples, wave):
            yield first, min(wave, samples - first)

    async def _wave(
        self, outcome: Outcome, messages: Sequence[Message], number: int, first: int, count: int
    ) -> list[Attempt]:
        """The accepted candidates of one request."""
        effort = self.effort
        request = Request(
            tuple(messages),
            n=count,
            temperature=min(effort.temperature + WARMER * number, HOTTEST),
            max_tokens=effort.max_tokens,
            seed=effort.seed + number + ROUNDS * first,
            stop=STOP,
        )
        request, response = await self._ask(request)
        accepted: list[Attempt] = []
        seen = {shape_of(a.code) for a in outcome.attempts}
        for index, sample in enumerate(response.samples, start=first):
            code = read_code(sample.text)
            code = None if code is None else mend(code)
            if code is not None and shape_of(code) in seen:
                continue
            if code is None:
                verdict = Verdict(False, "parse", "the answer holds no function `region`")
            else:
                seen.add(shape_of(code))
                verdict = await self.prover.judge(outcome.region, code)
            attempt = Attempt(outcome.region.key, number, index, code or "", verdict, request.key)
            outcome.attempts.append(attempt)
            if self.noted is not None:
                await self.noted(attempt)
            if verdict.accepted:
                accepted.append(attempt)
        return accepted

    async def _ask(self, request: Request) -> tuple[Request, Response]:
        """The answer; questions for facts are answered first, a few of them."""
        for _ in range(self.effort.lookups):
            response = await self.model.answer(request)
            calls = [read_tool_call(sample.text) for sample in response.samples]
            call = calls[0] if calls else None
            if call is None or any(other is None for other in calls):
                return request, response
            said = Message("assistant", f"{call.tool}: {call.argument}")
            told = Message("user", self.tools.use(call))
            request = Request(
                (*request.messages, said, told),
                request.n,
                request.temperature,
                request.max_tokens,
                request.seed,
                request.stop,
            )
        return request, await self.model.answer(request)

    async def _choose(self, outcome: Outcome, accepted: list[Attempt]) -> None:
        """The best of those that are right: no caveats, short; the coder looks at it again and may
        prefer the next one."""
        ordered = sorted(
            accepted, key=lambda a: (len(a.verdict.caveats), len(tidy(a.code)), a.number)
        )
        chosen = ordered[0]
        if self.effort.review:
            for attempt in ordered[:2]:
                keep, said = await self._review(outcome.region, attempt.code)
                outcome.review = said
                if keep:
                    chosen = attempt
                    break
        outcome.code, outcome.verdict = tidy(chosen.code), chosen.verdict

    async def _review(self, region: Region, code: str) -> tuple[bool, str]:
        import json

        text = prompt("review", code=code.rstrip(), source=region.source.rstrip())
        request = Request(
            (self._system(), Message("user", text)),
            temperature=0.0,
            max_tokens=120,
            seed=self.effort.seed,
            schema=REVIEW,
        )
        response = await self.model.answer(request)
        try:
            found = json.loads(response.samples[0].text)
            return bool(found["keep"]), str(found["reason"])
        except (ValueError, KeyError, IndexError, TypeError):
            return True, "the review is not readable"

    # -------------------------------------------------------------------------------- prompts

    def _system(self) -> Message:
        """The same for every region: servers cache it."""
        books = always(self.playbooks) if self.effort.with_playbooks else []
        text = "\n\n".join(f"{book.title}\n{book.text}" for book in books)
        idioms = "\n".join(f"idiom: {one}" for one in IDIOMS) if self.effort.with_cards else ""
        return Message("system", prompt("coder_system", playbooks=text, idioms=idioms))

    async def _facts(self, region: Region) -> Facts:
        if not self.effort.with_cards:
            return Facts()
        return await self.prover.facts(region, related(region))

    def _question(self, region: Region, shown: Facts, tried: str = "") -> list[Message]:
        cards = cards_for(region, self.rules, shown) if self.effort.with_cards else []
        books = fitting(self.playbooks, region) if self.effort.with_playbooks else []
        around, inlined = region.snippet.strip(), steps(region, shown)
        text = prompt(
            "coder_task",
            cards="\n".join(cards),
            notes="\n\n".join(book.text for book in books),
            operands=", ".join(one.shown() for one in region.operands) or "none",
            example=f"For example: {shown.example}" if shown.example else "",
            snippet=f"It stands here:\n```python\n{region.snippet}\n```" if around else "",
            source=region.source.rstrip(),
            steps=STEPS + f"```python\n{inlined}\n```" if inlined else "",
            tried=tried,
        )
        # An example as a dialogue shows small models the form of an answer better than words do.
        example = (prompt("coder_example"), prompt("coder_example_answer"))
        return [
            self._system(),
            Message("user", example[0]),
            Message("assistant", example[1].rstrip()),
            Message("user", BLANKS.sub("\n\n", text)),
        ]

    def _repair(self, attempts: Sequence[Attempt], best: Attempt) -> str:
        """What was tried, the best last. Not as a dialogue: small models say again what they see
        themselves say."""
        others = [a for a in attempts if a.code and a is not best]
        tried = [*sorted(others, key=_progress)[-TRIED + 1 :], best]
        lines = [f"{_body(a.code)}  # {a.verdict.stage}: {a.verdict.message[:80]}" for a in tried]
        return prompt("coder_repair", tried="\n".join(lines), feedback=best.verdict.feedback())

    def _reason(self, outcome: Outcome) -> str:
        best = _furthest(outcome.attempts)
        if best is None:
            return "the model gave no code"
        tried = len(outcome.attempts)
        return f"none of {tried} candidates is equal; the nearest: {best.verdict.stage}: " + (
            best.verdict.message
        )


def _furthest(attempts: Sequence[Attempt]) -> Attempt | None:
    return max(attempts, key=_progress, default=None)


def _progress(attempt: Attempt) -> int:
    stage = attempt.verdict.stage
    return PROGRESS.index(stage) if stage in PROGRESS else 0


def _body(code: str) -> str:
    """What a candidate does, in a line."""
    lines = [line.strip() for line in code.splitlines()]
    return "; ".join(line for line in lines if line and not line.startswith(("def ", "import ")))
