"""`--root` and `--follow-imports`, on the real compiler."""

from __future__ import annotations

from pathlib import Path

import pytest
from tfjax.transpiler.cli.main import run

LAYER = """\
import tensorflow as tf

from .sizes import UNITS


def head():
    inputs = tf.keras.Input((4,))
    return tf.keras.Model(inputs, tf.keras.layers.Dense(UNITS)(inputs))
"""
FILES = {
    "src/app.py": "from pkg import head\n\nMODEL = head\n",
    "src/pkg/__init__.py": "from .layer import head\nfrom .unused import thing\n",
    "src/pkg/layer.py": LAYER,
    "src/pkg/sizes.py": "UNITS = 3\n",
    "src/pkg/unused.py": "thing = 1\n",
}


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def tree(root: str = "out") -> set[str]:
    found = Path(root).rglob("*.py")
    return {p.relative_to(root).as_posix() for p in found} - {"tf_compat.py"}


def test_one_file_alone(there: Path):
    run(["src/pkg/layer.py", "-o", "out"])
    assert tree() == {"layer.py"}


def test_a_root_says_where_a_file_goes(there: Path):
    run(["src/pkg/layer.py", "-o", "out", "--root", "src"])
    assert tree() == {"pkg/layer.py"}


def test_imports_are_followed(there: Path):
    assert run(["src/app.py", "-o", "out", "--root", "src", "--follow-imports"]) == 0
    assert tree() == {"app.py", "pkg/__init__.py", "pkg/layer.py", "pkg/sizes.py"}
    assert Path("out/pkg/sizes.py").read_text() == "UNITS = 3\n"
    assert "unused" not in Path("out/pkg/__init__.py").read_text()


def test_imports_are_followed_without_a_root(there: Path):
    run(["src/pkg/layer.py", "-o", "out", "--follow-imports"])
    assert tree() == {"pkg/layer.py", "pkg/sizes.py"}


def test_files_of_keras_bring_their_siblings(there: Path):
    folder = there / "site" / "tf_keras" / "src" / "applications"
    folder.mkdir(parents=True)
    (folder / "net.py").write_text(
        "from tf_keras.src import backend\nfrom tf_keras.src.applications import shapes\n\n\n"
        "def f(x):\n    return backend.sum(x) + shapes.SIZE\n"
    )
    (folder / "shapes.py").write_text("SIZE = 3\n")
    (folder / "other.py").write_text("OTHER = 3\n")
    file = "site/tf_keras/src/applications/net.py"
    assert run([file, "-o", "out", "--root", "site", "--follow-imports"]) == 0
    prefix = "tf_keras/src/applications"
    assert tree() == {f"{prefix}/net.py", f"{prefix}/shapes.py"}
    assert "jnp.sum(x) + shapes.SIZE" in Path("out", prefix, "net.py").read_text()


def test_files_of_one_name_under_a_root(there: Path):
    (there / "src/pkg/app.py").write_text("x = 1\n")
    assert run(["src/app.py", "src/pkg/app.py", "-o", "out", "--root", "src"]) in (0, 1)
    assert tree() == {"app.py", "pkg/app.py"}
