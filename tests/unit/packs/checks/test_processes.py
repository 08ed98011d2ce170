from collections.abc import Callable

import pytest

from codered.packs.checks.processes import check_processes
from codered.packs.problems import CheckedPack

MakePack = Callable[..., CheckedPack]
NAMES = "    names: [demo.exe]\n"


def test_a_good_pack_has_no_problem(checked_pack: MakePack) -> None:
    assert list(check_processes(checked_pack())) == []


@pytest.mark.parametrize("sign", ["", "    except_paths: ['C:\\demo.exe']\n"])
def test_a_sign_that_finds_nothing(checked_pack: MakePack, sign: str) -> None:
    (problem,) = check_processes(checked_pack(("pack.yaml", NAMES, sign)))
    assert (problem.what, problem.level) == ("`demo-process` finds nothing", "error")
    assert "names, paths, threads" in problem.advice


@pytest.mark.parametrize(
    ("sign", "confidence", "count"),
    [
        ("    threads: [300]\n", "likely", 1),
        ("    threads: [300]\n", "suspicious", 0),
        ("    listens: [600]\n    children: [sh]\n", "confirmed", 1),
        ("    listens: [600]\n    names: [demo]\n", "likely", 0),
        ("    command: '*/dev/demo*'\n", "confirmed", 0),
    ],
)
def test_what_honest_programs_show_too_proves_nothing(
    checked_pack: MakePack, sign: str, confidence: str, count: int
) -> None:
    checked = checked_pack(
        ("pack.yaml", NAMES, sign), ("pack.yaml", "confidence: suspicious", f"confidence: {confidence}")
    )
    problems = list(check_processes(checked))
    assert len(problems) == count
    assert all("alone" in problem.what for problem in problems)


@pytest.mark.parametrize("name", ["'*'", "/tmp/demo", "C:\\demo", "' '"])
@pytest.mark.parametrize("key", ["names", "children"])
def test_what_is_no_name(checked_pack: MakePack, key: str, name: str) -> None:
    checked = checked_pack(("pack.yaml", NAMES, f"    command: demo\n    {key}: [{name}]\n"))
    (problem,) = check_processes(checked)
    assert problem.what.endswith("is no name of a process")


@pytest.mark.parametrize("name", ["'[kthreaddi]'", "'next-server*'", "demo 2"])
def test_odd_names_that_a_process_can_have(checked_pack: MakePack, name: str) -> None:
    assert list(check_processes(checked_pack(("pack.yaml", NAMES, f"    names: [{name}]\n")))) == []


def test_everything_and_nothing(checked_pack: MakePack) -> None:
    problems = list(check_processes(checked_pack(("pack.yaml", NAMES, "    command: '* *'\n    threads: [0]\n"))))
    assert [problem.what for problem in problems] == ["every command fits", "no process has 0 threads"]
