"""`python -m tfjax.transpiler.catalogue FOLDER`: writes the pages."""

import sys
from pathlib import Path

from ...rules.language import RuleSet
from .entries import catalogue
from .pages import write_pages

write_pages(catalogue(RuleSet.load()), Path(sys.argv[1]))
