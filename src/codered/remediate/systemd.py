"""Telling a running systemd that units were changed. What it answers is a note: the files are what counts."""

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from codered.model.target import Target
from codered.remediate.file_state import escape_text

RUNNING = Path("/run/systemd/system")
PROGRAM = "/bin/systemctl"
UNIT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9:_.@\\-]{0,240}\.(?:service|socket|timer|path|mount|automount|swap|target)")
_SECONDS = 20
_MOST_UNITS = 16
_MOST_NOTE = 200
_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}


def tell_systemd(target: Target, stop: Iterable[str] = ()) -> str:
    """Reload the units and stop these, if the target is this running host under systemd. What failed, "" if nothing."""
    if (target.info.kind, target.info.root) != ("live_linux", "/") or not RUNNING.is_dir():
        return ""
    # Reloaded first: a unit that is gone or masked by now is stopped without running what its ExecStop names.
    failures = [_run("daemon-reload")]
    units = sorted({name for name in stop if UNIT.fullmatch(name) and "@." not in name})
    failures += [_run("stop", "--", name) for name in units[:_MOST_UNITS]]
    return "; ".join(filter(None, failures))


def _run(*words: str) -> str:
    story = f"systemctl {' '.join(words)}"
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, its arguments as a list
            [PROGRAM, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            env=_ENVIRONMENT,
        )
    except subprocess.TimeoutExpired:
        return f"{story} did not end within {_SECONDS} seconds"
    except OSError as error:
        return f"{story}: {error.strerror}"
    if done.returncode == 0:
        return ""
    said = escape_text(done.stderr[:_MOST_NOTE].decode(errors="backslashreplace").strip())
    return f"{story} failed: {said or done.returncode}"
