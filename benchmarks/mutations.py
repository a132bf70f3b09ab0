"""Does the verifier see what is wrong? Seeded semantic mutations of correct translations.

    python -m benchmarks.mutations FOLDER [--count 200] [--seed 0] [--jobs 2] [--mode MODES]

FOLDER holds programs with [[tool.tfjax.verify]] settings (`examples/`) or a list of them in
`cases.toml` (`tests/programs`); those that do not verify are left out. Each mutation
changes one expression or statement of the translation. Counted: how many are caught, of how many of
these the report names the mutated line (where the values part, the last line at which they agree,
or where a module is made), and of how many it lies between the last two. A mutation that changes no
value on any input (the transpose of a vector) is an equivalent: those that are not caught are
listed with their text, to be judged by a person.
"""

from __future__ import annotations

import argparse
import ast
import random
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from tfjax.rules.language.cache import cache_folder
from tfjax.transpiler.cli.config import Config, load_config, parse_config
from tfjax.transpiler.cli.inputs import Search, read_inputs
from tfjax.transpiler.project import Options, compile_project
from tfjax.transpiler.verify.api import Runner, run_case
from tfjax.transpiler.verify.case import VerifyCase
from tfjax.transpiler.verify.modes import parse_modes
from tfjax.transpiler.verify.options import VerifyOptions
from tfjax.transpiler.verify.pool import WorkerPool, jobs_that_fit
from tfjax.transpiler.verify.prepare import prepare
from tfjax.transpiler.verify.project import weight_rules
from tfjax.transpiler.verify.result import VerifyResult
from tfjax.transpiler.verify.tasks import tasks_of

ACTIVATIONS = ("relu", "gelu", "sigmoid", "tanh", "softmax", "leaky_relu", "elu", "swish", "silu")
NUMBERS = {
    "epsilon": lambda v: v * 50,
    "momentum": lambda v: v * 0.9,
    "negative_slope": lambda v: v / 2,
    "strides": lambda v: v + 1,
    "rate": lambda v: v / 2,
    "axis": lambda v: 0 if v else 1,
}
BINARY = ("matmul", "dot", "where", "concatenate", "subtract", "divide", "einsum")
FLAGS = ("use_bias", "use_running_average", "deterministic", "approximate")
OPERATORS: dict[type[ast.operator], str] = {ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*"}


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change: from (line, column) to (line, column), lines from 1, to `text`; `statement`: the
    first and the last line of the statement that holds it."""

    kind: str
    start: tuple[int, int]
    end: tuple[int, int]
    text: str
    statement: tuple[int, int] = (0, 0)

    def apply(self, source: str) -> str:
        lines = source.splitlines(keepends=True)
        (first, left), (last, right) = self.start, self.end
        before = lines[first - 1].encode()[:left].decode()
        after = lines[last - 1].encode()[right:].decode()
        # Lines keep their numbers.
        kept = "" if first == last else "\\\n" * (last - first)
        return "".join([*lines[: first - 1], before + self.text + kept + after, *lines[last:]])


def mutations(source: str) -> Iterator[Mutation]:
    """Every mutation of the classes and functions of a translated module."""
    for top in ast.parse(source).body:
        if isinstance(top, ast.ClassDef | ast.FunctionDef):
            statements = [s for s in ast.walk(top) if isinstance(s, ast.stmt)]
            for node in ast.walk(top):
                for found in _of_node(node, source):
                    yield replace(found, statement=_around(found, statements))


def _around(mutation: Mutation, statements: list[ast.stmt]) -> tuple[int, int]:
    """The lines of the smallest statement around a mutation."""
    line = mutation.start[0]
    spans = [(s.lineno, s.end_lineno or s.lineno) for s in statements]
    return min((s for s in spans if s[0] <= line <= s[1]), key=lambda s: s[1] - s[0])


def _of_node(node: ast.AST, source: str) -> Iterator[Mutation]:
    match node:
        case ast.Call():
            yield from _of_call(node, source)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            if not isinstance(left, ast.Constant | ast.Tuple):
                text = f"{_text(left, source)} {OPERATORS[type(op)]} {_text(right, source)}"
                yield _replace("operator", node, text)
            if isinstance(op, ast.Add) and isinstance(left, ast.Name):
                yield _replace("dropped summand", node, _text(left, source))
        case ast.FunctionDef(name="__call__", body=body):
            for first, second in pairwise(body):
                if _is_step(first) and _is_step(second):
                    yield _replace("dropped statement", second, "pass")
        case ast.Slice(lower=lower, upper=upper):
            for bound in (lower, upper):
                if isinstance(bound, ast.Constant) and isinstance(bound.value, int):
                    yield _replace("off by one", bound, str(bound.value + 1))
        case ast.Subscript(value=ast.Attribute(), slice=ast.Constant(value=value)) if value is ...:
            yield _replace("transposed weight", node, f"{_text(node, source)}.T")
        case _:
            pass


def _of_call(node: ast.Call, source: str) -> Iterator[Mutation]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if name in ACTIVATIONS and node.args:
        yield _replace("dropped activation", node, _text(node.args[0], source))
        other = "jax.nn.tanh" if name != "tanh" else "jax.nn.sigmoid"
        if "import jax\n" in source:
            yield _replace("other activation", node, f"{other}({_text(node.args[0], source)})")
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="self")), args=[first, *_]):
            text = _text(node, source)
            yield _replace("skipped layer", node, _text(first, source))
            yield _replace("other scale", node, f"0.9 * {text}")
            if "import jax\n" in source:
                yield _replace("detached", node, f"jax.lax.stop_gradient({text})")
        case _:
            pass
    if name in BINARY and len(node.args) >= 2 and not isinstance(node.args[1], ast.Constant):
        yield _replace("swapped argument", node.args[0], _text(node.args[1], source))
    for keyword in node.keywords:
        match keyword.arg, keyword.value:
            case str(name), ast.Constant(value=bool(value)) if name in FLAGS:
                yield _replace(f"wrong {name}", keyword.value, repr(not value))
            case str(name), ast.Constant(value=int(value) | float(value)) if name in NUMBERS:
                yield _replace(f"wrong {name}", keyword.value, repr(NUMBERS[name](value)))
            case _:
                pass


def _is_step(node: ast.stmt) -> bool:
    """`x = f(x)`: leaving it out leaves a program."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(args=[ast.Name(id=given), *_])):
            return name == given
        case _:
            return False


def _text(node: ast.AST, source: str) -> str:
    return ast.get_source_segment(source, node) or ""


def _replace(kind: str, node: ast.expr | ast.stmt, text: str) -> Mutation:
    assert node.end_lineno is not None and node.end_col_offset is not None
    end = (node.end_lineno, node.end_col_offset)
    return Mutation(kind, (node.lineno, node.col_offset), end, text.replace("\n", " "))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one mutation; `named` is None where it was not caught."""

    case: str
    file: str
    mutation: Mutation
    result: VerifyResult

    @property
    def caught(self) -> bool:
        return self.result.verdict != "pass"

    @property
    def named(self) -> bool:
        """Whether a line of the mutated statement is among those of the report: of the divergence,
        or of the traceback where the translation raises."""
        lines = range(self.mutation.statement[0], self.mutation.statement[1] + 1)
        found = self.result.divergence
        if any(f'{self.file}", line {n},' in self.result.traceback for n in lines):
            return True
        if found is None:
            return False
        places = (found.target, found.after, *found.callers, *found.made)
        places = (*places, *found.between, *found.used)
        return any(p is not None and p[0] == self.file and p[1] in lines for p in places)

    @property
    def bracketed(self) -> bool:
        """Whether the mutated statement lies between the line until which the values agree and that
        where they part: a statement that computes nothing any more has no values of its own."""
        found = self.result.divergence
        if found is None or found.target is None or found.after is None:
            return False
        first, last = self.mutation.statement
        same = found.target[0] == found.after[0] == self.file
        return same and found.after[1] <= first and last <= found.target[1]


def run(
    folder: Path, count: int, seed: int, jobs: int, modes: str, programs: int | None = None
) -> list[Outcome]:
    """Verifies each program unchanged, then its share of `count` mutations. Oracles are kept, so
    that a second run needs no TensorFlow."""
    config = _config(folder)
    if programs is not None and len(config.verify) > programs:
        entries = random.Random(seed).sample(config.verify, programs)
        config = replace(config, verify=tuple(entries))
    names = {entry.entry.partition(":")[0] for entry in config.verify}
    paths = [str(folder.joinpath(*name.split(".")).with_suffix(".py")) for name in sorted(names)]
    sources = read_inputs(paths or [str(folder)], None, None, Search((folder,), False)).sources
    options = Options(flavour="auto")
    project = compile_project(sources, options)
    wanted = VerifyOptions(modes=parse_modes(modes))
    by_module = {file.source.module: file for file in project.files}
    tasks, _ = tasks_of(by_module, config, project.flavour, training=True)
    outcomes: list[Outcome] = []
    cache = cache_folder()
    with tempfile.TemporaryDirectory() as name, WorkerPool() as pool:
        place = Path(name)
        kept = place if cache is None else cache
        runner = Runner(pool, weight_rules(), kept / "oracle")
        for number, task in enumerate(tasks):
            chosen = replace(options, flavour=task.flavour)
            made = prepare(project, [task], chosen, wanted, place / str(number), kept / "drivers")
            (case,) = made.cases
            plain = run_case(case, runner)
            if plain.verdict != "pass":
                why = f"{plain.reason} {plain.message}"[:120]
                print(f"{case.name} does not verify unchanged, left out: {why}", flush=True)
                continue
            file = f"{task.program.module.replace('.', '/')}.py"
            text = (made.target / file).read_text()
            work = [one for one in mutations(text) if _parses(one.apply(text))]
            share = min(len(work), -(-(count - len(outcomes)) // (len(tasks) - number)))
            print(f"{case.name}: {share} of {len(work)} mutations", flush=True)
            sample = random.Random(f"{seed} {case.name}").sample(work, share)
            with ThreadPoolExecutor(jobs_that_fit(jobs)) as threads:
                running = [
                    threads.submit(_one, case, file, mutation, runner, place / f"{number}-{n}")
                    for n, mutation in enumerate(sample)
                ]
                outcomes += [one.result() for one in running]
    return outcomes


def _config(folder: Path) -> Config:
    """The settings of a folder, or the list of the test programs."""
    listed = folder / "cases.toml"
    if not listed.is_file():
        return load_config(folder)
    programs = tomllib.loads(listed.read_text("utf-8"))["program"]
    entries = [{k: v for k, v in one.items() if k != "feature"} for one in programs]
    return parse_config({"tool": {"tfjax": {"verify": entries}}}, folder / "pyproject.toml")


def _parses(text: str) -> bool:
    try:
        compile(text, "mutant", "exec")
    except SyntaxError:
        return False
    return True


def _one(case: VerifyCase, file: str, mutation: Mutation, runner: Runner, place: Path) -> Outcome:
    shutil.copytree(case.target.paths[0], place)
    path = place / file
    path.write_text(mutation.apply(path.read_text()))
    paths = (str(place),)
    train = case.train
    if train is not None:
        train = replace(train, target=replace(train.target, paths=paths))
    changed = replace(case, target=replace(case.target, paths=paths), train=train)
    found = Outcome(case.name, file, mutation, run_case(changed, runner))
    shutil.rmtree(place)
    said = found.result.divergence.describe() if found.result.divergence else found.result.message
    verdict = "caught" if found.caught else "NOT CAUGHT"
    line = "line named" if found.named else "bracketed" if found.bracketed else "LINE NOT NAMED"
    print(f"{case.name}:{mutation.start[0]} {mutation.kind} -> {mutation.text[:50]!r}: {verdict} "
          f"({found.result.reason}) {line} {said[:160]}", flush=True)  # fmt: skip
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--mode", default="basic,train,double")
    parser.add_argument("--programs", type=int, help="a sample of so many programs")
    given = parser.parse_args()
    run_given = (given.folder, given.count, given.seed, given.jobs, given.mode, given.programs)
    outcomes = run(*run_given)
    caught = [one for one in outcomes if one.caught]
    named = [one for one in caught if one.named]
    between = [one for one in caught if one.bracketed and not one.named]
    print(f"caught {len(caught)} of {len(outcomes)}")
    print(f"of these, line named {len(named)}, bracketed {len(between)}")
    for one in outcomes:
        if not one.caught:
            print(f"not caught: {one.case} {one.file}:{one.mutation.start[0]} {one.mutation}")


if __name__ == "__main__":
    main()
