"""Cases made up for what no settings and no text tell how to call: every public class and function.

Which values fit is found by running the source, see `probe_worker`; what was found is kept by the
content of the sources. What no case can be made for has a reason, which is shown.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from ..files import SourceFile
from ..project import CompiledProject
from .cache import library_versions
from .case import Side, VerifyCase
from .codec import encode
from .drivers import Program
from .limits import Limits
from .pool import WorkerPool, jobs_that_fit
from .prepare import source_roots

_OWN_FILES = ("probe_worker.py", "probe_values.py", "sampling.py", "specs.py")
_PROBE = Limits(wall_s=90.0, cpu_s=90, memory_gib=8.0)


@dataclass(frozen=True, slots=True)
class Made:
    """What came of one class or function: a program, or why there is none. `line`: its own."""

    entry: str
    line: int
    program: Program | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Definition:
    """A public class or function of a module."""

    module: str
    name: str
    line: int

    @property
    def entry(self) -> str:
        return f"{self.module}:{self.name}"


def definitions(source: SourceFile) -> Iterator[Definition]:
    """The public classes and functions of a module."""
    try:
        tree = ast.parse(source.text)
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in tree.body:
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                if not name.startswith("_") and name != "main":
                    yield Definition(source.module, name, node.lineno)
            case _:
                pass


def make_up(
    project: CompiledProject,
    known: Collection[str],
    pool: WorkerPool,
    folder: Path,
    cache: Path | None,
) -> list[Made]:
    """What comes of the public definitions of the files that are translated; not of `known`
    entries."""
    wanted = [
        found
        for file in project.files
        if file.status != "unchanged"
        for found in definitions(file.source)
        if found.entry not in known
    ]
    sources = [file.source for file in project.files]
    roots = tuple(source_roots(sources, folder / "source"))
    kept = None if cache is None else cache / "made_up"
    return Synthesis(pool, roots, project.flavour, folder, kept).make(wanted, sources)


@dataclass(frozen=True, slots=True)
class Synthesis:
    """What the cases are made up with: `roots` are put on the module search path, `kept` holds what
    was found before."""

    pool: WorkerPool
    roots: tuple[str, ...]
    flavour: str
    folder: Path
    kept: Path | None
    jobs: int = 1

    def make(self, wanted: Sequence[Definition], sources: Iterable[SourceFile]) -> list[Made]:
        """In the order of `wanted`."""
        texts = sorted((s.module, s.text) for s in sources)
        state = hashlib.sha256(json.dumps([texts, self.flavour, library_versions()]).encode())
        for name in _OWN_FILES:
            state.update((Path(__file__).parent / name).read_bytes())
        with ThreadPoolExecutor(jobs_that_fit(self.jobs)) as threads:
            running = [
                threads.submit(self._one, number, one, state.hexdigest())
                for number, one in enumerate(wanted)
            ]
            return [one.result() for one in running]

    def _one(self, number: int, wanted: Definition, state: str) -> Made:
        key = hashlib.sha256(f"{state} {wanted.entry}".encode()).hexdigest()[:32]
        kept = None if self.kept is None else self.kept / f"{key}.json"
        if kept is not None and kept.is_file():
            return _made(wanted, json.loads(kept.read_text()))
        side = Side(wanted.module, "", "", self.roots)
        flavour = "keras2" if self.flavour == "2" else "keras3"
        case = VerifyCase(wanted.entry, flavour, side, side, {}, limits=_PROBE)
        place = self.folder / f"probe{number}"
        found = self.pool.run("probe_worker", case, place, {"entity": wanted.name})
        if found["status"] != "ok":
            found = {"why": f"{found['reason']}: {found['message']}"}
        found = {k: v for k, v in found.items() if k in ("found", "why")}
        if kept is not None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            part = kept.with_suffix(f".{number}.part")
            part.write_text(json.dumps(encode(found)))
            part.rename(kept)
        return _made(wanted, found)


def _made(wanted: Definition, data: Mapping[str, Any]) -> Made:
    if "found" not in data:
        return Made(wanted.entry, wanted.line, None, str(data["why"]))
    found = cast("Mapping[str, Any]", data["found"])
    program = Program(
        wanted.entry,
        wanted.entry,
        found["inputs"],
        call=found["call"],
        kwargs={name: _literal(value) for name, value in found["args"].items()},
        sizes={dim: tuple(sizes) for dim, sizes in found["sizes"].items()},
        form=found["form"],
        made_up=True,
    )
    if program.form != "object":
        program = replace(program, kwargs=None)
    return Made(wanted.entry, wanted.line, program)


def _literal(value: Any) -> Any:
    """Tuples have become lists on the way."""
    return tuple(map(_literal, cast("list[Any]", value))) if isinstance(value, list) else value
