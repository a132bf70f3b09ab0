"""Loading, looking up, overriding, caching."""

from __future__ import annotations

from pathlib import Path

import pytest
from tfjax.rules.language import BUILTIN, Rule, RuleError, RuleSet, Status

ABS = "rule {name}\n  from tf.abs(x: Tensor, name: Ignored = None)\n  to {to}(x)\n"
WORKED = (BUILTIN / "tf" / "math.rules", BUILTIN / "keras" / "core.rules")


def test_worked_examples_load_without_a_mistake() -> None:
    rules = RuleSet.load(WORKED)
    assert len(rules) > 40
    assert all("tf.Tensor" in problem.message for problem in rules.problems)


def test_prefixes_cover_what_has_no_record_of_its_own() -> None:
    rules = RuleSet.parse(
        'refuse tf.a.* "no"\nkeep tf.a.b.* "yes"\ndrop tf.a.c "drop"\n',
    )
    kinds = {
        s: getattr(rules.for_symbol(s), "kind", None)
        for s in ("tf.a.x.y", "tf.a.b.c.d", "tf.a.c", "tf.b")
    }
    assert kinds == {"tf.a.x.y": "refuse", "tf.a.b.c.d": "keep", "tf.a.c": "drop", "tf.b": None}


def test_flavours() -> None:
    text = (
        ABS.format(name="any", to="jnp.abs")
        + ABS.format(name="old", to="jnp.fabs")
        + "  flavour keras2\n"
    )
    rules = RuleSet.parse(text)
    names = [rules.for_symbol("tf.abs", f) for f in ("keras2", "keras3", None)]
    assert [r.name for r in names if isinstance(r, Rule)] == ["old", "any", "any"]
    found = rules.for_flavour("keras2").for_symbol("tf.abs")
    assert isinstance(found, Rule) and found.name == "old"


def test_any_spelling_of_a_symbol_will_do() -> None:
    rules = RuleSet.parse(
        "rule r\n  from tf.math.abs(x: Tensor, name: Ignored = None)\n  to jnp.abs(x)\n", api=True
    )
    assert rules.for_symbol("tf.abs") is not None


def test_a_users_file_overrides_visibly(tmp_path: Path) -> None:
    base, mine = tmp_path / "base.rules", tmp_path / "mine.rules"
    base.write_text(ABS.format(name="theirs", to="jnp.abs"))
    mine.write_text(ABS.format(name="mine", to="jnp.fabs"))
    rules = RuleSet.load([base], extra=[mine])
    found = rules.for_symbol("tf.abs")
    assert isinstance(found, Rule) and found.name == "mine"
    assert "overrides the rule for `tf.abs` at" in rules.problems[-1].message
    with pytest.raises(RuleError):
        RuleSet.load([base, mine])


def test_symbols_of_other_packages_need_no_api(tmp_path: Path) -> None:
    path = tmp_path / "my.rules"
    path.write_text("rule r\n  from my_ops.fused(x: Tensor)\n  to jnp.abs(x)\n")
    assert RuleSet.load([path]).for_symbol("my_ops.fused") is not None


def test_cache_is_used_and_survives_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFJAX_CACHE_DIR", str(tmp_path / "cache"))
    path = tmp_path / "a.rules"
    path.write_text(ABS.format(name="a", to="jnp.abs"))
    RuleSet.load([path])
    assert len(list((tmp_path / "cache").glob("*.bin"))) == 2  # the file, and the set
    with monkeypatch.context() as patch:
        patch.setattr("tfjax.rules.language.compile.compile_groups", None)
        assert RuleSet.load([path]).for_symbol("tf.abs") is not None
    for entry in (tmp_path / "cache").glob("*.bin"):
        content = entry.read_bytes()
        for damage in (b"", content[:-5], content[:-40] + b"\0" * 40):
            entry.write_bytes(damage)
            assert RuleSet.load([path]).for_symbol("tf.abs") is not None
    for damage in (b"\0" * 10_000,):
        entry.write_bytes(damage)
        assert RuleSet.load([path]).for_symbol("tf.abs") is not None


def test_unreadable_files_are_rule_errors(tmp_path: Path) -> None:
    binary = tmp_path / "b.rules"
    binary.write_bytes(b"\xff\xfe\x80")
    with pytest.raises(RuleError, match="not UTF-8"):
        RuleSet.load([binary])
    with pytest.raises(RuleError, match="cannot be read"):
        RuleSet.load([tmp_path / "missing.rules"])


def test_strings_name_records() -> None:
    rules = RuleSet.load(WORKED)
    relu, zeros = rules.named("activation", "relu"), rules.named("initializer", "Zeros")
    assert isinstance(relu, Rule) and relu.symbol == "keras.activations.relu"
    assert isinstance(zeros, Rule) and zeros.kind == "initializer"
    assert isinstance(rules.for_symbol("tf.strings.join"), Status)
