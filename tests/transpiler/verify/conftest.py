"""Runs cases against one oracle cache, so that each source program runs in TensorFlow once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tfjax.transpiler.verify import VerifyCase, VerifyResult, verify_case

from .weight_table import RULES


@pytest.fixture(scope="session")
def verify(tmp_path_factory: pytest.TempPathFactory) -> Callable[[VerifyCase], VerifyResult]:
    cache: Path = tmp_path_factory.mktemp("oracles")
    return lambda case: verify_case(case, RULES, oracle_cache=cache)
