"""The command line: one file a word, loaded only when it is used. To add a word: a file here and a line in WORDS."""

import contextlib
import importlib
import importlib.util
import os
import re
import signal
import sys
import types
from typing import NoReturn

from codered.cli.missing_parts import tell_missing

try:
    import rich_click as click
except ModuleNotFoundError as lacking:  # a wheel that was installed alone
    tell_missing(lacking)

from codered import __version__
from codered.model.errors import CodeRedError, ExitCode

WORDS = (
    "scan",
    "baseline",
    "plan",
    "contain",
    "apply",
    "verify",
    "rollback",
    "respond",
    "monitor",
    "evidence",
    "report",
    "packs",
    "rescue",
    "script",
    "drill",
    "answer",
    "self-check",
    "completion",
)
"""In the order of the work: look, decide, change, prove, undo; then what helps with it."""

HQ_WORDS = (
    "hosts",
    "sweep",
    "fleet",
    "incident",
    "task",
    "rules",
    "approve",
    "account",
    "work",
    "serve",
)
"""The words of headquarters, in `codered_hq.cli`; what they need comes with the extra `hq`, which they ask for."""


_LONG = re.compile(r"(\S{200})\S+")
"""A word of an error that is cut: what somebody gave."""


class Words(click.RichGroup):
    """Finds a word's command in its own module, so that `codered --version` loads none of them."""

    def list_commands(self, _context: click.Context) -> list[str]:
        """The words in the order of the work."""
        return [*WORDS, *(HQ_WORDS if has_headquarters() else ())]

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """The command of a word, None if there is no such word."""
        if name not in WORDS and (name not in HQ_WORDS or not has_headquarters()):
            return None
        room = "codered.cli" if name in WORDS else "codered_hq.cli"
        command: click.Command = importlib.import_module(f"{room}.{name.replace('-', '_')}").command
        return command

    def invoke(self, context: click.Context) -> object:
        """Run the word. A reader of its output that has gone away (`| head`) is no error; click would call it one."""
        try:
            return super().invoke(context)
        except BrokenPipeError:
            return ExitCode.CLEAN


def has_headquarters() -> bool:
    """Whether this tool carries the words of headquarters: the one file that is sent to hosts does not."""
    try:
        return importlib.util.find_spec("codered_hq.cli") is not None
    except ModuleNotFoundError:
        return False


@click.group(cls=Words, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="codered")
def codered() -> None:
    """Find, contain and remove self-spreading web worms, and prove that they are gone.

    Looking is the default: nothing is changed unless a plan is applied, and every change can be rolled back.
    Exit codes: 0 clean, 1 found something, 2 wrong use, 3 coverage incomplete, 4 refused, 5 awaiting approval,
    6 failed and rolled back, 7 failed and not rolled back, 70 bug, 130 interrupted.
    """


def main() -> NoReturn:
    """Run a word; every known error becomes one line and its exit code."""
    sys.excepthook = _report_bug
    _open_closed_streams()
    # `timeout`, a shutdown, a lost line (Windows has no word for that): end as on Ctrl-C, with a report
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        if signal.getsignal(number) != signal.SIG_IGN:  # nohup: it is to go on
            signal.signal(number, signal.default_int_handler)
    try:
        code = codered.main(prog_name="codered", standalone_mode=False)
    except CodeRedError as error:
        _say(f"codered: {error}")
        sys.exit(error.exit_code)
    except ModuleNotFoundError as lacking:
        tell_missing(lacking)
    except BrokenPipeError:  # who reads the words of a group that was given none has gone away
        sys.exit(ExitCode.WRONG_USE)
    except click.ClickException as error:
        _tell_misuse(error)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        _say("codered: interrupted")
        sys.exit(ExitCode.INTERRUPTED)
    finally:
        _release_streams()
    sys.exit(code if isinstance(code, int) else ExitCode.CLEAN)


def _open_closed_streams() -> None:
    """A stream that the caller closed (`>&-`) is None to Python; what is written to it goes to nobody."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - for as long as we live
        elif sys.platform == "win32":  # a pipe has the code page of the system there, in which names can't be written
            getattr(sys, name).reconfigure(encoding="utf-8", errors="backslashreplace")


def _release_streams() -> None:
    """What is left for a reader that has gone away goes to nobody: Python would make it an error at its very end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _say(line: str) -> None:
    from codered.export.writing.escaping import printable

    with contextlib.suppress(OSError):
        sys.stderr.write(printable(line) + "\n")


def _tell_misuse(error: click.ClickException) -> None:
    """One line, and the word that explains itself."""
    told = _LONG.sub(r"\1…", " ".join(error.format_message().split())).rstrip(".")
    context = getattr(error, "ctx", None)
    advice = f" — see: {context.command_path} --help" if context else ""
    _say(f"codered: {told[:1].lower()}{told[1:]}{advice}")


def _report_bug(kind: type[BaseException], error: BaseException, trace: types.TracebackType | None) -> None:
    """What the user sees of a bug: one line, and the trace when asked for."""
    if os.environ.get("CODERED_DEBUG"):
        sys.__excepthook__(kind, error, trace)
    last = trace
    while last and last.tb_next:
        last = last.tb_next
    place = f"{os.path.basename(last.tb_frame.f_code.co_filename)}:{last.tb_lineno}" if last else "?"
    _say(f"codered: a bug in the tool: {kind.__name__}: {error} (at {place}); CODERED_DEBUG=1 shows the trace")
    sys.stderr.flush()
    os._exit(ExitCode.BUG)
