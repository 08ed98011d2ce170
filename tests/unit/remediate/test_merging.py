from pathlib import Path

from msgspec.structs import replace

from codered.model.finding import Subject
from codered.model.plan import Action, Edit
from codered.remediate.actions import restore_file
from codered.remediate.drafts import FILES, LINES, SERVICES, Draft, Ground, Order, Wishes
from codered.remediate.file_state import ABSENT
from codered.remediate.merging import merge_drafts
from tests.fixtures.changing import FolderTarget, make_action, make_restore
from tests.fixtures.packs_for_plans import make_finding


def draft(target: FolderTarget, action: Action, order: Order) -> Draft:
    return Draft(finding=make_finding(target, b"x", f"{action.kind}{order}"), order=order, action=action)


def test_order_is_group_pack_step_part_then_path(target: FolderTarget) -> None:
    one, two, three = (
        make_action(target, name) for name in ("www/scripts/root.exe", "www/scripts/page.asp", "www/index.html")
    )
    drafts = [
        draft(target, one, Order(SERVICES, 0, 0)),
        draft(target, two, Order(FILES, 1, 0)),
        draft(target, three, Order(FILES, 0, 7)),
    ]
    expected = [("a01", three.path), ("a02", two.path), ("a03", one.path)]
    for order in (drafts, drafts[::-1]):
        merged = merge_drafts(order, Ground(target, Wishes(), {}))
        assert [(action.id, action.path) for action in merged.actions] == expected


def test_of_two_ways_the_one_with_more_care(target: FolderTarget) -> None:
    kept = make_action(target, "www/index.html")
    lost = replace(kept, kind="delete_file")
    drafts = [draft(target, lost, Order(FILES, 0, 0)), draft(target, kept, Order(FILES, 0, 1))]
    (action,) = merge_drafts(drafts, Ground(target, Wishes(), {})).actions
    assert (action.kind, len(action.findings)) == ("quarantine_file", 2)


def test_what_is_dealt_with(root: Path, target: FolderTarget) -> None:
    action = make_action(target, "www/index.html")
    merged = merge_drafts([draft(target, action, Order(FILES, 0, 0))], Ground(target, Wishes(), {}))
    assert merged.deals_with(Subject(kind="file", path=action.path.text))
    assert not merged.deals_with(Subject(kind="file", path=f"{root}/other"))
    assert not merged.deals_with(Subject(kind="process", pid=1, start=1, path=action.path.text))
    assert not merged.deals_with(Subject(kind="address", address="192.0.2.1"))


def test_a_restored_file_loses_a_planted_set_id_bit_too(root: Path, target: FolderTarget, tmp_path: Path) -> None:
    (tmp_path / "good").write_bytes(b"good")
    (root / "www/index.html").chmod(0o4755)
    restored = make_restore(target, "www/index.html", tmp_path / "good")
    edited = replace(restored, kind="reset_setting", source=None, edit=Edit(outcome=ABSENT, mode=0o755))
    drafts = [draft(target, edited, Order(LINES, 0, 0)), draft(target, restored, Order(FILES, 0, 0))]
    (action,) = merge_drafts(drafts, Ground(target, Wishes(), {})).actions
    assert (action.kind, restore_file.outcome(action).mode) == ("restore_file", 0o755)
    (kept,) = merge_drafts(drafts[1:], Ground(target, Wishes(), {})).actions
    assert restore_file.outcome(kept).mode == 0o4755
