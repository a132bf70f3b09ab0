"""Rules about the code base: who imports whom, how long files are, what text may hold."""

from __future__ import annotations

import ast
import re
import runpy
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
ORDER = ("ir", "rules", "transpiler", "agents")
FRAMEWORKS = frozenset(
    {"tensorflow", "tf_keras", "keras", "jax", "jaxlib", "flax", "optax", "numpy"}
)
# Run in processes of their own, or carried along by the output: see CONTRIBUTING.md.
FRAMEWORK_USERS = (
    "transpiler/verify/",
    "transpiler/weights/",
    "rules/prove/",
    "rules/helpers/",
    "rules/api/generate/",
    "agents/",
)
LONGEST = 600
TEXT = frozenset({".py", ".md", ".toml", ".rules", ".lark", ".json", ".tsv", ".txt", ".yml", ""})
# Written so that this file does not match itself.
MACHINE_PATH = re.compile(r"(?<![\w.~$}/])/(?:work|root|home)/" + r"[\w.]")


def product_files() -> list[Path]:
    return sorted(
        path
        for folder in ORDER
        for path in (ROOT / folder).rglob("*.py")
        if "__pycache__" not in path.parts
    )


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def imports_of(path: Path) -> tuple[tuple[int, str], ...]:
    """Line and absolute dotted name of everything that a file imports, at any depth, except under
    `if TYPE_CHECKING:`."""
    package = ("tfjax", *path.relative_to(ROOT).parent.parts)
    return tuple(_imports(ast.parse(path.read_text("utf-8")), package))


def _imports(node: ast.AST, package: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    match node:
        case ast.If(test=ast.Name("TYPE_CHECKING")):
            for child in node.orelse:
                yield from _imports(child, package)
        case ast.Import():
            yield from ((node.lineno, alias.name) for alias in node.names)
        case ast.ImportFrom():
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *([node.module] if node.module else [])))
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _imports(child, package)


def type_imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """All imports, those for the type checker included."""
    package = ("tfjax", *path.relative_to(ROOT).parent.parts)
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _imports(node, package)


def test_import_order():
    wrong = [
        f"{name_of(path)}:{line} imports {name}"
        for path in product_files()
        for line, name in type_imports_of(path)
        if name.startswith("tfjax.")
        and (folder := name.split(".")[1]) in ORDER
        and ORDER.index(folder) > ORDER.index(path.relative_to(ROOT).parts[0])
    ]
    assert wrong == []


def test_imports_inside_the_packages_are_relative():
    wrong = [
        f"{name_of(path)}:{node.lineno}"
        for path in product_files()
        # Generators and workers run as scripts or in other processes.
        if not name_of(path).startswith(FRAMEWORK_USERS)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.ImportFrom) and not node.level and _is_ours(node.module))
        or (isinstance(node, ast.Import) and any(_is_ours(a.name) for a in node.names))
    ]
    assert wrong == []


def _is_ours(module: str | None) -> bool:
    return module is not None and module.split(".")[0] == "tfjax"


def test_no_framework_is_imported_on_the_compile_path():
    wrong = [
        f"{name_of(path)}:{line} imports {name}"
        for path in product_files()
        if not name_of(path).startswith(FRAMEWORK_USERS)
        for line, name in imports_of(path)
        if name.split(".")[0] in FRAMEWORKS
    ]
    assert wrong == []


COMPILE = """
import sys
from tfjax.transpiler.cli.main import run
code = run(["model.py", "-o", "out", "--report", "report.json"])
print(code, sorted({m.split(".")[0] for m in sys.modules} & set(FRAMEWORKS)))
"""

MODEL = """\
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers


class Net(keras.Model):
    def __init__(self, units=8):
        super().__init__()
        self.dense = layers.Dense(units, activation="relu")

    def call(self, x):
        return tf.reduce_sum(self.dense(x), axis=-1)


def build():
    inputs = keras.Input((4,))
    return keras.Model(inputs, layers.Dense(3)(inputs))
"""


def test_a_compile_imports_no_framework(tmp_path: Path):
    (tmp_path / "model.py").write_text(MODEL)
    done = subprocess.run(
        [sys.executable, "-c", f"FRAMEWORKS = {sorted(FRAMEWORKS)!r}\n{COMPILE}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    code, frameworks = done.stdout.splitlines()[-1].split(" ", 1)
    # 2 would mean that the compiler never ran.
    assert code in ("0", "1"), done.stderr
    assert frameworks == "[]"


@pytest.mark.parametrize("folder", ORDER)
def test_files_are_short(folder: str):
    lengths = {
        name_of(path): len(path.read_text("utf-8").splitlines())
        for path in product_files()
        if path.relative_to(ROOT).parts[0] == folder
    }
    assert {name: n for name, n in lengths.items() if n > LONGEST} == {}


def tracked_text_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout: there is no list of committed files")
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.suffix in TEXT and path.is_file()]


def test_no_machine_paths():
    wrong: list[str] = []
    for path in tracked_text_files():
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), start=1):
            if MACHINE_PATH.search(line):
                wrong.append(f"{name_of(path)}:{number}: {line.strip()[:80]}")
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/" + "work/main", True),
        ('open("/' + 'home/me/x")', True),
        ("see /" + "root/.cache", True),
        ("src/work/main", False),
        ("https://example.org/home/page", False),
        ("$HOME/work/x", False),
    ],
)
def test_what_counts_as_a_machine_path(text: str, found: bool):
    assert bool(MACHINE_PATH.search(text)) == found


def test_every_file_is_installed(monkeypatch: pytest.MonkeyPatch):
    given: dict[str, Any] = {}
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("setuptools.setup", lambda **keywords: given.update(keywords))
    runpy.run_path("setup.py")
    packages = {ROOT.joinpath(*name.split(".")[1:]) for name in given["packages"]}
    data = {
        path
        for folder in ORDER
        for pattern in given["package_data"][f"tfjax.{folder}"]
        for path in (ROOT / folder).glob(pattern)
    }
    missing = [
        name_of(path)
        for folder in ORDER
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
        if not (path.suffix == ".py" and path.parent in packages) and path not in data
    ]
    # What writes the API tables from installed packages is for a checkout only.
    assert [name for name in missing if not name.startswith("rules/api/generate/")] == []


def test_test_modules_have_names_of_their_own() -> None:
    """pytest imports them by name, with the packages around them, and refuses the second of two."""

    def name(path: Path) -> str:
        parts = [path.stem]
        while (path.parent / "__init__.py").exists():
            path = path.parent
            parts.append(path.name)
        return ".".join(reversed(parts))

    names = Counter(name(path) for path in (ROOT / "tests").rglob("test_*.py"))
    assert [one for one, count in names.items() if count > 1] == []
