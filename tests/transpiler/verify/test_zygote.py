"""A job's process, without a framework: where it may leave files."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tfjax.transpiler.verify import zygote


class Worker:
    """Writes down where temporary files go."""

    def start(self, job: Path) -> None:
        job.with_name("found.txt").write_text(tempfile.gettempdir())
        os._exit(0)


def test_temporary_files_go_into_the_folder_of_the_job(tmp_path: Path) -> None:
    """Also when the imports before the fork asked for another folder: AutoGraph writes the code
    that it makes into a temporary file, and runs functions unconverted where it cannot."""
    (tmp_path / "cwd").mkdir()
    assert tempfile.gettempdir()
    with open(tmp_path / "events", "w") as events:
        pid = zygote.fork(Worker(), str(tmp_path / "job.json"), events)
        assert os.waitpid(pid, 0)[1] == 0
    assert (tmp_path / "found.txt").read_text() == str(tmp_path / "cwd")
