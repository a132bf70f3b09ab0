"""What a run has cost: tokens, seconds and tries, of each place and in all."""

from __future__ import annotations

from ..store import Store


def cost_table(store: Store) -> str:
    """Lines for a terminal: regions filled and left, and what each filled one took."""
    settled = store.settled()
    filled = sum(1 for one in settled.values() if one["code"])
    answers, attempts = store.answers(), store.attempts()
    prompt = sum(a.prompt_tokens for a in answers)
    completion = sum(a.completion_tokens for a in answers)
    seconds = sum(a.seconds for a in answers)
    lines = _places(store)
    lines += [f"{filled} of {len(settled)} places filled; {len(attempts)} candidates"]
    lines.append(f"model: {len(answers)} requests, {prompt} + {completion} tokens, {seconds:.1f} s")
    if filled:
        lines.append(
            f"each filled place: {(prompt + completion) / filled:.0f} tokens, "
            f"{seconds / filled:.1f} s, {len(attempts) / filled:.1f} candidates"
        )
    lines += [f"left: {key}: {o['reason']}" for key, o in settled.items() if not o["code"]]
    return "\n".join(lines)


def _places(store: Store) -> list[str]:
    """A line for each place that a model was asked about; what plans took is in the sums only."""
    settled = store.settled()
    rows = [("place", "outcome", "tries", "tokens", "seconds")]
    for region in store.regions():
        attempts = store.attempts(region.key)
        if not attempts:
            continue
        answers = store.answers_on(region)
        tokens = sum(a.prompt_tokens + a.completion_tokens for a in answers)
        outcome = "filled" if settled.get(region.key, {}).get("code") else "open"
        seconds = f"{sum(a.seconds for a in answers):.1f}"
        rows.append((region.key, outcome, str(len(attempts)), str(tokens), seconds))
    if len(rows) == 1:
        return []
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if number < 2 else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
