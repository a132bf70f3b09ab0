"""`tfjax-compile agents judge PATH...`: checklist, blind judge, style judge."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import click

from ...rules.language.ruleset import RuleSet
from ...transpiler import outcome, pipeline
from ...transpiler.cli.console import Console
from ...transpiler.fills_file import FillsError, read_fills
from ...transpiler.project import Options, by_module
from ..checklist import Item, checklist
from ..judges import Advice, agreement, judge_content, judge_style, score
from ..model.messages import Model, ModelError
from ..playbooks import PlaybookError, always, read_playbooks
from .options import load_model, load_sources, model_options, source_options


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@source_options
@model_options
@click.option("--fills", type=click.Path(path_type=Path), help="Fills of a run.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text")
def judge_command(
    paths: tuple[str, ...],
    keras: str | None,
    roots: tuple[str, ...],
    follow_imports: bool,
    rules: tuple[str, ...],
    config_path: str | None,
    playbooks: tuple[Path, ...],
    fills: Path | None,
    form: str,
    **given: Any,
) -> int:
    """Compile PATH in memory and score the result: by the ledger's checklist; with a model, by a
    judge that sees checklist and output only, and by a judge of style. Scores decide nothing.

    Exit code 0: every item of the checklist is met; 1: some are not."""
    console = Console("text")
    sources, rule_files, known = load_sources(
        paths, roots, follow_imports, rules, config_path, console
    )
    try:
        code = () if fills is None else read_fills(fills)
        books = [book for book in always(read_playbooks()) if book.level == "style"]
    except (FillsError, PlaybookError) as error:
        raise click.ClickException(str(error)) from None
    named = by_module(sources)
    compilation = pipeline.run(
        named,
        RuleSet.load(extra=rule_files),
        outcome.FLAVOURS.get(keras or known),
        fills={one.key: one for one in code},
    )
    project = outcome.collect(named, compilation, Options(rules=rule_files))
    ledgers = {f.source.module: f.ledger for f in project.files}
    trees = {name: lowered.module for name, lowered in compilation.lowered.items()}
    items = checklist(trees, ledgers)
    target = "\n\n".join(f"# {f.path}\n{f.text}" for f in project.files if f.text)
    result: dict[str, Any] = {"items": items, "met": sum(item.met for item in items)}
    if any(given[name] is not None for name in ("endpoint", "engine", "replay")):
        model = load_model(**given)
        playbook = "\n".join(book.text for book in books)
        try:
            result |= asyncio.run(_judge(items, target, playbook, model))
        except ModelError as error:
            raise click.ClickException(str(error)) from None
    click.echo(_json(result) if form == "json" else _text(result))
    return 0 if result["met"] == len(items) else 1


async def _judge(items: Sequence[Item], target: str, playbook: str, model: Model) -> dict[str, Any]:
    try:
        said = await judge_content(items, target, model)
        points, advice = await judge_style(target, playbook, model)
    finally:
        await model.close()
    return {
        "judgements": said,
        "score": score(said, items),
        "agreement": agreement(said, items),
        "style": points,
        "advice": advice,
    }


def _text(result: dict[str, Any]) -> str:
    items: list[Item] = result["items"]
    lines = [f"not met: {i.path}:{i.line} {i.kind}: {i.text}" for i in items if not i.met]
    lines.append(f"ledger: {result['met']} of {len(items)} items met")
    if "score" in result:
        lines.append(f"blind judge: {result['score']:.2f} of the items, with evidence")
        lines.append(f"agreement of the two: {result['agreement']:.2f}")
        lines.append(f"style: {result['style']} of 10")
        advice: list[Advice] = result["advice"]
        lines += [f"  {one.line.strip()}\n    {one.advice}" for one in advice]
    return "\n".join(lines)


def _json(result: dict[str, Any]) -> str:
    def plain(value: Any) -> Any:
        if isinstance(value, list):
            return [plain(one) for one in value]  # pyright: ignore[reportUnknownVariableType]
        return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value

    return json.dumps({name: plain(value) for name, value in result.items()}, indent=2)
