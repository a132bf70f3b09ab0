"""The proof: source and translation are followed with the same arguments, and compared."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace

from ....ir.nodes import ClassDef, FunctionDef, Module
from ..definitions import find_member
from ..entry import deep_recursion
from ..machine import Machine
from ..values import UNKNOWN, ClassValue, Function, Graph, Stack, Value
from .arguments import Chooser
from .calling import Caller
from .claims import Claim, Proof
from .compare import unknown
from .entries import Entry, Recorder, pinned, tensor_parameters
from .pairs import Pair
from .running import Runner, Sides
from .summary import is_complete, speaks, summary
from .targets import loaded, target_machine
from .trials import Told, Trials
from .verdicts import cut

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
        target = target_machine(source, targets, gaps)
        caller = Caller(source, target, known)
        runner = Runner(source, target, caller, STEPS_A_PROOF + STEPS_A_STEP * source.spent)
        prover = _Prover(caller, runner, Chooser(source, runner, recorder, only))
        claims = [c for p in known.values() for c in prover.claims(p)]
        modules = {p.module for p in known.values()}
        claims += [c for name in sorted(modules) for c in prover.module_claims(name)]
    return Proof(tuple(claims), time.perf_counter() - started)


@dataclass(frozen=True, slots=True)
class _Prover:
    caller: Caller
    runner: Runner
    chooser: Chooser

    # -- what there is to claim

    def claims(self, pair: Pair) -> Iterator[Claim]:
        caller = self.caller
        frame = caller.source.frames.get(pair.module)
        old = None if frame is None else frame.variables.get(pair.name)
        match old:
            case ClassValue():
                yield from self._class(pair, old)
            case Function(node=FunctionDef() as node):
                names = tensor_parameters(caller.source, node, pair.tensors)
                both = Sides(
                    lambda entry: caller.of_source(old, entry),
                    lambda entry: caller.of_target(pair, self._target(pair) or UNKNOWN, entry),
                    lambda: loaded(caller.target, pair.module) is not None,
                )
                entries = self.chooser.entries(old, names, None, both)
                yield from self._claim(pair, pair.name, pair.target, node, entries, both)
            case _:
                pass

    def _target(self, pair: Pair) -> Value | None:
        """What the output has for it."""
        frame = loaded(self.caller.target, pair.module)
        return None if frame is None else frame.variables.get(pair.target)

    def _class(self, pair: Pair, old: ClassValue) -> Iterator[Claim]:
        for name, method in old.members.items():
            if not isinstance(method, Function) or name in SKIPPED:
                continue
            node = method.node
            if not isinstance(node, FunctionDef):
                continue
            hints = pair.tensors if name == "call" else ()
            names = tensor_parameters(self.caller.source, node, hints)
            made = self.chooser.made_with(old)
            renamed = "__call__" if name == "call" else name
            both = self._methods(pair, old, name, renamed)
            entries = self.chooser.entries(method.bind(UNKNOWN), names, made, both)
            label, other = f"{old.node.name}.{name}", f"{pair.target}.{renamed}"
            yield from self._claim(pair, label, other, node, entries, both)

    def _methods(self, pair: Pair, old: ClassValue, name: str, renamed: str) -> Sides:
        def target(entry: Entry) -> Value:
            new = self._target(pair)
            if not isinstance(new, ClassValue):
                return UNKNOWN
            return self.caller.of_target_method(new, renamed, entry)

        def exists() -> bool:
            new = self._target(pair)
            return isinstance(new, ClassValue) and isinstance(find_member(new, renamed), Function)

        return Sides(lambda entry: self.caller.of_source_method(old, name, entry), target, exists)

    def module_claims(self, module: str) -> Iterator[Claim]:
        """Models that are made at module level."""
        frame = self.caller.source.frames.get(module)
        models = () if frame is None else tuple(frame.variables.items())
        for name, value in models:
            if isinstance(value, (Graph, Stack)):
                yield from self._model(Pair(module, name, name, "builder"), value)

    def _model(self, pair: Pair, value: Value) -> Iterator[Claim]:
        found = self._target(pair)
        if found is not None:
            both = Sides(lambda _: value, lambda _: found, lambda: True)
            entries = iter([Entry({}, called=True)])
            yield from self._claim(pair, pair.name, pair.name, None, entries, both)

    # -- one claim

    def _claim(
        self,
        pair: Pair,
        name: str,
        target: str,
        node: FunctionDef | ClassDef | None,
        entries: Iterator[Entry],
        both: Sides,
    ) -> Iterator[Claim]:
        """The claim, if there is one."""
        runner = self.runner
        trials = Trials(runner.left)
        if runner.left <= 0:
            if both.exists():
                yield cut(pair, name, target, node)
            return
        for entry in entries:
            if trials.ends_before(entry):
                break
            left = runner.left
            one, refused = self._one(entry, both)
            steps = left - runner.left
            if one is not None and entry.guess and one[1].pins:
                # The difference goes away for some numbers: is it all there is?
                again, _ = self._one(pinned(entry, one[1].pins), both)
                if again is not None and again[1].verdict == "proved":
                    one = again
            trials.note(entry, one, refused, steps)
            if trials.ends_after(entry, runner.left):
                break
        if trials.found:
            yield summary(pair, name, target, node, trials.found)

    def _one(self, entry: Entry, both: Sides) -> tuple[Told | None, bool]:
        """What one way to call says, None when the source tells nothing; and whether the source
        contradicts itself."""
        trail = self.caller.source.trail
        mark = trail.mark()
        try:
            followed = self.runner.of_source(both, entry)
            if followed is None or not speaks(followed.result) or not both.exists():
                return None, followed is None
            if entry.guess and not is_complete(followed.result):
                # At a wrong rank the source may be wrong without our noticing.
                return (
                    entry,
                    unknown("the source tells too little of its result"),
                    followed,
                ), False
            finding = self.runner.compare(followed, lambda: both.target(entry))
            if entry.guess and finding.verdict == "refuted":
                # The source may rule this rank or these sizes out without our noticing.
                text = f"{finding.reason}, unless the source rules out {entry.guess}"
                finding = replace(unknown(text), doubtful=True, pins=finding.pins)
            return (entry, finding, followed), False
        finally:
            trail.undo(mark)
