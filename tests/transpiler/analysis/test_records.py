"""Results that are named tuples and dataclasses: the types of their fields, on both sides."""

from __future__ import annotations

import pytest
from tfjax.transpiler.analysis import analyse_text

HEAD = """\
import collections
import dataclasses
import typing
from collections import namedtuple
from dataclasses import dataclass, field
from typing import NamedTuple
import tensorflow as tf
"""
PROGRAMS = {
    "fields of a named tuple": (
        """
Stats = namedtuple("Stats", ["mean", "peak"])
def stats(x):
    return Stats(tf.reduce_mean(x, -1), peak=tf.reduce_max(x))
s = stats(tf.zeros([2, 3]))
a, b, (c, d), n = s.mean, s[1], s, len(s)
""",
        {"a": "f32[2]", "b": "f32[]", "c": "f32[2]", "d": "f32[]", "n": "int 2"},
    ),
    "names in one text, defaults, _replace, _asdict, _make": (
        """
Pair = collections.namedtuple("Pair", "left right", defaults=(tf.zeros([7]),))
p = Pair(tf.zeros([2]))
a = p.right
b = p._replace(left=tf.zeros([3])).left
c = p._asdict()["left"]
d = Pair._make([p.left, p.left]).right
""",
        {"a": "f32[7]", "b": "f32[3]", "c": "f32[2]", "d": "f32[2]"},
    ),
    "a class of named tuples, with members": (
        """
class Out(NamedTuple):
    logits: tf.Tensor
    hidden: tf.Tensor
    scale: int = 2

    @property
    def last(self):
        return self.hidden[:, -1]

    def wide(self):
        return tf.tile(self.logits, [1, self.scale])

def head(x):
    return Out(hidden=x, logits=x[:, 0])

o = head(tf.zeros([2, 5, 3]))
a, b = o.last, o.wide()
c = isinstance(o, tuple) and isinstance(o, Out)
""",
        {"a": "f32[2, 3]", "b": "f32[2, 6]", "c": "bool True"},
    ),
    "a class over a named tuple": (
        """
class Box(collections.namedtuple("Box", "low high")):
    def size(self):
        return self.high - self.low

a = Box(tf.zeros([4, 2]), tf.ones([4, 2])).size()
""",
        {"a": "f32[4, 2]"},
    ),
    "a dataclass": (
        """
@dataclass
class Out:
    features: tf.Tensor
    parts: list = field(default_factory=list)
    scale: int = 2

    def __post_init__(self):
        self.pooled = tf.reduce_mean(self.features, 1)

@dataclasses.dataclass(frozen=True)
class Config:
    width: int = 4
    kinds: typing.ClassVar[int] = 3

def features(x, config=Config()):
    return Out(tf.tile(x, [1, config.width]))

o = features(tf.zeros([2, 3]))
o.parts.append(o.features)
a, b, c = o.features, o.pooled, o.parts[0]
d = dataclasses.replace(o, features=tf.zeros([5, 6])).pooled
e = dataclasses.asdict(o)["features"]
f = dataclasses.astuple(o)[2]
""",
        {
            "a": "f32[2, 12]",
            "b": "f32[2]",
            "c": "f32[2, 12]",
            "d": "f32[5]",
            "e": "f32[2, 12]",
            "f": "int 2",
        },
    ),
    "dataclasses that extend each other": (
        """
@dataclass
class Base:
    first: tf.Tensor
    scale: int = 2

@dataclass(kw_only=True)
class More(Base):
    second: tf.Tensor

m = More(tf.zeros([1]), second=tf.zeros([2]))
a, b, c = m.first, m.second, m.scale
""",
        {"a": "f32[1]", "b": "f32[2]", "c": "int 2"},
    ),
    "one of two named tuples": (
        """
Out = typing.NamedTuple("Out", [("x", tf.Tensor), ("y", tf.Tensor)])
def f(x):
    if tf.reduce_sum(x) > 0:
        return Out(x, x)
    return Out(x, tf.zeros([9]))
a, b = f(tf.zeros([3])).x, f(tf.zeros([3])).y
""",
        {"a": "f32[3]", "b": "f32[?]"},
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_types_of_fields(name: str) -> None:
    text, wanted = PROGRAMS[name]
    analysis = analyse_text(HEAD + text)
    assert not analysis.failures and not analysis.conflicts
    seen = {n: texts[-1] for names in analysis.types.values() for n, texts in names.items()}
    assert {n: seen.get(n) for n in wanted} == wanted


def test_the_line_shows_the_fields_by_name() -> None:
    text = "Out = namedtuple('Out', 'a b')\no = Out(tf.zeros([2]), b=tf.zeros([3]))\n"
    analysis = analyse_text(HEAD + text)
    seen = {n: texts for names in analysis.types.values() for n, texts in names.items()}
    assert seen["o"] == ["Out(a: f32[2], b: f32[3])"]


def test_a_conflict_across_a_field() -> None:
    analysis = analyse_text(
        HEAD
        + """
Out = namedtuple("Out", "query key")
def project(x):
    return Out(query=tf.zeros([2, 5, 8]), key=tf.zeros([2, 5, 16]))
o = project(0)
scores = tf.matmul(o.query, o.key, transpose_b=True)
"""
    )
    assert [c.code for c in analysis.conflicts] == ["TJ4002"]
