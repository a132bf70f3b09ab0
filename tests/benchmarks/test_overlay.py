"""Imports on the JAX side of a case: output first, the original package second, no TensorFlow."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.cases import overlay


@pytest.fixture
def trees(tmp_path: Path) -> Path:
    files = {
        "root/pkg/__init__.py": "ORIGINAL = True\nfrom . import broken\n",
        "root/pkg/broken.py": "import tensorflow\n",
        "root/pkg/config.py": "SIZE = 3\n",
        "root/pkg/net.py": "SIDE = 'source'\n",
        "root/keras/__init__.py": "raise AssertionError('the framework was imported')\n",
        "out/pkg/net.py": "from .config import SIZE\nSIDE = 'target'\n",
        "out/keras/src/vgg.py": "SIDE = 'target'\n",
        "out/whole/__init__.py": "from .part import X\n",
        "out/whole/part.py": "X = 1\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def run(trees: Path, code: str) -> str:
    out, root = str(trees / "out"), str(trees / "root")
    setup = f"""
import pathlib, runpy, sys
sys.path.insert(0, {root!r})
overlay = runpy.run_path({overlay.__file__!r})
finder = overlay["Overlay"](pathlib.Path({out!r}), [pathlib.Path({root!r})])
sys.meta_path.insert(0, finder)
"""
    done = subprocess.run(
        [sys.executable, "-c", f"{setup}\n{code}"], capture_output=True, text=True
    )
    return done.stdout.strip() or done.stderr.strip().rpartition("\n")[2]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import pkg.net; print(pkg.net.SIDE, pkg.net.SIZE, pkg.ORIGINAL)", "target 3 True"),
        ("import keras.src.vgg as m; print(m.SIDE)", "target"),
        ("import whole; print(whole.X)", "1"),
        (
            "import pkg.broken",
            "ImportError: the translated program imports tensorflow",
        ),
        (
            "import tensorflow as tf",
            "ImportError: the translated program imports tensorflow",
        ),
        ("import importlib.util as u; print(u.find_spec('tensorflow').name)", "tensorflow"),
        ("import keras.layers", "ImportError: the translated program imports keras.layers"),
        ("import json, email.message; print(json.dumps(1))", "1"),
    ],
)
def test_imports(trees: Path, code: str, expected: str) -> None:
    assert run(trees, code) == expected


def test_install_brings_the_stand_ins_and_lifts_the_bar(trees: Path) -> None:
    out, root = str(trees / "out"), str(trees / "root")
    code = f"""
import runpy, sys
sys.path.insert(0, {root!r})
sys.modules["keras"] = sys.modules["tensorflow"] = None
runpy.run_path({overlay.__file__!r})["install"]({out!r}, [{root!r}], ("no_such_extra",))
import keras.src.vgg as m, no_such_extra.parts, numpy
thing = no_such_extra.parts.Thing()
print(m.SIDE, type(thing).__name__, numpy.float, sys.modules["tensorflow"])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "target Thing <class 'float'> None", done.stderr
