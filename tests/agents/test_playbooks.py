"""Playbooks: read, found by symbol, and refused where they are no playbooks."""

import asyncio
from pathlib import Path

import pytest
from tfjax.agents.distil import DistilError, align, distil, read_pairs, units_of
from tfjax.agents.model.replay import RecordingModel
from tfjax.agents.playbooks import BUILTIN, PlaybookError, always, fitting, read_playbooks
from tfjax.transpiler.cli.main import run

from tests.agents.support import ScriptedModel, region


def test_the_built_in_ones():
    books = read_playbooks()
    assert {book.level for book in always(books)} == {"general", "style"}
    found = fitting(books, region("tf.math.segment_mean(x, y)"))
    assert [book.name for book in found] == ["scatter"]
    assert fitting(books, region("tf.math.lgamma(x)", ("x",))) == []


def test_a_client_s_own_come_first(tmp_path: Path):
    (tmp_path / "client").mkdir()
    path = tmp_path / "client" / "ours.md"
    path.write_text('+++\ntitle = "Ours"\nsymbols = ["tf.math.segment_*"]\n+++\nAs we do it.\n')
    books = read_playbooks((BUILTIN, tmp_path))
    found = fitting(books, region("tf.math.segment_mean(x, y)"))
    assert found[0].text == "As we do it."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no head", "does not start"),
        ("+++\ntitle = 1", "does not start"),
        ("+++\ntitle = \n+++\n", "Invalid value"),
        ("+++\nsymbol = []\n+++\n", "unknown key `symbol`"),
    ],
)
def test_bad_playbooks(tmp_path: Path, text: str, words: str):
    (tmp_path / "task").mkdir()
    (tmp_path / "task" / "bad.md").write_text(text)
    with pytest.raises(PlaybookError, match=words):
        read_playbooks((tmp_path,))


def test_pairs_are_aligned_by_name(tmp_path: Path):
    (tmp_path / "net_tf.py").write_text(
        "class Net:\n    def call(self, x):\n        return tf.nn.relu(x)\n\n\n"
        "def build_net():\n    return tf.keras.Model()\n"
    )
    (tmp_path / "net_jax.py").write_text(
        "class Net:\n    def __call__(self, x):\n        return jax.nn.relu(x)\n\n\n"
        "def build_nets():\n    return Net()\n"
    )
    ((source, target),) = read_pairs(tmp_path)
    units = align(source, target)
    assert [unit.name for unit in units] == ["Net", "build_net"]
    assert units[0].symbols == ("tf.nn.relu",)
    assert units[1].symbols == ("keras.Model",)


def test_no_pairs(tmp_path: Path):
    with pytest.raises(DistilError, match="no pairs"):
        read_pairs(tmp_path)


def test_a_playbook_is_shown_as_a_diff_and_written_when_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    pairs, answers, target = tmp_path / "pairs", tmp_path / "a.jsonl", tmp_path / "client" / "b.md"
    pairs.mkdir()
    (pairs / "net_tf.py").write_text("def norm(x):\n    return tf.norm(x, axis=-1)\n")
    (pairs / "net_jax.py").write_text("def norm(x):\n    return jnp.linalg.norm(x, axis=-1)\n")
    model = RecordingModel(ScriptedModel({"": ["Use jnp.linalg for norms."]}), answers)
    asyncio.run(distil(list(units_of(read_pairs(pairs))), model))
    line = ["agents", "playbook", str(pairs), "--to", str(target), "--replay", str(answers)]
    assert run(line) == 0
    shown = capsys.readouterr()
    assert '+symbols = ["tf.norm"]' in shown.out
    assert "+norm: Use jnp.linalg for norms." in shown.out
    assert "say --yes" in shown.err
    assert not target.exists()
    assert run([*line, "--yes"]) == 0
    (book,) = (b for b in read_playbooks((BUILTIN, tmp_path)) if b.level == "client")
    assert book.fits(region("tf.norm(x=x)", ("x",)))
    capsys.readouterr()
    # Nothing new is no diff.
    assert run(line) == 0
    assert capsys.readouterr().out == ""
