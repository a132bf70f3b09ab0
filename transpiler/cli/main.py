"""The console script: picks the command, and turns whatever happens into an exit code.

0: everything translated (and verified, if asked). 1: something is left or differs. 2: usage or
internal error. 130: interrupted. 141: the reader of a pipe went away.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

import click

from .commands import load_command

INTERRUPTED, BROKEN_PIPE, TERMINATED = 130, 141, 143


def main() -> NoReturn:
    """Runs the command line of this process and exits."""
    signal.signal(signal.SIGTERM, _terminate)
    code = run(sys.argv[1:])
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Runs a command line and returns its exit code."""
    try:
        code = _dispatch(list(arguments))
        # Here, and not while Python shuts down, so that a closed pipe is noticed.
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # What is still buffered would raise again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except (KeyboardInterrupt, click.Abort):
        # On a line of its own: the terminal has just shown ^C.
        click.echo("\ntfjax-compile: interrupted", err=True)
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    # The last line of defence: a person gets one line, and the trace with -v.
    except Exception as error:
        message = f"{type(error).__name__}: {error}".rstrip(": ")
        click.echo(f"error[TJ9001]: internal error: {message}", err=True)
        if any(word in ("-v", "-vv", "--verbose") for word in arguments):
            traceback.print_exception(error)
        else:
            click.echo("  = hint: run again with -v for the traceback, and report it", err=True)
        return 2


def _dispatch(arguments: list[str]) -> int:
    name, command, rest = load_command(arguments)
    # Not `command.main`: it has its own idea of interrupts and closed pipes.
    try:
        with command.make_context(name, rest) as context:
            result: object = command.invoke(context)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    return result if isinstance(result, int) else 0


def _terminate(number: int, frame: object) -> NoReturn:
    # As an exception, so that staging folders are removed.
    sys.exit(TERMINATED)


if __name__ == "__main__":
    main()
