"""Tables of TensorFlow, Keras 2 and Keras 3."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType

from ..spelling import alternatives, respell
from . import internals, naming, write
from .keywords import expanded
from .members import Row, member_rows
from .overrides import overridden
from .render import is_literal, render, signature_of, text_of
from .walk import public_names

_INSIDES = {"keras2": "tf_keras.src", "keras3": "keras.src"}
_LONGEST_CONSTANT = 100
_RESPELLED = ("initializers", "losses", "metrics", "optimizers", "keras")


def generate(folder: Path) -> None:
    """Writes tf.tsv, keras2.tsv, keras3.tsv and aliases.tsv into `folder`."""
    tf_names = _tensorflow_names()
    tf_canonical = naming.one_namespace(tf_names)
    tf_ids = {id(value): tf_canonical[name] for name, value in _identified(tf_names)}
    tf_private = internals.private_tensorflow_names(set(tf_ids))

    public = {"keras2": _keras2_names(), "keras3": _keras3_names()}
    every_public = frozenset(name for names in public.values() for name in names)
    names = {
        flavour: {
            # A private path that is also a public name is the public one.
            name: value
            for name, value in internals.private_names(_INSIDES[flavour], _identities(own)).items()
            if name not in every_public
        }
        | own
        for flavour, own in public.items()
    }
    private = frozenset(name for own in names.values() for name in own) - every_public
    keras_canonical = naming.several_flavours(list(names.values()), private)
    ids = {
        flavour: {id(value): keras_canonical[name] for name, value in _identified(own)}
        for flavour, own in names.items()
    }

    rows = {
        flavour: list(
            _rows(_chosen(own, keras_canonical), tf_ids | ids[flavour], _keyword_roots(flavour))
        )
        for flavour, own in names.items()
    }
    rows["tf"] = list(
        # A Keras object that TF also exports under a name of its own goes by that here.
        _rows(_chosen(tf_names, tf_canonical) | tf_private, ids["keras2"] | tf_ids, {})
    )
    definitions = [
        (path, target)
        for prefix, spelled, targets in (
            ("tf_keras.src", "keras.src", ids["keras2"]),
            ("keras.src", "keras.src", ids["keras3"]),
            ("tensorflow.python", "tf.python", tf_ids),
        )
        for path, target in internals.definition_aliases(prefix, spelled, targets)
        if not path.startswith("tf.python.keras.")
    ]
    inside = {path for path in (*dict(definitions), *tf_private) if path.startswith("tf.python.")}
    rows["tf"] += [(module, "module", "", "") for module in sorted(_modules_of(inside))]

    rows = {table: overridden(table, content) for table, content in rows.items()}
    for table, content in rows.items():
        write.table(folder / f"{table}.tsv", content)

    aliases = _Aliases({row[0] for content in rows.values() for row in content})
    aliases.add_all(tf_canonical)
    aliases.add_all(keras_canonical)
    for path, target in definitions:
        aliases.add(path, target)
    write.table(folder / "aliases.tsv", sorted(aliases.found.items()))


def _modules_of(paths: set[str]) -> set[str]:
    """The modules that the dotted `paths` run through, without their root."""
    return {
        ".".join(parts[:end])
        for parts in (path.split(".") for path in paths)
        for end in range(2, len(parts))
    }


class _Aliases:
    """Collects the aliases that the reader could not work out from the spelling alone."""

    def __init__(self, known: set[str]) -> None:
        self.known = known
        self.found: dict[str, str] = {}

    def add_all(self, canonical: Mapping[str, str]) -> None:
        # TF 2 before v1: whether a v1 alias is needed depends on the TF 2 ones.
        for name in sorted(canonical, key=lambda name: (name.startswith("tf.compat.v1."), name)):
            self.add(name, canonical[name])

    def add(self, path: str, target: str) -> None:
        if target not in self.known:
            raise ValueError(f"{path} -> {target}, which has no row")
        if self._resolve(path) is None:
            self.found[path] = target
        elif self._resolve(path) != target and path not in self.known:
            self.found.setdefault(path, target)

    def _resolve(self, path: str) -> str | None:
        for spelling in alternatives(respell(path)):
            if spelling in self.found:
                return self.found[spelling]
            if spelling in self.known:
                return spelling
        return None


def _identified(names: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    return ((name, value) for name, value in names.items() if naming.has_identity(value))


def _identities(names: Mapping[str, object]) -> set[int]:
    return {id(value) for _, value in _identified(names)}


def _chosen(names: Mapping[str, object], canonical: Mapping[str, str]) -> dict[str, object]:
    """Canonical name -> object; the object that goes by the canonical name itself wins."""
    ordered = sorted(names, key=lambda name: (canonical[name] == name, name))
    return {canonical[name]: names[name] for name in ordered}


def _tensorflow_names() -> dict[str, object]:
    tf = importlib.import_module("tensorflow")

    def enter(path: str, module: ModuleType) -> bool:
        if path.startswith("tf.compat.v1."):
            if path.startswith("tf.compat.v1.compat"):
                return False
        elif path.split(".")[1] in _RESPELLED or path == "tf.compat.v2":
            return False
        file = (getattr(module, "__file__", None) or "").replace("\\", "/")
        if path == "tf.compat.v1.flags":
            return True
        return "/tensorflow/_api/" in file or "/tf_keras/api/" in file or "Lazy" in repr(module)

    names = public_names("tf", tf, enter)
    keras2 = importlib.import_module("tf_keras")
    inner = {id(value) for _, value in _identified(public_names("keras", keras2, _keras2_api))}
    return {
        name: value
        for name, value in names.items()
        if respell(name) == name
        and not _is_future_feature(value)
        # v1 names of Keras 2 objects are aliases of the Keras names.
        and not (name.startswith("tf.compat.v1.keras.") and id(value) in inner)
    }


def _is_future_feature(value: object) -> bool:
    return type(value).__module__ == "__future__"


def _in_api(path: str, module: ModuleType) -> bool:
    name = module.__name__
    return ".src" not in name and name.split(".")[0] in ("keras", "tf_keras")


def _keras2_names() -> dict[str, object]:
    return _without_noise(public_names("keras", importlib.import_module("tf_keras"), _keras2_api))


def _keras2_api(path: str, module: ModuleType) -> bool:
    return _in_api(path, module) and path.split(".")[1] not in ("api", "src", "protobuf")


def _keras3_names() -> dict[str, object]:
    names: dict[str, object] = {}
    # The first has what only `tf.keras` shows, such as the functions of `keras.backend`.
    for root in ("keras._tf_keras.keras", "keras"):
        names |= public_names("keras", importlib.import_module(root), _keras3_api)
    return _without_noise(names)


def _keras3_api(path: str, module: ModuleType) -> bool:
    return _in_api(path, module) and path.split(".")[1] not in ("api", "src", "_tf_keras")


def _without_noise(names: Mapping[str, object]) -> dict[str, object]:
    return {n: v for n, v in names.items() if not _is_future_feature(v)}


def _keyword_roots(flavour: str) -> dict[type, tuple[str, ...]]:
    """What the base classes take from their own `**kwargs`, read off their `__init__`."""
    if flavour == "keras2":
        keras = importlib.import_module("tf_keras")
        return {
            keras.layers.Layer: (
                *("input_dim", "input_shape", "batch_input_shape", "batch_size", "weights"),
                *("activity_regularizer", "autocast", "implementation"),
            ),
            keras.optimizers.Optimizer: ("lr", "mesh", "is_legacy_optimizer"),
            keras.optimizers.legacy.Optimizer: (
                *("clipnorm", "clipvalue", "global_clipnorm", "lr", "decay"),
            ),
        }
    keras = importlib.import_module("keras")
    optimizer = importlib.import_module("keras.src.optimizers.base_optimizer").BaseOptimizer
    return {keras.Layer: ("input_dim", "input_shape", "batch_input_shape"), optimizer: ()}


def _rows(
    names: Mapping[str, object],
    by_id: Mapping[int, str],
    roots: Mapping[type, tuple[str, ...]],
) -> Iterator[Row]:
    def name_of(value: object) -> str | None:
        return by_id.get(id(value)) if naming.has_identity(value) else None

    def public_base(cls: type) -> bool:
        return id(cls) in by_id

    seen = set(names)
    for name, value in sorted(names.items()):
        yield describe(name, value, name_of, roots)
        if isinstance(value, type):
            for row in member_rows(name, value, public_base, name_of):
                if row[0] not in seen:
                    seen.add(row[0])
                    yield row


def describe(
    name: str,
    value: object,
    name_of: Callable[[object], str | None],
    roots: Mapping[type, tuple[str, ...]] | None = None,
) -> Row:
    """The row of one public object."""
    if isinstance(value, ModuleType):
        return name, "module", "", ""
    if isinstance(value, type):
        bases = [found for base in value.__mro__[1:] if (found := name_of(base)) is not None]
        signature = signature_of(value)
        if signature is not None and roots:
            signature = expanded(value, signature, roots)
        text = "" if signature is None else text_of(signature, name_of)
        return name, "class", " ".join(b for b in bases if b != name), text
    if type(value).__name__ == "DType":
        return name, "dtype", "", repr(getattr(value, "name", ""))
    if callable(value):
        signature = signature_of(value)
        return name, "function", "", "" if signature is None else text_of(signature, name_of)
    text = render(value, name_of) if is_literal(value) else ""
    return name, "constant", "", text if len(text) <= _LONGEST_CONSTANT else ""
