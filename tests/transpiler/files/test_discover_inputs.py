"""From paths to files: order, places in the output, module names, what is skipped."""

from pathlib import Path

import pytest
from tfjax.transpiler.files import discover, module_name


def tree(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")


def relatives(*paths: Path, exclude: Path | None = None) -> list[str]:
    return [file.relative.as_posix() for file in discover(paths, exclude).files]


def codes_of(*paths: Path) -> list[str]:
    return [d.code for d in discover(paths).diagnostics]


def test_a_directory_is_walked_by_name(tmp_path: Path):
    tree(tmp_path, "z.py", "b/c.py", "b/a.py", "a.py", "b.py", "notes.txt", "b/data.json")
    assert relatives(tmp_path) == ["a.py", "b/a.py", "b/c.py", "b.py", "z.py"]


def test_what_is_no_source_is_skipped(tmp_path: Path):
    tree(
        tmp_path,
        "m.py",
        ".hidden.py",
        ".git/x.py",
        "__pycache__/x.py",
        "node_modules/x.py",
        "lib/site-packages/x.py",
        "x.egg-info/x.py",
        "env/pyvenv.cfg",
        "env/bin/x.py",
    )
    assert relatives(tmp_path) == ["m.py"]


def test_a_file_goes_to_the_top(tmp_path: Path):
    tree(tmp_path, "a/b/m.py", "script")
    assert relatives(tmp_path / "a/b/m.py", tmp_path / "script") == ["m.py", "script"]


def test_of_several_directories_each_keeps_its_name(tmp_path: Path):
    tree(tmp_path, "a/m.py", "b/m.py")
    assert relatives(tmp_path / "a", tmp_path / "b") == ["a/m.py", "b/m.py"]


def test_two_files_of_one_name_collide(tmp_path: Path):
    tree(tmp_path, "a/m.py", "b/m.py")
    assert codes_of(tmp_path / "a/m.py", tmp_path / "b/m.py") == ["TJ1014"]


def test_a_path_named_twice_is_read_once(tmp_path: Path):
    tree(tmp_path, "m.py")
    assert relatives(tmp_path / "m.py", tmp_path / "m.py") == ["m.py"]
    assert codes_of(tmp_path / "m.py", tmp_path / "m.py") == []


def test_the_output_is_not_entered(tmp_path: Path):
    tree(tmp_path, "m.py", "out/m.py")
    assert relatives(tmp_path, exclude=tmp_path / "out") == ["m.py"]


def test_a_link_to_a_parent_is_reported_and_not_followed(tmp_path: Path):
    tree(tmp_path, "p/m.py")
    (tmp_path / "p" / "loop").symlink_to("..")
    found = discover([tmp_path])
    assert [file.relative.as_posix() for file in found.files] == ["p/m.py"]
    assert [(d.code, d.severity) for d in found.diagnostics] == [("TJ1009", "warning")]


def test_a_second_way_to_the_same_directory_is_not_taken(tmp_path: Path):
    tree(tmp_path, "src/z/m.py", "other/n.py")
    (tmp_path / "src" / "alias").symlink_to("z")
    (tmp_path / "src" / "o1").symlink_to("../other")
    (tmp_path / "src" / "o2").symlink_to("../other")
    found = discover([tmp_path / "src"])
    assert [file.relative.as_posix() for file in found.files] == ["o1/n.py", "z/m.py"]
    assert [d.code for d in found.diagnostics] == ["TJ1019", "TJ1019"]


def test_two_directories_that_link_to_each_other(tmp_path: Path):
    tree(tmp_path, "a/m.py", "b/n.py")
    (tmp_path / "a" / "to_b").symlink_to("../b")
    (tmp_path / "b" / "to_a").symlink_to("../a")
    found = discover([tmp_path / "a"])
    assert [file.relative.as_posix() for file in found.files] == ["m.py", "to_b/n.py"]
    assert [d.code for d in found.diagnostics] == ["TJ1009"]


def test_a_named_path_that_links_to_itself(tmp_path: Path):
    loop = tmp_path / "loop"
    loop.symlink_to("loop")
    assert codes_of(loop) == ["TJ1009"]
    assert discover([loop]).diagnostics[0].severity == "error"


def test_nothing_found(tmp_path: Path):
    assert codes_of(tmp_path) == ["TJ1012"]
    assert codes_of(tmp_path / "missing") == ["TJ1005"]


def test_a_directory_that_cannot_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    # Permissions do not stop root, who may run the tests: the error is made here.
    import os

    tree(tmp_path, "m.py", "closed/n.py")
    real = os.scandir

    def scandir(path: Path):
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = discover([tmp_path])
    assert [file.relative.as_posix() for file in found.files] == ["m.py"]
    assert [d.code for d in found.diagnostics] == ["TJ1006"]


@pytest.mark.parametrize(
    ("path", "root", "name"),
    [
        ("m.py", ".", "m"),
        ("pkg/m.py", ".", "pkg.m"),
        ("pkg/__init__.py", ".", "pkg"),
        ("pkg/m.py", "pkg", "pkg.m"),
        ("src/pkg/sub/m.py", ".", "pkg.sub.m"),
        ("pkg/sub/m.py", None, "pkg.sub.m"),
        ("plain/m.py", ".", "plain.m"),
        ("plain/m.py", "plain", "m"),
        ("plain/deep/m.py", ".", "plain.deep.m"),
        ("plain/m.py", None, "m"),
        ("__init__.py", ".", ""),
    ],
)
def test_module_names(tmp_path: Path, path: str, root: str | None, name: str):
    tree(
        tmp_path,
        "m.py",
        "pkg/__init__.py",
        "pkg/m.py",
        "pkg/sub/__init__.py",
        "pkg/sub/m.py",
        "src/pkg/__init__.py",
        "src/pkg/sub/__init__.py",
        "src/pkg/sub/m.py",
        "plain/m.py",
        "plain/deep/m.py",
    )
    assert module_name(tmp_path / path, tmp_path / root if root else None) == name
