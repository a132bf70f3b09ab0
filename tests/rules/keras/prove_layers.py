"""Proves layer rules: the Keras layer and its translation, weights moved by the rule, on the same
inputs.

Checked for each case: the rule applies; the constructor and the call run; every weight of either
side is covered by
the `weights` lines; outputs agree, eagerly and under `jax.jit` with the module closed over;
gradients of inputs and
weights agree where asked; `gives` says the real shape and dtype, for a batch of unknown size.
"""

from __future__ import annotations

import functools
import importlib.util
import math
import operator
import sys
import types
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from jax import lax
from proof_case import Case
from proof_reading import RefusedError, read, show, translate
from tfjax.ir.dims import Dim
from tfjax.ir.nodes import (
    Attribute,
    Constant,
    Expression,
    List,
    Name,
    OpCall,
    Subscript,
    Symbol,
    Tuple,
)
from tfjax.rules.language import RuleSet
from tfjax.rules.language.facts import Known, NoFacts, literal
from tfjax.rules.language.records import Rule, variable_name
from tfjax.transpiler.rewrite import (
    LayerPlan,
    Refused,
    construct_layer,
    layer_needs,
    shape_rule,
)
from tfjax.transpiler.staging import shape_rules
from tfjax.transpiler.staging.shapes import Shape
from tfjax.transpiler.verify.project import array_steps
from tfjax.transpiler.verify.steps import apply_steps

NO_SHAPES = {f"keras.layers.{n}" for n in ("RNN", "Bidirectional", "Lambda")}
NO_SHAPES |= {
    f"keras.layers.{n}"
    for n in ("Attention", "AdditiveAttention", "EinsumDense", "ReversibleEmbedding")
}
"""Layers whose rule says no shape, so that the analysis asks for none."""
WRAPPERS = {
    "keras.layers.Bidirectional": (
        ("layer", "forward_", "forward."),
        ("layer", "backward_", "backward."),
    ),
    "keras.layers.RNN": (("cell", "", "cell."),),
}
"""For layers around layers: the argument, what its Keras names contain, where the target holds it.
"""
HELPERS = Path(__file__).parents[3] / "rules" / "helpers"


class Shapes(NoFacts):
    """Knows shape and dtype of the inputs `x0`, `x1` ...; the batch is left open."""

    def __init__(self, arrays: dict[str, np.ndarray]) -> None:
        self.arrays = arrays

    def shape(self, e: Expression, /) -> tuple[object, ...] | None:
        array = self.arrays.get(e.id) if isinstance(e, Name) else None
        return None if array is None else (None, *array.shape[1:])

    def dtype(self, e: Expression, /) -> str | None:
        array = self.arrays.get(e.id) if isinstance(e, Name) else None
        return None if array is None else str(array.dtype)

    def constant(self, e: Expression, /) -> Known | None:
        return literal(e)


@functools.cache
def compat() -> types.ModuleType:
    """All helpers in one module, as an output tree would carry them."""
    package = types.ModuleType("helpers")
    package.__path__ = [str(HELPERS)]
    sys.modules["helpers"] = package
    merged = types.ModuleType("compat")
    for path in sorted(HELPERS.glob("*.py")):
        module = importlib.import_module(f"helpers.{path.stem}")
        vars(merged).update({k: v for k, v in vars(module).items() if not k.startswith("_")})
    return merged


@functools.cache
def rules_of(flavour: str) -> RuleSet:
    return RuleSet.load().for_flavour(flavour)


def run(case: Case, flavour: str) -> list[str]:
    """The problems that the case shows; none when it is proved."""
    try:
        return _run(case, flavour)
    except RefusedError as error:
        return [f"refused: {error}"]
    except Exception as error:  # a proof must not stop at the first broken rule
        import traceback

        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        return [f"{type(error).__name__}: {str(error)[:300]} ({where})"]


def _run(case: Case, flavour: str) -> list[str]:
    rng = np.random.default_rng(0)
    arrays = {f"x{i}": _array(spec, rng) for i, spec in enumerate(case.inputs)}
    rules, facts = rules_of(flavour), Shapes(arrays)
    op = read(case.layer, flavour)
    if not isinstance(op, OpCall) or not is_layer(op, rules):
        return _expression(case, flavour, op, rules, facts, arrays)
    names = [Name(n) for n in arrays]
    call = {k: read(v, flavour) for k, v in case.call.items()}
    plan = _plan(op, rules, facts, arrays)
    names = [n for n in names if not _mentioned(case, n.id)]
    inputs: list[Expression] = [List(tuple(names))] if case.merge else list(names)
    applied = plan.apply(inputs, Name("layer") if plan.construct else None, call)
    if isinstance(applied, Refused):
        raise RefusedError(applied)
    constructor = None if plan.construct is None else show(translate(plan.construct, rules, facts))
    application = show(translate(applied.expression, rules, facts))
    problems: list[str] = []
    if case.target is not None and case.target != (constructor or application):
        problems.append(f"text: {constructor or application}")

    source, expected = _source(case, flavour, arrays)
    scope = _scope(arrays)
    module, plans = None, []
    if constructor is not None:
        module = eval(constructor, scope | {"rngs": nnx.Rngs(0)})
        if isinstance(module, nnx.Module):
            plans = _plans(op, plan, rules, facts, arrays)
            problems += _copy(plans, source, module)
            module.eval()
    scope["layer"] = module

    def target(arrays: dict[str, Any]) -> Any:
        return eval(application, scope | arrays)

    tensors = {k: jnp.asarray(v) for k, v in arrays.items()}
    actual = target(tensors)
    compiled = jax.jit(target)(tensors)
    problems += _differences("outputs", expected, actual, case.tolerance)
    problems += _differences("under jit", expected, compiled, case.tolerance)
    if case.gradients and not problems:
        problems += _gradients(case, flavour, source, arrays, plans, module, application, scope)
    problems += _shape_problems(case, op, rules, facts, arrays, expected, plan)
    return problems


def is_layer(op: OpCall, rules: RuleSet) -> bool:
    record = rules.for_symbol(op.symbol)
    return isinstance(record, Rule) and record.kind == "layer"


def _expression(
    case: Case,
    flavour: str,
    e: Expression,
    rules: RuleSet,
    facts: Shapes,
    arrays: dict[str, np.ndarray],
) -> list[str]:
    """A call over the inputs, translated and run."""
    import tensorflow as tf

    text = show(translate(e, rules, facts))
    problems = [f"text: {text}"] if case.target not in (None, text) else []
    names, scope = {"keras": keras_of(flavour), "tf": tf}, _scope(arrays)
    tensors = {k: tf.constant(v) for k, v in arrays.items()}
    floats = {k: t for k, t in tensors.items() if t.dtype == tf.float32}
    with tf.GradientTape() as tape:
        tape.watch(list(floats.values()))
        expected = eval(case.layer, names | tensors)
        loss = _weighted(tf, expected)
    wanted = tape.gradient(loss, list(floats.values()), unconnected_gradients="zero")

    def target(arrays: dict[str, Any]) -> Any:
        return eval(text, scope | arrays)

    values = {k: jnp.asarray(v) for k, v in arrays.items()}
    problems += _differences("outputs", np.asarray(expected), target(values), case.tolerance)
    compiled = jax.jit(target)(values)
    problems += _differences("under jit", np.asarray(expected), compiled, case.tolerance)
    if case.gradients:
        at = {k: values.pop(k) for k in floats}
        found = jax.grad(lambda at: jnp.sum(_cosines(target(values | at))))(at)
        for k, g in zip(floats, wanted, strict=True):
            left = np.asarray(tf.convert_to_tensor(g))
            problems += _differences(f"gradient of {k}", left, found[k], 20 * case.tolerance)
    return problems


def _cosines(r: Any) -> Any:
    return r * jnp.cos(jnp.arange(r.size, dtype=r.dtype) + 1.0).reshape(r.shape)


def _mentioned(case: Case, name: str) -> bool:
    return any(name in text for text in case.call.values())


def _array(spec: object, rng: np.random.Generator) -> np.ndarray:
    match spec:
        case ("int", shape, below):
            return rng.integers(0, below, shape).astype("int32")
        case ("bool", shape):
            array = rng.random(shape) < 0.6
            array[..., 0] = True
            return array
        case ("simplex", shape):
            array = rng.uniform(0.1, 1.0, shape)
            return (array / array.sum(-1, keepdims=True)).astype("float32")
        case ("onehot", shape):
            return np.eye(shape[-1], dtype="float32")[rng.integers(0, shape[-1], shape[:-1])]
        case _:
            return rng.normal(size=spec).astype("float32")  # pyright: ignore


def _scope(arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    modules: dict[str, Any] = {
        "jnp": jnp,
        "jax": jax,
        "lax": lax,
        "nnx": nnx,
        "np": np,
        "optax": optax,
    }
    modules |= {"math": math, "functools": functools, "operator": operator}
    return modules | {"tf_compat": compat(), "compat": compat()}


def _plan(
    op: OpCall,
    rules: RuleSet,
    facts: Shapes,
    arrays: dict[str, np.ndarray],
) -> LayerPlan:
    needs = layer_needs(op, rules, facts)
    if isinstance(needs, Refused):
        raise RefusedError(needs)
    sizes: dict[str, Expression] = {}
    for need in needs:
        array = list(arrays.values())[need.input]
        if need.kind == "rank":
            sizes[need.name] = Constant(array.ndim)
        elif need.axis is not None and -array.ndim <= need.axis < array.ndim:
            sizes[need.name] = Constant(array.shape[need.axis])
    plan = construct_layer(op, rules, facts, sizes)
    if isinstance(plan, Refused):
        raise RefusedError(plan)
    return plan


# ------------------------------------------------------------ the source side


def keras_of(flavour: str) -> Any:
    import keras
    import tf_keras

    return tf_keras if flavour == "keras2" else keras


def _source(case: Case, flavour: str, arrays: dict[str, np.ndarray]) -> tuple[Any, Any]:
    """The built layer, with random weights, and what it gives."""
    import tensorflow as tf

    scope = {"keras": keras_of(flavour), "tf": tf}
    layer = eval(case.layer, scope)
    tensors = {k: tf.constant(v) for k, v in arrays.items()}
    inputs = [t for k, t in tensors.items() if not _mentioned(case, k)]
    arguments = {k: eval(v, scope | tensors) for k, v in case.call.items()}

    def apply() -> Any:
        if case.merge:
            return layer(inputs, **arguments)
        return layer(*inputs, **arguments)

    apply()
    rng = np.random.default_rng(1)
    for variable in _variables(layer).values():
        if "seed" in str(variable.dtype) or variable.dtype in ("uint32", "int64"):
            continue
        low = 0.3 if "variance" in variable.name else -1.0
        variable.assign(rng.uniform(low, 1.0, tuple(variable.shape)).astype("float32"))
    result = apply()
    return layer, jax.tree.map(np.asarray, result)


def _variables(layer: Any) -> dict[str, Any]:
    """Weights by their dotted Keras names."""
    found: dict[str, Any] = {}
    for variable in layer.weights:
        name = (getattr(variable, "path", None) or variable.name).split(":")[0]
        if "seed" not in name:
            found[name.replace("/", ".")] = variable
    return found


# ------------------------------------------------------------ weights


Plans = list[tuple[LayerPlan, str, str]]
"""Plans of a layer and the layers in it: what their Keras names contain, and their path in the
target.
"""


def _plans(
    op: OpCall, plan: LayerPlan, rules: RuleSet, facts: Shapes, arrays: dict[str, np.ndarray]
) -> Plans:
    found: Plans = [(plan, "", "")]
    for argument, contains, path in WRAPPERS.get(op.symbol, ()):
        inner = op.bound[argument]
        assert isinstance(inner, OpCall)
        found.append((_plan(inner, rules, facts, arrays), contains, path))
    return found


def _moves(plans: Plans, layer: Any) -> list[tuple[str, str, list[dict[str, Any]]]]:
    """(Keras name, target path, steps)"""
    variables = _variables(layer)
    found: list[tuple[str, str, list[dict[str, Any]]]] = []
    for plan, contains, path in plans:
        for weight in plan.weights:
            dotted = "." + weight.source
            ends = [n for n in variables if ("." + n).endswith(dotted) and contains in n]
            if len(ends) > 1:
                raise LookupError(f"{weight.source} is one of {ends}")
            if ends and weight.condition is None:
                found.append((ends[0], path + weight.target, array_steps(weight.steps)))
    return found


def _get(module: Any, path: str) -> Any:
    for part in path.split("."):
        module = module[int(part)] if part.isdigit() else getattr(module, part)
    return module


def _copy(plans: Plans, layer: Any, module: Any) -> list[str]:
    variables = _variables(layer)
    used, filled = set(), set()
    problems: list[str] = []
    for name, path, steps in _moves(plans, layer):
        variable = _get(module, path)
        value = apply_steps(np, [np.asarray(variables[name])], steps)
        if value.shape != variable.shape:
            problems.append(f"{name}: {value.shape} does not fit {path} {variable.shape}")
            continue
        variable[...] = jnp.asarray(value)
        used.add(name)
        filled.add(path)
    state = nnx.to_flat_state(nnx.state(module, nnx.Any(nnx.Param, nnx.BatchStat)))
    targets = {".".join(map(str, path)) for path, _ in state}
    problems += [f"no target for {n}" for n in variables if n not in used]
    return problems + [f"no source for {p}" for p in targets - filled]


# ------------------------------------------------------------ comparisons


def _differences(what: str, expected: Any, actual: Any, tolerance: float) -> list[str]:
    left, right = jax.tree.leaves(expected), jax.tree.leaves(actual)
    if len(left) != len(right):
        return [f"{what}: {len(left)} results against {len(right)}"]
    problems: list[str] = []
    for a, b in zip(left, right, strict=True):
        if not isinstance(b, jax.Array):
            problems.append(f"{what}: {type(b).__name__} is no JAX array")
        elif a.shape != b.shape:
            problems.append(f"{what}: shape {a.shape} against {b.shape}")
        elif a.dtype != b.dtype and a.dtype not in ("int64", "float64"):
            problems.append(f"{what}: dtype {a.dtype} against {b.dtype}")
        elif a.size:
            scale = max(1.0, float(np.abs(a.astype("float64")).max()))
            error = float(np.abs(a.astype("float64") - np.asarray(b, "float64")).max()) / scale
            if not error <= tolerance:
                problems.append(f"{what}: error {error:.2g}")
    return problems


def _gradients(
    case: Case,
    flavour: str,
    layer: Any,
    arrays: dict[str, np.ndarray],
    plans: Plans,
    module: Any,
    application: str,
    scope: dict[str, Any],
) -> list[str]:
    """Of sum(output * cosine), for float inputs and weights."""
    import tensorflow as tf

    floats = [k for k, v in arrays.items() if v.dtype == np.float32]
    tensors = {k: tf.constant(v) for k, v in arrays.items()}
    names = {"keras": keras_of(flavour), "tf": tf}
    variables = {n: v for n, v in _variables(layer).items() if v.trainable}
    variables = {n: v if isinstance(v, tf.Variable) else v.value for n, v in variables.items()}
    with tf.GradientTape() as tape:
        tape.watch([tensors[k] for k in floats])
        arguments = {k: eval(v, names | tensors) for k, v in case.call.items()}
        inputs = [t for k, t in tensors.items() if not _mentioned(case, k)]
        result = layer(inputs, **arguments) if case.merge else layer(*inputs, **arguments)
        loss = tf.add_n([_weighted(tf, r) for r in tf.nest.flatten(result)])
    sources = [tensors[k] for k in floats] + list(variables.values())
    wanted = tape.gradient(loss, sources, unconnected_gradients="zero")
    wanted = [np.asarray(tf.convert_to_tensor(g)) for g in wanted]

    if isinstance(module, nnx.Module):
        graph, params, rest = nnx.split(module, nnx.Param, ...)
    else:
        graph, params, rest = None, {}, {}

    def objective(floats: dict[str, Any], params: Any) -> Any:
        layer = module if graph is None else nnx.merge(graph, params, rest)
        values = {k: jnp.asarray(v) for k, v in arrays.items()} | floats
        result = eval(application, scope | values | {"layer": layer})
        return sum(jnp.sum(_cosines(r)) for r in jax.tree.leaves(result))

    at = {k: jnp.asarray(arrays[k]) for k in floats}
    by_input, by_param = jax.grad(objective, argnums=(0, 1))(at, params)
    problems: list[str] = []
    for k, g in zip(floats, wanted, strict=False):
        problems += _differences(f"gradient of {k}", g, by_input[k], 20 * case.tolerance)
    if graph is None:
        return problems
    grads = nnx.merge(graph, by_param, rest)
    by_name = dict(zip(variables, wanted[len(floats) :], strict=True))
    for name, path, steps in _moves(plans, layer):
        if name in by_name:
            moved = apply_steps(np, [by_name[name]], steps)
            found = _get(grads, path)[...]
            problems += _differences(f"gradient of {path}", moved, found, 20 * case.tolerance)
    return problems


def _weighted(tf: Any, r: Any) -> Any:
    weights = np.cos(np.arange(np.prod(r.shape), dtype="float32") + 1.0)
    return tf.reduce_sum(r * weights.reshape(r.shape))


# ------------------------------------------------------------ gives


def _shape_problems(
    case: Case,
    op: OpCall,
    rules: RuleSet,
    facts: Shapes,
    arrays: dict[str, np.ndarray],
    expected: Any,
    plan: LayerPlan,
) -> list[str]:
    names: list[Expression] = [Name(n) for n in arrays if not _mentioned(case, n)]
    first = plan.inputs[0]
    given = (
        {first: List(tuple(names))} if case.merge else dict(zip(plan.inputs, names, strict=False))
    )
    bound = shape_rule(op, rules, facts, given)
    if bound is None:
        return [] if op.symbol in NO_SHAPES else ["`gives` says nothing"]

    def value(e: Expression) -> Any:
        match e:
            case Name(id=name) if name in arrays:
                return Shape((None, *map(Dim.of, arrays[name].shape[1:])))
            case Name() if variable_name(e) is not None:
                return None
            case Tuple(elements=elements) | List(elements=elements):
                return tuple(map(value, elements))
            case Symbol():
                return None
            case Subscript(value=Attribute(value=Name(id=name), attribute="shape"), index=index):
                axis = literal(index)
                assert axis is not None and isinstance(axis.value, int)
                return Dim.of(arrays[name].shape[axis.value])
            case _:
                found = literal(e)
                return None if found is None else found.value

    arguments = [value(a) for a in bound.arguments]
    keywords = {k: value(v) for k, v in bound.keywords.items()}
    if bound.function == "pattern":
        shape: Any = Shape(tuple(shape_rules.size_of(v) for v in arguments[0]))
    else:
        shape = shape_rules.FUNCTIONS[bound.function](*arguments, **keywords)
    found = [shape] if isinstance(shape, Shape) else list(shape)
    leaves = jax.tree.leaves(expected)
    problems: list[str] = []
    if len(found) != len(leaves):
        return [f"gives {len(found)} shapes, there are {len(leaves)}"]
    for one, leaf in zip(found, leaves, strict=True):
        dims = None if one.dims is None else [None if d is None else d.constant for d in one.dims]
        if dims is None or len(dims) != leaf.ndim or not _fits(dims, leaf.shape):
            problems.append(f"gives {dims}, is {leaf.shape}")
        elif any(d is None for d in dims[1:]):
            problems.append(f"gives {dims} where {leaf.shape} could be known")
    dtype = bound.dtype if isinstance(bound.dtype, str) else None
    if isinstance(bound.dtype, Name) and bound.dtype.id in arrays:
        dtype = str(arrays[bound.dtype.id].dtype)
    if isinstance(bound.dtype, List):
        dtype = str(next(iter(arrays.values())).dtype)
    if dtype is not None and leaves and dtype != str(leaves[0].dtype):
        problems.append(f"gives dtype {dtype}, is {leaves[0].dtype}")
    return problems


def _fits(dims: list[int | None], shape: tuple[int, ...]) -> bool:
    return all(d is None or d == n for d, n in zip(dims, shape, strict=True))


def main(arguments: list[str]) -> int:
    """Runs the tables named (all when none is), prints a line for what fails, and the totals."""
    from proof_tables import TABLES

    total, failed = 0, 0
    for name, table in TABLES.items():
        if arguments and name not in arguments:
            continue
        for one in table:
            for flavour in one.flavours:
                total += 1
                problems = run(one, flavour)
                failed += bool(problems)
                if problems:
                    print(f"{name} {flavour} {one.layer} {dict(one.call) or ''}")
                    for problem in problems:
                        print("    " + problem)
    print(f"{total - failed} of {total} proved")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
