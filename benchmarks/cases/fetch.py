"""Fetch the packages of the case list as plain source folders: nothing is installed or run."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path


class FetchError(Exception):
    """A package could not be downloaded or opened."""


def fetch(folder: str, requirement: str, cache: Path) -> Path:
    """Download `requirement` and unpack it as `cache/folder`, unless that is there already.

    Raises FetchError.
    """
    target = cache / folder
    if target.exists():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    # Unpacked beside its place and renamed, so that a folder that exists is complete.
    with tempfile.TemporaryDirectory(dir=cache, prefix=f".{folder}.") as scratch:
        archive = _download(requirement, Path(scratch))
        unpacked = Path(scratch) / "unpacked"
        unpacked.mkdir()
        _unpack(archive, unpacked)
        unpacked.rename(target)
    return target


def fetch_all(folders: Iterable[str], packages: Mapping[str, str], cache: Path) -> dict[str, str]:
    """Fetch each folder; returns the reasons of those that failed, by folder."""
    failures: dict[str, str] = {}
    for folder in sorted(set(folders)):
        try:
            if folder not in packages and not (cache / folder).exists():
                raise FetchError(f"packages.json has no entry {folder!r}")
            fetch(folder, packages.get(folder, ""), cache)
        except FetchError as error:
            failures[folder] = str(error)
    return failures


def _download(requirement: str, scratch: Path) -> Path:
    base = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(scratch)]
    any_python = [*base, "--ignore-requires-python"]
    # Old packages exclude new Pythons in their metadata; their sources are all that is needed.
    wheel = [*any_python, "--only-binary=:all:", "--platform", "any", "--python-version", "39"]
    message = ""
    for command in (base, any_python, wheel):
        done = subprocess.run([*command, requirement], capture_output=True, text=True)
        if done.returncode == 0:
            (archive,) = (p for p in scratch.iterdir() if p.is_file())
            return archive
        message = message or done.stderr.strip().rpartition("\n")[2]
    raise FetchError(f"cannot download {requirement}: {message}")


def _unpack(archive: Path, folder: Path) -> None:
    try:
        if archive.suffix in {".whl", ".zip"}:
            with zipfile.ZipFile(archive) as wheel:
                wheel.extractall(folder)
        else:
            with tarfile.open(archive) as sdist:
                sdist.extractall(folder, filter="data")
    except (zipfile.BadZipFile, tarfile.TarError, OSError) as error:
        raise FetchError(f"cannot unpack {archive.name}: {error}") from error
