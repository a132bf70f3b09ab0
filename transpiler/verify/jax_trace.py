"""Every float that the translation computes in one call, with the places in its files.

The call is traced to a jaxpr, whose equations carry the Python frames they come from; it is then
evaluated equation by equation, with functions, branches and the rounds of loops in line. A loop of
many rounds counts as one equation.
"""
# pyright: basic

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from traceback import walk_tb
from typing import Any

import jax
import numpy as np
from flax import nnx
from jax.core import Tracer
from jax.extend.core import Literal

from .fingerprint import fingerprint
from .jax_structure import CallOrder
from .places import Files, Place

_SCOPE = re.compile(r"tfjax_call_(\d+)")
_INLINE = ("jaxpr", "call_jaxpr", "fun_jaxpr")
_INLINED = (
    "jit",
    "pjit",
    "closed_call",
    "custom_jvp_call",
    "custom_vjp_call",
    "remat2",
    "checkpoint",
)


LONGEST = 20_000
"""Values, from which on loops are not followed round by round."""


class _TooLong(Exception):
    """A loop that is not followed."""


@dataclass
class Node:
    """One result of one equation. `stack`: places in the target's files, innermost first; `inputs`:
    the nodes it is computed from; `data`: whether the call's inputs reach it."""

    operation: str
    stack: tuple[Place, ...]
    call: int | None
    inputs: tuple[int, ...]
    data: bool
    print: dict[str, Any] | None = None
    shape: tuple[int, ...] = ()


@dataclass
class Trace:
    nodes: list[Node] = field(default_factory=list[Node])
    outputs: dict[str, int | None] = field(default_factory=dict[str, "int | None"])


class CreationSites:
    """Where in the target's files each module is made: hooks the construction of NNX modules."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.places: dict[int, Place] = {}
        self.kept: list[Any] = []

    def install(self) -> None:
        meta: Any = type(nnx.Module)
        original = meta.__call__

        def create(cls: Any, *args: Any, **kwargs: Any) -> Any:
            place = self.files.innermost()
            made = original(cls, *args, **kwargs)
            if place is not None and id(made) not in self.places:
                self.places[id(made)] = place
                self.kept.append(made)  # keeps the id taken
            return made

        meta.__call__ = create


class _Scopes(CallOrder):
    """Numbers the calls of modules, and names the equations of each after its number."""

    def __init__(self, model: Any) -> None:
        super().__init__(model)
        self.calls: list[Any] = []

    def _wrap(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def scoped(module: Any, *args: Any, **kwargs: Any) -> Any:
            self.calls.append(self._path(module))
            with jax.named_scope(f"tfjax_call_{len(self.calls) - 1}"):
                return original(module, *args, **kwargs)

        return scoped


def record(
    model: Any,
    call: Callable[[Any, Any], Any],
    arrays: Any,
    files: Files,
    *,
    until_error: bool = False,
) -> tuple[Trace, list[Any]]:
    """The trace of `call(model, arrays)`, and the module path of each numbered call.

    `until_error`: the call raises; the outputs are what was there where it did.
    """
    graph, state = nnx.split(model)
    scopes = _Scopes(model)

    def function(state: Any, arrays: Any) -> Any:
        copy = nnx.merge(graph, state, copy=True)
        scopes.begin(copy)
        try:
            return call(copy, arrays)
        except Exception as error:
            if not until_error:
                raise
            return _values_at(error, jax.tree.leaves((state, arrays))[-1], files)

    with scopes:
        closed, shape = jax.make_jaxpr(function, return_shape=True)(state, arrays)
    trace = Trace()
    weights = len(jax.tree.leaves(state))
    values = [*jax.tree.leaves(state), *jax.tree.leaves(arrays)]
    nodes: list[int | None] = [None] * weights
    for array in values[weights:]:
        trace.nodes.append(Node("input", (), None, (), True, fingerprint(array), np.shape(array)))
        nodes.append(len(trace.nodes) - 1)
    runner = _Runner(trace, files)
    _, ids = runner.run(closed.jaxpr, closed.consts, values, nodes, None)
    trace.outputs = dict(zip(shape, ids, strict=True)) if isinstance(shape, dict) else {}
    return trace, scopes.calls


def _values_at(error: Exception, of_trace: Any, files: Files) -> dict[str, Any]:
    """The values, of one trace, of the innermost function of the files that has some, and of the
    functions that it calls and that raise."""
    found: list[Any] = []
    for frame, line in reversed(list(walk_tb(error.__traceback__))):
        held = jax.tree.leaves([v for v in frame.f_locals.values() if not _is_module(v)])
        found += [
            v
            for v in held
            if isinstance(v, Tracer) and v._trace is of_trace._trace
            if not any(v is other for other in found)
        ]
        if found and files.place(frame.f_code.co_filename, line) is not None:
            break
    return {str(number): value for number, value in enumerate(found)}


def _is_module(value: Any) -> bool:
    return isinstance(value, nnx.Module | nnx.Variable)


def record_calls(model: Any, call: Callable[[Any], Any], files: Files) -> tuple[Trace, list[Any]]:
    """What each call of a module gave, in order of their ends, until `call(model)` raises."""
    trace = Trace()

    class Results(_Scopes):
        def _wrap(self, original: Callable[..., Any]) -> Callable[..., Any]:
            def noted(module: Any, *args: Any, **kwargs: Any) -> Any:
                number = len(self.calls)
                self.calls.append(self._path(module))
                result = original(module, *args, **kwargs)
                if hasattr(result, "dtype"):
                    found, shape = fingerprint(result), np.shape(result)
                    if found is not None:
                        node = Node("result", files.stack(), number, (), True, found, shape)
                        trace.nodes.append(node)
                return result

            return noted

    scopes = Results(model)
    scopes.begin(model)
    with scopes, suppress(Exception):
        call(model)
    return trace, scopes.calls


class _Runner:
    def __init__(self, trace: Trace, files: Files) -> None:
        self.trace, self.files = trace, files

    def run(
        self, jaxpr: Any, consts: Any, values: list[Any], nodes: list[int | None], call: int | None
    ) -> tuple[list[Any], list[int | None]]:
        env: dict[Any, tuple[Any, int | None]] = {}
        env |= {v: (c, None) for v, c in zip(jaxpr.constvars, consts, strict=True)}
        env |= {v: pair for v, *pair in zip(jaxpr.invars, values, nodes, strict=True)}

        def read(v: Any) -> tuple[Any, int | None]:
            return (v.val, None) if isinstance(v, Literal) else env[v]

        for equation in jaxpr.eqns:
            given = [read(v) for v in equation.invars]
            found = _SCOPE.findall(str(equation.source_info.name_stack))
            inner = int(found[-1]) if found else call
            results = self._equation(equation, given, inner)
            for v, pair in zip(equation.outvars, results, strict=True):
                env[v] = pair
        out = [read(v) for v in jaxpr.outvars]
        return [v for v, _ in out], [n for _, n in out]

    def _equation(self, equation: Any, given: list[Any], call: int | None) -> list[Any]:
        values, nodes = [v for v, _ in given], [n for _, n in given]
        if equation.primitive.name in _INLINED:
            inner = next((equation.params[k] for k in _INLINE if k in equation.params), None)
            if inner is not None:
                jaxpr = getattr(inner, "jaxpr", inner)
                consts = getattr(inner, "consts", ())
                stack = self._stack(equation)
                with self._outer(stack):
                    return list(zip(*self.run(jaxpr, consts, values, nodes, call), strict=True))
        unrolled = _UNROLLED.get(equation.primitive.name)
        if unrolled is not None:
            started = len(self.trace.nodes)
            try:
                return unrolled(self, equation, given, call)
            except _TooLong:
                del self.trace.nodes[started:]
        bound = equation.primitive.get_bind_params(equation.params)
        functions, params = bound if isinstance(bound, tuple) else ((), bound)
        results = equation.primitive.bind(*functions, *values, **params)
        results = results if equation.primitive.multiple_results else [results]
        return [(r, self._add(equation, r, nodes, call)) for r in results]

    def _scan(self, equation: Any, given: list[Any], call: int | None) -> list[Any]:
        params = equation.params
        inner, length = params["jaxpr"], params["length"]
        first, second = params["num_consts"], params["num_consts"] + params["num_carry"]
        consts, carry, whole = given[:first], given[first:second], given[second:]
        rounds: list[list[Any]] = []
        for i in reversed(range(length)) if params["reverse"] else range(length):
            slices = [(v[i], self._add(equation, v[i], [n], call)) for v, n in whole]
            out = self._inner(inner, [*consts, *carry, *slices], call)
            carry = out[: len(carry)]
            rounds.append(out[len(carry) :])
        if not rounds:  # nothing tells what the results are
            raise _TooLong
        columns = zip(*(rounds[::-1] if params["reverse"] else rounds), strict=True)
        stacked = [(jax.numpy.stack([v for v, _ in c]), [n for _, n in c]) for c in columns]
        return [*carry, *((v, self._add(equation, v, ids, call)) for v, ids in stacked)]

    def _while(self, equation: Any, given: list[Any], call: int | None) -> list[Any]:
        params = equation.params
        first, second = params["cond_nconsts"], params["cond_nconsts"] + params["body_nconsts"]
        tested, consts, carry = given[:first], given[first:second], given[second:]
        while bool(self._inner(params["cond_jaxpr"], [*tested, *carry], call)[0][0]):
            carry = self._inner(params["body_jaxpr"], [*consts, *carry], call)
        return carry

    def _cond(self, equation: Any, given: list[Any], call: int | None) -> list[Any]:
        branches = equation.params["branches"]
        index = min(max(int(given[0][0]), 0), len(branches) - 1)
        results = self._inner(branches[index], given[1:], call)
        chosen = given[0][1]  # what chooses the branch is an operand of its results
        return [
            (v, self._add(equation, v, [n, chosen] if n != chosen else [n], call))
            for v, n in results
        ]

    def _inner(self, closed: Any, given: list[Any], call: int | None) -> list[Any]:
        if len(self.trace.nodes) > LONGEST:
            raise _TooLong
        values, nodes = [v for v, _ in given], [n for _, n in given]
        return list(zip(*self.run(closed.jaxpr, closed.consts, values, nodes, call), strict=True))

    def _add(self, equation: Any, value: Any, nodes: list[int | None], call: int | None) -> int:
        inputs = tuple(n for n in nodes if n is not None)
        data = any(self.trace.nodes[n].data for n in inputs)
        self.trace.nodes.append(
            Node(
                equation.primitive.name,
                self._stack(equation),
                call,
                inputs,
                data,
                fingerprint(value) if data and hasattr(value, "dtype") else None,
                np.shape(value),
            )
        )
        return len(self.trace.nodes) - 1

    outer: tuple[Place, ...] = ()

    @contextmanager
    def _outer(self, stack: tuple[Place, ...]) -> Iterator[None]:
        """Functions that are traced once and used again carry the frames of their first use."""
        before, self.outer = self.outer, stack or self.outer
        try:
            yield
        finally:
            self.outer = before

    def _stack(self, equation: Any) -> tuple[Place, ...]:
        trace = equation.source_info.traceback
        frames = trace.frames if trace is not None else ()
        found = (self.files.place(f.file_name, f.line_num) for f in frames)
        return self.outer or tuple(p for p in found if p is not None)


_UNROLLED = {"scan": _Runner._scan, "while": _Runner._while, "cond": _Runner._cond}
