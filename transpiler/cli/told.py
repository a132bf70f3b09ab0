"""What a project tells of its programs beside their source, for the analysis of shapes."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ..diagnostics import Diagnostic, codes

if TYPE_CHECKING:
    from ..analysis.facts import Observed
    from ..analysis.given import Given
    from ..files import SourceFile
    from ..verify.drivers import Program
    from .config import Config

CALLER = "tfjax_stated"


def told(
    config: Config, sources: Sequence[SourceFile], flavour: str, observe: bool
) -> tuple[Given, list[Diagnostic]]:
    """The programs of the settings as modules that call the source, and what a run of them tells,
    if it is asked for."""
    # Imported late: most commands need none of this.
    from ..analysis.facts import Observed
    from ..analysis.given import Given
    from ..verify.programs import discover, from_entry

    modules = {source.module for source in sources}
    programs = [p for p in map(from_entry, config.verify) if p.module in modules]
    callers, problems = _callers(programs)
    observed = Observed()
    if observe:
        if not programs:
            programs = [p for source in sources for p in discover(source)]
        observed, more = _observed(programs, sources, flavour)
        problems += more
    return Given(callers, observed), problems


def _callers(programs: Sequence[Program]) -> tuple[dict[str, str], list[Diagnostic]]:
    from ..verify.drivers import stated_source

    found: dict[str, str] = {}
    problems: list[Diagnostic] = []
    for number, program in enumerate(programs):
        try:
            found[f"{CALLER}_{number}"] = stated_source(program)
        except SyntaxError as error:
            text = f"the call of `{program.name}` is no Python expression: {error.msg}"
            problems.append(codes.NOT_OBSERVED.at(program.name, None, text))
    return found, problems


def _observed(
    programs: Sequence[Program], sources: Sequence[SourceFile], flavour: str
) -> tuple[Observed, list[Diagnostic]]:
    from ..analysis.facts import Observed

    if not programs:
        hint = "name one in `[[tool.tfjax.verify]]`: its entry, its inputs"
        text = "--observe finds no program to run"
        return Observed(), [codes.NOT_OBSERVED.at("", None, text, hint=hint)]
    if find_spec("tensorflow") is None:
        text = "--observe runs the source: it needs tensorflow (pip install 'tfjax[verify]')"
        return Observed(), [codes.NOT_OBSERVED.at("", None, text)]
    from ..verify.observing import observe

    observed, failed = observe(programs, sources, flavour)
    return observed, [codes.NOT_OBSERVED.at("", None, f"not observed: {text}") for text in failed]
