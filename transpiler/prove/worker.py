"""A worker process: proves one symbol for each line of standard input, a JSON line each.

`python -m tfjax.transpiler.prove.worker SETTINGS`, where SETTINGS is JSON: `rules` (files over the
built-in ones), `cases`, `seconds`, `stage` (a file that names the case that runs now), `folders`
(to import from). It has no network, starts no processes and writes only beside that file.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from ...rules.language import BUILTIN, RuleSet
from ...rules.language.records import Rule
from ...rules.prove.outcome import UnitResult
from ..verify import sandbox
from .cache import fingerprint
from .memory import resident
from .translation import Compiler

CLEAN = 250
"""MiB that a worker may gain before what the frameworks keep is thrown away."""


def main(settings: dict[str, Any]) -> None:
    # What frameworks print goes to the log; answers keep the real standard output.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    from ...rules.prove.fixed import read_case
    from ...rules.prove.forget import forget
    from ...rules.prove.ladder import Effort, Ladder

    rules = RuleSet.load((BUILTIN,), [Path(path) for path in settings["rules"]])
    stage = open(settings["stage"], "w", encoding="utf-8")  # noqa: SIM115
    own = Path(settings["stage"]).parent
    sys.path[:0] = settings["folders"]
    os.chdir(own)  # for cases that write files
    tempfile.tempdir = str(own)
    # Rule files come from anywhere, and what they translate to runs here.
    sandbox.enter([own], network=False, processes=False)

    def entering(text: str) -> None:
        stage.seek(0)
        stage.truncate()
        stage.write(text)
        stage.flush()

    effort = Effort(settings["cases"], settings["seconds"])
    ladder = Ladder(Compiler(rules), effort, entering)
    clean_at = 0
    for line in sys.stdin:
        job = json.loads(line)
        symbol, keras = job["symbol"], job["keras"]
        record = rules.for_symbol(symbol, keras)
        if not isinstance(record, Rule):
            result = UnitResult(symbol, keras, notes=["no rule"])
        elif fingerprint(record) != job["fingerprint"]:
            result = UnitResult(symbol, keras, notes=["the rule changed while it ran"], lost=True)
        else:
            fixed = [read_case(text, keras) for text in job["fixed"]]
            result = ladder.prove(record, symbol, keras, fixed, since=job["since"])
        result.memory = resident()
        if result.memory > clean_at:
            forget()
            result.memory = resident()
            clean_at = result.memory + CLEAN
        print(json.dumps(result.to_json()), file=answers, flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
