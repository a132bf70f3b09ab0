"""Each form of the same diagnostics, as text."""

import json
from textwrap import dedent

from tfjax.ir.span import Span
from tfjax.transpiler.diagnostics import Diagnostic, codes
from tfjax.transpiler.diagnostics.render import FORMATS, render

SOURCE = dedent("""\
    import tensorflow as tf


    def f(x):
        return tf.foo(x)
    """)
NO_RULE = codes.NO_RULE.at(
    "pkg/m.py",
    Span(5, 11, 5, 20),
    "no rule for `tf.foo`",
    hint="write a rule",
    related=((Span(1, 0, 1, 23), "imported here"),),
)
UNREADABLE = codes.UNREADABLE.at("pkg/n.py", None, "`pkg/n.py` cannot be read: permission denied")


def text(*diagnostics: Diagnostic, source: str = SOURCE, color: bool = False) -> str:
    return render(diagnostics, "text", {"pkg/m.py": source}, "0", color)


def at(span: Span, message: str = "m") -> Diagnostic:
    return codes.NO_RULE.at("pkg/m.py", span, message)


def test_text_with_excerpt_hint_and_related_place():
    assert text(NO_RULE) == dedent("""\
        error[TJ2001]: no rule for `tf.foo`
         --> pkg/m.py:5:12
          |
        5 |     return tf.foo(x)
          |            ^^^^^^^^^
          ::: pkg/m.py:1:1
        1 | import tensorflow as tf
          | ^^^^^^^^^^^^^^^^^^^^^^^ imported here
          |
          = hint: write a rule
        """)


def test_text_without_a_source():
    assert text(UNREADABLE) == dedent("""\
        error[TJ1006]: `pkg/n.py` cannot be read: permission denied
         --> pkg/n.py
        """)


def test_text_of_a_span_of_several_lines_shows_both_ends():
    source = "a = f(\n    1,\n    2,\n)\n"
    assert text(at(Span(1, 4, 4, 1)), source=source) == dedent("""\
        error[TJ2001]: m
         --> pkg/m.py:1:5
          |
        1 | a = f(
          |     ^^
        ...
        4 | )
          | ^
        """)


def test_text_underlines_by_terminal_columns():
    underlined = text(at(Span(1, 1, 1, 4)), source="\t日本x\n").splitlines()[-2:]
    assert underlined == ["1 |     日本x", "  |     ^^^^^"]


def test_text_of_an_empty_span_marks_its_place():
    assert text(at(Span(1, 6, 1, 6))).splitlines()[-1] == "  |       ^"


def test_text_cuts_long_lines_around_the_span():
    out = text(at(Span(1, 5000, 1, 5004)), source="x" * 5000 + "here" + "y" * 5000)
    line, marks = out.splitlines()[-2:]
    assert len(line) < 160
    assert line.index("here") == marks.index("^^^^")
    assert "..." in line[:8]


def test_text_of_a_span_beyond_the_source_has_no_excerpt():
    assert text(at(Span(77, 0, 77, 1))).endswith("--> pkg/m.py:77:1\n")


def test_text_shows_no_control_characters():
    out = text(at(Span(1, 0, 1, 3), "bad \x1b[31m\u202e name"), source="a\x1b[0mb\n")
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_colors_only_when_asked():
    assert "\x1b[1;31m" in text(NO_RULE, color=True)
    assert "\x1b" not in text(NO_RULE)


def test_form_feeds_and_unicode_line_separators_do_not_end_lines():
    source = 'a = "\x0c\u2028"\nb = tf.foo\n'
    assert "b = tf.foo" in text(at(Span(2, 4, 2, 10)), source=source)


def test_plain():
    assert render((NO_RULE, UNREADABLE), "plain", {}, "0") == dedent("""\
        pkg/m.py:5:12: TJ2001 no rule for `tf.foo`
        pkg/n.py:1:1: TJ1006 `pkg/n.py` cannot be read: permission denied
        """)


def test_github():
    assert render((NO_RULE,), "github", {}, "0") == (
        "::error file=pkg/m.py,line=5,endLine=5,col=12,endColumn=21,title=tfjax TJ2001"
        "::no rule for `tf.foo`%0Ahint: write a rule\n"
    )


def test_github_escapes():
    odd = codes.ARGUMENT_DROPPED.at("a,b:c%.py", None, "50% of\nit")
    assert render((odd,), "github", {}, "0") == (
        "::notice file=a%2Cb%3Ac%25.py,line=1,title=tfjax TJ6002::50%25 of%0Ait\n"
    )


def test_json():
    document = json.loads(render((NO_RULE, UNREADABLE), "json", {}, "0"))
    assert document["counts"] == {"error": 2, "warning": 0, "note": 0}
    assert document["diagnostics"][0] == {
        "code": "TJ2001",
        "severity": "error",
        "message": "no rule for `tf.foo`",
        "path": "pkg/m.py",
        "span": [5, 11, 5, 20],
        "hint": "write a rule",
        "related": [{"span": [1, 0, 1, 23], "message": "imported here"}],
    }
    assert document["diagnostics"][1]["span"] is None


def test_sarif():
    document = json.loads(render((NO_RULE, UNREADABLE), "sarif", {}, "1.2.3"))
    (run,) = document["runs"]
    assert document["version"] == "2.1.0"
    assert run["tool"]["driver"]["semanticVersion"] == "1.2.3"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["TJ1006", "TJ2001"]
    first, second = run["results"]
    assert first["ruleId"] == "TJ2001"
    assert run["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == "TJ2001"
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "pkg/m.py"},
        "region": {"startLine": 5, "startColumn": 12, "endLine": 5, "endColumn": 21},
    }
    assert first["relatedLocations"][0]["message"] == {"text": "imported here"}
    assert "region" not in second["locations"][0]["physicalLocation"]


def test_sarif_escapes_paths_and_takes_unknown_codes():
    odd = Diagnostic("TJ8123", "m", "a b/ü.py")
    (run,) = json.loads(render((odd,), "sarif", {}, "0"))["runs"]
    location = run["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "a%20b/%C3%BC.py"


def test_nothing_renders_in_every_form():
    for form in FORMATS:
        out = render((), form, {}, "0")
        assert out == "" or json.loads(out)
