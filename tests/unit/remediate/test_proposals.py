import pytest
from msgspec.structs import replace

from codered.model.finding import UNATTRIBUTED
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
