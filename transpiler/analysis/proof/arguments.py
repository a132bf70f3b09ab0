"""What a function of the source is called with in a proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from ..annotations import free_parameter
from ..definitions import find_member
from ..entry import signature_specs
from ..machine import Machine
from ..structures import is_tensorless
from ..values import UNKNOWN, ClassValue, Frame, Function, Size, Tensor, Value
from .entries import Entry, Recorder, guesses, has_tensor, is_known
from .running import Runner, Sides
from .summary import speaks


@dataclass(frozen=True, slots=True)
class Chooser:
    """`only`: the functions that may have to do with tensors, if that is known."""

    source: Machine
    runner: Runner
    recorder: Recorder
    only: Set[int] | None

    def made_with(self, cls: ClassValue) -> dict[str, Value]:
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

    def entries(
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
            entry = Entry({**free, **sizes}, made)
            followed = self.runner.of_source(both, entry)
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
