"""The coder: several samples, then repairs one after the other, until the prover accepts.

It proposes; whether a proposal is right is never its own decision.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..rules.language.ruleset import RuleSet
from .candidate import read_code, read_tool_call, shape_of, tidy
from .cards import IDIOMS, cards_for
from .contract import Region
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
# The end of a block of code: what models say after it is not read.
STOP = ("\n```\n",)
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
    """`samples` at first, `repairs` rounds after that, `lookups` facts at most. The switches turn
    parts of the prompt off, for measuring what they are worth."""

    samples: int = 8
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
        messages = self._question(region)
        for number in range(self.effort.repairs + 1):
            found = await self._round(outcome, messages, number)
            if found:
                await self._choose(outcome, found)
                return outcome
            best = _furthest([a for a in outcome.attempts if a.code])
            if best is None:
                continue
            answer = Message("assistant", f"```python\n{best.code}```")
            messages = [*self._question(region), answer, self._repair(best.verdict)]
        outcome.reason = self._reason(outcome)
        return outcome

    async def _round(
        self, outcome: Outcome, messages: Sequence[Message], number: int
    ) -> list[Attempt]:
        """The accepted candidates of one request."""
        effort = self.effort
        samples = effort.samples if number == 0 else max(1, effort.samples // 2)
        request = Request(
            tuple(messages),
            n=samples,
            temperature=effort.temperature,
            max_tokens=effort.max_tokens,
            seed=effort.seed + number,
            stop=STOP,
        )
        request, response = await self._ask(request)
        accepted: list[Attempt] = []
        seen = {shape_of(a.code) for a in outcome.attempts}
        for index, sample in enumerate(response.samples):
            code = read_code(sample.text)
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

    def _question(self, region: Region) -> list[Message]:
        cards = cards_for(region, self.rules) if self.effort.with_cards else []
        books = fitting(self.playbooks, region) if self.effort.with_playbooks else []
        around = region.snippet.strip()
        text = prompt(
            "coder_task",
            cards="\n".join(cards),
            notes="\n\n".join(book.text for book in books),
            operands=", ".join(one.shown() for one in region.operands) or "none",
            snippet=f"It stands here:\n```python\n{region.snippet}\n```" if around else "",
            source=region.source.rstrip(),
        )
        # An example as a dialogue shows small models the form of an answer better than words do.
        example = (prompt("coder_example"), prompt("coder_example_answer"))
        return [
            self._system(),
            Message("user", example[0]),
            Message("assistant", example[1].rstrip()),
            Message("user", BLANKS.sub("\n\n", text)),
        ]

    def _repair(self, verdict: Verdict) -> Message:
        return Message("user", prompt("coder_repair", feedback=verdict.feedback()))

    def _reason(self, outcome: Outcome) -> str:
        best = _furthest(outcome.attempts)
        if best is None:
            return "the model gave no code"
        tried = len(outcome.attempts)
        return f"none of {tried} candidates is equal; the nearest: {best.verdict.stage}: " + (
            best.verdict.message
        )


def _furthest(attempts: Sequence[Attempt]) -> Attempt | None:
    def progress(attempt: Attempt) -> int:
        stage = attempt.verdict.stage
        return PROGRESS.index(stage) if stage in PROGRESS else 0

    return max(attempts, key=progress, default=None)
