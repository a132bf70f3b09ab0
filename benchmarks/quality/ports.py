"""The ports to compare with."""

from __future__ import annotations

import ast
import tomllib
from dataclasses import dataclass
from pathlib import Path

PORTS = Path(__file__).with_name("ports.toml")


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a case's model. The fields are those of ports.toml, which explains them."""

    case: str
    package: str
    file: str
    entry: str
    module: str
    build: str
    parameters: str
    call: str
    setup: str = ""
    requires: str = ""

    def build_for(self, build: str) -> str:
        """The expression that builds the port with the arguments of the case's `build`."""
        return self.build.replace("{arguments}", call_arguments(build))


def load_ports(path: Path = PORTS) -> dict[str, Port]:
    """By case. Raises TypeError for a field that is missing or unknown."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return {case: Port(case=case, **fields) for case, fields in data.items()}


def call_arguments(text: str) -> str:
    """What stands between the parentheses of a call.

    Raises ValueError where `text` is no call.
    """
    node = ast.parse(text, mode="eval").body
    if not isinstance(node, ast.Call):
        raise ValueError(f"not a call: {text}")
    parts = [ast.unparse(a) for a in node.args]
    parts += [f"{k.arg}={ast.unparse(k.value)}" for k in node.keywords]
    return ", ".join(parts)
