import pytest
from msgspec.structs import replace

from codered.model.countermeasures import Removal, RemovalStep
from codered.model.finding import UNATTRIBUTED, Subject, SubjectKind
from codered.model.heuristics import HEURISTICS
from codered.remediate.proposals import NoProposal, Proposal, propose
from tests.fixtures.changing import FolderTarget
from tests.fixtures.packs_for_plans import make_finding, make_pack

ONE = make_pack("one", {"other": "delete_file", "root-exe": "quarantine_file"})


def test_the_packs_own_step(target: FolderTarget) -> None:
    proposal = propose(make_finding(target, b"x"), (make_pack("zero", {}), ONE))
    assert isinstance(proposal, Proposal)
    assert (proposal.step.action, proposal.pack, proposal.rank) == ("quarantine_file", "one", (1, 1))


def test_no_step_and_no_pack(target: FolderTarget) -> None:
    for finding, story in (
        (make_finding(target, b"x", "unknown"), "one names no removal"),
        (make_finding(target, b"x", pack="absent"), "the pack absent is not loaded"),
    ):
        proposal = propose(finding, (ONE,))
        assert isinstance(proposal, NoProposal)
        assert story in proposal.because


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        ({"root-exe": "quarantine_file"}, "quarantine_file"),
        ({"root-exe": "delete_file"}, "quarantine_file"),
        ({"root-exe": "clean_file"}, "treat it differently"),
        ({"root-exe": "stop_process"}, "treat it differently"),
        ({}, "two names no removal"),
    ],
)
def test_a_shared_sign_needs_all(target: FolderTarget, theirs: dict[str, object], expected: str) -> None:
    finding = replace(make_finding(target, b"x", pack=UNATTRIBUTED), shared_by=("one", "two"))
    proposal = propose(finding, (ONE, make_pack("two", theirs)))  # type: ignore[arg-type]
    if isinstance(proposal, Proposal):
        assert (proposal.step.action, proposal.pack) == (expected, "one")
    else:
        assert expected in proposal.because


def test_a_shared_sign_under_another_name(target: FolderTarget) -> None:
    finding = replace(make_finding(target, b"x", pack=UNATTRIBUTED), shared_by=("one", "two"))
    two = make_pack("two", {"root-exe-copy": "delete_file"}, shares=("one",))
    proposal = propose(finding, (ONE, two))
    assert isinstance(proposal, Proposal)
    assert proposal.step.action == "quarantine_file"
    strange = make_pack("two", {"root-exe-copy": "delete_file"}, shares=("three",))
    assert isinstance(propose(finding, (ONE, strange)), NoProposal)


def test_a_shared_sign_of_a_pack_not_loaded(target: FolderTarget) -> None:
    finding = replace(make_finding(target, b"x", pack=UNATTRIBUTED), shared_by=("one", "two"))
    proposal = propose(finding, (ONE,))
    assert isinstance(proposal, NoProposal)
    assert "the pack two is not loaded" in proposal.because


def test_the_step_that_suits_the_subject(target: FolderTarget) -> None:
    pack = replace(
        ONE.pack,
        removal=Removal(
            steps=tuple(
                RemovalStep(action=action, indicators=("root-exe",), because="")
                for action in ("stop_process", "quarantine_file", "remove_key", "remove_line", "lock_account")
            )
        ),
    )
    expected = {"file": "quarantine_file", "process": "stop_process", "memory": "stop_process", "key": "remove_key"}
    expected |= {"account": "remove_line", "autostart": "quarantine_file"}
    for kind, action in expected.items():
        finding = replace(make_finding(target, b"x"), subject=Subject(kind=kind, path="/x"))  # type: ignore[arg-type]
        proposal = propose(finding, (replace(ONE, pack=pack),))
        assert isinstance(proposal, Proposal)
        assert proposal.step.action == action, kind
    line = replace(make_finding(target, b"x"), subject=Subject(kind="autostart", path="/x", line=3))
    proposal = propose(line, (replace(ONE, pack=pack),))
    assert isinstance(proposal, Proposal)
    assert proposal.step.action == "remove_line"


def test_a_step_for_a_file_serves_its_line(target: FolderTarget) -> None:
    subject = Subject(kind="autostart", path="/x", line=3)
    finding = replace(make_finding(target, b"x"), subject=subject, remedy="remove_line")
    proposal = propose(finding, (ONE,))
    assert isinstance(proposal, Proposal)
    assert (proposal.step.action, proposal.step.because, proposal.rank) == ("remove_line", "one root-exe", (0, 1))


@pytest.mark.parametrize(
    ("kind", "remedy", "action"),
    [
        ("process", "stop_process", "stop_process"),
        ("process", "quarantine_file", None),
        ("autostart", "remove_service", "remove_service"),
        ("autostart", "remove_line", None),
        ("account", "lock_account", "lock_account"),
        ("key", "remove_key", "remove_key"),
        ("key", "", None),
        ("file", "nonsense", None),
    ],
)
def test_the_heuristics_remedy(target: FolderTarget, kind: SubjectKind, remedy: str, action: str | None) -> None:
    finding = replace(
        make_finding(target, b"x", pack=HEURISTICS), subject=Subject(kind=kind, path="/x", pid=1), remedy=remedy
    )
    proposal = propose(finding, (ONE,))
    if action is None:
        assert isinstance(proposal, NoProposal)
        assert "decide yourself" in proposal.because
    else:
        assert isinstance(proposal, Proposal)
        assert (proposal.step.action, proposal.rank[0], proposal.pack) == (action, 1, HEURISTICS)


def test_packs_that_agree_share_a_step(target: FolderTarget) -> None:
    finding = replace(
        make_finding(target, b"x", pack=UNATTRIBUTED), shared_by=("one", "two"), subject=Subject(kind="process", pid=1)
    )
    packs = (make_pack("one", {"root-exe": "stop_process"}), make_pack("two", {"root-exe": "stop_process"}))
    proposal = propose(finding, packs)
    assert isinstance(proposal, Proposal)
    assert proposal.step.action == "stop_process"
