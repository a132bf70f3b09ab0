"""What gets past the static checks still does no harm: the kernel refuses it in the sandbox.

The candidates here go to the sandbox unchecked, and climb out of the names that they are given.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tfjax.agents.sandbox.cases import OracleCase, save_cases
from tfjax.agents.sandbox.pool import Sandbox

pytestmark = [
    pytest.mark.verify,
    pytest.mark.xdist_group("agents"),
    pytest.mark.skipif(sys.platform != "linux", reason="seccomp and Landlock are Linux's"),
]
SECRET = "s3cret-of-the-caller"
# The real builtins, which the sandbox's own names do not hold.
IMPORT = "    get = np.__builtins__['__import__']\n"
OPEN = "    open = np.__builtins__['open']\n"
HOSTILE = {
    "writes a file": OPEN + "    open('{outside}', 'w').write('x')\n",
    "writes an array": "    np.save('{outside}', np.zeros(3))\n",
    "changes a file": OPEN + "    open('{kept}', 'a').write('x')\n",
    "empties a file": OPEN + "    open('{kept}', 'w').close()\n",
    "truncates a file": IMPORT + "    get('os').truncate('{kept}', 0)\n",
    "removes a file": IMPORT + "    get('os').remove('{kept}')\n",
    "renames a file": IMPORT + "    get('os').rename('{kept}', '{outside}')\n",
    "links a file": IMPORT + "    get('os').symlink('/etc/passwd', '{outside}')\n",
    "makes a folder": IMPORT + "    get('os').mkdir('{outside}')\n",
    "removes a folder": IMPORT + "    get('shutil').rmtree('{folder}')\n",
    "rewrites what judges it": OPEN + "    open('{cases}', 'wb').write(b'')\n",
    "opens a socket": IMPORT + "    get('socket').socket()\n",
    "opens a local socket": IMPORT + "    s = get('socket')\n    s.socket(s.AF_UNIX)\n",
    "connects over IPv6": IMPORT + "    s = get('socket')\n    s.create_connection(('::1', 9))\n",
    "asks a server": IMPORT + "    get('urllib.request').request.urlopen('http://127.0.0.1:1')\n",
    "forks": IMPORT + "    get('os').fork()\n",
    "starts a shell": IMPORT + "    get('subprocess').run(['sh', '-c', 'echo > {outside}'])\n",
    "starts a program": IMPORT + "    get('os').posix_spawn('/bin/true', ['true'], {{}})\n",
    "starts a worker": IMPORT + "    get('multiprocessing').Process(target=print).start()\n",
    "kills its parent": IMPORT + "    o = get('os')\n    o.kill(o.getppid(), 9)\n",
    "kills by group": IMPORT + "    get('os').killpg({group}, 9)\n",
    "traces its parent": IMPORT
    + "    c, o = get('ctypes'), get('os')\n    libc = c.CDLL(None, use_errno=True)\n"
    "    if libc.ptrace(16, o.getppid(), 0, 0) < 0:\n        raise PermissionError('ptrace')\n",
    "reads its parent's memory": IMPORT
    + "    o = get('os')\n    open = np.__builtins__['open']\n"
    "    open('/proc/%d/mem' % o.getppid(), 'rb').read(1)\n",
}  # fmt: skip
REFUSED = ("PermissionError", "BlockingIOError", "URLError", "OSError", "gaierror")


def try_all(folder: Path) -> tuple[tuple[str, ...], dict[str, dict[str, Any]]]:
    outside, cases = folder / "outside", folder / "cases.npz"
    (folder / "kept.txt").write_text("kept", "utf-8")
    ones = np.ones((2, 3), np.float32)
    save_cases(cases, [OracleCase("general", {"x": ones}, {}, [ones], [None])])
    values = {
        **{"outside": outside, "cases": cases, "kept": folder / "kept.txt", "folder": folder},
        "group": os.getpgrp(),
    }

    async def work() -> tuple[tuple[str, ...], dict[str, dict[str, Any]]]:
        sandbox, found = Sandbox("target"), dict[str, dict[str, Any]]()
        # The last one reads its environment, and is honest apart from that.
        reading = IMPORT + "    if 'TFJAX_MODEL_KEY' in get('os').environ:\n        x = x + 1\n"
        try:
            for name, body in {**HOSTILE, "honest": reading}.items():
                code = f"def region(x):\n{body.format(**values)}    return x\n"
                job = {"code": code, "file": str(cases)}
                found[name] = await sandbox.call(job, 20.0)
            return sandbox.held, found
        finally:
            await sandbox.close()

    return asyncio.run(work())


def test_the_kernel_refuses_what_gets_past_the_checks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TFJAX_MODEL_KEY", SECRET)
    held, found = try_all(tmp_path)
    if set(held) != {"files", "calls"}:
        pytest.skip(f"this kernel enforces only {held}")
    for name in HOSTILE:
        answer = found[name]
        assert not answer.get("accepted"), name
        assert any(one in answer.get("message", answer.get("error", "")) for one in REFUSED), (
            name,
            answer,
        )
    # The process lives on, judges rightly, and has not seen the caller's secrets.
    assert found["honest"]["accepted"], found["honest"]
    assert SECRET not in repr(found)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cases.npz", "kept.txt"]
    assert (tmp_path / "kept.txt").read_text("utf-8") == "kept"
