"""One call of a function, followed in the source and in the translation, and compared."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from ..calls import invoke
from ..conflicts import Log, Need, assumption_text
from ..flow import Raised
from ..machine import Exhausted, Machine
from ..models import tensors_of
from ..text import dim_text
from ..values import UNKNOWN, Arguments, Function, Graph, Instance, Layer, Stack, Tensor, Value
from .calling import Caller, place_of
from .compare import EQUAL, Comparison, Finding, has_lost, refuted, unknown, worst
from .entries import Entry
from .summary import Followed
from .targets import reset
from .verdicts import asked, beside_gaps, is_new

Result = TypeVar("Result")
POLICY = "TJ4011"
STEPS_A_RUN = 60_000


@dataclass(frozen=True, slots=True)
class Sides:
    """Runs of the source and of the translation for one way to call; whether there `exists` a
    translation."""

    source: Callable[[Entry], Value]
    target: Callable[[Entry], Value]
    exists: Callable[[], bool]


@dataclass(slots=True)
class Runner:
    """`left`: the steps that are left for all claims together."""

    source: Machine
    target: Machine
    caller: Caller
    left: int

    def of_source(self, both: Sides, entry: Entry) -> Followed | None:
        """A run of the source; None where it contradicts itself."""
        m = self.source
        m.log = log = Log(sees=False, shows=False)
        value = self._bounded(m, lambda: both.source(entry))
        if isinstance(value, Exception) or any(c.code != POLICY for c in log.conflicts.values()):
            return None
        texts = tuple(assumption_text(a) for a in log.assumptions.values())
        return Followed(value, (*log.needs, *log.muted_needs), texts)

    def compare(self, followed: Followed, run: Callable[[], Value]) -> Finding:
        t = self.target
        t.log = Log(sees=False, shows=False)
        before = t.solver.counter[0]
        mark = t.trail.mark()
        comparison = Comparison(t.solver, followed.needs, self._models, self.source.global_policy)
        finding = self._bounded(t, lambda: comparison.values(followed.result, run()))
        if isinstance(finding, Raised):
            finding = unknown("the output raises where code is not translated")
        if isinstance(finding, (Exhausted, RecursionError)):
            finding = unknown("the output was not followed to its end")
        if not isinstance(finding, Finding):
            finding = unknown(f"the analysis failed ({type(finding).__name__}: {finding})")
        failed = self._failed()
        needs = [n for n in t.log.needs if not is_new(n, before)]
        t.trail.undo(mark)
        if failed is None and finding.verdict != "refuted":
            demands = [self._demand(n, followed) for n in needs]
            failed = worst([finding, *(d for d in demands if d is not None)])
        return beside_gaps(failed or finding, tuple(dict.fromkeys(t.log.gaps)))

    def _bounded(self, m: Machine, run: Callable[[], Result]) -> Result | Exception:
        m.steps = granted = max(min(STEPS_A_RUN, self.left), 0)
        try:
            return run()
        # Any exception: one function must not take down the proof of the others.
        except Exception as error:
            return error
        finally:
            self.left -= granted - max(m.steps, 0)
            reset(m)

    def _failed(self) -> Finding | None:
        conflict = next(iter(self.target.log.conflicts.values()), None)
        if conflict is None:
            return None
        return refuted(f"the output fails: {conflict.message}")

    def _demand(self, need: Need, followed: Followed) -> Finding | None:
        """What the output asks of sizes, the source must ask, too."""
        solver = self.target.solver
        left, right = solver.normal(need.left), solver.normal(need.right)
        if solver.equal(left, right) == "yes" or asked(solver, need, followed.needs):
            return None
        if need.made and left.constant is not None:
            return replace(EQUAL, assumptions=(f"needs {dim_text(right)} = {dim_text(left)}",))
        if has_lost(left - right):
            return unknown(f"the output needs that {need.text}")
        comparison = Comparison(solver, followed.needs)

        def breaks(values: Mapping[Hashable, int]) -> bool:
            one, other = left.evaluate(values), right.evaluate(values)
            return one != other and not (need.broadcast and 1 in (one, other))

        example = comparison.example([left, right], breaks)
        if example is not None:
            return refuted(f"the output fails where the source does not: {need.text}", example)
        if solver.always_zero(left - right):
            return None
        return unknown(f"the output needs that {need.text}")

    def _models(self, source: Value, target: Value) -> Finding | None:
        """Models are compared by what they give for their inputs."""
        match source:
            case Graph(inputs=inputs, outputs=outputs):
                given = tensors_of(inputs)
            case Stack(cell=cell):
                first, outputs = cell.get("input"), cell.get("output")
                given = [first] if isinstance(first, Tensor) else None
                if not isinstance(outputs, Value) or outputs == UNKNOWN:
                    given = None
            case _:
                return None
        if given is None or not isinstance(outputs, Value):
            return unknown("the inputs of the model are not known")
        if not isinstance(target, (Instance, Layer, Function)):
            return unknown("the model is not known in the output")
        t = self.target
        arguments = Arguments(tuple(self.caller.translated(x) for x in given))
        value = invoke(t, target, arguments, place_of(t))
        comparison = Comparison(t.solver, t.log.needs, policy=self.source.global_policy)
        return comparison.values(outputs, value, "the output of the model")
