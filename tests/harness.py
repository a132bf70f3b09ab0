"""One way to test a compilation: text in, text out, and what must hold of every output.

    check_compile(before, after)

compiles `before`, compares with `after`, and checks that the output parses, lints, imports only
what exists, stays as it is when compiled again, has no symbol of the source framework left, and
that the ledger holds every statement of the source.
"""

from __future__ import annotations

import ast
import functools
import json
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tfjax.ir.nodes import Module
from tfjax.rules.api import TargetApi
from tfjax.rules.language import RuleSet
from tfjax.transpiler.files import SourceFile
from tfjax.transpiler.frontend import lower_text
from tfjax.transpiler.project import (
    CompiledFile,
    CompiledProject,
    DriverFacts,
    Options,
    compile_project,
)
from tfjax.transpiler.report.build_ledger import statements_of

SOURCE_FRAMEWORKS = frozenset({"tensorflow", "keras", "tf_keras"})
TARGET_FRAMEWORKS = frozenset({"jax", "flax", "optax"})
LINTS = "E,F,I,UP"


def check_compile(
    before: str,
    after: str | None = None,
    *,
    module: str = "model",
    flavour: str = "auto",
    left: Iterable[str] = (),
    rules: RuleSet | None = None,
    driver: DriverFacts | None = None,
    others: Mapping[str, str] | None = None,
    config_methods: str = "drop",
) -> CompiledFile:
    """Compiles `before` (dedented) as `module`, beside the modules `others`, and checks it.

    `after`: the whole text wanted; None: only the invariants are checked. `left`: the codes of the
    errors wanted, in the order of their places; none by default. `config_methods`: as in `Options`.
    """
    texts = {module: textwrap.dedent(before), **dict(others or {})}
    project = compile_texts(texts, flavour, rules, driver, config_methods)
    file = project.files[0]
    assert file.traceback is None, file.traceback
    if after is not None:
        assert file.text == textwrap.dedent(after)
    errors = [d for d in file.diagnostics if d.severity == "error"]
    assert [d.code for d in errors] == list(left), "\n".join(
        f"{d.code} line {d.line}: {d.message}" for d in errors
    )
    problems = [p for one in project.files for p in broken_invariants(one, project, rules)]
    assert problems == [], "\n".join([*problems, file.text])
    return file


def compile_texts(
    texts: Mapping[str, str],
    flavour: str = "auto",
    rules: RuleSet | None = None,
    driver: DriverFacts | None = None,
    config_methods: str = "drop",
) -> CompiledProject:
    """Compiles modules given as text."""
    sources = [source_file(name, text) for name, text in texts.items()]
    drivers = () if driver is None else (driver,)
    options = Options(flavour=flavour, drivers=drivers, config_methods=config_methods)
    return compile_project(sources, options, rules or builtin_rules())


def source_file(module: str, text: str) -> SourceFile:
    path = Path(*module.split(".")).with_suffix(".py")
    return SourceFile(path, path, text, module=module)


@functools.cache
def builtin_rules() -> RuleSet:
    return RuleSet.load()


def broken_invariants(
    file: CompiledFile, project: CompiledProject, rules: RuleSet | None = None
) -> list[str]:
    """What does not hold of one output, in words."""
    if file.status == "failed":
        return [f"{file.path} failed: {'; '.join(d.message for d in file.diagnostics)}"]
    try:
        tree = ast.parse(file.text)
    except SyntaxError as error:
        return [f"the output does not parse: {error}"]
    return [
        *new_lints(file, [one.source.module for one in project.files]),
        *wrong_imports(tree, project, file),
        *missing_in_ledger(file),
        *changed_again(file, project, rules),
    ]


# ------------------------------------------------------------------------------------------- lint


def new_lints(file: CompiledFile, modules: Iterable[str]) -> Iterator[str]:
    """Findings of the linter that the source does not have."""
    if file.text == file.source.text:
        return
    own = ("tf_compat", *modules)
    found = lint(file.text, own)
    old = Counter(code for code, _ in lint(file.source.text, own))
    for code, message in found:
        if not old[code]:
            yield f"{code} {message}"


@functools.lru_cache(maxsize=1024)
def lint(text: str, own: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Code and message of each finding; `own` are the modules of the project, for the order of
    imports."""
    ruff = Path(sys.executable).with_name("ruff")
    command = [str(ruff) if ruff.exists() else "ruff", "check", "--isolated", "--no-cache"]
    command += ["--select", LINTS, "--line-length", "100", "--target-version", "py311"]
    command += ["--config", f"lint.isort.known-first-party = {json.dumps(own)}"]
    command += ["--output-format", "json", "--stdin-filename", "output.py", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return tuple(
        (item["code"] or "E999", f"line {item['location']['row']}: {item['message']}")
        for item in json.loads(done.stdout)
    )


# ---------------------------------------------------------------------------------------- imports


def wrong_imports(tree: ast.Module, project: CompiledProject, file: CompiledFile) -> Iterator[str]:
    """Imports and uses of names that do not exist, or that belong to the source framework."""
    api = TargetApi.load()
    bound: dict[str, str] = {}
    own = {one.source.module: one for one in project.files}
    kept = any(e.kind == "kept" and e.by != "source" for e in file.ledger)
    for node in ast.walk(tree):
        for dotted, name in _imports(node, file):
            root = dotted.partition(".")[0]
            if root in SOURCE_FRAMEWORKS and not kept and dotted not in own:
                if not any(dotted.startswith(f"{module}.") for module in own):
                    yield f"line {node.lineno}: {dotted} is imported"  # pyright: ignore
            elif root in TARGET_FRAMEWORKS and not api.has(dotted):
                yield f"line {node.lineno}: {dotted} does not exist"  # pyright: ignore
            elif root == "tf_compat" and not _helper_exists(dotted, project):
                yield f"line {node.lineno}: {dotted} is not carried along"  # pyright: ignore
            bound[name] = dotted
    for node in ast.walk(tree):
        dotted = _chain(node, bound)
        if dotted is not None and dotted.partition(".")[0] in TARGET_FRAMEWORKS:
            owner = api.symbol(dotted.rpartition(".")[0])
            types = dotted.startswith("jax.typing")  # not a part of the API data
            if owner is not None and owner.kind == "module" and not types and not api.has(dotted):
                yield f"line {node.lineno}: {dotted} does not exist"  # pyright: ignore


def _imports(node: ast.AST, file: CompiledFile) -> Iterator[tuple[str, str]]:
    """The absolute dotted name of each imported thing, and the name it is bound to."""
    match node:
        case ast.Import(names=names):
            for alias in names:
                root = alias.name.partition(".")[0]
                yield alias.name, alias.asname or root
        case ast.ImportFrom(module=module, names=names, level=0):
            for alias in names:
                yield f"{module}.{alias.name}", alias.asname or alias.name
        case ast.ImportFrom(module=module, names=names) if (module or "").endswith("tf_compat"):
            for alias in names:
                yield f"tf_compat.{alias.name}", alias.asname or alias.name
        case _:
            return


def _helper_exists(dotted: str, project: CompiledProject) -> bool:
    text = project.extra.get(Path("tf_compat.py"), "")
    name = dotted.partition(".")[2]
    return any(getattr(node, "name", None) == name for node in ast.parse(text).body) or (
        f"\n{name} = " in text
    )


def _chain(node: ast.AST, bound: Mapping[str, str]) -> str | None:
    """The dotted name that an attribute chain on an imported name stands for."""
    parts: list[str] = []
    if not isinstance(node, ast.Attribute):
        return None
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in bound:
        return None
    return ".".join([bound[node.id], *reversed(parts)])


# --------------------------------------------------------------------------- ledger and second run


def missing_in_ledger(file: CompiledFile) -> Iterator[str]:
    """Statements of the source without an entry, and entries that point out of the output."""
    spans = {entry.span for entry in file.ledger}
    source: Module = lower_text(file.source.text)
    for statement in statements_of(source):
        if statement.span is not None and statement.span not in spans:
            yield f"the ledger lacks the statement at {statement.span}"
    lines = file.text.count("\n") + 1
    for entry in file.ledger:
        if entry.target is not None and not 1 <= entry.target.start_line <= lines:
            yield f"the ledger points to line {entry.target.start_line} of {lines}"
        if entry.kind in ("kept", "translated") and entry.target is None:
            yield f"the {entry.kind} statement at {entry.span} has no place"


def changed_again(
    file: CompiledFile, project: CompiledProject, rules: RuleSet | None
) -> Iterator[str]:
    """Whether a second run over the output changes it."""
    texts = {one.source.module: one.text for one in project.files}
    texts |= {path.stem: text for path, text in project.extra.items()}
    again = compile_texts(texts, project.flavour, rules)
    second = next(one for one in again.files if one.source.module == file.source.module)
    if second.text != file.text:
        yield "a second run changes the output"
    for problem in second.diagnostics:
        if problem.severity == "error":
            yield f"a second run finds {problem.code} {problem.message}"
