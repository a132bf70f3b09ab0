"""The seam to the verifier: what it is given, and what its results become."""

import json
import sys
from types import ModuleType

import pytest
from tfjax.transpiler.cli.config import Config
from tfjax.transpiler.cli.verification import VerifyResult, table
from tfjax.transpiler.diagnostics import codes
from tfjax.transpiler.project import CompiledProject, Options
from tfjax.transpiler.verify.options import VerifyOptions

GOOD = VerifyResult("mlp", True, "equal", {"parameters": "6", "outputs": "1e-07"}, (), {"n": 1})
WRONG = VerifyResult(
    "resnet", False, "differs", {}, (codes.OUTPUT_MISMATCH.at("m.py", None, "off by 1"),)
)


@pytest.fixture
def verifier(monkeypatch: pytest.MonkeyPatch):
    """Puts a verifier in place that gives `results`, and keeps what it was called with."""

    def install(*results: VerifyResult) -> list[tuple[CompiledProject, Config, Options]]:
        calls: list[tuple[CompiledProject, Config, Options]] = []

        def run(
            project: CompiledProject, config: Config, options: Options, wanted: VerifyOptions
        ) -> list[VerifyResult]:
            assert wanted.modes
            calls.append((project, config, options))
            return list(results)

        module = ModuleType("tfjax.transpiler.verify.project")
        module.run_verification = run  # pyright: ignore
        monkeypatch.setitem(sys.modules, module.__name__, module)
        return calls

    return install


def test_all_equal(tool, files, verifier):
    calls = verifier(GOOD)
    files({"m.py": "tf\n", "pyproject.toml": '[[tool.tfjax.verify]]\nentry = "m:f"\n'})
    done = tool("m.py", "-o", "out", "--verify", "--keras", "3", "--report", "r.json")
    assert done.code == 0
    assert "mlp            6    1e-07  equal\n" in done.err
    ((project, config, options),) = calls
    assert [file.text for file in project.files] == ["jnp\n"]
    assert [entry.entry for entry in config.verify] == ["m:f"]
    assert options.flavour == "3"
    with open("r.json") as file:
        assert json.load(file)["verification"] == [{"n": 1}]


def test_one_differs(tool, files, verifier):
    verifier(GOOD, WRONG)
    files({"m.py": "tf\n"})
    done = tool("verify", "m.py")
    assert done.code == 1
    assert "error[TJ7001]: off by 1" in done.err


def test_table():
    assert table([GOOD, WRONG]).splitlines() == [
        "name    parameters  outputs  verdict",
        "mlp              6    1e-07  equal",
        "resnet           -        -  differs",
    ]
