"""Binary search in sorted text."""

from __future__ import annotations

from pathlib import Path

import pytest
from tfjax.rules.api.reader import DATA
from tfjax.rules.api.table import SortedTable


@pytest.fixture
def table(tmp_path: Path) -> SortedTable:
    path = tmp_path / "table.tsv"
    path.write_text("a\t1\na.b\t2\na.b.c\t3\nab\t4\tx\nz\t\n")
    return SortedTable(path)


def test_find(table: SortedTable) -> None:
    assert [table.find(key) for key in ("a", "a.b", "a.b.c", "ab", "z")] == [
        ["1"],
        ["2"],
        ["3"],
        ["4", "x"],
        [""],
    ]
    assert [table.find(key) for key in ("", "0", "a.", "a.a", "b", "zz")] == [None] * 6


def test_prefixes(table: SortedTable) -> None:
    assert [key for key, _ in table.with_prefix("a.")] == ["a.b", "a.b.c"]
    assert [key for key, _ in table.with_prefix("")] == ["a", "a.b", "a.b.c", "ab", "z"]
    assert list(table.with_prefix("zz")) == []


@pytest.mark.parametrize("path", sorted(DATA.rglob("*.tsv")), ids=lambda path: path.name)
def test_committed_tables_are_sorted_and_found(path: Path) -> None:
    lines = path.read_bytes().splitlines()
    assert lines == sorted(lines)
    table = SortedTable(path)
    for line in lines[:: max(1, len(lines) // 200)]:
        key, *fields = line.decode().split("\t")
        assert table.find(key) == fields
