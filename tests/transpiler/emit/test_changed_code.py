"""Changed code: only what changed is new, and everything around it stays as it was."""

from __future__ import annotations

import pytest
import trees
from tfjax.ir import nodes as ir
from tfjax.transpiler.emit import emit_module

TF = "import tensorflow as tf\n\n"
JNP = "import jax.numpy as jnp\n\n"

PAIRS = {
    "a call": ("y = tf.reduce_sum( x,axis=1 )  # c\n", "y = jnp.sum( x,axis=1 )  # c\n"),
    "inside an expression": (
        "y = (a*2 + tf.reduce_sum(x)  # one\n     - 'q')\n",
        "y = (a*2 + jnp.sum(x)  # one\n     - 'q')\n",
    ),
    "an argument goes": (
        "y = tf.reduce_sum(\n    x,  # in\n    axis=1,\n    name='s',\n)\n",
        "y = jnp.sum(\n    x,  # in\n    axis=1,\n)\n",
    ),
    "lines hang from their bracket": (
        "y = tf.reduce_sum(x,\n                  axis=1)\n",
        "y = jnp.sum(x,\n            axis=1)\n",
    ),
    "calls in calls": (
        "y = f(tf.reduce_sum(tf.reduce_sum(x, name='a'), 1))\n",
        "y = f(jnp.sum(jnp.sum(x), axis=1))\n",
    ),
    "parentheses stay where they are needed": (
        "y = (tf.reduce_sum(x)).T ** -tf.reduce_sum(z)\n",
        "y = (jnp.sum(x)).T ** -jnp.sum(z)\n",
    ),
    "an f-string": (
        "y = f'a {tf.reduce_sum(x[\"k\"])!r:>10} {y}' 'b'\n",
        "y = f'a {jnp.sum(x[\"k\"])!r:>10} {y}' 'b'\n",
    ),
    "a generator": (
        "y = tf.reduce_sum(i for i in tf.reduce_sum(x))\n",
        "y = jnp.sum(i for i in jnp.sum(x))\n",
    ),
    "semicolons": (
        "a = 1; b = tf.reduce_sum(a); c = 3  # c\n",
        "a = 1; b = jnp.sum(a); c = 3  # c\n",
    ),
    "a body on the line of its header": (
        "if x: y = tf.reduce_sum(x)  # c\n",
        "if x:\n    y = jnp.sum(x)  # c\n",
    ),
    "a header": (
        "while tf.reduce_sum(x): x -= 1  # c\n",
        "while jnp.sum(x): x -= 1  # c\n",
    ),
    "elif": (
        "if a:\n    pass\n# why\nelif tf.reduce_sum(x):  # b\n    pass\n",
        "if a:\n    pass\n# why\nelif jnp.sum(x):  # b\n    pass\n",
    ),
    "a default and an annotation": (
        "def f(a: int=tf.reduce_sum(1), *, b=2) -> tf.reduce_sum(3):  # h\n    pass\n",
        "def f(a: int=jnp.sum(1), *, b=2) -> jnp.sum(3):  # h\n    pass\n",
    ),
    "windows line ends": (
        "def f(x):\r\n    # c\r\n    return tf.reduce_sum(x,\r\n"
        "                         axis=1)\r\n",
        "def f(x):\r\n    # c\r\n    return jnp.sum(x,\r\n                   axis=1)\r\n",
    ),
    "tabs": (
        "if a:\n\tif b:\n\t\ty = [\n\t\t\ttf.reduce_sum(x),\n\t\t]\n",
        "if a:\n\tif b:\n\t\ty = [\n\t\t\tjnp.sum(x),\n\t\t]\n",
    ),
    "no last line end": ("y = tf.reduce_sum(x)", "y = jnp.sum(x)"),
    "wide characters": (
        "größe = '☃😀' + tf.reduce_sum('é')  # ñ\n",
        "größe = '☃😀' + jnp.sum('é')  # ñ\n",
    ),
}


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_only_what_changed_is_new(pair: tuple[str, str]) -> None:
    before, after = pair
    newline = "\r\n" if "\r\n" in before else "\n"
    head, new_head = TF + "a = 0\n", JNP + "a = 0\n"
    text = head.replace("\n", newline) + before
    assert trees.emit(text, trees.to_jax).text == new_head.replace("\n", newline) + after


def test_a_line_that_gets_too_long_is_laid_out_anew() -> None:
    call = "result = tf.reduce_sum(function_name(argument_one, argument_two), [1, 2, 3])"
    text = trees.emit(f"{TF}a = 0\n{call}+some(b,c)*2+other_name  # c\n", trees.to_jax).text
    assert text == f"{JNP}a = 0\n" + (
        "result = (\n"
        "    jnp.sum(function_name(argument_one, argument_two), axis=[1, 2, 3])"
        " + some(b,c)*2 + other_name\n"
        ")  # c\n"
    )


def test_comments_that_lose_their_place_come_first() -> None:
    text = "y = f(\n    # why\n    a,  # what\n)\n"
    new = ir.Call(ir.Name("g"), ())

    def to_g(node: ir.Node) -> ir.Node | None:
        return new if isinstance(node, ir.Call) else None

    assert trees.emit(text, to_g).text == "# why\n# what\ny = g()\n"


MODULE = '''\
import os

# about a
a = 1  # one

# free

# about f
def f(x):
    """Doc."""
    # first
    y = x  # yy

    # second group
    z = """
  text
""" + y
    return [z,
            os]


# end
'''


def _edit(text: str, **bodies: object) -> str:
    module = trees.lower(text)
    body = bodies["body"]
    assert callable(body)
    new = ir.replace_node(module, body=tuple(body(*module.body)))
    return emit_module(new, module, text).text


def test_a_removed_statement_takes_the_comment_attached_to_it() -> None:
    text = _edit(MODULE, body=lambda os, a, f: (os, f))
    assert "about a" not in text and "one" not in text
    assert text == MODULE.replace("# about a\na = 1  # one\n\n", "")


def test_comments_that_stand_alone_survive_the_statement_below() -> None:
    text = _edit(MODULE, body=lambda os, a, f: (a,))
    assert text == "# about a\na = 1  # one\n\n# free\n\n\n# end\n"


def test_emptied_bodies_get_a_pass() -> None:
    text = "def f():\n    # why\n    x\nclass A:\n    y\n"
    new = _edit(text, body=lambda f, a: (ir.replace_node(f, body=()), ir.replace_node(a, body=())))
    assert new == "def f():\n    pass\nclass A:\n    pass\n"


def test_moved_statements_bring_their_comments_and_blank_lines() -> None:
    def into_class(os: ir.Import, a: ir.Assign, f: ir.FunctionDef) -> tuple[ir.Statement, ...]:
        init = ir.FunctionDef("__init__", (ir.Parameter("self"),), f.body)
        return (os, a, ir.ClassDef("New", (), (init,)))

    text = _edit(MODULE, body=into_class)
    assert text == MODULE.replace(
        MODULE[MODULE.index("\n# free") : MODULE.index("\n\n# end")],
        '''

# free

# about f
class New:
    def __init__(self):
        """Doc."""
        # first
        y = x  # yy

        # second group
        z = """
  text
""" + y
        return [z,
                os]
''',
    )


def test_wrapped_statements_are_not_doubled() -> None:
    text = "def f():\n    # one\n    a  # t\n\n    # two\n    b\n    c\n"

    def wrap(f: ir.FunctionDef) -> tuple[ir.Statement, ...]:
        inner = ir.If(ir.Name("x"), f.body[:2], ())
        return (ir.replace_node(f, body=(inner, f.body[2])),)

    assert _edit(text, body=wrap) == (
        "def f():\n    if x:\n        # one\n        a  # t\n\n        # two\n        b\n    c\n"
    )


def test_new_statements_and_their_comments() -> None:
    new = ir.Assign((ir.Name("n"),), ir.Constant(1), comments=("note",))
    text = _edit("# head\na = 1\n\n# b\nb = 2\n", body=lambda a, b: (new, a, new, b, new))
    assert text == "# note\nn = 1\n# head\na = 1\n# note\nn = 1\n\n# b\nb = 2\n# note\nn = 1\n"


def test_new_definitions_get_their_blank_lines() -> None:
    new = ir.FunctionDef("g", (), (ir.Pass(),))
    text = _edit("a = 1\nb = 2\n", body=lambda a, b: (a, new, b))
    assert text == "a = 1\n\n\ndef g():\n    pass\n\n\nb = 2\n"


def test_headers_are_patched() -> None:
    text = (
        "@a\n# between\n@b(1)  # t\nclass A(B, metaclass=M):  # head\n"
        "    def f(self,\n          a): pass\n"
    )

    def edit(a: ir.ClassDef) -> tuple[ir.Statement, ...]:
        f = a.body[0]
        assert isinstance(f, ir.FunctionDef)
        more = (*f.parameters, ir.Parameter("b", default=ir.Constant(1)))
        f = ir.replace_node(f, name="longer", parameters=more)
        return (ir.replace_node(a, decorators=a.decorators[1:], bases=a.bases[:1], body=(f,)),)

    assert _edit(text, body=edit) == (
        "# between\n@b(1)  # t\nclass A(B):  # head\n"
        "    def longer(self,\n               a,\n               b=1): pass\n"
    )


def test_clauses_that_go() -> None:
    text = (
        "try:\n    a\n# why\nexcept A as e:  # ee\n    b\nexcept B:\n    c\n"
        "    # tail\nelse:\n    d\n"
    )

    def edit(node: ir.Try) -> tuple[ir.Statement, ...]:
        return (ir.replace_node(node, handlers=node.handlers[1:], otherwise=()),)

    assert _edit(text, body=edit) == "try:\n    a\nexcept B:\n    c\n    # tail\n"


def test_an_elif_that_is_no_longer_alone() -> None:
    text = "if a:\n    x\nelif b:  # b\n    y\nelse:\n    z\n"

    def edit(node: ir.If) -> tuple[ir.Statement, ...]:
        return (ir.replace_node(node, otherwise=(ir.Pass(), *node.otherwise)),)

    assert _edit(text, body=edit) == (
        "if a:\n    x\nelse:\n    pass\n    if b:  # b\n        y\n    else:\n        z\n"
    )


def test_the_line_map_follows_the_statements() -> None:
    emitted = trees.emit(TF + "a = 1\ny = f(\n    tf.reduce_sum(x),\n)\nz = 2\n", trees.to_jax)
    lines = {e.span.start_line: (e.first, e.last) for e in emitted.line_map if e.span}
    assert lines == {3: (3, 3), 4: (4, 6), 7: (7, 7)}


def test_comments_move_with_the_block_below_their_header() -> None:
    head = "def f(x):\n    if x:\n"
    text = f"{head}        # one\n        a\n\n        # two\n        b\n        # end\n"

    def deeper(f: ir.FunctionDef) -> tuple[ir.Statement, ...]:
        inner = f.body[0]
        assert isinstance(inner, ir.If)
        inner = ir.replace_node(inner, then=(*inner.then, ir.Pass()))
        method = ir.FunctionDef("g", f.parameters, (inner,))
        return (ir.ClassDef("A", (), (method,)),)

    assert _edit(text, body=deeper) == (
        "class A:\n    def g(x):\n        if x:\n            # one\n            a\n\n"
        "            # two\n            b\n            pass\n            # end\n"
    )


RELAID = {
    "lines that a shorter call no longer needs": (
        "y = tf.reduce_sum(\n    x, axis=1, name='a long name'\n)\n",
        "y = jnp.sum(x, axis=1)\n",
    ),
    "a comma after the last item, of a list that lost one": (
        "y = tf.reduce_sum(\n    x,\n    name='n',\n)\n",
        "y = jnp.sum(x)\n",
    ),
    "a comma after the last item, of a list that stays": (
        "y = [\n    tf.reduce_sum(x),\n]\n",
        "y = [\n    jnp.sum(x),\n]\n",
    ),
}


@pytest.mark.parametrize("pair", RELAID.values(), ids=RELAID)
def test_lines_that_only_made_long_code_fit_are_joined(pair: tuple[str, str]) -> None:
    before, after = pair
    assert trees.emit(f"{TF}a = 0\n{before}", trees.to_jax).text == f"{JNP}a = 0\n{after}"


def test_new_code_does_not_break_in_the_middle_of_a_line() -> None:
    name = "a_rather_long_name"
    long = ir.Call(ir.Name("g"), trees.positional(*[ir.Name(name + c) for c in "abcde"]))

    def replace(node: ir.Node) -> ir.Node | None:
        return long if isinstance(node, ir.Name) and node.id == "here" else None

    arguments = "".join(f"        {name}{c},\n" for c in "abcde")
    assert trees.emit("y = f(here, h(1), b=2)\n", replace).text == (
        f"y = f(\n    g(\n{arguments}    ),\n    h(1),\n    b=2,\n)\n"
    )


def test_unchanged_lists_keep_their_lines_in_code_printed_fresh() -> None:
    text = "y = f(\n    x,\n    [\n        1,\n        2,\n    ],\n)\n"

    def to_g(node: ir.Node) -> ir.Node | None:
        if not isinstance(node, ir.Assign):
            return None
        assert isinstance(node.value, ir.Call)
        call = ir.Call(ir.Name("g"), (node.value.arguments[1],))
        return ir.Assign((ir.Name("z"),), call)

    assert trees.emit(text, to_g).text == "z = g(\n    [\n        1,\n        2,\n    ],\n)\n"


def test_new_comments_are_wrapped() -> None:
    new = ir.Pass(comments=("word " * 30,))
    lines = _edit("a = 1\n", body=lambda a: (a, new)).splitlines()
    assert [len(line) <= 100 and line.startswith("# word") for line in lines[1:3]] == [True, True]
