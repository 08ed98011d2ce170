from collections.abc import Callable
from pathlib import Path

from codered.packs.checks.own_examples import check_own_examples
from codered.packs.problems import CheckedPack

MakePack = Callable[..., CheckedPack]


def test_a_good_pack_has_no_problem(checked_pack: MakePack) -> None:
    assert list(check_own_examples(checked_pack())) == []


def test_an_unlisted_and_an_empty_hit_example(checked_pack: MakePack) -> None:
    other = ("examples/hit/other.log", "", "x\n")
    (problem,) = check_own_examples(checked_pack(other))
    assert problem.what == "hit/other.log is not listed"
    empty = ("expected.json", '  "hit/volume', '  "hit/other.log": [],\n  "hit/volume')
    (problem,) = check_own_examples(checked_pack(other, empty))
    assert problem.what == "hit/other.log is not listed"


def test_a_file_that_is_no_example_is_named(checked_pack: MakePack) -> None:
    (problem,) = check_own_examples(checked_pack(("examples/notes.txt", "", "x")))
    assert problem.where.endswith("examples/notes.txt")


def test_a_sign_of_another_pack_may_be_expected(checked_pack: MakePack) -> None:
    edit = ("expected.json", '"indicator": "dropped"', '"indicator": "theirs", "pack": "other"')
    assert list(check_own_examples(checked_pack(edit))) == []


def test_every_broken_tree_is_named(checked_pack: MakePack) -> None:
    clean = ("examples/clean/bad.tree.yaml", "", "about: x\nsystem: windows\nfiles:\n  - path: C/x\n")
    hit = ("examples/hit/volume.tree.yaml", "system: windows", "system: beos")
    problems = list(check_own_examples(checked_pack(clean, hit)))
    assert [Path(problem.where.rpartition(":")[0].partition(":")[0]).name for problem in problems] == [
        "bad.tree.yaml",
        "volume.tree.yaml",
    ]


def test_broken_processes_memory_and_traffic_are_named(checked_pack: MakePack) -> None:
    processes = ("examples/clean/a.process.yaml", "", "about: x\nsystem: linux\nprocesses: []\n")
    memory = ("examples/clean/b.memory.yaml", "", "about: x\nprocess: y\nregions: []\n")
    traffic = ("examples/clean/c.traffic.yaml", "", "about: x\nsent: []\n")
    problems = list(check_own_examples(checked_pack(processes, memory, traffic)))
    assert [problem.what for problem in problems] == ["has 0 processes", "has 0 regions", "sends 0 payloads"]
