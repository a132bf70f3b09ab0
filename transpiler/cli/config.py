"""Settings from `[tool.tfjax]` of the nearest pyproject.toml, checked key by key."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn, cast

from ..diagnostics import Diagnostic, codes

FLAVOURS = ("2", "3", "auto")
TARGETS = ("nnx",)
CONFIG_METHODS = ("drop", "keep")
SIZE = re.compile(r"(\d[\d_]*)\s*(?:([kMGT])i?)?B?", re.IGNORECASE)
ENTRY = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")


@dataclass(frozen=True, slots=True)
class VerifyEntry:
    """One `[[tool.tfjax.verify]]` table: a program to build on both sides and to compare.

    `entry` is `module:object`; the object is called with `args` and `kwargs` to get the model.
    `inputs` maps names to specs such as "float32[B, 224, 224, 3]" or nested lists and tables of
    them; `call` is an expression over `model` and the names. `sizes` gives named dims their
    values. `train_call` is the call in training mode. `keras` is None where the run's choice holds.
    """

    name: str
    entry: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    inputs: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    call: str | None = None
    keras: str | None = None
    sizes: Mapping[str, tuple[int, ...]] = field(default_factory=lambda: MappingProxyType({}))
    train_call: str | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of a project; None where the file says nothing. `path` is the file itself."""

    path: Path | None = None
    keras: str | None = None
    target: str | None = None
    max_file_size: int | None = None
    verify: tuple[VerifyEntry, ...] = ()
    rules: tuple[Path, ...] = ()
    config_methods: str | None = None


class ConfigError(Exception):
    """The configuration cannot be used."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def load_config(start: Path, explicit: Path | None = None) -> Config:
    """The settings in `explicit`, else in the nearest pyproject.toml at or above `start` that
    has a `[tool.tfjax]` table. Raises ConfigError."""
    if explicit is not None:
        return parse_config(_read(explicit), explicit)
    folder = start.absolute()
    for candidate in (folder, *folder.parents):
        path = candidate / "pyproject.toml"
        if path.is_file() and "tfjax" in (tool := _tool_table(_read(path))):
            return parse_config({"tool": tool}, path)
    return Config()


def parse_config(document: Mapping[str, Any], path: Path) -> Config:
    """Checks a parsed pyproject.toml. Raises ConfigError."""
    reader = _Reader(path)
    table = reader.table(_tool_table(document).get("tfjax", {}), "tool.tfjax")
    keys = ("keras", "target", "max-file-size", "verify", "rules", "config-methods")
    reader.known(table, keys, "tool.tfjax")
    size = table.get("max-file-size")
    entries = table.get("verify", [])
    if isinstance(entries, dict):
        reader.fail("`tool.tfjax.verify` is a list of tables: write `[[tool.tfjax.verify]]`")
    verify = tuple(
        reader.entry(item, f"tool.tfjax.verify[{n}]")
        for n, item in enumerate(reader.list_(entries, "tool.tfjax.verify"))
    )
    rules = reader.list_(table.get("rules", []), "tool.tfjax.rules")
    names = [entry.name for entry in verify]
    if twice := next((name for name in names if names.count(name) > 1), None):
        reader.fail(f"two `tool.tfjax.verify` entries are named `{twice}`")
    return Config(
        path,
        reader.choice(table, "keras", FLAVOURS, "tool.tfjax"),
        reader.choice(table, "target", TARGETS, "tool.tfjax"),
        None if size is None else reader.size(size, "tool.tfjax.max-file-size"),
        verify,
        tuple(reader.file(item, f"tool.tfjax.rules[{n}]") for n, item in enumerate(rules)),
        reader.choice(table, "config-methods", CONFIG_METHODS, "tool.tfjax"),
    )


def parse_size(text: str) -> int:
    """Bytes from "10MB", "512k", "1_000": units are powers of 1024. Raises ValueError."""
    found = SIZE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"`{text}` is not a size; write for example 10MB or 500k")
    power = " kmgt".index((found[2] or " ").lower())
    return int(found[1]) * 1024**power


def closest(word: str, known: tuple[str, ...]) -> str:
    """`; did you mean ...?` when a known word is near, else what is known."""
    near = difflib.get_close_matches(word, known, n=1)
    return f"did you mean `{near[0]}`?" if near else f"known: {', '.join(known)}"


def _tool_table(document: Mapping[str, Any]) -> dict[str, Any]:
    tool = document.get("tool", {})
    return cast("dict[str, Any]", tool) if isinstance(tool, dict) else {}


def _read(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except OSError as error:
        _fail(path, f"cannot be read: {(error.strerror or str(error)).lower()}")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        _fail(path, f"is not valid TOML: {error}")


def _fail(path: Path, message: str, hint: str | None = None) -> NoReturn:
    raise ConfigError(codes.INVALID_CONFIG.at(path.as_posix(), None, message, hint=hint))


@dataclass(frozen=True, slots=True)
class _Reader:
    path: Path

    def fail(self, message: str, hint: str | None = None) -> NoReturn:
        _fail(self.path, message, hint)

    def known(self, table: Mapping[str, Any], keys: tuple[str, ...], where: str) -> None:
        for key in table:
            if key not in keys:
                self.fail(f"unknown key `{key}` in `{where}`", closest(key, keys))

    def table(self, value: object, where: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.fail(f"`{where}` must be a table, not {_kind(value)}")
        return cast("dict[str, Any]", value)

    def list_(self, value: object, where: str) -> list[Any]:
        if not isinstance(value, list):
            self.fail(f"`{where}` must be a list, not {_kind(value)}")
        return cast("list[Any]", value)

    def text(self, table: Mapping[str, Any], key: str, where: str) -> str | None:
        value = table.get(key)
        if value is not None and not isinstance(value, str):
            self.fail(f"`{where}.{key}` must be a string, not {_kind(value)}")
        return value

    def choice(
        self, table: Mapping[str, Any], key: str, known: tuple[str, ...], where: str
    ) -> str | None:
        value = table.get(key)
        # `keras = 3` is what people write.
        value = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if value is not None and value not in known:
            self.fail(f"`{where}.{key}` must be one of {', '.join(known)}, not {value!r}")
        return cast("str | None", value)

    def size(self, value: object, where: str) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        if not isinstance(value, str):
            self.fail(f"`{where}` must be a size such as 10MB, not {_kind(value)}")
        try:
            return parse_size(value)
        except ValueError as error:
            self.fail(f"`{where}`: {error}")

    def file(self, value: object, where: str) -> Path:
        """A file or folder, named relative to the configuration file."""
        if not isinstance(value, str):
            self.fail(f"`{where}` must be a path, not {_kind(value)}")
        found = self.path.parent / value
        here = Path.cwd()
        return found.relative_to(here) if found.is_relative_to(here) else found

    def sizes(self, value: object, where: str) -> dict[str, tuple[int, ...]]:
        found: dict[str, tuple[int, ...]] = {}
        for key, item in self.table(value, where).items():
            listed = cast("list[Any]", item if isinstance(item, list) else [item])
            if not listed or not all(type(n) is int and n >= 0 for n in listed):
                self.fail(f"`{where}.{key}` must be a size or a list of sizes")
            found[key] = tuple(listed)
        return found

    def entry(self, value: object, where: str) -> VerifyEntry:
        table = self.table(value, where)
        keys = ("name", "entry", "args", "kwargs", "inputs", "call", "keras", "sizes")
        keys = (*keys, "train-call")
        self.known(table, keys, where)
        entry = self.text(table, "entry", where)
        if entry is None or not ENTRY.fullmatch(entry):
            hint = 'write entry = "package.module:ClassOrFunction"'
            given = "is missing" if entry is None else f"is not `module:object`: {entry!r}"
            self.fail(f"`{where}.entry` {given}", hint)
        inputs = self.table(table.get("inputs", {}), f"{where}.inputs")
        for key, item in inputs.items():
            if not key.isidentifier() or not _is_spec(item):
                hint = 'write inputs = { x = "float32[B, 224, 224, 3]" }'
                self.fail(f"`{where}.inputs.{key}` is not an input spec", hint)
        return VerifyEntry(
            self.text(table, "name", where) or entry,
            entry,
            tuple(self.list_(table.get("args", []), f"{where}.args")),
            self.table(table.get("kwargs", {}), f"{where}.kwargs"),
            inputs,
            self.text(table, "call", where),
            self.choice(table, "keras", FLAVOURS, where),
            self.sizes(table.get("sizes", {}), f"{where}.sizes"),
            self.text(table, "train-call", where),
        )


def _is_spec(value: object) -> bool:
    match value:
        case str() | bool() | int() | float():
            return True
        case list():
            return all(map(_is_spec, cast("list[object]", value)))
        case dict():
            return all(map(_is_spec, cast("dict[str, object]", value).values()))
        case _:
            return False


KINDS: tuple[tuple[Callable[[object], bool], str], ...] = (
    (lambda value: isinstance(value, bool), "a boolean"),
    (lambda value: isinstance(value, int | float), "a number"),
    (lambda value: isinstance(value, str), "a string"),
    (lambda value: isinstance(value, list), "a list"),
    (lambda value: isinstance(value, dict), "a table"),
)


def _kind(value: object) -> str:
    return next((name for test, name in KINDS if test(value)), type(value).__name__)
