"""What a run has cost: tokens, seconds, tries, by outcome."""

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
    lines = [f"{filled} of {len(settled)} places filled; {len(attempts)} candidates"]
    lines.append(f"model: {len(answers)} requests, {prompt} + {completion} tokens, {seconds:.1f} s")
    if filled:
        lines.append(
            f"each filled place: {(prompt + completion) / filled:.0f} tokens, "
            f"{seconds / filled:.1f} s, {len(attempts) / filled:.1f} candidates"
        )
    lines += [f"left: {key}: {o['reason']}" for key, o in settled.items() if not o["code"]]
    return "\n".join(lines)
