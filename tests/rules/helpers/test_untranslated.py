"""The value that stands for what was not translated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tfjax.rules.helpers.untranslated import raise_untranslated, untranslated

VALUE = untranslated("TJ2010: no counterpart")


@pytest.mark.parametrize(
    "use",
    [
        lambda v: v(1),
        lambda v: v.attribute,
        lambda v: v[0],
        lambda v: list(v),
        lambda v: 1 + v,
        lambda v: v == 1,
        lambda v: "yes" if v else "no",
        lambda v: f"{v}",
    ],
)
def test_every_use_raises(use: Callable[[Any], Any]) -> None:
    with pytest.raises(NotImplementedError, match="TJ2010: no counterpart"):
        use(VALUE)


def test_it_can_be_kept() -> None:
    assert {"a": VALUE}["a"] is VALUE
    assert not hasattr(VALUE, "__wrapped__")
    assert len({VALUE}) == 1


def test_code_that_is_reached_raises() -> None:
    with pytest.raises(NotImplementedError, match="TJ2001: no rule"):
        raise_untranslated("TJ2001: no rule")
