"""`python -m tfjax.transpiler.catalogue FOLDER`: writes the pages."""

import sys
from pathlib import Path

from ...rules.language import RuleSet
from ..prove.record import read_proofs
from .entries import catalogue
from .pages import write_pages

write_pages(catalogue(RuleSet.load(), read_proofs()), Path(sys.argv[1]))
