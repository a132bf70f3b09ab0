"""What rules cost: their load, and how matching grows with their number.

usage: python -m benchmarks.rules_speed [--sizes 100,1000,10000] [--repeat N] [--json OUT]

Loads the built-in rules and sets of N synthetic ones: without a cache, then from the binary cache
(the aim is at most 50 ms for 1,000 rules). Then compiles one file of 200 calls with N synthetic
rules beside the built-in ones: the time must not grow with N.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from tfjax.rules.language import BUILTIN, RuleSet
from tfjax.transpiler.files import SourceFile
from tfjax.transpiler.project import Options, compile_project

RULE = """rule op_{n}
  from    synthetic.op_{n}(x: Tensor[T, S], axis: Axes = None, keepdims: bool = False, name: Ignored = None)
  gives   reduce(x, axis, keepdims)
  where   T in numeric
  to      jnp.sum(x, axis=axis, keepdims=keepdims)

"""  # noqa: E501
PER_FILE = 500
CALLS = 200


@dataclass(frozen=True, slots=True)
class Speed:
    """Times in milliseconds; `records` counts those that were loaded."""

    rules: str
    records: int
    parse_ms: float
    cached_ms: float
    lookups_ms: float
    compile_ms: float


def synthetic(folder: Path, number: int) -> Path:
    """A folder with `number` rules in files of 500."""
    folder.mkdir()
    for start in range(0, number, PER_FILE):
        rules = (RULE.format(n=n) for n in range(start, min(start + PER_FILE, number)))
        (folder / f"ops_{start}.rules").write_text("".join(rules))
    return folder


def program() -> SourceFile:
    """A function of many calls."""
    lines = [f"    x = x + tf.reduce_sum(tf.abs(x * {n}.0), axis=-1)" for n in range(CALLS // 2)]
    text = "\n".join(["import tensorflow as tf", "", "", "def f(x):", *lines, "    return x", ""])
    return SourceFile(Path("m.py"), Path("m.py"), text, module="m")


def measure(name: str, paths: Sequence[Path], repeat: int) -> Speed:
    start = time.perf_counter()
    rules = RuleSet.load(paths)
    parse = time.perf_counter() - start
    cached = best(lambda: RuleSet.load(paths), repeat)
    symbols = ["tf.math.reduce_sum", "tf.no.such.symbol", "keras.layers.Dense"]
    lookups = best(lambda: [rules.for_symbol(s) for s in symbols for _ in range(1000)], repeat)
    all_rules = RuleSet.load(extra=[path for path in paths if path != BUILTIN])
    source = program()
    compiling = best(lambda: compile_project([source], Options(), all_rules), repeat)
    times = (1000 * value for value in (parse, cached, lookups, compiling))
    return Speed(name, len(rules), *times)


def best(function: Callable[[], object], repeat: int) -> float:
    times: list[float] = []
    for _ in range(repeat):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sizes", default="100,1000,10000", help="numbers of synthetic rules")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="OUT")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TFJAX_CACHE_DIR"] = f"{folder}/cache"
        results = [measure("built in", [BUILTIN], given.repeat)]
        for size in map(int, given.sizes.split(",")):
            path = synthetic(Path(folder, f"n{size}"), size)
            results.append(measure(f"{size} synthetic", [path], given.repeat))
    table = Table("rules", "records", "parse ms", "from cache ms", "3000 look-ups ms", "compile ms")
    for r in results:
        times = (r.parse_ms, r.cached_ms, r.lookups_ms, r.compile_ms)
        table.add_row(r.rules, str(r.records), *(f"{value:.1f}" for value in times))
    Console().print(table)
    if given.json:
        given.json.write_text(json.dumps([asdict(r) for r in results], indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
