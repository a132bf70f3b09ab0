"""Code for places that no rule covers: found by key, put in its place, reported in the ledger."""

from pathlib import Path

import pytest
from tfjax.rules.language.ruleset import RuleSet
from tfjax.transpiler import pipeline
from tfjax.transpiler.files import SourceFile
from tfjax.transpiler.fills import Fill, OpenPlace, open_places, parse_fill
from tfjax.transpiler.fills_file import FillsError, fills_text, read_fills
from tfjax.transpiler.frontend import SourceSyntaxError
from tfjax.transpiler.project import CompiledFile, Options, compile_project

from tests.harness import broken_invariants

BEFORE = """\
import tensorflow as tf


class Block:
    def __init__(self, scale):
        self.scale = scale

    def run(self, x):
        # what no rule covers
        y = tf.raw_ops.Cross(a=x, b=self.scale)
        return tf.nn.relu(y)
"""


def source(text: str) -> SourceFile:
    return SourceFile(Path("model.py"), Path("model.py"), text, module="model")


def places(text: str) -> list[OpenPlace]:
    compilation = pipeline.run({"model": source(text)}, RuleSet.load())
    assert not compilation.failures
    return open_places(compilation.translated["model"])


def filled(text: str, code: str) -> CompiledFile:
    (place,) = places(text)
    options = Options(fills=(Fill(place.key, code, "agent:test"),))
    project = compile_project([source(text)], options)
    (file,) = project.files
    assert broken_invariants(file, project) == []
    return file


def test_a_place_is_a_function_of_what_it_reads():
    (place,) = places(BEFORE)
    assert place.scope == ("Block", "run")
    assert [(one.name, one.spelling) for one in place.live_ins] == [
        ("x", "x"),
        ("scale", "self.scale"),
    ]
    assert place.body == "tf.raw_ops.Cross(a=x, b=scale)"


NESTED = """\
import tensorflow as tf


def f(x, y):
    return tf.raw_ops.Cross(a=tf.abs(x) * 2.0, b=y)
"""


def test_inner_parts_that_are_translated_are_read():
    """The oracle runs TensorFlow only, and a fill computes none of them twice."""
    (place,) = places(NESTED)
    assert place.body == "tf.raw_ops.Cross(a=value, b=y)"
    assert [(one.name, one.spelling) for one in place.live_ins] == [
        ("value", "jnp.abs(x) * 2.0"),
        ("y", "y"),
    ]
    once = filled(NESTED, "def region(value, y):\n    return jnp.cross(value, y)\n")
    assert "    return jnp.cross(jnp.abs(x) * 2.0, y)\n" in once.text
    twice = filled(NESTED, "def region(value, y):\n    return jnp.cross(value, y) * value\n")
    assert twice.text.count("jnp.abs(x)") == 1
    assert "    return _cross(jnp.abs(x) * 2.0, y)\n" in twice.text


def test_keys_survive_edits_elsewhere():
    edited = BEFORE.replace("# what", "# some other comment\n        # what") + "\n\nZ = 1\n"
    assert places(edited)[0].key == places(BEFORE)[0].key


def test_equal_places_have_keys_of_their_own():
    twice = "import tensorflow as tf\n\n\ndef f(x):\n"
    twice += "    a = tf.raw_ops.Cross(a=x, b=x)\n    return a + tf.raw_ops.Cross(a=x, b=x)\n"
    first, second = places(twice)
    assert first.body == second.body
    assert first.key != second.key


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("tf.raw_ops.Cross(a=x, b=other(x))", "it uses `other` of the project"),
        ("tf.raw_ops.Cross(a=x, b=self.part(x))", "it calls `self.part`"),
    ],
)
def test_a_place_that_needs_the_project_says_so(line: str, reason: str):
    text = f"""\
import tensorflow as tf


def other(x):
    return x


class Block:
    def part(self, x):
        return x

    def run(self, x):
        return {line}
"""
    (place,) = [p for p in places(text) if "Cross" in p.node.message]
    assert place.reason == reason
    assert place.body is None


def test_one_expression_is_written_in_place():
    file = filled(BEFORE, "def region(x, scale):\n    return jnp.cross(x, scale)\n")
    assert file.text == (
        "import jax\nimport jax.numpy as jnp\n\n\nclass Block:\n"
        "    def __init__(self, scale):\n        self.scale = scale\n\n    def run(self, x):\n"
        "        # what no rule covers\n        y = jnp.cross(x, self.scale)\n"
        "        return jax.nn.relu(y)\n"
    )
    assert file.status == "translated"
    assert [e.by for e in file.ledger if e.note and e.note.startswith("fill")] == ["agent:test"]


def test_several_statements_become_a_function_above():
    code = "def region(x, scale):\n    n = jnp.sum(x)\n    return n * lax.rsqrt(n) * scale\n"
    text = filled(BEFORE, code).text
    assert "def _cross(x, scale):\n    n = jnp.sum(x)\n" in text
    assert "y = _cross(x, self.scale)\n" in text
    assert text.index("def _cross") < text.index("class Block")
    assert "from jax import lax\n" in text


def test_an_unknown_key_changes_nothing():
    options = Options(fills=(Fill("0" * 12, "def region(x):\n    return x\n", "agent:test"),))
    (file,) = compile_project([source(BEFORE)], options).files
    (plain,) = compile_project([source(BEFORE)], Options()).files
    assert file.text == plain.text
    assert file.status == "partial"


@pytest.mark.parametrize(
    "code", ["x = 1\n", "def a(x):\n    return x\ndef b(x):\n    return x\n", "import os; os.x()\n"]
)
def test_a_fill_is_one_function(code: str):
    with pytest.raises(ValueError, match="one function"):
        parse_fill(code)


def test_a_fill_that_does_not_parse():
    with pytest.raises(SourceSyntaxError):
        parse_fill("def region(x)\n    return x\n")


def test_the_file_round_trips(tmp_path: Path):
    fills = (
        Fill("b", "def region(x):\n    return x\n", "agent:m"),
        Fill("a", "def region():\n    return 1\n", "agent:m"),
    )
    path = tmp_path / "fills.json"
    path.write_text(fills_text(fills))
    assert read_fills(path) == tuple(sorted(fills, key=lambda fill: fill.key))
    assert fills_text(fills) == fills_text(fills[::-1])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff",
        b"[]",
        b'{"version": 2, "fills": []}',
        b'{"version": 1}',
        b'{"version": 1, "fills": [{"key": "a", "by": "b", "code": "def f(:"}]}',
        b'{"version": 1, "fills": [{"key": "a", "by": "b", "code": "import os"}]}',
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "fills.json"
    path.write_bytes(content)
    with pytest.raises(FillsError, match=r"fills\.json"):
        read_fills(path)
