"""Functions and layers of packages other than TF and Keras, by rules of the user."""

from __future__ import annotations

from pathlib import Path

from tfjax.rules.language import RuleSet
from tfjax.transpiler.files import SourceFile
from tfjax.transpiler.project import Options, compile_project

RULES = """
rule hard_shrink
  from  my_ops.hard_shrink(x: Tensor[T, S], threshold: float = 0.5)
  gives same(x)
  to    jnp.where(jnp.abs(x) > threshold, x, 0)

layer Scale
  from  my_ops.layers.Scale(n: int)
  on    x: Tensor[T, (*B, D)]
  gives same(x)
  to    nnx.Linear(D, n, rngs=rngs)

value my_ops.LIMIT => 3.0
refuse my_ops.legacy.* "it is old" hint "use the new one"
"""


def compiled(text: str):
    path = Path("m.py")
    source = SourceFile(path, path, text, module="m")
    (file,) = compile_project([source], Options(), RuleSet.parse(RULES, api=True)).files
    return file


def test_a_function_by_any_way_of_naming_it() -> None:
    for head, call in (
        ("import my_ops", "my_ops.hard_shrink"),
        ("import my_ops as ops", "ops.hard_shrink"),
        ("from my_ops import hard_shrink", "hard_shrink"),
        ("from my_ops import hard_shrink as hs", "hs"),
    ):
        file = compiled(f"{head}\n\n\ndef f(x):\n    return {call}(x, threshold=0.1)\n")
        assert file.text == (
            "import jax.numpy as jnp\n\n\ndef f(x):\n    return jnp.where(jnp.abs(x) > 0.1, x, 0)\n"
        )
        assert file.status == "translated" and not file.diagnostics


def test_what_no_rule_speaks_of_stays() -> None:
    file = compiled(
        "import my_ops\n\n\n"
        "def f(x):\n    return my_ops.other(my_ops.hard_shrink(x)) * my_ops.LIMIT\n"
    )
    assert "import my_ops\n" in file.text
    assert "return my_ops.other(jnp.where(jnp.abs(x) > 0.5, x, 0)) * 3.0" in file.text


def test_a_layer() -> None:
    file = compiled(
        "from tensorflow import keras\nfrom my_ops.layers import Scale\n\n\n"
        "class M(keras.Model):\n    def __init__(self):\n        super().__init__()\n"
        "        self.s = Scale(3)\n\n    def call(self, x):\n        return self.s(x)\n"
    )
    assert "self.s = nnx.Linear(in_features, 3, rngs=rngs)" in file.text


def test_a_refusal_says_why() -> None:
    file = compiled("import my_ops\n\n\ndef f(x):\n    return my_ops.legacy.old(x)\n")
    (problem,) = file.diagnostics
    assert (problem.code, problem.hint) == ("TJ2010", "use the new one")
    assert "`my_ops.legacy.old`: it is old" in problem.message
