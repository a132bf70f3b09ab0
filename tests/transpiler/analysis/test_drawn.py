"""What is inferred for open sizes, against what TensorFlow computes: no claim may contradict it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.transpiler.analysis import drawn_families, drawn_layers
from tests.transpiler.analysis.drawn import Draw, contradiction

FAMILIES = {**drawn_families.FAMILIES, **drawn_layers.FAMILIES}

pytestmark = pytest.mark.verify


@pytest.mark.parametrize("family", FAMILIES)
@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_claim_contradicts_tensorflow(family: str, data: st.DataObject) -> None:
    draw = Draw(data)
    told = contradiction(draw.case(FAMILIES[family](draw)))
    assert told is None, told
