"""`python -m tfjax.transpiler.diagnostics` prints the page docs/diagnostics.md."""

from .explain import reference

print(reference(), end="")
