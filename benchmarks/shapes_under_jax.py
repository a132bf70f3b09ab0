"""The shapes that a translated case has in JAX: `python -m benchmarks.shapes_under_jax JOB.json`.

Nothing is computed. The driver's model is built, its call is traced by `jax.eval_shape`, and each
function of the output that is traced notes what it is given and gives; then the call is exported
with the leading size of all inputs as a symbol (`jax.export`). Writes `result.json` beside the job.
"""
# pyright: basic

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

SYMBOL = "b"


def run(job: dict[str, Any]) -> dict[str, Any]:
    for name in ("tensorflow", "keras", "tf_keras"):
        sys.modules[name] = None  # type: ignore[assignment]
    import jax
    from flax import nnx
    from tfjax.transpiler.verify.observe_worker import Watch, described
    from tfjax.transpiler.verify.places import Files

    scope = _namespace(job)
    model = eval(job["build"], scope)
    if job["eval_mode"] and isinstance(model, nnx.Module):
        model.eval()
    graph, state = nnx.split(model)
    call = compile(job["call"], "<call>", "eval")

    def forward(state: Any, inputs: dict[str, Any]) -> Any:
        made = nnx.merge(graph, state, copy=True)
        return eval(call, scope | {"model": made} | inputs)

    watch = Watch(Files.of((job["output"],), job["module"]))
    inputs = {name: _structs(tree, None) for name, tree in job["inputs"].items()}
    sys.setprofile(watch)
    try:
        output = jax.eval_shape(forward, state, inputs)
    finally:
        sys.setprofile(None)
    found = {"samples": watch.samples, "output": described(output)}
    try:
        found["export"] = _exported(jax, forward, state, job["inputs"])
    except Exception as error:
        found["export_error"] = f"{type(error).__name__}: {error}".splitlines()[0][:160]
    return found


def _namespace(job: dict[str, Any]) -> dict[str, Any]:
    import jax
    import jax.numpy as jnp
    import numpy as np
    from flax import nnx

    sys.path[:0] = job["paths"]
    sys.argv = ["case"]
    scope: dict[str, Any] = {"jax": jax, "jnp": jnp, "np": np, "nnx": nnx, "importlib": importlib}
    exec(job["pre"], scope)
    scope["m"] = importlib.import_module(job["module"])
    exec(job["setup"], scope)
    return scope


def _structs(tree: Any, scope: Any) -> Any:
    """Arrays as their shapes; with a scope, the leading size is a symbol of it."""
    import jax
    from jax import export
    from tfjax.transpiler.verify.specs import parse_spec

    if isinstance(tree, dict):
        return {name: _structs(inner, scope) for name, inner in tree.items()}
    if isinstance(tree, list):
        return [_structs(inner, scope) for inner in tree]
    spec = parse_spec(tree) if isinstance(tree, str) else None
    if spec is None:
        raise ValueError(f"{tree!r} is no shape")
    sizes = [d if isinstance(d, int) else 2 for d in spec.dims]
    dtype = "int32" if spec.dtype == "int64" else spec.dtype.replace("float64", "float32")
    if scope is None or not sizes:
        return jax.ShapeDtypeStruct(tuple(sizes), dtype)
    text = ", ".join([SYMBOL, *map(str, sizes[1:])])
    return jax.ShapeDtypeStruct(export.symbolic_shape(text, scope=scope), dtype)


def _exported(jax: Any, forward: Any, state: Any, inputs: dict[str, Any]) -> Any:
    """The result's shapes as texts over the symbol."""
    from jax import export

    scope = export.SymbolicScope()
    arrays = {name: _structs(tree, scope) for name, tree in inputs.items()}
    exported = export.export(jax.jit(forward))(state, arrays)
    leaves = exported.out_avals
    return [{"dims": [str(d) for d in leaf.shape], "dtype": leaf.dtype.name} for leaf in leaves]


def main() -> None:
    path = Path(sys.argv[1])
    job = json.loads(path.read_text())
    try:
        result = {"status": "ok"} | run(job)
    except BaseException as error:
        result = {"status": "error", "message": f"{type(error).__name__}: {error}"[:300]}
    (path.parent / "result.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main()
