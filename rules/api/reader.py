"""What the compiler knows of the TF, Keras, JAX, Flax and Optax APIs, read from `data/`.

Nothing here imports a framework. Tables are read on first use and searched in place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path

from .signature import Parameter, Signature
from .spelling import alternatives, respell
from .symbol import FLAVOURS, Flavour, Symbol, decode
from .table import SortedTable

DATA = Path(__file__).parent / "data"
GONE = ["class", "", "(*args, **kwargs)"]
"""The row of a class that Keras 3 has only to say that it is gone."""


class SourceApi:
    """TensorFlow and Keras, by canonical name: `tf.X` and `keras.X`."""

    def __init__(self, folder: Path) -> None:
        self._aliases = SortedTable(folder / "aliases.tsv")
        self._tf = SortedTable(folder / "tf.tsv")
        self._keras: Mapping[Flavour, SortedTable] = {
            flavour: SortedTable(folder / f"{flavour}.tsv") for flavour in FLAVOURS
        }
        self._resolved: dict[str, str | None] = {}
        self._symbols: dict[tuple[str, Flavour | None], Symbol | None] = {}

    @staticmethod
    @cache
    def load() -> SourceApi:
        """The API data that ships with tfjax; the same object each time."""
        return SourceApi(DATA / "source")

    def canonical(self, dotted_path: str) -> str | None:
        """The one name of what `dotted_path` refers to, None when it is unknown.

        Takes any spelling: `tensorflow.keras.layers.Dense`, `tf.math.reduce_sum`,
        `tf_keras.src.engine.training.Model`, `tensorflow.python.ops.math_ops.add`, modules, and
        members of classes (`tf.GradientTape.gradient`).
        """
        if dotted_path not in self._resolved:
            self._resolved[dotted_path] = self._resolve(dotted_path)
        return self._resolved[dotted_path]

    def longest_prefix(self, dotted_path: str) -> tuple[str, tuple[str, ...]] | None:
        """(canonical name, attributes left over) of the longest prefix that is known.

        `tf.__version__.split` gives `("tf.__version__", ("split",))`.
        """
        parts = dotted_path.split(".")
        for end in range(len(parts), 0, -1):
            found = self.canonical(".".join(parts[:end]))
            if found is not None:
                return found, tuple(parts[end:])
        return None

    def _resolve(self, dotted_path: str) -> str | None:
        path = respell(dotted_path)
        if path in ("tf", "keras"):
            return path
        if not path.startswith(("tf.", "keras.")):
            return None
        for spelling in alternatives(path):
            alias = self._aliases.find(spelling)
            if alias is not None:
                return alias[0]
            if self._rows(spelling):
                return spelling
        owner, _, member = path.rpartition(".")
        if owner in ("tf", "keras"):
            return None
        resolved = self.canonical(owner)
        if resolved is None:
            return None
        flavours: tuple[Flavour | None, ...] = (
            FLAVOURS if resolved.startswith("keras.") else (None,)
        )
        for flavour in flavours:
            found = self._member(resolved, member, flavour)
            if found is not None:
                return f"{resolved}.{member}"
        return None

    def _tables(self, name: str, flavour: Flavour | None) -> tuple[SortedTable, ...]:
        if not name.startswith("keras."):
            return (self._tf,)
        if flavour is None:
            return tuple(self._keras.values())
        return (self._keras[flavour],)

    def _rows(self, name: str, flavour: Flavour | None = None) -> list[list[str]]:
        rows = (table.find(name) for table in self._tables(name, flavour))
        return [row for row in rows if row is not None]

    def flavours(self, canonical: str) -> tuple[Flavour, ...]:
        """The Keras flavours that have `canonical`; empty outside Keras."""
        if not canonical.startswith("keras."):
            return ()
        rows = {f: self._keras[f].find(canonical) for f in FLAVOURS}
        return tuple(f for f in FLAVOURS if rows[f] is not None and rows[f] != GONE)

    def symbol(self, canonical: str, flavour: Flavour | None = None) -> Symbol | None:
        """The symbol as `flavour` has it, None when it does not exist there.

        `flavour` says nothing about `tf.` names; without it a Keras symbol comes from Keras 2 where
        that has it, else from Keras 3. Members that a class inherits are found as well.
        """
        key = (canonical, flavour)
        if key not in self._symbols:
            self._symbols[key] = self._load_symbol(canonical, flavour)
        return self._symbols[key]

    def _load_symbol(self, canonical: str, flavour: Flavour | None) -> Symbol | None:
        if canonical in ("tf", "keras"):
            return Symbol(canonical, "module")
        rows = self._rows(canonical, flavour)
        if rows:
            if rows[0] == GONE and flavour == "keras3":
                rows = self._rows(canonical, "keras2") or rows
            return decode(canonical, rows[0], self.flavours(canonical))
        owner, _, member = canonical.rpartition(".")
        found = self._member(owner, member, flavour) if "." in owner else None
        return None if found is None else decode(canonical, found, self.flavours(owner))

    def _member(self, owner: str, member: str, flavour: Flavour | None) -> list[str] | None:
        rows = self._rows(owner, flavour)
        if not rows:
            return None
        kind, bases, text = rows[0]
        if kind == "dtype":
            return self._member("tf.DType", member, flavour)
        if kind != "class":
            return None
        if member == "__init__":
            return ["method", "", text]
        for ancestor in (owner, *bases.split()):
            found = self._rows(f"{ancestor}.{member}", flavour)
            if found:
                return found[0]
        return None

    def signature(self, canonical: str, flavour: Flavour | None = None) -> Signature | None:
        """The call signature; None when unknown, not callable, or not introspectable."""
        symbol = self.symbol(canonical, flavour)
        return None if symbol is None else symbol.signature

    def is_module(self, dotted: str) -> bool:
        """Whether any spelling of a module or package."""
        canonical = self.canonical(dotted)
        symbol = None if canonical is None else self.symbol(canonical)
        return symbol is not None and symbol.kind == "module"

    def is_subclass(self, canonical: str, base: str, flavour: Flavour | None = None) -> bool:
        """Whether class `canonical` is `base` or derives from it; `base` in any spelling."""
        symbol = self.symbol(canonical, flavour)
        if symbol is None or symbol.kind != "class":
            return False
        base = self.canonical(base) or base
        return canonical == base or base in symbol.bases

    def methods(self, canonical: str, flavour: Flavour | None = None) -> Mapping[str, Symbol]:
        """Members of a class by name, inherited ones included: methods, properties, constants."""
        symbol = self.symbol(canonical, flavour)
        if symbol is None or symbol.kind != "class":
            return {}
        members: dict[str, Symbol] = {}
        for ancestor in reversed((canonical, *symbol.bases)):
            for table in self._tables(ancestor, flavour):
                for name, fields in table.with_prefix(f"{ancestor}."):
                    leaf = name.removeprefix(f"{ancestor}.")
                    if "." not in leaf:
                        members[leaf] = decode(f"{canonical}.{leaf}", fields, symbol.flavours)
        return dict(sorted(members.items()))

    def method_signature(
        self, cls: str, name: str, flavour: Flavour | None = None
    ) -> Signature | None:
        """The signature of method `name` of class `cls`, without `self`."""
        return self.signature(f"{cls}.{name}", flavour)

    def aliases(self, canonical: str) -> tuple[str, ...]:
        """The other names that the tables list for `canonical`, in respelled form."""
        return self._aliases_of.get(canonical, ())

    @cached_property
    def _aliases_of(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for alias, fields in self._aliases.with_prefix(""):
            if fields:
                found.setdefault(fields[0], []).append(alias)
        return {name: tuple(aliases) for name, aliases in found.items()}

    def names(self, flavour: Flavour | None = None) -> Iterator[str]:
        """Every canonical name, in order: TF first, then Keras; members of classes are left out."""
        members = ("method", "classmethod", "staticmethod", "property")
        seen: set[str] = set()
        tables = (self._tf, *self._tables("keras.", flavour))
        for table in tables:
            for name, fields in table.with_prefix(""):
                if fields and fields[0] not in members and name not in seen:
                    seen.add(name)
                    yield name


class TargetApi:
    """JAX, Flax and Optax, by public dotted name (`jax.numpy.sum`, `flax.nnx.Linear`)."""

    def __init__(self, folder: Path) -> None:
        self._tables = {
            root: SortedTable(folder / f"{root}.tsv") for root in ("jax", "flax", "optax")
        }
        self._symbols: dict[str, Symbol | None] = {}

    @staticmethod
    @cache
    def load() -> TargetApi:
        """The API data that ships with tfjax; the same object each time."""
        return TargetApi(DATA / "target")

    def symbol(self, name: str) -> Symbol | None:
        if name not in self._symbols:
            table = self._tables.get(name.partition(".")[0])
            fields = None if table is None else table.find(name)
            self._symbols[name] = None if fields is None else decode(name, fields)
        return self._symbols[name]

    def has(self, name: str) -> bool:
        return self.symbol(name) is not None

    def with_prefix(self, prefix: str) -> Iterator[tuple[str, list[str]]]:
        """Every (name, fields) of one package whose name starts with `prefix`, in order."""
        return self._tables[prefix.partition(".")[0]].with_prefix(prefix)

    def signature(self, name: str) -> Signature | None:
        """The call signature (of the constructor, for a class), None when unknown."""
        symbol = self.symbol(name)
        return None if symbol is None else symbol.signature

    def parameter(self, name: str, parameter: str) -> Parameter | None:
        signature = self.signature(name)
        return None if signature is None else signature.get(parameter)

    def default(self, name: str, parameter: str) -> str | None:
        """Source text of a default; None when symbol, parameter or default is missing."""
        found = self.parameter(name, parameter)
        return None if found is None else found.default

    def is_subclass(self, name: str, base: str) -> bool:
        symbol = self.symbol(name)
        if symbol is None or symbol.kind != "class":
            return False
        return name == base or base in symbol.bases


@cache
def versions() -> Mapping[str, str]:
    """The package versions that the data was generated from."""
    table = SortedTable(DATA / "versions.tsv")
    return {name: fields[0] for name, fields in table.with_prefix("") if fields}
