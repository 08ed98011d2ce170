"""`codered contain block --emit`: files, each with its way back."""

import json
from pathlib import Path

from tests.fixtures.saying import Say


def test_files_and_documents(say: Say, tmp_path: Path) -> None:
    words = ("contain", "block", "10.1.2.3", "--name", "bad.example.com", "--emit", "unbound,squid")
    assert say(*words, "-o", tmp_path / "out").code == 0
    assert sum(path.name.endswith(".undo") for path in (tmp_path / "out").iterdir()) == 2
    shown = say(*words, "--json")
    assert [each["form"] for each in json.loads(shown.out)["blocks"]] == ["unbound", "squid"]
    part = say("contain", "block", "--name", "bad.example.com", "--emit", "kea")
    assert part.code == 2
    part = say("contain", "block", "10.1.2.3", "--name", "bad.example.com", "--emit", "cisco")
    assert (part.code, "NOT covered: names" in part.err) == (3, True)
    assert say("contain", "block", "10.1.2.3", "--emit", "nothing").code == 2
