"""Playbooks: read, found by symbol, and refused where they are no playbooks."""

from pathlib import Path

import pytest
from tfjax.agents.distil import DistilError, align, read_pairs
from tfjax.agents.playbooks import BUILTIN, PlaybookError, always, fitting, read_playbooks

from tests.agents.support import region


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
