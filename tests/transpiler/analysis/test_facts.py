"""What runs and settings tell is taken where the source tells nothing, and marked."""

from __future__ import annotations

from pathlib import Path

import pytest
from tfjax.rules.language.ruleset import RuleSet
from tfjax.transpiler import pipeline
from tfjax.transpiler.analysis.facts import ArrayFact, Facts, ListFact, LiteralFact, Observed
from tfjax.transpiler.analysis.given import Given
from tfjax.transpiler.analysis.proof.compilation import prove_compilation
from tfjax.transpiler.analysis.source import analyse_sources
from tfjax.transpiler.files import SourceFile
from tfjax.transpiler.verify.drivers import Program, stated_source

TEXT = """\
import tensorflow as tf
from tensorflow import keras


def halves(x, k, others):
    y = tf.nn.max_pool2d(x, k, k, "SAME")
    return tf.concat([y, *others], axis=-1)


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.head = keras.layers.Dense(3)

    def call(self, image):
        return self.head(tf.reduce_mean(image, axis=[1, 2]))
"""
SOURCE = SourceFile(Path("net.py"), Path("net.py"), TEXT, module="net")
FACTS: Facts = {
    ("net", "halves"): {
        "x": ArrayFact("float32", (None, 16, None, 8)),
        "k": LiteralFact(2),
        "others": ListFact((ArrayFact("float32", (None, 8, 8, 1)),), is_tuple=False),
    },
    ("net", "Net.call"): {"image": ArrayFact("float32", (None, 4, 4, 5))},
}


def seen(facts: Facts, extra: dict[str, SourceFile] | None = None) -> dict[str, list[str]]:
    sources = {"net": SOURCE, **(extra or {})}
    analysis = analyse_sources(sources, RuleSet.load(), "keras3", facts).analysis
    assert not analysis.failures and not analysis.conflicts
    return {
        f"{place.span.start_line}:{name}": texts
        for place, names in analysis.types.items()
        if place.module == "net"
        for name, texts in names.items()
    }


def test_observed_arguments_are_followed_and_marked() -> None:
    found = seen(FACTS)
    assert found["5:x"] == ["f32[B, 16, W, 8] (observed)"]
    assert found["6:y"] == ["f32[B, 8, ceil(W/2), 8]"]
    assert found["7:return"] == ["f32[B, 8, ceil(W/2), 9]"]
    assert found["15:image"] == ["f32[B, 4, 4, 5] (observed)"]
    assert found["16:return"][-1] == "f32[B, 3]"


def test_without_facts_little_is_known() -> None:
    assert "5:x" not in seen({})


def test_settings_say_what_a_model_is_called_with() -> None:
    program = Program("net", "net:Net", {"x": "float32[B, 6, 6, 4]"})
    text = stated_source(program)
    assert 'def call(x: Float32[Tensor, "B 6 6 4"]):\n    model = build()\n' in text
    caller = SourceFile(Path("c.py"), Path("c.py"), text, module="c")
    assert "f32[B, 3]" in seen({}, {"c": caller})["16:return"]


def test_proofs_state_what_was_observed() -> None:
    compilation = pipeline.run({"net": SOURCE}, RuleSet.load(), "keras3")
    plain = {c.name: c for c in prove_compilation(compilation).claims}
    assert not any("observed" in a for c in plain.values() for a in c.assumptions)
    given = Given(observed=Observed(FACTS, 2))
    claims = {c.name: c for c in prove_compilation(compilation, given=given).claims}
    assert claims["halves"].verdict == "proved"
    assert claims["halves"].inputs.startswith("x: f32[B, 16, W, 8]")
    assert "observed" in claims["halves"].assumptions[0]


def test_settings_give_the_calls_of_a_proof() -> None:
    compilation = pipeline.run({"net": SOURCE}, RuleSet.load(), "keras3")
    program = Program("net", "net:Net", {"x": "float32[B, 6, 6, 4]"})
    given = Given({"tfjax_stated_0": stated_source(program)})
    claims = {c.name: c for c in prove_compilation(compilation, given=given).claims}
    assert claims["Net.call"].verdict == "proved"
    assert "f32[B, 6, 6, 4]" in claims["Net.call"].inputs


@pytest.mark.verify
def test_a_run_is_observed(tmp_path: Path) -> None:
    from tfjax.transpiler.verify.observing import observe

    path = tmp_path / "net.py"
    path.write_text(TEXT)
    source = SourceFile(path, Path("net.py"), TEXT, module="net")
    program = Program("net", "net:Net", {"x": "float32[B, 6, 6, 4]"})
    broken = Program("broken", "net:Missing", {"x": "float32[2]"})
    observed, failed = observe([program, broken], [source], "3")
    assert observed.facts["net", "Net.call"]["image"] == ArrayFact("float32", (None, 6, 6, 4))
    assert len(failed) == 1 and "Missing" in failed[0]
