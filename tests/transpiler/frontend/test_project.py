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


def test_import_closure(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "main.py": "from pkg import Net, helper\nimport numpy\nimport keras\n"
            "from pkg import sub\nimport plain.tools\nsub.thing(plain.tools.go())",
            "pkg/__init__.py": "from .net import Net\nfrom .other import O\nfrom .star import *",
            "pkg/net.py": "from .base import Base\nimport main",
            "pkg/base.py": "",
            "pkg/other.py": "import pkg.never",
            "pkg/never.py": "",
            "pkg/star.py": "def helper(): pass",
            "pkg/sub/__init__.py": "from .a import thing\nfrom .b import unused",
            "pkg/sub/a.py": "(",
            "pkg/sub/b.py": "",
            "plain/tools.py": "def go(): pass",
        },
    )
    found = import_closure([tmp_path / "main.py"], [tmp_path])
    names = {file.module: file.names for file in found}
    assert names == {
        "pkg.base": None,
        "pkg.net": None,
        "pkg.star": None,
        "pkg": {"Net", "helper"},
        "pkg.sub.a": None,
        "pkg.sub": {"thing"},
        "plain.tools": None,
        "main": None,
    }
    order = [file.module for file in found]
    assert order.index("pkg.base") < order.index("pkg.net") < order.index("main")
    assert [file.module for file in found if file.error] == ["pkg.sub.a"]


def test_entry_outside_of_the_roots(tmp_path: Path) -> None:
    write(tmp_path, {"p/__init__.py": "", "p/m.py": "from . import n", "p/n.py": ""})
    found = import_closure([tmp_path / "p" / "m.py"], [])
    assert [file.module for file in found] == ["p.n", "p.m"]
