"""Makes up a case for a class or a function of the source: runs it in TensorFlow with values that
its signature and its text suggest, until a call gives arrays.

What is found is plain data: how the model is made, the specs of its inputs, the call, the sizes
that the free dims take. What is not found has a reason.
"""
# pyright: basic

from __future__ import annotations

import ast
import importlib
import inspect
import re
import textwrap
import time
from pathlib import Path
from typing import Any

from .probe_values import (
    VARIANTS,
    arguments,
    forms,
    is_required,
    is_switch,
    takes_tensor,
    variations,
)
from .specs import parse_spec
from .worker_base import Job, main

BUDGET_S = 40.0


class Unfit(Exception):
    """No case can be made; says why."""


def run(job: Job) -> dict[str, Any]:
    from . import source_env
    from .oracle_worker import _keras_modules

    case = job.case
    job.stage("source-import")
    scope = source_env.source_namespace(case.source, case.flavour)
    kerases = _keras_modules(scope)
    module = importlib.import_module(case.source.module)
    job.stage("source-call")
    entity = getattr(module, job.data["entity"])
    try:
        prober = Prober(scope["tf"], kerases, entity)
        return {"found": prober.of_class() if isinstance(entity, type) else prober.of_function()}
    except Unfit as reason:
        return {"why": str(reason)}


class Prober:
    def __init__(self, tf: Any, kerases: tuple[Any, ...], entity: Any) -> None:
        self.tf, self.kerases, self.entity = tf, kerases, entity
        self.layers = tuple(k.layers.Layer for k in kerases)
        self.until = time.monotonic() + BUDGET_S
        self.said = ""
        self.text = _text_of(entity)

    def of_class(self) -> dict[str, Any]:
        metrics = tuple(k.metrics.Metric for k in self.kerases)
        if not issubclass(self.entity, (*self.layers, self.tf.Module)):
            raise Unfit("it is no layer, model or module")
        if issubclass(self.entity, metrics):
            raise Unfit("it is a metric")
        if not any(callable(getattr(self.entity, n, None)) for n in ("call", "__call__")):
            raise Unfit("it has no `call`")
        return self._object(_parameters(self.entity))

    def of_function(self) -> dict[str, Any]:
        if not callable(self.entity):
            raise Unfit("it cannot be called")
        parameters = _parameters(self.entity)
        required = {n: p for n, p in parameters.items() if is_required(p)}
        told = [takes_tensor(p) for p in required.values()]
        if True not in told:
            try:
                return self._object(parameters)
            except Unfit:
                if not required or None not in told:
                    raise
        certain = [n for n, p in required.items() if takes_tensor(p)]
        possible = [n for n, p in required.items() if takes_tensor(p) is not False]
        for tensors in [certain, possible] if certain not in ([], possible) else [possible]:
            if tensors and (found := self._of_tensors(parameters, tensors)) is not None:
                return found
        raise Unfit(f"no call of it works with the values that were tried{self.said}")

    def _object(self, parameters: dict[str, inspect.Parameter]) -> dict[str, Any]:
        """Makes the object, then finds what it is called with."""
        made = 0
        seen: list[Any] = []
        for variant in range(VARIANTS):
            given = arguments(parameters, variant)
            if given in seen:
                continue
            seen.append(given)
            make = lambda given=given: self.entity(**given)  # noqa: E731
            model = self._try(make)
            if model is None:
                continue
            if not self._is_model(model):
                raise Unfit(f"it gives a {type(model).__name__}, no model or layer")
            made += 1
            if (found := self._called(make, model)) is not None:
                return {"form": "object", "args": given} | found
        what = "no call of it works" if made else "it cannot be made"
        raise Unfit(f"{what} with the values that were tried{self.said}")

    def _is_model(self, value: Any) -> bool:
        return isinstance(value, (*self.layers, self.tf.Module))

    def _called(self, make: Any, model: Any) -> dict[str, Any] | None:
        own = getattr(model, "inputs", None)
        if isinstance(own, list) and own and all(hasattr(t, "shape") for t in own):
            return self._functional(model, own)
        parameters = _parameters(getattr(model, "call", model.__call__))
        names = [n for n, p in parameters.items() if is_required(p) and not is_switch(n)]
        if not names and any(p.kind is p.VAR_POSITIONAL for p in parameters.values()):
            names = ["inputs"]
        masks = [n for n in parameters if n in ("mask", "attention_mask") and n not in names]
        if _is_of_keras(model):
            masks = []  # Keras hands a mask on where there is one; here there is none
        switches = [f"{n}=False" for n in parameters if is_switch(n)]
        parts = {name: _parts(self.text, name) for name in names}
        for extra in ([*masks[:1]], []) if masks else ([],):
            flat = [leaf for n in names for leaf in _leaves(n, parts[n])] + extra
            given = [_nested(n, parts[n]) for n in names]
            given += [f"{n}={n}" for n in extra] + switches
            for specs in forms(tuple(flat), self.text):
                call = f"model({', '.join(given)})"
                if self._works(fresh := self._try(make), call, specs):
                    return self._described(
                        lambda s, m=fresh, c=call: self._works(m, c, s), call, specs
                    )
        return None

    def _functional(self, model: Any, own: list[Any]) -> dict[str, Any] | None:
        names = ["x"] if len(own) == 1 else [f"x{i}" for i in range(len(own))]
        specs: dict[str, str] = {}
        for name, tensor in zip(names, own, strict=True):
            dims = ["B"]
            for axis, size in enumerate(tuple(tensor.shape)[1:]):
                dims.append(f"D{axis}" if size is None else str(size))
            kind = str(getattr(tensor.dtype, "name", tensor.dtype))
            high = "<2" if kind.startswith("int") else ""
            specs[name] = f"{kind}[{', '.join(dims)}]{high}"
        given = names[0] if len(names) == 1 else f"[{', '.join(names)}]"
        call = f"model({given}, training=False)"
        if not self._works(model, call, specs):
            return None
        return self._described(lambda s: self._works(model, call, s), call, specs)

    def _of_tensors(self, parameters: Any, tensors: list[str]) -> dict[str, Any] | None:
        """A function of tensors; one that builds layers is called while a model is built."""
        switches = {n: False for n in parameters if is_switch(n)}
        rest = {n: p for n, p in parameters.items() if n not in tensors and n not in switches}
        seen: list[Any] = []
        for variant in range(VARIANTS):
            given = arguments(rest, variant) | switches
            if given in seen:
                continue
            seen.append(given)
            for specs in forms(tuple(tensors), self.text):
                if time.monotonic() > self.until:
                    raise Unfit(f"no call was found in {BUDGET_S:g} s{self.said}")
                built = _Count(self.layers)
                with built:
                    works = self._gives(lambda a, g=given: self.entity(**a, **g), specs)
                form, call = "function", _call_text(parameters, tensors, given)
                if works and built.count:
                    form = "functional"
                    works = self._gives(lambda a, g=given: self._model(a, g), specs)
                if works:
                    runs = lambda s, g=given: self._gives(lambda a: self.entity(**a, **g), s)  # noqa: E731
                    return {"form": form, "args": given} | self._described(runs, call, specs)
        return None

    def _model(self, arrays: dict[str, Any], given: dict[str, Any]) -> Any:
        """A functional model around the function, called."""
        keras = self.tf.keras
        inputs = {n: keras.Input(a.shape[1:], dtype=a.dtype.name) for n, a in arrays.items()}
        return keras.Model(list(inputs.values()), self.entity(**inputs, **given))(
            list(arrays.values())
        )

    def _try(self, make: Any) -> Any:
        if time.monotonic() > self.until:
            raise Unfit(f"no call was found in {BUDGET_S:g} s{self.said}")
        try:
            return make()
        except Exception as error:
            self._note(error)
            return None

    def _note(self, error: Exception) -> None:
        first = str(error).strip().splitlines()[:1]
        self.said = f": {type(error).__name__}: {first[0][:160] if first else ''}"

    def _works(self, model: Any, call: str, specs: dict[str, str]) -> bool:
        if model is None:
            return False
        return self._gives(lambda arrays: eval(call, {"model": model} | arrays), specs)

    def _gives(self, call: Any, specs: dict[str, str], sizes: dict[str, int] | None = None) -> bool:
        """Whether a call with arrays of these specs gives numbers."""
        import numpy as np

        from .oracle_run import to_numpy_leaves
        from .sampling import sample
        from .trees import flatten

        if time.monotonic() > self.until:
            return False
        try:
            arrays = {}
            for name, text in specs.items():
                spec = parse_spec(text)
                assert spec is not None
                chosen = sizes or {d: variations(d)[0] for d in _dims(specs)}
                arrays[name] = self.tf.constant(sample(spec, name, chosen, 0))
            leaves = to_numpy_leaves(flatten(call(arrays)))
        except Exception as error:
            self._note(error)
            return False
        floats = [v for v in leaves.values() if v.size and v.dtype.kind == "f"]
        return any(v.size for v in leaves.values()) and all(np.isfinite(v).any() for v in floats)

    def _described(self, works: Any, call: str, specs: dict[str, str]) -> dict[str, Any]:
        """The case, with each free dim given the sizes that the source takes."""
        sizes: dict[str, list[int]] = {}
        for dim in _dims(specs):
            base, *others = variations(dim)
            fitting = [s for s in others if works(_fixed(specs, dim, s))]
            if fitting:
                sizes[dim] = [base, *fitting]
            else:
                specs = _fixed(specs, dim, base)
        return {"inputs": specs, "sizes": sizes, "call": call}


class _Count:
    """Counts the layers that are made inside."""

    def __init__(self, layers: tuple[type, ...]) -> None:
        self.layers, self.count = layers, 0

    def __enter__(self) -> None:
        self.kept = [layer.__init__ for layer in self.layers]
        for layer, kept in zip(self.layers, self.kept, strict=True):
            layer.__init__ = self._counted(kept)

    def _counted(self, kept: Any) -> Any:
        def init(layer: Any, *args: Any, **kwargs: Any) -> None:
            self.count += 1
            kept(layer, *args, **kwargs)

        return init

    def __exit__(self, *_: object) -> None:
        for layer, kept in zip(self.layers, self.kept, strict=True):
            layer.__init__ = kept


def _is_of_keras(model: Any) -> bool:
    """Whether the call of a model is that of Keras: a `Sequential`, say."""
    module = getattr(getattr(type(model), "call", None), "__module__", None) or ""
    return module.split(".")[0] in ("keras", "tf_keras")


def _parameters(function: Any) -> dict[str, inspect.Parameter]:
    try:
        found = dict(inspect.signature(function).parameters)
    except (TypeError, ValueError) as error:
        raise Unfit(f"its signature is unknown: {error}") from error
    return found


def _text_of(entity: Any) -> str:
    """The text of a function, or of a class and those of its bases that are no library's."""
    bases = entity.__mro__ if isinstance(entity, type) else [entity]
    own = entity.__module__.partition(".")[0]
    found: list[str] = []
    for base in bases:
        if base.__module__.partition(".")[0] == own:
            try:
                found.append(textwrap.dedent(inspect.getsource(base)))
            except (OSError, TypeError):
                continue
    return "\n\n".join(found)


def _parts(text: str, name: str) -> int | list[str]:
    """How many tensors an argument holds, by the way it is taken apart: 0 for one that is no
    sequence, keys where it is a dict."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return 0
    most, keys = 0, dict[str, None]()
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Name(id=given)):
                if given == name and not any(isinstance(n, ast.Starred) for n in names):
                    most = max(most, len(names))
            case ast.Subscript(value=ast.Name(id=given), slice=ast.Constant(value=key)):
                if given == name and isinstance(key, str):
                    keys[key] = None
                elif given == name and isinstance(key, int) and key >= 0:
                    most = max(most, key + 1)
            case _:
                pass
    return [*keys] or most


def _leaves(name: str, parts: int | list[str]) -> list[str]:
    if isinstance(parts, list):
        return [_identifier(name, key) for key in parts]
    return [f"{name}_{i}" for i in range(parts)] if parts else [name]


def _identifier(name: str, key: str) -> str:
    return f"{name}_{re.sub(r'[^0-9A-Za-z_]', '_', key)}"


def _nested(name: str, parts: int | list[str]) -> str:
    """The argument as an expression over its tensors."""
    if isinstance(parts, list):
        return "{" + ", ".join(f"{key!r}: {_identifier(name, key)}" for key in parts) + "}"
    return f"({', '.join(_leaves(name, parts))}{',' * (parts == 1)})" if parts else name


def _call_text(
    parameters: dict[str, inspect.Parameter], tensors: list[str], given: dict[str, Any]
) -> str:
    """The arguments of a call, by position as far as they go without a gap."""
    found: list[str] = []
    by_position = True
    for name, parameter in parameters.items():
        if name not in tensors and name not in given:
            by_position = False
            continue
        by_position &= parameter.kind is not parameter.KEYWORD_ONLY
        value = name if name in tensors else repr(given[name])
        found.append(value if by_position else f"{name}={value}")
    return ", ".join(found)


def _dims(specs: dict[str, str]) -> list[str]:
    found = [parse_spec(text) for text in specs.values()]
    return list(dict.fromkeys(d for s in found if s for d in s.dims if isinstance(d, str)))


def _fixed(specs: dict[str, str], dim: str, size: int) -> dict[str, str]:
    return {name: re.sub(rf"\b{dim}\b", str(size), text) for name, text in specs.items()}


def preload() -> None:
    from .oracle_worker import preload as imports

    imports()


def start(path: Path) -> None:
    """Runs the job of a file in this process, and ends it."""
    main(run, path)
