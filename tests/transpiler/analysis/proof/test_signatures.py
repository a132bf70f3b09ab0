"""`--annotate-shapes` and `--prove-shapes` from the sources to the output and the report."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx
from tfjax.transpiler.files import SourceFile
from tfjax.transpiler.project import CompiledFile, Options, compile_project
from tfjax.transpiler.report.document import build_report

SOURCE = '''
    """A small net."""

    import tensorflow as tf
    from tensorflow.keras import layers as L

    def block(x, filters):
        return L.Conv2D(filters, 3, padding="same")(x)

    def net(classes=5):
        i = L.Input((28, 28, 1))
        x = block(i, 8)
        return tf.keras.Model(i, L.Dense(classes)(L.Flatten()(x)))

    @tf.function(input_signature=[tf.TensorSpec([None, 7], tf.float32)])
    def scaled(x, by=2.0):
        return x * by

    def plain(a, b=1):
        return a + b
    '''


def compiled(**options: Any) -> CompiledFile:
    source = SourceFile(Path("m.py"), Path("m.py"), textwrap.dedent(SOURCE), module="m")
    return compile_project([source], Options(**options)).files[0]


def test_signatures_state_known_shapes() -> None:
    text = compiled(annotate_shapes=True).text
    for head in (
        'def __call__(self, x: Float[Array, "batch 28 28 1"]) -> Float[Array, "batch 28 28 8"]:',
        'def __call__(self, i: Float[Array, "batch 28 28 1"]) -> Float[Array, "batch 5"]:',
        'def scaled(x: Float[Array, "batch 7"], by=2.0) -> Float[Array, "batch 7"]:',
        "def plain(a, b=1):",
        "    from jaxtyping import Array, Float",
    ):
        assert head in text


def test_the_annotated_output_lints_and_runs() -> None:
    text = compiled(annotate_shapes=True).text
    options = ("--isolated", "--line-length", "100", "--select", "E,F,I,UP")
    lint = subprocess.run(
        [sys.executable, "-m", "ruff", "check", *options, "-"],
        input=text,
        text=True,
        capture_output=True,
        check=False,
    )
    assert lint.returncode == 0, lint.stdout
    names: dict[str, Any] = {"__name__": "out"}
    exec(compile(text, "out", "exec"), names)
    model = names["Net"](rngs=nnx.Rngs(0))
    shape = jax.eval_shape(model, jax.ShapeDtypeStruct((2, 28, 28, 1), jnp.float32))
    assert shape.shape == (2, 5)


def test_without_the_option_nothing_is_annotated() -> None:
    assert "jaxtyping" not in compiled().text
    assert compiled().claims is None


def test_claims_are_in_the_report_and_in_the_ledger() -> None:
    file = compiled(prove_shapes=True)
    source = SourceFile(Path("m.py"), Path("m.py"), textwrap.dedent(SOURCE), module="m")
    project = compile_project([source], Options(prove_shapes=True))
    report = json.loads(json.dumps(build_report(project, tool_version="0", options={})))
    shapes = {c["function"]: c["verdict"] for c in report["files"][0]["shapes"]}
    assert shapes == {"block": "proved", "net": "proved", "scaled": "proved"}
    assert report["counts"]["shapes"] == {"proved": 3, "unknown": 0, "refuted": 0}
    notes = [e.note for e in file.ledger if e.note and "shapes proved" in e.note]
    assert notes
