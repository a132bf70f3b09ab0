"""What variables are after a test of the configuration."""

from __future__ import annotations

from tests.harness import compile_texts

COUNTED = """\
from tensorflow.keras import Input, Model, layers


def net(size, depth, backbone, more):
    x = inputs = Input((size,))
    skips = backbone(x)
    if more:
        count = len(skips) + 1
    else:
        count = len(skips)
    for i in range(depth - count):
        x = layers.Dense(4)(x)
    return Model(inputs, x)
"""


def test_a_number_that_only_data_tells_has_no_name_in_the_constructor() -> None:
    file = compile_texts({"m": COUNTED}).files[0]
    assert [(d.code, d.span.start_line) for d in file.diagnostics if d.severity == "error"] == [
        ("TJ5002", 11)
    ]
    assert "range(depth - count):" not in file.text
