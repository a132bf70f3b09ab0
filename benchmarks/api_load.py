"""Cold start and look-up time of the API reader: `python benchmarks/api_load.py`.

The import is timed in fresh processes and compared with importing `dataclasses`, which any Python
program of this kind pays; look-ups are timed in this process.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

RUNS = 7
_COLD = """
import time
start = time.perf_counter()
{statement}
print((time.perf_counter() - start) * 1e3)
"""
_STATEMENTS = {
    "import dataclasses": "import dataclasses",
    "import, first look-up": (
        "from tfjax.rules.api import SourceApi\n"
        "api = SourceApi.load()\n"
        "assert api.signature(api.canonical('tf.keras.layers.Dense'), 'keras2')"
    ),
    "import, sources and targets": (
        "from tfjax.rules.api import SourceApi, TargetApi\n"
        "api = SourceApi.load()\n"
        "assert api.signature(api.canonical('tf.math.reduce_sum'))\n"
        "assert TargetApi.load().signature('jax.numpy.sum')"
    ),
}


def cold(statement: str) -> float:
    """Least milliseconds of a statement in fresh processes."""
    program = _COLD.format(statement=statement)
    runs = (
        subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
        for _ in range(RUNS)
    )
    return min(float(run.stdout) for run in runs)


def warm(action: Callable[[str], object], names: list[str]) -> float:
    """Microseconds a call, over all `names`."""
    start = time.perf_counter()
    for name in names:
        action(name)
    return (time.perf_counter() - start) * 1e6 / len(names)


def main() -> None:
    base = cold(_STATEMENTS["import dataclasses"])
    for label, statement in _STATEMENTS.items():
        took = cold(statement)
        print(f"{label:30} {took:7.1f} ms  {took / base:5.2f} x dataclasses")

    from tfjax.rules.api.reader import DATA, SourceApi

    names = list(SourceApi(DATA / "source").names())
    api = SourceApi(DATA / "source")  # nothing remembered
    print(f"{'canonical, first time':30} {warm(api.canonical, names):7.1f} us")
    print(f"{'canonical, again':30} {warm(api.canonical, names):7.1f} us")
    print(f"{'signature, first time':30} {warm(api.signature, names):7.1f} us")
    print(f"{'signature, again':30} {warm(api.signature, names):7.1f} us")
    size = sum(path.stat().st_size for path in DATA.rglob("*.tsv"))
    print(f"{'data':30} {size / 1e6:7.2f} MB, {len(names)} source symbols")


if __name__ == "__main__":
    main()
