"""Which functions may have to do with tensors."""

from __future__ import annotations

from textwrap import dedent

from tfjax.ir.nodes import ClassDef
from tfjax.rules.api import SourceApi
from tfjax.transpiler.analysis.relevant import concerned, definitions
from tfjax.transpiler.frontend import ProjectTable, lower, parse_module

PROGRAM = dedent(
    """
    import json
    import numpy as np
    import tensorflow as tf

    def plain(path):
        with open(path) as f:
            return json.load(f)

    def twice(x):
        return x + x

    def zeros(n):
        return tf.zeros([n])

    def through(n):
        return zeros(n)

    def array(n):
        return np.zeros(n)

    def stated(x: Float[Array, "n"]):
        return x * 2

    class Config:
        def __init__(self, size):
            self.size = size

        def text(self):
            return str(self.size)

    class Kept:
        def __init__(self, n):
            self.start = through(n)

        def get(self):
            return self.start

    class Derived(Kept):
        def other(self):
            return self.start

    def reader(kept):
        return kept.get()
    """
)


def test_what_makes_tensors_is_found() -> None:
    parsed = {"m": parse_module(PROGRAM, name="m", path="m.py")}
    table = ProjectTable.build(parsed, SourceApi.load())
    module = lower(parsed["m"], table, "keras3").module
    found = concerned({"m": module})
    names = {
        (f"{d.name}.{s.name}" if isinstance(d, ClassDef) else d.name)
        for d in definitions(module.body)
        for s in (d.body if isinstance(d, ClassDef) else (d,))
        if id(s) in found
    }
    assert names == {
        *("zeros", "through", "array", "stated", "reader"),
        *("Kept.__init__", "Kept.get", "Derived.other"),
    }
