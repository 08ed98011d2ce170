from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.countermeasures import RemovalStep
from codered.model.finding import Evidence
from codered.model.paths import FilePath
from codered.remediate.drafts import (
    Ground,
    LeftOut,
    Wishes,
    find_line_evidence,
    give_reason,
    hashes_of_file,
    is_shared_program,
    read_system_places,
)
from codered.remediate.file_state import ChangeFailed
from codered.remediate.proposals import Proposal
from tests.fixtures.changing import FolderTarget
from tests.fixtures.findings_for_plans import find_line
from tests.fixtures.packs_for_plans import make_finding


def test_the_reason_is_the_findings_then_the_steps(target: FolderTarget) -> None:
    finding = make_finding(target, b"www/index.html")
    step = RemovalStep(action="delete_file", indicators=(), because="It must go")
    proposal = Proposal(finding=finding, step=step, pack="one", rank=(0, 0))
    assert give_reason(proposal, " (twice)") == "It lies where it must not: It must go (twice)"
    assert give_reason(replace(proposal, step=replace(step, because=""))) == "It lies where it must not"


def test_a_line_is_not_its_file(target: FolderTarget) -> None:
    finding = find_line(target, "www/index.html", b"hello")
    line, whole = finding.evidence
    assert find_line_evidence(finding) == line
    assert hashes_of_file(finding) == {whole.sha256}
    with pytest.raises(LeftOut, match="which line"):
        find_line_evidence(replace(finding, evidence=(Evidence(what="line 1", line=1, source="line"), whole)))


def test_the_file_read_last_is_remembered(root: Path, target: FolderTarget) -> None:
    ground = Ground(target, Wishes(), {})
    page, none = FilePath(f"{root}/www/index.html"), FilePath(f"{root}/none")
    first = ground.read_lines(page)
    (root / "www/index.html").write_bytes(b"changed")
    assert ground.read_lines(page) is not first
    assert ground.read_lines(page)[1] == [b"hello"]
    with pytest.raises(ChangeFailed):
        ground.read_lines(none)
    assert (ground.at(b"www"), ground.shown(b"www")) == (FilePath(f"{root}/www"), "/www")
    assert ground.find_below(page) == b"www/index.html"


def test_nobody_knows_whose_a_file_is_without_being_told() -> None:
    assert Wishes().owner_of(FilePath("/bin/sh")) is None


def test_what_a_system_needs(target: FolderTarget) -> None:
    places = read_system_places()
    assert {"etc/passwd", "etc/shadow"} <= places.edited_only
    assert "etc/systemd/system" in places.unit_folders
    ground = Ground(target, Wishes(), {})
    assert ground.is_edited_only(b"etc/passwd")
    assert not ground.is_edited_only(b"etc/cron.d/x")


@pytest.mark.parametrize(
    ("rel", "shared"),
    [
        (b"usr/local/bin/python3.11", True),
        (b"opt/node/bin/node", True),
        (b"root/.pyenv/bin/python", True),
        (b"opt/agent/bash", True),
        (b"tmp/.x/python3", False),
        (b"dev/shm/bash", False),
        (b"opt/agent/kdevtmpfsi", False),
        (b"opt/agent/nodewatcher", False),
    ],
)
def test_an_interpreter_is_not_guilty_of_its_script_but_where_anybody_may_put_one(rel: bytes, shared: bool) -> None:
    assert is_shared_program(rel) == shared
