"""Introspects the installed frameworks and writes `rules/api/data/`.

Run `python -m tfjax.rules.api.generate [OUT]`; needs the `verify` extra. The bytes depend on the
package versions alone.
"""
