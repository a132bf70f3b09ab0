"""Source text becomes the IR that it should."""

from __future__ import annotations

from pathlib import Path

import pytest
from stub_api import StubApi
from tfjax.ir import nodes as ir
from tfjax.ir.checker import check
from tfjax.ir.printer import print_ir
from tfjax.transpiler.frontend import (
    Lowered,
    ProjectTable,
    SourceSyntaxError,
    lower,
    parse_module,
)

EXAMPLES = Path(__file__).parents[3] / "examples"
HEADER = "import tensorflow as tf\nfrom tensorflow.keras import layers\n"


def lowered(text: str) -> Lowered:
    parsed = parse_module(text, name="m")
    return lower(parsed, ProjectTable.build({"m": parsed}, StubApi()), "keras3")


def last(text: str) -> str:
    """The text form of the last statement below the usual imports."""
    return print_ir(lowered(HEADER + text).module.body[-1]).strip()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "tf.reduce_sum(x, 1)",
            "(do (op tf.reduce_sum {input_tensor=x axis=1} [] @tf.reduce_sum))",
        ),
        (
            "layers.Dense(8, name='a')",
            '(do (op keras.layers.Dense {units=8} [(arg "a" keyword=name)] @keras.layers.Dense))',
        ),
        (
            "tf.reduce_sum(*xs, 1, axis=2, **kw)",
            "(do (op tf.reduce_sum {axis=2} [(arg xs star=*) (arg 1) (arg kw star=**)]"
            " @tf.reduce_sum))",
        ),
        (
            "tf.shape(x, axis=1, *a)",
            "(do (op tf.shape {input=x} [(arg 1 keyword=axis) (arg a star=*)] @tf.shape))",
        ),
        ("tf.shape(x)[0]", "(do (index (op tf.shape {input=x} [] @tf.shape) 0))"),
        ("x.numpy(1)", "(do (call (. x numpy) [(arg 1)]))"),
        ("tf.float32.size", "(do (. @tf.float32 size))"),
        ("tf.odd(1)", "(do (op tf.odd {} [(arg 1)] @tf.odd))"),
        ("tf.odd.deep", "(do @tf.odd.deep)"),
        ("layers.Dense.x = 1", "(assign [(. @keras.layers.Dense x)] 1)"),
        ("a = b = -x ** 2", "(assign [a b] (unary - (binary ** x 2)))"),
        ("x: int", "(annotated-assign x int -)"),
        ("x @= y", '(assign-with x "@" y)'),
        ("a < b not in c", '(do (compare a [< "not in"] [b c]))'),
        ("{1: 2, **d}", "(do (dict [1 -] [2 d]))"),
        ("x[1:, ::2]", "(do (index x (tuple [(slice 1 - -) (slice - - 2)])))"),
        ("f'{x!r:>{w}}a{{'", '(do (formatted-string [x "a{"] ["!r:>{w}" ""]))'),
        ("[i for i in x if i]", "(do (comprehension list i - [(generator i x [i])]))"),
        ("lambda a, /, b=1, *c, d, **e: a", None),
        ("from . import a as b", '(import "" [(alias a b)] level=1)'),
        ("del a, b[0]", "(delete [a (index b 0)])"),
    ],
)
def test_statements(text: str, expected: str | None) -> None:
    if expected is None:
        expected = (
            "(do (lambda [(param a kind=positional_only) (param b default=1)"
            " (param c kind=varargs) (param d kind=keyword_only) (param e kind=kwargs)] a))"
        )
    assert last(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f(tf):\n    return tf.shape", "(. tf shape)"),
        ("def f():\n    tf = g()\n    return tf.shape", "(. tf shape)"),
        ("def f():\n    for tf in x: pass\n    return tf.shape", "(. tf shape)"),
        ("def f():\n    act = tf.nn.relu\n    return act", "@tf.nn.relu"),
        ("def f():\n    act = tf.nn.relu\n    act = g\n    return act", "act"),
        ("def f():\n    act = None\n    if x:\n        act = tf.nn.relu\n    return act", "act"),
        ("def f(act=tf.nn.relu):\n    return act", "act"),
        (
            "def f(layers=None):\n    layers = layers or tf.keras.layers\n    return layers.Add",
            "@keras.layers.Add",
        ),
        ("def f(config):\n    layers = config.get('layers')\n    return layers", "layers"),
        (
            "def f(**kwargs):\n    layers = kwargs.get('layers')\n    return layers.Add",
            "@keras.layers.Add",
        ),
        ("def f():\n    from keras.layers import Dense as D\n    return D", "@keras.layers.Dense"),
        (
            "def f():\n    conv = layers.Conv2D if d == 2 else layers.Conv3D\n    return conv",
            "conv",
        ),
        ("def g(): pass\ndef f():\n    return g", "&m:g"),
        ("def g(): pass\ndef f(g):\n    return g", "g"),
        ("x = 1\ndef f():\n    global x\n    return x", "&m:x"),
        ("def f():\n    x = 1\n    def h():\n        nonlocal x\n        x = 2\n    return x", "x"),
        ("class A:\n    tf = 1\n    def f(self):\n        return tf.shape", "@tf.shape"),
        ("class A:\n    tf = 1\n    class B:\n        def f(self): return tf.shape", "@tf.shape"),
        ("class A:\n    shape = tf.shape\n    x = shape\ndef f(): return A", "&m:A"),
        ("def f():\n    return [tf for tf in tf.shape]", None),
        ("def f():\n    return (tf := 1)", "(named-expression tf 1)"),
        ("def f():\n    match x:\n        case tf: pass\n    return tf", "tf"),
    ],
)
def test_scopes(text: str, expected: str | None) -> None:
    if expected is None:
        expected = "(comprehension list tf - [(generator tf @tf.shape [])])"
    module = lowered(HEADER + text).module
    returns = [node for node in ir.walk(module) if isinstance(node, ir.Return)]
    assert print_ir(returns[-1]).strip() == f"(return {expected})"


def test_spans_are_in_characters() -> None:
    text = "# é\ns = 'ü'; tëst = f'é{s}'\n@dec\nclass Ö(\n    A, b=1\n):\n    x = 1\n"
    parsed = parse_module(text, name="m")
    module = lower(parsed, ProjectTable.build({"m": parsed}, StubApi()), "keras3").module
    texts = [parsed.text_of(statement.span) for statement in module.body if statement.span]
    assert texts == [
        "s = 'ü'",
        "tëst = f'é{s}'",
        "@dec\nclass Ö(\n    A, b=1\n):\n    x = 1",
    ]
    assert check(module, "source")[0].message == "`dec` is not defined"


def test_parameter_spans_hold_their_defaults() -> None:
    text = "def f(a, b: int = (1), c=((2, 3)), *, d=(  # )\n    4 # )\n  ), e=lambda: (5)): pass"
    parsed = parse_module(text, name="m")
    module = lower(parsed, ProjectTable.build({"m": parsed}, StubApi()), "keras3").module
    function = module.body[0]
    assert isinstance(function, ir.FunctionDef)
    texts = [parsed.text_of(one.span) for one in function.parameters if one.span]
    assert texts == [
        "a",
        "b: int = (1)",
        "c=((2, 3))",
        "d=(  # )\n    4 # )\n  )",
        "e=lambda: (5)",
    ]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends(newline: str) -> None:
    text = newline.join(["x = 1", "'''a", "b'''", "y = x\x0c", "z = '\x1c\u2028'", "w = z"])
    parsed = parse_module(text, name="m")
    module = lower(parsed, ProjectTable.build({"m": parsed}, StubApi()), "keras3").module
    assert [parsed.text_of(one.span) for one in module.body if one.span] == [
        "x = 1", "'''a\nb'''", "y = x", "z = '\x1c\u2028'", "w = z",
    ]  # fmt: skip


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_examples_pass_the_checker(path: Path) -> None:
    assert check(lowered(path.read_text(encoding="utf-8")).module, "source") == []


@pytest.mark.parametrize(
    ("text", "line", "column", "kind"),
    [
        ("x = 1\ny = (", 2, 4, "syntax"),
        ("é = 'é' 1", 1, 8, "syntax"),
        ("x = '\0'", 1, 0, "syntax"),
        ("(" * 300 + ")" * 300, 1, None, "nesting"),
        ("x = " + "-" * 5000 + "1", 1, None, "nesting"),
        ("x = " + "f(" * 90 + "[" * 90 + "]" * 90 + ")" * 90, 1, None, None),
    ],
)
def test_errors(text: str, line: int, column: int | None, kind: str | None) -> None:
    try:
        lowered(text)
    except SourceSyntaxError as error:
        assert kind is None or error.kind == kind
        assert column is None or (error.line, error.column) == (line, column)
    else:
        assert kind is None


def test_long_sums_and_chains_do_not_nest() -> None:
    total = lowered("x = " + " + ".join(["1"] * 900)).module
    chain = lowered("if a: pass\n" + "elif b: pass\n" * 800).module
    assert len(total.body) == len(chain.body) == 1


def test_api_bindings() -> None:
    text = (
        "from keras.layers import VersionAwareLayers\nimport keras, numpy\nlayers = None\n"
        "Dense = keras.layers.Dense\n"
        "def f(**kwargs):\n    global layers\n    if 'layers' in kwargs:\n"
        "        layers = kwargs.pop('layers')\n    else:\n        layers = VersionAwareLayers()\n"
        "    x = layers.Dense(1)\n"
    )
    found = lowered(text).api_bindings
    assert sorted(span.start_line for span in found.modules) == [3, 6, 7, 8, 10]
    assert sorted(span.start_line for span in found.objects) == [4]
    assert sorted(span.start_line for span in found.imports) == [1]
