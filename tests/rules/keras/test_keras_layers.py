"""Every layer, loss and function rule of rules/keras against the real Keras, both versions: see
prove_layers.py.
"""

import pytest

pytest.importorskip("tensorflow", reason="the proofs run the real Keras")

from proof_case import Case
from proof_tables import TABLES
from prove_layers import run

PROOFS = [
    pytest.param(case, flavour, id=f"{family}-{flavour}-{case.layer}-{number}")
    for family, table in TABLES.items()
    for number, case in enumerate(table)
    for flavour in case.flavours
]


@pytest.mark.verify
@pytest.mark.parametrize(("case", "flavour"), PROOFS)
def test_rule_is_proved(case: Case, flavour: str) -> None:
    assert run(case, flavour) == []
