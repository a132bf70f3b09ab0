"""Two values, one of the source and one of the translation, compared for all sizes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ....ir.dims import Dim
from ....ir.nodes import Name
from ..conflicts import Need
from ..definitions import is_keras
from ..dtypes import is_float
from ..solver import Solver, solvable, trials, variables
from ..target.dtypes import canonical
from ..text import dim_text, shape_text
from ..values import (
    Const,
    Fixed,
    Instance,
    Listing,
    Mapped,
    Size,
    Tensor,
    Value,
    dim_of,
    entries_of,
    items_of,
)
from .claims import DtypeVerdict, Verdict

LOST = ("?", "len")


@dataclass(frozen=True, slots=True)
class Finding:
    """Of one pair of values. `tensors`: how many were compared."""

    verdict: Verdict
    dtype: DtypeVerdict = "equal"
    reason: str = ""
    example: Mapping[str, int] = field(default_factory=dict[str, int])
    tensors: int = 0
    assumptions: tuple[str, ...] = ()
    # A difference was found, which may be no mistake.
    doubtful: bool = False
    # What sizes of the source must be for there to be no difference.
    pins: Mapping[Hashable, int] = field(default_factory=dict[Hashable, int])


EQUAL = Finding("proved")


def unknown(reason: str) -> Finding:
    return Finding("unknown", "unknown", reason)


def refuted(reason: str, example: Mapping[str, int] | None = None) -> Finding:
    return Finding("refuted", "unknown", reason, example or {})


@dataclass(frozen=True, slots=True)
class Comparison:
    """`needs` are what the source asks of sizes: examples must satisfy them. `models` compares
    what can be called, if given."""

    solver: Solver
    needs: Sequence[Need]
    models: Callable[[Value, Value], Finding | None] | None = None
    # The dtype policy of the program, which translations leave out.
    policy: str = "float32"

    def values(self, source: Value, target: Value, what: str = "the result") -> Finding:
        if self.models is not None:
            found = self.models(source, target)
            if found is not None:
                return found
        match source, target:
            case Tensor(), Tensor():
                return self.tensors(source, target, what)
            case ((Fixed() | Listing()), (Fixed() | Listing())):
                return self._sequences(items_of(source), items_of(target), what)
            case ((Fixed() | Listing()), Tensor()):
                items = items_of(source)
                if items is not None and len(items) == 1:
                    return self.values(items[0], target, what)
                return unknown(f"{what} is a sequence in the source and one array in the output")
            case Mapped(), Mapped():
                return self._mappings(entries_of(source), entries_of(target), what)
            case Instance(cls=a), Instance(cls=b) if a.node.name == b.node.name and not is_keras(a):
                return self._objects(source.attributes, target.attributes, what)
            case ((Const() | Size()), (Const() | Size())):
                one, other = dim_of(source), dim_of(target)
                if source == target or (one is not None and one == other):
                    return EQUAL
                return unknown(f"{what} is a Python value that may differ")
            case Tensor(), Const():
                return unknown(f"{what} is a Python value in the output")
            case _:
                side = "source" if type(source) is Value else "output"
                return unknown(f"{what} is not known in the {side}")

    def _sequences(
        self, source: Sequence[Value] | None, target: Sequence[Value] | None, what: str
    ) -> Finding:
        if source is None or target is None:
            return unknown(f"the length of {what} is not known")
        if len(source) != len(target):
            return refuted(f"{what} has {len(source)} parts, and {len(target)} in the output")
        pairs = enumerate(zip(source, target, strict=True))
        return worst([self.values(a, b, f"{what}[{i}]") for i, (a, b) in pairs])

    def _objects(
        self, source: Mapping[str, Value], target: Mapping[str, Value], what: str
    ) -> Finding:
        """Objects of one class, by their attributes."""
        if set(source) != set(target):
            return unknown(f"the attributes of {what} differ")
        return worst([self.values(v, target[k], f"{what}.{k}") for k, v in source.items()])

    def _mappings(
        self,
        source: Mapping[object, Value] | None,
        target: Mapping[object, Value] | None,
        what: str,
    ) -> Finding:
        if source is None or target is None:
            return unknown(f"the keys of {what} are not known")
        if set(source) != set(target):
            return unknown(f"the keys of {what} differ")
        return worst([self.values(v, target[k], f"{what}[{k!r}]") for k, v in source.items()])

    def tensors(self, source: Tensor, target: Tensor, what: str) -> Finding:
        if source.dims is None:
            return replace(unknown(f"the rank of {what} is not known in the source"), tensors=1)
        if target.dims is None:
            return replace(unknown(f"the rank of {what} is not known in the output"), tensors=1)
        shapes = f"{shape_text(source.dims)} in the source, {shape_text(target.dims)} in the output"
        if len(source.dims) != len(target.dims):
            return replace(refuted(f"{what} is {shapes}"), tensors=1)
        found: list[Finding] = []
        for axis, (a, b) in enumerate(zip(source.dims, target.dims, strict=True)):
            one = self.sizes(a, b)
            if one.verdict == "refuted":
                text = f"axis {axis} of {what} differs: {shapes}"
                return replace(refuted(text, one.example), tensors=1, pins=one.pins)
            if one.verdict == "unknown":
                text = f"axis {axis} of {what}: {one.reason}"
                found.append(unknown(text))
        dtype = _dtypes(source.dtype, target.dtype)
        if dtype == "differs":
            text = f"{what} is {source.dtype} in the source, {target.dtype} in the output"
            if self.policy != "float32" and is_float(source.dtype) and is_float(target.dtype):
                # That it is left out is told where it is set.
                text += f", which leaves the policy {self.policy} out"
                return replace(unknown(text), dtype=dtype, tensors=1)
            return Finding("refuted", dtype, text, tensors=1)
        if found:
            return replace(found[0], dtype=dtype, tensors=1)
        if dtype == "unknown":
            side = "source" if source.dtype is None else "output"
            text = f"the dtype of {what} is not known in the {side}"
            return Finding("unknown", dtype, text, tensors=1)
        return Finding("proved", dtype, tensors=1)

    def sizes(self, source: Dim, target: Dim) -> Finding:
        answer = self.solver.equal(source, target)
        if answer == "yes":
            return EQUAL
        difference = self.solver.normal(source - target)
        if has_lost(difference) and answer != "no":
            return unknown(f"{dim_text(source)} against {dim_text(target)}")
        example = self.example([source, target], lambda v: difference.evaluate(v) not in (0, None))
        if example is not None:
            return replace(refuted("", example), pins=_pinned(difference))
        if self.solver.always_zero(difference):
            return EQUAL
        return unknown(f"{dim_text(source)} against {dim_text(target)} is not settled")

    def example(
        self, dims: Sequence[Dim], breaks: Callable[[Mapping[Hashable, int]], bool]
    ) -> dict[str, int] | None:
        """Sizes that satisfy all that the source needs, for which `breaks` is true."""
        normal = [self.solver.normal(d) for d in dims]
        needs = [(self.solver.normal(n.left), self.solver.normal(n.right), n) for n in self.needs]
        everything = [*normal, *(d for a, b, _ in needs for d in (a, b))]
        names = variables(everything)
        for values in trials(names):
            if not breaks(values) or not all(_holds(a, b, n, values) for a, b, n in needs):
                continue
            if not self.solver.bounds.allow(values):
                continue
            if any((d.evaluate(values) or 0) < 1 for d in normal):
                continue
            shown = {v.key: v for d in normal for v in d.atoms()}
            return {dim_text(Dim.atom(v)): values[k] for k, v in shown.items()}
        return None


def _pinned(difference: Dim) -> dict[Hashable, int]:
    """The number that a variable of the source must be, where that is all there is to it."""
    found = solvable(difference)
    number = None if found is None else found[1].constant
    if found is None or number is None or number < 1:
        return {}
    return {found[0].key: number}


def has_lost(dim: Dim) -> bool:
    return any(is_lost(v.expression) for v in dim.atoms())


def is_lost(expression: object) -> bool:
    """A size that the analysis lost, rather than one that may be chosen."""
    return not isinstance(expression, Name) or expression.id in LOST


def _holds(left: Dim, right: Dim, need: Need, values: Mapping[Hashable, int]) -> bool:
    one, other = left.evaluate(values), right.evaluate(values)
    return one == other or (need.broadcast and 1 in (one, other))


def _dtypes(source: str | None, target: str | None) -> DtypeVerdict:
    if source is None or target is None:
        return "unknown"
    if source == target:
        return "equal"
    return "x64" if canonical(source) == target else "differs"


ORDER: Mapping[str, int] = {"refuted": 0, "unknown": 1, "proved": 2}
DTYPES: tuple[DtypeVerdict, ...] = ("differs", "unknown", "x64", "equal")


def worst(findings: Sequence[Finding]) -> Finding:
    """What holds of all together."""
    if not findings:
        return EQUAL
    chosen = min(findings, key=lambda f: ORDER[f.verdict])
    dtype = min((f.dtype for f in findings), key=DTYPES.index)
    texts = tuple(dict.fromkeys(a for f in findings for a in f.assumptions))
    total = sum(f.tensors for f in findings)
    return replace(chosen, dtype=dtype, tensors=total, assumptions=texts)
