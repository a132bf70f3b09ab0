"""`verify OUT --oracle DIR`: an output is proved again, without TensorFlow."""

from __future__ import annotations

import json
from pathlib import Path

from ..diagnostics import codes
from ..files import write_file
from .console import write_stdout
from .junit import junit
from .run import LEFT, OK, USAGE, Request
from .verification import VerifyResult, table


def reprove(request: Request, oracle: Path, output: Path) -> int:
    """Returns the exit code."""
    from ..verify.frozen import FrozenError
    from ..verify.options import VerifyOptions
    from ..verify.prove_again import prove_again
    from ..verify.shown import shown

    name = output.as_posix()
    try:
        found = prove_again(oracle, output, request.verification or VerifyOptions())
    except FrozenError as error:
        request.console.show([codes.VERIFY_ENTRY.at(oracle.as_posix(), None, str(error))], {})
        return USAGE
    except ModuleNotFoundError as error:
        message = f"verification cannot start: {error}"
        request.console.show([codes.VERIFY_EXTRA_MISSING.at(name, None, message)], {})
        return LEFT
    results = [shown(result, name, ()) for result in found]
    if request.report_path is not None:
        data = report_bytes(results)
        if request.report_path == "-":
            write_stdout(data)
        else:
            write_file(Path(request.report_path), data, set())
    if request.junit_path is not None:
        write_file(Path(request.junit_path), junit(results), set())
    request.console.show([d for result in results for d in result.diagnostics], {})
    request.console.say(table(results))
    return OK if results and all(result.passed for result in results) else LEFT


def report_bytes(results: list[VerifyResult]) -> bytes:
    """The part of the report that is there without a compilation."""
    document = {"report": "tfjax", "version": 1, "verification": [dict(r.data) for r in results]}
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode("utf-8")
