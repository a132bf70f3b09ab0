"""The proof tables, one a family."""

from __future__ import annotations

from cases import Case
from convolution_cases import CONVOLUTION

TABLES: dict[str, list[Case]] = {"convolution": CONVOLUTION}
