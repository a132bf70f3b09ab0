"""Code that the compiler made up looks as `ruff format` would have it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import ruff
import trees
from tfjax.ir import nodes as ir
from tfjax.transpiler.emit import emit_module
from tfjax.transpiler.emit.source import SourceText

LONG = "a_rather_long_name"
FORMATTED = {
    "operators": "x = a + b * c - (d - e) / f**2 @ g\n"
    "y = not a and (b or c) == (not d)\nz = -x**-y\n",
    "slices": "x[1:2, ::3, a:b, -1]\nx[f(a) : b + 1, : g(c), a:]\nx[a,]\n",
    "literals": 'x = ["it\'s", \'say "hi"\', b"\\x00", 1e-05, 1e16, 2j, ..., None, True, -1]\n',
    "containers": "x = ((), (1,), (1, 2), [], {}, {1}, {'a': 1, **b}, [*a, *b])\n".replace(
        "'", '"'
    ),
    "comprehensions": "x = [a for a in b if c if d for e in f]\ny = {k: v for k, v in x}\n",
    "functions": (
        "async def f(a, /, b: int, c=1, *d, e: str = 2, **g) -> int:\n    return lambda x, *y: x\n"
        "\n\ndef h(*, a):\n    pass\n"
    ),
    "classes": (
        'class A(B, metaclass=M):\n    """D."""\n\n    x: int = 1\n\n    @a.b(1)\n'
        "    def f(self):\n"
        '        """Doc.\n\n        More.\n        """\n\n    class C:\n        pass\n'
    ),
    "statements": (
        "import a.b as c\nfrom d import e as f\n\nglobal x, y\ndel a, b\nassert x, y\n"
        "raise A from b\n"
        "x += 1\na = b, c = d\nfor i, j in k:\n    continue\nelse:\n    break\n"
        "with a as b, c:\n    pass\ntry:\n    a\nexcept B as e:\n    b\nelse:\n    c\n"
        "finally:\n d\n"
        "if a:\n    b\nelif c:\n    d\nelse:\n    e\nwhile (n := f()) > 1:\n    g\n"
    ),
    "f-strings": "x = f\"a {b!r} {c:>{d}} {e['k']} {{}}\"\n",
    "long calls": (
        f"x = {LONG}.{LONG}(\n    {LONG}, {LONG}=1, {LONG}_2=2\n)\n"
        f"y = {LONG}(\n    {LONG},\n {LONG}={LONG},\n    {LONG}_2=[{LONG}, {LONG}],\n"
        f"    *{LONG},\n)\n"
    ),
    "long operators": (
        f"x = (\n    {LONG} + {LONG} * {LONG} - {LONG}\n    + {LONG}\n)\n"
        f"if (\n    {LONG}\n and {LONG}\n    and {LONG}\n    or {LONG}({LONG})\n"
        f"    or {LONG}\n):\n    pass\n"
    ),
    "long chains": (
        f"x = (\n    {LONG}({LONG})\n    .{LONG}({LONG})\n    .{LONG}({LONG})\n"
        f" .{LONG}({LONG})\n)\n"
    ),
    "long headers": (
        f"def f(\n"
        f"    {LONG}: int = 1, {LONG}_2: int = 2, *, {LONG}_3: int = 3, {LONG}_4=None\n) -> None:\n"
        f"    return {LONG}_1, {LONG}_2\n\n\n"
        f"class A(\n    {LONG}.{LONG}, {LONG}.{LONG}_2, {LONG}.{LONG}_3\n):\n    pass\n"
    ),
    "nested definitions": (
        "if a:\n\n    def f():\n        def g():\n            pass\n\n        return g\n\n\nx = f\n"
    ),
}


def _fresh(text: str) -> str:
    stripped = trees.strip(trees.lower(text), SourceText(text))
    return emit_module(stripped, ir.Module("module", "module.py", ()), "").text


@pytest.mark.parametrize("text", FORMATTED.values(), ids=FORMATTED)
def test_fresh_code_is_formatted(text: str) -> None:
    printed = _fresh(text)
    assert printed == ruff.formatted(printed)
    assert printed == _fresh(printed)


@pytest.mark.parametrize("name", ["calendar", "tokenize", "fractions", "shutil"])
def test_the_standard_library_printed_fresh_is_formatted(name: str) -> None:
    spec = importlib.util.find_spec(name)
    assert spec is not None and spec.origin is not None
    printed = _fresh(Path(spec.origin).read_text())
    ours, theirs = printed.splitlines(), ruff.formatted(printed).splitlines()
    # `yield` is text that the compiler does not look into, so it is printed as it was written.
    opaque = sum("yield" in line for line in ours)
    different = len(set(ours) ^ set(theirs))
    assert different <= 8 * opaque


def test_the_indentation_follows_the_file() -> None:
    text = "def f():\n  return 1\n"
    original = trees.lower(text)
    body = (*original.body, ir.FunctionDef("g", (), (ir.Pass(),)))
    new = ir.replace_node(original, body=body)
    assert emit_module(new, original, text).text == f"{text}\n\ndef g():\n  pass\n"
