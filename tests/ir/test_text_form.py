"""The text form prints and parses back."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tfjax.ir import nodes as ir
from tfjax.ir.checker import check
from tfjax.ir.compare import same
from tfjax.ir.parser import IrSyntaxError, parse_ir
from tfjax.ir.printer import print_ir
from tfjax.ir.schema import KINDS, Field, schema
from tfjax.ir.span import Span
from tfjax.transpiler.frontend import lower_text

EXAMPLES = Path(__file__).parents[2] / "examples"

identifiers = st.sampled_from(["x", "self", "naïve", "_a1", "None", "op", "b"])
texts = identifiers | st.text(max_size=4) | st.sampled_from(["not in", "==", "@", "-", "**", "a.b"])
literals = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.complex_numbers(allow_nan=False),
    st.text(),
    st.binary(max_size=4),
    st.just(...),
)
positions = st.integers(0, 99)
spans = st.none() | st.builds(Span, positions, positions, positions, positions)


def of_kind(kind: type[ir.Node], depth: int) -> st.SearchStrategy[Any]:
    leaves: list[type[ir.Node]] = [ir.Constant, ir.Name, ir.Symbol, ir.Reference]
    if depth == 0:
        choices = leaves if kind is ir.Expression else [ir.Pass, ir.Scope]
    else:
        choices = list(KINDS.values())
    concrete = [one for one in choices if issubclass(one, kind)] or [kind]
    return st.sampled_from(concrete).flatmap(lambda one: build(one, depth))


def build(kind: type[ir.Node], depth: int) -> st.SearchStrategy[Any]:
    values = {field.name: of_field(field, max(depth - 1, 0)) for field in schema(kind)}
    return st.builds(kind, span=spans, **values)


def of_field(field: Field, depth: int) -> st.SearchStrategy[Any]:
    if field.kind is not None:
        one = of_kind(field.kind, depth)
    elif field.text:
        one = texts
    elif field.name == "value":
        one = literals
    else:
        one = st.integers(0, 3) if field.name == "level" else st.booleans()
    if field.optional:
        one = st.none() | one
    if field.form == "many":
        return st.lists(one, max_size=2).map(tuple)
    if field.form == "table":
        return st.dictionaries(st.sampled_from(["x", "axis", "name"]), one, max_size=2)
    return one


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(of_kind(ir.Statement, 3) | of_kind(ir.Expression, 3))
def test_random_trees(node: ir.Node) -> None:
    assert same(parse_ir(print_ir(node)), node)
    assert same(parse_ir(print_ir(node, spans=True)), node, spans=True)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_examples(path: Path) -> None:
    module = lower_text(path.read_text(encoding="utf-8"), name=path.stem)
    assert same(parse_ir(print_ir(module, spans=True)), module, spans=True)


def keras_files() -> list[Path]:
    # `find_spec` imports nothing; the files are there only with the "verify" extra.
    found = importlib.util.find_spec("tf_keras")
    if found is None or found.origin is None:
        return []
    return sorted((Path(found.origin).parent / "src" / "applications").glob("[!_]*.py"))


@pytest.mark.parametrize("path", keras_files(), ids=lambda path: path.stem)
def test_keras_applications(path: Path) -> None:
    module = lower_text(path.read_text(encoding="utf-8"), name=path.stem, flavour="keras2")
    assert same(parse_ir(print_ir(module, spans=True)), module, spans=True)
    assert check(module, "source") == []


def test_is_readable() -> None:
    text = "def f(x, y=None):\n    return x.shape[0] + 1\n"
    assert print_ir(lower_text(text)) == (
        "(module module module.py [\n"
        "  (def f [(param x) (param y default=None)] [\n"
        "    (return (binary + (index (. x shape) 0) 1))])])\n"
    )


@pytest.mark.parametrize(
    "text", ["", "(", "(nope 1)", "(return)", "(return x) y", "x)", "(name (x))"]
)
def test_bad_text(text: str) -> None:
    with pytest.raises(IrSyntaxError):
        parse_ir(text)


def test_same_is_strict() -> None:
    assert not same(ir.Constant(1), ir.Constant(True))
    assert not same(ir.Constant(0.0), ir.Constant(-0.0))
    assert same(ir.Constant(1, span=Span(1, 0, 1, 1)), ir.Constant(1))
    assert not same(ir.Constant(1, span=Span(1, 0, 1, 1)), ir.Constant(1), spans=True)
