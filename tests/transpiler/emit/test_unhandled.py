"""What nothing could translate is marked where it stood."""

from __future__ import annotations

import pytest
import ruff
import trees

RAISE = 'raise NotImplementedError("TJ2001: no rule for tf.unknown")\n'


def _marks(indent: str, original: str) -> str:
    lines = ("# TJ2001: no rule for tf.unknown\n", f"# original: {original}\n", RAISE)
    return "".join(indent + line for line in lines)


PAIRS = {
    "a statement": ("tf.unknown(1)\n", _marks("", "tf.unknown(1)")),
    "a return": (
        "def f(x):\n    # why\n    return tf.unknown(x)\n",
        "def f(x):\n    # why\n" + _marks("    ", "tf.unknown(x)"),
    ),
    "a value that is used": (
        "y = tf.unknown(1)\nprint(y)\n",
        _marks("", "tf.unknown(1)") + "y = ...\nprint(y)\n",
    ),
    "a value that is not used": ("y = tf.unknown(1)\n", _marks("", "tf.unknown(1)")),
    "inside an expression": (
        "print([1, tf.unknown(\n    2,  # two\n)])\n",
        _marks("", "tf.unknown(2)") + "# two\nprint([1, ...])\n",
    ),
    "a condition": (
        "if 1:\n    pass\nelif tf.unknown(2):\n    pass\n",
        "if 1:\n    pass\nelse:\n"
        + _marks("    ", "tf.unknown(2)")
        + "    if ...:\n        pass\n",
    ),
}


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_marks_and_raises(pair: tuple[str, str]) -> None:
    emitted = trees.emit("import tensorflow as tf\n\n" + pair[0], trees.to_jax)
    assert emitted.text == pair[1]
    assert ruff.complaints(emitted.text) == ""


def test_the_line_map_names_the_statement_of_the_new_tree() -> None:
    text = "import tensorflow as tf\ny = tf.unknown(1) + 2\n"
    original = trees.lower(text)
    new = trees.change(original, trees.to_jax)
    emitted = trees.emit_module(new, original, text, trees.NAMES)
    assert [e.node for e in emitted.line_map] == [new.body[1]] * 2
