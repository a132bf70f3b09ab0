"""Many files in one compilation: what each becomes, and what they share."""

from __future__ import annotations

from pathlib import Path

import pytest
from tfjax.transpiler import pipeline
from tfjax.transpiler.files import Part, SourceFile
from tfjax.transpiler.project import CompiledProject, DriverFacts, Options, compile_project

from tests.harness import check_compile, compile_texts

DENSE = """\
from tensorflow import keras
from tensorflow.keras import layers


def build_model():
    inputs = keras.Input((4,))
    return keras.Model(inputs, layers.Dense(3)(inputs))
"""
ACTIVATION = """\
import tensorflow as tf


class Act(tf.keras.layers.Layer):
    def __init__(self, activation):
        super().__init__()
        self.activation = tf.keras.activations.get(activation)

    def call(self, x):
        return self.activation(x)
"""


def text_of(project: CompiledProject, module: str) -> str:
    return next(file.text for file in project.files if file.source.module == module)


def test_a_function_that_builds_a_model():
    file = check_compile(DENSE)
    assert file.status == "translated"
    assert "nnx.Linear(4, 3," in file.text


def test_code_without_tensorflow_stays():
    text = "import numpy as np\n\n\ndef f(x):\n    raise ValueError(x)\n    return np.abs( x )\n"
    file = check_compile(text, text)
    assert file.status == "unchanged"
    assert {entry.kind for entry in file.ledger} == {"kept"}


def test_a_syntax_error_fails_its_file_alone():
    project = compile_texts({"good": DENSE, "bad": "def f(:\n"})
    good, bad = project.files
    assert (good.status, bad.status) == ("translated", "failed")
    assert bad.text == "def f(:\n"
    assert [(d.code, d.line) for d in bad.diagnostics] == [("TJ1001", 1)]


@pytest.mark.parametrize("stage", ["translate_module", "emit_module"])
def test_a_crash_fails_its_file_alone(monkeypatch: pytest.MonkeyPatch, stage: str):
    original = getattr(pipeline, stage)

    def crash(*arguments: object) -> object:
        if any("bad" in str(getattr(a, "name", a)) for a in arguments[:2]):
            raise RuntimeError("no luck")
        return original(*arguments)

    monkeypatch.setattr(pipeline, stage, crash)
    project = compile_texts({"good": DENSE, "bad": DENSE})
    good, bad = project.files
    assert (good.status, bad.status) == ("translated", "failed")
    assert [d.code for d in bad.diagnostics] == ["TJ9001"]
    assert "no luck" in (bad.traceback or "")


def test_helpers_stand_once_at_the_root():
    project = compile_texts({"a": ACTIVATION, "p.b": ACTIVATION.replace("Act", "Other")})
    assert list(project.extra) == [Path("tf_compat.py")]
    helpers = project.extra[Path("tf_compat.py")]
    assert helpers.count("def get_activation(") == 1
    for file in project.files:
        assert "from tf_compat import get_activation\n" in file.text


def test_a_file_that_has_the_name_of_the_helpers():
    project = compile_texts({"a": ACTIVATION, "tf_compat": "x = 1\n"})
    assert list(project.extra) == [Path("tf_compat_2.py")]
    assert "from tf_compat_2 import get_activation\n" in text_of(project, "a")


@pytest.mark.parametrize(
    ("relative", "module", "line"),
    [
        ("m.py", "m", "from tf_compat import"),
        ("pkg/m.py", "pkg.m", "from tf_compat import"),
        # The root of the tree is itself a package: `tfjax-compile pkg -o out`.
        ("m.py", "pkg.m", "from .tf_compat import"),
        ("sub/m.py", "pkg.sub.m", "from ..tf_compat import"),
        ("sub/__init__.py", "pkg.sub", "from ..tf_compat import"),
        ("__init__.py", "pkg", "from .tf_compat import"),
    ],
)
def test_how_helpers_are_imported(relative: str, module: str, line: str):
    path = Path(relative)
    source = SourceFile(path, path, ACTIVATION, module=module)
    (file,) = compile_project([source], Options()).files
    assert line in file.text


def test_files_of_one_name_are_told_apart():
    sources = [
        SourceFile(Path(f"{folder}/run.py"), Path(f"{folder}/run.py"), text, module="run")
        for folder, text in (("a", DENSE), ("b", "x = 1\n"))
    ]
    first, second = compile_project(sources, Options()).files
    assert (first.status, second.status) == ("translated", "unchanged")


def test_users_of_what_became_a_class_follow():
    project = compile_texts(
        {"net": DENSE, "use": "import net\n\n\ndef make():\n    return net.build_model()\n"}
    )
    name = "net.build_model" if "def build_model" in text_of(project, "net") else "net.Model"
    assert f"return {name}(rngs=rngs)" in text_of(project, "use")


def test_the_flavour_is_detected_or_given():
    assert compile_texts({"m": "import tf_keras\ntf_keras.layers.Dense(3)\n"}).flavour == "2"
    assert compile_texts({"m": DENSE}).flavour == "3"
    assert compile_texts({"m": DENSE}, "2").flavour == "2"


def test_a_driver_tells_the_sizes_of_inputs():
    net = """\
import tensorflow as tf


class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = tf.keras.layers.Dense(3)

    def call(self, x):
        return self.dense(x)
"""
    driver = """\
import net as m


def build():
    return m.Net()


def call(model, x):
    return model(x, training=False)
"""
    facts = DriverFacts("driver", inputs={"x": ("float32", (2, 7))})
    project = compile_texts({"net": net, "driver": driver}, driver=facts)
    assert "m.Net(7, rngs=rngs)" in text_of(project, "driver")


def test_modules_of_keras_that_are_compiled_are_code():
    layer = "tf_keras.src.applications.blocks"
    texts = {
        layer: "from tf_keras.src import backend\n\n\ndef size(shape):\n    return shape[-1]\n",
        "use": (
            "import tf_keras\nfrom tf_keras.src.applications import blocks\n\n\n"
            "def f(x):\n    return tf_keras.backend.sum(x), blocks.size((1, 2))\n"
        ),
    }
    project = compile_texts(texts)
    text = text_of(project, "use")
    assert "from tf_keras.src.applications import blocks\n" in text
    assert "return jnp.sum(x), blocks.size((1, 2))\n" in text
    assert "import backend" not in text_of(project, layer)


def test_an_init_that_is_needed_in_part():
    init = (
        "from .net import build_model\nfrom .other import Other\nfrom . import gone\n\n"
        '__version__ = "1"\n__author__ = "A"\n'
    )
    part = Part(frozenset({"build_model", "__version__"}), frozenset({1, 5}))
    path = Path("pkg/__init__.py")
    sources = [
        SourceFile(path, path, init, module="pkg", part=part),
        SourceFile(Path("pkg/net.py"), Path("pkg/net.py"), DENSE, module="pkg.net"),
    ]
    package, _ = compile_project(sources, Options()).files
    assert "other" not in package.text
    assert "gone" not in package.text
    assert "from .net import" in package.text
    assert '__version__ = "1"\n' in package.text
    dropped = {e.span.start_line for e in package.ledger if e.by == "follow-imports"}
    assert dropped == {2, 3, 6}


def test_rules_that_cannot_be_loaded(tmp_path: Path):
    path = tmp_path / "my.rules"
    path.write_text("rule broken\n  from nothing\n")
    source = SourceFile(Path("m.py"), Path("m.py"), DENSE, module="m")
    project = compile_project([source], Options(rules=(path,)))
    assert [file.status for file in project.files] == ["failed"]
    assert project.diagnostics
    assert all(d.code in ("TJ3010", "TJ3011") for d in project.diagnostics)


SIZES = """\
import tensorflow as tf


class Head(tf.keras.layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.dense = tf.keras.layers.Dense(units)

    def call(self, x):
        return tf.reduce_mean(self.dense(x), axis=1)


def scores(x, w):  # type: (f32[B, 3], f32[3, K]) -> f32[B, K]
    z = tf.matmul(x, w)
    return z


def build():
    i = tf.keras.Input((28, 28))
    return tf.keras.Model(i, Head(16)(i))


model = build()
"""


def test_forms_of_sizes_that_no_code_says():
    source = SourceFile(Path("m.py"), Path("m.py"), SIZES, module="m")
    (file,) = compile_project([source], Options(emit="stages")).files
    assert "Tensor[float32, (?, 28, 28)]" in file.stages["values"]
    assert "# z: f32[B, K]" in file.stages["types"]


@pytest.mark.parametrize("form", ["ir", "types", "values", "target"])
def test_intermediate_forms(form: str):
    source = SourceFile(Path("m.py"), Path("m.py"), DENSE, module="m")
    (file,) = compile_project([source], Options(emit="stages")).files
    assert file.stages[form]
    forms = {"ir": "keras.Input", "types": "# inputs: f32[B, ", "values": "Tensor["}
    wanted = forms.get(form, "flax.nnx.Linear")
    assert wanted in file.stages[form]
