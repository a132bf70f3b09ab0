"""All cases of one symbol: the fixed ones, then those drawn from its domain."""
# pyright: basic

from __future__ import annotations

import fnmatch
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException

from ...ir.nodes import Name, walk
from ..api import SourceApi
from ..language.records import Rule, variable_name
from .case import Case
from .derive import RuleDomain, derive
from .domain import DomainError
from .expressions import prove_expression
from .layers import prove_layer
from .metrics import prove_metric
from .optimizers import prove_optimizer
from .outcome import CaseResult, Failure, UnitResult
from .receivers import RECEIVERS, STATIC
from .sample import draw_case
from .strata import LADDER, Stratum, strata
from .translator import Translator

DEEP, GRADIENTS = 1, 3
"""How many cases of a symbol also run under jit, and have their gradients compared."""
HEALTH: Any = tuple(HealthCheck)
MORE = 60
"""How many more cases are drawn where none of the first could run."""
SHRINKS = 60
"""How many smaller cases are tried once one has failed."""
EXCUSES = ("gradient", "empty", "NaN", "infinity", "by design", "untried", "moving variance")
"""What a `caveat` may name before its colon ("NaN, infinity: ...", "gradient of *_prod: ..." for
some symbols of a family): those cases are left out. A caveat without a head leaves out none."""
PLAIN = ("rule", "activation", "layer", "method", "attribute", "optimizer", "metric")
"""Kinds of records whose arguments can be sampled."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is tried: cases drawn, seconds of this process a symbol (a busy machine tries as
    much as an idle one), and the seed of the drawing."""

    cases: int = 20
    seconds: float = 20.0
    seed: int = 0


class _Found(Exception):
    """A case failed: hypothesis catches it and shrinks."""


class Ladder:
    """Proves symbols with one translator. `entering` is told each case before it runs, so that a
    crash of the process can be laid at its door."""

    def __init__(
        self, translator: Translator, effort: Effort, entering: Callable[[str], None] | None = None
    ) -> None:
        self.translator, self.effort = translator, effort
        self._entering = entering or (lambda text: None)

    def prove(
        self,
        rule: Rule,
        symbol: str,
        keras: str,
        fixed: Sequence[Case],
        sampled: bool = True,
        since: int = 0,
    ) -> UnitResult:
        """`since`: the ladder by which the rule is proved already; only what is newer is tried."""
        start = time.monotonic()
        result = UnitResult(symbol, keras, rule.name, random=is_random(rule), ladder=LADDER)
        if since:
            fixed = ()
        if fixed:
            result.domain += ("table",)
        about_layers = tuple(e for e in excuses_of(rule, symbol) if e == "moving variance")
        for number, case in enumerate(fixed):
            excuse(case, about_layers)
            case.random = is_random(rule)
            self._count(result, self._run(case, deep=number < DEEP))
        if sampled and not result.failures:
            self._sample(result, rule, symbol, keras, since)
        result.seconds = round(time.monotonic() - start, 3)
        return result.settle()

    def _run(self, case: Case, deep: bool, explain: bool = True) -> CaseResult:
        self._entering(case.shown())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            match case.kind:
                case "optimizer":
                    prove = prove_optimizer
                case "metric":
                    prove = prove_metric
                case _:
                    prove = prove_layer if case.is_layer else prove_expression
            return prove(case, self.translator, deep, explain)

    def _count(self, result: UnitResult, found: CaseResult) -> None:
        match found.status:
            case "ran":
                result.cases += 1
                if found.code not in result.codes and len(result.codes) < 4:
                    result.codes.append(found.code)
            case "rejected":
                result.rejected += 1
            case "refused":
                result.refused += 1
            case "failed":
                result.cases += 1
                assert found.failure is not None
                result.failures.append(found.failure)
        if found.status in ("rejected", "refused") and len(result.notes) < 3:
            result.notes.append(f"{found.status}: {found.reason}")

    def _sample(self, result: UnitResult, rule: Rule, symbol: str, keras: str, since: int) -> None:
        try:
            domain = derive(rule)
        except DomainError as error:
            result.failures.append(Failure("L0", f"try: {error}"))
            return
        if rule.kind not in PLAIN:
            result.notes.append(f"no domain: a record of kind {rule.kind}")
            return
        if {"by design", "untried"} & set(excuses_of(rule, symbol)):
            heads = ("by design", "untried")
            result.untried = next(c for c in rule.caveats if c.startswith(heads))
            return
        prefix = symbol.rpartition(".")[0]
        if rule.kind in ("method", "attribute") and prefix not in RECEIVERS:
            result.notes.append(f"no domain: members of {prefix}")
            return
        if domain.missing:
            result.notes.append(f"no domain for {', '.join(domain.missing)}: say it with `try`")
            return
        result.domain += ("try", "types") if domain.stated else ("types",)
        if domain.stated and set(domain.stated) >= set(domain.parameters):
            result.domain = (*result.domain[:-1],)
        self._draw(result, rule, domain, symbol, keras, since)

    def _draw(
        self,
        result: UnitResult,
        rule: Rule,
        domain: RuleDomain,
        symbol: str,
        keras: str,
        since: int,
    ) -> None:
        owner = symbol.rpartition(".")[0]
        owner = owner if owner in RECEIVERS and rule.kind in ("method", "attribute") else ""
        signature = SourceApi.load().signature(symbol, "keras2" if keras == "keras2" else "keras3")
        names = signature.names if signature is not None and not signature.var_keyword else ()
        random, excuses = is_random(rule), excuses_of(rule, symbol)
        seen: set[str] = set()

        def draw(data: object, stratum: Stratum) -> Case:
            case = draw_case(data, rule, domain, symbol, keras, owner, names, stratum)
            excuse(case, excuses)
            case.random = random
            case.grad &= not case.mutable
            if owner in STATIC:
                case.grad = case.jit = False
            return case

        start = time.process_time()
        for stratum in strata(rule, domain, symbol, self.effort.cases):
            if stratum.since <= since:
                continue
            self._draw_stratum(result, stratum, draw, seen, start + self.effort.seconds)
            if time.process_time() > start + self.effort.seconds:
                result.ladder = max(1, since)  # perhaps not all that this ladder asks for
                return
            if result.failures:
                return
        if not (result.cases or since):
            # All those draws were rejected: a domain of many arguments has few that agree.
            more = Stratum("general", MORE)
            self._draw_stratum(result, more, draw, seen, start + self.effort.seconds)

    def _draw_stratum(
        self,
        result: UnitResult,
        stratum: Stratum,
        draw: Callable[[object, Stratum], Case],
        seen: set[str],
        deadline: float,
    ) -> None:
        """`seen` are the cases that there were, which are not run again."""
        last: list[tuple[Case, CaseResult, bool]] = []
        steps = [0]

        @seed(self.effort.seed)
        @settings(
            max_examples=stratum.cases,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=HEALTH,
            print_blob=False,
        )
        @given(st.data())
        def attempt(data: object) -> None:
            case = draw(data, stratum)
            late = time.process_time() > deadline + self.effort.seconds * bool(last)
            mark = case.mark()
            if mark in seen or late or steps[0] > SHRINKS:
                return
            steps[0] += bool(last)
            case.grad &= result.gradients < GRADIENTS
            deep = result.drawn < DEEP
            found = self._run(case, deep, explain=False)
            if found.status == "failed":
                last.append((case, found, deep))
                raise _Found
            seen.add(mark)
            if not last:
                result.drawn += found.status == "ran"
                result.gradients += case.grad and found.status == "ran"
                self._count(result, found)

        try:
            attempt()
        except (_Found, HypothesisException):
            # Shrinking that ends early looks flaky to hypothesis; what was seen still stands.
            if not last:
                raise
        if last:
            case, found, deep = last[-1]
            again = self._run(case, deep)
            self._count(result, again if again.status == "failed" else found)


def excuses_of(rule: Rule, symbol: str) -> tuple[str, ...]:
    """What the heads of a rule's caveats name for a symbol."""
    named: set[str] = set()
    for caveat in rule.caveats:
        head, colon, _ = caveat.partition(": ")
        words, _, pattern = head.partition(" of ")
        if colon and fnmatch.fnmatchcase(symbol.rpartition(".")[2], pattern or "*"):
            named.update(words.split(", "))
    return tuple(word for word in EXCUSES if word in named)


def excuse(case: Case, excuses: tuple[str, ...]) -> None:
    """Makes a case one that the caveats do not speak of."""
    case.moving = "moving variance" not in excuses or all(a.ndim != 4 for a in case.arrays.values())
    if "gradient" in excuses:
        case.grad = False
    for name, array in case.arrays.items():
        if "empty" in excuses and not array.size:
            array = np.ones([max(n, 1) for n in array.shape]).astype(array.dtype)
        if array.dtype.kind not in "iub":
            wide = array.astype(np.complex128)
            odd = np.isnan(wide) & ("NaN" in excuses) | np.isinf(wide) & ("infinity" in excuses)
            array = np.where(odd, 0.25, array).astype(array.dtype)
        case.arrays[name] = array


def is_random(rule: Rule) -> bool:
    """Whether the result depends on random numbers, so that only distributions can agree."""
    if any(note.code == "TJ6003" for note in rule.notes):
        return True
    nodes = (node for choice in rule.to for node in walk(choice.body))
    return rule.kind == "rule" and any(
        isinstance(node, Name) and variable_name(node) == "rngs" for node in nodes
    )
