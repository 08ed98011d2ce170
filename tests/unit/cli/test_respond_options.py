from pathlib import Path

import pytest

from tests.fixtures.saying import Say


def test_help_names_every_option(say: Say) -> None:
    answer = say("respond", "--help")
    assert answer.code == 0
    for name in ("--staged", "--yes", "--resume", "--baseline", "--packages", "--patch", "--no-evidence", "--monitor"):
        assert name in answer.out


@pytest.mark.parametrize(
    "words",
    [
        ("--staged", "--yes"),
        ("--resume", "none", "PATH"),
        ("--resume", "no-such-response"),
        ("--resume", "../../etc/passwd"),
        ("--resume",),
        ("-o", "r.csv"),
        ("-o", "/no/such/folder/r.html"),
        ("--fast", "PATH"),
        ("--root", "PATH", "--monitor", "banana"),
        ("--root", "PATH", "--monitor", "0s"),
        ("--root", "PATH", "--monitor", ""),
        ("--root", "PATH", "--budget", "banana"),
        ("--root", "PATH", "--budget", "-1"),
        ("--root", "PATH", "--budget", ""),
    ],
)
def test_words_that_make_no_sense_leave_nothing_behind(say: Say, tmp_path: Path, words: tuple[str, ...]) -> None:
    given = [str(tmp_path) if word == "PATH" else word for word in words]
    answer = say("respond", *given)
    assert answer.code == 2
    assert answer.out == ""
    assert not (tmp_path / "state").exists()
