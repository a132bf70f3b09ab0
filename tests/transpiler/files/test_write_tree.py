"""Writing: everything or nothing, never over the input."""

import os
from pathlib import Path

import pytest
from tfjax.transpiler.files import OutputError, OutputFile, check_apart, write_file, write_tree


def listing(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def file(name: str, data: bytes = b"new\n", executable: bool = False) -> OutputFile:
    return OutputFile(Path(name), data, executable)


def test_writes_a_tree(tmp_path: Path):
    out = tmp_path / "deep" / "out"
    written = write_tree(out, [file("a.py"), file("p/q/b.py", b"x\r\n")])
    assert listing(tmp_path) == {"deep/out/a.py": b"new\n", "deep/out/p/q/b.py": b"x\r\n"}
    assert written == (out / "a.py", out / "p/q/b.py")


def test_unchanged_files_are_not_touched(tmp_path: Path):
    write_tree(tmp_path, [file("a.py"), file("b.py")])
    os.utime(tmp_path / "a.py", (1, 1))
    assert write_tree(tmp_path, [file("a.py"), file("b.py", b"other\n")]) == (tmp_path / "b.py",)
    assert (tmp_path / "a.py").stat().st_mtime == 1


def test_permissions_follow_the_umask_and_the_source(tmp_path: Path):
    before = os.umask(0o027)
    try:
        write_tree(tmp_path, [file("a.py"), file("b.py", executable=True)])
    finally:
        os.umask(before)
    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in ("a.py", "b.py")]
    assert [oct(mode) for mode in modes] == ["0o640", "0o750"]


def test_nothing_to_write_makes_no_folder(tmp_path: Path):
    assert write_tree(tmp_path / "out", []) == ()
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("place", ["blocker", "blocker/deep/out"])
def test_a_file_in_place_of_a_folder(tmp_path: Path, place: str):
    (tmp_path / "blocker").write_text("keep")
    with pytest.raises(OutputError) as caught:
        write_tree(tmp_path / place, [file("a.py")])
    assert caught.value.diagnostic.code == "TJ1016"
    assert "is a file, not a directory" in caught.value.diagnostic.message
    assert listing(tmp_path) == {"blocker": b"keep"}


def test_a_folder_in_place_of_a_file_undoes_everything(tmp_path: Path):
    (tmp_path / "z.py").mkdir()
    (tmp_path / "a.py").write_bytes(b"old\n")
    with pytest.raises(OutputError):
        write_tree(tmp_path, [file("a.py"), file("new/b.py"), file("z.py")])
    assert listing(tmp_path) == {"a.py": b"old\n"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.py", "z.py"]


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    calls: list[int] = []

    def fsync(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OutputError) as caught:
        write_tree(tmp_path / "out", [file("a.py"), file("b.py")])
    message = caught.value.diagnostic.message
    assert "no space left on device; nothing was written" in message
    assert ".tfjax-" not in message
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_between_two_renames_undoes_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "a.py").write_bytes(b"old\n")
    real, calls = os.replace, list[str]()

    def replace(source: Path, target: Path) -> None:
        calls.append(str(target))
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(KeyboardInterrupt):
        write_tree(tmp_path, [file("a.py"), file("b.py")])
    assert listing(tmp_path) == {"a.py": b"old\n"}


def test_a_link_in_the_output_is_replaced_not_written_through(tmp_path: Path):
    (tmp_path / "source.py").write_bytes(b"precious\n")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.py").symlink_to("../source.py")
    write_tree(tmp_path / "out", [file("a.py")])
    assert listing(tmp_path) == {"out/a.py": b"new\n", "source.py": b"precious\n"}


def test_a_linked_folder_in_the_output_does_not_lead_to_the_input(tmp_path: Path):
    source = tmp_path / "src" / "a.py"
    source.parent.mkdir()
    source.write_bytes(b"precious\n")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "sub").symlink_to("../src")
    with pytest.raises(OutputError) as caught:
        write_tree(tmp_path / "out", [file("sub/a.py")], {source.resolve()})
    assert caught.value.diagnostic.code == "TJ1015"
    assert source.read_bytes() == b"precious\n"


def test_write_file(tmp_path: Path):
    path = tmp_path / "new" / "report.json"
    assert write_file(path, b"{}\n")
    assert not write_file(path, b"{}\n")
    assert listing(tmp_path) == {"new/report.json": b"{}\n"}


@pytest.mark.parametrize(
    ("output", "inputs", "refused"),
    [
        ("out", ["src"], False),
        ("src", ["src"], True),
        ("src/out", ["src"], True),
        ("src/../src", ["src"], True),
        (".", ["src"], False),
        (".", ["src", "."], True),
        ("src", ["src/m.py"], True),
        ("src/out", ["src/m.py"], False),
        ("src/m.py", ["src/m.py"], True),
        ("src/n.py", ["src/m.py"], False),
        ("link", ["src"], True),
    ],
)
def test_check_apart(tmp_path: Path, output: str, inputs: list[str], refused: bool):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "m.py").write_text("")
    (tmp_path / "link").symlink_to("src")
    problem = check_apart(tmp_path / output, [tmp_path / path for path in inputs])
    assert (problem is not None) == refused
    assert problem is None or problem.code == "TJ1015"
