"""Runs cases in one pool of warm workers against one oracle cache: each source program runs in
TensorFlow once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tfjax.transpiler.verify import VerifyCase, VerifyResult, verify_case
from tfjax.transpiler.verify.pool import WorkerPool

from .weight_table import RULES


@pytest.fixture(scope="session")
def workers() -> Iterator[WorkerPool]:
    with WorkerPool() as pool:
        yield pool


@pytest.fixture(scope="session")
def verify(
    tmp_path_factory: pytest.TempPathFactory, workers: WorkerPool
) -> Callable[[VerifyCase], VerifyResult]:
    cache: Path = tmp_path_factory.mktemp("oracles")
    return lambda case: verify_case(case, RULES, oracle_cache=cache, pool=workers)
