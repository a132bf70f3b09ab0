"""Statements that compute nothing, between a value that agrees and one that does not."""

from __future__ import annotations

import pytest
from tfjax.transpiler.verify.places import Place
from tfjax.transpiler.verify.silent import silent_statements

TEXT = '''\
class Net:
    def __call__(self, x):
        """Doc."""
        x = self.first(x)
        pass
        if self.deep:
            x = self.second(x)
        x = self.third(x)
        pass
        return x


def helper(x):
    y = x + 1
    return y
'''
M = "net.py"


@pytest.mark.parametrize(
    ("after", "target", "computing", "found"),
    [
        ([4], [8], [4, 7, 8], [5]),
        ([4], [8], [4, 8], [5, 7]),
        # The last value that agrees lies in a function that is called from line 4.
        ([14, 4], [7], [4, 7, 14], [5]),
        ([], [7], [7], [4, 5]),
        ([8], [], [4, 7, 8], [9, 10]),
        # Both are computed in line 8, and what was before it was left out.
        ([8], [8], [4, 7, 8], [5]),
        ([8], [8], [7, 8], [4, 5]),
        ([4], [7], [4, 5, 7], []),
        ([14], [8], [4, 7, 8, 14], [5]),
    ],
)
def test_lines(after: list[int], target: list[int], computing: list[int], found: list[int]) -> None:
    def places(lines: list[int]) -> list[Place]:
        return [(M, n) for n in lines]

    texts = {M: TEXT}
    given = silent_statements(texts, places(computing), places(after), places(target))
    assert given == tuple(places(found))


def test_the_return_is_named_after_others() -> None:
    text = "def f(x, y):\n    x = a(x)\n    y = b(y)\n    y = b(y)\n    y = b(y)\n    return x, y\n"
    assert silent_statements({M: text}, [(M, 2)], [(M, 2)], []) == ((M, 3), (M, 4), (M, 6))


def test_the_end_of_a_function_that_is_over() -> None:
    """The value of line 2 agrees, and that of line 7 does not: what is between has no value."""
    text = "def f(x):\n    y = a(x)\n    return y\n\n\ndef g(x):\n    return b(f(x))\n"
    computing, after = [(M, 2), (M, 7)], [(M, 2), (M, 7), (M, 9)]
    assert silent_statements({M: text}, computing, after, [(M, 7), (M, 9)]) == ((M, 3),)


def test_the_end_of_a_function_that_is_called_again() -> None:
    text = "def f(x):\n    y = a(x)\n    pass\n    return b(y)\n\n\n"
    text += "def g(x):\n    x = f(x)\n    x = f(x)\n"
    computing, after = [(M, 2), (M, 4), (M, 8), (M, 9)], [(M, 2), (M, 8)]
    assert silent_statements({M: text}, computing, after, [(M, 2), (M, 9)]) == ((M, 3),)


def test_the_lines_of_a_function_that_computes_nothing() -> None:
    text = """\
class Net:
    def encode(self, x):
        return x

    def __call__(self, x):
        x = self.encode(x)
        x = shift(x)
        return self.decode(x)


def shift(x):
    return x
"""
    found = silent_statements({M: text}, [(M, 8)], [], [(M, 8)])
    assert found == ((M, 6), (M, 7), (M, 3), (M, 12))


def test_from_one_round_of_a_loop_to_the_next() -> None:
    text = (
        "def f(x):\n    for a in b:\n        pass\n        x = a(x)\n        x = x\n    return x\n"
    )
    # The value of line 4 agrees in one round and not in the next.
    assert silent_statements({M: text}, [(M, 4)], [(M, 4)], [(M, 4)]) == ((M, 5),)
    computing = [(M, 4), (M, 5)]
    assert silent_statements({M: text}, computing, [(M, 5)], [(M, 4)]) == ((M, 3),)


CALLER = "def call(x):\n    x = first(x)\n    x = x\n    x = helper(x)\n    return x\n"
HELPER = """\
def helper(x, states):
    if x is None:
        x = other(x)
    else:
        x = x + 1
    h, c = states
    y = x
    return y + fail(x)
"""


def test_of_a_helper_and_of_its_caller() -> None:
    """A branch that is not taken and the naming of parts are not named."""
    texts = {"help.py": HELPER, M: CALLER}
    computing = [(M, 2), ("help.py", 5)]
    after, target = [(M, 2)], [("help.py", 8), (M, 4)]
    given = silent_statements(texts, computing, after, target)
    assert given == (("help.py", 7), (M, 3))


def test_at_most_three() -> None:
    text = "def f(x):\n" + "    pass\n" * 9 + "    return x\n"
    found = silent_statements({M: text}, [(M, 11)], [], [(M, 11)])
    assert found == ((M, 2), (M, 3), (M, 4))


def test_a_file_that_does_not_parse() -> None:
    assert silent_statements({M: "def f(:"}, [], [], [(M, 1)]) == ()
