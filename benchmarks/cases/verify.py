"""Compare the driver with its translation: the verifier's case, and what it says as a result."""

from __future__ import annotations

import importlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import overlay
from .case import Case
from .compile import roots
from .driver import NAME, TRAINING_CALL
from .options import RunOptions
from .result import CaseResult, Check

RANDOMNESS_DISABLED = "randomness disabled"


def verify_case(case: Case, options: RunOptions, work: Path, result: CaseResult) -> None:
    """Fill in the checks of `result`."""
    start = time.monotonic()
    try:
        module = importlib.import_module("tfjax.transpiler.verify")
        verified = module.verify_case(
            build_case(case, options, work),
            weight_rules(),
            workdir=work / "verify",
            oracle_cache=options.work / "oracle",
        )
    finally:
        result.verify_seconds = round(time.monotonic() - start, 2)
    read_verified(verified, result)


def build_case(
    case: Case,
    options: RunOptions,
    work: Path,
    training: str | None = None,
    modes: Sequence[str] | None = None,
) -> Any:
    """The original driver with the original package, against the output tree; `training`: the call
    in training mode, where the driver has one."""
    api = importlib.import_module("tfjax.transpiler.verify.case")
    limits = importlib.import_module("tfjax.transpiler.verify.limits").Limits(
        wall_s=options.verify_timeout_s / 2,
        cpu_s=int(options.verify_timeout_s),
        memory_gib=options.memory_gib,
    )
    source, target = _sides(case, options, work, "call", case.call)
    train = None
    if training is not None:
        train = api.TrainSides(*_sides(case, options, work, TRAINING_CALL, training))
    return api.VerifyCase(
        name=case.id,
        flavour="keras2" if case.keras == "k2" else "keras3",
        source=source,
        target=target,
        inputs=case.inputs,
        limits=limits,
        train=train,
        **({} if modes is None else {"modes": tuple(modes)}),
    )


def _sides(
    case: Case, options: RunOptions, work: Path, function: str, expression: str
) -> tuple[Any, Any]:
    """Source and target of a function of the driver."""
    api = importlib.import_module("tfjax.transpiler.verify.case")
    drivers = importlib.import_module("tfjax.transpiler.verify.drivers")
    folders = tuple(str(root) for root in roots(case, options.cache))
    on_path = folders if case.paths else ()
    call = f"m.{function}(model, {', '.join(case.inputs)})"
    output = str(work / "out")
    source = api.Side(
        module=NAME,
        paths=(str(work / "src"), *on_path),
        stubs=case.stubs,
        alias=dict(case.alias or {}),
        build="m.build()",
        call=call,
    )
    target = api.Side(
        module=NAME,
        paths=(output, *on_path),
        pre=f"import runpy\nrunpy.run_path({overlay.__file__!r})['install']"
        f"({output!r}, {folders!r}, {case.stubs!r})",
        setup=drivers.TARGET_SETUP,
        build=drivers.TARGET_BUILD,
        call=call,
        eval_mode=drivers.in_eval_mode(expression),
    )
    return source, target


def read_verified(verified: Any, result: CaseResult) -> None:
    """The verifier's result in the terms of the table."""
    parameters = verified.parameters
    result.verdict = verified.verdict
    result.mapped, result.parameters = parameters.source_mapped, parameters.source_total
    for name in ("outputs", "gradients", "state"):
        comparison = getattr(verified, name)
        check = Check(comparison.verdict, comparison.max_error, comparison.message)
        setattr(result, name, check)
    if verified.randomness_disabled:
        result.outputs.detail = result.outputs.detail or RANDOMNESS_DISABLED
        result.top = result.top or RANDOMNESS_DISABLED
    if verified.verdict == "pass":
        return
    if verified.verdict == "error":
        result.outputs = Check("error", None, verified.reason)
    reason = f"{verified.reason}: {verified.message}" if verified.reason else verified.message
    # What the compiler left behind explains more than the error that it led to.
    result.top = result.top or reason
    result.log = "\n".join([reason, *verified.messages, verified.traceback]).strip()
    result.settled = verified.reason not in ("timeout", "memory", "crash")


def weight_rules() -> Any:
    """How the compiler's rules move weights; without them the verifier pairs by name and shape."""
    try:
        module = importlib.import_module("tfjax.transpiler.verify.project")
        return module.weight_rules()
    except (ModuleNotFoundError, AttributeError):
        return ()
