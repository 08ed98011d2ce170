"""Calls of the site's own Salt: its programs as sub-processes, never its Python. What each minion says comes line by
line, as it happens: a minion that is dead does not hold up the others.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import msgspec

from codered.model.errors import WrongUse
from codered_hq.config import SaltConfig

MINION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,252}")
MOST_LINE = 4 << 20
"""Bytes of one line of `salt`: a master lets a return have 1 MiB."""
MOST_TARGETS = 100_000
"""Bytes of minion ids in one call: one word of a command line may have 128 KiB."""
_INSTALL = "install salt-master here, or set [salt] programs and config in headquarters.toml"
_QUERY_SECONDS = 120


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """Functions that each minion runs one after the other, and their arguments, all by name. `seconds` bounds them."""

    functions: tuple[tuple[str, dict[str, str]], ...]
    seconds: float


class SaltPrograms:
    """salt, salt-run and salt-key of one master, with its configuration."""

    def __init__(self, config: SaltConfig) -> None:
        self._config = config

    def publish(self, call: Call, minions: Sequence[str]) -> Iterator[tuple[str, Any]]:
        """What each minion returned, as it comes; a minion may be left out, or be named twice. Raises WrongUse."""
        for some in split_targets(minions):
            words = [self._find("salt"), "-c", self._config.config, "-t", str(self._config.timeout)]
            words += ["--out=json", "--out-indent=-1", "--no-color", f"--no-parse={_names(call)}"]
            words += ["-L", ",".join(some)]
            words.append(",".join(name for name, _ in call.functions))
            for at, (_, arguments) in enumerate(call.functions):
                words += [","] if at else []
                words += [f"{name}={value}" for name, value in arguments.items()]
            yield from _read_lines(words, call.seconds + 3 * self._config.timeout + 60)

    def query(self, program: str, *words: str) -> Any:  # noqa: ANN401 - it is Salt's
        """What salt-run or salt-key says as JSON. Raises WrongUse with its last words."""
        command = [self._find(program), "-c", self._config.config, "--out=json", *words]
        try:
            done = subprocess.run(  # noqa: S603 - Salt's own programs, a list of words
                command, capture_output=True, timeout=_QUERY_SECONDS, check=False, env=_make_env()
            )
            return json.loads(done.stdout[:MOST_LINE])
        except subprocess.TimeoutExpired:
            said = f"no answer within {_QUERY_SECONDS} s"
        except (ValueError, RecursionError):
            said = " ".join(done.stderr[-300:].decode("utf-8", "replace").split()) or f"it ended with {done.returncode}"
        raise WrongUse(f"{program} could not be asked: {said}", where="salt", advice="see [salt] in headquarters.toml")

    def _find(self, program: str) -> str:
        if not (Path(self._config.config) / "master").is_file():  # Salt would go on with what holds without one
            raise WrongUse("the master's configuration is not there", where=self._config.config, advice=_INSTALL)
        path = Path(self._config.programs) / program
        found = str(path) if os.access(path, os.X_OK) else shutil.which(program)
        if not found:
            raise WrongUse(f"{program} is not there", where=self._config.programs, advice=_INSTALL)
        return found


def split_targets(minions: Sequence[str]) -> Iterator[list[str]]:
    """The same minions in lists that fit on a command line."""
    some: list[str] = []
    for minion in minions:
        if some and sum(len(one) + 1 for one in some) + len(minion) > MOST_TARGETS:
            yield some
            some = []
        some.append(minion)
    if some:
        yield some


def _read_lines(words: list[str], seconds: float) -> Iterator[tuple[str, Any]]:
    with tempfile.TemporaryFile() as talk:
        process = subprocess.Popen(  # noqa: S603 - Salt's own programs, a list of words
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=talk, env=_make_env()
        )
        end = threading.Timer(seconds, process.kill)
        end.start()
        seen = False
        try:
            assert process.stdout is not None
            while line := process.stdout.readline(MOST_LINE):
                for minion, value in _read_line(line).items():
                    seen = True
                    yield minion, value
            code = process.wait()
        finally:
            end.cancel()
            process.kill()
            process.wait()
        if not seen and code not in (0, 2):  # 2: no minion was there to ask
            talk.seek(max(0, talk.tell() - 300))
            said = " ".join(talk.read().decode("utf-8", "replace").split()) or f"it ended with {code}"
            raise WrongUse(f"salt could not begin: {said}", where="salt", advice="see [salt] in headquarters.toml")


def _read_line(line: bytes) -> dict[str, Any]:
    """What one line says. Lines that are no JSON, or of another form, say nothing: their minions stay silent."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _names(call: Call) -> str:
    """The arguments that are text as they stand, not YAML: all but the one that must be a number."""
    return ",".join(sorted({name for _, arguments in call.functions for name in arguments} - {"timeout"}))


def _make_env() -> dict[str, str]:
    return {**{name: value for name, value in os.environ.items() if not name.startswith("SALT_")}, "LC_ALL": "C.UTF-8"}
