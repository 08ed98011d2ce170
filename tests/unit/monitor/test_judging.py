import hashlib
from pathlib import Path

import pytest

from codered.collect.walking import Folder
from codered.model.allow_list import NOTHING_ALLOWED
from codered.model.ruleset import RuleSet
from codered.monitor.judging import Judge
from codered.monitor.questions import AskFiles, AskPersistence, AskProcesses
from codered.packs.compiling import compile_packs
from codered.packs.examples import write_tree
from codered.packs.heuristics import load_heuristics
from codered.packs.loading import find_packs_folder, load_packs
from codered.targets import open_target
from tests.fixtures.running import copy_program, running

PACKS = find_packs_folder()


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return compile_packs(load_packs(PACKS, ("react2shell",)), None, load_heuristics(PACKS))


def test_files_and_what_starts_by_itself_are_judged_as_in_a_scan(rules: RuleSet, tmp_path: Path) -> None:
    write_tree(PACKS / "react2shell/examples/hit/host.tree.yaml", tmp_path)
    (tmp_path / "etc/cron.d").mkdir()
    (tmp_path / "etc/cron.d/new").write_text("* * * * * root /opt/nss-tool\n")
    judge = Judge(open_target(str(tmp_path)), rules, NOTHING_ALLOWED)
    answer = judge.answer(AskFiles([Folder(b"opt", [b"nss-tool", b"gone"], [])]))
    assert {one.pack for one in answer.findings} == {"react2shell"}
    assert not answer.records
    seen = judge.answer(AskPersistence())
    assert seen.records
    assert any(one.rel == b"etc/cron.d/new" for one in seen.autostart)
    assert len(seen.accounts) > 0
    assert judge.answer(AskPersistence(whole=True)).records


def test_a_started_program_is_judged_with_its_parents(rules: RuleSet, tmp_path: Path) -> None:
    judge = Judge(open_target(), rules, NOTHING_ALLOWED)
    with running(copy_program(tmp_path, ".kworker"), "600") as pid:
        answer = judge.answer(AskProcesses([pid]))
    assert answer.files >= 2
    assert pid in {one.subject.pid for one in answer.findings}


def test_what_is_as_its_package_has_it_is_recorded_apart(rules: RuleSet, tmp_path: Path) -> None:
    text = b"* * * * * root /usr/bin/tidy\n"
    digest = hashlib.md5(text, usedforsecurity=False).hexdigest()
    (tmp_path / "etc/cron.d").mkdir(parents=True)
    (tmp_path / "var/lib/dpkg/info").mkdir(parents=True)
    (tmp_path / "etc/cron.d/tidy").write_bytes(text)
    (tmp_path / "var/lib/dpkg/info/tidy.list").write_text("/.\n/etc/cron.d/tidy\n")
    status = f"Package: tidy\nStatus: install ok installed\nVersion: 1\nConffiles:\n /etc/cron.d/tidy {digest}\n"
    (tmp_path / "var/lib/dpkg/status").write_text(status)
    judge = Judge(open_target(str(tmp_path)), rules, NOTHING_ALLOWED)
    before = judge.answer(AskPersistence())
    assert [one.rel for one in before.packaged] == [b"etc/cron.d/tidy"]
    (tmp_path / "etc/cron.d/tidy").write_bytes(text + b"# a remark\n")
    after = judge.answer(AskPersistence())
    (known,), (edited,) = before.packaged, [one for one in after.autostart if one.rel == b"etc/cron.d/tidy"]
    assert (known, after.packaged) == (edited, [])
