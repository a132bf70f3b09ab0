"""What a linter says: unused names, undefined names, mistakes. Layout is settled by the emitter."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from typing import Any

from ..contract import Region
from .verdict import Verdict

RULES = "F,E7,B006,B018,B023"
PRELUDE = (
    "import jax\nimport jax.numpy as jnp\nimport numpy as np\nimport math\nimport functools\n"
    "from jax import lax\nfrom flax import nnx\nimport optax\n"
)


def style(tree: ast.Module, code: str, region: Region) -> Verdict | None:
    """The first finding of ruff; imports may be left to the emitter."""
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--no-cache",
        "--quiet",
        "--select",
        RULES,
    ]
    command += ["--ignore", "F401,F811,E702,E731", "--output-format", "json", "-"]
    done = subprocess.run(
        command, input=PRELUDE + code, capture_output=True, text=True, check=False
    )
    found: list[dict[str, Any]] = json.loads(done.stdout or "[]")
    if not found:
        return None
    first = found[0]
    line = first["location"]["row"] - PRELUDE.count("\n")
    return Verdict(False, "style", f"{first['code']}: {first['message']} (line {line})")
