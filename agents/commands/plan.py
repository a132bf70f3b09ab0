"""`tfjax-compile agents plan PATH...`: nothing is run and no model is asked."""

from __future__ import annotations

from pathlib import Path

import click

from ...transpiler.cli.console import Console
from ..contract import Region
from ..plan import Plan
from ..session import Settings, look
from .options import load_sources, source_options


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@source_options
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json", "mermaid", "dot")),
    default="text",
    help="Form of the plan.",
)
def plan_command(
    paths: tuple[str, ...],
    keras: str | None,
    roots: tuple[str, ...],
    follow_imports: bool,
    rules: tuple[str, ...],
    config_path: str | None,
    playbooks: tuple[Path, ...],
    form: str,
) -> int:
    """Show the places of PATH that no rule covers, as steps in the order of their dependencies.

    Exit code 0: nothing is left; 1: something is; 2: usage error."""
    console = Console("text")
    sources, rule_files, known = load_sources(
        paths, roots, follow_imports, rules, config_path, console
    )
    settings = Settings(Path(), keras or known, rule_files, playbooks=playbooks)
    found = look(sources, settings)
    plan = found.plan()
    match form:
        case "json":
            click.echo(plan.text(), nl=False)
        case "mermaid":
            click.echo(plan.mermaid(), nl=False)
        case "dot":
            click.echo(plan.dot(), nl=False)
        case _:
            click.echo(plan_text(plan, {region.key: region for region in found.regions}))
    return 1 if plan.steps else 0


def plan_text(plan: Plan, regions: dict[str, Region]) -> str:
    """The plan for a terminal."""
    if not plan.steps:
        return "nothing is left: every place is translated, kept or dropped"
    lines: list[str] = []
    for step in plan.steps:
        after = f"  (after {', '.join(step.depends_on)})" if step.depends_on else ""
        lines.append(f"{step.id}  {step.title}{after}")
        for key in step.regions:
            region = regions[key]
            why = f"   not for agents: {region.refusal}" if region.refusal else ""
            lines.append(f"     {region.path}:{region.line}  {region.code}  {key}{why}")
    count = sum(len(step.regions) for step in plan.steps)
    open_ones = sum(not region.refusal for region in regions.values())
    lines.append(f"{count} places in {len(plan.steps)} steps; agents may try {open_ones} of them")
    return "\n".join(lines)
