"""How much a compilation costs, as ratios within one run.

usage: python -m benchmarks.compile_speed [FOLDER] [--files N] [--repeat N] [--json OUT]

Over a folder of Python sources (default: the layers of the installed tf_keras): libcst's parse and
print against the whole compile, in one warm process with the rules loaded. Then the cold start of
the command: `--version`, and a file of 100 lines. The aim is a ratio of at most 2.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import libcst
from rich.console import Console
from rich.table import Table

COMMAND = [sys.executable, "-m", "tfjax.transpiler.cli.main"]
HUNDRED_LINES = 100
_BLOCK = '''
class Block{n}(tf.keras.layers.Layer):
    """A block."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.dense = tf.keras.layers.Dense(units, activation="relu")

    def call(self, x):
        return tf.reduce_mean(self.dense(x), axis=1)
'''


@dataclass(frozen=True, slots=True)
class Speed:
    """Warm times in seconds over all files; cold times in seconds for one process."""

    files: int
    lines: int
    failed: int
    parse_print_s: float
    compile_s: float
    cold_version_s: float
    cold_file_s: float

    @property
    def parse_print_us(self) -> float:
        return 1e6 * self.parse_print_s / self.lines

    @property
    def compile_us(self) -> float:
        return 1e6 * self.compile_s / self.lines

    @property
    def ratio(self) -> float:
        return self.compile_s / self.parse_print_s


def measure(paths: Sequence[Path], repeat: int) -> Speed:
    """The best of `repeat` passes for each warm figure, the median for each cold one."""
    texts = [path.read_text(encoding="utf-8") for path in paths]
    compile_file = _compiler()
    failed = sum(not compile_file(path) for path in paths)  # also loads the rules
    return Speed(
        files=len(paths),
        lines=sum(text.count("\n") + 1 for text in texts),
        failed=failed,
        parse_print_s=_best(lambda: [libcst.parse_module(t).code for t in texts], repeat),
        compile_s=_best(lambda: [compile_file(path) for path in paths], repeat),
        cold_version_s=_cold([*COMMAND, "--version"], repeat),
        cold_file_s=_cold_file(repeat),
    )


def _compiler() -> Callable[[Path], bool]:
    """A function that compiles one file from disk to text; False where the compile failed."""
    from tfjax.transpiler import project
    from tfjax.transpiler.files import SourceFile, module_name, read_source

    options = project.Options()

    def compile_file(path: Path) -> bool:
        source = read_source(path, Path(path.name), module_name(path))
        if not isinstance(source, SourceFile):
            return False
        (file,) = project.compile_project([source], options).files
        return file.status != "failed"

    return compile_file


def _best(work: Callable[[], Any], repeat: int) -> float:
    times: list[float] = []
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def _cold(command: Sequence[str], repeat: int) -> float:
    times: list[float] = []
    for _ in range(repeat):
        start = time.perf_counter()
        subprocess.run(command, capture_output=True, check=False)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _cold_file(repeat: int) -> float:
    blocks = "".join(_BLOCK.format(n=n) for n in range(HUNDRED_LINES // _BLOCK.count("\n")))
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "model.py")
        source.write_text("import tensorflow as tf\n" + blocks, encoding="utf-8")
        return _cold([*COMMAND, str(source), "-o", str(Path(folder, "out"))], repeat)


def default_folder() -> Path:
    """The layers of tf_keras, found without importing it."""
    spec = importlib.util.find_spec("tf_keras")
    if spec is None or spec.origin is None:
        raise SystemExit("tf_keras is not installed: name a folder of sources")
    return Path(spec.origin).parent / "src" / "layers"


def print_speed(speed: Speed, console: Console) -> None:
    table = Table(title=f"{speed.files} files, {speed.lines} lines, {speed.failed} failed")
    for name in ("what", "seconds", "us/line", "ratio"):
        table.add_column(name, justify="left" if name == "what" else "right")
    table.add_row(
        "libcst parse + print", f"{speed.parse_print_s:.2f}", f"{speed.parse_print_us:.0f}", "1.00"
    )
    table.add_row(
        "tfjax compile, warm",
        f"{speed.compile_s:.2f}",
        f"{speed.compile_us:.0f}",
        # A file that fails early costs nothing: the figure would flatter.
        "-" if speed.failed else f"{speed.ratio:.2f}",
    )
    table.add_row("tfjax-compile --version, cold", f"{speed.cold_version_s:.2f}", "", "")
    table.add_row("tfjax-compile, 100 lines, cold", f"{speed.cold_file_s:.2f}", "", "")
    console.print(table)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, help="default: tf_keras/src/layers")
    parser.add_argument("--files", type=int, metavar="N", help="only the N first files")
    parser.add_argument("--repeat", type=int, default=3, metavar="N")
    parser.add_argument("--json", type=Path, metavar="OUT")
    args = parser.parse_args(argv)
    folder: Path = args.folder or default_folder()
    paths = [p for p in sorted(folder.rglob("*.py")) if p.stat().st_size][: args.files]
    if not paths:
        print(f"no Python sources in {folder}", file=sys.stderr)
        return 2
    speed = measure(paths, args.repeat)
    print_speed(speed, Console())
    if args.json:
        derived = {
            "parse_print_us": speed.parse_print_us,
            "compile_us": speed.compile_us,
            "ratio": speed.ratio,
        }
        args.json.write_text(json.dumps(asdict(speed) | derived, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
