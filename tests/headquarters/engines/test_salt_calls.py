"""Salt's programs as sub-processes, with stand-ins that say what Salt was seen to say."""

from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered_hq.config import SaltConfig
from codered_hq.engines.salt_calls import MOST_TARGETS, Call, SaltPrograms, split_targets

CALL = Call(functions=(("one", {"a": "x y"}), ("two", {"b": "{z}", "timeout": "3"})), seconds=1)


def _programs(folder: Path, script: str) -> SaltPrograms:
    (folder / "master").write_text("")
    for name in ("salt", "salt-key"):
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return SaltPrograms(SaltConfig(programs=str(folder), config=str(folder), timeout=1))


def test_functions_and_arguments_are_words_and_never_a_shell(tmp_path: Path) -> None:
    programs = _programs(tmp_path, f'printf "%s\\n" "$@" >{tmp_path}/words; echo \'{{"m": true}}\'')
    assert list(programs.publish(CALL, ["m", "n"])) == [("m", True)]
    words = (tmp_path / "words").read_text().splitlines()
    assert words[words.index("-L") :] == ["-L", "m,n", "one,two", "a=x y", ",", "b={z}", "timeout=3"]
    assert "--no-parse=a,b" in words


def test_lines_that_are_no_json_or_nothing_at_all_say_nothing(tmp_path: Path) -> None:
    deep = "[" * 100_000
    programs = _programs(tmp_path, f"echo hello; echo '[1]'; echo {deep}; echo '{{}}'; echo '{{\"m\": 1}}'; exit 1")
    assert list(programs.publish(CALL, ["m"])) == [("m", 1)]
    assert list(_programs(tmp_path, "exit 2").publish(CALL, ["m"])) == []  # no minion matched


def test_a_salt_that_can_not_begin_is_told_in_its_own_words(tmp_path: Path) -> None:
    programs = _programs(tmp_path, "echo 'no master here' >&2; exit 1")
    for call in (lambda: list(programs.publish(CALL, ["m"])), lambda: programs.query("salt-key")):
        with pytest.raises(WrongUse, match="no master here"):
            call()


def test_targets_fit_on_a_command_line_and_none_is_lost() -> None:
    minions = [f"{at:05}{'x' * 240}" for at in range(1000)]
    chunks = list(split_targets(minions))
    assert [one for chunk in chunks for one in chunk] == minions
    assert max(len(",".join(chunk)) for chunk in chunks) <= MOST_TARGETS
    assert list(split_targets([])) == []
