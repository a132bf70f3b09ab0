"""Code that did not change comes out byte for byte, however it is written."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest
import trees
from tfjax.ir import nodes as ir
from tfjax.transpiler.emit import emit_module
from tfjax.transpiler.emit.blocks import bodies
from tfjax.transpiler.emit.originals import Originals
from tfjax.transpiler.emit.source import SourceText

ODD = {
    "empty": "",
    "blank": "\n\n",
    "comment only": "# nothing\n",
    "no last line end": "x = 1\ny = 2",
    "crlf": "import os\r\n\r\n\r\ndef f(a):\r\n    # c\r\n    return (a,\r\n            os)\r\n",
    "tabs": "def f():\n\tif x:\n\t\ty = 1\n\t# tail\n\treturn y\n",
    "form feed": "x = 1\n\x0c\ndef f():\n    pass\n\x0c\nclass A:\n    pass\n",
    "semicolons": "a = 1; b = 2;\nif x: a = 1; b = 2\nc = 3 ; d = 4  # both\n",
    "one-liners": "if x: y = 1\nelif z: y = 2\nelse: y = 3\nclass A: pass\nwhile y: y -= 1\n",
    "continuations": "x = 1 + \\\n    2\nassert x, \\\n    'no'\nif x and \\\n   y:\n    pass\n",
    "decorators": "@a\n# between\n@b(1,\n   2)  # last\n# above\ndef f():\n    pass\n",
    "strings": "x = f\"{a!r:>{w}} {'q'} {b['k']}\" 'tail' f'''{c}\n{d}'''\n"
    'y = rb\'\\d\' b"""#\n"""\n',
    "non-ascii": "größe = 'ä☃😀' ; ñ = größe  # é\nπ = [größe, ñ]\n",
    "clauses": (
        "try:\n    a\n# above except\nexcept (A, B) as e:  # why\n    b\n    # tail\n\n"
        "else:\n    c\n"
        "finally:\n    d\nfor i in x:\n    pass\nelse:  # none\n    y\nwith a as b, (c): pass\n"
    ),
    "async": "async def f():\n    async for i in x:\n        await i\n"
    "    async with a as b:\n        yield 1\n",
    "match": "match x:\n    case [1, *rest] if rest:\n        y = 1\n    case _:\n        pass\n",
    "parentheses": "x = ((a))\nreturn_ = (a, b), c\ndel (a), b\nfor (i, j) in ((1, 2),): pass\n",
    "trailing comments": "def f():\n    x = 1\n    # in f\n  # odd\n# at module\n"
    "y = 2\n    # odder\n",
    "else if": "if a:\n    x\nelse:\n    if b:\n        y\n    z\nif a:\n    x\nelse:\n"
    "    if b:\n        y\n",
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_a_module_that_did_not_change_is_its_own_text(text: str) -> None:
    module = trees.lower(text)
    assert emit_module(module, module, text, trees.NAMES).text == text


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_a_tree_rebuilt_with_the_same_content_is_its_own_text(text: str) -> None:
    module = trees.lower(text)
    assert emit_module(trees.rebuild(module), module, text, trees.NAMES).text == text


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_taking_bodies_apart_and_putting_them_together_loses_nothing(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _distrust_compounds(monkeypatch)
    module = trees.lower(text)
    assert emit_module(trees.rebuild(module), module, text).text == text


def test_the_line_map_of_unchanged_code_points_at_the_same_lines() -> None:
    text = "import os\n\n\n@d\ndef f():\n    if x:\n        return os\n"
    module = trees.lower(text)
    for new in (module, trees.rebuild(module)):
        entries = emit_module(new, module, text).line_map
        lines = [(type(e.node).__name__, e.first, e.last) for e in entries]
        assert lines == [("Import", 1, 1), ("FunctionDef", 4, 7), ("If", 6, 7), ("Return", 7, 7)]


def _sources() -> Iterator[Path]:
    for name in ("argparse", "dataclasses", "tokenize", "typing", "cgi", "smtpd", "calendar"):
        spec = importlib.util.find_spec(
            name
        )  # three of these left the standard library in 3.12/3.13
        if spec is not None and spec.origin is not None:
            yield Path(spec.origin)


def _distrust_compounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the emitter take every compound statement apart."""
    unchanged = Originals.unchanged

    def distrust(self: Originals, node: ir.Node) -> bool:
        compound = isinstance(node, ir.Statement) and any(True for _ in bodies(node))
        return not compound and unchanged(self, node)

    monkeypatch.setattr(Originals, "unchanged", distrust)


@pytest.mark.parametrize("path", list(_sources()), ids=lambda p: p.stem)
def test_the_standard_library_survives(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = path.read_bytes().decode()
    module = trees.lower(text)
    assert emit_module(trees.rebuild(module), module, text).text == text
    _distrust_compounds(monkeypatch)
    assert emit_module(trees.rebuild(module), module, text).text == text


@pytest.mark.parametrize("path", list(_sources()), ids=lambda p: p.stem)
def test_the_standard_library_printed_fresh_means_the_same(path: Path) -> None:
    text = path.read_text()
    module = trees.lower(text)
    fresh = trees.strip(module, SourceText(text))
    printed = emit_module(fresh, ir.Module("module", "module.py", ()), "").text
    assert ast.dump(_squeezed(printed)) == ast.dump(_squeezed(text))


def _squeezed(text: str) -> ast.AST:
    """The tree with white space in strings squeezed: docstrings are indented anew."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value, node.kind = " ".join(node.value.split()), None
    return tree
