"""The proof: source and translation are followed with the same arguments, and compared."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ....ir.nodes import ClassDef, FunctionDef, Module
from ..annotations import free_parameter
from ..calls import instantiate, invoke
from ..conflicts import Log, Need, assumption_text
from ..definitions import find_member, is_keras, module_frame
from ..entry import deep_recursion, signature_specs
from ..expressions import evaluate
from ..layers import tensors_of
from ..machine import Exhausted, Machine
from ..statements import Raised
from ..target import JaxLibrary
from ..target.dtypes import canonical
from ..text import dim_text, type_text
from ..values import (
    UNKNOWN,
    Arguments,
    ClassValue,
    Const,
    Fixed,
    Frame,
    Function,
    Graph,
    Instance,
    Layer,
    Listing,
    Mapped,
    Place,
    Size,
    Stack,
    Tensor,
    Value,
    entries_of,
    items_of,
)
from .claims import Claim, Proof
from .compare import EQUAL, Comparison, Finding, is_lost, refuted, unknown, worst
from .entries import Entry, Recorder, guesses, has_tensor, tensor_parameters
from .pairs import Pair
from .types import array_types

Result = TypeVar("Result")
POLICY = "TJ4011"
STEPS_A_RUN = 60_000
STEPS_A_MODULE = 600_000
SKIPPED = frozenset({"__init__", "build", "get_config", "from_config", "compute_output_shape"})


def prove(
    source: Machine, recorder: Recorder, targets: Mapping[str, Module], pairs: Iterable[Pair]
) -> Proof:
    """Claims on all pairs. `source` has followed its modules; `targets` are the translated ones
    and the helpers that they import."""
    started = time.perf_counter()
    source.watch = None
    with deep_recursion():
        target = target_machine(source, targets)
        prover = _Prover(source, target, recorder, {(p.module, p.name): p for p in pairs})
        claims = [c for p in prover.pairs.values() for c in prover.claims(p)]
        modules = {p.module for p in prover.pairs.values()}
        claims += [c for name in sorted(modules) for c in prover.module_claims(name)]
    return Proof(tuple(claims), time.perf_counter() - started)


def target_machine(source: Machine, targets: Mapping[str, Module]) -> Machine:
    """A machine for translated modules, which have run on it, over the sizes of `source`."""
    target = Machine(
        source.rules,
        source.flavour,
        targets,
        source.trail,
        source.solver,
        Log(),
        batch=source.batch,
        library=JaxLibrary(),
    )
    target.evaluate = lambda e, frame: evaluate(target, e, frame)
    target.invoke = lambda called, given, place: invoke(target, called, given, place)
    for name in targets:
        target.steps = STEPS_A_MODULE
        try:
            module_frame(target, name)
        # Whatever stops it: what is defined by then can still be compared.
        except (Exhausted, Raised, RecursionError):
            _reset(target)
    return target


def _reset(m: Machine) -> None:
    m.muted, m.depth = m.switched_off, 0
    m.calls.clear()
    m.running.clear()


@dataclass(frozen=True, slots=True)
class _Followed:
    """A run of the source: its result, what it asks of sizes, and what it takes for granted."""

    result: Value
    needs: tuple[Need, ...]
    assumptions: tuple[str, ...]


class _Prover:
    def __init__(
        self,
        source: Machine,
        target: Machine,
        recorder: Recorder,
        pairs: Mapping[tuple[str, str], Pair],
    ) -> None:
        self.source, self.target = source, target
        self.recorder, self.pairs = recorder, pairs

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
                entries = self._entries(old, names, None)

                def both(entry: Entry) -> tuple[Callable[[], Value], Callable[[], Value]]:
                    return (
                        lambda: self._call_source(old, entry),
                        lambda: self._call_target(pair, new or UNKNOWN, entry),
                    )

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
            entries = self._entries(method.bind(UNKNOWN), names, made)

            def both(
                entry: Entry, name: str = name, renamed: str = renamed
            ) -> tuple[Callable[[], Value], Callable[[], Value]]:
                return (
                    lambda: self._call_method(old, name, entry),
                    lambda: self._call_target_method(new, renamed, entry),
                )

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
            claim = self._claim(pair, name, name, None, iter([Entry({})]), both)
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
        self, function: Function, names: tuple[str, ...], made: Mapping[str, Value] | None
    ) -> Iterator[Entry]:
        """Calls that the program makes, else what signatures say, else guesses."""
        seen = self.recorder.entries.get(id(function.node), [])
        if seen:
            yield from seen
            return
        skip = 0 if function.owner is None else 1
        free = self._free(function, skip)
        specs = signature_specs(self.source, function)
        parameters = [p.name for p in function.node.parameters[skip:]]
        free |= {k: v for k, v in zip(parameters, specs, strict=False) if v != UNKNOWN}
        if any(map(has_tensor, free.values())) or not names:
            yield Entry(free, made)
            return
        yield from guesses(self.source, names, free, made)

    # -- one claim

    def _claim(
        self,
        pair: Pair,
        name: str,
        target: str,
        node: FunctionDef | ClassDef | None,
        entries: Iterator[Entry],
        both: Callable[[Entry], tuple[Callable[[], Value], Callable[[], Value]]],
    ) -> Claim | None:
        found: list[tuple[Entry, Finding, _Followed]] = []
        for entry in entries:
            guess = any(f.verdict == "proved" for _, f, _ in found)
            if entry.guess and guess and entry.guess.endswith("int32"):
                continue
            mark = self.source.trail.mark()
            one, other = both(entry)
            followed = self._follow_source(one)
            if followed is not None and speaks(followed.result):
                if entry.guess and not is_complete(followed.result):
                    # At a wrong rank the source may be wrong without our noticing.
                    dropped = unknown("the source tells too little of its result")
                    found.append((entry, dropped, followed))
                else:
                    finding = self._compare(followed, other)
                    if entry.guess and finding.verdict == "refuted":
                        # The source may rule this rank or these sizes out without our noticing.
                        text = f"{finding.reason}, unless the source rules out {entry.guess}"
                        finding = replace(unknown(text), doubtful=True)
                    found.append((entry, finding, followed))
            self.source.trail.undo(mark)
            if sum(f.verdict == "proved" for _, f, _ in found) >= 2 and entry.guess:
                break
        if not found:
            return None
        return _summary(pair, name, target, node, found)

    def _follow_source(self, run: Callable[[], Value]) -> _Followed | None:
        m = self.source
        m.log = log = Log()
        value = _bounded(m, run)
        if isinstance(value, Exception) or any(c.code != POLICY for c in log.conflicts.values()):
            return None
        texts = tuple(assumption_text(a) for a in log.assumptions.values())
        return _Followed(value, (*log.needs, *log.muted_needs), texts)

    def _compare(self, followed: _Followed, run: Callable[[], Value]) -> Finding:
        t = self.target
        t.log = Log()
        before = t.solver.counter[0]
        mark = t.trail.mark()
        comparison = Comparison(t.solver, followed.needs, self._models)
        finding = _bounded(t, lambda: comparison.values(followed.result, run()))
        if isinstance(finding, Raised):
            finding = unknown("the output raises where code is not translated")
        if not isinstance(finding, Finding):
            finding = unknown("the output was not followed to its end")
        failed = self._failed()
        needs = [n for n in t.log.needs if not _is_new(n, before)]
        t.trail.undo(mark)
        if failed is not None:
            return failed
        if finding.verdict == "refuted":
            return finding
        demands = [self._demand(n, followed) for n in needs]
        return worst([finding, *(d for d in demands if d is not None)])

    def _failed(self) -> Finding | None:
        conflict = next(iter(self.target.log.conflicts.values()), None)
        if conflict is None:
            return None
        return refuted(f"the output fails: {conflict.message}")

    def _demand(self, need: Need, followed: _Followed) -> Finding | None:
        """What the output asks of sizes, the source must ask, too."""
        solver = self.target.solver
        left, right = solver.normal(need.left), solver.normal(need.right)
        if solver.equal(left, right) == "yes" or _asked(solver, need, followed.needs):
            return None
        if need.made and left.constant is not None:
            return replace(EQUAL, assumptions=(f"{dim_text(right)} = {dim_text(left)}",))
        if any(is_lost(v.expression) for v in (left - right).atoms()):
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
        arguments = Arguments(tuple(self._translated(x) for x in given))
        value = invoke(t, target, arguments, _place(t))
        comparison = Comparison(t.solver, t.log.needs)
        return comparison.values(outputs, value, "the output of the model")

    # -- runs

    def _call_source(self, function: Function, entry: Entry) -> Value:
        return invoke(self.source, function, Arguments((), entry.given), _place(self.source))

    def _call_method(self, cls: ClassValue, name: str, entry: Entry) -> Value:
        m = self.source
        made = instantiate(m, cls, Arguments((), entry.made or {}), _place(m))
        if not isinstance(made, Instance):
            return UNKNOWN
        method = find_member(cls, name)
        if name == "call" and is_keras(cls) and isinstance(method, Function):
            return m.invoke(made, _in_order(method, entry.given, 1), _place(m))
        if not isinstance(method, Function):
            return UNKNOWN
        return invoke(m, method.bind(made), Arguments((), entry.given), _place(m))

    def _call_target(self, pair: Pair, new: Value, entry: Entry) -> Value:
        t = self.target
        given = {k: self._translated(v) for k, v in entry.given.items()}
        match new:
            case ClassValue():
                made = self._make(new, given)
                if not isinstance(made, Instance):
                    return UNKNOWN
                call = find_member(new, "__call__")
                if not isinstance(call, Function) or not any(
                    p.name in given for p in call.node.parameters[1:]
                ):
                    return made
                return invoke(t, call.bind(made), self._chosen(call, given, 1), _place(t))
            case Function():
                return invoke(t, new, self._chosen(new, given, 0), _place(t))
            case _:
                return UNKNOWN

    def _call_target_method(self, cls: ClassValue, name: str, entry: Entry) -> Value:
        t = self.target
        made = self._make(cls, {k: self._translated(v) for k, v in (entry.made or {}).items()})
        method = find_member(cls, name)
        if not isinstance(made, Instance) or not isinstance(method, Function):
            return UNKNOWN
        given = {k: self._translated(v) for k, v in entry.given.items()}
        return invoke(t, method.bind(made), self._chosen(method, given, 1), _place(t))

    def _make(self, cls: ClassValue, given: Mapping[str, Value]) -> Value:
        init = find_member(cls, "__init__")
        arguments = self._chosen(init, given, 1) if isinstance(init, Function) else Arguments()
        return instantiate(self.target, cls, arguments, _place(self.target))

    def _chosen(self, function: Function, given: Mapping[str, Value], skip: int) -> Arguments:
        """Those of the arguments that the function takes. A size that the translation adds is
        whatever makes it fit."""
        found: dict[str, Value] = {}
        for parameter in function.node.parameters[skip:]:
            if parameter.kind in ("varargs", "kwargs"):
                continue
            if parameter.name in given:
                found[parameter.name] = given[parameter.name]
            elif parameter.default is None:
                added = parameter.name != "rngs" and parameter.name.endswith(
                    ("_features", "_size", "in_features", "_length")
                )
                size = Size(self.target.solver.fresh(parameter.name))
                found[parameter.name] = size if added else UNKNOWN
        return Arguments((), found)

    def _translated(self, value: Value) -> Value:
        """The value as the translation gets it."""
        match value:
            case Tensor():
                return Tensor(value.dims, canonical(value.dtype), value.origins, value.last)
            case Const() | Size():
                return value
            case Fixed(items=items):
                return Fixed(tuple(self._translated(v) for v in items))
            case Listing():
                items = items_of(value)
                if items is None:
                    return value
                return Listing({"items": tuple(self._translated(v) for v in items)})
            case Mapped():
                entries = entries_of(value)
                inner = {k: self._translated(v) for k, v in (entries or {}).items()}
                return Mapped({"items": None if entries is None else inner})
            case Function(node=FunctionDef(name=name)) | ClassValue(node=ClassDef(name=name)):
                pair = self.pairs.get((value.frame.module, name))
                frame = self.target.frames.get(value.frame.module)
                if pair is None or frame is None:
                    return UNKNOWN
                return frame.variables.get(pair.target, UNKNOWN)
            case _:
                return UNKNOWN


def _place(m: Machine) -> Place:
    from ..machine import NOWHERE

    return Place(next(iter(m.modules), ""), NOWHERE)


def _bounded(m: Machine, run: Callable[[], Result]) -> Result | Exception:
    m.steps = STEPS_A_RUN
    try:
        return run()
    except (Exhausted, Raised, RecursionError) as error:
        return error
    finally:
        _reset(m)


def _is_new(need: Need, before: int) -> bool:
    """Whether a size that the translation adds takes part: the need says what it is."""
    keys = [v.key for d in (need.left, need.right) for v in d.atoms()]
    numbers = [k[1] for k in keys if isinstance(k, tuple) and isinstance(k[1], int)]
    return any(n > before for n in numbers)


def _asked(solver: object, need: Need, needs: Sequence[Need]) -> bool:
    pair = {need.left, need.right}
    return any({n.left, n.right} == pair and (need.broadcast or not n.broadcast) for n in needs)


def _in_order(function: Function, given: Mapping[str, Value], skip: int) -> Arguments:
    """The first arguments by position, as Keras calls `call`."""
    positional: list[Value] = []
    rest = dict(given)
    for parameter in function.node.parameters[skip:]:
        if parameter.name not in rest or parameter.kind != "positional":
            break
        positional.append(rest.pop(parameter.name))
    return Arguments(tuple(positional), rest)


def speaks(value: Value) -> bool:
    """Whether the result says something of tensors that could be compared."""
    match value:
        case Tensor() | Graph():
            return True
        case Stack(cell=cell):
            return isinstance(cell.get("output"), Tensor)
        case Fixed() | Listing():
            return any(map(speaks, items_of(value) or ()))
        case Mapped():
            return any(map(speaks, (entries_of(value) or {}).values()))
        case _:
            return False


def is_complete(value: Value) -> bool:
    """Whether all ranks and sizes are known."""
    match value:
        case Tensor(dims=dims):
            if dims is None:
                return False
            return not any(is_lost(v.expression) for d in dims for v in d.atoms())
        case Fixed() | Listing():
            return all(map(is_complete, items_of(value) or (UNKNOWN,)))
        case Mapped():
            return all(map(is_complete, (entries_of(value) or {"": UNKNOWN}).values()))
        case Const() | Size() | Graph() | Stack():
            return True
        case _:
            return False


def _summary(
    pair: Pair,
    name: str,
    target: str,
    node: FunctionDef | ClassDef | None,
    found: Sequence[tuple[Entry, Finding, _Followed]],
) -> Claim:
    """All calls together. Guessed ranks that say nothing do not count where another does."""
    settled = [f for f in found if f[1].verdict != "unknown" or not f[0].guess or f[1].doubtful]
    used = settled or list(found[:1])
    whole = worst([finding for _, finding, _ in used])
    entry, _, followed = next((f for f in used if f[1].verdict == whole.verdict), used[0])
    guessed = dict.fromkeys(t for e, _, _ in used for t in (e.guess, *e.taken) if t)
    texts = [f"taken: {'; '.join(guessed)}"] if guessed else []
    texts += [f"needs {a}" for _, _, run in used for a in run.assumptions]
    texts += [f"needs {a}" for _, finding, _ in used for a in finding.assumptions]
    return Claim(
        pair.module,
        name,
        target,
        None if node is None else node.span,
        whole.verdict,
        whole.dtype,
        whole.reason,
        tuple(dict.fromkeys(texts)),
        whole.example,
        ", ".join(f"{k}: {t}" for k, v in entry.given.items() if (t := type_text(v))),
        type_text(followed.result) or "",
        *array_types([(e.given, run.result) for e, _, run in used if not e.guess]),
    )
