"""One case of a layer through the levels.

The Keras layer gets random weights, the rule moves them to the module, and both run on the same
inputs: in eval mode, under `jax.jit`, and in training mode where nothing is random; then the
gradients of inputs and weights are compared, and in training mode the moving statistics.
"""
# pyright: basic

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from .arrays import FLOATS
from .case import Case
from .compare import GRADIENT, Difference, change_of, compare
from .diagnose_layers import layer_causes
from .expressions import contradiction, known_of, shown_value
from .outcome import CaseResult, Failure
from .source import EPS32, leaves, nudged, packages
from .source import weighted as source_total
from .target import compiled, namespace
from .target import weighted as target_total
from .translator import LayerCode, RefusedError, Translator


class LayerProblem(Exception):
    """The failure of a layer case at a level."""

    def __init__(
        self,
        level: str,
        message: str,
        a: Any = "",
        b: Any = "",
        found: Difference | None = None,
    ) -> None:
        super().__init__(message)
        self.level, self.message, self.a, self.b, self.found = level, message, a, b, found


@dataclass(slots=True)
class Keras:
    """The source layer of a case, built and with weights set."""

    case: Case
    layer: Any

    def run(self, arrays: dict[str, np.ndarray], training: bool | None = None) -> list[Any]:
        import tensorflow as tf

        tensors = {name: tf.constant(array) for name, array in arrays.items()}
        return self.apply(tensors, training)

    def apply(self, tensors: dict[str, Any], training: bool | None) -> list[Any]:
        scope = packages(self.case.keras) | tensors
        given = {name: eval(text, scope) for name, text in self.case.call.items()}
        if training is None and _trains_by_default(self.layer):
            training = False
        if training is not None:
            given["training"] = training
        inputs = [tensors[name] for name in self.case.inputs]
        return leaves(
            self.layer(inputs, **given) if self.case.merge else self.layer(*inputs, **given)
        )

    def variables(self) -> dict[str, Any]:
        """Weights by dotted Keras name, without counters and the states of random generators."""
        found: dict[str, Any] = {}
        for variable in self.layer.weights:
            name = (getattr(variable, "path", None) or variable.name).split(":")[0]
            if "seed" not in name and "int" not in str(variable.dtype):
                found[name.replace("/", ".")] = variable
        return found


def _trains_by_default(layer: Any) -> bool:
    """Whether a call that says nothing of the mode is one in training: eval mode is compared."""
    found = inspect.signature(layer.call).parameters.get("training")
    return found is not None and found.default is True


def prove_layer(
    case: Case, translator: Translator, deep: bool = True, explain: bool = True
) -> CaseResult:
    """Never raises. `deep`: also under jit, with gradients, and in training mode; `explain`: look
    for causes."""
    try:
        source = _build(case)
        expected = [np.asarray(o) for o in source.run(case.arrays)]
    except Exception as error:
        return CaseResult("rejected", reason=f"{type(error).__name__}: {str(error)[:200]}")
    code = ""
    try:
        layers = translator.layer(
            case.text, case.keras, case.inputs, case.call, case.merge, None, known_of(case)
        )
        code = "; ".join(filter(None, (layers.constructor, layers.application)))
        _stated(case, translator, expected)
        _Proof(case, translator, source, layers, expected).run(deep)
    except RefusedError as error:
        return CaseResult("refused", code, str(error))
    except LayerProblem as problem:
        first, second = shown_value(problem.a), shown_value(problem.b)
        causes: tuple[str, ...] = ()
        if explain and problem.found is not None:
            causes = tuple(
                layer_causes(case, problem.found, problem.a, problem.b, _again(translator))
            )
        inputs = case.bindings()
        failure = Failure(
            problem.level, problem.message, case.shown(), inputs, code, first, second, causes
        )
        return CaseResult("failed", code, failure=failure)
    except Exception as error:
        message = f"{type(error).__name__}: {str(error)[:300]}"
        failure = Failure("L2", message, case.shown(), case.bindings(), code)
        return CaseResult("failed", code, failure=failure)
    return CaseResult("ran", code)


def _build(case: Case) -> Keras:
    """Raises whatever Keras raises."""
    source = Keras(case, eval(case.text, packages(case.keras)))
    source.run(case.arrays)
    rng = np.random.default_rng(1)
    for name, variable in source.variables().items():
        if str(variable.dtype).endswith(("float32", "'float32'>")):
            low = 0.3 if "variance" in name else -1.0
            variable.assign(rng.uniform(low, 1.0, tuple(variable.shape)).astype("float32"))
    if hasattr(source.layer, "finalize_state"):  # what a preprocessing layer makes of its weights
        source.layer.finalize_state()
    return source


def _stated(case: Case, translator: Translator, expected: list[np.ndarray]) -> None:
    """L1: what `gives` says. Raises LayerProblem."""
    if not case.gives:
        return
    known = known_of(case)
    stated = translator.stated(case.text, case.keras, case.inputs, case.merge, known, case.call)
    problem = contradiction(stated, expected)
    if problem is not None:
        raise LayerProblem("L1", problem)


def _again(translator: Translator) -> Any:
    """Whether another case agrees: for the search of causes."""

    def agrees(other: Case) -> bool:
        try:
            source = _build(other)
            expected = [np.asarray(o) for o in source.run(other.arrays)]
            layers = translator.layer(
                other.text,
                other.keras,
                other.inputs,
                other.call,
                other.merge,
                None,
                known_of(other),
            )
            _Proof(other, translator, source, layers, expected).run(False)
        except Exception:
            return False
        return True

    return agrees


@dataclass(slots=True)
class _Proof:
    case: Case
    translator: Translator
    source: Keras
    code: LayerCode
    expected: list[np.ndarray]

    def run(self, deep: bool) -> None:
        """Raises LayerProblem at the first difference."""
        values = {name: jnp.asarray(a) for name, a in self.case.arrays.items()}
        module = self.module()
        moves = self._copy(module) if isinstance(module, nnx.Module) else []
        if isinstance(module, nnx.Module):
            module.eval()
        run = self.target(self.code.application, module)
        if not deep:
            self._agree("", compiled(run, "fused")(values))
            return
        self._agree("", run(values))
        self._agree("under jit: ", compiled(run, "jit")(values))
        if self.case.grad:
            self._gradients(module, moves, values)
        self._training(module, moves, values)

    def module(self) -> Any:
        if self.code.constructor is None:
            return None
        scope = {**namespace(), "rngs": nnx.Rngs(0)}
        return eval(self.code.constructor, scope)

    def target(self, text: str, module: Any) -> Any:
        *bindings, last = text.split("; ")

        def run(values: dict[str, Any]) -> list[Any]:
            scope = {**namespace(), **values, "layer": module}
            exec("\n".join(bindings), scope)
            return leaves(eval(last, scope))

        return run

    # ------------------------------------------------------------ weights

    def _copy(self, module: Any) -> list[tuple[str, str, Any]]:
        """Moves the weights. Raises LayerProblem for one that fits nowhere or is left out."""
        variables = self.source.variables()
        moves: list[tuple[str, str, Any]] = []
        for source, path, steps in self.code.weights:
            dotted, _, contains = source.partition("|")
            ends = [n for n in variables if f".{n}".endswith(f".{dotted}") and contains in n]
            if len(ends) > 1:
                raise LayerProblem("L2", f"weights: {dotted} is one of {ends}")
            if not ends:
                continue
            try:
                variable = _get(module, path)
            except (AttributeError, KeyError, IndexError):
                raise LayerProblem("L2", f"weights: the module has no `{path}`") from None
            value = self.translator.move(np.asarray(variables[ends[0]]), steps)
            if value.shape != variable.shape:
                raise LayerProblem(
                    "L2",
                    f"weights: {ends[0]} {list(value.shape)} does not fit {path} "
                    f"{list(variable.shape)}: a transpose or reshape is missing",
                )
            variable[...] = jnp.asarray(value)
            moves.append((ends[0], path, steps))
        state = nnx.to_flat_state(nnx.state(module, nnx.Any(nnx.Param, nnx.BatchStat)))
        targets = {".".join(map(str, path)) for path, _ in state}
        left = [n for n in variables if n not in {name for name, _, _ in moves}]
        if left:
            raise LayerProblem("L2", f"weights: no line for the Keras weight {left[0]}")
        missing = targets - {path for _, path, _ in moves}
        if missing:
            raise LayerProblem("L2", f"weights: nothing is moved to {min(missing)}")
        return moves

    # ------------------------------------------------------------ comparisons

    def _agree(
        self, what: str, found: Sequence[Any], expected: list[np.ndarray] | None = None,
        training: bool | None = None,
    ) -> None:  # fmt: skip
        wanted = self.expected if expected is None else expected
        if len(found) != len(wanted):
            raise LayerProblem("L2", f"{what}{len(found)} results, Keras gives {len(wanted)}")
        for i, (a, b) in enumerate(zip(wanted, found, strict=True)):
            if not isinstance(b, jax.Array):
                raise LayerProblem("L2", f"{what}{type(b).__name__} is no JAX array")
            b = np.asarray(b)
            difference = compare(a, b, None, relative=self.case.tolerance)
            if difference is not None and difference.kind == "values":
                change = self._change(i, a, training)
                difference = compare(a, b, change, relative=self.case.tolerance)
            if difference is not None:
                raise LayerProblem("L2", what + difference.message, a, b, difference)

    def _change(self, index: int, a: np.ndarray, training: bool | None) -> np.ndarray | None:
        """How far the result moves when inputs and weights move by one unit in the last place."""
        moved: list[list[np.ndarray]] = []
        variables = self.source.variables()
        kept = {name: np.asarray(v) for name, v in variables.items()}
        for seed in range(2):
            rng = np.random.default_rng(seed)
            for name, variable in variables.items():
                noise = rng.choice([-1.0, 1.0], kept[name].shape) * EPS32
                variable.assign(kept[name] * (1.0 + noise).astype("float32"))
            found = self.source.run(nudged(self.case.arrays, seed), training)
            moved.append([np.asarray(found[index])])
        for name, variable in variables.items():
            variable.assign(kept[name])
        return change_of([a], moved)[0]

    def _gradients(self, module: Any, moves: list[Any], values: dict[str, Any]) -> None:
        import tensorflow as tf

        floats = [n for n, a in self.case.arrays.items() if str(a.dtype) in FLOATS]
        variables = {n: v for n, v in self.source.variables().items() if v.trainable}
        raw = [v if isinstance(v, tf.Variable) else v.value for v in variables.values()]
        tensors = {name: tf.constant(a) for name, a in self.case.arrays.items()}
        with tf.GradientTape() as tape:
            tape.watch([tensors[n] for n in floats])
            total = source_total(self.source.apply(tensors, None))
        if total is None or not (floats or raw):
            return
        wanted = tape.gradient(total, [*(tensors[n] for n in floats), *raw])
        wanted = [None if g is None else np.asarray(tf.convert_to_tensor(g)) for g in wanted]
        rest: Any = None
        graph, params = None, None
        if isinstance(module, nnx.Module):
            graph, params, rest = nnx.split(module, nnx.Param, ...)

        def objective(some: dict[str, Any], params: Any) -> Any:
            layer = module if graph is None else nnx.merge(graph, params, rest)
            return target_total(self.target(self.code.application, layer)(values | some))

        gradient = compiled(jax.grad(objective, argnums=(0, 1)), "fused")
        by_input, by_param = gradient({n: values[n] for n in floats}, params)
        for name, g in zip(floats, wanted, strict=False):
            self._same_gradient(name, g, np.asarray(by_input[name]))
        if graph is None:
            return
        grads = nnx.merge(graph, by_param, rest)
        by_name = dict(zip(variables, wanted[len(floats) :], strict=True))
        for name, path, steps in moves:
            if by_name.get(name) is not None:
                moved = self.translator.move(by_name[name], steps)
                self._same_gradient(path, moved, np.asarray(_get(grads, path)[...]))

    def _same_gradient(self, name: str, a: np.ndarray | None, b: np.ndarray) -> None:
        a = np.zeros_like(b) if a is None else a
        # Sums over the batch, and terms that cancel: relative to the largest gradient.
        relative = max(self.case.tolerance * 20, 64 * EPS32)
        difference = compare(a, b, None, 4 * GRADIENT, relative)
        if difference is not None:
            raise LayerProblem("L2", f"gradient of {name}: {difference.message}", a, b, difference)

    def _training(self, module: Any, moves: list[Any], values: dict[str, Any]) -> None:
        """Training mode, and the moving statistics after one step."""
        if self.code.mode != "use_running_average" or not isinstance(module, nnx.Module):
            return
        expected = [np.asarray(o) for o in self.source.run(self.case.arrays, training=True)]
        module.train()
        found = self.target(self.code.application, module)(values)
        self._agree("training: ", found, expected, True)
        variables = self.source.variables()
        for name, path, steps in moves if self.case.moving else ():
            if not variables[name].trainable:
                moved = self.translator.move(np.asarray(variables[name]), steps)
                b = np.asarray(_get(module, path)[...])
                difference = compare(moved, b, None, GRADIENT, 64 * EPS32)
                if difference is not None:
                    message = f"after a training step, {path}: {difference.message}"
                    found_here = replace(difference, message=message)
                    raise LayerProblem("L2", message, moved, b, found_here)


def _get(module: Any, path: str) -> Any:
    for part in path.split("."):
        module = module[int(part)] if part.isdigit() else getattr(module, part)
    return module
