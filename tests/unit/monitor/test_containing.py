import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered import respond
from codered.collect.process_identity import identify_process
from codered.model.finding import Finding, Subject
from codered.monitor.containing import Container, find_running
from codered.remediate.processes import is_stopped, read_process
from codered.targets import open_target
from tests.fixtures.running import copy_program, running

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="freezing needs root")


@pytest.fixture
def container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Container:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    cases = respond.state_folder() / "cases"
    return Container(open_target(), cases, respond.keep_plan, lambda _: "", "1")


def finding(path: Path | str) -> Finding:
    return Finding(
        id="abc", pack="p", indicator="i", layer="files", subject=Subject(kind="file", path=str(path)),
        confidence="likely", severity="high", because="it is back",
    )  # fmt: skip


def test_what_runs_the_file_is_frozen_and_a_rollback_lets_it_go(tmp_path: Path, container: Container) -> None:
    program = copy_program(tmp_path / "odd", "worm-marker")
    with running(program, "600") as pid:
        done = container.contain(finding(program), None)
        assert done is not None
        who = identify_process(pid)
        assert who is not None
        state = read_process(who.pid, who.start)
        assert is_stopped(state), done.story
        assert f"codered rollback {done.plan}" in done.story
        plan = respond.read_plan(respond.plan_file(done.plan))
        assert [one.pid for one in respond.list_frozen(plan)] == [pid]
        respond.undo(plan, open_target(), lambda _: None)
        assert not is_stopped(state)
        assert container.contain(finding(program), None) is None  # whoever let it go meant it


def test_who_wrote_it_is_frozen_where_nobody_runs_it(tmp_path: Path, container: Container) -> None:
    path = tmp_path / "x.php"
    path.write_text("marker")
    with running(copy_program(tmp_path / "odd", "writer-marker"), "600") as pid:
        who = identify_process(pid)
        assert who is not None
        done = container.contain(finding(path), who)
        assert done is not None
        assert is_stopped(read_process(who.pid, who.start)), done.story
        again = container.contain(replace(finding(path), id="other"), who)
        assert again is not None
        assert (again.plan, "frozen already" in again.story) == (done.plan, True)
        restarted = Container(open_target(), respond.state_folder() / "cases", respond.keep_plan, lambda _: "", "1")
        once_more = restarted.contain(replace(finding(path), id="third"), who)
        assert once_more == again


def test_who_only_reads_it_does_not_run_it(tmp_path: Path) -> None:
    path = tmp_path / "x.sh"
    path.write_text("read x\n")
    with running("tail", "-f", path):
        assert find_running(os.fsencode(path)) is None


def test_nobody_is_frozen_for_nothing(tmp_path: Path, container: Container) -> None:
    done = container.contain(finding(tmp_path / "gone"), None)
    assert done is not None
    assert (done.plan, "nothing is frozen" in done.story) == ("", True)
    own = identify_process(os.getpid())
    refused = container.contain(finding(tmp_path / "gone"), own)
    assert refused is not None
    assert (refused.plan, "it runs this tool" in refused.story) == ("", True)
    assert not (tmp_path / "state").exists()
