"""Every kind of mistake in a rule file, and what is said about it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tfjax.rules.language import RuleError, RuleSet
from tfjax.rules.language.lint_names import duplicate_helpers

HEAD = "rule r\n  from tf.abs(x: Tensor[T, S], name: Ignored = None)\n"

MISTAKES = {
    "unknown_record": (
        "rul abs\n  from tf.abs(x)\n",
        "<rules>:1:1: TJ3010: unexpected `rul`; expected `family`, `names`,",
    ),
    "unknown_clause": (
        HEAD + "  too jnp.abs(x)\n",
        "<rules>:3:3: TJ3010: unexpected `too`; expected `also`, `call`,",
    ),
    "missing_colon": (
        "rule r\n  from tf.abs(x Tensor)\n  to jnp.abs(x)\n",
        "<rules>:2:17: TJ3010: unexpected `Tensor`; expected `)`, `,`, `:` or `=`",
    ),
    "open_bracket": (
        HEAD + "  to jnp.abs(x\n",
        "TJ3010: unexpected end of the record; expected `(`, `)`, `[`, `]`",
    ),
    "bad_code": (
        HEAD + "  when static(x) else 3001\n  to x\n",
        "<rules>:3:23: TJ3010: unexpected `3001`; expected a diagnostic code such as TJ3001",
    ),
    "bad_expression": (
        HEAD + "  to jnp.abs(x) +\n",
        "<rules>:3:18: TJ3010: not an expression: invalid syntax",
    ),
    "indentation": (
        "rule r\n    from tf.abs(x)\n  to x\n",
        "<rules>:3:3: TJ3010: the clauses of a record start in the same column",
    ),
    "record_indented": (
        "  rule r\n",
        "<rules>:1:3: TJ3010: a record starts in the first column",
    ),
    "no_from": ("rule r\n  to jnp.abs(x)\n", "unknown name `x`"),
    "no_to": (
        "rule r\n  from tf.abs(x: Ignored)\n",
        "<rules>:1:6: TJ3011: rule `r` has no `to`",
    ),
    "second_from": (
        HEAD + "  from tf.sign(x)\n  to x\n",
        "<rules>:3:3: TJ3011: a second `from` (other spellings go under `also`)",
    ),
    "unknown_name": (
        HEAD + "  to jnp.abs(y)\n",
        "<rules>:3:14: TJ3011: unknown name `y` (declared here: S, name, x)",
    ),
    "unused": (
        "rule r\n  from tf.abs(x, y: int = 0)\n  to jnp.abs(x)\n",
        "<rules>:1:6: TJ3011: parameter `y` is declared and not used (use it in a template, or",
    ),
    "source_symbol": (
        HEAD + "  to tf.abs(x)\n",
        "<rules>:3:6: TJ3011: a template may not use the source symbol `tf.abs`",
    ),
    "unknown_type": (
        "rule r\n  from tf.abs(x: Tensr)\n  to x\n",
        "<rules>:2:18: TJ3011: unknown type `Tensr` (types: Tensor[T, S], list[...], Fixed[...]",
    ),
    "declared_twice": (
        "rule r\n  from tf.abs(x, x)\n  to x\n",
        "<rules>:2:18: TJ3011: parameter `x` is declared twice",
    ),
    "guarded_last": (
        HEAD + "  to jnp.abs(x) if rank(x) == 2\n",
        "the last `to` of `r` has a guard (end with one that always applies, or add a `when`)",
    ),
    "unreachable": (
        HEAD + "  to jnp.abs(x)\n  to x\n",
        "a `to` of `r` follows one that always applies",
    ),
    "layer_clause": (
        HEAD + "  to x\n  mode deterministic\n",
        "`mode` belongs to layers, not to rule `r`",
    ),
    "layer_without_on": (
        "layer L\n  from keras.layers.Flatten()\n  call 1\n",
        "layer `L` has no `on`",
    ),
    "unknown_shape_function": (
        HEAD + "  gives bigger(x)\n  to x\n",
        "<rules>:3:9: TJ3011: unknown shape function `bigger` (shape functions: same,",
    ),
    "unknown_step": (
        "layer L\n  from keras.layers.Flatten()\n  on x: Tensor[T, S]\n  to nnx.Flatten(x)\n"
        "  weights kernel -> kernel: twist(1)\n",
        "<rules>:5:29: TJ3011: unknown step `twist(1)` (steps: transpose,",
    ),
    "bad_where": (
        HEAD + "  where T is float\n  to x\n",
        "`where` reads `T in numeric`",
    ),
    "bad_mode": (
        "layer L\n  from keras.layers.Flatten()\n  on x: Tensor[T, S]\n  call x\n  mode train\n",
        "mode is one of deterministic, use_running_average",
    ),
    "bad_flavour": (HEAD + "  to x\n  flavour keras1\n", "flavour is keras2 or keras3"),
    "family_without_each": (
        "family f\n  from each(x: Tensor)\n  to target(x)\n",
        "family `f` has no `each`",
    ),
    "overlap": (
        "value tf.float32 => jnp.float32\nvalue tf.float32 => jnp.float16\n",
        "<rules>:2:7: TJ3012: `tf.float32` is already covered at <rules>:1:7",
    ),
    "where_of_no_parameter": (
        HEAD + "  where U in numeric\n  to x\n",
        "`where` speaks of the dtype `U`, which no parameter has (declared: T)",
    ),
    "unknown_dtype_class": (
        HEAD + "  where T in numeric - {flaot32}\n  to x\n",
        "unknown dtype class `flaot32` (classes: numeric, integer,",
    ),
    "differs_of_no_parameter": (
        HEAD + "  differs axis: 0 -> 1\n  to x\n",
        "`differs` speaks of `axis`, which is no parameter (parameters: name, x)",
    ),
    "try_of_no_parameter": (
        HEAD + "  try y = 1..3\n  to x\n",
        "`try` speaks of `y`, which is no parameter (parameters: name, x)",
    ),
    "string_named_twice": (
        'activation a\n  from tf.nn.relu(x: Tensor)\n  named "relu"\n  to x\n'
        'activation b\n  from tf.nn.elu(x: Tensor)\n  named "relu"\n  to x\n',
        "<rules>:5:12: TJ3012: the activation 'relu' names `tf.nn.relu` already",
    ),
    "statement": (HEAD + "  to (yield x)\n", "`Yield` is not allowed in a template"),
    "walrus": (HEAD + "  to (y := x)\n", "`NamedExpr` is not allowed"),
    "f_string": (HEAD + "  to jnp.abs(f'{x}')\n", "`JoinedStr` is not allowed"),
    "dunder_import": (HEAD + "  to __import__('os').system('true')\n", "unknown name `__import__`"),
    "eval": (HEAD + "  to eval('1')\n", "unknown name `eval`"),
    "deep": (HEAD + "  to " + "(" * 70 + "x" + ")" * 70 + "\n", "more than 60 open brackets"),
    "nul": ("rule\0", "the file holds NUL bytes: no rule file"),
    "prose": ("Dear reader, this is no rule file.\n", "TJ3010: unexpected `Dear`"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake(name: str) -> None:
    text, expected = MISTAKES[name]
    with pytest.raises(RuleError) as caught:
        RuleSet.parse(text)
    assert expected in str(caught.value)


API_MISTAKES = {
    "unknown_symbol": ("value tf.float33 => jnp.float32\n", "the API has no symbol `tf.float33`"),
    "unknown_parameter": (
        "rule r\n  from tf.expand_dims(input: Tensor, axs: int)\n"
        "  to jnp.expand_dims(input, axs)\n",
        "`tf.expand_dims` has no parameter `axs` (did you mean `axis`?)",
    ),
    "missing_parameter": (
        "rule r\n  from tf.expand_dims(input: Tensor)\n  to jnp.ravel(input)\n",
        "`tf.expand_dims` requires `axis`",
    ),
    "wrong_default": (
        "rule r\n  from tf.reduce_sum(input_tensor, axis: Axes = 0, keepdims: bool = False,"
        " name: Ignored = None)\n  to jnp.sum(input_tensor, axis, keepdims=keepdims)\n",
        "`axis` of `tf.reduce_sum` defaults to None (the rule says 0)",
    ),
    "alias_name": (
        "rule r\n  from tf.abs(x: Tensor, name: Ignored = None)\n  also tf.square(x = y)\n"
        "  to jnp.abs(x)\n",
        "`tf.square` has no parameter `y` (it has: name, x)",
    ),
    "unknown_target": (
        "rule r\n  from tf.abs(x: Tensor, name: Ignored = None)\n  to jnp.abss(x)\n",
        "the target API has no `jax.numpy.abss`",
    ),
    "unknown_target_keyword": (
        "rule r\n  from tf.abs(x: Tensor, name: Ignored = None)\n  to jnp.sum(x, keepdim=True)\n",
        "`jax.numpy.sum` has no parameter `keepdim` (did you mean `keepdims`?)",
    ),
    "too_many_positional": (
        "rule r\n  from tf.abs(x: Tensor, name: Ignored = None)\n  to jnp.ravel(x, 1, 2, 3, 4)\n",
        "positional arguments, the template gives 5",
    ),
}


@pytest.mark.parametrize("name", API_MISTAKES)
def test_mistake_against_the_api(name: str) -> None:
    text, expected = API_MISTAKES[name]
    with pytest.raises(RuleError) as caught:
        RuleSet.parse(text, api=True)
    assert expected in str(caught.value)


def test_a_default_that_differs_and_is_not_declared_is_a_warning() -> None:
    text = (
        "layer LayerNormalization\n"
        "  from keras.layers.LayerNormalization(axis: Fixed[-1] = -1, epsilon: float = 0.001)\n"
        "  on x: Tensor[T, (*B, D)]\n"
        "  to nnx.LayerNorm(D, rngs=rngs) if epsilon > 0\n"
    )
    rules = RuleSet.parse(text, api=True)
    assert any("`epsilon` differs by default" in problem.message for problem in rules.problems)


def test_a_variable_that_shadows_a_parameter_is_a_warning() -> None:
    for template in ("lambda x: x", "[x for x in (1, 2)] + x"):
        (problem,) = RuleSet.parse(HEAD + f"  to x if name\n  to ({template}, x)\n").problems
        assert problem.message == "a variable of the template shadows the parameter `x`"


def test_two_helpers_of_one_name(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def f(): ...\n")
    (tmp_path / "b.py").write_text("def f(): ...\ndef g(): ...\n")
    (problem,) = duplicate_helpers(tmp_path)
    assert str(problem) == (
        "helpers/b.py:1:1: TJ3011: the helper `f` is defined in helpers/a.py, too"
    )
    assert duplicate_helpers() == ()


def test_all_mistakes_are_reported_at_once() -> None:
    with pytest.raises(RuleError) as caught:
        RuleSet.parse(HEAD + "  to y\n" + HEAD + "  to z\n")
    assert [problem.place.line for problem in caught.value.problems] == [3, 6]
