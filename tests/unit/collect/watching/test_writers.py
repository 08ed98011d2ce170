import os
import subprocess
from pathlib import Path

import pytest

from codered.collect.process_identity import identify_process
from codered.collect.watching import writers
from codered.collect.watching.writers import Writers
from tests.fixtures.running import wait_until

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="fanotify needs root")


@needs_root
def test_who_wrote_is_known_while_it_lives(tmp_path: Path) -> None:
    seen = Writers()
    folder = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    path = tmp_path / "shell.php"
    try:
        assert seen.known
        seen.watch(folder)
        child = subprocess.Popen(["sh", "-c", 'echo marker > "$0"; read x', path], stdin=subprocess.PIPE)
        try:
            wait_until(lambda: _knows(seen, path))
            assert seen.find(os.fsencode(path)) == identify_process(child.pid)
        finally:
            child.kill()
            child.communicate()
    finally:
        os.close(folder)
        seen.close()


def _knows(seen: Writers, path: Path) -> bool:
    seen.read()
    return seen.find(os.fsencode(path)) is not None


@needs_root
def test_only_so_many_are_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writers, "MOST_REMEMBERED", 2)
    seen = Writers()
    folder = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        seen.watch(folder)
        for name in "abc":
            (tmp_path / name).write_text("x")
            seen.read()
        known = [seen.find(os.fsencode(tmp_path / name)) is not None for name in "abc"]
        assert known == [False, True, True]
    finally:
        os.close(folder)
        seen.close()
