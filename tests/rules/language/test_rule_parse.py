"""Text to records."""

from __future__ import annotations

from tfjax.ir.nodes import Name, Starred, Symbol, Tuple
from tfjax.rules.language.parser import parse
from tfjax.rules.language.records import Rule, Status, Value


def only(text: str) -> Rule:
    (record,) = parse(text).records
    assert isinstance(record, Rule)
    return record


def test_clauses_may_stand_in_any_order_and_continue_on_deeper_lines() -> None:
    rule = only(
        "rule r   # a comment\n"
        "\n"
        "  to  jnp.sum(x,\n"
        "          axis=axis)   # brackets continue\n"
        "  # a comment line\n"
        "  when static(axis) else TJ3001\n"
        '       "the axis"\n'
        '         hint "use a number"\n'
        "  from tf.reduce_sum(x: Tensor[T, S],\n"
        "   axis: Axes = None)\n"
    )
    assert [p.name for p in rule.parameters] == ["x", "axis"]
    assert (rule.requirements[0].message, rule.requirements[0].hint) == ("the axis", "use a number")


def test_keywords_are_keywords_only_where_they_can_stand() -> None:
    rule = only(
        "rule to\n  from tf.abs(to: Tensor, call: int = 0, toast: int = 1)\n"
        "  to jnp.add(to, call, toast)\n"
    )
    assert [p.name for p in rule.parameters] == ["to", "call", "toast"]


def test_alternatives_guards_and_conditional_expressions() -> None:
    rule = only(
        "rule r\n  from tf.abs(x: Ignored, y: int = 0)\n"
        "  to 1 if y == 0\n"
        "  to 2 if y == 1 else 3 if y == 2\n"
        "  to 4 if y else 5\n"
    )
    kinds = [(type(c.body).__name__, c.guard is not None) for c in rule.to]
    assert kinds == [("Constant", True), ("Conditional", True), ("Conditional", False)]


def test_patterns() -> None:
    rule = only(
        "layer L\n  from keras.layers.L()\n  on x: Tensor[T, (*B, D)], mask: Any = None\n"
        "  to nnx.M(D)\n"
    )
    shape = rule.inputs[0].type.shape
    assert isinstance(shape, Tuple) and isinstance(shape.elements[0], Starred)
    assert rule.inputs[0].type.dtype == "T" and rule.inputs[1].default is not None


def test_weights() -> None:
    rule = only(
        "layer L\n  from keras.layers.L(b: bool = True)\n  on x: Tensor\n  to nnx.M(x)\n"
        "  weights  kernel[D, 4 * u] -> cell.dense_i.kernel[D, 4 * u]\n"
        "           bias -> cell.bias: split(axis=-1, parts=4, index=0), reshape(2, -1) if b\n"
    )
    first, second = rule.weights
    assert (first.target, first.source_shape) == ("cell.dense_i.kernel", "D, 4 * u")
    assert [s.name for s in second.steps] == ["split", "reshape"] and second.guard is not None


def test_family_makes_one_rule_for_each_entry() -> None:
    records = parse(
        "family f\n  from each(x: Tensor, name: Ignored = None)\n  to target(x)\n"
        "  each tf.sin, keras.ops.sin -> jnp.sin\n"
        "       tf.cos, K.cos(x = a) -> jnp.cos\n"
    ).records
    assert [r.name for r in records if isinstance(r, Rule)] == ["f.sin", "f.cos"]
    assert isinstance(records[1], Rule) and records[1].aliases[0].renames == (("a", "x"),)


def test_statuses_values_names() -> None:
    records = parse(
        'refuse tf.strings.*, tf.py_function "host only" hint "move it"\n'
        'drop tf.name_scope "no names"\n'
        'keep tf.data.* "host"\n  flavour keras3\n'
        "value tf.newaxis => None\n"
        "values dtypes\n  tf.float32 => jnp.float32\n  tf.int32, tf.i => jnp.int32\n"
        'names activation\n  "swish", "silu" => keras.activations.silu\n'
        "attribute tf.Tensor.shape => self.shape\n"
        "method tf.Tensor.get_shape(self) => self.shape\n"
    ).records
    statuses = [(r.kind, r.symbol, r.hint) for r in records if isinstance(r, Status)]
    assert statuses[0] == ("refuse", "tf.strings.*", "move it") and len(statuses) == 4
    values = {r.symbol: r.body for r in records if isinstance(r, Value)}
    assert isinstance(values["tf.i"], Symbol) and values["tf.i"].path == "jax.numpy.int32"
    assert len(records) == 12


def test_namespaces_become_symbols_and_parameters_metavariables() -> None:
    rule = only("rule r\n  from tf.abs(x)\n  to lax.rsqrt(compat.f(x))\n")
    body = rule.to[0].body
    assert body.function.path == "jax.lax.rsqrt"  # type: ignore[attr-defined]
    inner = body.arguments[0].value  # type: ignore[attr-defined]
    assert inner.function.path == "tf_compat.f" and inner.arguments[0].value.id == "$x"


def test_a_bound_name_is_no_metavariable() -> None:
    rule = only("rule r\n  from tf.abs(x)\n  to [x for x in x]\n")
    generator = rule.to[0].body.generators[0]  # type: ignore[attr-defined]
    assert isinstance(generator.target, Name) and generator.target.id == "x"
    assert generator.iterable.id == "$x"


def test_windows_line_ends_and_a_missing_last_one() -> None:
    assert len(parse("rule r\r\n  from tf.abs(x)\r\n  to jnp.abs(x)").records) == 1
    assert parse("").records == () and parse("\n# nothing\n\n").records == ()


def test_lambdas_and_slices_need_no_brackets_in_templates() -> None:
    rule = only(
        "rule r\n  from tf.abs(x, n: int = 1)\n  to lambda y: x + y if n == 1\n  to x[n:]\n"
    )
    kinds = [(type(c.body).__name__, c.guard is not None) for c in rule.to]
    assert kinds == [("Lambda", True), ("Subscript", False)]


def test_a_long_list_of_symbols_may_end_its_line() -> None:
    text = 'refuse tf.a,\n       tf.b\n       "no" hint "h"\nrefuse tf.c\n  "no"\n  hint "h"\n'
    found = [(r.symbol, r.hint) for r in parse(text).records if isinstance(r, Status)]
    assert found == [("tf.a", "h"), ("tf.b", "h"), ("tf.c", "h")]
