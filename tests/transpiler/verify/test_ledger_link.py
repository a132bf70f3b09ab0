"""What a place in the translation comes from."""

from __future__ import annotations

from pathlib import Path

import pytest
from tfjax.transpiler.files import SourceFile
from tfjax.transpiler.project import Options, compile_project
from tfjax.transpiler.verify.ledger_link import link
from tfjax.transpiler.verify.result import Divergence, VerifyResult

SOURCE = """\
import tensorflow as tf
from tensorflow import keras


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(12)
        self.norm = keras.layers.LayerNormalization(epsilon=1e-5)

    def call(self, x):
        return self.norm(self.dense(x))
"""


@pytest.mark.parametrize(
    ("library", "rule", "line"), [(True, "LayerNormalization", 9), (False, "source", 12)]
)
def test_what_a_library_computes_is_said_where_it_is_made(
    library: bool, rule: str, line: int
) -> None:
    source = SourceFile(Path("net.py"), Path("net.py"), SOURCE, module="net")
    (file,) = compile_project([source], Options(flavour="2")).files
    lines = file.text.splitlines()
    made = next(n for n, text in enumerate(lines, 1) if "self.norm = " in text)
    called = next(n for n, text in enumerate(lines, 1) if "return self.norm(" in text)
    parted = Divergence(
        "rsqrt",
        (2, 12),
        target=("net.py", called),
        module="norm",
        made=(("net.py", made),),
        library=library,
    )
    result = VerifyResult("net", "fail", "value", "", divergence=parted)
    linked, path, span = link(result, [file])
    assert linked.divergence is not None
    assert (linked.divergence.rule, path) == (rule, "net.py")
    assert span is not None
    assert span.start_line == line
