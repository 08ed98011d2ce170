from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.errors import CodeRedError, Refused, WrongUse
from codered.model.plan import Plan, seal_plan
from codered.packs.loading import find_packs_folder
from codered.rescue.building import RescueOrder, build_medium
from tests.fixtures.changing import FolderTarget, make_sealed_plan

Spoil = Callable[[RescueOrder], RescueOrder]


def order_for(plan: Plan, into: Path) -> RescueOrder:
    return RescueOrder(into=into, packs=find_packs_folder(), kernel=str(into), plan=plan, digest=plan.digest)


@pytest.mark.parametrize(
    ("spoil", "error", "says"),
    [
        (lambda one: replace(one, digest=""), Refused, "nobody has approved the plan"),
        (lambda one: replace(one, digest="sha256:0"), Refused, "the digest that was approved is another one"),
        (lambda one: replace(one, plan=replace(one.plan, advice=("x",))), Refused, "changed after it was made"),
        (lambda one: one, WrongUse, "no such file"),  # the kernel: everything else was right
    ],
)
def test_only_an_approved_whole_plan_goes_onto_a_medium(
    tmp_path: Path, spoil: Spoil, error: type[CodeRedError], says: str
) -> None:
    plan = make_sealed_plan(FolderTarget(tmp_path))
    plan = seal_plan(replace(plan, target=replace(plan.target, kind="offline_root")))
    with pytest.raises(error, match=says):
        build_medium(spoil(order_for(plan, tmp_path / "x.iso")))
    assert list(tmp_path.glob("*.iso")) == []


def test_a_plan_for_a_running_linux_and_a_file_that_is_there_are_refused(tmp_path: Path) -> None:
    plan = make_sealed_plan(FolderTarget(tmp_path))
    plan = seal_plan(replace(plan, target=replace(plan.target, kind="live_linux")))
    with pytest.raises(Refused, match="it is for live_linux"):
        build_medium(order_for(plan, tmp_path / "x.iso"))
    (tmp_path / "x.iso").write_bytes(b"somebody's")
    with pytest.raises(WrongUse, match="is there already"):
        build_medium(order_for(plan, tmp_path / "x.iso"))
    assert (tmp_path / "x.iso").read_bytes() == b"somebody's"
