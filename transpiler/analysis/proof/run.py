"""The proof: source and translation are followed with the same arguments, and compared."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import TypeVar

from ....ir.nodes import ClassDef, FunctionDef, Module
from ..annotations import free_parameter
from ..calls import invoke
from ..conflicts import Log, Need, assumption_text
from ..definitions import find_member
from ..entry import deep_recursion, signature_specs
from ..flow import Raised
from ..machine import Exhausted, Machine
from ..models import tensors_of
from ..structures import is_tensorless
from ..text import dim_text
from ..values import (
    UNKNOWN,
    Arguments,
    ClassValue,
    Frame,
    Function,
    Graph,
    Instance,
    Layer,
    Size,
    Stack,
    Tensor,
    Value,
)
from .calling import Caller, place_of
from .claims import Claim, Proof
from .compare import EQUAL, Comparison, Finding, has_lost, refuted, unknown, worst
from .entries import Entry, Recorder, guesses, has_tensor, is_known, pinned, tensor_parameters
from .pairs import Pair
from .summary import Followed, is_complete, speaks, summary
from .targets import reset, target_machine
from .verdicts import asked, beside_gaps, cut, is_new

Result = TypeVar("Result")
# Runs of the source and of the translation for one way to call.
Sides = Callable[[Entry], tuple[Callable[[], Value], Callable[[], Value]]]
POLICY = "TJ4011"
STEPS_A_RUN = 60_000
STEPS_A_CLAIM = 20_000
"""After so many steps no more ranks are tried for a function."""
STEPS_A_PROOF, STEPS_A_STEP = 60_000, 2
"""For all functions together: so many, and so many for each step of the analysis of the source."""
SKIPPED = frozenset({"__init__", "build", "get_config", "from_config", "compute_output_shape"})


def prove(
    source: Machine,
    recorder: Recorder,
    targets: Mapping[str, Module],
    pairs: Iterable[Pair],
    gaps: Set[int] = frozenset(),
    only: Set[int] | None = None,
) -> Proof:
    """Claims on all pairs. `source` has followed its modules; `targets` are the translated ones
    and the helpers that they import, `gaps` the statements in them that stand for code without a
    translation. `only`: the functions that may have to do with tensors, if that is known."""
    started = time.perf_counter()
    source.watch = None
    with deep_recursion():
        known = {(p.module, p.name): p for p in pairs}
        wanted = dict.fromkeys(module for module, _ in known)
        target = target_machine(source, targets, gaps, wanted)
        prover = _Prover(source, target, recorder, known, only)
        claims = [c for p in prover.pairs.values() for c in prover.claims(p)]
        modules = {p.module for p in prover.pairs.values()}
        claims += [c for name in sorted(modules) for c in prover.module_claims(name)]
    return Proof(tuple(claims), time.perf_counter() - started)


class _Prover:
    def __init__(
        self,
        source: Machine,
        target: Machine,
        recorder: Recorder,
        pairs: Mapping[tuple[str, str], Pair],
        only: Set[int] | None,
    ) -> None:
        self.source, self.target = source, target
        self.recorder, self.pairs, self.only = recorder, pairs, only
        self.caller = Caller(source, target, pairs)
        # Whether the source contradicts itself for some of what was tried.
        self.refused = False
        # Steps that are left for all claims together.
        self.left = STEPS_A_PROOF + STEPS_A_STEP * source.spent

    # -- what there is to claim

    def claims(self, pair: Pair) -> Iterator[Claim]:
        frame, other = self.source.frames.get(pair.module), self.target.frames.get(pair.module)
        if frame is None or other is None:
            return
        old, new = frame.variables.get(pair.name), other.variables.get(pair.target)
        match old:
            case ClassValue() if isinstance(new, ClassValue):
                yield from self._class(pair, old, new)
            case Function(node=FunctionDef() as node):
                names = tensor_parameters(self.source, node, pair.tensors)

                def both(entry: Entry) -> tuple[Callable[[], Value], Callable[[], Value]]:
                    return (
                        lambda: self.caller.of_source(old, entry),
                        lambda: self.caller.of_target(pair, new or UNKNOWN, entry),
                    )

                entries = self._entries(old, names, None, both)
                claim = self._claim(pair, pair.name, pair.target, node, entries, both)
                if claim is not None:
                    yield claim
            case _:
                pass

    def _class(self, pair: Pair, old: ClassValue, new: ClassValue) -> Iterator[Claim]:
        for name, method in old.members.items():
            if not isinstance(method, Function) or name in SKIPPED:
                continue
            node = method.node
            renamed = "__call__" if name == "call" else name
            found = find_member(new, renamed)
            if not isinstance(node, FunctionDef) or not isinstance(found, Function):
                continue
            hints = pair.tensors if name == "call" else ()
            names = tensor_parameters(self.source, node, hints)
            made = self._made(old)

            def both(
                entry: Entry, name: str = name, renamed: str = renamed
            ) -> tuple[Callable[[], Value], Callable[[], Value]]:
                return (
                    lambda: self.caller.of_source_method(old, name, entry),
                    lambda: self.caller.of_target_method(new, renamed, entry),
                )

            entries = self._entries(method.bind(UNKNOWN), names, made, both)
            label, other = f"{old.node.name}.{name}", f"{new.node.name}.{renamed}"
            claim = self._claim(pair, label, other, node, entries, both)
            if claim is not None:
                yield claim

    def module_claims(self, module: str) -> Iterator[Claim]:
        """Models that are made at module level."""
        frame, other = self.source.frames.get(module), self.target.frames.get(module)
        if frame is None or other is None:
            return
        for name, value in list(frame.variables.items()):
            found = other.variables.get(name)
            if not isinstance(value, (Graph, Stack)) or found is None:
                continue
            known = value

            def both(
                entry: Entry, a: Value = known, b: Value = found
            ) -> tuple[Callable[[], Value], Callable[[], Value]]:
                return lambda: a, lambda: b

            pair = Pair(module, name, name, "builder")
            claim = self._claim(pair, name, name, None, iter([Entry({}, called=True)]), both)
            if claim is not None:
                yield claim

    # -- arguments

    def _made(self, cls: ClassValue) -> dict[str, Value]:
        init = find_member(cls, "__init__")
        return self._free(init, 1) if isinstance(init, Function) else {}

    def _free(self, function: Function, skip: int) -> dict[str, Value]:
        """Required parameters, of which nothing is known but their annotations."""
        scratch = Frame(function.frame.module, {}, function.frame)
        return {
            p.name: free_parameter(self.source, p, scratch)
            for p in function.node.parameters[skip:]
            if p.kind not in ("varargs", "kwargs") and p.default is None
        }

    def _entries(
        self,
        function: Function,
        names: tuple[str, ...],
        made: Mapping[str, Value] | None,
        both: Sides,
    ) -> Iterator[Entry]:
        """Calls that the program makes, else what signatures say, else guesses."""
        seen = self.recorder.chosen(id(function.node))
        if seen is not None or id(function.node) in self.recorder.tensorless:
            yield from seen or ()
            return
        if self.only is not None and not names and id(function.node) not in self.only:
            return
        skip = 0 if function.owner is None else 1
        free = self._free(function, skip)
        specs = signature_specs(self.source, function)
        parameters = [p.name for p in function.node.parameters[skip:]]
        free |= {k: v for k, v in zip(parameters, specs, strict=False) if v != UNKNOWN}
        if any(map(has_tensor, free.values())):
            yield Entry(free, made, called=True)
            return
        ranks = self._demanded(free, made, both, bool(names))
        if ranks is None:
            return
        if not names and not ranks:
            yield Entry(free, made, called=all(map(is_known, free.values())))
            return
        yield from guesses(self.source, names, free, made, ranks)

    def _demanded(
        self,
        free: Mapping[str, Value],
        made: Mapping[str, Value] | None,
        both: Sides,
        guessing: bool,
    ) -> dict[str, int] | None:
        """The ranks that the code asks of its arguments. What is known of one may tell others.
        None when it shows that there is nothing to claim. `guessing`: of some arguments ranks will
        be tried."""
        m = self.source
        ranks: dict[str, int] = {}
        while True:
            sizes = {
                n: Tensor(m.solver.shape_of_argument(v.dim, ranks[n]), "float32")
                for n, v in free.items()
                if n in ranks and isinstance(v, Size)
            }
            m.demands.clear()
            mark = m.trail.mark()
            followed = self._follow_source(both(Entry({**free, **sizes}, made))[0])
            silent = followed is None or not speaks(followed.result)
            tensorless = followed is not None and is_tensorless(followed.result)
            m.trail.undo(mark)
            found = {
                n: m.demands[v.dim]
                for n, v in free.items()
                if n not in ranks and isinstance(v, Size) and v.dim in m.demands
            }
            if tensorless or (silent and not (found or ranks or guessing)):
                return None
            if not found:
                return ranks
            ranks |= found

    # -- one claim

    def _claim(
        self,
        pair: Pair,
        name: str,
        target: str,
        node: FunctionDef | ClassDef | None,
        entries: Iterator[Entry],
        both: Sides,
    ) -> Claim | None:
        found: list[tuple[Entry, Finding, Followed]] = []
        before, self.refused = self.left, False
        if before <= 0:
            return cut(pair, name, target, node)
        # The ranks for which floats told something, and the steps of runs that told nothing.
        told: set[str] = set()
        idle: list[int] = []
        for entry in entries:
            if entry.guess.endswith("int32") and (_proved(found) or not (found or self.refused)):
                break
            ranks = entry.guess.rpartition(", ")[0]
            if ranks in told:
                # Of integers more is seen only where floats are refused.
                continue
            left, refused, self.refused = self.left, self.refused, False
            one = self._one(entry, both)
            if entry.guess and one is None and not self.refused:
                idle.append(left - self.left)
            self.refused = self.refused or refused
            if len(idle) == 2 and idle[0] == idle[1] and not found:
                # Ranks do not matter to what happens there.
                break
            if one is not None and entry.guess:
                told.add(ranks)
            if one is not None and entry.guess and one[1].pins:
                # The difference goes away for some numbers: is it all there is?
                again = self._one(pinned(entry, one[1].pins), both)
                if again is not None and again[1].verdict == "proved":
                    one = again
            if one is not None:
                found.append(one)
            if entry.guess and (_proved(found) >= 2 or self.left <= before - STEPS_A_CLAIM):
                break
        return summary(pair, name, target, node, found) if found else None

    def _one(self, entry: Entry, both: Sides) -> tuple[Entry, Finding, Followed] | None:
        """What one way to call says; None when the source tells nothing."""
        mark = self.source.trail.mark()
        one, other = both(entry)
        followed = self._follow_source(one)
        self.refused = self.refused or followed is None
        if followed is None or not speaks(followed.result):
            self.source.trail.undo(mark)
            return None
        if entry.guess and not is_complete(followed.result):
            # At a wrong rank the source may be wrong without our noticing.
            finding = unknown("the source tells too little of its result")
        else:
            finding = self._compare(followed, other)
            if entry.guess and finding.verdict == "refuted":
                # The source may rule this rank or these sizes out without our noticing.
                text = f"{finding.reason}, unless the source rules out {entry.guess}"
                finding = replace(unknown(text), doubtful=True, pins=finding.pins)
        self.source.trail.undo(mark)
        return entry, finding, followed

    def _follow_source(self, run: Callable[[], Value]) -> Followed | None:
        m = self.source
        m.log = log = Log(sees=False, shows=False)
        value = self._bounded(m, run)
        if isinstance(value, Exception) or any(c.code != POLICY for c in log.conflicts.values()):
            return None
        texts = tuple(assumption_text(a) for a in log.assumptions.values())
        return Followed(value, (*log.needs, *log.muted_needs), texts)

    def _compare(self, followed: Followed, run: Callable[[], Value]) -> Finding:
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


def _proved(found: Sequence[tuple[Entry, Finding, Followed]]) -> int:
    return sum(f.verdict == "proved" for _, f, _ in found)
