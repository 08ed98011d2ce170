"""Salt for real: a master and minions in a network of their own."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codered.model.errors import WrongUse
from codered_hq.config import SaltConfig
from codered_hq.engines.salt_engine import SaltEngine
from codered_hq.model.engine import EngineHost, Return
from tests.fixtures.fleet_programs import make_program, make_task, read_body
from tests.fixtures.networks import inside
from tests.fixtures.salt_masters import FULL, PROGRAMS, STATE, SaltMaster, running_salt

Wishes = dict[str, dict[str, object]]


@pytest.fixture(scope="module")
def salt() -> Iterator[SaltMaster]:
    with (
        tempfile.TemporaryDirectory(prefix="salt-") as folder,  # short: sockets lie in it
        running_salt(Path(folder), ["one", "two", FULL, "dead"]) as running,
    ):
        running.kill("dead")
        running.keys("minions_pre").mkdir(exist_ok=True)
        (running.keys("minions_pre") / "waiting").write_text("a key")
        yield running


def _engine(salt: SaltMaster, **more: Any) -> SaltEngine:
    words = {"programs": str(PROGRAMS), "config": str(salt.config), "timeout": 2, "folder": f"{STATE}/fleet"}
    return SaltEngine(SaltConfig(**{**words, **more}))


def _run(salt: SaltMaster, wishes: Wishes, seconds: float = 60, **more: Any) -> list[Return]:
    program = make_program(salt.roots.parent / "programs", size=100_000)
    task = make_task(program, wishes, seconds=seconds)
    with inside(salt.space):
        found = list(_engine(salt, **more).run(task, [EngineHost(name=name, minion=name) for name in wishes]))
    assert sorted(one.host for one in found) == sorted(task.inputs)
    assert list((salt.roots / "codered-fleet").iterdir()) == []
    return found


def test_the_living_answer_first_and_each_of_the_others_has_its_reason(salt: SaltMaster) -> None:
    found = _run(
        salt, {name: {} for name in ("dead", "waiting", "a/b", "ghost", FULL, "one")} | {"two": {"quiet": "it"}}
    )
    by_name = {one.host: (one.outcome, one.reason) for one in found}
    assert by_name.pop("one") == ("answered", "")
    assert by_name.pop("two") == ("failed", "the program ended with 1 and no answer: nothing to say: it")
    outcome, reason = by_name.pop(FULL)
    assert outcome == "failed"
    assert "No space left" in reason
    assert by_name == {
        "a/b": ("failed", "its minion id is missing or can't be one"),
        "dead": ("silent", "its minion did not return"),
        "waiting": ("refused", "its key is not accepted yet (salt-key)"),
        "ghost": ("silent", "the master knows no minion of this name"),
    }


def test_answers_of_every_size_and_exit_code_come_back_whole(salt: SaltMaster) -> None:
    found = {one.host: one for one in _run(salt, {"one": {"size": 1_200_000, "exit": 6}, "two": {"size": 200_000}})}
    assert [(found[name].outcome, found[name].exit_code) for name in ("one", "two")] == [
        ("answered", 6),
        ("answered", 0),
    ]
    assert found["one"].output == read_body("hello one from a minion", 1_200_000)
    assert found["two"].output == read_body("hello two from a minion", 200_000)
    left = salt.space.run("sh", "-c", f"ls /proc/{salt.minions['one']}/root{STATE}/fleet").stdout
    assert "run-" not in left


def test_what_is_cut_late_or_not_what_was_told_is_no_answer(salt: SaltMaster) -> None:
    found = {one.host: one for one in _run(salt, {"one": {"lie": 1}, "two": {"sleep": 30}}, seconds=3)}
    assert found["one"].outcome == "garbled"
    assert found["two"].outcome == "timed_out"
    found = {one.host: one for one in _run(salt, {"one": {"noise": 60_000}, "two": {"size": 1 << 20, "lost": 1}})}
    assert (found["one"].outcome, found["one"].reason) == ("garbled", "what the program said is no receipt")
    assert found["two"].outcome == "failed"
    assert "not there any more" in found["two"].reason


def test_two_hosts_of_one_minion_are_asked_once_and_one_without_never(salt: SaltMaster) -> None:
    hosts = [*(EngineHost(name=name, minion="one") for name in ("a", "b")), EngineHost(name="c")]
    task = make_task(make_program(salt.roots.parent / "programs", size=100_000), {one.name: {} for one in hosts})
    with inside(salt.space):
        found = {one.host: one for one in _engine(salt).run(task, hosts)}
    assert found["a"].outcome == "answered"
    assert found["b"].reason == "a has the same minion id"
    assert found["c"].reason == "its minion id is missing or can't be one"


@pytest.mark.parametrize(
    ("more", "words"), [({"config": "/nowhere"}, "configuration is not there"), ({"programs": "/nowhere"}, "not there")]
)
def test_a_missing_or_broken_salt_is_told_with_advice(
    salt: SaltMaster, monkeypatch: pytest.MonkeyPatch, more: dict[str, Any], words: str
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(WrongUse, match=words):
        _run(salt, {"one": {}}, **more)
