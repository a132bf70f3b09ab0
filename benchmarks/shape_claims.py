"""What the analysis claims of calls, and whether shapes that a framework gave refute it."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Literal

from tfjax.ir.dims import Dim
from tfjax.transpiler.analysis.calls import instantiate, invoke
from tfjax.transpiler.analysis.conflicts import Log
from tfjax.transpiler.analysis.definitions import find_member
from tfjax.transpiler.analysis.facts import value_of
from tfjax.transpiler.analysis.flow import Raised
from tfjax.transpiler.analysis.machine import Exhausted, Machine
from tfjax.transpiler.analysis.proof.calling import place_of
from tfjax.transpiler.analysis.structures import leaves
from tfjax.transpiler.analysis.target.dtypes import canonical
from tfjax.transpiler.analysis.values import (
    UNKNOWN,
    Arguments,
    ClassValue,
    Const,
    Fixed,
    Function,
    Instance,
    Tensor,
    Value,
)
from tfjax.transpiler.verify.observing import fact_of
from tfjax.transpiler.verify.specs import parse_spec

Verdict = Literal["agree", "silent", "contradict"]
STEPS = 60_000


def followed(m: Machine, called: Value | None, method: str, given: Mapping[str, Any]) -> Value:
    """What the analysis makes of a call with these arguments."""
    place = place_of(m)
    values = {n: value_of(m, fact_of(d), place, n) for n, d in given.items()}

    def run() -> Value:
        match called:
            case Function() if not method:
                return invoke(m, called, Arguments((), values), place)
            case ClassValue() if method not in ("", "__init__", "build"):
                made = instantiate(m, called, _open(called), place)
                found = find_member(called, method)
                if not isinstance(made, Instance) or not isinstance(found, Function):
                    return UNKNOWN
                return invoke(m, found.bind(made), Arguments((), values), place)
            case _:
                return UNKNOWN

    return bounded(m, run)


def _open(called: Value) -> Arguments:
    """Arguments of which nothing is known: for a function those that must be given, for a class
    all."""
    skip = 1 if isinstance(called, ClassValue) else 0
    function = find_member(called, "__init__") if isinstance(called, ClassValue) else called
    if not isinstance(function, Function):
        return Arguments()
    # What an object was made with is not told: not even that it is what is left out.
    asked = [p for p in function.node.parameters[skip:] if skip or p.default is None]
    names = [p.name for p in asked if p.kind not in ("varargs", "kwargs")]
    return Arguments((), dict.fromkeys(names, UNKNOWN))


def bounded(m: Machine, run: Any) -> Value:
    m.log, m.steps, m.muted, m.depth = Log(sees=False), STEPS, 0, 0
    m.calls.clear()
    m.running.clear()
    mark = m.trail.mark()
    try:
        return run()
    except (Raised, Exhausted, RecursionError):
        return UNKNOWN
    finally:
        m.trail.undo(mark)


def arrays(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    if "dims" in data:
        return [dict(data)]
    return [a for item in data.get("items", ()) for a in arrays(item)]


def compare(claimed: Value, real: Mapping[str, Any]) -> Verdict:
    """Sizes of which the analysis knows no number claim nothing."""
    if "dims" in real and isinstance(claimed, Tensor):
        return _tensors(claimed, real)
    items = real.get("items")
    if items is not None and isinstance(claimed, Fixed):
        inner = list(claimed.items)
        if len(inner) != len(items):
            return "contradict"
        found = [compare(a, b) for a, b in zip(inner, items, strict=True)]
        return next((v for v in ("contradict", "agree") if v in found), "silent")
    if "dims" in real and isinstance(claimed, Const) and claimed.value is None:
        return "contradict"
    return "silent"


def _tensors(claimed: Tensor, real: Mapping[str, Any]) -> Verdict:
    dtype, dims = real["dtype"], real["dims"]
    if claimed.dtype is not None and dtype is not None and claimed.dtype != dtype:
        return "contradict"
    if claimed.dims is None:
        return "silent"
    if len(claimed.dims) != len(dims):
        return "contradict"
    pairs = [(a.constant, b) for a, b in zip(claimed.dims, dims, strict=True)]
    wrong = any(a is not None and b is not None and a != b for a, b in pairs)
    return "contradict" if wrong else "agree"


def inputs_of(m: Machine, specs: Mapping[str, Any], open_: Dim | None = None) -> dict[str, Value]:
    """The inputs of a case as tensors; `open_` stands for the leading size of all."""
    return {name: _input(m, tree, open_) for name, tree in specs.items()}


def _input(m: Machine, tree: Any, open_: Dim | None) -> Value:
    spec = parse_spec(tree) if isinstance(tree, str) else None
    if spec is None:
        return UNKNOWN
    dims = [Dim.of(d if isinstance(d, int) else 2) for d in spec.dims]
    if open_ is not None and dims:
        dims[0] = open_
    dtype = spec.dtype if m.library is None else canonical(spec.dtype)
    return Tensor(tuple(dims), dtype)


def model_call(m: Machine, module: str, inputs: Mapping[str, Value]) -> Value:
    """What the driver's `call` gives for the model that its `build` makes."""
    frame = m.frames.get(module)
    if frame is None:
        return UNKNOWN
    build = frame.variables.get("build", frame.variables.get("Build", UNKNOWN))
    call = frame.variables.get("call", UNKNOWN)

    def run() -> Value:
        # A translation takes `rngs`.
        model = invoke(m, build, _open(build), place_of(m))
        return invoke(m, call, Arguments((model,), inputs), place_of(m))

    return bounded(m, run)


def compare_symbolic(
    claimed: Value, real: Sequence[Mapping[str, Any]], key: Hashable, symbol: str
) -> Verdict:
    """`real`: sizes as texts over the symbol, which the claim has as the variable `key`."""
    found = [v for v in leaves(claimed) if isinstance(v, Tensor)]
    if len(found) != len(real) or any(t.dims is None for t in found):
        return "silent"
    verdict: Verdict = "silent"
    for tensor, other in zip(found, real, strict=True):
        assert tensor.dims is not None
        if len(tensor.dims) != len(other["dims"]):
            return "contradict"
        for number in (2, 3, 8):
            wanted = [_number(text, symbol, number) for text in other["dims"]]
            sizes = [d.evaluate({key: number}) for d in tensor.dims]
            pairs = [(a, b) for a, b in zip(sizes, wanted, strict=True) if None not in (a, b)]
            if any(a != b for a, b in pairs):
                return "contradict"
            verdict = "agree" if pairs else verdict
    return verdict


def _number(text: str, symbol: str, value: int) -> int | None:
    """The number that a size as JAX prints it is for one value of the symbol."""
    if not re.fullmatch(rf"(?:{symbol}|floordiv|mod|max|min|[-+*^(), \d])+", text):
        return None
    scope = {symbol: value, "floordiv": lambda a, b: a // b, "mod": lambda a, b: a % b}  # pyright: ignore
    return eval(text.replace("^", "**"), {"max": max, "min": min}, scope)
