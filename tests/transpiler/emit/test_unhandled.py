"""What nothing could translate is marked where it stood."""

from __future__ import annotations

import pytest
import ruff
import trees

RAISE = 'raise NotImplementedError("TJ2001: no rule for tf.unknown")\n'


def _marks(indent: str, original: str) -> str:
    lines = ("# TJ2001: no rule for tf.unknown\n", f"# original: {original}\n", RAISE)
    return "".join(indent + line for line in lines)


def _later(*parts: str) -> str:
    """What raises where it is used."""
    value = 'untranslated("TJ2001: no rule for tf.unknown")'
    head, text = parts if len(parts) == 2 else ("", parts[0])
    indent = "    " if head else ""
    marks = _marks(indent, "tf.unknown(1)").removesuffix(indent + RAISE)
    return (
        "from tf_compat import untranslated\n\n" + head + marks + indent + text.replace("{}", value)
    )


def _here(head: str, text: str) -> str:
    """What raises where it stands, in a function."""
    value = 'raise_untranslated("TJ2001: no rule for tf.unknown")'
    marks = _marks("    ", "tf.unknown(x)").removesuffix("    " + RAISE)
    start = "from tf_compat import raise_untranslated\n\n\n"
    return start + head + marks + "    " + text.replace("{}", value)


PAIRS = {
    "a statement": ("tf.unknown(1)\n", _marks("", "tf.unknown(1)")),
    "a return": (
        "def f(x):\n    # why\n    return tf.unknown(x)\n",
        "def f(x):\n    # why\n" + _marks("    ", "tf.unknown(x)"),
    ),
    "a value that is used": (
        "def f():\n    y = tf.unknown(1)\n    print(y)\n",
        "def f():\n" + _marks("    ", "tf.unknown(1)") + "    y = ...\n    print(y)\n",
    ),
    "a value that is not used": (
        "def f():\n    y = tf.unknown(1)\n",
        "def f():\n" + _marks("    ", "tf.unknown(1)"),
    ),
    "a value of the module": ("y = tf.unknown(1)\nprint(y)\n", _later("y = {}\nprint(y)\n")),
    "an element of a table": (
        "table = {'a': 1, 'b': tf.unknown(1)}\n",
        _later("table = {'a': 1, 'b': {}}\n"),
    ),
    "a value that something uses at once": (
        "if 1:\n    y = len(tf.unknown(1)) + 2\n",
        _later("if 1:\n", "y = {}\n"),
    ),
    "the result of a lambda": (
        "f = [lambda x: tf.unknown(1)]\n",
        _later("f = [lambda x: {}(x)]\n"),
    ),
    "a default": (
        "def f(x=tf.unknown(1)):\n    return x\n",
        "from tf_compat import untranslated\n\n\n"
        "# TJ2001: no rule for tf.unknown\n# original: tf.unknown(1)\n"
        'def f(x=untranslated("TJ2001: no rule for tf.unknown")):\n    return x\n',
    ),
    "inside an expression": (
        "print([1, tf.unknown(\n    2,  # two\n)])\n",
        _marks("", "tf.unknown(2)") + "# two\nprint([1, ...])\n",
    ),
    "what an `or` may skip": (
        "def f(x):\n    return x is None or tf.unknown(x)\n",
        _here("def f(x):\n", "return x is None or {}\n"),
    ),
    "a branch of a conditional expression": (
        "def f(x):\n    return tf.unknown(x) if x else 1\n",
        _here("def f(x):\n", "return {} if x else 1\n"),
    ),
    "a lambda in a function": (
        "def f(x):\n    return lambda: 1 + tf.unknown(x)\n",
        _here("def f(x):\n", "return lambda: 1 + {}\n"),
    ),
    "an element of a comprehension": (
        "def f(a):\n    return [tf.unknown(x) for x in a]\n",
        _here("def f(a):\n", "return [{} for x in a]\n"),
    ),
    "the first operand of an `or`": (
        "def f(x):\n    return tf.unknown(x) or x\n",
        "def f(x):\n" + _marks("    ", "tf.unknown(x)") + "    return ... or x\n",
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
    assert [e.node for e in emitted.line_map][1:] == [new.body[1]]
