"""What a program has written, as the pool counts it."""

from __future__ import annotations

from pathlib import Path

from tfjax.transpiler.verify.pool import size_of

BLOCK = 4096


def test_bytes_on_the_disk_and_a_block_for_each_thing(tmp_path: Path) -> None:
    empty = size_of(tmp_path)
    assert empty >= BLOCK
    (tmp_path / "a.bin").write_bytes(bytes(10 * BLOCK))
    assert size_of(tmp_path) >= empty + 10 * BLOCK
    (tmp_path / "b").mkdir()
    for number in range(5):
        (tmp_path / "b" / str(number)).touch()
    assert size_of(tmp_path / "b") >= 6 * BLOCK


def test_what_is_not_there_and_what_a_link_leads_to_is_not_counted(tmp_path: Path) -> None:
    assert size_of(tmp_path / "none") == 0
    (tmp_path / "big.bin").write_bytes(bytes(100 * BLOCK))
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "big").symlink_to(tmp_path / "big.bin")
    assert size_of(tmp_path / "links") < 10 * BLOCK
