"""What is found about a project as a whole: its flavour and the files that an entry needs."""

from __future__ import annotations

from pathlib import Path

import pytest
from stub_api import StubApi
from tfjax.transpiler.frontend import (
    ProjectTable,
    detect_flavour,
    import_closure,
    local_imports,
    parse_module,
)


@pytest.mark.parametrize(
    ("text", "flavour"),
    [
        ("import keras", "keras3"),
        ("import tensorflow as tf\ntf.keras.layers.Dense(1)", "keras3"),
        ("import tf_keras", "keras2"),
        ("from tensorflow.python.keras import layers", "keras2"),
        ("import os\nimport tensorflow\nos.environ['TF_USE_LEGACY_KERAS'] = '1'", "keras2"),
        ("import os\nimport tensorflow\nos.environ.get('TF_USE_LEGACY_KERAS')", "keras3"),
        ("from keras import backend as K\nK.mean(x)", "keras2"),
        ("import keras\nfrom keras import backend as K\nK.mean(x)\nkeras.ops.mean(x)", "keras3"),
        ("x = 1", "keras3"),
    ],
)
def test_flavour(text: str, flavour: str) -> None:
    table = ProjectTable.build({"m": parse_module(text, name="m")}, StubApi())
    found = detect_flavour(table)
    assert found.flavour == flavour
    assert flavour == "keras3" or found.evidence


def test_local_imports() -> None:
    text = "import a.b, keras\nfrom . import x\nfrom ..y import z\ndef f():\n    import late\n"
    parsed = parse_module(text, name="p.q.m")
    assert local_imports(parsed) == ["a.b", "p.q.x", "p.y.z", "late"]


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_entry_outside_of_the_roots(tmp_path: Path) -> None:
    write(tmp_path, {"p/__init__.py": "", "p/m.py": "from . import n", "p/n.py": ""})
    found = import_closure([tmp_path / "p" / "m.py"], [])
    assert [file.module for file in found] == ["p.n", "p.m"]
