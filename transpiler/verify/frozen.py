"""Frozen oracles: recorded results of the source, with which an output is proved again without
TensorFlow.

    DIR/manifest.json            format, versions, and the folder and hash of each case
    DIR/rules.json               how weights move from layers of the source to those of the target
    DIR/NAME-HASH/case.json      the case, without folders of this machine
    DIR/NAME-HASH/MODULE.py      the translated driver of each phase
    DIR/NAME-HASH/call/          what the oracle recorded (result.json, oracle.safetensors)
    DIR/NAME-HASH/training/      the same in training mode, where there is one

HASH is over the content of all other files of the folder.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .cache import library_versions
from .case import Side, VerifyCase, WeightRule, WeightRules, rules_from_data
from .codec import decode, encode

FORMAT = 1
FILES = ("result.json", "oracle.safetensors")


class FrozenError(Exception):
    """The folder holds no usable frozen oracle; the message says why."""


@dataclass(frozen=True, slots=True)
class FrozenCase:
    """A case of a frozen oracle, and the folder that holds it."""

    case: VerifyCase
    folder: Path

    def recorded(self, *, training: bool) -> Path:
        return self.folder / ("training" if training else "call")


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a verification leaves for one case: the result folder of each phase."""

    case: VerifyCase
    call: Path
    training: Path | None


def save(
    target: Path, recorded: Sequence[Recorded], drivers: Mapping[str, str], rules: WeightRules
) -> None:
    """Writes a frozen oracle; `drivers` are the texts of the translated drivers by module. What was
    in `target` of an earlier one is replaced."""
    target.mkdir(parents=True, exist_ok=True)
    for old in _folders(target):
        shutil.rmtree(old, ignore_errors=True)
    cases: list[dict[str, str]] = []
    for number, one in enumerate(recorded):
        part = target / f".part-{number}"
        shutil.rmtree(part, ignore_errors=True)
        _fill(part, one, drivers)
        digest = content_hash(part)
        folder = target / f"{safe(one.case.name)}-{digest[:12]}"
        part.rename(folder)
        cases.append({"name": one.case.name, "folder": folder.name, "sha256": digest})
    (target / "rules.json").write_text(json.dumps(encode(list(rules))))
    manifest = {"format": FORMAT, "versions": library_versions(), "cases": cases}
    (target / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


def _fill(part: Path, one: Recorded, drivers: Mapping[str, str]) -> None:
    for name, folder in (("call", one.call), ("training", one.training)):
        if folder is None:
            continue
        (part / name).mkdir(parents=True)
        for file in FILES:
            shutil.copyfile(folder / file, part / name / file)
        result = json.loads((part / name / "result.json").read_text())
        kept = {k: v for k, v in result.items() if k not in ("files", "seconds", "sandbox")}
        (part / name / "result.json").write_text(json.dumps(kept))
    case = replace(one.case, source=_bare(one.case.source), target=_bare(one.case.target))
    modules = [case.target.module]
    if case.train is not None:
        sides = replace(
            case.train, source=_bare(case.train.source), target=_bare(case.train.target)
        )
        case = replace(case, train=sides if one.training is not None else None)
        modules.append(sides.target.module)
    for module in modules:
        if module in drivers:
            (part / f"{module}.py").write_text(drivers[module], "utf-8")
    (part / "case.json").write_text(json.dumps(encode(case), indent=1) + "\n")


def _bare(side: Side) -> Side:
    return replace(side, paths=())


def load(folder: Path) -> tuple[list[FrozenCase], tuple[WeightRule, ...]]:
    """The cases of a frozen oracle and its weight rules. Raises FrozenError."""
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
        rules = rules_from_data(json.loads((folder / "rules.json").read_text()))
        if manifest.get("format") != FORMAT:
            raise FrozenError(f"{folder} has format {manifest.get('format')}, not {FORMAT}")
        return [_load_case(folder, entry) for entry in manifest["cases"]], rules
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FrozenError(f"{folder} is no frozen oracle: {error}") from error


def _load_case(folder: Path, entry: Mapping[str, str]) -> FrozenCase:
    place = folder / entry["folder"]
    if content_hash(place) != entry["sha256"]:
        raise FrozenError(f"{place} is not what was recorded: its content hash differs")
    case = decode(VerifyCase, json.loads((place / "case.json").read_text()))
    return FrozenCase(case, place)


def content_hash(folder: Path) -> str:
    """SHA-256 over names and bytes of all files, in order."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".pyc"):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _folders(target: Path) -> Iterator[Path]:
    """The folders of an earlier frozen oracle, and no other."""
    try:
        manifest = json.loads((target / "manifest.json").read_text())
        names = [entry["folder"] for entry in manifest["cases"]]
    except (OSError, ValueError, KeyError, TypeError):
        return
    yield from (target / name for name in names if "/" not in name and name not in ("", ".", ".."))


def safe(name: str) -> str:
    """A name for files and folders."""
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in name)[:60] or "case"
