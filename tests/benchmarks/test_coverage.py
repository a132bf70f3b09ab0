"""The coverage benchmark counts uses and files as it says."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from tfjax.rules.language import RuleSet

from benchmarks.coverage import measure

RULES = """
rule abs
  from tf.abs(x: Tensor, name: Ignored = None)
  to jnp.abs(x)
refuse tf.strings.* "no strings"
pass keras.Model "a module"
"""


def test_counts(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(
        "import tensorflow as tf\n\n\nclass M(tf.keras.Model):\n"
        "    def call(self, x):\n        return tf.abs(tf.abs(x))\n"
    )
    (tmp_path / "other.py").write_text(
        "import tensorflow as tf\n\nx = tf.strings.length(tf.abs(1))\ny = tf.sin(x)\n"
    )
    (tmp_path / "broken.py").write_text("import tensorflow as tf\nx = (\n")
    (tmp_path / "plain.py").write_text("x = 1\n")
    (found,), unread = measure([tmp_path], [RuleSet.parse(RULES, api=True)], Console(quiet=True))
    assert (found.files, found.model_files, unread) == (2, 1, 1)
    assert (found.sites, found.known, found.handled) == (6, 5, 4)
    assert (found.whole_known, found.whole_handled) == (1, 1)
    assert dict(found.unknown) == {"tf.sin": 1}
