"""The catalogue: every record's symbols, their status, and the forms it is shown in."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from tfjax.rules.api import SourceApi
from tfjax.rules.language import RuleSet
from tfjax.rules.language.records import Rule
from tfjax.transpiler.catalogue import FORMS, STATUSES, Entry, catalogue, find, render
from tfjax.transpiler.catalogue.forms import counts, one, proved_with
from tfjax.transpiler.catalogue.pages import pages, write_pages
from tfjax.transpiler.cli.main import run
from tfjax.transpiler.prove.cache import fingerprint
from tfjax.transpiler.prove.record import Proof, Proofs

TEXT = '''
rule mean
  """The mean | of all."""
  from    tf.math.reduce_mean(input_tensor: Tensor, axis: Axes = None, keepdims: bool = False,
                              name: Ignored = None)
  also    keras.backend.mean(input_tensor = x)
  to      jnp.mean(input_tensor, axis=axis, keepdims=keepdims) if rank(input_tensor) == 1
  to      compat.mean(input_tensor, axis, keepdims)
  caveat  "not | exact"
  note    TJ6003 "random"
  example tf.reduce_mean(x) => jnp.mean(x)
value tf.newaxis => None
value keras.__version__ => "2"
  flavour keras2
value keras.__version__ => "3"
  flavour keras3
refuse tf.strings.* "no strings" hint "on the host"
keep tf.data.* "host"
drop tf.name_scope "names"
pass keras.Model "a module"
'''


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    rules = RuleSet.parse(TEXT, api=True)
    rule = rules.for_symbol("tf.reduce_mean")
    assert isinstance(rule, Rule)
    proofs = [
        Proof("keras3", "tf.reduce_mean", "L3", 25, fingerprint(rule)),
        Proof("keras3", "keras.backend.mean", "L3", 12, "0123456789ab"),
    ]
    return catalogue(rules, Proofs({"jax": "0.1"}, {p.key: p for p in proofs}))


def test_entries(entries: list[Entry]) -> None:
    found = {(e.symbol, e.flavour): e for e in entries}
    mean = found["tf.reduce_mean", None]
    assert (mean.status, mean.kind, mean.rule, mean.proof) == (
        "translated",
        "rule",
        "mean",
        "L3, 25 cases",
    )
    assert mean.target == (
        "jnp.mean(input_tensor, axis=axis, keepdims=keepdims)",
        "compat.mean(input_tensor, axis, keepdims)",
    )
    assert (mean.helpers, mean.place) == (("mean",), "<rules>:2")
    assert found["keras.backend.mean", None].target == mean.target
    assert found["keras.__version__", "keras3"].target == ('"3"',)
    assert {e.symbol: e.status for e in entries if e.status != "translated"} == {
        "tf.strings.*": "refused",
        "tf.data.*": "kept",
        "tf.name_scope": "dropped",
        "keras.Model": "pass",
    }


def test_a_symbol_counts_once(entries: list[Entry]) -> None:
    assert counts(entries) == {
        **{"translated": 4, "pass": 1, "kept": 1},
        **{"dropped": 1, "refused": 1},
    }


def test_any_spelling_finds_it(entries: list[Entry]) -> None:
    api = SourceApi.load()

    def names(spelling: str) -> set[str]:
        return {entry.symbol for entry in find(entries, spelling, api)}

    assert names("tf.math.reduce_mean") == names("tensorflow.reduce_mean") == {"tf.reduce_mean"}
    assert names("reduce_mean") == {"tf.reduce_mean"}
    assert names("tf.keras.backend.mean") == {"keras.backend.mean"}
    assert names("tf.strings.unicode_decode") == {"tf.strings.*"}
    assert names("tf.no_such_symbol") == set()


def test_forms(entries: list[Entry]) -> None:
    assert set(FORMS) == {"text", "json", "md", "csv"}
    data = json.loads(render(entries, "json"))
    assert data["counts"]["translated"] == 4 and len(data["symbols"]) == len(entries)
    rows = list(csv.DictReader(render(entries, "csv").splitlines()))
    assert {row["status"] for row in rows} == set(STATUSES)
    assert render(entries, "text").endswith(
        "8 symbols: 4 translated, 1 pass, 1 kept, 1 dropped, 1 refused\n"
    )
    table = render(entries, "md").splitlines()
    assert {line.replace("\\|", "").count("|") for line in table} == {6}
    assert "not \\| exact; TJ6003: random" in render(entries, "md")


def test_one_entry_in_full(entries: list[Entry]) -> None:
    assert one(find(entries, "tf.reduce_mean", SourceApi.load())[0]) == (
        "tf.reduce_mean: translated\n"
        "  record    rule mean, <rules>:2\n"
        "  about     The mean | of all.\n"
        "  becomes   jnp.mean(input_tensor, axis=axis, keepdims=keepdims)\n"
        "            compat.mean(input_tensor, axis, keepdims)\n"
        "  caveat    not | exact\n"
        "  note      TJ6003: random\n"
        "  helper    rules/helpers: mean\n"
        "  example   tf.reduce_mean(x)  =>  jnp.mean(x)\n"
        "  proof     L3, 25 cases\n"
        f"            {proved_with()}\n"
    )


def test_the_proof_of_another_text_is_stale(entries: list[Entry]) -> None:
    found = {e.symbol: e.proof for e in entries if e.kind == "rule"}
    assert found["keras.backend.mean"] == "stale: the rule changed since its proof"


def test_the_built_in_catalogue_is_written(tmp_path: Path) -> None:
    entries = catalogue(RuleSet.load())
    found = counts(entries)
    assert sum(found.values()) >= 1000 and found["translated"] >= 700
    assert all(e.target for e in entries if e.status == "translated")
    assert all(e.reason for e in entries if e.status != "translated")
    write_pages(entries, tmp_path)
    written = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert written == dict(pages(entries))
    listed = "".join(written.values())
    assert all(f"| `{entry.symbol}`" in listed for entry in entries)


# ------------------------------------------------------------------------------- the command line


def test_list_and_show(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "list", "--family", "nn", "--status", "refused"]) == 0
    out = capsys.readouterr().out
    assert "tf.nn.ctc_loss" in out and "tf.nn.relu" not in out
    assert run(["rules", "show", "tensorflow.keras.layers.Dense"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(
        "keras.layers.Dense: translated\n  record    layer Dense, keras/core.rules"
    )


def test_rules_of_ones_own_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my.rules").write_text(
        "rule mine\n  from tf.abs(x: Tensor, name: Ignored = None)\n  to jnp.fabs(x)\n"
        "rule op\n  from my_ops.op(x: Tensor)\n  to jnp.abs(x)\n"
    )
    assert run(["rules", "show", "tf.math.abs", "--rules", "my.rules"]) == 0
    out = capsys.readouterr().out
    assert "rule mine, my.rules:1\n            replaces a built-in record\n" in out
    assert run(["rules", "show", "my_ops.op", "--rules", "my.rules"]) == 0
    assert "jnp.abs(x)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["show", "tf.reduse_sum"], 2, "no symbol `tf.reduse_sum`; did you mean tf.reduce_sum"),
        (["list", "--family", "imige"], 2, "no family `imige`; did you mean image"),
        (["list", "--rules", "nowhere.rules"], 2, "nowhere.rules:1:1: TJ3010: cannot be read"),
    ],
)
def test_mistakes(
    arguments: list[str], code: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["rules", *arguments]) == code
    assert message in capsys.readouterr().err
