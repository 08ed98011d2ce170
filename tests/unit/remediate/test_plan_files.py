import os
from pathlib import Path

from codered.model.countermeasures import RemovalStep
from codered.model.plan import NoSource
from codered.remediate.drafts import FILES, Ground, Order, Wishes
from codered.remediate.plan_files import count_names, find_source, plan_file, plan_taking_away, read_source
from codered.remediate.proposals import Proposal
from tests.fixtures.changing import FolderTarget
from tests.fixtures.packs_for_plans import make_finding


def propose(target: FolderTarget, rel: bytes) -> Proposal:
    step = RemovalStep(action="delete_file", indicators=(), because="it must go")
    return Proposal(finding=make_finding(target, rel), step=step, pack="one", rank=(1, 2))


def test_a_files_draft(target: FolderTarget) -> None:
    (draft,) = plan_file(propose(target, b"www/index.html"), Ground(target, Wishes(), {}))
    assert (draft.action.kind, draft.order, draft.action.shown) == (
        "delete_file",
        Order(FILES, 1, 2),
        "/www/index.html",
    )


def test_what_belongs_to_it_is_quarantined_unless_it_must_stay(root: Path, target: FolderTarget) -> None:
    proposal, order = propose(target, b"www/index.html"), Order(FILES, 0, 0)
    ground = Ground(target, Wishes(), {b"www/scripts/root.exe": "it is the real one"})
    (draft,) = plan_taking_away(proposal, ground, ground.at(b"www/scripts/page.asp"), order)
    assert (draft.action.kind, draft.action.shown) == ("quarantine_file", "/www/scripts/page.asp")
    (root / "etc").mkdir()
    (root / "etc/passwd").touch()
    for rel in (b"www/scripts/root.exe", b"etc/passwd", b"none", b"www"):
        assert plan_taking_away(proposal, ground, ground.at(rel), order) == []


def test_known_good_copies(root: Path, target: FolderTarget, tmp_path: Path) -> None:
    (tmp_path / "good/www").mkdir(parents=True)
    (tmp_path / "good/www/index.html").write_bytes(b"good")
    source = read_source(os.fsencode(tmp_path / "good"), b"www/index.html")
    assert source is not None
    assert source.size == 4
    path = Ground(target, Wishes(), {}).at(b"www/index.html")
    now = plan_file(propose(target, b"www/index.html"), Ground(target, Wishes(), {}))[0].action.file_state()
    assert find_source(path, now, Ground(target, Wishes(restore_from=tmp_path / "good"), {}), asked=False) == source
    same = find_source(path, now, Ground(target, Wishes(restore_from=root), {}), asked=False)
    assert same == NoSource("it agrees with its known-good source, so there is nothing to restore")
    nothing = find_source(path, now, Ground(target, Wishes(), {}), asked=False)
    assert nothing == NoSource("none was looked for")


def test_names_are_counted(root: Path, target: FolderTarget) -> None:
    os.link(root / "www/index.html", root / "second")
    assert count_names(b"second", Ground(target, Wishes(), {})) == 2
