import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from codered.packs.loading import find_packs_folder
from tests.fixtures.saying import Say

Spoil = Callable[[str, str, str], Path]


@pytest.fixture
def spoil(tmp_path: Path) -> Spoil:
    """A copy of the codered pack with one text in one file replaced by another."""

    def make(name: str, old: str, new: str) -> Path:
        folder = tmp_path / "codered"
        shutil.copytree(find_packs_folder() / "codered", folder)
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new))
        return folder

    return make


def test_one_pack_by_name(say: Say) -> None:
    answer = say("packs", "lint", "codered")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines()[-1].startswith("1 pack checked: 0 errors")
    answer = say("packs", "test", "codered")
    assert answer.code == 0
    assert answer.out.endswith(" examples, 0 failures\n")


@pytest.mark.parametrize("word", ["lint", "test"])
def test_a_pack_nobody_knows(say: Say, word: str) -> None:
    answer = say("packs", word, "nosuch")
    assert answer.code == 2
    assert answer.err.startswith("codered: no pack is called 'nosuch' — the packs are chinachopper, codeblue,")


def test_a_pack_that_does_not_load_is_named_with_its_line(say: Say, spoil: Spoil) -> None:
    folder = spoil("pack.yaml", "\ntitle:", "\ntitel:")
    answer = say("packs", "lint", folder)
    first, last = answer.out.splitlines()
    assert (answer.code, answer.err) == (1, "")
    assert first.startswith(f"{folder}/pack.yaml:")
    assert first.endswith(": error: unknown key `titel` — did you mean `title`?")
    assert last == "1 pack checked: 1 errors, 0 warnings"
    answer = say("packs", "test", folder)
    assert answer.code == 2
    assert answer.err.startswith(f"codered: {folder}/pack.yaml:")


def test_a_broken_rule_is_named_with_its_line(say: Say, spoil: Spoil) -> None:
    folder = spoil("rules.yar", "condition:", "conditon:")
    answer = say("packs", "lint", folder)
    assert answer.code == 1
    assert f"{folder}/rules.yar:" in answer.out.splitlines()[0]


def test_an_example_that_is_not_judged_as_it_must_be(say: Say, spoil: Spoil) -> None:
    folder = spoil("README.md", "#", "#")
    shutil.copy(next((folder / "examples/hit").glob("iis*.log")), folder / "examples/clean/wrong.log")
    answer = say("packs", "test", folder)
    assert answer.code == 1
    assert answer.out.startswith("codered: clean/wrong.log: is clean, but gave confirmed codered/ida-n at ")
    assert not answer.out.endswith(" 0 failures\n")


def test_a_pack_without_examples_is_not_called_tested(say: Say, spoil: Spoil) -> None:
    folder = spoil("README.md", "#", "#")
    shutil.rmtree(folder / "examples")
    (folder / "expected.json").write_text("{}")
    answer = say("packs", "test", folder)
    assert (answer.code, answer.out) == (0, "codered: nothing was tested: no examples\n")
    (folder / "expected.json").write_text("{")
    assert "expected.json:2: not JSON: " in say("packs", "test", folder).err


def test_a_folder_of_packs_and_a_folder_that_is_not_there(say: Say, tmp_path: Path) -> None:
    shipped = find_packs_folder()
    assert f"{len(list(shipped.glob('*/pack.yaml')))} packs checked" in say("packs", "lint", shipped).out
    answer = say("packs", "lint", tmp_path / "none")
    assert (answer.code, answer.err) == (
        2,
        f"codered: {tmp_path}/none: no such folder — give a pack's folder, or a pack's name\n",
    )


def test_examples_of_processes_memory_and_traffic_are_judged(say: Say, tmp_path: Path) -> None:
    folder = tmp_path / "kinsing"
    shutil.copytree(find_packs_folder() / "kinsing", folder)
    hit, clean = folder / "examples/hit", folder / "examples/clean"
    shutil.copy(hit / "worm.memory.yaml", clean / "wrong.memory.yaml")
    shutil.copy(hit / "running.process.yaml", clean / "wrong.process.yaml")
    shutil.copy(hit / "sent.traffic.yaml", clean / "wrong.traffic.yaml")
    for example in (hit / "worm.memory.yaml", hit / "running.process.yaml"):
        example.write_text(example.read_text().replace("main.redisBrute", "inert").replace("kdevtmpfsi", "inert"))
    answer = say("packs", "test", folder)
    assert answer.code == 1
    assert "clean/wrong.memory.yaml: is clean, but gave likely kinsing/in-memory at " in answer.out
    assert "clean/wrong.process.yaml: is clean, but gave likely kinsing/miner-process at " in answer.out
    traffic = [line for line in answer.out.splitlines() if "clean/wrong.traffic.yaml: is clean, but gave" in line]
    assert any("log4shell-spreader)/jndi-sent at 192.0.2.2" in line for line in traffic), traffic
    assert "hit/running.process.yaml: did not give miner-process at /tmp/kdevtmpfsi" in answer.out


def test_a_linux_tree_shows_what_starts_by_itself(say: Say, tmp_path: Path) -> None:
    folder = tmp_path / "sysrv"
    shutil.copytree(find_packs_folder() / "sysrv", folder)
    tree = folder / "examples/hit/host.tree.yaml"
    tree.write_text(tree.read_text().replace("ldr.sh ||", "inert.sh ||").replace("66/ldr.sh) |", "66/inert.sh) |"))
    answer = say("packs", "test", folder)
    assert answer.code == 1
    assert "sysrv: hit/host.tree.yaml: did not give cron-loader at var/spool/cron/crontabs/tomcat\n" in answer.out
