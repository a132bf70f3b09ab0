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
from .render import is_literal, render, signature_of, text_of
from .walk import public_names

_RESPELLED = ("initializers", "losses", "metrics", "optimizers", "keras")


def generate(folder: Path) -> None:
    """Writes tf.tsv, keras2.tsv, keras3.tsv and aliases.tsv into `folder`."""
    tf_names = _tensorflow_names()
    keras_names = {"keras2": _keras2_names(), "keras3": _keras3_names()}
    tf_canonical = naming.one_namespace(tf_names)
    keras_canonical = naming.several_flavours(keras_names.values())

    private = {
        "keras2": internals.private_names("tf_keras.src", _identities(keras_names["keras2"])),
        "keras3": internals.private_names("keras.src", _identities(keras_names["keras3"])),
    }
    by_id = {id(value): tf_canonical[name] for name, value in _identified(tf_names)}
    by_flavour: dict[str, dict[int, str]] = {}
    rows: dict[str, list[Row]] = {}
    for flavour, names in keras_names.items():
        # A private path that is also a public name is the public one.
        inner = {n: v for n, v in private[flavour].items() if n not in keras_canonical}
        own = {id(value): name for name, value in _identified(inner)}
        own |= {id(value): keras_canonical[name] for name, value in _identified(names)}
        by_flavour[flavour] = own
        chosen = {canonical: names[name] for name, canonical in _preferred(names, keras_canonical)}
        rows[flavour] = list(_rows({**inner, **chosen}, by_id | own, _keyword_roots(flavour)))
    # Keras first: TF re-exports Keras 2 objects under a few names of its own.
    everything = by_flavour["keras2"] | by_id
    chosen = {canonical: tf_names[name] for name, canonical in _preferred(tf_names, tf_canonical)}
    rows["tf"] = list(_rows(chosen, everything, {}))
    for table, content in rows.items():
        write.table(folder / f"{table}.tsv", content)

    known = {row[0] for content in rows.values() for row in content}
    aliases = _Aliases(known)
    aliases.add_all(tf_canonical)
    aliases.add_all(keras_canonical)
    for prefix, spelled, ids in (
        ("tf_keras.src", "keras.src", by_flavour["keras2"]),
        ("keras.src", "keras.src", by_flavour["keras3"]),
        ("tensorflow.python", "tf.python", by_id),
    ):
        for path, target in internals.definition_aliases(prefix, spelled, ids):
            if not path.startswith("tf.python.keras."):
                aliases.add(path, target)
    for path, target in _vendored_aliases(keras_names["keras2"], keras_canonical):
        aliases.add(path, target)
    write.table(folder / "aliases.tsv", sorted(aliases.found.items()))


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


def _preferred(
    names: Mapping[str, object], canonical: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """(name, canonical) with the canonical spelling last, so that its object wins."""
    ordered = sorted(names, key=lambda name: (canonical[name] == name, name))
    return ((name, canonical[name]) for name in ordered)


def _tensorflow_names() -> dict[str, object]:
    tf = importlib.import_module("tensorflow")

    def enter(path: str, module: ModuleType) -> bool:
        if path.startswith("tf.compat.v1."):
            if path.startswith("tf.compat.v1.compat"):
                return False
        elif path.split(".")[1] in _RESPELLED or path == "tf.compat.v2":
            return False
        file = (getattr(module, "__file__", None) or "").replace("\\", "/")
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


def _keyword_roots(flavour: str) -> dict[type, Mapping[str, object]]:
    """What the base classes take from their own `**kwargs`, read off their `__init__`."""
    if flavour == "keras2":
        keras = importlib.import_module("tf_keras")
        layer = dict.fromkeys(
            ("input_dim", "input_shape", "batch_input_shape", "batch_size", "weights",
             "activity_regularizer", "autocast", "implementation")
        )  # fmt: skip
        return {keras.layers.Layer: layer, keras.optimizers.Optimizer: {}}
    keras = importlib.import_module("keras")
    layer = dict.fromkeys(("input_dim", "input_shape", "batch_input_shape"))
    return {keras.Layer: layer, keras.Optimizer: {}}


def _rows(
    names: Mapping[str, object],
    by_id: Mapping[int, str],
    roots: Mapping[type, Mapping[str, object]],
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
    roots: Mapping[type, Mapping[str, object]] | None = None,
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
    return name, "constant", "", render(value, name_of) if is_literal(value) else ""


def _vendored_aliases(
    names: Mapping[str, object], canonical: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Paths below `tensorflow.python.keras`, an old copy of Keras 2, by equal name and package."""
    tensorflow = importlib.import_module("tensorflow")
    folder = Path(tensorflow.__path__[0]) / "python" / "keras"
    by_leaf: dict[str, set[str]] = {}
    for name, value in _identified(names):
        leaf = name.rpartition(".")[2]
        if leaf == naming.own_name(value) and "__internal__" not in name:
            by_leaf.setdefault(leaf, set()).add(canonical[name])
    for module, leaves in internals.vendored_keras(folder):
        package = {"optimizer_v2": "optimizers.legacy"}.get(
            module.partition(".")[0], module.partition(".")[0]
        )
        for leaf in leaves:
            candidates = by_leaf.get(leaf, set())
            exact = canonical.get(f"keras.{package}.{leaf}")
            if exact is not None:
                yield f"keras.src.{module}.{leaf}", exact
            elif len(candidates) == 1:
                yield f"keras.src.{module}.{leaf}", next(iter(candidates))
