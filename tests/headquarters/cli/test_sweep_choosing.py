"""One thing at a time."""

import os
import stat
from pathlib import Path

import pytest

from tests.fixtures.saying import Say


@pytest.mark.django_db
def test_one_thing_at_a_time(say: Say) -> None:
    for words in (("--list", "--show", "x"), ("--coverage", "--bundle"), ("--resume", "x", "--merge", "y")):
        answer = say("sweep", *words)
        assert (answer.code, f"{words[0]} and" in answer.err or "are different things" in answer.err) == (2, True)
    assert "takes no subnets" in say("sweep", "--merge", "x", "10.0.0.0/8").err
    assert say("sweep", "--coverage", "10.0.0.0/30").code == 3


@pytest.mark.django_db
def test_a_place_that_cannot_be_written_is_told_before_the_work(say: Say, tmp_path: Path) -> None:
    os.mknod(tmp_path / "full", 0o600 | stat.S_IFCHR, os.makedev(1, 7))
    os.mkfifo(tmp_path / "pipe")
    for words in (("--coverage",), ("127.8.0.0/30", "--authorisation", "absent"), ("--all", "--bundle")):
        answer = say("sweep", *words, "-o", tmp_path / "full")
        assert (answer.code, "is no plain file" in answer.err) == (2, True), answer
        assert "no such folder" in say("sweep", *words, "-o", tmp_path / "absent/x.json").err
    assert stat.S_ISCHR((tmp_path / "full").stat().st_mode)
    answer = say("sweep", "--merge", tmp_path / "pipe")
    assert (answer.code, "is no plain file" in answer.err) == (2, True)
