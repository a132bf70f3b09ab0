"""One case of an operation through the levels."""
# pyright: basic

from __future__ import annotations

import ast
from dataclasses import replace

import numpy as np

from . import diagnose, random
from .arrays import FLOATS
from .case import Case, show_array
from .compare import GRADIENT, Difference, change_of, compare
from .outcome import CaseResult, Failure
from .source import Results, nudged, run_source
from .target import abstract, namespace, run_target
from .translator import RefusedError, Shapes, Translator

PYTHON = {"rngs", "layer", "isinstance", "tuple", "list", "len", "range", "zip", "int", "float"}
PYTHON |= {
    "bool",
    "str",
    "open",
    "print",
    "sum",
    "all",
    "any",
    "min",
    "max",
    "None",
    "slice",
    "getattr",
}
PYTHON |= {
    "bytes",
    "callable",
    "enumerate",
    "reversed",
    "map",
    "type",
    "dict",
    "sorted",
    "abs",
    "id",
}


STEADY = 32
"""Units in the last place over which a smooth function moves in proportion."""


def known_of(case: Case) -> Shapes:
    return {name: (a.shape, str(a.dtype)) for name, a in case.arrays.items()}


def prove_expression(
    case: Case, translator: Translator, deep: bool = True, explain: bool = True
) -> CaseResult:
    """`deep`: also under `jax.jit` and `jax.eval_shape`; `explain`: look for causes. Never
    raises."""
    gradients = case.grad and case.style == "general" and not case.random
    try:
        expected = run_source(case, case.arrays, gradients)
    except Exception as error:
        return CaseResult("rejected", reason=f"{type(error).__name__}: {str(error)[:200]}")
    if not expected.outputs:
        return CaseResult("rejected", reason="no result to compare")
    known = known_of(case)
    try:
        code = translator.expression(case.text, case.keras, case.owner, known)
        blind = _blind(case, translator)
    except RefusedError as error:
        return CaseResult("refused", reason=str(error))
    except Exception as error:
        return _failed(case, "L3", f"{type(error).__name__}: {str(error)[:300]}")
    wrong = _emitted(case, code, translator) or _stated(case, translator, known, expected)
    if wrong is not None:
        return CaseResult("failed", code, failure=wrong)

    def retry(other: Case) -> bool:
        return prove_expression(other, translator, False, False).status == "ran"

    for text in dict.fromkeys((code, *blind)):
        result = _numeric(case, text, expected, gradients, deep, retry, explain)
        if result is not None:
            return CaseResult("failed", text, failure=result)
    return CaseResult("ran", code)


def _blind(case: Case, translator: Translator) -> list[str]:
    """The translation without facts, for the dtypes that it may assume."""
    kinds = {str(a.dtype) for a in case.arrays.values()}
    if case.facts or not kinds <= {"float32", "int32", "bool"}:
        return []
    try:
        return [translator.expression(case.text, case.keras, case.owner, None)]
    except RefusedError:
        return []


def shown_value(value: object) -> str:
    """An array with its dtype and shape; other things as they are."""
    return show_array(value) if isinstance(value, np.ndarray) else str(value)


def _failed(case: Case, level: str, message: str, code: str = "") -> CaseResult:
    failure = Failure(level, message, case.shown(), case.bindings(), code)
    return CaseResult("failed", code, failure=failure)


def _emitted(case: Case, code: str, translator: Translator) -> Failure | None:
    """L3: the code parses, mentions only what an output may, and stays as it is."""

    def wrong(message: str) -> Failure:
        return Failure("L3", message, case.shown(), case.bindings(), code)

    *bindings, last = code.split("; ")
    try:
        tree = ast.parse("\n".join((*bindings, last)))
    except SyntaxError as error:
        return wrong(f"the output does not parse: {error.msg}")
    bound = {
        n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    bound |= {a.arg for n in ast.walk(tree) if isinstance(n, ast.Lambda) for a in n.args.args}
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} - bound
    extra = names - namespace().keys() - case.arrays.keys() - PYTHON
    if extra:
        return wrong(f"the output mentions `{min(extra)}`, which nothing defines")
    if bindings or bound:
        return None
    again = translator.again(code, list(case.arrays))
    return wrong(f"translated again it is {again}") if again != code else None


def _stated(case: Case, translator: Translator, known: Shapes, expected: Results) -> Failure | None:
    """L1: what `gives` says of shape and dtype."""
    if not case.gives:
        return None
    try:
        stated = translator.stated(case.text, case.keras, case.inputs, case.merge, known)
    except Exception as error:
        return Failure(
            "L1", f"gives: {type(error).__name__}: {error}", case.shown(), case.bindings()
        )
    problem = contradiction(stated, expected.outputs)
    return Failure("L1", problem, case.shown(), case.bindings()) if problem else None


def contradiction(
    stated: list[tuple[tuple[int | None, ...] | None, str | None]] | None,
    outputs: list[np.ndarray],
) -> str | None:
    """Where `gives` contradicts the real result; what it leaves open does not."""
    if stated is None:
        return None
    if len(stated) != len(outputs):
        if len(stated) == 1 and stated[0][0] is None:
            return None
        return f"`gives` says {len(stated)} results, TensorFlow gives {len(outputs)}"
    for (dims, dtype), output in zip(stated, outputs, strict=True):
        if dims is not None:
            fits = len(dims) == output.ndim and all(
                d is None or d == n for d, n in zip(dims, output.shape, strict=True)
            )
            if not fits:
                return f"`gives` says shape {list(dims)}, TensorFlow gives {list(output.shape)}"
        if dtype is not None and dtype != str(output.dtype):
            return f"`gives` says dtype {dtype}, TensorFlow gives {output.dtype}"
    return None


def _numeric(
    case: Case,
    code: str,
    expected: Results,
    gradients: bool,
    deep: bool,
    retry: diagnose.Retry,
    explain: bool,
) -> Failure | None:
    """L2, and the shapes that JAX itself says (L1)."""

    def wrong(level: str, difference: Difference | str, a: object = "", b: object = "") -> Failure:
        text = difference if isinstance(difference, str) else difference.message
        causes: tuple[str, ...] = ()
        if explain and isinstance(difference, Difference):
            causes = tuple(
                diagnose.causes(case, code, difference, np.asarray(a), np.asarray(b), retry)
            )
        first, second = map(shown_value, (a, b))
        inputs = case.bindings()
        return Failure(level, text, case.shown(), inputs, code, first, second, causes)

    try:
        found = run_target(case, code, gradients, "eager" if deep or not case.jit else "fused")
    except Exception as error:
        message = f"JAX: {type(error).__name__}: {str(error)[:300]}"
        failure = wrong("L2", message)
        if not explain:
            return failure
        return replace(failure, causes=tuple(diagnose.causes_of_error(case, error, retry)))
    if len(found.outputs) != len(expected.outputs):
        return wrong(
            "L2", f"{len(found.outputs)} results, TensorFlow gives {len(expected.outputs)}"
        )
    checks = [("", found)]
    if deep and case.jit:
        said = abstract(case, code)
        if said is not None and said != [(o.shape, str(o.dtype)) for o in found.outputs]:
            return wrong("L1", f"jax.eval_shape says {said}")
        if said is not None:
            try:
                checks.append(("under jit: ", run_target(case, code, False, "jit")))
            except Exception as error:
                return wrong("L2", f"under jit: {type(error).__name__}: {str(error)[:300]}")
    for what, results in checks:
        for i, (a, b) in enumerate(zip(expected.outputs, results.outputs, strict=True)):
            if case.random:
                a = b if a.shape == b.shape and not _dtype_differs(a, b) else a
            difference = compare(a, b, None, relative=case.tolerance)
            if difference is not None and difference.kind in ("values", "finite"):
                difference = _with_change(case, gradients, ("outputs", i), a, b, 1.0)
            if difference is not None:
                message = f"{what}{difference.message}"
                return wrong("L2", replace(difference, message=message), a, b)
    if case.random:
        try:
            message = random.differing(case, code)
        except Exception as error:
            message = f"drawn again: {type(error).__name__}: {str(error)[:200]}"
        return wrong("L2", message) if message else None
    for name, b in found.gradients.items():
        if name not in expected.gradients:
            continue
        a = expected.gradients[name]
        a = np.zeros_like(b) if a is None or b is None else a
        if b is None or not np.isfinite(a.astype(np.float64)).all():
            continue
        a = a.astype(b.dtype) if str(a.dtype) == "float64" else a
        difference = compare(a, b, None, GRADIENT, case.tolerance * 5)
        if difference is not None and difference.kind == "values":
            difference = _with_change(case, gradients, ("gradients", name), a, b, GRADIENT)
        if difference is not None:
            message = f"gradient of {name}: {difference.message}"
            return wrong("L2", replace(difference, message=message), a, b)
    return None


def _dtype_differs(a: np.ndarray, b: np.ndarray) -> bool:
    difference = compare(a, b, None)
    return difference is not None and difference.kind == "dtype"


def _with_change(
    case: Case, gradients: bool, leaf: tuple[str, int | str], a: np.ndarray, b: np.ndarray,
    factor: float,
) -> Difference | None:  # fmt: skip
    """The comparison again, now that it is worth measuring how TensorFlow's result moves."""

    def change_by(units: int) -> np.ndarray | None:
        moved: list[list[np.ndarray]] = []
        for seed in range(3):
            try:
                results = run_source(case, nudged(case.arrays, seed, units), gradients)
            except Exception:
                continue
            if leaf[0] == "outputs":
                moved.append([results.outputs[int(leaf[1])]])
            elif (g := results.gradients.get(str(leaf[1]))) is not None:
                moved.append([g])
        return change_of([a], moved)[0]

    change = change_by(1)
    if case.style == "ties" and change is not None:
        # Halves are exact: no rounding of inputs explains a jump, and a jump is all there is to it
        # where moving the inputs by more does not move the result by more.
        far = change_by(STEADY)
        change = np.minimum(change, far / STEADY) if far is not None else change
    relative = case.tolerance * (5 if leaf[0] == "gradients" else 1)
    return compare(a, b, change, factor, relative)


def has_floats(case: Case) -> bool:
    return any(str(a.dtype) in FLOATS for a in case.arrays.values())


__all__ = ["contradiction", "has_floats", "known_of", "prove_expression"]
